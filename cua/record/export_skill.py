"""A workflow as an Agent Skills folder (agentskills.io): SKILL.md, and beside it the workflow file.

The text says what it does, what it needs, how it is run, what it checks and what cannot be taken back. It holds no
secret and no value but the defaults.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator

from cua.errors import UsageError
from cua.memory.workflows import Act, Expect, Workflow
from cua.record import shape

LONGEST_NAME, LONGEST_DESCRIPTION = 64, 1024
FILE = "workflow.toml"
_MOST = 60  # lines of a list, so that the page stays short


def skill_name(name: str) -> str:
    """The name as the format allows it: a to z, digits and single hyphens. UsageError if nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_NAME].strip("-")
    if not found:
        raise UsageError(f"no name of a skill can be made of {name!r}: it needs letters a to z; rename the workflow")
    return found


def page(workflow: Workflow) -> str:
    """The text of SKILL.md."""
    goal = " ".join((workflow.goal or workflow.name).split())
    where = ", ".join(workflow.origins) or workflow.on
    what = f"{goal[:600].rstrip('.')}. Replays a recorded and checked workflow on {where}"
    when = f"without a model. Use when asked to {goal[:200].rstrip('.')}"
    head = {
        "name": skill_name(workflow.name),
        "description": f"{what[:800]}, {when}."[:LONGEST_DESCRIPTION],
        "compatibility": f"Needs the program cua on this machine and {_screen(workflow)}."[:500],
    }
    told = {
        "cua-workflow": workflow.name,
        "cua-version": str(workflow.version),
        "cua-format": str(workflow.format),
        "cua-risk": _worst(workflow),
    }
    lines = ["---", *(f"{key}: {_yaml(value)}" for key, value in head.items()), "metadata:"]
    lines += [f"  {key}: {_yaml(value)}" for key, value in told.items()]
    lines += ["---", "", f"# {_line(workflow.name)}", "", f"{_line(goal)}", ""]
    for title, found in _sections(workflow):
        lines += [f"## {title}", "", *found, ""]
    return "\n".join(lines).rstrip() + "\n"


def _sections(workflow: Workflow) -> Iterator[tuple[str, list[str]]]:
    yield "Run it", _run(workflow)
    if workflow.params:
        yield "Parameters", [_param(each) for each in workflow.params]
    yield "What it does", _short([f"{n}. {_act(act)}" for n, act in enumerate(workflow.acts(), 1)])
    yield "What it checks", _checks(workflow)
    yield "Risk", _risks(workflow)


def _run(workflow: Workflow) -> list[str]:
    needed = [each.name for each in workflow.params if each.default is None and each.kind != "secret"]
    given = "".join(f" --param {name}=VALUE" for name in needed)
    name = workflow.name if re.fullmatch(r"[\w.-]+", workflow.name) else f"'{workflow.name}'"
    found = [
        f"The workflow is in [{FILE}]({FILE}). From this folder, once:",
        "", "```sh", f"cua workflows import {FILE}", "```", "", "Then, as often as needed:", "",
        "```sh", f"cua replay {name}{given} --json", "```", "",
        "`--dry-run` finds every target without acting. The last line of the output has the outcome: `pass`, `fail`, "
        "`unknown` or `refused` (exit codes 0, 1, 4 and 3). Do not run it again by yourself after `unknown`.",
    ]  # fmt: skip
    secrets = [each.name for each in workflow.params if each.kind == "secret"]
    if secrets:
        found += ["", f"Secrets ({', '.join(secrets)}) are kept in the keyring: `cua secret set NAME`, once for each."]
    return found


def _param(each: object) -> str:
    param = each
    name, kind, default, label = (getattr(param, key) for key in ("name", "kind", "default", "label"))
    said = {"rows": "a CSV file with a header", "secret": "a secret, by reference"}.get(kind, kind)
    rest = f"default `{_code(default)}`" if default is not None else "must be given"
    return f"- `{name}`: {said}, {rest}" + (f" ({_line(label)})" if label and label != name else "")


def _act(act: Act) -> str:
    if act.say:
        return _line(act.say)
    target = f" {act.target.role} “{_line(act.target.name)}”" if act.target else ""
    text = f" `{_code(act.text)}`" if act.text else ""
    return f"{act.do}{target}{text}"


def _checks(workflow: Workflow) -> list[str]:
    """Each expectation once, in the order of the steps, then what is required of the world."""
    after = [_expect(each) for act in workflow.acts() for each in act.expect]
    found = [f"- On the screen: {said}" for said in dict.fromkeys(after)]
    for each in workflow.effects:
        table = shape.effect(each)
        rest = ", ".join(f"{key} `{_code(str(value))}`" for key, value in table.items() if key != "kind")
        found.append(f"- In the world: {table['kind']}, {rest}")
    if not workflow.effects:
        found.append("- Nothing is read back from the world; the outcome rests on what the screen shows.")
    return _short(found)


def _expect(each: Expect) -> str:
    what = " ".join(filter(None, (each.role, f"“{_line(each.name)}”" if each.name else "")))
    match each.kind:
        case "shows" | "gone":
            return f"{what} {'shows' if each.kind == 'shows' else 'is gone'}"
        case "holds":
            return f"{what} holds `{_code(each.value)}`"
        case "checked":
            return f"{what} is {each.value}"
        case "at":
            return f"the address is like `{_code(each.value)}`"
        case "window" | "closed":
            return f"a window “{_line(each.name or each.value)}” is {'open' if each.kind == 'window' else 'closed'}"


def _risks(workflow: Workflow) -> list[str]:
    final = [act for act in workflow.acts() if act.risk == "irreversible"]
    if not final:
        return ["Nothing in it is marked as impossible to take back."]
    return ["These steps cannot be taken back:", "", *_short([f"- `{act.id}`: {_act(act)}" for act in final])]


def _worst(workflow: Workflow) -> str:
    risks = {act.risk for act in workflow.acts()}
    return next((each for each in ("irreversible", "reversible") if each in risks), "read")


def _screen(workflow: Workflow) -> str:
    return "a browser" if workflow.on == "web" else "a desktop with the app it was shown on"


def _short(lines: list[str]) -> list[str]:
    return [*lines[:_MOST], f"- and {len(lines) - _MOST} more, in {FILE}"] if len(lines) > _MOST else lines


def _line(text: str) -> str:
    """Text of a page as plain words on one line: it must not turn into Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", " ".join(text.split()))[:300]


def _code(text: str) -> str:
    return " ".join(text.replace("`", "'").split())[:200]


def _yaml(text: str) -> str:
    """A double-quoted scalar: JSON's strings are YAML's. Three dashes would end the front matter for simple readers."""
    return json.dumps(text, ensure_ascii=False).replace("---", "\\x2d--")
