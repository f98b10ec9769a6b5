"""The program of a worker of practice, as the writer starts it: python -m cua.practice_worker DESCRIPTOR."""

from __future__ import annotations

import sys

from cua import codec
from cua.app import Machine, Say, machine
from cua.practice.rounds import Restorable
from cua.practice.worker import serve


def machine_of(text: str, say: Say) -> Restorable:
    """The sandbox of a Machine as text."""
    wanted = codec.loads(text, Machine)
    return machine(wanted.kind, wanted.app, say)


if __name__ == "__main__":
    serve(int(sys.argv[1]), machine_of)
