"""Where an address leads, as a browser would take it: the origin of a page, a link, a form; and whether two are one.

An address that is read differently by different readers (backslashes, user names, control signs, letters of other
scripts) is read here as a browser reads it. What cannot be told leads elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from cua.policies import risk
from cua.policies.contract_words import words

_PORTS = {"http": 80, "https": 443}
_NONE = frozenset({"about:blank", "about:srcdoc", ""})
_IDLE = re.compile(r"(?i)javascript:\s*(void\s*\(?\s*0?\s*\)?|return (false|true))?\s*;*\s*$")
_REACHES = re.compile(r"(?i)//|location|cookie|fetch|http|open\s*\(|eval|import|submit|\.src|atob|storage|%2f")
_NAMED = re.compile(
    r"(?i)\b(https?)://([^\s\"'<>()\[\]]+)|(?<![\w@/.-])((?:[\w-]+\.)+(?:[a-z]{2,}|xn--[\w-]+))(?::(\d+))?(/[^\s\"'<>]*)?"
)
# what a host without a scheme ends in; other words with dots are names of files, or sentences without a blank
_ENDS = frozenset(
    [
        "com",
        "org",
        "net",
        "info",
        "biz",
        "edu",
        "gov",
        "mil",
        "int",
        "xyz",
        "top",
        "app",
        "dev",
        "shop",
        "site",
        "online",
        "store",
        "cloud",
        "live",
        "click",
        "link",
        "space",
        "website",
        "test",
        "example",
        "local",
        "localhost",
        "invalid",
        "internal",
        "onion",
    ]
)
_FILES = frozenset(
    ["md", "js", "py", "sh", "gz", "ts", "rs", "rb", "cc", "so", "pl", "cs", "vb", "ps", "ai", "db"]
)  # two letters, and yet no country
ELSEWHERE = "elsewhere"


def cleaned(address: str) -> str:
    """As a browser takes it: no blanks or control signs where it drops them, and "/" for its mirror image."""
    text = re.sub(r"[\x00-\x20]+", "", address) if not address.startswith("data:") else address
    if re.match(r"(?i)(https?:|[\\/]{2}|[\\/])", text):
        head, mark, rest = text.partition("?")
        text = head.replace("\\", "/") + mark + rest
        text = re.sub(r"(?i)^(https?):/*", r"\1://", text)
    return text


def joined(base: str, address: str) -> str:
    """Where an address of a page leads."""
    address = cleaned(address)
    try:
        return urljoin(base, address)
    except ValueError:
        return ELSEWHERE


def origin(url: str) -> str:
    """Scheme, host and port; for a file its folder; "" for a page of no origin; "elsewhere" for what cannot be told."""
    url = cleaned(url)
    if url in _NONE:
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ELSEWHERE
    if parts.scheme == "file":
        return "file://" + unquote(parts.path).rpartition("/")[0]
    if parts.scheme not in _PORTS:
        return f"{parts.scheme}:" if parts.scheme else ELSEWHERE
    host = _host(parts.hostname or "")
    if not host or "…" in parts.netloc:
        return ELSEWHERE
    return f"{parts.scheme}://{host}" + ("" if port in (None, _PORTS[parts.scheme]) else f":{port}")


def _host(host: str) -> str:
    """A host as it is looked up: letters of other scripts as what stands for them."""
    host = unicodedata.normalize("NFKC", host).casefold().rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return ""


def within(place: str, allowed: Iterable[str]) -> bool:
    """Whether an origin is one of these: the same, with or without "www.", or the same host with safe transport; a
    folder in one of these; for one that was only named, whatever its transport.
    """
    return any(_same(place, each) for each in allowed)


def _same(place: str, allowed: str) -> bool:
    if place == allowed:
        return True
    if allowed.startswith("file://"):
        return place.startswith(allowed + "/") and ".." not in place.split("/")
    scheme, _, host = place.partition("://")
    wanted, _, known = allowed.partition("://")
    bare = host.removeprefix("www.") == known.removeprefix("www.")
    return bare and host != "" and (scheme == wanted or not wanted or (scheme, wanted) == ("https", "http"))


def named(text: str) -> tuple[str, ...]:
    """The origins that a text names: with a scheme, or as "://host" where it says none."""
    found: list[str] = []
    for hit in _NAMED.finditer(text):
        if hit[1]:
            found.append(origin(f"{hit[1].casefold()}://{hit[2]}"))
        elif _host_like(hit[3], path=bool(hit[5])):
            found.append(f"://{_host(hit[3])}" + (f":{hit[4]}" if hit[4] else ""))
    return tuple(dict.fromkeys(each for each in found if each != ELSEWHERE))


def _host_like(host: str, *, path: bool) -> bool:
    end = host.rpartition(".")[2]
    country = len(end) == 2 and end.islower() and end not in _FILES
    return end.casefold() in _ENDS or country or end.startswith("xn--") or path or host.casefold().startswith("www.")


def scripted(address: str) -> str:
    """Why an address that runs a script is not followed; "" for one that only calls the page's own, or is none."""
    text = unquote(cleaned(address))
    if not re.match(r"(?i)(java|vb|live)script:", text) or _IDLE.match(text):
        return ""
    return "it runs a script that may reach another place" if _REACHES.search(text) else ""


def does(url: str) -> str:
    """What the path of an address says that following it does, "" for a mere page: a whole part of it, or what a
    query names as the action.
    """
    try:
        parts = urlsplit(cleaned(url))
    except ValueError:
        return ""
    said = [*parts.path.split("/")]
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        said += [name, value] if name.casefold() in ("action", "do", "op", "cmd", "task", "mode") else [name]
    verbs = frozenset(words()["programs"]["does"])
    return next((verb for each in said if (verb := _verb(each, verbs))), "")


def _verb(part: str, verbs: frozenset[str]) -> str:
    plain = risk.parted(unquote(part)).split()
    return plain[0] if plain and plain[0] in verbs and len(plain) <= 3 else ""


def runs(url: str) -> bool:
    """Whether what an address names would run when it is opened."""
    path = urlsplit(cleaned(url)).path
    end = path.rpartition("/")[2].rpartition(".")
    return bool(end[0]) and end[2].casefold() in words()["programs"]["runs"]
