"""Configuration files of Hugging Face (`config.json`) and the models of the zoo that they fill.

Nothing is fetched and no code of a file is run: what a key means is data, `specs/configs.json`.
"""

from __future__ import annotations

from archspec.importing.configuration.models import Configured, configured

__all__ = ["Configured", "configured"]
