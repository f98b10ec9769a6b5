"""What is published is whole: the wheel has every file of the packages, and works where nothing else of ours is."""

from __future__ import annotations

import fnmatch
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("cua", "drivers", "sandbox_vms", "skills")
# what is no module and yet needed; that nothing else is left out is a test of its own
DATA = (
    "cua/evaluators/osworld.toml",
    "cua/page.css",
    "cua/policies/thesaurus.toml",
    "cua/practice/report.css",
    "cua/practice/report.html",
    "cua/practice/report.parts.html",
    "drivers/web_snapshot.js",
    "sandbox_vms/session.toml",
    "sandbox_vms/session.sh",
    "sandbox_vms/view.html",
    "sandbox_vms/apps/*.toml",
    "sandbox_vms/images/debian.toml",
    "sandbox_vms/images/root/usr/local/lib/cua/init",
    "skills/README.md",
)


def run(*argv: str | Path, folder: Path, variables: dict[str, str] | None = None) -> str:
    done = subprocess.run(argv, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{argv} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with what is installed here: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, folder=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.parametrize("pattern", DATA)
def test_the_wheel_has_the_data_that_the_code_reads(wheel: Path, pattern: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert fnmatch.filter(archive.namelist(), pattern)


def test_the_wheel_has_every_file_of_the_packages_and_no_other(wheel: Path) -> None:
    # a pattern in .gitignore, or a kind of file that the build leaves out, would show here
    tree = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        metadata = [name.partition(".dist-info/")[2] for name in archive.namelist() if ".dist-info/" in name]
    assert {"not in the wheel": tree - packed, "only in the wheel": packed - tree} == {
        "not in the wheel": set(),
        "only in the wheel": set(),
    }
    assert "licenses/LICENSE" in metadata


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has the wheel and not this checkout.

    What cua depends on is lent by a path entry instead of being downloaded again. Entries of such a path do not run the
    .pth files in it, so that the editable installation of this checkout stays out of sight. It is written last: pip
    would take the checkout's metadata there for an older version to remove.
    """
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder, folder=ROOT)
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, folder=ROOT)
    (site,) = folder.glob("lib/python3*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment variables of a stranger whose home is empty."""
    (tmp_path / "home").mkdir()
    return {"PATH": os.defpath, "HOME": str(tmp_path / "home")}


def test_the_installed_packages_are_the_wheels_own(elsewhere: Path, bare: dict[str, str], tmp_path: Path) -> None:
    program = "import cua.core, drivers, sandbox_vms; print(cua.__file__, drivers.__file__, sandbox_vms.__file__)"
    places = run(elsewhere / "bin" / "python", "-c", program, folder=tmp_path, variables=bare).split()
    assert len(places) == 3
    assert all(Path(place).is_relative_to(elsewhere) for place in places)


def test_the_command_explains_itself_where_only_the_wheel_is(
    elsewhere: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    shown = run(elsewhere / "bin" / "cua", "--help", folder=empty, variables=bare)
    assert all(verb in shown for verb in ("do", "practice", "runs", "skills", "sandbox", "doctor"))
    assert list(empty.iterdir()) == list((tmp_path / "home").iterdir()) == []


ONE_TASK = """
from cua import app
from cua.doing import do_there
from cua.seats import Seat
from drivers.fake import SETTINGS_FILE, FakeDriver
from sandbox_vms.local import Standing
driver = FakeDriver()
with app.record() as store:
    place = Seat(Standing(driver, driver.world), store, "fake", "/home", {}, stays=True)
    done = do_there("turn off notifications and set name to 'Ada'", place)
print(done.acts, len(app.show_run(done.run)["steps"]), driver.world.read(SETTINGS_FILE).decode().split()[1:])
"""


def test_a_task_in_words_is_done_where_only_the_wheel_is(elsewhere: Path, bare: dict[str, str], tmp_path: Path) -> None:
    # words need the thesaurus, the record needs its folder: both are found without the checkout
    said = run(elsewhere / "bin" / "python", "-c", ONE_TASK, folder=tmp_path, variables=bare)
    assert said == "2 2 ['name=Ada', 'notify=false', 'wrap=false']\n"
