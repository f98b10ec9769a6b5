"""What every import has in common: moves that were read from another tool's file become a workflow.

Literals that were filled become parameters, what went into secret fields is dropped, and values that come back in later
targets become slots there. It knows no file format, and it lets nothing fall silently: what is left out is a note, what
cannot be is a problem that names its line or step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from cua import core
from cua.core import SEAL, Element, Locator, Observation, Place
from cua.errors import UsageError
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Param, Step, Workflow, literal, slots
from cua.policies.contained import CELLS, ROW_NAME
from cua.record import risk, sound
from cua.record.params import Params
from cua.secret_words import named_secret

_LEAST_SECRET = 4  # characters from which on a secret's text is looked for elsewhere
_MOST_PROBLEMS = 8
STRONG = frozenset({"testid", "id", "role", "label", "placeholder", "name", "href", "text", "alt"})
_PLACES = ("css", "xpath")
UNKNOWN = ("", "?")  # no role is known; "?" says that the target is known by its name alone
VERIFY = (
    "an import has no evidence but the locators that the file names: look first with `cua replay NAME --dry-run`, "
    "which finds every target that shows and does nothing"
)


@dataclass(frozen=True, slots=True)
class Move:
    """One act as it was read, texts as they stand in the file. `where` names its line or step.

    `typed` says that the text is what a person filled in, so that it becomes a parameter.
    """

    act: Act
    where: str
    typed: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Moves for every row of `over`, or if `present` shows; one of the two."""

    moves: list[Move | Block]
    over: str = ""
    present: Mark | None = None
    seconds: float = 1.0


@dataclass(slots=True)
class Intake:
    """Moves in order, and what is said about them. `slotted` says that texts are workflow texts with slots already."""

    moves: list[Move | Block] = field(default_factory=list)
    start: str = ""
    screen: tuple[int, int] = (0, 0)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    params: list[Param] = field(default_factory=list)
    slotted: bool = False
    _into: list[list[Move | Block]] = field(default_factory=list)

    @property
    def here(self) -> list[Move | Block]:
        """Where the next move goes."""
        return self._into[-1] if self._into else self.moves

    def enter(self, block: Block) -> None:
        """What comes next is inside the block, until `leave`."""
        self.here.append(block)
        self._into.append(block.moves)

    def leave(self) -> None:
        self._into.pop()

    def add(self, where: str, act: Act, *, typed: bool = False) -> None:
        secret = typed and act.target is not None and secret_field(act.target)
        self.here.append(Move(act, where, typed, secret))

    def open(self, where: str, url: str) -> None:
        """The first address is where the workflow starts; later ones are acts."""
        if urlsplit(url).password:
            self.problem(where, "the address holds a password, which may stand in no workflow; take it out")
            return
        if not self.start and not self.moves:
            self.start = url
        else:
            self.add(where, Act("", "open", text=url))

    def expect(self, where: str, expect: Expect) -> None:
        """What the screen must show after the last act; without one, what is waited for."""
        last = self.here[-1] if self.here else None
        if isinstance(last, Move):
            self.here[-1] = replace(last, act=replace(last.act, expect=(*last.act.expect, expect)))
        else:
            self.add(where, Act("", "wait", expect=(expect,)))

    def note(self, where: str, said: str) -> None:
        self.notes.append(f"{where}: {said}")

    def problem(self, where: str, said: str) -> None:
        self.problems.append(f"{where}: {said}")

    def workflow(self, name: str) -> Workflow:
        """The workflow. Raises UsageError that names what cannot be taken over, or that nothing is there."""
        if self.problems:
            more = len(self.problems) - _MOST_PROBLEMS
            shown = [*self.problems[:_MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else [])]
            raise UsageError("this cannot be taken over as it is; change or delete it there:\n  " + "\n  ".join(shown))
        if not self.moves:
            raise UsageError("there is no step in it that a replay could do")
        self._known_roles()
        self._drop_secrets()
        params = Params()
        steps = _Steps(self, params).of(self.moves)
        known = tuple(self.params) if self.slotted else tuple(params.params)
        start = self.start if self.slotted else literal(self.start)
        parts = {"origins": self._origins(), "params": known, "screen": self.screen}
        found = Workflow(name, "web", steps, start=start, source="import", **parts)  # type: ignore[arg-type]
        sound.check(found)
        self.notes.append(VERIFY.replace("NAME", name))
        return found

    # ------------------------------------------------------------------------------------------ what is mended first

    def _known_roles(self) -> None:
        """A target whose role a line does not say may be named by another line, that fills it or picks from it."""
        known: dict[tuple[Locator, ...], str] = {}
        for move in every(self.moves):
            mark = move.act.target
            if mark and mark.role not in UNKNOWN:
                known.setdefault(mark.locators, mark.role)
            elif mark and mark.locators and move.act.do == "fill":
                known.setdefault(mark.locators, "textbox")
        self._mend(lambda move: _with_role(move, known))

    def _drop_secrets(self) -> None:
        """The text that went into a secret field is nowhere in the workflow, whatever line it stands in."""
        texts = {move.act.text for move in every(self.moves) if move.secret and not self.slotted}
        long = {text for text in texts if len(text) >= _LEAST_SECRET}
        numbers = {text: number for number, text in enumerate(sorted(texts), 1)}

        def one(move: Move) -> Move:
            act = move.act
            if move.typed and (move.secret or act.text in long) and not self.slotted:
                label = act.target.name if act.target else ""
                self.note(move.where, f"the text for {label or 'a secret field'!r} was dropped; it is a secret now")
                act = replace(act, text=f"{SEAL}secret#{numbers[act.text]}{SEAL}")
            kept = tuple(e for e in act.expect if not any(text in e.name or text in e.value for text in long))
            if kept != act.expect:
                self.note(move.where, "an expectation named the text of a secret field; it was dropped")
            act = replace(act, expect=kept)
            if any(text in said for text in long for said in _said(act)):
                raise UsageError(f"{move.where}: the text of a secret field stands here too; take it out of the file")
            return replace(move, act=act)

        self._mend(one)

    def _mend(self, one: Callable[[Move], Move]) -> None:
        def through(moves: list[Move | Block]) -> None:
            for number, move in enumerate(moves):
                if isinstance(move, Block):
                    through(move.moves)
                else:
                    moves[number] = one(move)

        through(self.moves)

    def _origins(self) -> tuple[str, ...]:
        urls = [self.start, *(move.act.text for move in every(self.moves) if move.act.do == "open")]
        return tuple(dict.fromkeys(filter(None, map(origin, urls))))


