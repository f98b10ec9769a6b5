"""What mends a replay that halted, in a sentence for each thing that may be the matter.

Words only. Braces name commands, and what the halt itself knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from typing import Literal, Protocol

from cua.memory.workflows import Workflow
from cua.policies.trail import Matter, Trod


class Commands(Protocol):
    """How the workflow is opened and shown anew, how the replay is done again, where it was to be done by --on, and in
    which lasting sandbox it was.
    """

    @property
    def edit(self) -> str: ...

    @property
    def record(self) -> str: ...

    @property
    def anew(self) -> str: ...

    @property
    def on(self) -> str: ...

    @property
    def lasting(self) -> str: ...


_MISSING = (
    "{values}if it is there only at times, put its steps under an `if present`: {edit}; if the screen has changed for "
    "good, show it once more: {record}"
)
_SENTENCES: Mapping[Matter | Literal["halted"], str] = {
    "": "",
    "missing": _MISSING,
    "changed": _MISSING,
    "ambiguous": "say which one is meant by a text of its row, or show it once more: {edit}, or {record}",
    "elsewhere": (
        "if another page or window may come in between, give it steps of its own under an `if present`: {edit}; if the "
        "way there has changed for good, show it once more: {record}"
    ),
    "signed out": (
        "the page asks for a password, and a replay in a browser starts signed out: make signing in part of the "
        "workflow, from that page on: {record}; or put those steps before it: {edit}"
    ),
    "disabled": (
        "see in the report what it waits for: a field, a choice or an earlier step; give that a step before it: {edit};"
        " or show it once more: {record}"
    ),
    "held": (
        "what stands there may be of an earlier replay: {reset}open a new document, or empty it, before you replay it; "
        "a first step can do that: {edit}"
    ),
    "covered": (
        "what is in the way was not there when this was shown; close it, or let the workflow put it away where it "
        "shows, by an `if present` before step {step} ({edit}){hint}"
    ),
    "halted": (
        "look at the screen in the report; if a dialog or another window is in the way, close it, or give it steps of "
        "its own under an `if present`: {edit}"
    ),
    "unfit": "give {hint} what the field takes; the step is in the workflow: {edit}",
    "outside": (
        "a replay acts only where it was shown{shown}; if it may act there too, write that into `origins` of the "
        "workflow{start}: {edit}"
    ),
    "asked": (
        "a dialog came that did not come when this was shown: {values}{reset}let the workflow answer it ({edit}): take "
        "the `expect` of step {step} away, let [[effects]] say what the world must show, and write after that step, "
        "with the button that is right{hint}"
    ),
    "unsent": "give {hint} what the browser takes; nothing was sent, so that it can be done again",
    "failed": "see first to the server, which says that it failed; what it did all the same, only a look there tells",
    "unanswered": (
        "look first whether the server has done it in the meantime; if it takes so long at times, give what step "
        "{step} expects more `seconds`: {edit}"
    ),
    "unseen": (
        "look at the screen in the report; if the record is on another page of its list, only [[effects]] that say all "
        "values of it, or a search for it as the last step, can tell: {edit}, or {record}; if the page only takes "
        "longer, give step {step} more `seconds`"
    ),
    "unmet": (
        "look at the screen in the report; if this only takes longer, give it more `seconds`, and if it is no longer "
        "so, leave it out: {edit}"
    ),
}


def remedy(trod: Trod, workflow: Workflow, again: Commands, *, known: bool) -> str:
    """What mends the matter of a step that halted, "" where it did not; with `known` only where more is known of it."""
    if trod.stage != "halted" or (known and not trod.matter):
        return ""
    return _SENTENCES[trod.matter or "halted"].format(
        values="see that the values are right; " if workflow.params else "",
        reset=f"cua sandbox reset {quote(again.lasting)}, then {again.anew}; or " if again.lasting else "",
        edit=again.edit,
        record=again.record,
        shown=f", which is {workflow.start} without --on" if again.on and workflow.start else "",
        start=", and into `start` if it is to begin there" if workflow.on == "web" else "",
        step=trod.step,
        hint=trod.hint,
    )
