"""The Python packages of a guest, in the versions that run here: pure ones are copied, compiled ones fetched by pip."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from cua.errors import MissingProgram

Run = Callable[[tuple[str, ...]], object]


@dataclass(frozen=True, slots=True)
class Wanted:
    """For which Python, on which platforms as pip names them, which packages. What they need is named as well."""

    version: str
    platforms: tuple[str, ...]
    packages: tuple[str, ...]


def versions(wanted: Wanted) -> dict[str, str]:
    """By name. Raises MissingProgram if one is not installed here."""
    return {name: _installed(name).version for name in wanted.packages}


def install(wanted: Wanted, folder: Path, run: Run) -> None:
    """Put them into a folder for the guest's search path. `run` runs pip and raises if it fails.

    Raises MissingProgram if one is not installed here, or pip is not.
    """
    found = {name: _installed(name) for name in wanted.packages}
    compiled = [f"{name}=={each.version}" for name, each in found.items() if not _is_pure(each)]
    if compiled:
        if importlib.util.find_spec("pip") is None:
            raise MissingProgram(f"pip is missing beside {sys.executable}; get it with: {sys.executable} -m ensurepip")
        flags = ["--no-deps", "--no-compile", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
        flags += ["--implementation", "cp", "--python-version", wanted.version, "--target", str(folder)]
        flags += [part for each in wanted.platforms for part in ("--platform", each)]
        run((sys.executable, "-m", "pip", "install", "--quiet", *flags, *compiled))
        # programs for this machine's Python, and the lists that have them in
        if (folder / "bin").is_dir():
            shutil.rmtree(folder / "bin")
        for path in folder.glob("*.dist-info/RECORD"):
            path.unlink()
    for each in found.values():
        if _is_pure(each):
            _copy(each, folder)


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError as exc:
        raise MissingProgram(
            f"the Python package {name} is missing here; install cua anew: pip install cua-daemon"
        ) from exc


def _is_pure(each: Distribution) -> bool:
    return "Root-Is-Purelib: true" in (each.read_text("WHEEL") or "")


def _copy(each: Distribution, folder: Path) -> None:
    """Its modules, without the programs that were made for this machine's Python."""
    for file in each.files or ():
        if ".." in file.parts or "__pycache__" in file.parts or file.name == "RECORD":
            continue
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(each.locate_file(file)), target)
