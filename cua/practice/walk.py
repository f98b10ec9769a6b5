"""Getting about in an app while it is explored: to a control and back, by ways that are known. In sandboxes only."""

from __future__ import annotations

from cua.core import Action, Click, Element, Invoke, Sandbox
from cua.memory.maps import Map
from cua.policies.ways import clicks, doors
from cua.practice.hands import Delta, Hands
from cua.screen import MAIN, Control


class Walk:
    """Hands that know the way. `clicked` are controls that must be clicked like a person would."""

    def __init__(self, sandbox: Sandbox, known: Map) -> None:
        self.sandbox, self.known = sandbox, known
        self.hands = Hands(sandbox, known)
        self.clicked: set[str] = set()
        self.recall()

    def recall(self) -> None:
        """Take over what the map says of controls that must be clicked, which others may have found out."""
        self.clicked |= {law.control for law in self.known.laws.values() if law.way == "click"}

    def act(self, control: Control, action: Action | None = None) -> Delta:
        element = self.hands.screen.keys.get(control.key)
        if element is None:
            return Delta(refused="it is no longer there")
        if action is None and (control.key in self.clicked or clicks(control, element)):
            delta = self.hands.click(control.key)
        else:
            delta = self.hands.do(action or Invoke(element))
        invoked = action is None and control.key not in self.clicked and not clicks(control, element)
        if invoked and (delta.blocked or delta.gone):  # a dialog may hold the app inside the act: again, by the pointer
            self.clicked.add(control.key)
            if self.reach(control):
                return self.act(control)
        if delta.gone:
            self.reset()
        return delta

    def reach(self, control: Control) -> bool:
        """Make the control's window the one in front, opening it by the known way."""
        if control.window != MAIN and control.window in self.hands.screen.windows:
            return self.page(control)
        if not self.home():
            return False
        if control.window == MAIN:
            return control.key in self.hands.screen.keys or self.page(control)
        try:
            route = self.known.route(control.window)
        except KeyError:
            return False
        for key in route:
            element = self.hands.screen.keys.get(key)
            if element is None or "disabled" in element.states:
                return False
            self.act(self.known.controls[key])
        return control.window in self.hands.screen.windows and self.page(control)

    def page(self, control: Control) -> bool:
        """Turn to the page that shows the control, if it is on one."""
        element = self.hands.screen.keys.get(control.key)
        if element is not None and ("showing" in element.states or element.role in ("menuitem", "command")):
            return True
        for name in control.path:
            shown = self.hands.screen.keys.items()
            tabs = (e for k, e in shown if e.role == "tab" and e.name == name and k.startswith(f"{control.window}|"))
            tab = next(tabs, None)
            if tab is not None and "selected" not in tab.states:
                self.hands.do(Click(tab), patient=False)
        for _, door in doors(self.hands.screen, control):
            if control.key not in self.hands.screen.keys:
                self.hands.do(Click(door), patient=False)
        return control.key in self.hands.screen.keys

    def home(self) -> bool:
        if not self.hands.home():
            self.reset()
        return bool(self.hands.screen.windows)

    def reset(self) -> None:
        self.sandbox.reset()
        self.hands.fresh()

    def document(self) -> Element | None:
        fields = [e for k, e in self.hands.screen.keys.items() if k.startswith(f"{MAIN}|") and "multiline" in e.states]
        return next((e for e in fields if "editable" in e.states and "showing" in e.states), None)
