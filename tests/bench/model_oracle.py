"""A model that knows the way: a real endpoint whose answers are an oracle's, each after a set delay.

It finds what it names in the list that it was sent, as a real model would, and says that it is done at the end of its
way. Asked to judge, it looks at the world; asked what a run teaches, it tells the acts. It counts what it is asked.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from tests.bench.second_time_tasks import TYPE, Way
from tests.model_server import Answer, Asked, Call, form_of, lesson

_ACTS = "\nacts, in order:\n"


_DONE = Answer(calls=(Call("done", {"claim": "it is so", "evidence": [{"look": "now", "shows": "it is so"}]}),))


@dataclass(slots=True)
class Oracle:
    """`way` is what it does now; `deciding`, `judging` and `distilling` count the calls since it was set."""

    delay: float
    came: Callable[[], bool] = lambda: False
    way: Way = ()
    at: int = 0
    deciding: int = 0
    judging: int = 0
    distilling: int = 0
    lost: str = ""
    pause: threading.Event = field(default_factory=threading.Event)

    def set(self, way: Way, came: Callable[[], bool]) -> None:
        """Another task begins."""
        self.way, self.came, self.at, self.lost = way, came, 0, ""
        self.deciding = self.judging = self.distilling = 0

    def __call__(self, asked: Asked) -> Answer:
        if self.delay:
            self.pause.wait(self.delay)
        match form_of(asked):
            case "verdict":
                self.judging += 1
                outcome = "pass" if self.came() else "fail"
                given = {"outcome": outcome, "reason": "piece 1 shows it", "cites": [1]}
                return Answer(calls=(Call("verdict", given),))
            case "lesson":
                self.distilling += 1
                return summed_up(asked)
            case _:
                self.deciding += 1
                return self._next(asked)

    def _next(self, asked: Asked) -> Answer:
        if self.at >= len(self.way):
            return _DONE
        step = self.way[self.at]
        name = step if isinstance(step, str) else step[0]
        if name == TYPE:
            self.at += 1
            return Answer(calls=(Call("type", {"text": step[1]}),))
        number = numbered(words(asked), name)
        if number is None and self.at and self.came():
            return _DONE  # a memory did the rest
        if number is None:
            self.lost = self.lost or f"{name!r} is not in the list"
            return Answer(calls=(Call("ask", {"question": f"where is {name}?"}),))
        self.at += 1
        if isinstance(step, str):
            return Answer(calls=(Call("click", {"element": number}),))
        return Answer(calls=(Call("fill", {"element": number, "text": step[1]}),))


def summed_up(asked: Asked) -> Answer:
    """What the run that it was told teaches: when its task is asked for, its acts."""
    said = words(asked)
    task = re.search(r"^task: (.*)", said, re.MULTILINE)
    acts = [line[2:] for line in takewhile(lambda line: line.startswith("- "), said.partition(_ACTS)[2].splitlines())]
    return lesson(f"to {task[1]}" if task else "for such a task", f"in order: {', then '.join(acts)}"[:300])


def words(asked: Asked) -> str:
    """What a request tells of the moment."""
    content: Any = asked["messages"][-1]["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def numbered(told: str, name: str) -> int | None:
    """The number of what is called so in the list, the last one that is: menus come after the bar that they hang on.
    A digit may stand in a run, such as 7-9 button "1" to "3".
    """
    found = re.findall(rf'(?:^| \| )(\d+) [\w-]+ "{re.escape(name)}"', told, re.MULTILINE)
    if found:
        return int(found[-1])
    for first, begin, end in re.findall(r'(?:^| \| )(\d+)-\d+ [\w-]+ "(\d+)" to "(\d+)"', told, re.MULTILINE):
        if name.isdigit() and int(begin) <= int(name) <= int(end):
            return int(first) + int(name) - int(begin)
    return None
