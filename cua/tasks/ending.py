"""Ending programs, as steps ask for it: by the name that they have in the machine, and awaited, so that they write down
first what they have in mind.
"""

from __future__ import annotations

import re

from cua.errors import SandboxError
from cua.evaluators.names import process
from cua.tasks.stage import Stage

_LIMIT = 10.0
_LATE_LIMIT = 60.0
_ENDERS = ("pkill", "killall")
_NAME = re.compile(r"[\w.+][\w.+-]*")
# with these it is still an end that is asked for; any other option says something else
_ENDS = frozenset({"--", "-9", "-15", "-KILL", "-TERM", "-SIGKILL", "-SIGTERM"})


def ended(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The names that a command ends programs by, be it for the shell or not; none for a command that does more."""
    words = tuple(argv[2].split()) if argv[:2] == ("sh", "-c") else argv
    if not words or words[0] not in _ENDERS:
        return ()
    called = tuple(word for word in words[1:] if word not in _ENDS)
    return called if all(_NAME.fullmatch(word) for word in called) else ()


def end(stage: Stage, called: tuple[str, ...]) -> None:
    """Ask programs to end, the first process of each alone, so that it tidies up; then wait.

    Raises SandboxError for one that does not. Before a task it is killed first; after it that would be judged which it
    had not written yet.
    """
    for said in called:
        name = process(said, stage.standing)
        stage.run(("pkill", "-o", "--", name))

        def gone(name: str = name) -> bool:
            return stage.run(("pgrep", "--", name)).code != 0

        limit = _LATE_LIMIT if stage.late else _LIMIT
        if stage.until(gone, limit):
            continue
        if stage.late:
            raise SandboxError(f"{name} does not end within {limit:.0f} s, so what it yet writes is unknown; try again")
        stage.run(("pkill", "-9", "--", name))
        if not stage.until(gone, _LIMIT):
            raise SandboxError(f"{name} does not end, though it was killed; make a new machine")
