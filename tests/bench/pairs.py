"""Finding on the new version of a web page what was used on the old: right, wrong, abstained.

Two kinds of pairs. Redesigns of our own (`tests/fixtures/flows/pairs`), where a hidden attribute, which no mark holds,
says which element is which, and what is gone. And pages of published templates in two versions, fetched with npm into
a cache outside the checkout: there an element is the same if two of its link target, text and id are unique on both
pages and agree, and one of the two is taken out of the mark. Each target is also looked for with its element taken out
of the new page, and of the old one. The figures with a bar are of the held-out half; `--all` shows the other half too.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs

from cua.core import Element, Observation, Open
from cua.errors import DriverError, UsageError
from cua.memory.workflows import Mark
from cua.policies.finding import Found, find, look_at, mark_of
from cua.policies.likeness import key_value
from cua.policies.surroundings import Look
from drivers.web import Web
from tests.bench.rows import Row

OWN = Path(__file__).parents[1] / "fixtures" / "flows" / "pairs"
HELD = frozenset({"bank", "docs", "wiki", "booking", "mail", "museum"})
HELD_LATER = frozenset({"codehost", "airline", "timetable", "checkout"})  # written before any result on them was seen
RIGHT, WRONG = 0.90, 0.03
SAME = "the same page"  # old and new: what was used is there, or is all that was taken out
PAGES = 6  # of one package
PACKAGES = (
    ("startbootstrap-agency", "5.0.0", "7.0.12", "tuned on"),
    ("startbootstrap-sb-admin", "3.3.7", "5.0.1", "tuned on"),
    ("startbootstrap-sb-admin", "5.0.1", "7.0.7", "tuned on"),
    ("admin-lte", "2.4.18", "3.2.0", "tuned on"),
    ("gentelella", "1.4.0", "2.1.0", "tuned on"),
    ("startbootstrap-modern-business", "4.0.0", "5.0.7", "tuned on"),
    ("now-ui-kit", "1.0.0", "1.3.0", "tuned on"),
    ("argon-design-system-free", "1.0.0", "1.2.0", "tuned on"),
    ("startbootstrap-creative", "4.1.1", "7.0.7", "held out"),
    ("startbootstrap-resume", "4.1.1", "7.0.6", "held out"),
    ("startbootstrap-business-casual", "4.1.1", "7.0.9", "held out"),
    ("patternfly", "1.3.0", "3.3.0", "held out"),
    ("startbootstrap-clean-blog", "4.1.1", "6.0.9", "held out"),
    ("startbootstrap-sb-admin-2", "3.3.7", "4.1.4", "held out"),
    ("admin-lte", "3.2.0", "4.0.0", "held out"),
    ("gentelella", "2.1.0", "4.2.0", "held out"),
)
_SKIPPED = frozenset(
    {"node_modules", "bower_components", "plugins", "vendor", "vendors", "documentation", "build", "docs"}
)
_USED = frozenset(
    {"link", "button", "textbox", "searchbox", "checkbox", "radio", "combobox", "spinbutton", "tab", "slider", "switch"}
)
_TRUTH = """(paths) => {
  const at = (path) => document.evaluate(path, document, null, 9, null).singleNodeValue;
  return paths.map((path) => {
    const el = path && !path.includes(">>>") ? at(path) : null;
    if (!el) return ["", false];
    const above = el.closest("[data-truth]"), below = el.querySelectorAll("[data-truth]");
    return [above ? above.dataset.truth : below.length === 1 ? below[0].dataset.truth : "", above === el];
  });
}"""


@dataclass(frozen=True)
class Case:
    """A target on the old page, and the places on the new one that are right; none if it is gone."""

    pair: str
    half: str
    what: str
    mark: Mark
    now: Observation
    right: frozenset[str]
    said: str = ""


@dataclass
class Tally:
    """What came of the cases of one kind."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def share(self, outcome: str, of: Iterable[str]) -> float:
        total = sum(self.counts[each] for each in of)
        return self.counts[outcome] / total if total else math.nan


# ------------------------------------------------------------------------------------------------ our own redesigns


