"""What a file's row said when it was recorded, kept beside the values in it that a mark knows the row by.

With the recorded values the row must say all of it; with others nobody knows the rest. Pure over texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cua.memory.workflows import Param, filled, literal, slots
from cua.policies.contained import HAD, WAS


def remembered(said: Sequence[str], row: Sequence[str], params: Sequence[Param]) -> dict[str, str]:
    """What a mark says beside of a row that a file tells by the texts `said` (with slots), and the mark by `row`.

    Nothing where the slots in `row` are all that was said, or where the value of one is not known.
    """
    values = {param.name: param.default for param in params if param.default is not None}
    known = [text for text in row if slots(text)]
    more = [text for text in said if text not in known]
    if not known or not more or {slot for text in (*known, *more) for slot in slots(text)} - values.keys():
        return {}
    return {kind: "\n".join(filled(text, values) for text in texts) for kind, texts in ((WAS, more), (HAD, known))}


def told(says: Mapping[str, str], row: Sequence[str]) -> tuple[list[str], list[str]]:
    """All that the row said besides its values, with the slots in `row` where they stood; and those values."""
    found, values = literal(says[WAS]), says[HAD].split("\n")
    for value, slot in zip(values, (text for text in row if slots(text)), strict=True):
        found = found.replace(literal(value), slot)
    return found.split("\n"), values


def note(says: Mapping[str, str]) -> str:
    """What to know of a row that is known by the values in it; "" where it is known by all that was said."""
    if WAS not in says:
        return ""
    value, whole = (" and ".join(map(repr, says[kind].split("\n"))) for kind in (HAD, WAS))
    return (
        f"the row follows {value}: with that it must say {whole} too; with another value the rest is not known, and "
        "what cannot be taken back is done only where exactly one row holds the value"
    )
