"""Scripts of a set-up that move pointer and keys, done by the machine's own hands and never run."""

from __future__ import annotations

from cua.core import Type, Wait
from cua.errors import SandboxError
from cua.policies.models.code import acts
from cua.tasks.stage import SETTLE, Stage

_COME_LIMIT = 10.0
_FOCUS_LIMIT = 5.0


def by_hand(stage: Stage, script: str) -> None:
    """Do what the script says. What is typed waits until some window takes it; at the end the programs have done what
    they were told, as far as the screen shows it. Raises SandboxError where no window takes it.
    """
    for act in acts(script):
        if isinstance(act, Type):
            _await_keyboard(stage, act.text)
        if isinstance(act, Wait):
            stage.rest(act.seconds)
        else:
            stage.machine.driver.act(act)
    stage.quiet(SETTLE)


def _await_keyboard(stage: Stage, text: str) -> None:
    """Until a window is in front and, where its program tells of that, something in it has the keyboard: a program that
    is just starting loses what is typed at it.
    """
    if not stage.until(lambda: any(window.active for window in stage.machine.windows()), _COME_LIMIT):
        raise SandboxError(f"no window takes what is to be typed: {text[:40]!r}")

    def focused() -> bool:
        return any("focused" in element.states for element in stage.machine.driver.observe(frame=False).elements)

    stage.until(focused, _FOCUS_LIMIT)
    stage.quiet(SETTLE)
