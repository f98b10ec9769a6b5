"""What a check makes of a browser's tabs, bookmarks, cookies and settings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from cua.evaluators import rules as shapes

_PORTS = {"http": 80, "https": 443}
Tab = Mapping[str, str] | str | None


# ---------------------------------------------------------------------------------------------- addresses


def same_page(one: str, other: str, *, query: bool = True) -> bool:
    """The same address however it is written: case of the host, "www.", a last slash, order of what is asked."""
    return _page(one, query=query) == _page(other, query=query)


def _page(url: str, *, query: bool) -> tuple[Any, ...]:
    parts = urlsplit(url if "://" in url or url.startswith("about:") else f"https://{url}")
    web = parts.scheme in _PORTS
    host = (parts.hostname or "").removeprefix("www.") if web else (parts.hostname or "")
    port = None if parts.port == _PORTS.get(parts.scheme) else parts.port
    asked = tuple(sorted(parse_qsl(parts.query, keep_blank_values=True))) if query else ()
    return ("web" if web else parts.scheme, host, port, unquote(parts.path).rstrip("/"), asked, parts.fragment)


def _url(tab: Tab) -> str:
    return tab if isinstance(tab, str) else (tab or {}).get("url", "")


def is_expected_active_tab(result: Tab, rules: shapes.Url) -> bool:
    """The tab in front is on this page."""
    return bool(_url(result)) and same_page(_url(result), rules["url"])


def is_expected_active_tab_approximate(result: Tab, rules: shapes.Url) -> bool:
    """The same, whatever is asked of the page."""
    return bool(_url(result)) and same_page(_url(result), rules["url"], query=False)


def is_expected_url_pattern_match(result: Tab, rules: shapes.UrlPatterns) -> bool:
    """The address of the tab in front fits every pattern. Where there is but one, not in a list, upstream takes each of
    its letters for a pattern.
    """
    patterns = [rules["expected"]] if isinstance(rules["expected"], str) else rules["expected"]
    return bool(_url(result)) and all(re.search(each, _url(result)) for each in patterns)


def is_expected_search_query(result: Tab, rules: shapes.Search) -> bool:
    """The address of the tab in front fits the pattern."""
    return bool(_url(result)) and re.search(rules["expect"]["pattern"], _url(result)) is not None


def is_expected_tabs(result: Sequence[Mapping[str, str]], rules: shapes.Urls) -> bool:
    """Just these pages are open, in any order."""
    return Counter(_page(tab["url"], query=True) for tab in result) == Counter(
        _page(url, query=True) for url in rules["urls"]
    )


# ---------------------------------------------------------------------------------------------- what it keeps


def is_expected_bookmarks(result: Mapping[str, Any], rules: shapes.Bookmarks) -> bool:
    """The bar has just these folders, or these pages, or the folder of liked authors just theirs, be it called as
    `names` has it or as upstream does.
    """
    bar = result.get("bookmark_bar", {}).get("children", [])
    folders = [each for each in bar if each["type"] == "folder"]
    if rules["type"] == "bookmark_bar_folders_names":
        return Counter(each["name"] for each in folders) == Counter(rules["names"])
    if rules["type"] == "bookmark_bar_websites_urls":
        return {each["url"] for each in bar if each["type"] == "url"} == set(rules["urls"])
    names = rules.get("names", ["Liked Authors"])
    liked: list[Any] | None = next((each["children"] for each in folders if each["name"] in names), None)
    if liked is None:
        return False
    found = {each["url"] for each in liked if each["type"] == "url"}
    choices = [[url] if isinstance(url, str) else url for url in rules["urls"]]
    return any(set(chosen) == found for chosen in product(*choices))


def check_enabled_experiments(result: Sequence[str], rules: shapes.Experiments) -> bool:
    """Just these experiments were changed. Upstream wants them in the order of the rule, which nobody chooses."""
    return Counter(each.partition("@")[0] for each in result) == Counter(rules["names"])


def check_font_size(result: Mapping[str, Any], rules: shapes.Sizes) -> bool:
    """The size of type is that value, or lies strictly between two."""
    size = result["default_font_size"]
    if rules["type"] == "value":
        return bool(size == rules["value"])
    return bool(rules["min"] < size < rules["max"])


def is_cookie_deleted(result: Sequence[Sequence[Any]], rules: shapes.Domains) -> bool:
    """No cookie is of one of these sites, or of what is below them."""
    hosts = {str(cookie[1]).lstrip(".").removeprefix("www.") for cookie in result}
    wanted = [domain.lstrip(".").removeprefix("www.") for domain in rules["domains"]]
    return not any(host == each or host.endswith(f".{each}") for host in hosts for each in wanted)


def check_history_deleted(result: Sequence[Sequence[Any]], rules: shapes.Keywords) -> bool:
    """No page that was visited has one of these words in its address."""
    return not any(word in str(row[0]) for word in rules["keywords"] for row in result)


def is_shortcut_on_desktop(result: Mapping[str, str], rules: shapes.Shortcut) -> bool:
    """Some entry on the desktop has this name, starts with this command, or leads to this address."""
    match rules["type"]:
        case "name":
            wanted = f"Name={rules['name']}"
        case "exec":
            wanted = f"Exec={rules['exec']}"
        case "url":
            wanted = f"URL={rules['url']}"
    return any(wanted in text.splitlines() for text in result.values())


def is_expected_installed_extensions(result: Sequence[str], rules: shapes.Texts) -> bool:
    """All of these are installed."""
    return set(rules["expected"]) <= set(result)
