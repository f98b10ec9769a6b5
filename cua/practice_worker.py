"""The program of a worker of practice, as the writer starts it: python -m cua.practice_worker DESCRIPTOR."""

from __future__ import annotations

import sys

from cua.app import machine_of
from cua.practice.worker import serve

if __name__ == "__main__":
    serve(int(sys.argv[1]), machine_of)
