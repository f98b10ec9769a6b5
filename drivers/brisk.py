"""A desktop looked at in quick succession, as in a replay: each look asks for what shows and what told of a change."""

from __future__ import annotations

import time

from cua.core import Action, Effect, Observation, Wait
from drivers.desktop import Desktop

_PATIENCE = 1.0  # seconds of waiting for what may be there already, untold


class Brisk:
    """The same desktop; closing it is its owner's affair too. See `Desktop.observe` for what a look may leave out: it
    leaves out nothing once a second where the one who looks does nothing but wait.
    """

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self._since: float | None = None  # when the waiting began, or the last whole look while it lasts

    def observe(self, *, frame: bool = True) -> Observation:
        """What shows now."""
        whole = self._since is not None and time.monotonic() - self._since >= _PATIENCE
        now = self._desktop.observe(frame=frame, whole=whole)
        if whole:
            self._since = time.monotonic()
        return now

    def act(self, action: Action) -> Effect:
        """Do it. The next look waits a breath, and need not wait long: whoever replays awaits what must follow."""
        if not isinstance(action, Wait):
            self._since = None
        elif self._since is None:
            self._since = time.monotonic()
        return self._desktop.act(action, patient=False)

    def close(self) -> None:
        """Close the desktop."""
        self._desktop.close()
