"""Texts, keys, targets and expectations of a workflow as Playwright's Python. Pure text; it runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cua.memory.workflows import Expect, Mark, slots
from cua.policies.contained import BLOCK, HAD, NAME, ROW_NAME, TEXTS
from cua.policies.given import EXACT, only_given
from cua.record import whole_rows
from cua.record.own_playwright import identifier, row_of

_SLOT = re.compile(r"\$\$\{|\$\{([A-Za-z_][\w-]*(?:\.[\w -]+)?)\}")
# roles whose name is what is written in them, or a label; the text of all others is no name to a browser
_NAMED = frozenset(
    {"button", "cell", "checkbox", "columnheader", "combobox", "gridcell", "heading", "img", "link", "listbox",
     "menuitem",
     "menuitemcheckbox", "menuitemradio", "option", "radio", "row", "rowheader", "searchbox", "slider", "spinbutton",
     "switch", "tab", "textbox", "tooltip", "treeitem", "dialog", "alertdialog", "region", "form", "navigation",
     "tabpanel", "group", "table", "list", "meter", "progressbar", "figure", "article", "main", "menu", "tree"}
)  # fmt: skip
_BY_TEXT = frozenset({"text", "generic", "command"})
_ROWS = '"tr, li, article, [role=row], [role=listitem], [role=option], [role=treeitem]"'
_ROLELESS_TAGS = frozenset({"summary"})
_KEYS = {
    "return": "Enter", "enter": "Enter", "kp_enter": "NumpadEnter", "esc": "Escape", "prior": "PageUp",
    "page_up": "PageUp", "next": "PageDown", "page_down": "PageDown", "left": "ArrowLeft", "right": "ArrowRight",
    "up": "ArrowUp", "down": "ArrowDown", "space": "Space", "plus": "+", "minus": "-", "comma": ",", "period": ".",
    "slash": "/", "menu": "ContextMenu", "del": "Delete", "ctrl": "Control", "control": "Control", "shift": "Shift",
    "alt": "Alt", "super": "Meta", "meta": "Meta", "tab": "Tab", "escape": "Escape", "delete": "Delete",
    "backspace": "Backspace", "home": "Home", "end": "End", "insert": "Insert",
}  # fmt: skip


@dataclass(slots=True)
class Source:
    """Writes pieces of source, and remembers which of the script's own functions they need. `imported` says that rows
    are told as other tools tell them: by words in them.
    """

    needs: set[str] = field(default_factory=set)
    imported: bool = False

    def call(self, name: str, *args: str) -> str:
        self.needs.add(name)
        return f"{name}({', '.join(args)})"

    # ------------------------------------------------------------------------------------------ texts

    def text(self, found: str, *, pattern: bool = False) -> str:
        """A workflow's text as an expression. In a `pattern` values stand for themselves."""
        parts: list[str] = []
        start = 0
        for hit in _SLOT.finditer(found):
            parts += [quoted(found[start : hit.start()])] if hit.start() > start else []
            parts.append(quoted("${") if hit[1] is None else self._value(hit[1], pattern=pattern))
            start = hit.end()
        parts += [quoted(found[start:])] if found[start:] or not parts else []
        if len(parts) == 1 or any("\\" in part for part in parts):
            return " + ".join(parts)
        return _joined(parts)

    def _value(self, slot: str, *, pattern: bool) -> str:
        name, _, column = slot.partition(".")
        value = f"{row_of(name)}['{column}']" if column else f"values.{identifier(name)}"
        return self.call("plain", value) if pattern else value

    # ------------------------------------------------------------------------------------------ targets

    def target(self, mark: Mark) -> str:
        """The locator. By role, label, placeholder or test id where one of them tells it from all others."""
        page = "page" + "".join(f".frame_locator({quoted(each)})" for each in _frames(mark))
        if only_given(mark):
            page += "".join(self._block(text, mark) for text in mark.path)
        rows = tuple(text for text in mark.row if slots(text)) or mark.row
        if mark.row and (mark.of > 1 or ROW_NAME in mark.says or any(map(slots, mark.row))):
            return self._in_row(page, mark, rows)
        found = next(self._ways(mark), "")
        if not found:
            return f"{page}{self._by_role(mark)}.nth({mark.nth})" if mark.of > 1 else page + self._by_role(mark)
        return page + found

    def _block(self, text: str, mark: Mark) -> str:
        """What an imported target stands in."""
        if BLOCK in mark.says:
            return f'.locator("div").filter(has_text={self.text(text)})'
        return f".get_by_label({self.text(text)})"

    def _in_row(self, page: str, mark: Mark, rows: tuple[str, ...]) -> str:
        inner = self._by_role(mark)
        if self.imported and only_given(mark):
            inner = next(self._ways(replace(mark, of=1)), inner)
        up = mark.says.get("up", "0")
        if HAD in mark.says:
            return f"{page}{self._whole_row(page, mark, rows)}{inner}"
        if mark.says.get(ROW_NAME) == TEXTS:
            told = "".join(f".filter(has_text={self.text(text)})" for text in rows)
        else:
            told = "".join(f".filter(has={page}.get_by_text({self.text(text)}, exact=True))" for text in rows)
        if up.isdigit() and int(up):
            return f'{page}{inner}.locator("xpath=ancestor::*[{up}]"){told}{inner}'
        if mark.says.get(ROW_NAME) == NAME:
            told = "".join(f'.get_by_role("row", name={self.text(text)})' for text in rows[:1])
            return f"{page}{told}{inner}"
        return f"{page}.locator({_ROWS}){told}{inner}"

    def _whole_row(self, page: str, mark: Mark, rows: tuple[str, ...]) -> str:
        """The row that holds the values, and with those that were recorded all that it then said."""
        whole, values = whole_rows.told(mark.says, rows)
        same = " and ".join(f"{self.text(slot)} == {quoted(value)}" for slot, value in zip(rows, values, strict=True))
        known = "".join(f".filter(has={page}.get_by_text({self.text(slot)}, exact=True))" for slot in rows)
        said = [f"{self.text(text)} if {same} else {self.text(rows[0])}" for text in whole]
        named = mark.says.get(ROW_NAME) == NAME
        begun = f'.get_by_role("row", name={said.pop(0)})' if named else f".locator({_ROWS})"
        return begun + known + "".join(f".filter(has_text={text})" for text in said)

    def _ways(self, mark: Mark) -> Iterator[str]:
        known = {at.kind: at.value for at in mark.locators}
        alone, exact = mark.of == 1, self._exact(mark)
        upload = mark.says.get("type") == "file"
        if (
            alone
            and mark.role
            and not upload
            and not self.guessed(mark)
            and _plays(mark)
            and (mark.name or "role" in known)
        ):
            yield self._by_role(mark)
        if alone and "label" in known:
            yield f".get_by_label({self.text(known['label'])}{exact})"
        if alone and "placeholder" in known:
            yield f".get_by_placeholder({self.text(known['placeholder'])}{exact})"
        if "testid" in known:
            yield f".get_by_test_id({self.text(known['testid'])})"
        if "id" in known:
            yield f".locator({self.text('[id=' + chr(34) + known['id'] + chr(34) + ']')})"
        if alone and "alt" in known:
            yield f".get_by_alt_text({self.text(known['alt'])}{exact})"
        if alone and "name" in known:
            yield f".locator({self.text('[name=' + chr(34) + known['name'] + chr(34) + ']')})"
        if alone and (mark.name or "text" in known):
            yield f".get_by_text({self.text(known.get('text', mark.name))}{exact})"
        if "css" in known:
            yield f".locator({self.text(_css(known['css'], len(_frames(mark))))})"

    def guessed(self, mark: Mark) -> bool:
        """Whether a file says no role of it but a label, so that it may be another field than it is taken for."""
        kinds = [at.kind for at in mark.locators]
        labelled = [kinds.index(kind) for kind in ("label", "placeholder") if kind in kinds]
        told = kinds.index("role") if "role" in kinds else len(kinds)
        return self.imported and mark.role == "textbox" and bool(labelled) and min(labelled) < told

    def _exact(self, mark: Mark) -> str:
        """A name in another Playwright script, which says one thing of a target where recorders say several, may be a
        part of what that is called, if it does not say otherwise.
        """
        alone = {at.kind for at in mark.locators} <= {"role", "label", "placeholder", "text", "alt"}
        loose = self.imported and alone and only_given(mark) and EXACT not in mark.says
        return "" if loose else ", exact=True"

    def _by_role(self, mark: Mark) -> str:
        if not _plays(mark):
            return f".get_by_text({self.text(mark.name)}{self._exact(mark)})"
        known = {at.kind: at.value for at in mark.locators}
        raw = known.get("role", "").removeprefix(f"{mark.role}:") if "role" in known else ""
        if raw and not raw.endswith("…"):
            return f".get_by_role({quoted(mark.role)}, name={self.text(raw)}{self._exact(mark)})"
        if mark.name:
            return f".get_by_role({quoted(mark.role)}, name={self.call('named', self.text(mark.name))})"
        return f".get_by_role({quoted(mark.role)})"

    # ------------------------------------------------------------------------------------------ expectations

    def expectation(self, expect: Expect, target: str, *, rows: bool = False) -> str:
        """The line that checks it. `target` is the locator of what was acted on, if it is the same thing, or "". With
        `rows` what must come up in a row is looked for there.
        """
        limit = "" if expect.seconds == 5.0 else f"timeout={expect.seconds * 1000:g}"
        more = f", {limit}" if limit else ""
        match expect.kind:
            case "shows":
                return f"expect({self._named(expect, rows=rows)}.first).to_be_visible({limit})"
            case "gone" if rows and expect.row:
                row, gone = self._row(expect), f"{self._named(expect, rows=False)}.filter(visible=True)"
                return f"expect({row}.filter(has_not={gone})).to_have_count(1{more})"
            case "gone":
                return f"expect({self._named(expect, rows=rows)}.filter(visible=True)).to_have_count(0{more})"
            case "holds":
                field, value = target or f"{self._named(expect, rows=rows)}.first", self.text(expect.value)
                if expect.part:
                    return f"expect({field}).to_have_value({self.call('part', value)}{more})"
                if expect.role in ("combobox", "listbox"):
                    seconds = [] if expect.seconds == 5.0 else [f"{expect.seconds:g}"]
                    return self.call("holds", field, value, *seconds)
                return f"expect({field}).to_have_value({value}{more})"
            case "checked":
                on = "" if expect.value == "on" else "checked=False"
                inside = ", ".join(filter(None, (on, limit)))
                return f"expect({target or self._named(expect, rows=rows) + '.first'}).to_be_checked({inside})"
            case _:
                return self._of_page(expect, limit)

    def _of_page(self, expect: Expect, limit: str) -> str:
        more = f", {limit}" if limit else ""
        match expect.kind:
            case "record":
                self.needs |= {"only", "re"}
                return f"expect({self.call('record', 'page', *map(self.text, expect.row))}).to_be_visible({limit})"
            case "at":
                return f"expect(page).to_have_url({self.call('at', self.text(expect.value, pattern=True))}{more})"
            case _:
                turned = "not_" if expect.kind == "closed" else ""
                name = self.call("part" if expect.part else "named", self.text(expect.name or expect.value))
                return f"expect(page).{turned}to_have_title({name}{more})"

    def _named(self, expect: Expect, *, rows: bool) -> str:
        page = self._row(expect) if rows and expect.row else "page"
        if not expect.name:
            return f"{page}.get_by_role({quoted(expect.role)})"
        part = expect.part and expect.kind in ("shows", "gone")
        name = self.call("part" if part else "named", self.text(expect.name))
        if not expect.role:
            return self.call("anything", page, name)
        if expect.role in _BY_TEXT:
            return f"{page}.get_by_text({name})"
        if expect.role in _NAMED:
            return f"{page}.get_by_role({quoted(expect.role)}, name={name})"
        return f"{page}.get_by_role({quoted(expect.role)}).filter(has_text={name})"

    def _row(self, expect: Expect) -> str:
        """The one row that an expectation is about: each look at it sees that there is one."""
        self.needs |= {"only", "re"} if self.imported else {"only"}
        return self.call("saying" if self.imported else "row", "page", *map(self.text, expect.row))


def keys(chord: str) -> str:
    """A chord as Playwright writes it: "ctrl+Prior" is "Control+PageUp"."""
    return "+".join(_KEYS.get(each.casefold(), each) for each in chord.split("+"))


def quoted(text: str) -> str:
    """A literal in double quotes."""
    body = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in body) + '"'


def _joined(parts: list[str]) -> str:
    """Literals and values as one f-string."""
    inner = (p[1:-1].replace("{", "{{").replace("}", "}}") if p.startswith('"') else f"{{{p}}}" for p in parts)
    return 'f"' + "".join(inner) + '"'


def _plays(mark: Mark) -> bool:
    """Whether a browser knows the target by this role and name."""
    return mark.role in _NAMED and mark.says.get("tag") not in _ROLELESS_TAGS


def _frames(mark: Mark) -> list[str]:
    return mark.says["frame"].split(" >>> ") if mark.says.get("frame") else []


def _css(selector: str, frames: int) -> str:
    """Without its frames; Playwright looks through open shadow roots by itself."""
    return " ".join(selector.split(" >>> ")[frames:])
