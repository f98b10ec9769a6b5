"""A desktop looked at in quick succession, as in a replay: each look asks for what shows and what told of a change."""

from __future__ import annotations

from cua.core import Action, Effect, Observation
from drivers.desktop import Desktop


class Brisk:
    """The same desktop; closing it is its owner's affair too. See `Desktop.observe` for what a look may leave out."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop

    def observe(self, *, frame: bool = True) -> Observation:
        """What shows now."""
        return self._desktop.observe(frame=frame, whole=False)

    def act(self, action: Action) -> Effect:
        """Do it. The next look waits a breath, and need not wait long: whoever replays awaits what must follow."""
        return self._desktop.act(action, patient=False)

    def close(self) -> None:
        """Close the desktop."""
        self._desktop.close()
