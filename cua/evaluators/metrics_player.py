"""What a check makes of a media player's settings, which stand as `name=value`, a line each; "#" begins what is off."""

from __future__ import annotations

from cua.evaluators import rules as shapes
from cua.evaluators.getters import File


def _kept(result: File, name: str, default: str) -> str:
    """What a setting holds; a name that only contains it is another, which upstream does not see."""
    for line in result.text.splitlines():
        key, mark, value = line.partition("=")
        if mark and key.strip() == name:
            return value.strip()
    return default


def is_vlc_recordings_folder(result: File, rules: shapes.Recordings) -> bool:
    """Recordings are kept in that folder."""
    return _kept(result, "input-record-path", "").rstrip("/") == str(rules["recording_file_path"]).rstrip("/")


def check_qt_bgcone(result: File, rules: shapes.Cone) -> bool:
    """Whether a picture shows behind what plays no video."""
    return _kept(result, "qt-bgcone", "1") == str(rules["expected_qt_bgcone"])


def check_qt_max_volume(result: File, rules: shapes.Volume) -> bool:
    """How loud it can be made, in percent."""
    return _kept(result, "qt-max-volume", "125") == str(rules["expected_qt_max_volume"])


def check_qt_minimal_view(result: File, rules: shapes.Minimal) -> bool:
    """Whether it starts without its bars."""
    return _kept(result, "qt-minimal-view", "0") == str(rules["expected_qt_minimal_view"])


def check_one_instance_when_started_from_file(result: File, rules: shapes.OneInstance) -> bool:
    """Whether files that are opened go to the window that is open."""
    name = "one-instance-when-started-from-file"
    return _kept(result, name, "1") == str(rules["expected_one_instance_when_started_from_file"])


def check_global_key_play_pause(result: File, rules: shapes.GlobalKey) -> bool:
    """Whether a key of the whole desktop is set for playing and pausing."""
    there = "1" if _kept(result, "global-key-play-pause", "") else "0"
    return there == str(rules["expected_global_key_play_pause"])
