"""What the programs in a namespace sandbox see: their environment, home and the rest of their files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sandbox_vms import places

HOME = "/home/user"
RUNTIME = "/run/user/1000"
_FOLDERS = ("Desktop", "Documents", "Downloads", "Pictures")
# the driver switches this on when it connects: it is part of the start state, so that it is never a change
_ACCESSIBLE = {
    ".config/glib-2.0/settings/keyfile": "[org/gnome/desktop/interface]\ntoolkit-accessibility=true\n\n"
    "[org/gnome/desktop/a11y/applications]\nscreen-reader-enabled=true\n"
}


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """All that a program gets to know; nothing of ours leaks in."""
    known = {
        "HOME": HOME,
        "USER": "user",
        "LOGNAME": "user",
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/games",
        "SHELL": "/bin/sh",
        "LANG": "C.UTF-8",
        "DISPLAY": ":0",
        "XDG_RUNTIME_DIR": RUNTIME,
        "XDG_CURRENT_DESKTOP": "GNOME",
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={RUNTIME}/bus",
        "GSETTINGS_BACKEND": "keyfile",
        "GTK_MODULES": "gail:atk-bridge",
        "QT_ACCESSIBILITY": "1",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "QT_QPA_PLATFORM": "xcb",
        "GDK_BACKEND": "x11",
        "NO_AT_BRIDGE": "0",
        "GIO_USE_VFS": "local",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    return known | dict(extra)


def mounts(room: Path) -> list[str]:
    """Arguments for bubblewrap: the machine's programs to read, and what the room holds to write."""
    found = ["--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc", "--proc", "/proc", "--dev", "/dev"]
    for name in ("bin", "lib", "lib64", "sbin"):
        if Path("/", name).is_symlink():
            found += ["--symlink", f"usr/{name}", f"/{name}"]
        elif Path("/", name).is_dir():
            found += ["--ro-bind", f"/{name}", f"/{name}"]
    # what programs keep outside of /usr, where they have a folder of the same name
    data = sorted(str(path) for path in Path("/var/lib").iterdir() if Path("/usr/lib", path.name).is_dir())
    for path in ("/opt", "/var/cache/fontconfig", "/var/lib/dbus", *data):
        found += ["--ro-bind-try", path, path]
    found += ["--tmpfs", "/tmp", "--tmpfs", "/var/tmp", "--tmpfs", "/dev/shm", "--dir", "/root"]
    for source, target in (("run", RUNTIME), ("run/x", "/tmp/.X11-unix"), ("merged", HOME)):
        found += ["--bind", f"{room}/{source}", target]
    for source, target in (("passwd", "/etc/passwd"), ("group", "/etc/group"), ("session.sh", "/run/session.sh")):
        found += ["--ro-bind", f"{room}/{source}", target]
    return found


def make_home(folder: Path, files: Mapping[str, str]) -> None:
    """A new person's home with these files in it."""
    folder.mkdir(mode=0o755)
    for name in _FOLDERS:
        (folder / name).mkdir()
    for path, text in (_ACCESSIBLE | dict(files)).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    give(folder)


def give(folder: Path) -> None:
    """Make the sandbox's user own what is in a folder of ours."""
    uid = places.guest_uid()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, uid if os.geteuid() == 0 else -1, follow_symlinks=False)
