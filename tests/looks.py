"""Small looks for tests: one window with these elements; each is a role, a name and, for a field, what it holds."""

from __future__ import annotations

from cua.core import Box, Element, Observation, Place


def look(title: str, *items: tuple[str, ...], app: str = "app") -> Observation:
    """One page of an app; options and rows stand in a list."""
    shown = frozenset({"showing"})
    made = [Element("w", "window", title, states=shown | {"active"}, box=Box(0, 0, 400, 800))]
    listed = any(role == "option" for role, *_ in items)
    if listed:
        made.append(Element("l", "list", "", states=shown, box=Box(0, 0, 400, 400), parent=0))
    for at, (role, name, *more) in enumerate(items):
        states = {"textbox": {"editable"}, "checkbox": {"checkable", *more}}.get(role, set())
        value = (more[0] if more else "") if role == "textbox" else None
        parent = 1 if role == "option" else 0
        made.append(Element(f"e{at}", role, name, value, shown | states, Box(10, 20 * at, 100, 18), parent))
    return Observation(Place(app, title, f"app://{app}/{title}"), tuple(made))
