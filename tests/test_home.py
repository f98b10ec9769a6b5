"""A home is read from its layers alone: what it hides is gone, links lead nowhere, rewriting is no change."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cua.core import Change
from cua.errors import SandboxError
from sandbox_vms.home import Home, State

CONF = ".config/app/app.conf"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three files and a folder in the layer below, nothing above yet."""
    (tmp_path / "upper").mkdir()
    write(tmp_path / "lower/keep", "kept")
    write(tmp_path / "lower/old/a", "a")
    write(tmp_path / "lower/old/b", "b")
    write(tmp_path / f"lower/{CONF}", "[view]\nwrap=false\n")
    return Home(tmp_path / "lower", tmp_path / "upper", defaults={f"{CONF}#view/size": "10"})


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def whiteout(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.mknod(path, stat.S_IFCHR, os.makedev(0, 0))
    except PermissionError:
        pytest.skip("this kernel lets nobody but root make a whiteout")


def opaque(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        os.setxattr(folder, "user.overlay.opaque", b"y")
    except OSError as error:
        pytest.skip(f"no user attributes on the temporary folder's file system: {error}")


def told(home: Home, before: State | None = None) -> tuple[dict[str, Change], dict[str, str]]:
    """What changed from the layer below, or from `before`."""
    first = before or Home(home.lower, home.lower, defaults={}).state()
    settings, files = home.changes(first, home.state(first))
    return settings, dict(files)


def test_nothing_above_is_no_change(home: Home) -> None:
    assert told(home) == ({}, {})


def test_what_lies_above_counts_and_is_what_is_read(home: Home) -> None:
    write(home.upper / "keep", "other")
    write(home.upper / "Documents/new", "new")
    assert told(home) == ({}, {"keep": "modified", "Documents/new": "created"})
    assert (home.read("keep"), home.read("old/a")) == (b"other", b"a")


def test_a_removed_file_is_gone(home: Home) -> None:
    whiteout(home.upper / "old/a")
    assert told(home) == ({}, {"old/a": "deleted"})
    with pytest.raises(FileNotFoundError):
        home.read("old/a")
    assert home.read("old/b") == b"b"


def test_a_removed_folder_takes_its_files_along(home: Home) -> None:
    whiteout(home.upper / "old")
    assert told(home) == ({}, {"old/a": "deleted", "old/b": "deleted"})
    with pytest.raises(FileNotFoundError):
        home.read("old/b")


def test_a_folder_made_anew_shows_nothing_of_the_one_below(home: Home) -> None:
    opaque(home.upper / "old")
    write(home.upper / "old/b", "new b")
    assert told(home) == ({}, {"old/a": "deleted", "old/b": "modified"})
    with pytest.raises(FileNotFoundError):
        home.read("old/a")


def test_a_file_in_the_place_of_a_folder_and_the_other_way_round(home: Home, tmp_path: Path) -> None:
    write(home.upper / "old", "a file now")
    write(home.upper / "keep/inner", "a folder now")
    home.copy(tmp_path / "copy")
    copied = {path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*")}
    assert {"old", "keep/inner"} < copied
    assert (tmp_path / "copy/old").read_text() == "a file now"


def test_what_is_written_anew_with_the_same_content_has_not_changed(home: Home) -> None:
    write(home.upper / "keep", "kept")
    write(home.upper / CONF, "[view]\nwrap=false\n")
    assert told(home) == ({}, {})


def test_a_setting_is_told_by_key_and_its_file_is_not(home: Home) -> None:
    write(home.upper / CONF, "[view]\nwrap=true\n")
    assert told(home) == ({f"{CONF}#view/wrap": Change("false", "true")}, {})


def test_a_setting_written_at_its_default_is_no_change(home: Home) -> None:
    write(home.upper / CONF, "[view]\nwrap=false\nsize=10\n")
    assert told(home) == ({}, {})


def test_a_settings_file_that_differs_in_no_key_is_told_as_a_file(home: Home) -> None:
    write(home.upper / CONF, "# a comment\n[view]\nwrap=false\n")
    assert told(home) == ({}, {CONF: "modified"})


def test_caches_do_not_count(home: Home) -> None:
    write(home.upper / ".cache/thing", "x")
    assert told(home) == ({}, {})


def test_only_what_differs_since_a_moment_is_told(home: Home) -> None:
    write(home.upper / "first", "1")
    moment = home.state()
    write(home.upper / "second", "2")
    assert told(home, moment) == ({}, {"second": "created"})


@pytest.mark.parametrize("path", ["link", "folder/secret"])
def test_a_link_leads_nowhere(home: Home, tmp_path: Path, path: str) -> None:
    write(tmp_path / "real/secret", "secret")
    (home.upper / "link").symlink_to(tmp_path / "real/secret")
    (home.upper / "folder").symlink_to(tmp_path / "real")
    with pytest.raises(SandboxError):
        home.read(path)
    state = home.state()
    assert "folder/secret" not in state.files
    assert not state.hashes.keys() & {"link", "folder"}


@pytest.mark.parametrize("path", ["../lower/keep", "", "/", "old/../../x"])
def test_a_path_out_of_the_home_is_refused(home: Home, path: str) -> None:
    with pytest.raises(SandboxError):
        home.read(path)


def test_a_pipe_does_not_hold_us_up(home: Home) -> None:
    os.mkfifo(home.upper / "pipe")
    assert told(home) == ({}, {})
    with pytest.raises(SandboxError):
        home.read("pipe")


def test_a_copy_is_what_the_overlay_shows(home: Home, tmp_path: Path) -> None:
    whiteout(home.upper / "old/a")
    opaque(home.upper / "fresh")
    write(home.upper / "fresh/run", "#!").chmod(0o755)
    (home.upper / "link").symlink_to("/etc/passwd")
    write(home.upper / ".cache/big", "x")
    (home.upper / "closed").mkdir(mode=0o700)
    home.copy(tmp_path / "copy")
    copy = tmp_path / "copy"
    files = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if not path.is_dir()}
    assert files == {"keep", "old/b", CONF, "fresh/run", "link"}
    assert (copy / "link").readlink() == Path("/etc/passwd")
    assert stat.S_IMODE((copy / "fresh/run").stat().st_mode) == 0o755
    assert stat.S_IMODE((copy / "closed").stat().st_mode) == 0o700
    assert Home(copy, copy, defaults={}).state().hashes == home.state().hashes


def test_an_empty_folder_that_a_person_sees_is_told_and_one_with_files_by_its_files(home: Home) -> None:
    before = home.state()
    (home.upper / "Trips/Oslo").mkdir(parents=True)
    (home.upper / ".config/own").mkdir(parents=True)
    write(home.upper / "Plans/one.txt", "one")
    assert told(home, before)[1] == {"Trips/Oslo/": "created", "Plans/one.txt": "created"}
    again = home.state()
    (home.upper / "Trips/Oslo").rmdir()
    assert told(home, again)[1] == {"Trips/Oslo/": "deleted"}
