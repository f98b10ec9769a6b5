"""Playwright in Python, as its codegen writes it, read as a workflow: library or pytest, synchronous or not.

The source is parsed and never run. Lines that only start or end a browser are passed over; a line whose meaning cannot
be kept becomes a problem with its number.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from cua.errors import UsageError
from cua.memory.workflows import Act, Expect, Mark
from cua.record import codegen_acts, codegen_checks, codegen_snapshots, findable, own_playwright
from cua.record.codegen_checks import first
from cua.record.intake import Intake
from cua.record.moves import Block
from cua.record.playwright_locators import LOCATORS, CannotTake, Link, chain_of, mark_of

_NO_STEP = frozenset(
    {"screenshot", "pause", "set_default_timeout", "set_default_navigation_timeout", "bring_to_front", "focus", "blur",
     "wait_for_timeout", "wait_for_load_state", "scroll_into_view_if_needed", "wait_for_event", "highlight",
     "storage_state", "start", "stop", "stop_chunk"}
)  # fmt: skip
_BROWSER = frozenset({"playwright", "p", "browser", "context", "asyncio", "expect", "selectors"})
_BACK = {"go_back": "alt+Left", "go_forward": "alt+Right", "reload": "F5"}


def looks_like(text: str) -> bool:
    """Whether a text is a script of this kind."""
    return (
        "playwright" in text.casefold()
        and re.search(r"\.goto\(|\.click\(|\.get_by_|\.locator\(|page\.", text) is not None
    )


def read(source: str, intake: Intake) -> None:
    """Read all moves. Raises UsageError for a file that is no such script; other problems are the intake's."""
    try:
        tree = ast.parse(source)
        _Reader(intake).body(own_playwright.steps_of(tree, intake))
    except SyntaxError as exc:
        raise UsageError(f"line {exc.lineno}: this is no Python that can be read: {exc.msg}") from exc
    except RecursionError as exc:
        raise UsageError("something in it is nested too deep to be read; take it apart into lines of its own") from exc


