"""The stages of ZeRO (Rajbhandari et al., 2020): what the copies of a model share, from which stage on."""

STATES, GRADIENTS, PARAMETERS = 1, 2, 3
