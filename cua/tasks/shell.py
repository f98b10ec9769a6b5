"""Which programs a script for the shell starts, as far as their names stand in it. Nothing is run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_WORD = re.compile(r"[A-Za-z][\w.+-]*")
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=\S*")
_BEFORE = frozenset({"if", "then", "else", "elif", "while", "until", "do", "!", "{", "sudo", "timeout", "nohup", "env"})
_COMMANDS = frozenset({"sudo", "timeout", "nohup", "env"})


def heads(script: str) -> list[str]:
    """The programs that a script for the shell starts, as far as their names stand in it."""
    return [name for part in _parts(script) for name in _head(part.split())]


def _head(words: Sequence[str]) -> Iterator[str]:
    """The name of the program, and of those that start it."""
    started = False
    for word in words:
        if word in _COMMANDS:
            started = True
            yield word
        elif word in _BEFORE or _ASSIGNED.fullmatch(word) or (started and not _WORD.fullmatch(word)):
            continue  # what starts others may have options of its own
        else:
            if _WORD.fullmatch(word):
                yield word
            return


def _parts(script: str) -> list[str]:
    """The simple commands of a script, without what is quoted in them; those in "$(...)" are commands of their own."""
    done: list[str] = []
    stack = [""]  # the commands that are being read, the inner last
    quotes = [False]  # whether that place is within double quotes
    at = 0
    while at < len(script):
        sign, two = script[at], script[at : at + 2]
        at += 1
        if sign == "\\":
            at += 1
        elif sign == "'" and not quotes[-1]:
            end = script.find("'", at)
            at = len(script) if end < 0 else end + 1
            stack[-1] += "_"
        elif sign == '"':
            quotes[-1] = not quotes[-1]
            stack[-1] += "_"
        elif two == "$(":
            at += 1
            stack.append("")
            quotes.append(False)
        elif sign == ")" and len(stack) > 1 and not quotes[-1]:
            quotes.pop()
            done.append(stack.pop())
            stack[-1] += "_"
        elif not quotes[-1]:
            if sign in "|;&\n(":
                done.append(stack[-1])
                stack[-1] = ""
            else:
                stack[-1] += sign
    return [part for part in (*done, *stack) if part.strip()]