class _Reader:
    """Goes through the statements in order. `tab` is the variable of the page that is in front."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.tab = "page"
        self._pages = ["page"]
        self._opened: list[str] = []
        self._choosers: set[str] = set()
        self._known: dict[str, tuple[str, tuple[Link, ...]]] = {}
        self._dialog: codegen_acts.Answer | None = None
        self._rows: list[str] = []

    def body(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            where = f"line {statement.lineno}"
            try:
                self._statement(statement, where)
            except CannotTake as exc:
                self.intake.problem(where, f"{exc} (`{ast.unparse(statement).splitlines()[0][:100]}`)")

    def _statement(self, statement: ast.stmt, where: str) -> None:
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.Pass() | ast.ClassDef():
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                return
            case ast.Expr(value=value) | ast.Return(value=ast.expr() as value):
                self._call(value, where)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                self._with(items, body, where)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._assign(name, value, where)
            case ast.For() if self.intake.slotted:
                over, row = own_playwright.loop(statement)
                self._inside(Block([], over=over), statement.body, row)
            case ast.If() if self.intake.slotted:
                shown, seconds = own_playwright.guard(statement)
                self._inside(
                    Block([], present=self._mark(self._chain(shown)[1], where), seconds=seconds), statement.body
                )
            case _:
                raise CannotTake("only straight lines of acts and expectations can be read")

    def _inside(self, block: Block, body: list[ast.stmt], row: str = "") -> None:
        self.intake.enter(block)
        self._rows.append(row)
        self.body(body)
        self._rows.pop()
        self.intake.leave()

    def _with(self, items: list[ast.withitem], body: list[ast.stmt], where: str) -> None:
        for item in items:
            called = _last(item.context_expr)
            name = item.optional_vars.id if isinstance(item.optional_vars, ast.Name) else ""
            if called in ("expect_popup", "expect_page"):
                self._opened.append(name)
            elif called == "expect_download":
                self.intake.note(where, "that a file is downloaded is not checked; add an effect for it")
            elif called == "expect_file_chooser":
                self._choosers.add(name)
            elif called == "expect_event" and self._dialog:
                self._dialog = replace(self._dialog, says=codegen_acts.message(item.context_expr, self._text))
            elif called not in ("expect_navigation", "sync_playwright", "async_playwright"):
                raise CannotTake(f"`with {ast.unparse(item.context_expr)}` cannot be said in a workflow")
        self.body(body)

    def _assign(self, name: str, value: ast.expr, where: str) -> None:
        root, links = self._chain(value)
        last = links[-1].name if links else ""
        if last == "value" and root in self._opened:
            self._pages.append(name)
            self.tab = name
        elif last == "value" and root in self._choosers:
            self._choosers.add(name)
        elif last in ("value", "launch") or (root == "context" and last != "new_page"):
            return
        elif last == "new_context":
            codegen_acts.context(self.intake, links[-1].keywords, where)
        elif last == "new_page":
            if len(self._pages) > 1 or self.intake.moves:
                raise CannotTake("a second page that the script opens by itself cannot be said in a workflow")
            self._pages, self.tab = [name], name
        elif links and all(link.name in LOCATORS for link in links):
            self._known[name] = (root, links)
        else:
            raise CannotTake("only straight lines of acts and expectations can be read")

    # ------------------------------------------------------------------------------------------ lines that do something

    def _call(self, value: ast.expr, where: str) -> None:
        if isinstance(value, ast.Await):
            value = value.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            self._own(value.func.id, value, where)
            return
        subject = _expected(value)
        if subject is not None and isinstance(value, ast.Call):
            self._expect(subject, value, where)
            return
        root, links = self._chain(value)
        if not links:
            raise CannotTake("this does nothing")
        if root in self._choosers and links[-1].name == "set_files":
            codegen_acts.chosen(self.intake, links[-1], where, self._text)
        else:
            self._act(root, links[:-1], links[-1], where)

    def _own(self, name: str, value: ast.Call, where: str) -> None:
        """A call of a function of the script: only those that our own scripts have are known."""
        if self.intake.slotted and name in (own_playwright.CHOOSE, own_playwright.HOLDS):
            root, links = self._chain(value.args[0])
            if name == own_playwright.CHOOSE:
                self._act(root, links, Link("select_option", (value.args[1],)), where)
                return
            mark, _ = mark_of(links, self._text)
            seconds = float(ast.literal_eval(value.args[2])) if len(value.args) > 2 else 5.0
            self.intake.expect(where, Expect("holds", mark.role, mark.name, self._text(value.args[1]), seconds))
        elif name not in ("run", "main", own_playwright.ONE):
            raise CannotTake(f"what `{name}` does is not known here")

    def _act(self, root: str, links: tuple[Link, ...], act: Link, where: str) -> None:
        if root in self._pages:
            self._in_front(root, act, where)
        elif root in _BROWSER:
            if act.name not in ("close", "run", "launch", "new_context", "grant_permissions", *_NO_STEP):
                self.intake.note(where, f"`{root}.{act.name}` is set-up of the browser and not taken over")
            return
        elif root not in self._known:
            raise CannotTake(f"what `{root}` is, is not known here")
        if links or act.name in codegen_acts.CLICKS or act.name in ("fill", "press", "type", "select_option", "hover"):
            self._on_target(links, act, where)
        else:
            self._on_page(act, where)
        if self._dialog and act.name != "once":
            codegen_acts.answered(self.intake, self._dialog, where, self._text)
            self._dialog = None

    def _in_front(self, root: str, act: Link, where: str) -> None:
        """The page that acts go to must be the one in front; codegen says when another opens, not when one is shown."""
        if root == self.tab or act.name in ("once", "on"):
            return
        if act.name == "close":
            return
        raise CannotTake(f"`{root}` is not the page in front; close `{self.tab}` before going back to it")

    def _on_page(self, act: Link, where: str) -> None:
        match act.name:
            case "goto":
                self.intake.open(where, self._text(first(act)))
            case "close":
                self._close(where)
            case "once" | "on":
                self._dialog = codegen_acts.answer(act)
            case "go_back" | "go_forward" | "reload":
                self.intake.add(where, Act("", "press", text=_BACK[act.name]))
            case "wait_for_url":
                found = Expect("at", value=codegen_checks.pattern(first(act), self._text))
                self._follows(where, found, codegen_checks.beyond(first(act)))
            case "set_viewport_size":
                self.intake.screen = codegen_acts.size(first(act))
            case _ if act.name in _NO_STEP:
                self.intake.note(where, f"`{act.name}` is no step of a workflow; replays wait for conditions")
            case _:
                raise CannotTake(f"`{act.name}` cannot be said in a workflow")

    def _close(self, where: str) -> None:
        if len(self._pages) > 1 and self.tab == self._pages[-1]:
            self.intake.add(where, Act("", "press", text="ctrl+w"))
            self._pages.pop()
            self.tab = self._pages[-1]
        else:
            self.intake.note(where, "that the page is closed at the end is not taken over")

    # ------------------------------------------------------------------------------------------ acts on elements

    def _on_target(self, links: tuple[Link, ...], act: Link, where: str) -> None:
        if links and links[0].name in ("keyboard", "mouse"):
            codegen_acts.bare(self.intake, links[0].name, act, where, self._text)
            return
        if not links:  # the older form, with a selector first: page.click("text=Save")
            links, act = (Link("locator", act.args[:1]),), replace(act, args=act.args[1:])
        if act.name == "hover":
            self.intake.hover(where, *mark_of(links, self._text))
            return
        mark = self._mark(links, where)
        match act.name:
            case "click" | "dblclick" | "tap" | "check" | "uncheck" | "set_checked":
                codegen_acts.click(self.intake, mark, act, where)
            case "fill" | "set_input_files" | "select_option" | "clear":
                codegen_acts.fill(self.intake, mark, act, where, self._text)
            case "press_sequentially" | "type" | "press":
                codegen_acts.typed(self.intake, mark, act, where, self._text)
            case "drag_to":
                self.intake.add(where, Act("", "drag", mark, self._mark(self._chain(first(act))[1], where)))
            case "wait_for":
                self._follows(where, *codegen_checks.awaited(links, act, self._text))
            case _ if act.name in _NO_STEP:
                self.intake.note(where, f"`{act.name}` is left out; if it opens something, say so with a click")
            case _:
                raise CannotTake(f"`.{act.name}` cannot be said in a workflow")

    # ------------------------------------------------------------------------------------------ expectations

    def _expect(self, subject: ast.expr, value: ast.Call, where: str) -> None:
        check = Link(_last(value), tuple(value.args), {each.arg: each.value for each in value.keywords if each.arg})
        if texts := tuple(map(self._text, own_playwright.record(subject))):
            self.intake.expect(where, Expect("record", "row", seconds=self._seconds(check), row=texts))
            return
        root, links = self._chain(subject)
        if check.name == "to_match_aria_snapshot":
            found, note = codegen_snapshots.read(self._text(first(check)))
            for each in found:
                self.intake.expect(where, replace(each, seconds=self._seconds(check)))
            self.intake.note(where, note)
            return
        negated = check.name.startswith("not_")
        check = replace(check, name=check.name.removeprefix("not_"))
        if links:
            expect, note = codegen_checks.of_element(links, check, self._text, negated=negated)
        elif root in self._pages:
            expect, note = codegen_checks.of_page(check, self._text, negated=negated)
        else:
            raise CannotTake(f"what `{root}` is, is not known here")
        self._follows(where, replace(expect, seconds=self._seconds(check)), note)

    def _follows(self, where: str, found: Expect, note: str) -> None:
        if note and not self.intake.slotted:
            self.intake.note(where, note)
        self.intake.expect(where, found)

    def _seconds(self, link: Link) -> float:
        limit = link.keywords.get("timeout")
        if limit is None:
            return 5.0
        seconds = codegen_acts.number(limit) / 1000
        return seconds if seconds > 0 else 60.0  # none: as long as it takes

    # ------------------------------------------------------------------------------------------ reading expressions

    def _chain(self, node: ast.expr) -> tuple[str, tuple[Link, ...]]:
        called = {
            each.func.id for each in ast.walk(node) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
        }
        if not self.intake.slotted and (strange := called & own_playwright.TOLD):
            raise CannotTake(f"what `{min(strange)}` does is not known here")
        root, links = chain_of(node)
        while root in self._known:
            root, before = self._known[root]
            links = before + links
        return root, links

    def _mark(self, links: tuple[Link, ...], where: str) -> Mark:
        mark, scopes = mark_of(links, self._text)
        if self.intake.slotted:
            return mark
        if said := findable.fault(mark, scopes):
            raise CannotTake(said)
        if said := findable.doubt(mark, scopes):
            self.intake.doubts.setdefault(where, said)
        if scopes:
            self.intake.note(
                where, f"that it is inside of {scopes[-1]!r} is not checked; should it not be the only one, it halts"
            )
            mark = replace(mark, of=max(mark.of, 2))
        mark, said = findable.counted(mark)
        if said:
            self.intake.note(where, said)
        if findable.weak(mark) and not said and not findable.is_page(mark):
            self.intake.note(where, f"it is known as {_called(mark)!r} alone; should two of that show, it halts")
        return mark

    def _text(self, node: ast.expr) -> str:
        if self.intake.slotted:
            return own_playwright.text(node, self.intake.params, self._rows)
        match node:
            case ast.Constant(value=str(found)):
                return found
        raise CannotTake(f"`{ast.unparse(node)}` is no plain text")


def _called(mark: Mark) -> str:
    return mark.locators[0].value if mark.locators else mark.role


def _expected(value: ast.expr) -> ast.expr | None:
    """What an `expect(subject).check()` is about."""
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="expect"), args=[subject, *_]))):
            return subject
    return None


def _last(value: ast.expr) -> str:
    """The name of what is called."""
    match value:
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name
        case _:
            return ""
