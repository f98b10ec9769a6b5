"""What a person wants of an app, once the words are understood: a closed set, each about one ability. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

from cua.policies.abilities import Ability


@dataclass(frozen=True, slots=True)
class Switch:
    """Bring a tick to on or off."""

    ability: Ability
    on: bool

    def __str__(self) -> str:
        return f"{self.ability.title} {'on' if self.on else 'off'}"


@dataclass(frozen=True, slots=True)
class Choose:
    """Choose an option of a combo box."""

    ability: Ability
    option: str

    def __str__(self) -> str:
        return f"{self.ability.title}: {self.option}"


@dataclass(frozen=True, slots=True)
class Enter:
    """Make a number or text field hold this."""

    ability: Ability
    text: str

    def __str__(self) -> str:
        return f"{self.ability.title} = {self.text}"


@dataclass(frozen=True, slots=True)
class Perform:
    """Give a command once. `values` go into the fields of the dialog it opens, which is then accepted."""

    ability: Ability
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.ability.title, *map(repr, self.values)))


@dataclass(frozen=True, slots=True)
class GiveFile:
    """Give a command that asks for a file, and name the file. `saves` tells writing from reading."""

    ability: Ability
    path: str
    saves: bool

    def __str__(self) -> str:
        return f"{self.ability.title} {self.path}"


@dataclass(frozen=True, slots=True)
class Write:
    """Type text where the app takes text."""

    text: str

    def __str__(self) -> str:
        return f"type {self.text!r}"


@dataclass(frozen=True, slots=True)
class Calculate:
    """Type an expression into a calculator and have it worked out."""

    expression: str

    def __str__(self) -> str:
        return f"calculate {self.expression}"


@dataclass(frozen=True, slots=True)
class Hit:
    """Press a key or chord once."""

    keys: str

    def __str__(self) -> str:
        return f"press {self.keys}"


@dataclass(frozen=True, slots=True)
class Reveal:
    """Bring a control to the screen, changing nothing, and leave it there: to see what it holds."""

    ability: Ability

    def __str__(self) -> str:
        return f"look at {self.ability.title}"


Goal = Reveal | Switch | Choose | Enter | Perform | GiveFile | Write | Calculate | Hit
BARE = (Write, Calculate, Hit)
