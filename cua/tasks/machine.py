"""What setting up a task needs of a machine, beyond what a policy may do in it and a judge may read of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cua.core import Driver, World


class Shown(Protocol):
    """A window that shows: `app` is its class, `id` its handle while it is there, `pid` its process or 0."""

    @property
    def id(self) -> int: ...

    @property
    def title(self) -> str: ...

    @property
    def app(self) -> str: ...

    @property
    def active(self) -> bool: ...

    @property
    def pid(self) -> int: ...


class Machine(Protocol):
    """A desktop for one person, who is logged in. `launch` starts a program in the background, as that person."""

    @property
    def driver(self) -> Driver: ...

    @property
    def world(self) -> World: ...

    @property
    def size(self) -> tuple[int, int]: ...

    def launch(self, argv: tuple[str, ...]) -> None: ...

    def windows(self) -> Sequence[Shown]: ...

    def activate(self, window: int) -> None: ...

    def close_window(self, window: int) -> None: ...

    def write(self, path: str, content: bytes) -> None: ...

    def close(self) -> None: ...
