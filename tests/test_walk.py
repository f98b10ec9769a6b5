"""How long an application is read that is slow, or stops answering: one of its own on a real D-Bus."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from drivers.bus import Bus, Request
from drivers.walk import Patience, Walker
from tests.waiting import awaited

DEPTH, SLOW = 20, 0.02
NAME = "test.Slow"
PROGRAM = """
import asyncio, sys, time
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus
address, name, depth, slow, most = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
ROOT, FACE, asked = "/org/a11y/atspi/accessible/root", "org.a11y.atspi.Accessible", 0

def path(n):
    return f"/node/{n}" if n else ROOT

def said(message):
    n = 0 if message.path == ROOT else int(message.path.rpartition("/")[2])
    match message.member:
        case "GetState":
            time.sleep(slow)
            return "au", [[1 << 25 | 1 << 30, 0]]
        case "GetRole":
            return "u", [39]
        case "GetInterfaces":
            return "as", [[FACE]]
        case "GetChildren":
            return "a(so)", [[[bus.unique_name, path(n + 1)]] if n + 1 < depth else []]
        case "Get":
            return "v", [Variant("i", 1) if message.body[1] == "ChildCount" else Variant("s", f"node {n}")]

def heard(message):
    global asked
    if message.message_type is not MessageType.METHOD_CALL or not message.path.startswith(("/node", ROOT)):
        return False
    asked += message.member == "GetState"
    if asked <= most:
        bus.send(Message.new_method_return(message, *said(message)))
    return True

async def main():
    global bus
    bus = await MessageBus(bus_address=address).connect()
    bus.add_message_handler(heard)
    await bus.request_name(name)
    await bus.wait_for_disconnect()

asyncio.run(main())
"""


@pytest.fixture
def address() -> Iterator[str]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("no dbus-daemon; install the Debian package dbus")
    command = ("dbus-daemon", "--session", "--nofork", "--print-address=1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        yield running.stdout.readline().strip()
        running.terminate()


@contextmanager
def slow(address: str, answers: int = 10**6) -> Iterator[tuple[Bus, str]]:
    """A bus, and the name on it of a program that answers slowly, or only so often."""
    argv = [sys.executable, "-c", PROGRAM, address, NAME, str(DEPTH), str(SLOW), str(answers)]
    bus, dbus = Bus(address), "org.freedesktop.DBus"
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as program:
        ask = Request(dbus, "/org/freedesktop/DBus", dbus, "GetNameOwner", "s", (NAME,))
        yield bus, str(awaited(lambda: bus.call(ask), "the program on the bus").body[0])
        program.kill()
    bus.close()


def test_a_tree_that_is_slow_to_come_is_read_to_its_end(address: str) -> None:
    with slow(address) as (bus, app):
        tree = Walker(bus, Patience(usual=SLOW, most=60.0)).walk(app)
    assert (len(tree.nodes), tree.note) == (DEPTH, "")


def test_one_that_takes_too_long_is_cut_and_not_waited_for_so_long_again(address: str) -> None:
    with slow(address) as (bus, app):
        walker = Walker(bus, Patience(usual=0.0, most=DEPTH / 2 * SLOW))
        first, second = walker.walk(app), walker.walk(app)
    assert 1 < len(first.nodes) < DEPTH
    assert len(second.nodes) <= 1
    assert all("tree was cut" in tree.note for tree in (first, second))


def test_one_that_stops_answering_is_left_and_the_look_says_so(address: str) -> None:
    with slow(address, answers=5) as (bus, app):
        tree = Walker(bus, Patience(answer=0.3)).walk(app)
    assert len(tree.nodes) == 5
    assert "stopped answering" in tree.note
