"""What is known of an app: its windows, its controls, how one gets there, and what each control does.

Pure data and look-ups; it is learned in `practice/` and used in `policies/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cua.screen import MAIN, Control

Kind = Literal["toggle", "choice", "number", "text", "opens", "command", "ends", "nothing", "unknown"]


@dataclass(frozen=True, slots=True)
class Window:
    """A window or dialog: opened by acting on the control `via` in the window `above`; `leave` is how it is closed
    again.

    `stock` names what the toolkit brings and every app has alike: "filechooser", "colorchooser", "fontchooser".
    """

    key: str
    title: str
    above: str = ""
    via: str = ""
    leave: str = "Escape"
    modal: bool = False
    stock: str = ""


@dataclass(frozen=True, slots=True)
class Law:
    """What acting on a control does, as far as it was found out.

    settings: key to the value for each state ("on", "off", an option's label) of the control. `values` are the
    inputs it took. `trials` alternations were
    all in step. `signals` says which independent things agreed: "setting", "state", "window", "text".
    `delayed` settings are written only when the app quits. `also` are facts of other controls that moved in step.
    `becomes` says what a command made of the selected text: "upper", "empty", ... `way` is how it must be acted on:
    some controls do nothing, or block their app, unless they are clicked like a person would. `frees` are "on|KEY" and
    "off|KEY": other controls that are enabled only while this one is in that state.
    """

    control: str
    kind: Kind
    settings: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    trials: int = 0
    delayed: bool = False
    also: tuple[str, ...] = ()
    opens: str = ""
    becomes: str = ""
    way: Literal["invoke", "click"] = "invoke"
    frees: tuple[str, ...] = ()
    why: str = ""


@dataclass(slots=True)
class Map:
    """All of it, for one app. `volatile` are settings, and files as "file:PATH", that move by mere use; `defaults` are
    settings that it fills in by itself, with what held anyway.
    """

    app: str
    windows: dict[str, Window] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    laws: dict[str, Law] = field(default_factory=dict)
    volatile: dict[str, int] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)

    def background(self) -> frozenset[str]:
        """Settings that move by themselves, or under three unrelated acts or more: they are nobody's effect.

        After Strider's inverse change frequency (LISA 2003).
        """
        movers: dict[str, set[str]] = {}
        for law in self.laws.values():
            for fact in law.also:
                if fact.startswith(("setting|", "file|")):
                    movers.setdefault(fact, set()).add(law.control)
        noisy = {fact.replace("|", ":", 1) for fact, found in movers.items() if len(found) >= 3}
        return frozenset(noisy | {key if key.startswith("file:") else f"setting:{key}" for key in self.volatile})

    def freeing(self, key: str) -> tuple[Law, bool] | None:
        """The law of the tick that enables this control, and the state in which it does; None if none is known."""
        for law in self.laws.values():
            for on in (True, False):
                if f"{'on' if on else 'off'}|{key}" in law.frees:
                    return law, on
        return None

    def route(self, window: str) -> tuple[str, ...]:
        """Keys of the controls to act on, from the main window, so that `window` opens. Empty for the main window.

        Raises KeyError if the way is not known.
        """
        steps: list[str] = []
        seen = set()
        while window != MAIN:
            if window in seen:
                raise KeyError(window)
            seen.add(window)
            steps.insert(0, self.windows[window].via)
            window = self.windows[window].above
        return tuple(steps)
