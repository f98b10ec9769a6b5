"""Makes an image: Debian's packages into a root, our files and the person into it, a disk of it, and a manifest.

It takes packages from where this machine takes its own, and writes nothing outside of the images' folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from cua.errors import MissingProgram, SandboxError
from sandbox_vms.images import pythons
from sandbox_vms.images.commands import Workshop
from sandbox_vms.images.folders import Say, alone, delete, part, settle, sweep
from sandbox_vms.images.kept import FILES, MANIFEST, Image, checksum, discard, found
from sandbox_vms.images.recipe import FILES as GUEST_FILES
from sandbox_vms.images.recipe import HERE, Recipe, environment_file, load

_PROGRAMS = {"mmdebstrap": "mmdebstrap", "qemu-img": "qemu-utils", "mke2fs": "e2fsprogs", "debugfs": "e2fsprogs"}
# 'http://host/debian/dists/bookworm/main/binary-amd64/Packages.xz'
_INDEX = re.compile(r"^'(\S+)/dists/([^/']+)/([^/']+)/binary-", re.M)
_DEFAULT_MIRROR = "http://deb.debian.org/debian"
_ROOM_FOR_A_PACKAGE = 250  # MB, where nothing is known of it; a full disk is told apart all the same


def build(folder: Path, *, packages: tuple[str, ...] = (), recipe: str = "debian", say: Say = lambda _: None) -> Image:
    """The image of that recipe with these packages beside; it is made if it is not there or is damaged.

    `say` is told what is done, in short lines. Raises UsageError, MissingProgram or SandboxError; then, and when it is
    interrupted, nothing is left of it.
    """
    wanted = load(recipe, packages)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise SandboxError(f"cannot make the folder of images {folder}: {exc.strerror}; mend that first") from exc
    sweep(folder)
    name = wanted.id
    with alone(folder, name, say) as lock:
        kept = found(folder, name)
        if kept is not None:
            return kept
        _check_programs()
        if (folder / name).exists():
            say("the image is damaged: making it anew")
            discard(folder, name)
        _check_room(folder, wanted)
        with part(folder, name) as new:
            try:
                _make(wanted, new, Workshop(new, lock, _Heard(say)), say)
                settle(new, folder / name)
            except OSError as exc:
                raise SandboxError(
                    f"cannot make the image in {folder}: {exc.strerror}; mend that and build again"
                ) from exc
        kept = found(folder, name)
    if kept is None:
        raise SandboxError(f"the image in {folder / name} was changed while it was made; build it again")
    return kept


class _Heard:
    """Makes a few short lines of all that is said while packages are installed, first the essential ones."""

    _BEGIN = re.compile(r"^\d+ upgraded, (\d+) newly installed")
    _STEP = re.compile(r"^(?:Get:\d+ \S+ \S+ \S+|Unpacking|Setting up) (\S+)")
    _SHARES = ((0, 0), (0, 20), (20, 79))  # where each part begins and how much it is, in per cent of all

    def __init__(self, say: Say) -> None:
        self._say = say
        self._part = 0
        self._all = 0  # each package is fetched, unpacked and set up
        self._steps = 0
        self._told = 0

    def __call__(self, line: str) -> None:
        if match := self._BEGIN.match(line):
            self._part = min(self._part + 1, len(self._SHARES) - 1)
            self._all, self._steps = 3 * int(match[1]), 0
        elif self._all and (match := self._STEP.match(line)):
            self._steps += 1
            begin, width = self._SHARES[self._part]
            share = begin + width * min(self._steps, self._all) // self._all
            if share > self._told:
                self._told = share
                self._say(f"packages: {share} % ({match[1].partition(':')[0]})")


def _make(recipe: Recipe, new: Path, shop: Workshop, say: Say) -> None:
    began = datetime.now(UTC)
    stage, root, raw = new / "stage", new / "root", new / "disk"
    say("the guest's Python packages")
    _stage(recipe, stage, shop)
    say(f"packages of Debian {recipe.suite}")
    epoch = {"SOURCE_DATE_EPOCH": str(recipe.seconds)}
    shop.run((*recipe.command(root), *_mirrors(recipe.suite)), {**epoch, "CUA_STAGE": str(stage), "CUA_OUT": str(new)})
    delete(stage)
    versions, commands = _versions(root / "var/lib/dpkg/status"), _commands(root)
    say("the disk")
    content = shop.run(("sh", str(HERE / "disk.sh"), str(root), str(raw), recipe.disk), epoch)
    shop.run(("qemu-img", "convert", "-O", "qcow2", str(raw), str(new / FILES[0])))
    raw.unlink()
    say("the checksums")
    manifest = {
        "recipe": recipe.name,
        "suite": recipe.suite,
        "asked": recipe.asked,
        "made": began.isoformat(timespec="seconds"),
        "command_line": recipe.command_line,
        "content": content[-1].split()[0],
        "sha256": {name: checksum(new / name) for name in FILES},
        "packages": versions,
        "python": pythons.versions(recipe.python),
        "commands": commands,
    }
    for name in FILES:
        (new / name).chmod(0o444)
    (new / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _stage(recipe: Recipe, stage: Path, shop: Workshop) -> None:
    """All that is laid over the packages' files, and in `cua-build` what `finish.sh` is to know."""
    shutil.copytree(GUEST_FILES, stage)
    pythons.install(recipe.python, stage / "opt/cua-packages", shop.run)
    build = stage / "cua-build"
    lines = [
        f"[{path}]\n" + "".join(f"{key}={value}\n" for key, value in keys.items())
        for path, keys in recipe.settings.items()
    ]
    written = {
        stage / "etc/cua/environment": environment_file(),
        build / "dconf/start": "\n".join(lines),
        build / "modules": "".join(f"{name}\n" for name in recipe.modules),
        build / "password": recipe.password,
        build / "finish.sh": (HERE / "finish.sh").read_text(encoding="utf-8"),
    }
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    programs = stage / "usr/local/lib/cua"
    for path in (stage, *stage.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent == programs else 0o644)


