"""A workflow as a Playwright test in Python, that runs by itself or under pytest and needs nothing of ours.

Every expectation is checked, every value can be given, secrets come from the environment. What a browser test cannot
check, the effects in the world, is said in its text; it is never passed over in silence.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.resources import files

from cua.errors import UsageError
from cua.memory.workflows import ANY_RECORD, Act, Each, Expect, IfPresent, Mark, Param, Step, Workflow
from cua.record import shape
from cua.record.own_playwright import ONE, identifier, row_of, variable
from cua.record.params import slug
from cua.record.playwright_source import Source, keys, quoted

_CELLS = frozenset({"cell", "gridcell", "rowheader", "listitem", "row"})
_HISTORY = {"alt+left": "page.go_back()", "alt+right": "page.go_forward()", "f5": "page.reload()"}
_MODIFIERS = {"ctrl": "Control", "shift": "Shift", "alt": "Alt", "super": "Meta"}
_IMPORTS = (
    ("import argparse", ""), ("import csv", "rows"), ("import os", ""), ("import re", "re"),
    ("from dataclasses import dataclass, field", "field"), ("from dataclasses import dataclass", "no field"),
    ("from pathlib import Path", "rows"),
    ("from typing import Annotated", "annotated"),
)  # fmt: skip


def source(workflow: Workflow) -> str:
    """The script. Raises UsageError for a workflow not shown on the web, or with a step that no browser test can do."""
    if workflow.on != "web":
        only = "Playwright drives web pages only; export it as a skill or as json"
        raise UsageError(f"{workflow.name} was shown on {workflow.on!r}, and {only}")
    write = Source(imported=workflow.source == "import")
    body = list(_body(workflow, write))
    values = list(_values(workflow, write))
    if {"at", "named", "plain", "part", "anything"} & write.needs:
        write.needs.add("re")
    parts = _parts()
    own = [parts[name].rstrip() for name in parts if name in write.needs]
    run = "def run(page: Page, values: Values) -> None:\n" + _doc(workflow) + textwrap.indent("\n".join(body), "    ")
    pieces = [
        _head(workflow, write),
        "\n".join(values),
        *own,
        run,
        _options(workflow) + "\n\n\n" + _end(workflow, parts),
    ]
    return "\n\n\n".join(piece.strip("\n") for piece in pieces) + "\n"


def _options(workflow: Workflow) -> str:
    given = {param.name: identifier(param.name) for param in workflow.params if param.kind != "secret"}
    return (
        "OPTIONS: dict[str, str] = {" + ", ".join(f"{quoted(name)}: {quoted(own)}" for name, own in given.items()) + "}"
    )


def _end(workflow: Workflow, parts: dict[str, str]) -> str:
    width, height = workflow.screen
    view = f'viewport={{"width": {width}, "height": {height}}}' if width and height else ""
    return parts["end"].replace("NAME", slug(workflow.name) or "workflow", 1).replace("viewport=VIEWPORT", view)


def _parts() -> dict[str, str]:
    text = files("cua.record").joinpath("playwright_parts.txt").read_text(encoding="utf-8")
    found = re.split(r"^=== (\w+)\n", text, flags=re.M)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def _head(workflow: Workflow, write: Source) -> str:
    secrets = [param for param in workflow.params if param.kind == "secret"]
    said = [f"{workflow.name}: {workflow.goal}" if workflow.goal else workflow.name, ""]
    said.append(f"Version {workflow.version} of a workflow, as a Playwright test. Run it by itself, or with pytest.")
    said.append("It starts Playwright's own browser, or the program that the environment variable BROWSER_PATH names.")
    said += [f"The secret {each.name} comes from the environment variable {variable(each)}." for each in secrets]
    if workflow.effects:
        said.append("What the workflow requires of the world is not checked here:")
        said += [f"- {_effect(each)}" for each in workflow.effects]
    doc = "\n".join(said).replace("\\", "\\\\").replace('"""', "'''")
    known = {*write.needs, "", "field" if "field" in write.needs else "no field"}
    imports = [line for line, need in _IMPORTS if need in known]
    api = ["Locator"] if {"present", "choose", "holds", "only", "anything", "one"} & write.needs else []
    lines = ["from __future__ import annotations", "", *imports, ""]
    if "present" in write.needs:
        lines.append("from playwright.sync_api import TimeoutError as PlaywrightTimeout")
    lines.append(f"from playwright.sync_api import {', '.join([*api, 'Page', 'expect', 'sync_playwright'])}")
    return f'"""{doc}\n"""\n\n' + "\n".join(lines) + "\n"


def _effect(each: object) -> str:
    table = shape.effect(each)  # type: ignore[arg-type]
    return ", ".join(f"{key} {value}" for key, value in table.items())


