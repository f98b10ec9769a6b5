"""What mends a question that an endpoint did not answer, by the status of its answer and by what it says there."""

from __future__ import annotations

NO_SENSE = "its answer makes no sense; check that model.base_url is an endpoint that speaks what model.speaks says"
CUT = "it ends its answers in the middle; look at its log, then try again"
TOO_LONG = "this is more than its context holds; make model.elements smaller"
UNREACHED = "it cannot be reached; start it, or check model.base_url"
_KEY = "its key is wrong or lacks a right; set it with: cua secret set NAME, and model.key = NAME"
_NOT_THERE = "it has no such model or route; check model.base_url (most end in /v1) and model.name"
_BROKEN = "it failed by itself; try again, or look at its log"
_BLIND = "it takes no such picture; for a model that sees none set model.sees = false"
_LARGE = "the picture is larger than it takes; make model.picture smaller"
_HEAVY = "this is more than it takes at once; make model.picture or model.elements smaller"
_PICTURE = ("image", "vision", "picture", "multimodal", "mmproj")
_SIZE = (
    "too large",
    "too big",
    "larger than",
    "exceed",
    "dimension",
    "maximum",
    "max allowed",
    "size limit",
    "at most",
)
_CONTEXT = ("context length", "context size", "context window", "context_length", "maximum context", "too many tokens",
            "prompt is too long", "input is too long", "exceeds the available context", "maximum number of tokens",
            "reduce the length")  # fmt: skip


def cure(status: int, said: str, *, pictures: bool, wait: str = "") -> str:
    """What is wrong and what to do, for an answer of that status with those words to a question with or without
    pictures; `wait` is the header Retry-After.
    """
    match status:
        case 401 | 403:
            return _KEY
        case 404:
            return _NOT_THERE if not (pictures and _about(said, _PICTURE)) else _BLIND
        case 429:
            left = f" before {wait} s are over" if wait.isdecimal() and int(wait) else " at the moment"
            return f"it takes no more{left}; wait, or check what your account may use"
        case 413:
            return _HEAVY
        case _ if _about(said, _CONTEXT):  # some say it with a status of their own trouble
            return TOO_LONG
        case _ if pictures and _about(said, _PICTURE):
            return _LARGE if _about(said, _SIZE) else _BLIND
        case 400 | 422:
            return "it does not take what was asked; check model.speaks"
        case _ if status >= 500:
            return _BROKEN
    return NO_SENSE


def late(seconds: float) -> str:
    """For one that said nothing for so long."""
    return f"it did not answer within {seconds:g} s; allow more with model.seconds, or see its log"


def _about(said: str, words: tuple[str, ...]) -> bool:
    return any(word in said.lower() for word in words)
