"""Effects in a database: which rows a query gives, and which rows a replay changed.

They only read, and know three answers: what cannot be read is unknown, never a failure and never a pass. Values are
bound to a query, never written into it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from cua.core import Evidence, World
from cua.errors import SandboxError, TroubleError
from cua.tables import Cell, Row, Table, same, select

_SHOWN = 3
_HOW = ("of what was added", "of what was removed", "of what was changed")

Named = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowsAre:
    """A query gives these rows, in any order; with `count` of 0 or more, that many rows, whatever they hold.

    `source` is "sqlite:PATH" or a connection string of SQLAlchemy. `values` are bound to `:name` in the query. "" in an
    expected row also stands for NULL; numbers are compared as numbers where the database holds a number.
    """

    source: str
    query: str
    values: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[tuple[str, ...], ...] = ()
    count: int = -1

    def before(self, world: World) -> Self:
        """Itself, after one reading to see that it can be read. Raises TroubleError."""
        select(world, self.source, self.query, self.values)
        return self

    def test(self, world: World) -> Evidence:
        try:
            found = select(world, self.source, self.query, self.values).rows
        except TroubleError as error:
            return Evidence(None, str(error))
        if self.count >= 0:
            return Evidence(len(found) == self.count, f"the query gives {_many(len(found), 'row')}")
        wanted = [dict(enumerate(row)) for row in self.rows]
        named = [dict(enumerate(row)) for row in found]
        fits = [[_fits(want, row, whole=True) for row in named] for want in wanted]
        off = "" if _paired(fits, len(found)) else _off(wanted, named)
        return Evidence(_paired(fits, len(found)), f"the query gives {_shown(found)}{off and f': {off}'}")

    def names(self, change: str) -> bool:
        return _is_file_of(self.source, change)


@dataclass(frozen=True, slots=True)
class RowsChanged:
    """Between two readings of a query just these rows were added, changed and removed, and no other.

    A row is told by some of its columns: of one that was added or removed the rest may hold anything; of one that was
    changed the rest must be as it was. `key` names the columns that tell rows apart; only with them can a row be
    changed. A row that somebody else changed while the replay went on, and that was put back by it, fails (a stale
    overwrite): that is seen where `again` read it before the act that writes.
    """

    source: str
    query: str
    values: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    added: tuple[Named, ...] = ()
    changed: tuple[Named, ...] = ()
    removed: tuple[Named, ...] = ()

    def before(self, world: World) -> RowsCompared:
        """With the first reading. Raises TroubleError where it cannot be read, or its key tells no rows apart."""
        table = select(world, self.source, self.query, self.values)
        used = {*self.key, *(name for row in (*self.added, *self.changed, *self.removed) for name in row)}
        if missing := sorted(used - set(table.columns)):
            raise SandboxError(f"the query gives no column {missing[0]!r}; it gives: {', '.join(table.columns)}")
        if self.changed and not self.key:
            raise SandboxError("a changed row can only be told with a key; name the columns that tell rows apart")
        _keyed(table, self.key)
        given = {each.name: getattr(self, each.name) for each in fields(RowsChanged)}
        return RowsCompared(**given, first=table)

    def test(self, world: World) -> Evidence:
        return Evidence(None, "what the table held before was not read")

    def names(self, change: str) -> bool:
        return _is_file_of(self.source, change)


@dataclass(frozen=True, slots=True)
class RowsCompared(RowsChanged):
    """The same with what was read before: the first reading, and one made just before an act that writes."""

    first: Table | None = None
    midway: Table | None = None

    def again(self, world: World) -> Self:
        """With a reading made while the replay goes on."""
        return replace(self, midway=select(world, self.source, self.query, self.values))

    def test(self, world: World) -> Evidence:
        if self.first is None:
            return Evidence(None, "what the table held before was not read")
        try:
            now = select(world, self.source, self.query, self.values)
            added, changed, removed = _difference(self.first, now, self.key)
            lost = _overwritten(self.first, self.midway, now, self.key) if self.midway else ()
        except TroubleError as error:
            return Evidence(None, str(error))
        exact = (
            _paired([[_fits(want, row) for row in added] for want in self.added], len(added))
            and _paired([[_fits(want, row) for row in removed] for want in self.removed], len(removed))
            and _paired([[_turned(want, *pair) for pair in changed] for want in self.changed], len(changed))
        )
        off = [_off(self.added, added), _off(self.removed, removed), _off(self.changed, [new for _, new in changed])]
        told = [] if exact else [f"{how}: {said}" for how, said in zip(_HOW, off, strict=True) if said]
        told += [f"added {dict(row)}" for row in added] + [f"removed {dict(row)}" for row in removed]
        told += [f"changed {_moved(old, new)}" for old, new in changed] + [f"overwrote {text}" for text in lost]
        more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
        return Evidence(
            exact and not lost, "; ".join(told[:_SHOWN]) + more if told else "no row is another than before"
        )


def _difference(
    was: Table, now: Table, key: tuple[str, ...]
) -> tuple[list[dict[str, Cell]], list[tuple[dict[str, Cell], dict[str, Cell]]], list[dict[str, Cell]]]:
    """Rows added, pairs of rows changed, and rows removed."""
    if not key:
        first, second = Counter(was.rows), Counter(now.rows)
        added = [dict(zip(now.columns, row, strict=True)) for row in (second - first).elements()]
        return added, [], [dict(zip(now.columns, row, strict=True)) for row in (first - second).elements()]
    old, new = _keyed(was, key), _keyed(now, key)
    changed = [(old[at], new[at]) for at in old if at in new and old[at] != new[at]]
    return [new[at] for at in new if at not in old], changed, [old[at] for at in old if at not in new]


def _keyed(table: Table, key: tuple[str, ...]) -> dict[Row, dict[str, Cell]]:
    """Rows by their key. Raises SandboxError if two have the same."""
    found: dict[Row, dict[str, Cell]] = {}
    for row in table.rows if key else ():
        named = dict(zip(table.columns, row, strict=True))
        at = tuple(named[name] for name in key)
        if at in found:
            raise SandboxError(f"two rows have the key {at}; name columns that tell them apart")
        found[at] = named
    return found


def _overwritten(was: Table, midway: Table, now: Table, key: tuple[str, ...]) -> tuple[str, ...]:
    """Cells that another changed meanwhile and that hold again what they held at the start."""
    old, middle, new = _keyed(was, key), _keyed(midway, key), _keyed(now, key)
    both = [at for at in old if at in middle and at in new]
    return tuple(
        f"{name} of {at}, which had become {middle[at][name]!r}, with {new[at][name]!r}"
        for at in both
        for name in was.columns
        if middle[at][name] != old[at][name] == new[at][name]
    ) + tuple(f"the new row {at}" for at in middle if at not in old and at not in new)


def _fits(wanted: Mapping[Any, str], row: Mapping[Any, Cell], *, whole: bool = False) -> bool:
    """Whether the named columns hold what is wanted; with `whole` there must be no others."""
    if whole and wanted.keys() != row.keys():
        return False
    return all(same(text, row[name]) for name, text in wanted.items())


def _turned(wanted: Named, old: Mapping[str, Cell], new: Mapping[str, Cell]) -> bool:
    return _fits(wanted, new) and all(new[name] == old[name] for name in new if name not in wanted)


def _paired(fits: list[list[bool]], many: int) -> bool:
    """Whether each wanted can have one of its own, and all of `many` found are had (augmenting paths, Kuhn 1955)."""
    taken: dict[int, int] = {}

    def place(want: int, tried: set[int]) -> bool:
        for at in range(many):
            if fits[want][at] and at not in tried:
                tried.add(at)
                if at not in taken or place(taken[at], tried):
                    taken[at] = want
                    return True
        return False

    return len(fits) == many and all(place(want, set()) for want in range(len(fits)))


def _off(wanted: Sequence[Mapping[Any, str]], found: Sequence[Mapping[Any, Cell]]) -> str:
    """What the row that comes nearest to one which is not there holds otherwise; "" where none has anything of it."""
    missing = [want for want in wanted if not any(_fits(want, row) for row in found)]
    over = [row for row in found if not any(_fits(want, row) for want in wanted)]
    pairs = [(_unlike(want, row), want, row) for want in missing for row in over if want.keys() <= row.keys()]
    names, want, row = min(pairs, key=lambda pair: len(pair[0]), default=([], {}, {}))
    if not names or len(names) == len(want) > 1:
        return ""
    called = {name: f"column {name + 1}" if isinstance(name, int) else name for name in names}
    return ", ".join(f"{called[name]} is {row[name]!r} and should be {want[name]!r}" for name in names)


def _unlike(wanted: Mapping[Any, str], row: Mapping[Any, Cell]) -> list[Any]:
    return [name for name, text in wanted.items() if not same(text, row[name])]


def _moved(old: Mapping[str, Cell], new: Mapping[str, Cell]) -> str:
    return ", ".join(f"{name} from {old[name]!r} to {new[name]!r}" for name in new if new[name] != old[name])


def _shown(rows: tuple[Row, ...]) -> str:
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return ", ".join(map(str, rows[:_SHOWN])) + more if rows else "no rows"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _is_file_of(source: str, change: str) -> bool:
    path = source.removeprefix("sqlite:").removeprefix("~/")
    kind, _, name = change.partition(":")
    name = name.partition("#")[0] if kind == "setting" else name
    return source.startswith("sqlite:") and name in {path, f"{path}-wal", f"{path}-shm", f"{path}-journal"}
