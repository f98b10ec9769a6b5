"""What was typed becomes parameters, and their values in later texts become slots.

A value that was typed and appears in the text of a later target stands for "the row of what was typed", so that target
must follow the value: the wrong-row bug is a target that does not. Values are compared as whole words, the longest
first. It never puts a secret's text anywhere, and never changes what a text means where no value stands in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import quote, quote_plus, unquote_plus, urlsplit

from cua.core import SEAL, Element, Observation
from cua.memory.workflows import Param, literal
from cua.policies.lookups import looks_up
from cua.policies.records import tells
from cua.record.repeats import same_thing
from cua.screen import called

_SEALED = re.compile(f"{SEAL}([^{SEAL}]*){SEAL}")
_UNNAMED = re.compile(r"(?:secret)?|secret#\S+")  # what a recorder seals: with a number, if it can tell it from others
_NUMBERS = frozenset({"spinbutton", "slider"})
_COMMANDS = frozenset({"button", "tab", "menuitem", "menuitemcheckbox", "menuitemradio", "checkbox", "radio", "switch"})
_ADDRESS = "a part of the address"
_LONGEST_NAME = 40
_TRANSFORMED_AT_LEAST = 3


@dataclass(frozen=True, slots=True)
class _Known:
    """A value and its parameter. `fixed` are the commands that were called just so before it was typed, and what the
    address then said.
    """

    name: str
    value: str
    fixed: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class Params:
    """The parameters found so far, in the order of the steps. `given` are those that the task names itself."""

    given: Mapping[str, str] = field(default_factory=dict)
    params: list[Param] = field(default_factory=list)
    _known: list[_Known] = field(default_factory=list)
    _again: dict[str, Param] = field(default_factory=dict)
    _labels: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.given.items():
            param = Param(_free(slug(name) or "value", self.params), _kind_of(value, None), value, name)
            self.params.append(param)
            self._know(param.name, value, None)

    def typed(self, text: str, where: Element | None, now: Observation, named: str = "") -> str:
        """The text of a step that fills or types, with slots; what is new in it becomes a parameter.

        That is called as `named` says, else as `where` it is typed.
        """
        if SEAL in text:
            parts = _SEALED.split(text)  # plain, secret, plain, ...
            return "".join(self._secret(part, where) if n % 2 else self.slotted(part) for n, part in enumerate(parts))
        if not text.strip():
            return literal(text)
        found = self.slotted(text, task_only=True)
        if found != literal(text):
            return found
        if where is not None and "multiline" in where.states:
            return self._new(text, where, now, named)
        parts = re.split(r"([\t\n]+)", text)  # typed over several fields
        fields = (where, *[None] * len(parts))
        names = (named, *[""] * len(parts))
        return "".join(
            part if n % 2 or not part else self._new(part, fields[n], now, names[n]) for n, part in enumerate(parts)
        )

    def _new(self, text: str, where: Element | None, now: Observation, named: str) -> str:
        known = text.rstrip("\n")
        sought = where is not None and looks_up(where, now)
        if again := self._repeated(known, named or (_label(where) if where else ""), sought=sought):
            return f"${{{again.name}}}{text[len(known) :]}"
        name = _free(slug(named), self.params) if slug(named) else self._called(where)
        param = Param(name, _kind_of(known, where), known, named or (called(where) if where else ""))
        self.params.append(param)
        self._labels[param.name] = param.label or (_label(where) if where else "")
        if where is None or where.role != "button" or "/" in known:  # a picked file: another is given by its whole path
            self._know(param.name, known, now)
        return f"${{{param.name}}}{text[len(known) :]}"

    def picked(self, value: str, group: str, target: Element, now: Observation) -> str:
        """A slot for what was picked from a group of choices, as a parameter that is called as the group is."""
        param = Param(_free(slug(group), self.params), "text", value, group)
        self.params.append(param)
        self._labels[param.name] = group
        self._know(param.name, value, now)
        last = self._known[-1]
        self._known[-1] = replace(last, fixed=last.fixed - {(target.role, target.name)})  # this one follows the value
        return f"${{{param.name}}}"

    def slotted(
        self, text: str, element: Element | None = None, *, task_only: bool = False, loosely: bool = False
    ) -> str:
        """The text with a slot in place of every value, and the rest escaped.

        `element` is whose name the text is: a command that was called so before anyone typed stays as it is. `loosely`
        takes a value of three letters or more in upper case for the same in lower case.
        """
        mine = [each for each in self._known if not task_only or each.name in self._task_names()]
        by_value = {each.value: each for each in mine if not _is_fixed(each, element, text)}  # the nearest earlier wins
        if not by_value:
            return literal(text)
        pattern = "|".join(_whole(value) for value in sorted(by_value, key=len, reverse=True))
        folded = {value.casefold(): known for value, known in by_value.items() if len(value) > 2}
        found, start = "", 0
        for hit in re.finditer(pattern, text, re.IGNORECASE if loosely else 0):
            known = by_value.get(hit[0]) or folded.get(hit[0].casefold())
            if known is not None:
                found += literal(text[start : hit.start()]) + f"${{{known.name}}}"
                start = hit.end()
        return found + literal(text[start:])

    def slotted_url(self, url: str) -> str:
        """An address with slots, for values as they are and as they are written in addresses."""
        found = self.slotted(url)
        for known in sorted(self._known, key=lambda each: -len(each.value)):
            for form in {quote(known.value, safe=""), quote_plus(known.value)} - {known.value}:
                found = f"${{{known.name}}}".join(re.split(_whole(form), found))
            if self.in_address(known.value):
                found = re.sub(
                    rf"(?<=/)[$][{{]{known.name}[}}](?=[/?#]|$)", literal(known.value).replace("\\", r"\\"), found
                )
        return found

    def in_address(self, value: str) -> bool:
        """Whether this was a part of the page's address before anyone typed it: then it is no value there."""
        return any(each.value == value and (_ADDRESS, value) in each.fixed for each in self._known)

    def bent(self, text: str) -> str:
        """The parameter whose value stands in this text only in another form (other case, as a slug, encoded); "" if
        none does: such a text speaks of the recorded value and cannot follow another.
        """
        without = text
        for known in self._known:
            without = re.sub(_whole(known.value), " ", without)
        said = _loose(unquote_plus(without))
        for known in self._known:
            loose = _loose(known.value)
            if len(loose) >= _TRANSFORMED_AT_LEAST and not loose.isdigit() and f" {loose} " in f" {said} ":
                return known.name
        return ""

    def label_of(self, name: str) -> str:
        """What the field is called into which it was typed first."""
        return self._labels.get(name) or next((each.label or name for each in self.params if each.name == name), name)

    def defaults(self) -> dict[str, str]:
        """The values recorded; of a secret nothing but a word that stands for it."""
        return {each.name: each.default if each.default is not None else "secret" for each in self.params}

    # ---------------------------------------------------------------------------------------------------------------

    def _task_names(self) -> set[str]:
        return {param.name for param in self.params[: len(self.given)]}

    def _repeated(self, value: str, label: str, *, sought: bool) -> Param | None:
        """The parameter of this value that a field called so plainly asks for once more: one for the same thing, or one
        that what was given is `sought` with.
        """
        mine = [each for each in self.params if each.kind == "text" and each.default == value and tells(value)]
        if sought and len(mine) == 1:
            return mine[0]
        return next((each for each in mine if same_thing(self._labels.get(each.name, each.label), label)), None)

    def _secret(self, said: str, where: Element | None) -> str:
        """A slot for a secret: the same one for the same text, though it was typed into another field."""
        known = self._again.get(said)
        known = known or next((each for each in self.params if each.kind == "secret" and said == each.name), None)
        if known is None:
            unnamed = _UNNAMED.fullmatch(said)
            name = self._called(where) if unnamed else _free(slug(said) or "secret", self.params)
            known = Param(name, "secret", None, called(where) if where else "")
            self.params.append(known)
        if said.startswith("secret#"):
            self._again[said] = known
        return f"${{{known.name}}}"

    def _called(self, where: Element | None) -> str:
        return _free(slug(_label(where)) if where else "", self.params)

    def _know(self, name: str, value: str, now: Observation | None) -> None:
        if tells(value):
            fixed = frozenset((e.role, e.name) for e in now.elements if e.role in _COMMANDS) if now else frozenset()
            parts = urlsplit(now.place.url).path.split("/") if now else ()
            self._known.append(_Known(name, value, fixed | {(_ADDRESS, unquote_plus(part)) for part in parts}))