def _mirrors(suite: str) -> list[str]:
    """Where this machine's apt takes Debian's packages of that suite from; Debian's own where it takes none."""
    argv = ("apt-get", "update", "--print-uris")
    try:
        said = subprocess.run(argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL).stdout
    except FileNotFoundError as exc:
        raise MissingProgram("apt-get is missing; an image is made from Debian's packages, on Debian") from exc
    wanted = (suite, f"{suite}-updates", f"{suite}-security")
    known = {match for match in _INDEX.findall(said) if match[1] in wanted}
    if any(release == suite for _, release, _ in known):
        return [f"deb {' '.join(each)}" for each in sorted(known)]
    return [f"deb {_DEFAULT_MIRROR} {suite} main", f"deb {_DEFAULT_MIRROR}-security {suite}-security main"]


def _versions(status: Path) -> dict[str, str]:
    """What dpkg says is installed, by name."""
    entries = (dict(re.findall(r"^(Package|Version): (.*)$", each, re.M)) for each in status.read_text().split("\n\n"))
    return dict(sorted((entry["Package"], entry["Version"]) for entry in entries if "Version" in entry))


def _commands(root: Path) -> list[str]:
    """The names of the programs that a person there can start."""
    folders = [root / name for name in ("usr/local/bin", "usr/bin", "usr/games")]
    return sorted({path.name for folder in folders if folder.is_dir() for path in folder.iterdir()})


def _check_programs() -> None:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = sorted({package for program, package in _PROGRAMS.items() if shutil.which(program, path=path) is None})
    if missing:
        raise MissingProgram(
            f"an image cannot be made without {', '.join(missing)}; get them with: apt install {' '.join(missing)}"
        )


def _check_room(folder: Path, recipe: Recipe) -> None:
    free = shutil.disk_usage(folder).free >> 20
    needed = recipe.room + _ROOM_FOR_A_PACKAGE * len(recipe.asked)
    if free < needed:
        raise SandboxError(
            f"a build needs about {needed} MB in {folder}, and {free} MB are free; make room there first"
        )
