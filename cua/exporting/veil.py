"""What a person typed into a password field, kept out of everything that is exported: a reference stands in its place.

It hides the text wherever the run shows it, in the words of the task too. Secrets of the keyring are references already
when they are recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cua.core import SEAL, Action, Click, Element, Fill, Invoke, Observation, Open, Point, Press, Run, Step, Type
from cua.errors import UsageError
from cua.policies.models.keys import MODIFIERS
from cua.policies.models.said import aimed
from cua.sealing import seal

_SHORT = 4  # a shorter text is hidden only where it stands alone: it is part of too many words


@dataclass(frozen=True, slots=True)
class Veil:
    """What is hidden of one run: each text with what stands for it, the longest first."""

    hidden: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, run: Run) -> Veil:
        """Raises UsageError for a run that shows a password in a way that cannot be hidden."""
        found = {text: seal(name) for text, name in _typed(run)}
        return cls(tuple(sorted(found.items(), key=lambda pair: -len(pair[0]))))

    def text(self, text: str) -> str:
        """The text without what is hidden, and as proper Unicode."""
        for hidden, name in self.hidden:
            if text == hidden:
                return name
            if len(hidden) >= _SHORT:
                for written in (hidden, *(json.dumps(hidden, ensure_ascii=plain)[1:-1] for plain in (True, False))):
                    text = text.replace(written, name)
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def act(self, action: Action) -> Action:
        """The act with references in what it types."""
        if self.hidden and isinstance(action, Fill | Type):
            return replace(action, text="\n".join(self._piece(piece) for piece in action.text.split("\n")))
        return action

    def row(self, value: Any) -> Any:
        """A value of JSON with all its texts veiled."""
        match value:
            case str() if self.hidden and value.startswith("{"):
                return self._object(value)
            case str():
                return self.text(value)
            case dict():
                return {key: self.row(each) for key, each in value.items()}
            case list() | tuple():
                return [self.row(each) for each in value]
            case _:
                return value

    def _object(self, text: str) -> str:
        """A text that may be an object of JSON itself, as the arguments of a call are: in it texts are written anew."""
        try:
            found = json.loads(text)
        except ValueError:
            return self.text(text)
        veiled = self.row(found)
        return self.text(text) if veiled == found else json.dumps(veiled, ensure_ascii=False)

    def _piece(self, text: str) -> str:
        return "\t".join(self.text(piece) for piece in text.split("\t"))


def _typed(run: Run) -> Iterator[tuple[str, str]]:
    """Every text that went into a password field, and what that is called."""
    entered: Element | None = None
    for step in run.steps:
        field = _focused(step.seen) or entered
        into = field if field is not None and "password" in field.states else None
        yield from _pieces(step, into)
        entered = _entered(step, entered)


def _pieces(step: Step, into: Element | None) -> Iterator[tuple[str, str]]:
    """What the step typed into a password field; `into` is that which has the keyboard."""
    match step.action:
        case Fill(target=Element(states=states) as into, text=text) if "password" in states:
            pieces = [text]
        case Type(text=text) if into is not None:
            pieces = _split(text)
        case Type(text=text) if "\t" in text and (there := _password(step.seen)) is not None:
            pieces, into = _split(text)[1:], there  # the key after a text may lead into that field
        case Press(keys=keys) if into is not None and _letter(keys):
            raise UsageError("with a password that was typed key by key")
        case _:
            return
    yield from ((piece, into.name or "password") for piece in pieces if piece and SEAL not in piece)


def _entered(step: Step, before: Element | None) -> Element | None:
    """The field that has the keyboard after the step, as far as the acts tell: not every app says where that is."""
    match step.action:
        case Click(target=target) | Invoke(target=target) | Fill(target=target):
            meant = aimed(target, step.seen) if isinstance(target, Point) else target
            return meant if isinstance(meant, Element) else None
        case Press(keys="Tab" | "shift+Tab" | "Return") | Open():
            return None
        case _:
            return before


def _split(text: str) -> list[str]:
    return text.replace("\n", "\t").split("\t")


def _letter(keys: str) -> bool:
    *held, last = keys.split("+") if len(keys) > 1 else [keys]
    return len(last) == 1 and not {*held} & ({*MODIFIERS} - {"shift"})


def _focused(now: Observation) -> Element | None:
    """The field that has the keyboard, as far as the look tells."""
    found = [element for element in now.elements if "focused" in element.states]
    kinds = ("password", "editable")
    return next((element for kind in kinds for element in found if kind in element.states), None)


def _password(now: Observation) -> Element | None:
    return next((element for element in now.elements if "password" in element.states and element.box), None)