class _Steps:
    """Moves to steps: texts get their slots, ids count up."""

    def __init__(self, intake: Intake, params: Params) -> None:
        self._intake, self._params = intake, params
        self._count = 0
        self._filled = False

    def of(self, moves: list[Move | Block]) -> tuple[Step, ...]:
        return tuple(self._step(move) for move in moves)

    def _step(self, move: Move | Block) -> Step:
        self._count += 1
        id = f"s{self._count}"
        if isinstance(move, Move):
            return self._act(move, id)
        if move.present is not None:
            return IfPresent(id, self._mark(move.present), self.of(move.moves), move.seconds)
        return Each(id, move.over, self.of(move.moves))

    def _act(self, move: Move, id: str) -> Act:
        act = move.act
        target = self._mark(act.target) if act.target else None
        element = as_element(act.target) if act.target else None
        text = self._text(move, element)
        self._filled = act.do != "open" and (self._filled or move.typed)
        how = risk.of(_action(act, element), element, _empty(element), filled=self._filled)
        to = self._mark(act.to) if act.to else None
        expect = tuple(self._expected(each) for each in act.expect)
        return replace(act, id=id, target=target, to=to, text=text, expect=expect, risk=how)

    def _text(self, move: Move, element: Element | None) -> str:
        text = move.act.text
        if self._intake.slotted or move.act.do == "press":
            return text
        if move.typed:
            return self._params.typed(text, element, _empty(element))
        return self._params.slotted_url(text) if move.act.do == "open" else self._params.slotted(text)

    def _said(self, text: str) -> str:
        return text if self._intake.slotted else self._params.slotted(text)

    def _expected(self, each: Expect) -> Expect:
        if self._intake.slotted:
            return each
        value = self._params.slotted_url(each.value) if each.kind == "at" else self._params.slotted(each.value)
        return replace(each, name=self._said(each.name), value=value)

    def _mark(self, mark: Mark) -> Mark:
        def texts(found: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(self._said(text) for text in found)

        locators = tuple(Locator(at.kind, self._said(at.value)) for at in mark.locators)
        if any(slots(self._said(text)) for text in (mark.name, *mark.row)):
            locators = tuple(at for at in locators if at.kind not in _PLACES)  # they speak of the row that was recorded
        row = self._row(mark) if ROW_NAME in mark.says else texts(mark.row)
        says = {kind: literal(text) if not self._intake.slotted else text for kind, text in mark.says.items()}
        if ROW_NAME in says and any(map(slots, row)):
            says[ROW_NAME] = CELLS
        return replace(mark, name=self._said(mark.name), locators=locators, says=says, path=texts(mark.path), row=row)

    def _row(self, mark: Mark) -> tuple[str, ...]:
        """A row that is named by all its texts in one is known by the values in it that were filled in before."""
        found: list[str] = []
        for text in mark.row:
            said = self._said(text)
            found += re.findall(r"(?<!\$)\$\{[^}]*\}", said) or [said]
        return tuple(found)


def every(moves: list[Move | Block]) -> Iterator[Move]:
    for move in moves:
        if isinstance(move, Block):
            yield from every(move.moves)
        else:
            yield move


def secret_field(mark: Mark) -> bool:
    """Whether what is typed there is likely a secret: by its type, or by the words on it."""
    if mark.says.get("type") == "password" or "password" in mark.says.get("autocomplete", ""):
        return True
    said = [mark.name, *(at.value for at in mark.locators), *mark.says.values()]
    return any(map(named_secret, said))


def origin(url: str) -> str:
    """Scheme, host and port of an address; "" for what is none."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return "file://"
    return f"{parts.scheme}://{parts.netloc}".casefold() if parts.scheme in ("http", "https") and parts.netloc else ""


def as_element(mark: Mark) -> Element:
    """The mark as something that might be seen, for what is told by labels alone."""
    return Element("", mark.role or "generic", mark.name, locators=mark.locators)


def weak(mark: Mark) -> bool:
    """Whether it has nothing that a replay looks for: no name, key, label or text, and nothing around it."""
    return not (mark.name or mark.row or mark.path) and not any(at.kind in STRONG for at in mark.locators)


def _with_role(move: Move, known: dict[tuple[Locator, ...], str]) -> Move:
    act = move.act
    if act.target is None or act.target.role not in UNKNOWN:
        return move
    kinds = {at.kind for at in act.target.locators}
    any_role = "" if act.target.role == "?" else "generic"
    guess = "textbox" if "placeholder" in kinds or act.do == "fill" else any_role
    role = known.get(act.target.locators, guess)
    said = "" if role == "generic" else role
    expect = tuple(replace(each, role=said) if each.role == "?" else each for each in act.expect)
    return replace(move, act=replace(act, target=with_role(act.target, role), expect=expect))


def with_role(mark: Mark, role: str) -> Mark:
    """The mark with the role that its act shows it to have."""
    named = (Locator("role", f"{role}:{mark.name}"),) if mark.name and role not in ("", "?", "generic") else ()
    return replace(mark, role=role, locators=mark.locators + named)


def _empty(element: Element | None) -> Observation:
    return Observation(Place("web", url="http:"), (element,) if element else ())


def _said(act: Act) -> Iterator[str]:
    yield act.text if act.do == "open" else ""
    for mark in filter(None, (act.target, act.to)):
        yield from (mark.name, *mark.path, *mark.row, *(at.value for at in mark.locators))


def _action(act: Act, element: Element | None) -> core.Action:
    there = element or Element("", "document", "")
    match act.do:
        case "click":
            return core.Click(there, act.button, act.count, act.keys)
        case "fill":
            return core.Fill(there, act.text)
        case "type":
            return core.Type(act.text)
        case "press":
            return core.Press(act.text)
        case "scroll":
            return core.Scroll(there, *act.scroll)
        case "drag":
            return core.Drag(there, as_element(act.to) if act.to else there)
        case "open":
            return core.Open(act.text)
        case "wait":
            return core.Wait()
