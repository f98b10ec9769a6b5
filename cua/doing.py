"""One request on one app: understand the words, plan, run, let the world judge, tell it in a line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from glob import escape

from cua import config
from cua.checks import (
    BACKGROUND,
    REQUIREMENTS,
    ControlIs,
    DocumentIs,
    FileHolds,
    Requirement,
    document,
    judge,
    key_stores,
    moved_between,
)
from cua.core import Changes, Press, Run, Task, Verdict, Wait
from cua.errors import CuaError, RefusedError, TroubleError, UsageError
from cua.helping import undisturbed
from cua.learning import learn
from cua.memory.library import keep_map, load_map
from cua.memory.maps import Map
from cua.memory.store import Store, acts
from cua.minds import Mind
from cua.on_page import believed, on_page
from cua.policies.abilities import Ability, abilities, spaced
from cua.policies.expect import Expected, expect
from cua.policies.file_dialogs import lists_files, name_field
from cua.policies.glance import glanced, merged
from cua.policies.goals import BARE, Choose, Enter, GiveFile, Goal, Perform, Reveal, Switch
from cua.policies.lexicon import label_words, positive
from cua.policies.mine import of_memory
from cua.policies.planner import Planner
from cua.policies.understand import Doubt, Names, understand
from cua.policies.ways import told
from cua.practice.hands import Hands
from cua.practice.scout import close, scout, unfolded
from cua.run import Unkept, run, unseen
from cua.screen import Screen, label
from cua.seats import Done, Seat
from cua.solving import budget, freed, keep_route, opened_route, said, solve
from cua.troubles import plainly

_LATE = 1.5
_NEW = ("new", "new document", "new file", "new tab", "new window")
_SAVES = ("save", "save file", "save document")


def do_there(goal: str, place: Seat, mind: Mind | None = None, close: tuple[str, ...] = ()) -> Done:
    """The same on a seat that is taken already. Without a mind no model is asked. `close` is what else was close to the
    words, for a person whose words are not understood. Raises TroubleError where a person interrupts it and it is not
    known what came of an act, RefusedError where that is known of all; the interrupt itself where nothing was done.
    """
    with mind or Mind(config.Model(), place.store) as asked, _cut_short(asked, place.store):
        mine = of_memory(goal, place.sandbox.world.observe, place.store.path)
        if isinstance(mine, Doubt):
            doubt = replace(mine, closest=(*close, *mine.closest))
            return solve(goal, doubt, place, asked, place.sandbox.world.changes())
        done = _done(mine.goal, place, asked, close)
        return replace(done, note="; ".join(filter(None, (mine.note, done.note))))


@contextmanager
def _cut_short(mind: Mind, store: Store) -> Iterator[None]:
    """A person who interrupts what is inside is told how far it was."""
    try:
        yield
    except KeyboardInterrupt as asked:
        raise _cut(asked, mind.run, store) from asked


def _cut(asked: KeyboardInterrupt, run_id: str, store: Store) -> CuaError | KeyboardInterrupt:
    done = store.run(run_id) if run_id else None
    count = acts(done.steps) if done else 0
    if done is None or not count:
        return asked
    see = f"see: cua runs show {run_id}"
    if unseen(done):
        what = f"it was stopped before it was known what came of its last act ({told(done.steps[-1].action)})"
        return TroubleError(f"{what}; look whether that was done before you ask for it again; {see}")
    return RefusedError(f"it was stopped; {'1 act was' if count == 1 else f'{count} acts were'} done before; {see}")


def _done(goal: str, place: Seat, mind: Mind, close: tuple[str, ...]) -> Done:
    start = time.monotonic()
    known, asked, looked = _understood(goal, place)
    if isinstance(asked, Doubt):
        doubt = replace(asked, closest=(*close, *asked.closest))
        before, looking = looked or place.sandbox.world.changes(), time.monotonic() - start
        solved = solve(goal, doubt, place, mind, before)
        return replace(solved, seconds=solved.seconds + looking)
    world = place.sandbox.world
    screen = Screen.of(world.observe())
    expected = expect(asked, known, text=document(screen), files=_files(asked, place))
    allowed = (*expected.allowed, *(("*",) if _unproven(asked, known) else ()), *key_stores(goal))
    task = Task("do", goal, {}, expected.checks, allowed, budget=budget(mind))
    before, how = world.changes(), _how(asked, place)
    with opened_route(task, Planner(known, asked), how, place, mind) as route:
        watched = undisturbed(route, place, mind.approve, _commands(asked))
        hands = mind.guard(task, place.sandbox.driver, screen.now, partial(freed, place, route, watched))
        done = run(task, hands, watched, mind)
    if done.steps and _unwritten(asked):
        _settle(place, before)
    task = _with_own(task, asked, place, before, screen)
    verdict = _judged(done, task, expected, place, before, known)
    _fold(asked, place)
    nameless = _nameless(asked, verdict, place, screen, known)
    if place.stays:
        verdict, nameless = on_page(verdict, task, done, screen, world.observe())
    weighed = mind.weighed(verdict, done, route.rung)
    verdict = believed(weighed, done, hands, seen=weighed is not verdict)
    place.store.verdict(done.id, verdict)
    watched.learn(done, verdict.outcome)
    keep_route(place.store, done.id, route, hands, mind)
    changed, saying = _changed(place, looked or before), nameless or _told(asked, done, verdict)
    seconds, note = time.monotonic() - start, learn(place.store, done.id, verdict.outcome, mind)
    return Done(
        verdict.outcome,
        goal,
        saying,
        said(route.choices) or how,
        changed,
        (),
        acts(done.steps),
        seconds,
        done.id,
        mind.spent.calls,
        tuple(key for key in changed if _asked_for(key, task)),
        note,
        tokens=mind.spent.tokens,
        cost=mind.spent.cost,
        route=tuple(route.choices),
    )


def _understood(goal: str, place: Seat) -> tuple[Map, tuple[Goal, ...] | Doubt, Changes | None]:
    """First with what is known and shows; if that is not enough, after a look into the app's dialogs. Then the last is
    what differed before that look: some apps write down that a dialog was open, and that must be told.
    """
    before = None
    known = glanced(place.known, Screen.of(place.sandbox.world.observe()))
    names = Names.of(abilities(known, place.described), place.home)
    asked = understand(goal, names)
    if isinstance(asked, Doubt) and not asked.stop and not place.stays:
        before = place.sandbox.world.changes()
        known = scout(place.sandbox, known)
        place.known = merged(load_map(place.store, place.app), known)  # practice may have gone on meanwhile
        keep_map(place.store, place.known)
        names = Names.of(abilities(known, place.described), place.home)
        asked = understand(goal, names)
    return known, asked, before


def _commands(goals: tuple[Goal, ...]) -> frozenset[str]:
    """What the commands are called that are asked for: what they bring about, be it the end of the app, was asked for
    with them.
    """
    given = (goal.ability for goal in goals if isinstance(goal, Perform))
    return frozenset(label(control.name) for ability in given for control in ability.controls)


def _fold(goals: tuple[Goal, ...], place: Seat) -> None:
    """Close a menu that was opened to see whether a tick in it is on."""
    ticks = [
        goal for goal in goals if isinstance(goal, Switch) and goal.ability.controls[0].role.startswith("menuitem")
    ]
    if ticks and unfolded(Screen.of(place.sandbox.world.observe())):
        place.sandbox.driver.act(Press("Escape", why="a menu was opened to see what is on in it"))


def _nameless(goals: tuple[Goal, ...], verdict: Verdict, place: Seat, start: Screen, known: Map) -> str:
    """What to say where an app asked for the name of the file that it was to save, which nobody gave: then its dialog
    is closed again, for nothing else could be done while it is there. "" where it asked for none.
    """
    saves = any(isinstance(goal, Perform) and goal.ability.title.casefold() in _SAVES for goal in goals)
    now = Screen.of(place.sandbox.world.observe()) if saves and verdict.outcome != "pass" else start
    new = now.windows.keys() - start.windows.keys()
    if not any(lists_files(now, window) and name_field(now, window) for window in new):
        return ""
    close(Hands(place.sandbox, known), start.windows)
    return "nothing was saved: the app asked for the name of a file; say it: save as NAME"


def _unwritten(goals: tuple[Goal, ...]) -> bool:
    """Whether some value is set of which nobody knows where it is written down: what was practised and wrote nothing
    then writes nothing now.
    """
    values = [goal.ability for goal in goals if isinstance(goal, Switch | Choose | Enter)]
    return any(not law.settings and not law.signals for ability in values for law in ability.laws)


def _settle(place: Seat, before: Changes) -> None:
    """Wait for a setting that is written a moment after the act, so that it is judged and told with it."""
    end = time.monotonic() + _LATE
    while time.monotonic() < end:
        moved = (key for key in _changed(place, before) if key.startswith("setting:"))
        if any(not any(fnmatchcase(key, own) for own in BACKGROUND) for key in moved):
            return
        place.sandbox.driver.act(Wait(_LATE / 6, why="some apps write a setting a little later"))


def _with_own(task: Task, goals: tuple[Goal, ...], place: Seat, before: Changes, start: Screen) -> Task:
    """The task with what only shows once it is done: a setting that bears the name of what was switched is its own,
    learned or not, a file that now holds the document is the one that was saved, and some commands tell by what
    shows. `start` is the screen before it.
    """
    moved = _changed(place, before)
    own: list[str] = []
    for goal in goals:
        if isinstance(goal, Switch | Choose | Enter):
            own += [key for key in moved if key.startswith("setting:") and _named_like(key, goal.ability)]
    shown: list[Requirement] = []
    given = [goal.ability for goal in goals if isinstance(goal, Perform)]
    if given:
        now = Screen.of(place.sandbox.world.observe())
        shown = _came(given, start, now)
        text = document(now) if any(ability.title.casefold() in _SAVES for ability in given) else None
        files = ["~/" + key.removeprefix("file:") for key in moved if key.startswith("file:")]
        held = [FileHolds(path, text) for path in files if text is not None]
        shown += [check for check in held if check.test(place.sandbox.world).holds]
    return replace(task, checks=(*task.checks, *shown), allowed=(*task.allowed, *map(escape, own)))


def _came(given: list[Ability], start: Screen, now: Screen) -> list[Requirement]:
    """What tells of a command's effect by its nature. Some toolkits say that a menu entry is a switch only while it is
    on; and a new document is empty, in a tab or window that was not there or in place of one that was not empty.
    """
    keys = [ability.controls[0].key for ability in given]
    switches = [key for key in keys if key in start.keys and start.checked(key) is None and now.checked(key)]
    found: list[Requirement] = [ControlIs(key, "checked", "on") for key in switches]
    new = any(ability.title.casefold() in _NEW for ability in given)
    if new and document(now) == "" and (document(start) != "" or now.documents() > start.documents()):
        found.append(DocumentIs(""))
    return found


def _named_like(key: str, ability: Ability) -> bool:
    """All words of the key are the ability's; a single word must be all that the ability is about."""
    words = set(positive(spaced(key))[0].split())
    said = [set(label_words(name.text)) for name in ability.names]
    about = [set(positive(name.text)[0].split()) for name in ability.names]
    return any(words <= name for name in said) if len(words) > 1 else words in about


