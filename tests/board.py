"""A small true program to plan on: ticks, a field, two dialogs, and faults to order."""

from __future__ import annotations

from dataclasses import dataclass, field

from cua.core import Action, Click, Effect, Element, Fill, Invoke, Observation, Press, Type, Wait
from cua.errors import UsageError
from cua.policies.ways import told
from tests.test_screen import look

OPTIONS = "dialog:options"
MAIN_ONLY = """
window Board
  button Options…
  button Find…
  button Save
  checkbox Grid [{grid}]
  textbox Owner [editable{frozen}] = {owner}
"""
DIALOG = """
dialog Options
  tab General [{general}]
    checkbox Tips [{tips}{hidden_tips}]
  tab Editing [{editing}]
    spinbutton Width [editable{hidden_width}] = {width}
  button Close
"""
FINDER = """
dialog Find
  textbox Text [editable] = {text}
  button Cancel
  button Find
"""


@dataclass
class Board:
    """`surprise` is a modal dialog that comes by itself after the first act; `stuck` lets nothing be ticked, `slow`
    shows a tick only after a wait, `bound` enables Owner only while Grid is on, Width takes at
    `most`.
    """

    on: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=lambda: {"Owner": "nobody", "Width": "4", "Text": ""})
    open: list[str] = field(default_factory=list)
    page: str = "General"
    surprise: str = ""
    stuck: bool = False
    slow: bool = False
    late: set[str] = field(default_factory=set)
    frozen: bool = False
    bound: bool = False
    most: int = 1000
    acts: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    def observe(self, *, frame: bool = True) -> Observation:
        def tick(name: str) -> str:
            return "checkable checked" if name in self.on else "checkable"

        def page(name: str) -> tuple[str, str]:
            return ("selected", "") if self.page == name else ("", " hidden")

        (general, tips), (editing, width) = page("General"), page("Editing")
        drawn = MAIN_ONLY + "".join({"Options": DIALOG, "Find": FINDER}.get(name, "") for name in self.open)
        if "Surprise" in self.open:
            drawn += self.surprise
        told = dict(grid=tick("Grid"), tips=tick("Tips"), owner=self.values["Owner"], text=self.values["Text"])
        told |= dict(general=general, editing=editing, hidden_tips=tips, hidden_width=width, width=self.values["Width"])
        frozen = self.frozen or (self.bound and "Grid" not in self.on)
        return look(drawn.format(**told, frozen=" disabled" if frozen else ""))

    def act(self, action: Action) -> Effect:
        self.acts.append(told(action))
        match action:
            case Click(Element() as target) | Invoke(target):
                self._press(target)
            case Fill(target, text) if target.name == "Width" and float(text) > self.most:
                return Effect("refused", f"Width takes at most {self.most}")
            case Fill(target, text):
                self.values[target.name] = text
            case Press("Escape") if self.open:
                self.open.pop()
            case Wait():
                self.on, self.late = self.on ^ self.late, set()
            case Press() | Type():
                pass
            case _:
                raise UsageError(f"{told(action)} is nothing that the board can do")
        if self.surprise and len(self.acts) == 1:
            self.open.append("Surprise")
        return Effect("unverified")

    def _press(self, target: Element) -> None:
        match target.role, target.name:
            case "checkbox", name if self.slow:
                self.late ^= {name}
            case "checkbox", name if not self.stuck:
                self.on ^= {name}
            case "tab", name:
                self.page = name
            case "button", "Options…" | "Find…" as name:
                self.open.append(name.rstrip("…"))
            case "button", "Close" | "Cancel" | "OK":
                self.open.pop()
            case "button", "Find":
                self.found.append(self.values["Text"])
                self.open.pop()

    def close(self) -> None: ...
