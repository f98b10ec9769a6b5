"""The disk that brings the guest agent into a machine: a tar file of our own code and a token, and nothing else."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import py_compile
import sys
import tarfile
import tempfile
from functools import lru_cache
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_OF_THE_CORE = ("__init__", "core", "errors", "codec", "secret_words", "traffic", "homes")
_GUEST_PYTHON = (3, 11)  # of Debian 12; its compiled code is the same for all 3.11
_TOKEN = "token"


@lru_cache(maxsize=1)
def code() -> tuple[tuple[str, bytes], ...]:
    """Path and content of each file that the agent needs, by path."""
    found = {f"cua/{name}.py": _ROOT / "cua" / f"{name}.py" for name in _OF_THE_CORE}
    for room in ("drivers", "sandbox_vms"):
        for path in (_ROOT / room).rglob("*.py"):
            found[str(path.relative_to(_ROOT))] = path
    return tuple((name, found[name].read_bytes()) for name in sorted(found))


def digest() -> str:
    """What tells one version of the agent from another."""
    told = hashlib.sha256()
    for name, content in code():
        told.update(f"{name}\0{len(content)}\0".encode() + content)
    return told.hexdigest()[:16]


def write(path: Path, token: str) -> None:
    """Make the disk: readable by us alone, for the token is in it."""
    path.touch(mode=0o600)
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, _TOKEN, token.encode(), mode=0o600)
        for name, content in code():
            _add(tar, name, content)
        if sys.version_info[:2] == _GUEST_PYTHON:
            for name, content in code():
                _add(tar, _compiled_name(name), _compiled(name, content))


def _compiled_name(name: str) -> str:
    """The guest compiles nothing then: under software emulation that takes longer than all the rest of its start."""
    at = Path(importlib.util.cache_from_source(name))
    return str(at)


def _compiled(name: str, content: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "source.py"), Path(folder, "made.pyc")
        source.write_bytes(content)
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(source), str(made), dfile=f"/opt/cua/{name}", doraise=True, invalidation_mode=mode)
        return made.read_bytes()


def _add(tar: tarfile.TarFile, name: str, content: bytes, *, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))