def _doc(workflow: Workflow) -> str:
    return f'    """{(workflow.goal or workflow.name)[:90].rstrip(chr(92)).replace(chr(34), chr(39))}"""\n'


def _values(workflow: Workflow, write: Source) -> Iterator[str]:
    yield "@dataclass(frozen=True)"
    yield "class Values:"
    yield '    """What may be given."""'
    if workflow.params:
        yield ""
    for param in workflow.params:
        yield f"    {_value(param, write)}"


def _value(param: Param, write: Source) -> str:
    kind = "str"
    own = identifier(param.name)
    if param.kind != "text" or param.label or own != param.name:
        write.needs.add("annotated")
        kind = f"Annotated[str, {quoted(param.kind)}, {quoted(param.name)}, {quoted(param.label)}]"
    if param.default is not None:
        return f"{own}: {kind} = {quoted(param.default)}"
    write.needs |= {"field", "from_environment"}
    hidden = ", repr=False" if param.kind == "secret" else ""
    return f"{own}: {kind} = field(default_factory=lambda: from_environment({quoted(variable(param))}){hidden})"


# ---------------------------------------------------------------------------------------------- steps


def _body(workflow: Workflow, write: Source) -> Iterator[str]:
    if workflow.start:
        yield f"page.goto({write.text(workflow.start)})"
    yield from _steps(workflow.steps, write)


def _steps(steps: tuple[Step, ...], write: Source) -> Iterator[str]:
    answered: Sequence[Act] = ()
    for number, step in enumerate(steps):
        match step:
            case Act() if step in answered:
                yield from _comment(step)
                yield from _checks(step, step.expect, "", write)
            case Act() if _part_of(step):
                raise UsageError(
                    f"step {step.id!r} answers what no step just before it asks; export it as a skill or json"
                )
            case Act():
                yield from _comment(step)
                answered = _answers(steps[number + 1 :])
                yield from _asking(step, answered, write) if answered else _act(step, write)
            case Each():
                yield f"# {step.id}: for each row"
                write.needs.add("rows")
                yield f"for {row_of(step.over)} in rows(values.{identifier(step.over)}):"
                yield textwrap.indent("\n".join(_steps(step.steps, write)), "    ")
            case IfPresent():
                yield f"# {step.id}: only if it shows"
                shown = write.call("present", write.target(step.target), repr(float(step.seconds)))
                yield f"if {shown}:"
                yield textwrap.indent("\n".join(_steps(step.steps, write)), "    ")


def _comment(act: Act) -> Iterator[str]:
    risk = " (cannot be taken back)" if act.risk == "irreversible" else ""
    yield f"# {act.id}{': ' + ' '.join(act.say.split()) if act.say else ''}{risk}"


def _part_of(act: Act) -> str:
    """Of what the browser itself asks, the part that is acted on: "dialog:accept", "chooser:path"; "" for the page."""
    known = {at.kind: at.value for at in act.target.locators} if act.target else {}
    return known["id"] if re.fullmatch(r"(dialog|chooser):\w+", known.get("id", "")) else ""


def _answers(steps: Sequence[Step]) -> list[Act]:
    """The steps that come first and together answer what the browser asks: a text, then a button."""
    found: list[Act] = []
    for step in steps:
        if not isinstance(step, Act) or not _part_of(step):
            break
        found.append(step)
        if _part_of(step) != "dialog:text":
            break
    return found


def _asking(act: Act, answers: Sequence[Act], write: Source) -> Iterator[str]:
    """An act that makes the browser ask something, and the answer, which Playwright must know before or after it."""
    parts = {_part_of(each): each for each in answers}
    asked = [each for each in act.expect if each.kind == "shows" and each.role in ("alertdialog", "dialog")]
    done = list(_act(replace(act, expect=tuple(each for each in act.expect if each not in asked)), write))
    inside = textwrap.indent("\n".join(done), "    ")
    if any(part.startswith("chooser:") for part in parts):
        yield f"with page.expect_file_chooser() as chosen:\n{inside}"
        named = write.text(parts["chooser:path"].text) + ".splitlines()" if "chooser:path" in parts else "[]"
        yield f"chosen.value.set_files({named})"
        return
    how = "accept" if "dialog:accept" in parts else "dismiss"
    text = write.text(parts["dialog:text"].text) if "dialog:text" in parts and how == "accept" else ""
    said = next((each for each in asked if each.name), None)
    like = write.call("part" if said.part else "named", write.text(said.name)) if said else ""
    only = f", lambda dialog: {like}.search(dialog.message) is not None" if like else ""
    yield f'page.once("dialog", lambda dialog: dialog.{how}({text}))'
    yield f'with page.expect_event("dialog"{only}):\n{inside}'