def _asked_for(key: str, task: Task) -> bool:
    return (
        any(check.names(key) for check in task.checks if isinstance(check, REQUIREMENTS)) or escape(key) in task.allowed
    )


def _judged(done: Run, task: Task, expected: Expected, place: Seat, before: Changes, known: Map) -> Verdict:
    looked = expected.shown and done.stopped == "finished"
    driver = place.sandbox.driver
    if looked:
        kept = frozenset(Screen.of(place.sandbox.world.observe()).windows)
        looking = Planner(known, tuple(Reveal(ability) for ability, _ in expected.shown))
        run(replace(task, id="look"), driver, looking, Unkept())
        checks = (*task.checks, *(check for _, check in expected.shown))
        task = replace(task, checks=checks, allowed=(*task.allowed, "window:*"))
    verdict = judge(task, place.sandbox.world, before)
    if looked:
        run(replace(task, id="leave"), driver, Planner(known, (), kept=kept), Unkept())
    if done.stopped == "refused":
        return Verdict("refused", verdict.evidence, verdict.side_effects)
    if done.stopped != "finished" and verdict.outcome == "pass":
        return Verdict("unknown", verdict.evidence, verdict.side_effects)
    return verdict


def _unproven(goals: tuple[Goal, ...], known: Map) -> bool:
    """Whether some goal is about an ability that nothing but its role tells of, or the app was never practised: then
    what else it changes is not known.
    """
    if not any(law.signals for law in known.laws.values()):
        return True
    concerned = [goal.ability for goal in goals if not isinstance(goal, (*BARE, Reveal, GiveFile))]
    return any(all(not law.signals for law in ability.laws) for ability in concerned)


