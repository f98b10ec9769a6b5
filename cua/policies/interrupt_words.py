"""What interruptions say: the words by which they are known, and those by which somebody did ask for them."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal[
    "cookies", "newsletter", "permission", "update", "rating", "chat", "tip", "crash report", "notice", "leaving",
    "dialog", "covered", "busy", "signed out", "reloaded", "vanished", "person",
]  # fmt: skip

# what nobody asks for: how it speaks, and which words of a goal or of an act say that somebody did after all
_NUISANCES: tuple[tuple[Kind, str, str], ...] = (
    ("cookies", r"\bcookies?\b|\bgdpr\b|privacy (preferences|choices)", r"cookie|privacy|consent"),
    (
        "permission",
        r"\b(wants?|would like|asks?) to\b.*\b(notif\w*|location|camera|microphone|clipboard|contacts|track)"
        r"|\b(enable|allow|turn on)\b.*\bnotifications?\b|\bknow your location\b",
        r"notif|locat|camera|microphone|permission|clipboard|contact|near me",
    ),
    (
        "newsletter",
        r"\bnewsletter\b|\bmailing list\b|\bdon.t miss\b|\b\d+ ?% off\b",
        r"newsletter|subscri|mailing|sign up|offer|discount|coupon",
    ),
    (
        "update",
        r"\b(update|upgrade|new(er)? version)s?\b.*\b(available|ready|install\w*|download\w*)"
        r"|\b(available|ready)\b.*\b(update|upgrade|new(er)? version)s?\b",
        r"updat|upgrad|version|install",
    ),
    (
        "rating",
        r"\brat(e|ing) (us|this|our|your)\b|\bsurvey\b|\bfeedback\b|\benjoying\b",
        r"rat(e|ing)|survey|feedback",
    ),
    ("chat", r"\bchat\b.*\bus\b|\bneed (any |some )?help\b|\bcan (we|i) help\b", r"chat|help|support|assist"),
    (
        "tip",
        r"\btip of the day\b|\bdid you know\b|\bwhat.s new\b|\btake a tour\b|\bquick tour\b",
        r"\btips?\b|tour|new",
    ),
    (
        "crash report",
        r"\b(crashed|(stopped|closed|quit) unexpectedly|internal error)\b",
        r"crash|report|bug",
    ),
    (
        "notice",
        r"\b(battery|disk space|low on space|maintenance|connection (was )?lost|(went|are) offline|reminder)\b",
        r"batter|disk|mainten|connect|offline|remind",
    ),
)
_ABOUT_ACTS = re.compile(
    r"\b(are you sure|really|undone|undo|discard|unsaved|overwrit\w*|replaced?|confirm|save (the )?changes|permanent\w*"
    r"|delet\w*|remov\w*|eras\w*|already exists)\b",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"\b(error|fail\w*|could ?n.t|could not|cannot|can.t|unable|invalid|denied|required|must|not (found|saved|sent)"
    r"|wrong|missing|unsaved|lost|delet\w*|remov\w*|eras\w*)\b",
    re.IGNORECASE,
)
_SIGNED_OUT = re.compile(
    r"session (has )?(expired|ended|timed out)|(signed|logged) out|(log|sign) in again", re.IGNORECASE
)
_LOGIN = re.compile(r"\b(log|sign)[ -]?(in|on)\b", re.IGNORECASE)
_LOGIN_PATH = re.compile(r"(^|[/_-])(log[-_]?in|sign[-_]?in|auth|sso)([/_.?-]|$)", re.IGNORECASE)
_ABOUT_LOGIN = re.compile(r"\b(log|sign)[ -]?(in|on|out|off|up)\b|password|register|account", re.IGNORECASE)
_ENDING = re.compile(r"quit|exit|close|log ?out|shut ?down|restart|end|[×✕✖]", re.IGNORECASE)
_BUSY = re.compile(r"^(loading|please wait|working|processing|one moment|just a moment)\b", re.IGNORECASE)
_CLOSES = frozenset(
    {"close", "dismiss", "not now", "no thanks", "no, thanks", "maybe later", "later", "skip", "remind me later"}
    | {"ask me later", "ask again later", "hide", "got it", "×", "✕", "✖", "x"}
)
_DENIES = frozenset(
    {"reject", "reject all", "decline", "decline all", "refuse", "deny", "block", "don't allow", "do not allow", "no"}
    | {"only necessary", "necessary only", "essential only", "continue without accepting", "cancel", "don't send"}
)
_LEAST = 4  # letters of a word that says what something is about
_STEM = 5
_EMPTY = frozenset(
    {
        "about",
        "also",
        "been",
        "button",
        "click",
        "from",
        "have",
        "here",
        "into",
        "just",
        "more",
        "need",
        "only",
        "other",
    }
    | {"page", "please", "press", "that", "their", "them", "then", "there", "these", "this", "type", "want", "when"}
    | {"will", "with", "would", "your", "dialog", "window"}
)


def kind_of(text: str) -> Kind | None:
    """What kind of nuisance says this; None for what may well be about somebody's act."""
    if _ABOUT_ACTS.search(text):
        return None
    return next((kind for kind, says, _ in _NUISANCES if re.search(says, text, re.IGNORECASE | re.DOTALL)), None)


def wanted(kind: Kind, text: str) -> bool:
    """Whether a goal or an act in these words is about such a thing itself."""
    return any(re.search(words, text, re.IGNORECASE) for each, _, words in _NUISANCES if each == kind)


def akin(one: str, other: str) -> bool:
    """Whether both texts have a word in common that says something."""
    return bool(_stems(one) & _stems(other))


def _stems(text: str) -> set[str]:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return {word[:_STEM] for word in words if len(word) >= _LEAST and word not in _EMPTY}


def complains(text: str) -> bool:
    """Whether it says that something went wrong or is lost: nothing to be put away unread."""
    return bool(_WRONG.search(text))


def signed_out_says(text: str) -> bool:
    return bool(_SIGNED_OUT.search(text))


def login_page(path: str, text: str) -> bool:
    """Whether an address and what its page says are those of a page to log in on."""
    return bool(_LOGIN_PATH.search(path) and _LOGIN.search(text))


def about_login(text: str) -> bool:
    """Whether a goal or an act is about logging in or out itself."""
    return bool(_ABOUT_LOGIN.search(text))


def ends(text: str) -> bool:
    """Whether an act of that name may end the program."""
    return bool(_ENDING.search(text))


def busy_says(text: str) -> bool:
    return bool(_BUSY.search(text.strip()))


def closes(name: str) -> bool:
    """Whether a button of that name only puts away what it stands on."""
    return _plain(name) in _CLOSES


def denies(name: str) -> bool:
    """Whether it says no to what was asked."""
    return _plain(name) in _DENIES


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("’", "'").split()).rstrip(".…!")
