"""Looking again at an application that was walked a moment ago: what shows is asked, and what told of a change.

What told of nothing and does not show, or looks as it did, is taken over as it was, and so is which node has which
children; whoever uses this walks anew when windows came or went, and now and then anyway. All else is asked for its
name and states, in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from drivers import roles
from drivers.bus import Bus, Request
from drivers.nodes import ACCESSIBLE, PROPERTIES, ROOT, Node

Nodes = dict[str, Node]
Walk = Callable[[list[tuple[str, str]]], Nodes | None]


def looked_again(
    bus: Bus, last: Mapping[str, Node], told: set[str], walk: Walk, suspects: Collection[str] | None
) -> Nodes | None:
    """The nodes now, with the same objects where nothing changed, and in the same order where all have the same place;
    None where only a whole walk can tell.

    `told` are the paths that came, went or got other children since; `walk` reads from these (path, parent) downwards,
    all or None; `suspects` are the paths to ask if they show, None for all.
    """
    if ROOT in told:
        return None
    roots, silent = _told_of(last, told)
    gone: set[str] = set()
    app = last[ROOT].app
    for path, (low, _) in _states(bus, app, silent).items():
        if low is None:
            gone.add(path)
        elif low >> roles.SHOWING & 1:
            roots.add(path)
    roots = {path for path in roots if not any(above in roots for above in _above(path, last))}
    below = _children(last) if roots or gone else {}
    apart = {path for root in (*roots, *gone) for path in _subtree(root, below)}
    asked = [path for path in (last if suspects is None else suspects) if path in last and path not in apart]
    now = _described(bus, app, {path: last[path] for path in asked if _shows(last[path])})
    if now is None:
        return None
    if not apart:
        return {path: now.get(path, node) for path, node in last.items()} if now else dict(last)
    fresh = walk([(path, last[path].parent) for path in sorted(roots)]) if roots else {}
    if fresh is None:
        return None
    fresh = {path: replace(node, index=last[path].index) if path in roots else node for path, node in fresh.items()}
    places = None if gone else _same_places(sorted(roots), last, below, fresh)
    if places is None:
        return {**{path: now.get(path, node) for path, node in last.items() if path not in apart}, **fresh}
    found = (places[path] if path in places else now.get(path, node) for path, node in last.items())
    return {node.path: node for node in found}


def foreseen(
    last: Mapping[str, Node],
    told: set[str],
    suspects: Collection[str] | None,
    likely: Callable[[Iterable[Node]], list[Request]],
) -> list[Request]:
    """What `looked_again` will ask, as far as that can be known now: what it is told to walk is asked as `likely`."""
    if ROOT in told:
        return []
    app = last[ROOT].app
    roots, silent = _told_of(last, told)
    below = _children(last) if roots else {}
    apart = dict.fromkeys(path for root in sorted(roots) for path in _subtree(root, below))
    asked = [path for path in (last if suspects is None else suspects) if path in last and path not in apart]
    asks = [Request(app, path, ACCESSIBLE, "GetState") for path in silent]
    asks += _asks(app, [path for path in asked if _shows(last[path])])
    return asks + likely(last[path] for path in apart)


def _told_of(last: Mapping[str, Node], told: set[str]) -> tuple[set[str], list[str]]:
    """Of the nodes that told of a change, those that show and those that did not."""
    shown = {path for path in told if path in last and _shows(last[path])}
    return shown, [path for path in told if path in last and path not in shown]


def _same_places(
    roots: list[str], last: Mapping[str, Node], below: Mapping[str, list[str]], fresh: Nodes
) -> Nodes | None:
    """What is now in the place of each node below the roots, by its path then; None where there are more or fewer."""
    children = _children(fresh)
    places: Nodes = {}
    waiting = [(root, root) for root in roots]
    while waiting:
        before, now = waiting.pop()
        inside, there = below.get(before, []), children.get(now, [])
        if now not in fresh or len(inside) != len(there):
            return None
        node = replace(fresh[now], index=last[before].index)
        places[before] = last[before] if node == last[before] else node
        waiting += zip(inside, there, strict=True)
    return places


def _shows(node: Node) -> bool:
    return node.showing or node.path == ROOT


def _children(nodes: Mapping[str, Node]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in nodes.values():
        found.setdefault(node.parent, []).append(node.path)
    return found


def _subtree(root: str, below: Mapping[str, list[str]]) -> Iterator[str]:
    waiting = [root]
    while waiting:
        path = waiting.pop()
        yield path
        waiting += below.get(path, [])


def _above(path: str, nodes: Mapping[str, Node]) -> Iterator[str]:
    while path in nodes and nodes[path].parent != path and path != ROOT:
        path = nodes[path].parent
        yield path


def _states(bus: Bus, app: str, paths: list[str]) -> dict[str, tuple[int | None, int]]:
    replies = bus.calls([Request(app, path, ACCESSIBLE, "GetState") for path in paths])
    return {
        path: (*reply.body[0], 0, 0)[:2] if reply else (None, 0) for path, reply in zip(paths, replies, strict=True)
    }


def _asks(app: str, paths: Sequence[str]) -> list[Request]:
    asks = [Request(app, path, PROPERTIES, "Get", "ss", (ACCESSIBLE, "Name")) for path in paths]
    return asks + [Request(app, path, ACCESSIBLE, "GetState") for path in paths]


def _described(bus: Bus, app: str, nodes: Mapping[str, Node]) -> Nodes | None:
    """These nodes with the names and states of now; None if one of them is gone without a word."""
    replies = bus.calls(_asks(app, list(nodes)))
    found: Nodes = {}
    for (path, node), name, state in zip(nodes.items(), replies[: len(nodes)], replies[len(nodes) :], strict=True):
        if not name or not state:
            return None
        low, high = (*state.body[0], 0, 0)[:2]
        if low >> roles.DEFUNCT & 1:
            return None
        title = str(name.body[0].value).strip()
        same = (title, low, high | node.high) == (node.name, node.low, node.high)
        found[path] = node if same else replace(node, name=title, low=low, high=high)
    return found
