"""What every import has in common: moves that were read from another tool's file become a workflow.

Literals that were filled become parameters, what went into secret fields is dropped, and values that come back in later
targets become slots there. It knows no file format, and it lets nothing fall silently: what is left out is a note, what
cannot be is a problem that names its line or step.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from cua.core import SEAL, Element, Locator
from cua.errors import UsageError
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Param, Risk, Step, Workflow, literal, slots
from cua.policies import risk
from cua.policies.contained import CELLS, ROW_NAME
from cua.policies.fields import FIELDS
from cua.record import findable, sound, whole_rows
from cua.record.moves import (
    UNKNOWN,
    Block,
    Move,
    action,
    as_element,
    every,
    known_role,
    origin,
    page_with,
    secret_field,
    texts_of,
)
from cua.record.params import Params

_LEAST_SECRET = 4  # characters from which on a secret's text is looked for elsewhere
_MOST_PROBLEMS = 8
_BLANK = re.compile(r"about:blank$|[a-z]+://(newtab|new-tab-page|startpage)/?$")
_UNKNOWN = (
    "what it clicks bears no name, so what that does is not known: the step counts as one that cannot be taken back; "
    'if it can, set its risk to "reversible" (cua workflows edit)'
)
_PLACES = ("css", "xpath")
VERIFY = (
    "an import has no evidence but the locators that the file names: look first with `cua replay NAME --dry-run`, "
    "which finds every target that shows and does nothing"
)


CHOOSER = Mark("textbox", "File name", (Locator("id", "chooser:path"), Locator("role", "textbox:File name")))


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
    doubts: dict[str, str] = field(default_factory=dict)  # by line: why nothing final may be done to its target
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

    def hover(self, where: str, mark: Mark, scopes: tuple[str, ...] = ()) -> None:
        """The pointer goes there, if what comes next does not show without: scrolling by nothing does no more."""
        if findable.fault(mark, scopes) or findable.is_page(mark):
            self.note(where, "hovering over what only its place tells is left out; if it opens something, click that")
            return
        name = mark.name or next((at.value for at in mark.locators), mark.role)
        mark = replace(mark, of=2) if scopes else mark  # should it not be the only one, it halts
        self.add(where, Act("", "scroll", mark, say=f"point at {name!r}"))

    def upload(self, where: str, act: Act) -> None:
        """A file is picked. A click on the same field just before opens what asks for the file, and is left out. One on
        something else opens it for a field that bears no other name: that does not show, and the dialog is answered.
        """
        last = self.here[-1] if self.here else None
        before = last.act if isinstance(last, Move) else act
        if act.target and before.target and before == Act("", "click", before.target):
            same = act.target.name == before.target.name
            if same and set(before.target.locators) <= set(act.target.locators):
                self.here.pop()
            elif same or not act.target.name:
                self.note(where, "the click before is taken to open the file dialog, which is answered")
                self.choose(where, act.text)
                return
        if act.target and findable.is_page(act.target):
            self.problem(where, "which field the file is for, nothing says; click the button that asks for it before")
            return
        self._folder(where, act.text)
        self.add(where, act, typed=bool(act.text))

    def choose(self, where: str, text: str) -> None:
        """These files are named in the file dialog that the act before opens."""
        self.expect(where, Expect("shows", "dialog", "Choose a file"))
        self._folder(where, text)
        self.add(where, Act("", "fill", CHOOSER, text=text), typed=True)

    def _folder(self, where: str, text: str) -> None:
        if not self.slotted and text and not text.startswith(("/", "~")):
            self.note(where, f"the folder of {text!r} is not known; give its whole path at the replay")

    def open(self, where: str, url: str) -> None:
        """The first address is where the workflow starts; later ones are acts."""
        if _BLANK.match(url):
            self.note(where, f"{url} is an empty page, and is left out")
            return
        if said := "" if self.slotted else _no_address(url):
            self.problem(where, said)
            return
        if not self.start and not self.moves:
            self.start = url
        else:
            self.add(where, Act("", "open", text=url))

    def expect(self, where: str, expect: Expect) -> None:
        """What the screen must show after the last act; without one, and after scrolling, what is waited for."""
        last = self.here[-1] if self.here else None
        if isinstance(last, Move) and last.act.do != "scroll":
            self.here[-1] = replace(last, act=replace(last.act, expect=(*last.act.expect, expect)))
        else:
            self.add(where, Act("", "wait", expect=(expect,)))

    def note(self, where: str, said: str) -> None:
        self.notes.append(f"{where}: {said}")

    def problem(self, where: str, said: str) -> None:
        self.problems.append(f"{where}: {said}")

    def workflow(self, name: str) -> Workflow:
        """The workflow. Raises UsageError that names what cannot be taken over, or that nothing is there."""
        self._refuse()
        if not self.moves:
            raise UsageError("there is no step in it that a replay could do")
        self._known_roles()
        self._drop_secrets()
        params = Params()
        steps = _Steps(self, params).of(self.moves)
        self._refuse()
        known = tuple(self.params) if self.slotted else tuple(params.params)
        start = self.start if self.slotted else literal(self.start)
        parts = {"origins": self._origins(), "params": known, "screen": self.screen}
        found = Workflow(name, "web", steps, start=start, source="import", **parts)  # type: ignore[arg-type]
        sound.check(found)
        self.notes.append(VERIFY.replace("NAME", name))
        return found

    def _refuse(self) -> None:
        if self.problems:
            more = len(self.problems) - _MOST_PROBLEMS
            shown = [*self.problems[:_MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else [])]
            raise UsageError("this cannot be taken over as it is; change or delete it there:\n  " + "\n  ".join(shown))

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
        self._mend(lambda move: known_role(move, known))

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
            kept = tuple(e for e in act.expect if not any(text in said for text in long for said in _said_by(e)))
            if kept != act.expect:
                self.note(move.where, "an expectation named the text of a secret field; it was dropped")
            act = replace(act, expect=kept)
            if any(text in said for text in long for said in texts_of(act)):
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


def _said_by(expect: Expect) -> tuple[str, ...]:
    return expect.name, expect.value, *expect.row


def _no_address(url: str) -> str:
    """Why no workflow goes to this address, and what to do; "" if one may."""
    if said := sound.unsafe(url):
        return said
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        return f"{url[:60]!r} is no address ({exc}); mend it there"
    if parts.password:
        return "the address holds a password, which may stand in no workflow; take it out"
    if parts.scheme == "file" or (parts.scheme in ("http", "https") and parts.netloc):
        return ""
    return f"{url[:60]!r} is no whole address; write it with http:// or https:// and the host"


class _Steps:
    """Moves to steps: texts get their slots, ids count up."""

    def __init__(self, intake: Intake, params: Params) -> None:
        self._intake, self._params = intake, params
        self._count = 0
        self._filled = False
        self._secret: Element | None = None

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
        target = self._mark(act.target, move.where) if act.target else None
        element = as_element(act.target) if act.target else None
        if element and act.target == CHOOSER:  # a field for files, like those of the page
            element = replace(element, role="button")
        text = self._text(move, element)
        self._filled = act.do != "open" and (self._filled or move.typed)
        how = self._risk(move, element)
        to = self._mark(act.to, move.where) if act.to else None
        expect = tuple(self._expected(each, move.where) for each in act.expect)
        return replace(act, id=id, target=target, to=to, text=text, expect=expect, risk=how)

    def _risk(self, move: Move, element: Element | None) -> Risk:
        """How much hangs on it, as for a recording; of the page only the secret field is known that was filled last."""
        act = move.act
        if act.do == "open":
            self._secret = None
        how = risk.of(action(act, element), element, page_with(element, self._secret), filled=self._filled)
        if move.secret and element:
            self._secret = replace(element, locators=(*element.locators, Locator("type", "password")))
        elif act.do == "click" and not (element and element.role in FIELDS):
            self._secret = None
        if how == "irreversible" and not self._intake.slotted:
            self._grave(move, element)
        return how

    def _grave(self, move: Move, element: Element | None) -> None:
        """What cannot be taken back needs a target that is told; what says nothing of itself is taken for such."""
        doubt = self._intake.doubts.get(move.where, "")
        if doubt and not (element and slots(self._said(element.name))):  # a name that follows a value tells which
            self._intake.problem(move.where, doubt)
        elif move.act.do == "click" and element and not element.name and risk.unknown(element):
            self._intake.note(move.where, _UNKNOWN)

    def _text(self, move: Move, element: Element | None) -> str:
        text = move.act.text
        if self._intake.slotted or move.act.do == "press":
            return text
        if move.typed:
            known = len(self._params.params)
            found = self._params.typed(text, element, page_with(element))
            if slots(found) and not move.secret and len(self._params.params) == known:
                label = move.act.target.name if move.act.target else ""
                self._intake.note(move.where, f"{label!r} takes the value of {', '.join(slots(found))} once more")
            return found
        return self._params.slotted_url(text) if move.act.do == "open" else self._params.slotted(text)

    def _said(self, text: str) -> str:
        return text if self._intake.slotted else self._params.slotted(text)

    def _expected(self, each: Expect, where: str) -> Expect:
        if self._intake.slotted:
            return each
        row = self._row(each.row)
        if any(slots(text) and text not in row for text in map(self._said, each.row)):
            self._intake.note(where, f"{each.row[0]!r} follows the value in it; what else the row says is not expected")
        value = self._params.slotted_url(each.value) if each.kind == "at" else self._params.slotted(each.value)
        return replace(each, name=self._said(each.name), value=value, row=row)

    def _mark(self, mark: Mark, where: str = "") -> Mark:
        def texts(found: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(self._said(text) for text in found)

        locators = tuple(Locator(at.kind, self._said(at.value)) for at in mark.locators)
        if any(slots(self._said(text)) for text in (mark.name, *mark.row)):
            locators = tuple(at for at in locators if at.kind not in _PLACES)  # they speak of the row that was recorded
        row = self._row(mark.row) if ROW_NAME in mark.says else texts(mark.row)
        says = {kind: literal(text) if not self._intake.slotted else text for kind, text in mark.says.items()}
        if ROW_NAME in says and any(map(slots, row)):
            params = self._intake.params if self._intake.slotted else self._params.params
            whole = whole_rows.remembered(texts(mark.row), row, params)
            says |= whole or {ROW_NAME: CELLS}
            if whole and not self._intake.slotted:
                self._intake.note(where, whole_rows.note(whole))
        return replace(mark, name=self._said(mark.name), locators=locators, says=says, path=texts(mark.path), row=row)

    def _row(self, row: tuple[str, ...]) -> tuple[str, ...]:
        """A row that is named by all its texts in one is known by the values in it that were filled in before."""
        found: list[str] = []
        for text in row:
            said = self._said(text)
            found += re.findall(r"(?<!\$)\$\{[^}]*\}", said) or [said]
        return tuple(dict.fromkeys(found))
