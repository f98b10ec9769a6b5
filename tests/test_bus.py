"""Calls over a real D-Bus daemon: many at once, sent ahead, to one that never answers, and over a bus that ends."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from cua.errors import DisplayGone
from drivers.bus import Bus, Request

DBUS = "org.freedesktop.DBus"


@pytest.fixture
def daemon() -> Iterator[subprocess.Popen[str]]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("no dbus-daemon; install the Debian package dbus")
    command = ("dbus-daemon", "--session", "--nofork", "--print-address=1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        yield running
        running.terminate()


@pytest.fixture
def address(daemon: subprocess.Popen[str]) -> str:
    assert daemon.stdout is not None
    return daemon.stdout.readline().strip()


@pytest.fixture
def bus(address: str) -> Iterator[Bus]:
    made = Bus(address)
    yield made
    made.close()


def owned(name: str) -> Request:
    return Request(DBUS, "/org/freedesktop/DBus", DBUS, "NameHasOwner", "s", (name,))


def test_more_calls_than_may_be_in_flight_come_back_in_order(bus: Bus) -> None:
    asked = [owned(DBUS if number % 3 else f"nobody.at{number}") for number in range(350)]
    assert [reply.body[0] for reply in bus.calls(asked)] == [number % 3 != 0 for number in range(350)]


def test_what_was_sent_ahead_is_answered_as_of_then_and_only_once(bus: Bus) -> None:
    name, ask = "test.Ahead", owned("test.Ahead")
    take = Request(DBUS, "/org/freedesktop/DBus", DBUS, "RequestName", "su", (name, 0))
    with bus.ahead([ask, *(owned(f"nobody.at{number}") for number in range(250))]):
        assert bus.call(take).body == (1,)
        assert bus.call(ask).body == (False,)
        assert bus.call(ask).body == (True,)
    with bus.ahead([ask]):
        pass
    assert bus.call(ask).body == (True,)


def test_one_that_never_answers_holds_up_nobody_else(bus: Bus, address: str) -> None:
    deaf = Bus(address)
    try:
        name = "test.Deaf"
        assert deaf.call(Request(DBUS, "/org/freedesktop/DBus", DBUS, "RequestName", "su", (name, 0)))
        lost = [Request(name, f"/{number}", "test.Deaf", "Say") for number in range(150)]
        with bus.ahead(lost):
            assert bus.call(owned(name)).body == (True,)
            assert "took over" in bus.call(lost[0], seconds=0.05).error
            assert all(bus.calls([owned(name)] * 120))
    finally:
        deaf.close()


def test_a_bus_that_ends_while_a_call_waits_is_said_at_once(daemon: subprocess.Popen[str], address: str) -> None:
    bus, deaf = Bus(address), Bus(address)
    try:
        name = "test.Deaf"
        assert deaf.call(Request(DBUS, "/org/freedesktop/DBus", DBUS, "RequestName", "su", (name, 0)))
        bus.send(Request(name, "/", "test.Deaf", "Say"))
        daemon.kill()
        with pytest.raises(DisplayGone):
            bus.call(Request(name, "/", "test.Deaf", "Say"), seconds=3600.0)
    finally:
        bus.close()
        deaf.close()
