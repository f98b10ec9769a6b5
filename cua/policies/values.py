"""Values out of a sentence: quotes, paths, file names, urls, key chords, numbers with units, sums. Never guesses.

A sentence becomes tokens that remember where they stood, so that text to be typed or a file's name can be taken from
the sentence exactly as it was written. Nothing here knows a verb, an app or a date: dates are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["word", "number", "quoted", "path", "file", "url", "chord"]

UNITS = {
    "%": "%", "percent": "%", "pt": "pt", "pts": "pt", "point": "pt", "points": "pt", "px": "px", "pixel": "px",
    "pixels": "px", "em": "em", "cm": "cm", "centimetres": "cm", "centimeters": "cm", "mm": "mm", "millimetres": "mm",
    "millimeters": "mm", "inch": "in", "inches": "in", "spaces": "spaces", "space": "spaces",
    "characters": "characters", "chars": "characters", "columns": "columns", "degrees": "deg", "degree": "deg",
    "deg": "deg", "°": "deg", "ms": "ms", "milliseconds": "ms", "s": "s", "sec": "s", "secs": "s", "seconds": "s",
    "second": "s", "min": "min", "mins": "min", "minutes": "min", "minute": "min", "h": "h", "hours": "h",
    "hour": "h", "kb": "KB", "mb": "MB", "gb": "GB",
}  # fmt: skip

_KEYS = {
    "enter": "Return", "return": "Return", "escape": "Escape", "esc": "Escape", "tab": "Tab", "space": "space",
    "spacebar": "space", "space bar": "space", "backspace": "BackSpace", "delete": "Delete", "del": "Delete",
    "insert": "Insert", "home": "Home", "end": "End", "page up": "Prior", "pageup": "Prior", "page down": "Next",
    "pagedown": "Next", "up": "Up", "down": "Down", "left": "Left", "right": "Right", "up arrow": "Up",
    "down arrow": "Down", "left arrow": "Left", "right arrow": "Right", "arrow up": "Up", "arrow down": "Down",
    "arrow left": "Left", "arrow right": "Right", "print screen": "Print", "menu": "Menu",
}  # fmt: skip
_MODIFIERS = {
    "ctrl": "ctrl", "control": "ctrl", "alt": "alt", "option": "alt", "shift": "shift", "super": "super",
    "win": "super", "windows": "super", "cmd": "super", "command": "super", "meta": "super",
}  # fmt: skip
_NAMED_KEY = "|".join(sorted((re.escape(k) for k in _KEYS if " " not in k), key=len, reverse=True))
_MODIFIER = r"(?:ctrl|control|alt|option|shift|super|win|cmd|command|meta)"
_UNIT = "|".join(sorted((re.escape(unit) for unit in UNITS), key=len, reverse=True))

_TOKEN = re.compile(
    r"""
      (?P<quoted>"(?P<q1>[^"]*)"|“(?P<q2>[^”]*)”|«\s?(?P<q3>[^»]*?)\s?»|`(?P<q4>[^`]*)`
         |(?<![\w'])'(?P<q5>.*?)'(?!\w)|(?<!\w)‘(?P<q6>.*?)’(?!\w))
    | (?P<url>\b[a-z][a-z0-9+.-]*://[^\s"'<>]+|\bwww\.[^\s"'<>]+
         |(?<![\w@])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|edu|gov|info|eu|de|fr|uk)(?:/[^\s"'<>]*)?(?![\w.]\w))
    | (?P<path>(?<![^\s(])(?:~|\.{1,2})?/[^\s,;"']+|(?<!\w)[A-Za-z]:\\[^\s,;"']+
         |(?<!\S)[\w.-]+(?:/[\w.-]+)*/[\w-]+\.\w+)
    | (?P<chord>(?<!\w)(?:"""
    + _MODIFIER
    + r"""\s?[+-]\s?)+(?:"""
    + _NAMED_KEY
    + r"""|F\d{1,2}|\w|[^\s\w])(?!\w)|(?<!\w)F(?:1[0-2]|[1-9])(?!\w))
    | (?P<file>(?<![\w.@'’])(?!(?:e\.g|i\.e)\b)[\w-]+(?:['’][\w-]+)*(?:\.[\w-]+)*
         \.[A-Za-z][A-Za-z0-9]{0,5}(?![\w@])(?!\.\w))
    | (?P<number>(?:(?<![^\s(:=])[-−+])?(?<![\w.])\d+(?:[.,]\d+)*)(?:(?:st|nd|rd|th)(?!\w)
         |(?P<unit>\s?(?:"""
    + _UNIT
    + r""")|in)?(?!\w))
    | (?P<word>[^\W_]+(?:['’][^\W_]+)*)
    | (?P<symbol>[^\s_])
    """,
    re.VERBOSE | re.IGNORECASE,
)

_SHORT = {"won't": "will not", "can't": "can not", "cannot": "can not", "dont": "do not", "let's": "let us"}
_CLIPPED = {"n't": "not", "'m": "am", "'re": "are", "'ll": "will", "'d": "would", "'ve": "have"}
NUMERAL = frozenset({
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty",
    "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "million",
})  # fmt: skip
_INSIDE = {"and": frozenset({"hundred", "thousand", "million"}), "point": NUMERAL}


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is compared, or a literal with its value; `start` and `end` say where it stood in the sentence."""

    word: str
    kind: Kind
    start: int
    end: int
    unit: str | None = None


def fold(text: str) -> str:
    """How words are compared: one form for each character, no case, straight quotes, no accents."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("‘", "'")).casefold()
    return unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))


def tokens(text: str) -> tuple[Token, ...]:
    """The words and literals of a sentence, in order. Number words are numbers; "don't" is two words."""
    found: list[Token] = []
    for piece in _TOKEN.finditer(text):
        found.extend(_token(piece))
    return _numerals(text, found)


def _token(piece: re.Match[str]) -> list[Token]:
    start, end = piece.span()
    match piece.lastgroup if piece["unit"] is None else "number":
        case "quoted" | "q1" | "q2" | "q3" | "q4" | "q5" | "q6":
            inner = next(piece[f"q{n}"] for n in range(1, 7) if piece[f"q{n}"] is not None)
            return [Token(inner, "quoted", start, end)]
        case "url" | "path" | "file" as kind:
            kept = piece[0].rstrip(".,;:!?")
            return [Token(kept, kind, start, start + len(kept))]
        case "chord":
            return [Token(chord(piece[0]) or piece[0], "chord", start, end)]
        case "number":
            unit = UNITS.get((piece["unit"] or "").strip().casefold())
            if piece["number"] and piece[0].casefold().endswith("in"):
                unit = "in"
            return [Token(_plain(piece["number"]), "number", start, end, unit)]
        case "word":
            return [Token(part, "word", start, end) for part in _expanded(fold(piece[0]))]
        case _:
            return [Token(fold(piece[0]), "word", start, end)]


def _expanded(word: str) -> list[str]:
    if word in _SHORT:
        return _SHORT[word].split()
    for tail, full in _CLIPPED.items():
        if word.endswith(tail) and len(word) > len(tail):
            return [word.removesuffix(tail), full]
    return [word.removesuffix("'s").replace("'", "")]


def _plain(number: str) -> str:
    """A number as a program wants it: "1,000" is 1000, "2,5" is 2.5, a real minus sign is a hyphen."""
    number = number.replace("−", "-").removeprefix("+")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", number):
        return number.replace(",", "")
    return number.replace(",", ".") if number.count(",") == 1 and "." not in number else number


def _numerals(text: str, found: list[Token]) -> tuple[Token, ...]:
    """Runs of number words become one number; a lone "one" stays a word, for it is mostly a pronoun."""
    result: list[Token] = []
    at = 0
    while at < len(found):
        stop = _run(found, at)
        words = [token.word for token in found[at:stop]]
        value = number(" ".join(words)) if words and words != ["one"] else None
        if value is None:
            result.append(found[at])
            at += 1
            continue
        unit = UNITS.get(found[stop].word) if stop < len(found) and found[stop].kind == "word" else None
        end = stop + 1 if unit else stop
        result.append(Token(value, "number", found[at].start, found[end - 1].end, unit))
        at = end
    return tuple(result)


def _run(found: list[Token], at: int) -> int:
    """Where the run of number words that starts at `at` ends."""
    stop = at
    if found[at].word in ("minus", "a") and at + 1 < len(found):
        scale = {"hundred", "thousand", "million", "dozen"} if found[at].word == "a" else NUMERAL
        stop = at + 1 if found[at + 1].word in scale else at
    while stop < len(found) and found[stop].kind == "word":
        word, before = found[stop].word, found[stop - 1].word if stop > at else ""
        following = found[stop + 1].word if stop + 1 < len(found) else ""
        inside = before in _INSIDE.get(word, frozenset()) and following in NUMERAL
        if word not in NUMERAL and not inside and word != "dozen":
            break
        stop += 1
    return stop


def starts(said: Sequence[Token], phrase: str) -> int:
    """How many tokens the phrase takes up at the start; 0 if it does not stand there."""
    words = phrase.split()
    return len(words) if [t.word for t in said[: len(words)] if t.kind == "word"] == words else 0


def stripped(said: Sequence[Token], before: Sequence[str], after: Sequence[str]) -> list[Token]:
    """The tokens without these phrases at either end and without the marks at the end; never without all of them."""
    left = [token for token in said if not (token.kind == "word" and token.word in ("!", "?", '"'))]
    while count := max((starts(left, phrase) for phrase in (*before, ",", ";")), default=0):
        if count == len(left):
            break
        left = left[count:]
    backwards = [" ".join(reversed(phrase.split())) for phrase in after]
    while count := max((starts(left[::-1], phrase) for phrase in (*backwards, ".", ",", ";")), default=0):
        if count == len(left):
            break
        left = left[:-count]
    return left


def number(text: str) -> str | None:
    """The number that `text` says, in digits or in English words; None if it is not exactly one number."""
    text = fold(text).strip()
    if re.fullmatch(r"[-+−]?\d+(?:[.,]\d+)*", text):
        return _plain(text)
    if text in ("zero", "one", "dozen", "a dozen", "half a dozen"):
        return {"zero": "0", "one": "1", "half a dozen": "6"}.get(text, "12")
    if not text or not set(text.split()) <= NUMERAL | {"and", "point", "minus", "a"}:
        return None
    from text_to_num import alpha2digit  # type: ignore[attr-defined]  # its __all__ holds no names

    spoken = text.removeprefix("minus ").removeprefix("a ")
    spoken = f"one {spoken}" if spoken in ("hundred", "thousand", "million") else spoken
    digits = str(alpha2digit(spoken, "en", threshold=0.0)).strip()
    if not re.fullmatch(r"\d+(\.\d+)?", digits):
        return None
    return f"-{digits}" if text.startswith("minus ") else digits


def chord(text: str) -> str | None:
    """A key or chord in the driver's spelling ("ctrl+shift+s", "Return", "F5"); None if `text` names no key."""
    plain = re.sub(r"^the | key$| keys$", "", fold(text).strip())
    if re.fullmatch(r"f([1-9]|1[0-2])", plain):
        return plain.upper()
    if plain in _KEYS:
        return _KEYS[plain]
    parts = re.findall(r"[^\s+-]+|[+-](?=$)", plain)
    held = [_MODIFIERS[part] for part in parts if part in _MODIFIERS]
    rest = " ".join(part for part in parts if part not in _MODIFIERS and part != "and")
    last = rest if len(rest) == 1 else (rest.upper() if re.fullmatch(r"f\d{1,2}", rest) else _KEYS.get(rest))
    return "+".join([*held, last]) if held and last else None


_SPOKEN = (
    (r"\b(?:multiplied by|times)\b|×", "*"), (r"\b(?:divided by|over)\b|÷", "/"), (r"\b(?:plus)\b", "+"),
    (r"\b(?:minus|less)\b|−|–", "-"), (r"\b(?:to the power of|raised to|to the)\b|\*\*", "^"), (r"\bsquared\b", "^2"),
    (r"\bcubed\b", "^3"), (r"\bmod(?:ulo)?\b", "mod"), (r"\b(?:the )?factorial of ([\d.]+)", r"(\1)!"),
    (r"\b(?:the )?sum of (.+?) and (.+)", r"(\1)+(\2)"), (r"\b(?:the )?product of (.+?) and (.+)", r"(\1)*(\2)"),
    (r"\b(?:the )?difference (?:between|of) (.+?) and (.+)", r"(\1)-(\2)"), (r"\bpi\b|π", "pi"),
    (r"\bmultiply ([\d.]+) (?:by|with|and) ([\d.]+)", r"\1*\2"), (r"\bdivide ([\d.]+) by ([\d.]+)", r"\1/\2"),
    (r"\b(?:add|sum) ([\d.]+) (?:and|to) ([\d.]+)", r"\1+\2"), (r"\bsubtract ([\d.]+) from ([\d.]+)", r"\2-\1"),
    (r"\b(?:the )?square of ([\d.]+)", r"\1^2"), (r"\bhalf of ([\d.]+)", r"\1/2"),
    (r"([\d.]+) ?(?:%|percent) of ([\d.]+)", r"\1/100*\2"), (r"(?<=\d) ?x ?(?=\d)", "*"),
    (r"√|\b(?:the )?square root(?: of)?", "sqrt "),
    (r"\b(?:the )?(sqrt|sin|cos|tan|log|ln|exp|abs)(?:e|ine)?(?: of)? *\(", r"\1("),
    (r"\b(?:the )?(sqrt|sine|cosine|tangent|sin|cos|tan|log|ln|exp|abs)(?: of)? +([\d.]+|pi)", r"\1(\2)"),
    (r"\b(sin|cos)e\b|\b(tan)gent\b|\b(cos)ine\b", r"\1\2\3"),
)  # fmt: skip
_SUM = re.compile(r"(?:\d+(?:\.\d+)?|pi|e|mod|sqrt|sin|cos|tan|log|ln|exp|abs|[-+*/^()%!])+")


def expression(text: str) -> str | None:
    """A sum as a calculator takes it ("12*(3+4)", "sqrt(16)"); None unless all of `text` is one sum to work out."""
    spoken = text.strip().rstrip("=?. ").strip()
    for token in reversed(tokens(spoken)):
        if token.kind == "number" and not re.fullmatch(r"[-+−\d.,\s%]+", spoken[token.start : token.end]):
            spoken = spoken[: token.start] + token.word + (" " + token.unit if token.unit else "") + spoken[token.end :]
    spoken = fold(spoken)
    for said, meant in _SPOKEN:
        spoken = re.sub(said, meant, spoken)
    shown = re.sub(r"\s+", "", spoken)
    operated = re.search(r"[\d)!%e]\s*(?:[-+*/^]|mod)|[a-z]{2,}\(|[!%]$", shown)
    if re.search(r"\d\s+\d", spoken) or not re.search(r"\d|pi", shown) or not operated:
        return None
    return shown if _SUM.fullmatch(shown) and shown.count("(") == shown.count(")") else None