def own_cases(web: Web) -> Iterator[Case]:
    """Every target of every redesign of our own."""
    for path in sorted(OWN.glob("*.old.html")):
        name = path.name.removesuffix(".old.html")
        old, old_truths = _looked(web, path)
        marks = {truth: mark_of(old.elements[at], old) for truth, at in _targets(old, old_truths).items()}
        new, new_truths = _looked(web, path.with_name(f"{name}.new.html"))
        for truth, mark in marks.items():
            right = frozenset(new.elements[at].ref for at, (said, _) in enumerate(new_truths) if said == truth)
            half = "held out" if name in HELD else "held out later" if name in HELD_LATER else "tuned on"
            same = frozenset(old.elements[at].ref for at, (said, _) in enumerate(old_truths) if said == truth)
            yield Case(name, half, SAME, mark, old, same, truth)
            yield Case(name, half, "redesign" if right else "gone", mark, new, right, truth)


def _looked(web: Web, path: Path) -> tuple[Observation, list[tuple[str, bool]]]:
    web.act(Open(path.as_uri()))
    now = web.observe(frame=False)
    xpaths = list(look_at(now).xpaths)
    found: list[tuple[str, bool]] = web._browser.page.evaluate(_TRUTH, xpaths)
    return now, found


def _targets(now: Observation, truths: list[tuple[str, bool]]) -> dict[str, int]:
    """For each truth the element that bears it; where that is none, the first one in it."""
    found: dict[str, int] = {}
    for exactly in (True, False):
        for at, (truth, itself) in enumerate(truths):
            if truth and itself is exactly:
                found.setdefault(truth, at)
    return found


# ------------------------------------------------------------------------------------------------ published templates


def template_cases(web: Web) -> Iterator[Case]:
    """Targets of two versions of published pages, one of their two agreeing keys hidden."""
    for package, before, after, half in PACKAGES:
        old, new = fetched(package, before), fetched(package, after)
        for name, (one, other) in _same_pages(old, new):
            pair = f"{package} {before} to {after}, {name}"
            _progress(pair)
            try:
                web.act(Open(one.as_uri()))
                was = web.observe(frame=False)
                web.act(Open(other.as_uri()))
                now = web.observe(frame=False)
            except DriverError as exc:
                _progress(f"{pair} left out: {exc}")
                continue
            yield from _agreeing(pair, half, was, now)


