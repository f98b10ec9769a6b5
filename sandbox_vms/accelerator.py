"""Whether this machine can run virtual machines by itself (KVM) or must emulate them in software, found by trying."""

from __future__ import annotations

import os
import subprocess
from functools import lru_cache
from pathlib import Path

_DEVICE = Path("/dev/kvm")
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_LIMIT = 3.0  # seconds; a device that opens and hangs is common where a machine is itself a virtual one
_TRY = ("-machine", "pc", "-accel", "kvm", "-cpu", "host", "-m", "64", "-nodefaults", "-display", "none", "-S")


@lru_cache(maxsize=1)
def accelerator(known: Path | None = None) -> str:
    """ "kvm" where it works, else "tcg". What was found is kept in the folder `known` until the machine starts anew."""
    if not os.access(_DEVICE, os.R_OK | os.W_OK):
        return "tcg"
    kept = known / "accelerator" if known else None
    boot = _BOOT.read_text().strip()
    if kept and kept.is_file() and kept.read_text().startswith(f"{boot} "):
        return kept.read_text().split()[1]
    found = "kvm" if _works() else "tcg"
    if kept:
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_text(f"{boot} {found}")
        part.replace(kept)
    return found


def _works() -> bool:
    """Whether a small machine answers to `quit` under KVM in time. One that hangs in the kernel cannot be awaited."""
    command = ["qemu-system-x86_64", *_TRY, "-qmp", "stdio"]
    asked = b'{"execute":"qmp_capabilities"}{"execute":"quit"}'
    tried = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        said, _ = tried.communicate(asked, timeout=_LIMIT)
    except subprocess.TimeoutExpired:
        tried.kill()
        tried.returncode = -9  # nobody need warn that it was not awaited
        return False
    return tried.returncode == 0 and b"SHUTDOWN" in said
