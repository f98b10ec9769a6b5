"""A workflow as an Agent Skills folder (agentskills.io): SKILL.md, and beside it the workflow file.

The text says what it does, what it needs, how it is run, what it checks and what cannot be taken back. It holds no
secret and no value but the defaults.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

from cua.errors import UsageError
from cua.memory.workflows import ANY_RECORD, Act, Expect, Param, Workflow
from cua.record import shape
from cua.secrets import variable_of

LONGEST_NAME, LONGEST_DESCRIPTION = 64, 1024
FILE = "workflow.toml"
_MOST = 60  # lines of a list, so that the page stays short
_KINDS = {"rows": "a CSV file with a header", "secret": "a secret, by reference"}
_VERBS = {"click": "click", "fill": "fill in", "type": "type into", "press": "press", "drag": "drag", "open": "open"}
_NO_TAGS = str.maketrans("<>", "  ")


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
    head = {
        "name": skill_name(workflow.name),
        "description": _description(workflow, goal)[:LONGEST_DESCRIPTION],
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


def _description(workflow: Workflow, goal: str) -> str:
    """What it does, with which parameters, and when to use it: what an agent has to choose by."""
    named = goal == workflow.name
    wish = _plain(re.sub(r"[-_.]+", " ", goal) if named else goal, 200).rstrip(". ")
    does = "; ".join(_deeds(workflow)) or "nothing"
    where = _plain(", ".join(workflow.origins) or workflow.on, 100)
    given = ", ".join(_about(param) for param in workflow.params)
    final = any(act.risk == "irreversible" for act in workflow.acts())
    said = [
        f"Repeats the recorded task \u201c{wish}\u201d" if named else f"{wish}. Repeats the recorded steps",
        f"on {where}, checks each, and needs no model: {does[:350]}.",
        f"Parameters: {given[:250]}." if given else "It takes no parameters.",
        "Some of it cannot be taken back." if final else "",
        f"Use when asked for \u201c{wish}\u201d or for these steps{', also with other values' if given else ''}.",
    ]
    return " ".join(filter(None, said))


def _deeds(workflow: Workflow) -> Iterator[str]:
    """The acts in a few words, those alike in one."""
    acts = [(_VERBS[act.do], _object(act)) for act in workflow.acts() if act.do in _VERBS]
    for verb, alike in groupby(acts, key=lambda pair: pair[0]):
        yield f"{verb} {', '.join(dict.fromkeys(what for _, what in alike))}"


def _object(act: Act) -> str:
    """What is acted on, by its label; never what is typed."""
    if act.do in ("press", "open"):
        return _plain(act.text, 60)
    return _plain(act.target.name or act.target.role, 40) if act.target else "text"


def _about(param: Param) -> str:
    default = "" if param.default is None else f", {_plain(param.default, 30)} if unsaid"
    return f"{param.name} ({_KINDS.get(param.kind, param.kind)}{default})"


def _plain(text: str, longest: int) -> str:
    """Text of a page or a person as words; slots by their names."""
    words = " ".join(re.sub(r"\$\{([^}]*)\}", r"\1", text).translate(_NO_TAGS).split())
    return words if len(words) <= longest else words[: longest - 1] + "\u2026"


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
        found += ["", f"Secrets ({', '.join(secrets)}) are kept in the keyring: `cua secret set NAME`, once for each;"]
        found += [f"or they come from the environment: {', '.join(f'`{variable_of(name)}`' for name in secrets)}."]
    return found


def _param(each: object) -> str:
    param = each
    name, kind, default, label = (getattr(param, key) for key in ("name", "kind", "default", "label"))
    said = _KINDS.get(kind, kind)
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
    part = "with " if each.part and each.kind in ("shows", "gone") else ""
    row = f"in the row of “{_line(each.row[0])}”" if each.row else ""
    what = " ".join(filter(None, (each.role, f"{part}“{_line(each.name)}”" if each.name else "", row)))
    match each.kind:
        case "gone" if each.role == ANY_RECORD:
            return f"{what} no longer shows as it was"
        case "shows" | "gone":
            return f"{what} {'shows' if each.kind == 'shows' else 'is gone'}"
        case "holds":
            return f"{what} holds {'something with ' if each.part else ''}`{_code(each.value)}`"
        case "checked":
            return f"{what} is {each.value}"
        case "record":
            return f"one record says {', '.join(f'“{_line(text)}”' for text in each.row)}"
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
