"""Where a request is done and what came of it: an app in its sandbox or a page, with what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from cua.checks import BACKGROUND, key_stores
from cua.core import Driver, Outcome, Sandbox
from cua.memory.library import load_map, load_skills
from cua.memory.maps import Map
from cua.memory.skills import Skill
from cua.memory.store import Store
from cua.policies.route import Choice

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a request: the verdict of the world, in a line what was done and how it was known, what changed, and
    which of that was asked for. `note` is what else the person should know. `route` says who decided from which act on,
    and why; calls, tokens and cost are those of a model.
    """

    outcome: Outcome
    goal: str
    saying: str
    how: str = ""
    changed: tuple[str, ...] = ()
    closest: tuple[str, ...] = ()
    acts: int = 0
    seconds: float = 0.0
    run: str = ""
    model_calls: int = 0
    asked: tuple[str, ...] = ()
    note: str = ""
    tokens: int = 0
    cost: float = 0.0
    route: tuple[Choice, ...] = ()

    @property
    def brief(self) -> str:
        """What changed, shortly, without what toolkits write by themselves."""
        noise = (*BACKGROUND, *key_stores(self.goal))
        keys = [key for key in self.changed if not any(fnmatchcase(key, own) for own in noise)]
        keys.sort(key=lambda key: key not in self.asked)
        short = [_short(key) for key in keys]
        more = f" and {len(short) - _SHOWN} more" if len(short) > _SHOWN else ""
        return ", ".join(short[:_SHOWN]) + more


@dataclass(slots=True)
class Seat:
    """An app in its sandbox with what is known of it: made once, used for several requests.

    `home` is where files without a folder go; `described` are summaries of settings keys. `stays` says that it is a
    person's own, in which nothing is explored; `stand_in` makes another sandbox at the same start state, where there
    can be one; `sparing` is its driver for who decides each act by what shows, if there is a quicker one for that.
    """

    sandbox: Sandbox
    store: Store
    app: str
    home: str
    described: Mapping[str, str]
    stays: bool = False
    stand_in: Callable[[], Sandbox] | None = None
    sparing: Driver | None = None
    known: Map = field(init=False)
    skills: dict[str, Skill] = field(init=False)

    def __post_init__(self) -> None:
        self.known = load_map(self.store, self.app)
        self.skills = load_skills(self.store, self.app)


def _short(key: str) -> str:
    """A change in a few words: the file, the title of the window, the last part of a setting's key."""
    kind, _, name = key.partition(":")
    return f"{kind} {name}" if kind in ("file", "window") else "/".join(key.split("/")[-2:])
