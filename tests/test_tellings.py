"""What signals of AT-SPI say of a node."""

from __future__ import annotations

from typing import Any

import pytest
from dbus_fast import Message, MessageType, Variant

from drivers.tellings import Lasting, Telling, telling_of

HERE, NODE = "/org/a11y/atspi/accessible/7", "/org/a11y/atspi/accessible/8"
CHILD = Variant("(so)", (":1.5", NODE))
ITEM: tuple[Any, ...] = (
    (":1.5", NODE),
    (":1.5", HERE),
    (":1.5", HERE),
    0,
    0,
    ["org.a11y.atspi.Action"],
    "Go",
    43,
    "goes",
    [1, 0],
)
OLDER = (*ITEM[:3], [], *ITEM[5:])  # with its children in place of how many they are
GOES = Lasting(43, frozenset({"Action"}), "goes")


def signal(member: str, *body: Any) -> Message:
    return Message(
        message_type=MessageType.SIGNAL,
        sender=":1.5",
        path=HERE,
        interface="org.a11y.atspi.Event.Object",
        member=member,
        body=list(body),
    )


@pytest.mark.parametrize("item", [ITEM, OLDER], ids=["with a count", "with children"])
def test_a_node_that_is_listed_brings_what_seldom_changes(item: tuple[Any, ...]) -> None:
    assert telling_of(signal("AddAccessible", item)) == Telling(NODE, came=NODE, lasting=GOES, listed=True)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (("RemoveAccessible", (":1.5", NODE)), Telling(NODE, other=True, went=NODE, listed=True)),
        (("ChildrenChanged", "add", 0, 0, CHILD), Telling(HERE, grown=True, came=NODE)),
        (("ChildrenChanged", "remove/system", 0, 0, CHILD), Telling(HERE, grown=True, went=NODE)),
        (("StateChanged", "defunct", 1, 0, CHILD), Telling(HERE, grown=True, other=True, went=HERE)),
        (("StateChanged", "showing", 1, 0, CHILD), Telling(HERE, grown=True)),
        (("StateChanged", "enabled", 1, 0, CHILD), Telling(HERE)),
        (("PropertyChange", "accessible-role", 0, 0, CHILD), Telling(HERE, other=True)),
        (("PropertyChange", "accessible-name", 0, 0, CHILD), Telling(HERE)),
    ],
)
def test_what_a_signal_means_for_its_node(said: tuple[Any, ...], meant: Telling) -> None:
    assert telling_of(signal(*said)) == meant


@pytest.mark.parametrize("member", ["AddAccessible", "RemoveAccessible", "ChildrenChanged", "StateChanged", "Focus"])
@pytest.mark.parametrize("body", [(), (1,), ("add",), ((),), ((1, 2),), ("remove", 0, 0, (1, 2))])
def test_what_is_not_understood_is_told_of_its_node_alone(member: str, body: tuple[Any, ...]) -> None:
    telling = telling_of(signal(member, *body))
    assert (telling.path, telling.lasting, telling.came, telling.went) == (HERE, None, "", "")