def _files(goals: tuple[Goal, ...], place: Seat) -> dict[str, str]:
    found = {}
    for goal in goals:
        if isinstance(goal, GiveFile) and not goal.saves:
            inside = goal.path.replace(place.home + "/", "~/", 1)
            try:
                found[inside] = place.sandbox.world.read(inside).decode("utf-8", "replace")
            except FileNotFoundError as error:
                raise UsageError(f"there is no file {goal.path} in the sandbox to open") from error
    return found


def _changed(place: Seat, before: Changes) -> tuple[str, ...]:
    return tuple(sorted(moved_between(before, place.sandbox.world.changes())))


def _told(goals: tuple[Goal, ...], done: Run, verdict: Verdict) -> str:
    asked = "; ".join(str(goal) for goal in goals)
    if done.stopped != "finished":
        return f"{asked}: {plainly(done.reason)}"
    if verdict.outcome == "pass":
        return asked if done.steps else f"{asked}: it was so already"
    said = [found.saying for found in verdict.evidence if found.holds is not True]
    aside = [f"it also changed {key}" for key in verdict.side_effects]
    return f"{asked}: {'; '.join(said + aside) or 'nothing here can tell whether it worked'}"


def _how(goals: tuple[Goal, ...], place: Seat) -> str:
    proven = {skill.ability: skill for skill in place.skills.values() if skill.status == "proven"}
    concerned: list[Ability] = [goal.ability for goal in goals if not isinstance(goal, (*BARE, Reveal))]
    skills = [proven[ability.key] for ability in concerned if ability.key in proven]
    if concerned and len(skills) == len(concerned):
        worst = min(skills, key=lambda skill: skill.bound)
        return f"proven skill ({worst.passes} of {len(worst.proofs)} proofs, at least {worst.bound:.0%})"
    if concerned and all(any(law.signals for law in ability.laws) for ability in concerned):
        return "planned on the learned map"
    return "read from the screen"
