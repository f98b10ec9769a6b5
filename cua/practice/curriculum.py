"""Which tasks to set: each ability with a check becomes a family of tasks; what is uncertain is practised first.

A family's next task is drawn by seed. The choice follows SEC (arXiv 2505.14970): reward 2*sqrt(p(1-p)), so that
practice stays where it sometimes fails, once every family was tried.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cua.memory.maps import Law, Map
from cua.memory.skills import Skill
from cua.policies.abilities import Ability
from cua.policies.goals import Choose, Enter, Goal, Hit, Perform, Switch, Write

ENOUGH = 2
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "ivory", "juniper")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A task of a family: what is asked, how one would say it, what is done before, and what would undo it."""

    goals: tuple[Goal, ...]
    sentence: str
    before: tuple[Goal, ...] = ()
    undo: tuple[Goal, ...] = ()


def families(app: str, offered: Iterable[Ability], known: Map) -> list[Skill]:
    """A candidate skill for each ability that can be tested."""
    found: list[Skill] = []
    for ability in offered:
        if ability.title and testable(ability, known):
            slug = re.sub(r"[^a-z0-9]+", "-", ability.title.casefold()).strip("-")[:40]
            name = f"{app}-{slug}"
            while any(skill.id == name for skill in found):
                name += "-2"
            found.append(
                Skill(name, app, ability.title, ability.kind, ability.key, draw(ability, known, 0, None).sentence)
            )
    return found


def testable(ability: Ability, known: Map) -> bool:
    """Whether a check can tell that it was reached."""
    law = ability.laws[0]
    if law.kind in ("unknown", "ends", "nothing"):
        return False
    if ability.kind in ("number", "text", "choice"):
        return any(law.settings for law in ability.laws)
    if ability.kind == "command":
        if law.becomes in ("upper", "lower", "title", "swapped", "empty"):
            return True
        return law.kind == "opens" and law.opens in known.windows and not known.windows[law.opens].stock
    return bool(law.settings) or ("state" in law.signals and not _astray(law, known))


def _astray(law: Law, known: Map) -> bool:
    """Whether acting on it wrote something that does not follow its tick: then the tick alone proves nothing."""
    written = {fact.replace("|", ":", 1) for fact in law.also if fact.startswith("setting|")}
    return not written <= known.background()


def draw(ability: Ability, known: Map, seed: int, ticked: bool | None) -> Drawn:
    """A task of the ability's family. `ticked` is what its control shows at the start, None if that is not known."""
    chance = random.Random(f"{ability.key} {seed}")
    law = next((law for law in ability.laws if law.settings), ability.laws[0])
    title = ability.title
    match ability.kind:
        case "toggle":
            on = chance.random() < 0.5 if ticked is None or seed else not ticked
            reverse = (Switch(ability, not on),)
            setup = reverse if ticked in (on, None) else ()
            return Drawn((Switch(ability, on),), f"turn {'on' if on else 'off'} {title}", setup, reverse)
        case "option":
            return Drawn((Switch(ability, True),), f"choose {title}")
        case "choice":
            options = [o for o in law.settings[min(law.settings)] if o != "absent"] if law.settings else law.values
            chosen, other = chance.sample(options, 2) if len(options) > 1 else (options[0], options[0])
            away = (Choose(ability, other),)
            return Drawn((Choose(ability, chosen),), f"set {title} to {chosen}", away, away)
        case "number" | "text":
            return _valued(ability, law, chance)
        case _:
            return _commanded(ability, law, chance)


def _valued(ability: Ability, law: Law, chance: random.Random) -> Drawn:
    tried = [text for text in law.settings[min(law.settings)] if text != "absent"] if law.settings else law.values
    if ability.kind == "number":
        numbers = sorted({float(text) for text in tried})
        options = [f"{number:g}" for number in numbers]
    else:
        options = list(_WORDS)
    if len(options) < 2:
        options = [*options, "1", "2"]
    chosen, other = chance.sample(options, 2)
    setup = (Enter(ability, other),)
    return Drawn((Enter(ability, chosen),), f"set {ability.title} to {chosen}", setup, setup)


def _commanded(ability: Ability, law: Law, chance: random.Random) -> Drawn:
    if law.becomes:
        text = " ".join(chance.sample(_WORDS, 3)).title()[:-1] + "X"
        return Drawn((Perform(ability),), ability.title, (Write(text), Hit("ctrl+a")))
    return Drawn((Perform(ability),), ability.title)


def choose(skills: Iterable[Skill]) -> Skill | None:
    """The family to practise next: one half proven, then an untried one, then where success is least certain."""
    open_ones = [skill for skill in skills if skill.status in ("candidate", "proven") and not _hopeless(skill)]
    return max(open_ones, key=_worth) if open_ones else None


def _hopeless(skill: Skill) -> bool:
    """Whether it failed so often that more tries would only take the time of others."""
    return skill.fails > ENOUGH


def _worth(skill: Skill) -> float:
    tries = len(skill.proofs)
    if skill.passes < ENOUGH:
        return 10.0 + skill.passes - 2 * (tries - skill.passes)
    rate = skill.passes / tries
    return 2 * math.sqrt(rate * (1 - rate)) + (1 - skill.bound)