def _act(act: Act, write: Source) -> Iterator[str]:
    if any("frames" in mark.says for mark in (act.target, act.to) if mark):
        what = f"step {act.id!r} is in a frame of which only the number is known, which no Playwright test is made for"
        raise UsageError(f"{what}; export it as a skill or as json")
    target = write.target(act.target) if act.target else ""
    checks = list(act.expect)
    if act.target and ".nth(" in target:
        yield f"# nothing but its place tells this one from {act.target.of - 1} others"
    if ".filter(has" in target and ".nth(" not in target:
        yield write.call(ONE, target)
    ticked = next((each for each in checks if each.kind == "checked" and _is_it(each, act)), None)
    if act.do == "click" and ticked and not _how(act):
        yield f"{target}.{'check' if ticked.value == 'on' else 'uncheck'}()"
        checks.remove(ticked)
    else:
        yield from _done(act, target, write)
    yield from _checks(act, checks, target, write)


def _checks(act: Act, checks: Iterable[Expect], target: str, write: Source) -> Iterator[str]:
    for expect in checks:
        if expect.kind == "record" and not expect.role:
            told = " and ".join(map(quoted, expect.row))
            yield f"# {told} together, which is not checked: a browser knows no rows here"
            continue
        if expect.role == ANY_RECORD:
            yield f"# that no row says {quoted(expect.name)} as before, which is not checked: a namesake may show"
            continue
        same = target if _is_it(expect, act) else ""
        rows = bool(expect.row) and (expect.kind == "record" or write.imported or _in_rows(expect, act))
        if expect.row and not rows:
            yield f"# in the row of {quoted(expect.row[0])}, which is not checked: a browser knows no rows here"
        if rows or not expect.row or expect.kind != "gone":
            yield write.expectation(expect, same, rows=rows)


def _in_rows(expect: Expect, act: Act) -> bool:
    """Whether what must come up in a row does so in one that a browser knows as such."""
    stands = act.target.says.get("xpath", "") if act.target is not None else ""
    return expect.role in _CELLS or bool(re.search(r"/(tr|li|article)\[", stands))


def _done(act: Act, target: str, write: Source) -> Iterator[str]:
    match act.do:
        case "click":
            yield f"{target}.click({_how(act)})"
        case "fill" if act.target is not None:
            yield _fill(act.target, target, act.text, write)
        case "type":
            text = write.text(act.text)
            yield f"{target}.press_sequentially({text})" if target else f"page.keyboard.type({text})"
        case "press":
            yield _press(act, target)
        case "drag" if act.to is not None:
            yield f"{target}.drag_to({write.target(act.to)})"
        case "open" if act.text.startswith("tab:"):
            raise _tabs(act)
        case "open":
            yield f"page.goto({write.text(act.text)})"
        case _:
            yield from _moved(act, target)


def _moved(act: Act, target: str) -> Iterator[str]:
    if act.do == "scroll":
        yield f"{target}.hover()" if target else "# the page is scrolled where the pointer is"
        if any(act.scroll):
            yield f"page.mouse.wheel({act.scroll[0] * 100}, {act.scroll[1] * 100})"
    elif act.do == "wait" and not act.expect:
        yield 'page.wait_for_load_state("networkidle")'


def _is_it(expect: Expect, act: Act) -> bool:
    """Whether an expectation is about what was acted on, and not about something in a row that may be another."""
    same = act.target is not None and (expect.role, expect.name) == (act.target.role, act.target.name)
    return same and not expect.row and act.target is not None and act.target.of == 1


def _how(act: Act) -> str:
    found = []
    if act.button != "left":
        found.append(f"button={quoted(act.button)}")
    if act.count != 1:
        found.append(f"click_count={act.count}")
    if act.keys:
        found.append("modifiers=[" + ", ".join(quoted(_MODIFIERS[each]) for each in act.keys) + "]")
    return ", ".join(found)


def _fill(mark: Mark, target: str, text: str, write: Source) -> str:
    value = write.text(text)
    if mark.role in ("combobox", "listbox") or write.guessed(mark):
        return write.call("choose", target, value)
    if mark.role == "button" or mark.says.get("type") == "file":
        return f"{target}.set_input_files({value}.splitlines())"
    return f"{target}.fill({value})"


def _press(act: Act, target: str) -> str:
    if act.text.casefold() in _HISTORY:
        return _HISTORY[act.text.casefold()]
    if act.text.casefold() in ("ctrl+w", "ctrl+t"):
        raise _tabs(act)
    return f"{target}.press({quoted(keys(act.text))})" if target else f"page.keyboard.press({quoted(keys(act.text))})"


def _tabs(act: Act) -> UsageError:
    what = f"step {act.id!r} goes to another tab, which a Playwright test made here does not do"
    return UsageError(f"{what}; cut the workflow there, or export it as a skill or as json")