def slug(text: str) -> str:
    """A name for a parameter: "First name:" is "first_name"; "" where no plain letter is in it."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if len(found) > _LONGEST_NAME:
        found = found[:_LONGEST_NAME].rpartition("_")[0] or found[:_LONGEST_NAME]
    return f"_{found}" if found[:1].isdigit() else found


def _label(where: Element) -> str:
    known = {at.kind: at.value for at in where.locators}
    named = (called(where), *(known.get(kind, "") for kind in ("label", "beside", "placeholder", "name")))
    return next((text for text in named if slug(text)), "")


def _free(name: str, params: list[Param]) -> str:
    taken = {param.name for param in params}
    if name and name not in taken:
        return name
    stem, number = (name, 2) if name else ("value", 1)
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def _kind_of(value: str, where: Element | None) -> Literal["text", "number"]:
    try:
        float(value)
    except ValueError:
        return "text"
    return "number" if where is not None and where.role in _NUMBERS else "text"


def _whole(value: str) -> str:
    """A pattern for the value as whole words: no letter or digit may go on at either end."""
    start = r"(?<![^\W_])" if value[:1].isalnum() else ""
    end = r"(?![^\W_])" if value[-1:].isalnum() else ""
    return f"{start}{re.escape(value)}{end}"


def _is_fixed(known: _Known, element: Element | None, text: str) -> bool:
    return element is not None and (element.role, text) in known.fixed and text == known.value


def _loose(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("\u0131", "i")
    return " ".join(re.sub(r"[^\w]|_", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())
