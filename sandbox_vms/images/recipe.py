"""What an image is made of: a recipe, the packages asked for beside it, our files in the guest; all of it has one id.

It reads files and runs nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from cua.errors import UsageError
from sandbox_vms.images import pythons
from sandbox_vms.inside import environment

HERE = Path(__file__).parent
FILES = HERE / "root"  # what of ours lies in the guest, where it lies there
_SCRIPTS = ("finish.sh", "disk.sh")
_LAY_OVER = (
    'cp -R --preserve=mode "$CUA_STAGE/." "$1/" && chroot "$1" sh /cua-build/finish.sh '
    '&& cp "$1/cua-build/out/"* "$CUA_OUT/" && rm -rf "$1/cua-build"'
)
# a person's settings lie where a real desktop has them; pyautogui asks what kind of screen there is
_OTHERWISE = {"GSETTINGS_BACKEND": "dconf", "XDG_SESSION_TYPE": "x11"}
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")  # Debian policy, section 5.6.1


@dataclass(frozen=True, slots=True)
class Recipe:
    """A file of this folder, with the packages that were asked for beside its own. `room` is in MB."""

    name: str
    suite: str
    architecture: str
    date: date
    disk: str
    room: int
    kernel: str
    command_line: str
    modules: tuple[str, ...]
    packages: tuple[str, ...]
    asked: tuple[str, ...]
    left_out: tuple[str, ...]
    let_in: tuple[str, ...]
    password: str
    settings: dict[str, dict[str, str]]
    python: pythons.Wanted

    @property
    def seconds(self) -> int:
        """The recipe's date, as SOURCE_DATE_EPOCH has it."""
        return int(datetime.combine(self.date, time(), UTC).timestamp())

    @property
    def id(self) -> str:
        """The same for the same image, as far as it is ours to say: Debian's versions of the day are not in it."""
        made = [self.name, self.command(Path("/")), self.seconds, self.disk, self.command_line, self.modules]
        python = [self.python.version, self.python.platforms, pythons.versions(self.python)]
        files = (*(HERE / name for name in _SCRIPTS), *sorted(path for path in FILES.rglob("*") if path.is_file()))
        told = hashlib.sha256(json.dumps([made, self.password, self.settings, python, environment_file()]).encode())
        for path in files:
            told.update(f"\0{path.relative_to(HERE)}\0".encode() + path.read_bytes())
        return told.hexdigest()[:16]

    def command(self, root: Path) -> tuple[str, ...]:
        """What makes the root, but for where its packages come from.

        It finds in $CUA_STAGE what is laid over the packages' files, and leaves kernel and initrd in $CUA_OUT.
        """
        return (
            "mmdebstrap",
            "--mode=root",
            "--format=directory",
            "--variant=essential",
            "--verbose",
            f"--architectures={self.architecture}",
            f"--include={','.join([self.kernel, *self.packages, *self.asked])}",
            '--aptopt=Acquire::Languages "none"',
            "--aptopt=Acquire::Retries 3",
            "--dpkgopt=force-unsafe-io",  # what a crash leaves of a build is removed
            *(f"--dpkgopt=path-exclude={pattern}" for pattern in self.left_out),
            *(f"--dpkgopt=path-include={pattern}" for pattern in self.let_in),
            f"--customize-hook={_LAY_OVER}",
            self.suite,
            str(root),
        )


def recipes() -> tuple[str, ...]:
    """The names of those that there are."""
    return tuple(sorted(path.stem for path in HERE.glob("*.toml")))


def load(name: str, asked: tuple[str, ...] = ()) -> Recipe:
    """The recipe of that name and packages beside it, in whatever order. Raises UsageError."""
    if name not in recipes():
        raise UsageError(f"there is no recipe {name!r} for an image; there are: {', '.join(recipes())}")
    for package in asked:
        if not _PACKAGE.fullmatch(package):
            raise UsageError(f"{package!r} cannot be a Debian package; names are like libreoffice-calc")
    table = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
    python = pythons.Wanted(**{key: _frozen(value) for key, value in table.pop("python").items()})
    password = table.pop("user")["password"]
    plain = {key: _frozen(value) for key, value in table.items()}
    beside = tuple(sorted(set(asked) - set(plain["packages"])))
    return Recipe(name=name, asked=beside, password=password, python=python, **plain)


def environment_file() -> str:
    """What each program of the session finds, as systemd reads it."""
    return "".join(f"{key}={value}\n" for key, value in environment(_OTHERWISE).items())


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
