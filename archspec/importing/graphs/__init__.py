"""Models that are graphs already: those of Keras, and files of ONNX."""
