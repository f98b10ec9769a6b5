"""Secrets on their way to the screen: a driver that puts the real text in just before the act, and takes it out again.

Policies and records hold only a name between two SEALs. The text itself reaches no effect, no observation, no picture
and no message: what would show it is masked, and a picture of a screen that shows it is not passed on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol, runtime_checkable

from cua.core import SEAL, Action, Driver, Effect, Element, Fill, Frame, Locator, Observation, Type
from cua.errors import TroubleError, UsageError
from cua.traffic import Requesting, Traffic

MASK = "\u2022" * 6
_SEALED = re.compile(f"{SEAL}([^{SEAL}]+){SEAL}")
_SHORT = 4  # a shorter text is masked only where it stands alone: it is part of too many words

Secrets = Callable[[str], str]


@runtime_checkable
class Develops(Protocol):
    """A driver whose pictures come later than its looks."""

    def picture(self) -> Frame | None: ...


def no_secrets(name: str) -> str:
    """For a replay that has none. Raises UsageError."""
    raise UsageError(f"there is no secret {name!r}; give it to the keyring or the environment first")


def seal(name: str) -> str:
    """What stands for a secret."""
    return name if SEAL in name else f"{SEAL}{name}{SEAL}"


def sealed_names(texts: Iterable[str]) -> tuple[str, ...]:
    """The names of the secrets that stand in these texts."""
    return tuple(dict.fromkeys(name for text in texts for name in _SEALED.findall(text)))


def opened(names: Iterable[str], secrets: Secrets) -> dict[str, str]:
    """Every secret's text. Raises what `secrets` raises, and UsageError for one that is empty, naming it."""
    found = {name: secrets(name) for name in names}
    empty = next((name for name, text in found.items() if not text), None)
    if empty is not None:
        raise UsageError(f"the secret {empty!r} is empty; give it to the keyring or the environment first")
    return found


class Sealed:
    """A driver around another one. `texts` are the secrets by name."""

    def __init__(self, driver: Driver, texts: Mapping[str, str]) -> None:
        self._driver, self._texts = driver, dict(texts)
        self._hidden = sorted(set(texts.values()), key=len, reverse=True)
        self._shown = False

    def observe(self, *, frame: bool = True) -> Observation:
        """What the driver sees, without the secrets."""
        now = self._driver.observe(frame=frame)
        if not self._hidden:
            return now
        elements = tuple(self._element(e) for e in now.elements)
        place = replace(now.place, window=self.masked(now.place.window), url=self.masked(now.place.url))
        self._shown = place != now.place or any(a is not b for a, b in zip(elements, now.elements, strict=True))
        return replace(now, place=place, elements=elements, frame=None if self._shown else now.frame)

    def act(self, action: Action) -> Effect:
        """Do it with the real texts. What is raised and returned tells none of them."""
        try:
            effect = self._driver.act(self._with_texts(action))
        except (TroubleError, UsageError) as exc:
            if self.masked(str(exc)) == str(exc):
                raise
            raise type(exc)(self.masked(str(exc))) from None
        return replace(effect, reason=self.masked(effect.reason)) if effect.reason else effect

    def close(self) -> None:
        self._driver.close()

    def picture(self) -> Frame | None:
        """The picture of the last look where the driver takes its time for that; None where a secret showed."""
        return self._driver.picture() if isinstance(self._driver, Develops) and not self._shown else None

    def traffic(self) -> Traffic | None:
        """What the driver knows of requests, None where it knows of none; their paths may hold a secret."""
        return self._driver.traffic() if isinstance(self._driver, Requesting) else None

    def text(self, sealed: str) -> str:
        """The text with every secret in its place. Raises UsageError for one that was not opened."""
        return _SEALED.sub(lambda found: self._one(found[1]), sealed)

    def masked(self, text: str) -> str:
        """The text without any secret."""
        for hidden in self._hidden:
            if text == hidden or (len(hidden) >= _SHORT and hidden in text):
                text = text.replace(hidden, MASK)
        return text

    def _one(self, name: str) -> str:
        if name not in self._texts:
            raise UsageError(f"the secret {name!r} was not asked for before the start; nothing was typed")
        return self._texts[name]

    def _with_texts(self, action: Action) -> Action:
        match action:
            case Fill(text=text) | Type(text=text) if SEAL in text:
                return replace(action, text=self.text(text))
            case _:
                return action

    def _element(self, element: Element) -> Element:
        texts = (element.name, element.value or "", element.description, *(at.value for at in element.locators))
        if all(self.masked(text) == text for text in texts):
            return element
        return replace(
            element,
            name=self.masked(element.name),
            value=None if element.value is None else self.masked(element.value),
            description=self.masked(element.description),
            locators=tuple(Locator(at.kind, self.masked(at.value)) for at in element.locators),
        )
