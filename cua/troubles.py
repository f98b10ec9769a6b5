"""How a run that stopped in trouble is told to a person: what happened and what to do, not which class said so.

It changes no record; there the name of the class stays before the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cua.errors import TroubleError


def plainly(reason: str) -> str:
    """A run's reason without the name of one of our errors before it."""
    return re.sub(rf"^(?:{'|'.join(_names(TroubleError))}): ", "", reason)


def _names(kind: type[TroubleError]) -> Iterator[str]:
    yield kind.__name__
    for each in kind.__subclasses__():
        yield from _names(each)
