"""`python3 -m sandbox_vms.guest --port P --host H --token-file F`: serve one machine until we are ended."""

from __future__ import annotations

import argparse
import gc
import os
import signal
from pathlib import Path
from threading import Thread

from drivers.desktop import Desktop
from sandbox_vms.guest.desk import Desk
from sandbox_vms.guest.machine import Machine
from sandbox_vms.guest.osworld_files import Files
from sandbox_vms.guest.osworld_programs import Running
from sandbox_vms.guest.osworld_screen import Screen
from sandbox_vms.guest.own import Own
from sandbox_vms.guest.pictures import Numbered
from sandbox_vms.guest.programs import Programs, his_environment
from sandbox_vms.guest.recording import Recording
from sandbox_vms.guest.server import Server

_FEW_LOOKS = 50_000  # objects that are new since the last collection: a look makes thousands, and frees them by itself


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="sandbox_vms.guest", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at, or unix:PATH")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--token-file", type=Path, required=True, help="file with the token to demand")
    said = parser.parse_args()
    token = said.token_file.read_text().strip() if said.token_file.is_file() else ""
    if not token:
        parser.error(f"{said.token_file} holds no token; write one there that nobody can guess")
    if os.geteuid() == 0:
        os.setgroups([])  # so that what is read with the user's rights is not read with those of root's groups
    programs = Programs(his_environment(os.environ))
    desk = Desk(lambda: _connected(programs))
    machine = Machine(programs)
    parts = (
        Own(desk, machine),
        Screen(desk),
        Running(desk, programs),
        Files(desk, programs),
        Recording(desk, programs),
    )
    routes = {of: route for part in parts for of, route in part.routes.items()}
    with Server((said.host, said.port), token, routes) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            # it waits until the server stops, and so must not run on the thread that serves
            signal.signal(number, lambda *_: Thread(target=server.shutdown).start())
        gc.collect()
        gc.freeze()  # what is there by now lasts: to look at it again and again would cost more than all it frees
        gc.set_threshold(_FEW_LOOKS)
        server.serve_forever(poll_interval=1.0)
    desk.close()
    machine.close()
    programs.close()


def _connected(programs: Programs) -> Desktop:
    """The desktop that the user's programs show themselves on."""
    env = programs.env
    session, access = env.get("DBUS_SESSION_BUS_ADDRESS", ""), env.get("AT_SPI_BUS_ADDRESS", "")
    desktop = Desktop(env.get("DISPLAY", ":0"), session, access, uid=programs.uid)
    desktop.frames.close()
    desktop.frames = Numbered(desktop.x11.display)
    return desktop


if __name__ == "__main__":
    main()
