"""Resets after random damage: the start state is the same each time, and nothing is left at the end.

Arguments: the number of resets (200) and a seed (0). Before each, two to four kinds of damage are done: to files,
settings, processes, windows, the clipboard, and to the system as its administrator.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from cua.core import Press, Type
from cua.errors import CuaError, UsageError
from sandbox_vms.qemu import Qemu
from tests.bench.machines import left, machine
from tests.bench.rows import Row

_SHELL = (
    "rm -rf ~/.config ~/Documents",
    "head -c 2000000 /dev/urandom >~/Desktop/rubbish; chmod -R a-w ~/Desktop",
    "mkdir -p ~/.config/Mousepad && ln -sf /etc ~/.config/Mousepad/etc && echo '[a]' >~/.config/broken.ini",
    "gsettings set org.xfce.mousepad.preferences.view word-wrap true",
    "gsettings set org.gnome.desktop.interface text-scaling-factor 1.5",
    "for n in 1 2 3 4 5; do setsid sh -c 'while :; do sleep 1; done' & done",
    "pkill -9 mousepad",
    "pkill -9 openbox",
    "pkill -STOP mousepad",
    "sudo -n sh -c 'echo broken >/etc/hosts; rm -f /usr/bin/xterm; date -s 2001-01-01; hostname elsewhere'",
    "sudo -n sh -c 'rm -rf /usr/share/fonts /var/lib/dpkg; sync'",
    "mousepad ~/another.txt &",
    "echo one two three >/tmp/left; mkfifo /tmp/pipe",
)
_KEYS = (
    (Type("lost words"), Press("ctrl+a"), Press("ctrl+c")),
    (Press("ctrl+n"),),
    (Press("alt+F4"),),
    (Press("ctrl+o"),),
)
_LOOK = """
cd ~ && find . -path ./.cache -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
find . -not -type f | sort
ls -A /tmp | grep -v -e cua-guest -e systemd-private
sha256sum /etc/hosts; ls /usr/bin | sha256sum; hostname
ps -eo user:20,comm --no-headers | grep -v -E ' (ps|sh|find|sort|grep|kworker.*)$' | sort
"""


def rows(args: list[str]) -> Iterator[Row]:
    """Start states that differ, then what is left."""
    if len(args) > 2 or not all(arg.isdigit() for arg in args):
        raise UsageError(f"the bench vm-clean takes the number of resets and a seed, not {' '.join(args)}")
    times, seed = int(args[0]) if args else 200, int(args[1]) if len(args) > 1 else 0
    draw = random.Random(seed)
    sandbox = machine()
    differing: list[str] = []
    undone = 0
    try:
        first = _state(sandbox)
        for _ in range(times):
            undone += _damage(sandbox, draw) == 0
            sandbox.reset()
            now = _state(sandbox)
            if now != first:
                differing.append(_difference(first, now))
    finally:
        sandbox.close()
    yield Row(f"{times} resets, seed {seed}", "start states that differ", len(differing), "", "0", not differing)
    for said in differing[:5]:
        yield Row("differs", said, float("nan"), "", "", holds=False)
    yield Row(f"{times} resets, seed {seed}", "without damage before", undone, "", "0", undone == 0)
    for kind, count in left().items():
        yield Row("after close", kind, count, "", "0", count == 0)


def _damage(sandbox: Qemu, draw: random.Random) -> int:
    """How many kinds were done; a machine that stops answering is damaged too."""
    done = 0
    for kind in draw.sample(range(len(_SHELL) + len(_KEYS)), draw.randint(2, 4)):
        try:
            if kind < len(_SHELL):
                sandbox.world.exec(("sh", "-c", _SHELL[kind]), seconds=20)
            else:
                sandbox.driver.do(_KEYS[kind - len(_SHELL)], frame=False)
        except CuaError:
            pass  # what was broken before answers no more, which is what this is for
        done += 1
    return done


def _state(sandbox: Qemu) -> tuple[str, ...]:
    """Files, processes, settings, windows, clipboard and what shows."""
    seen = sandbox.driver.observe(frame=False)
    shown = [f"{e.role} {e.name} {e.value} {sorted(e.states)} {e.box}" for e in seen.elements]
    changes = [f"changed {key}" for key in sorted(sandbox.world.changes().keys())]
    looked = sandbox.world.exec(("sh", "-c", _LOOK), seconds=60).out.splitlines()
    return (str(seen.place), *shown, *changes, *looked)


def _difference(first: tuple[str, ...], now: tuple[str, ...]) -> str:
    more, less = sorted(set(now) - set(first)), sorted(set(first) - set(now))
    return "; ".join([*(f"+ {line}" for line in more[:2]), *(f"- {line}" for line in less[:2])])[:200]
