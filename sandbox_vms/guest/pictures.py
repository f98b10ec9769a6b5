"""Pictures that are named by a number: who gets the pixels makes their hash, for in an emulated machine that takes as
long as all the rest of taking one. It is never told outside of the wire.
"""

from __future__ import annotations

import uuid
from itertools import count

from cua.core import Box, Frame
from drivers.frames import Frames

_numbers = count(1)
_ours = uuid.uuid4().hex[:8]  # so that the numbers of an agent that was started anew are others


class Numbered(Frames):
    """The eye of a desktop, whose frames have a number where others have the hash of their pixels."""

    def _frame(self, box: Box, pixels: bytearray) -> Frame:
        """The same frame as last time if nothing changed."""
        if self._last and self._last[0] == box and self._last[1].pixels == pixels:
            return self._last[1]
        frame = Frame(f"{_ours}.{next(_numbers)}", box.width, box.height, pixels=pixels)
        self._last = (box, frame)
        return frame
