"""A desktop looked at in quick succession: a look asks for what shows and what told of a change."""

from __future__ import annotations

import time
from typing import Protocol

from cua.core import Action, Effect, Observation, Wait
from drivers.desktop import Desktop

_PATIENCE = 1.0  # seconds of waiting for what may be there already, untold


class Looked(Protocol):
    """A desktop, here or in a machine. See `Desktop.observe` for what a look may leave out that is not `whole`."""

    def observe(self, *, frame: bool = True, whole: bool = True) -> Observation: ...

    def act(self, action: Action) -> Effect: ...

    def close(self) -> None: ...


class Sparing:
    """The same desktop, for who decides each act by what shows: the look after an act whose effect was told may leave
    something out, every other look leaves out nothing.
    """

    def __init__(self, desktop: Looked) -> None:
        self._desktop = desktop
        self._whole = True

    def observe(self, *, frame: bool = True) -> Observation:
        """What shows now."""
        now = self._desktop.observe(frame=frame, whole=self._whole)
        self._whole = False
        return now

    def act(self, action: Action) -> Effect:
        """Do it, and wait until all is calm."""
        self._whole = True  # of what broke off nobody knows what it did
        effect = self._desktop.act(action)
        self._whole = effect.kind != "confirmed" or isinstance(action, Wait)
        return effect

    def close(self) -> None:
        """Close the desktop."""
        self._desktop.close()


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
