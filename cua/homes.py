"""Whose data are meant: those of the person, or of the home that CUA_HOME names. It makes nothing."""

from __future__ import annotations

import os
from pathlib import Path


def config_file() -> Path:
    """The file of the settings."""
    if home := _moved():
        return home / "config.toml"
    from platformdirs import user_config_path  # the guest of a machine has none, and needs none

    return user_config_path("cua", appauthor=False) / "config.toml"


def data_folder() -> Path:
    """The folder of the record and all that is kept."""
    if home := _moved():
        return home / "data"
    from platformdirs import user_data_path

    return user_data_path("cua", appauthor=False)


def _moved() -> Path | None:
    home = os.environ.get("CUA_HOME")
    return Path(home).expanduser().absolute() if home else None