def fetched(package: str, version: str) -> Path:
    """The package's folder in the cache, fetched if it is not there. Raises UsageError where there is no npm."""
    folder = platformdirs.user_cache_path("cua") / "pairs" / f"{package}-{version}"
    if folder.exists():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise UsageError("the bench pairs fetches pages with npm; install npm, or run it with --own")
    folder.parent.mkdir(parents=True, exist_ok=True)
    _progress(f"fetching {package} {version}")
    done = subprocess.run(
        [npm, "pack", "--silent", f"{package}@{version}"],
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UsageError(f"npm could not fetch {package} {version}: {done.stderr.strip()[-300:]}; or run with --own")
    archive = folder.parent / done.stdout.strip().splitlines()[-1]
    part = folder.with_suffix(".part")
    with tarfile.open(archive) as tar:
        tar.extractall(part, filter="data")
    (next(part.iterdir())).rename(folder)
    shutil.rmtree(part)
    archive.unlink()
    return folder


def _same_pages(old: Path, new: Path) -> list[tuple[str, tuple[Path, Path]]]:
    """Pages that both have, by the name of the file; so many of them, spread over the alphabet."""
    sides = [_pages(side) for side in (old, new)]
    names = sorted(sides[0].keys() & sides[1].keys())
    step = max(1, len(names) // PAGES)
    return [(name, (sides[0][name], sides[1][name])) for name in names[::step][:PAGES]]


def _pages(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.html"), key=lambda path: (len(path.parts), path)):
        inner = path.relative_to(folder).parts
        if not _SKIPPED & set(inner) and 3000 < path.stat().st_size < 400_000:
            found.setdefault(path.name, path)
    return found


def _agreeing(pair: str, half: str, was: Observation, now: Observation) -> Iterator[Case]:
    """Elements that two keys say are the same; each with one of the two hidden."""
    olds, news = _keys(was), _keys(now)
    for one, hidden in (
        ("text", "href"),
        ("href", "text"),
        ("text", "id"),
        ("id", "text"),
        ("id", "href"),
        ("href", "id"),
    ):
        for key, element in olds[one].items():
            there = news[one].get(key)
            if there is None or not _agree(look_at(was), element, look_at(now), there, hidden):
                continue
            mark = _without(mark_of(element, was), hidden)
            right = frozenset(e.ref for e in (there, *_inside(now, there)))
            yield Case(pair, half, f"without {hidden}", mark, now, right, f"{one} {key}")


def _keys(now: Observation) -> dict[str, dict[str, Element]]:
    """Elements by each key that no other element has."""
    look = Look(now)
    found: dict[str, dict[str, list[Element]]] = {"text": {}, "href": {}, "id": {}}
    for at, element in enumerate(now.elements):
        if element.role not in _USED:
            continue
        values = {
            "text": look.plains[at],
            "href": key_value("href", look.said[at].get("href", "")),
            "id": look.said[at].get("id", ""),
        }
        for kind, value in values.items():
            if value:
                found[kind].setdefault(value, []).append(element)
    return {kind: {value: es[0] for value, es in by.items() if len(es) == 1} for kind, by in found.items()}


def _agree(old: Look, one: Element, new: Look, other: Element, kind: str) -> bool:
    a, b = old.place(one), new.place(other)
    if kind == "text":
        return old.plains[a] == new.plains[b] != ""
    mine, yours = (key_value(kind, look.said[at].get(kind, "")) for look, at in ((old, a), (new, b)))
    return mine == yours != ""


def _inside(now: Observation, element: Element) -> tuple[Element, ...]:
    return tuple(e for e in now.elements if element in now.ancestors(e))


def _without(mark: Mark, kind: str) -> Mark:
    gone = {"text": {"role", "text", "label", "placeholder", "alt"}, "href": {"href"}, "id": {"id", "css"}}[kind]
    kept = tuple(at for at in mark.locators if at.kind not in gone)
    says = {key: value for key, value in mark.says.items() if key not in gone}
    return replace(mark, locators=kept, says=says, name="" if kind == "text" else mark.name)


# ------------------------------------------------------------------------------------------------ counting


def judged(case: Case) -> tuple[str, Any]:
    """right, wrong, abstained; of what is gone: halted or wrong."""
    found = find(case.mark, case.now)
    if isinstance(found, Found):
        return ("right" if found.element.ref in case.right else "wrong"), found
    return ("abstained" if case.right else "halted"), found


def _taken_out(case: Case) -> Observation:
    """The new page without the target and what is in it."""
    kept: list[Element] = []
    places: dict[int, int] = {}
    for at, element in enumerate(case.now.elements):
        if element.ref in case.right or (element.parent >= 0 and element.parent not in places):
            continue
        places[at] = len(kept)
        kept.append(replace(element, parent=places.get(element.parent, -1)))
    return replace(case.now, elements=tuple(kept))


def rows(args: list[str]) -> Iterator[Row]:
    """Shares of right, wrong and abstained; --own leaves the published templates out, --all shows both halves."""
    if unknown := set(args) - {"--own", "--all", "--list"}:
        raise UsageError(f"the bench pairs takes --own, --all and --list, not {' '.join(sorted(unknown))}")
    tallies: dict[tuple[str, str], Tally] = {}
    web = Web()
    try:
        for source in (own_cases, *([] if "--own" in args else [template_cases])):
            for case in source(web):
                if case.right:
                    out = replace(case, what=f"{case.what}, taken out", now=_taken_out(case), right=frozenset())
                    tallies.setdefault((case.half, out.what), Tally()).counts[judged(out)[0]] += 1
                outcome, found = judged(case)
                tally = tallies.setdefault((case.half, case.what), Tally())
                tally.counts[outcome] += 1
                if "--list" in args and outcome not in ("right", "halted"):
                    print(outcome, case.pair, case.said, case.mark.role, repr(case.mark.name), found, file=sys.stderr)
    finally:
        web.close()
        _progress("")
    for (half, what), tally in sorted(tallies.items()):
        if half != "tuned on" or "--all" in args:
            barred = half != "tuned on" and not what.startswith("without text")
            yield from _figures(f"{what}, {half}", what, tally, barred=barred)


def _figures(case: str, what: str, tally: Tally, *, barred: bool) -> Iterator[Row]:
    total = sum(tally.counts.values())
    yield Row(case, "targets", total, "targets", "none", holds=True)
    shares = {outcome: count / total for outcome, count in tally.counts.items()}
    bars = {"right": (RIGHT, 1.0), "wrong": (0.0, WRONG), "halted": (1.0 - WRONG, 1.0)}
    for outcome in (
        ("halted", "wrong") if what == "gone" or what.endswith("taken out") else ("right", "wrong", "abstained")
    ):
        low, high = bars.get(outcome, (0.0, 1.0)) if barred else (0.0, 1.0)
        value = shares.get(outcome, 0.0)
        bar = f">= {low:.0%}" if low else f"<= {high:.0%}" if high < 1 else "none"
        yield Row(case, outcome, value, "share", bar, low <= value <= high)


def _progress(what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{what[:100]}", end="", file=sys.stderr, flush=True)
