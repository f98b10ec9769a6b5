"""What the tests of virtual machines share: the small image, built once, and a machine with an app in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from cua.errors import MissingProgram
from sandbox_vms import vm
from sandbox_vms.apps import App
from sandbox_vms.qemu import Qemu
from sandbox_vms.templates import Build
from tests.bench.machines import APP, build


def image() -> Build:
    """The small image with what the machines of tests are kept in; skips the test where there can be none."""
    try:
        vm.check()
        return build()
    except MissingProgram as exc:
        pytest.skip(str(exc))


@contextmanager
def machine(app: App | None = APP, *, spare: bool = False) -> Iterator[Qemu]:
    """A machine with this app."""
    with closing(Qemu(app, image(), spare=spare)) as made:
        yield made
