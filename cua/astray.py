"""What a person may do after a replay that was done to its end, where its effects did not come or other things changed.

Words only: it reads no world and changes no workflow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from glob import escape
from json import dumps
from pathlib import PurePath

from cua.checks import FileHolds
from cua.core import Evidence
from cua.memory.workflows import Workflow


def astray(
    workflow: Workflow, evidence: Sequence[Evidence], aside: Sequence[str], moved: Sequence[str], edit: str
) -> tuple[str, ...]:
    """What may be done after a replay whose effects did not come, or that changed other things too: `aside` are their
    keys, `moved` all that differs, as `onward.changed` words it, `edit` the command that opens the workflow.
    """
    return tuple(_astray(workflow, evidence, aside, moved, edit))


def _astray(
    workflow: Workflow, evidence: Sequence[Evidence], aside: Sequence[str], moved: Sequence[str], edit: str
) -> Iterator[str]:
    yield "look at the screens in the report"
    left = list(aside)
    whole = len(evidence) == len(workflow.effects)
    for number, found in enumerate(evidence if whole else ()):
        if found.holds is not False:
            continue
        made = _made_instead(found, left, moved) if isinstance(workflow.effects[number], FileHolds) else ""
        if made:
            left.remove(f"file:{made}")
            yield f"{made} was made instead; if that is right, change effects[{number}].path in the workflow: {edit}"
        else:
            yield f"{found.saying}; if it should be so, change effects[{number}] in the workflow: {edit}"
    if left:
        keys = ", ".join(dumps(escape(key).replace("${", "$${"), ensure_ascii=False) for key in left)
        more = f" beside what stands in its `allowed`: [{keys}]" if workflow.allowed else f": allowed = [{keys}]"
        yield f"if that may change too, write it into the workflow{more}: {edit}"


def _made_instead(found: Evidence, aside: Sequence[str], moved: Sequence[str]) -> str:
    """The one file that was made where another was looked for in vain, and that is of its kind; "" where none is."""
    _, missing, wanted = found.saying.partition("there is no ")
    if not missing:
        return ""
    files = [key.removeprefix("file:") for key in aside if key.startswith("file:")]
    alike = [file for file in files if PurePath(file).suffix == PurePath(wanted).suffix]
    made = [file for file in alike if f"file ~/{file} created" in moved]
    return made[0] if len(made) == 1 else ""
