"""What is told of the images of virtual machines: which are damaged, what they take, what is swept."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from cua import machines_app
from cua.errors import MissingProgram, SandboxError
from sandbox_vms import images
from sandbox_vms.images import folders, kept
from tests.test_images import cua, in_folder
from tests.test_templates import checked, filled

NAME = "0123456789abcdef-0123456789abcde"  # of a template, but for its last digit


@pytest.fixture
def folder(cua_home: Path) -> Path:
    return cua_home / "data" / "machines" / "images"


def template(folder: Path, image: Path, digit: int) -> Path:
    """One of that image, as its making leaves it, which takes some megabytes."""
    made = folder.parent / "templates" / f"{NAME}{digit}"
    made.parent.mkdir(exist_ok=True)
    filled(made, image / kept.FILES[0], memory=os.urandom(3 << 20))
    return made


# ---------------------------------------------------------------------------------------------- which are damaged


@pytest.mark.parametrize("file", kept.FILES)
def test_an_image_that_lacks_a_file_or_the_end_of_one_is_listed_as_damaged(tmp_path: Path, file: str) -> None:
    path = in_folder(tmp_path, commands=("nano",))
    assert kept.found(tmp_path, path.name) is not None
    assert not images.listed(tmp_path)[0].damaged
    os.truncate(path / file, 3)
    assert images.listed(tmp_path)[0].damaged
    (path / file).unlink()
    (listed,) = images.listed(tmp_path)
    assert (listed.damaged, listed.recipe, listed.packages) == (True, "debian", ("nano",))


@pytest.mark.parametrize(
    "told",
    [
        {"asked": "nano"},
        {"asked": [1]},
        {"asked": {"nano": 1}},
        {"commands": [["nano"]]},
        {"commands": 3},
        {"recipe": 3},
        {"made": None},
        {"command_line": []},
        {"sha256": {}},
        {"sha256": [1]},
        {"sha256": dict.fromkeys(kept.FILES, 1)},
    ],
)
def test_a_manifest_of_another_shape_is_a_damaged_image(tmp_path: Path, told: dict[str, object]) -> None:
    path = in_folder(tmp_path)
    assert kept.found(tmp_path, path.name) is not None
    manifest = json.loads((path / kept.MANIFEST).read_text())
    (path / kept.MANIFEST).write_text(json.dumps({**manifest, **told}))
    assert kept.found(tmp_path, path.name) is None
    assert images.listed(tmp_path)[0].damaged


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"kernel": 3}', '{"kernel": [1]}'])
def test_what_was_checked_before_is_checked_again_where_it_cannot_be_read(tmp_path: Path, text: str) -> None:
    path = in_folder(tmp_path)
    (path / kept._CHECKED).write_text(text)
    assert not images.listed(tmp_path)[0].damaged
    assert kept.found(tmp_path, path.name) is not None
    os.truncate(path / "kernel", 3)
    assert images.listed(tmp_path)[0].damaged


def test_a_damaged_image_is_passed_over_for_an_older_one_that_is_whole(tmp_path: Path) -> None:
    in_folder(tmp_path, "old", made="2026-01-01", commands=("nano",))
    (in_folder(tmp_path, "new", made="2026-01-02", commands=("nano", "vim")) / "kernel").unlink()
    found = images.with_command(tmp_path, "nano")
    assert found is not None
    assert found.id == "old"
    with pytest.raises(
        SandboxError, match=r"image new.* is damaged; make it anew with: cua sandbox build debian --with n"
    ):
        images.with_command(tmp_path, "vim")
    assert images.with_command(tmp_path, "emacs") is None


def test_who_wants_a_machine_of_a_damaged_image_is_told_how_to_make_it_anew(folder: Path) -> None:
    path = in_folder(folder, "aa11", commands=("nano",))
    assert machines_app.build_of("nano").image.id == "aa11"
    (path / "kernel").unlink()
    with pytest.raises(
        SandboxError, match=r"aa11, which has 'nano', is damaged; .*: cua sandbox build debian --with n"
    ):
        machines_app.build_of("nano")
    with pytest.raises(MissingProgram, match=r"has 'vim'; make one with: cua sandbox build debian --with vim"):
        machines_app.build_of("vim")


def test_the_doctor_does_not_claim_that_a_machine_was_started_and_counts_damaged_images(folder: Path) -> None:
    checked()
    in_folder(folder, "aa11")
    assert machines_app.check().detail.endswith("no machine was started to try it; images: 1")
    os.truncate(in_folder(folder, "bb22") / "kernel", 0)
    (folder / "bb22" / kept.MANIFEST).unlink()
    assert "images: 2 (1 damaged: cua sandbox images)" in machines_app.check().detail


# ---------------------------------------------------------------------------------------------- what is swept


def test_whoever_looks_at_images_removes_what_killed_builds_left_and_no_build_under_way(tmp_path: Path) -> None:
    in_folder(tmp_path, "whole", commands=("nano",))
    for look in (lambda: images.listed(tmp_path), lambda: images.with_command(tmp_path, "nano")):
        (tmp_path / "part-dead" / "root").mkdir(parents=True)
        (tmp_path / "gone.lock").touch()
        with folders.alone(tmp_path, "alive", lambda _: None), folders.part(tmp_path, "alive"):
            look()
            assert {path.name for path in tmp_path.iterdir()} == {"whole", "alive.lock", "part-alive"}


def test_images_that_cannot_be_swept_are_listed_all_the_same(tmp_path: Path) -> None:
    in_folder(tmp_path, "whole")
    (tmp_path / "part-dead").touch()  # no folder of ours
    assert [each.id for each in images.listed(tmp_path)] == ["whole"]


# ---------------------------------------------------------------------------------------------- the command line


def test_the_command_line_lists_images_with_their_templates_and_removes_both(folder: Path) -> None:
    image, other = in_folder(folder, "aa11", commands=("nano", "vim")), in_folder(folder, "bb22")
    ours = [template(folder, image, digit) for digit in (1, 2)]
    theirs = template(folder, other, 3)
    assert re.search(r"aa11 +debian +nano +0 MB +6 MB +2026-01-01", cua("sandbox", "images").stdout)
    told = [json.loads(line) for line in cua("sandbox", "images", "--json").stdout.splitlines()]
    assert [(each.get("id"), each.get("outcome")) for each in told] == [("bb22", None), ("aa11", None), (None, "pass")]
    assert [each["templates"] >> 20 for each in told[:2]] == [3, 6]
    assert "commands" not in told[0]
    assert cua("sandbox", "images", "rm", "aa").stdout == "image aa11 is gone, with its templates: 6 MB are free\n"
    assert [path.exists() for path in (image, *ours, theirs)] == [False, False, False, True]
    assert cua("sandbox", "images", "rm", "aa").returncode == 2
    done = json.loads(cua("sandbox", "images", "rm", "bb", "--json").stdout)
    assert (done["outcome"], done["image"], done["freed"] >> 20) == ("pass", "bb22", 3)


def test_the_command_line_says_which_image_is_damaged(folder: Path) -> None:
    (in_folder(folder, "aa11") / "kernel").unlink()
    (in_folder(folder, "bb22") / kept.MANIFEST).write_text("[1]")
    said = cua("sandbox", "images").stdout
    assert re.search(r"aa11 +debian \(damaged\) +nano ", said)
    assert re.search(r"bb22 +\(damaged\) ", said)
    told = [json.loads(line) for line in cua("sandbox", "images", "--json").stdout.splitlines()]
    assert [each["damaged"] for each in told[:2]] == [True, True]
