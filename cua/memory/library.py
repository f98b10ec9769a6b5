"""Maps and skills in the record, by app. Each change of a skill is a version, none of which is ever lost."""

from __future__ import annotations

from collections.abc import Mapping

from cua import codec
from cua.checks import REQUIREMENTS
from cua.errors import UsageError
from cua.memory.maps import Law, Map, Window
from cua.memory.skills import Proof, Skill
from cua.memory.store import Store
from cua.screen import Control

codec.register(*REQUIREMENTS, Control, Window, Law, Proof, Skill)


def keep_map(store: Store, known: Map) -> None:
    parts: dict[str, Mapping[str, object]] = {"windows": known.windows, "controls": known.controls, "laws": known.laws}
    saved: dict[str, object] = {name: [codec.save(item) for item in found.values()] for name, found in parts.items()}
    store.put("map", known.app, {"volatile": dict(known.volatile), "defaults": known.defaults, **saved}, instead=True)


def load_map(store: Store, app: str) -> Map:
    """What is known of the app; an empty map if nothing is."""
    known = Map(app)
    saved = store.all("map", app).get(app)
    if saved:
        known.volatile = dict(saved["volatile"])
        known.defaults = dict(saved.get("defaults", {}))
        known.windows = {w.key: w for w in (codec.load(item, Window) for item in saved["windows"])}
        known.controls = {c.key: c for c in (codec.load(item, Control) for item in saved["controls"])}
        known.laws = {law.control: law for law in (codec.load(item, Law) for item in saved["laws"])}
    return known


def keep_skill(store: Store, skill: Skill) -> None:
    store.put("skill", skill.id, codec.save(skill))


def load_skills(store: Store, app: str = "") -> dict[str, Skill]:
    """All skills by id, or those of one app."""
    found = {name: codec.load(body, Skill) for name, body in store.all("skill").items()}
    return {name: skill for name, skill in found.items() if not app or skill.app == app}


def load_skill(store: Store, name: str) -> Skill:
    """Raises UsageError if there is none of that name."""
    skills = load_skills(store)
    if name not in skills:
        close = [known for known in skills if name in known][:3]
        raise UsageError(
            f"no skill is called {name!r}{'; close: ' + ', '.join(close) if close else ''}; see: cua skills list"
        )
    return skills[name]
