"""What does each of OSWorld's tasks that the bench runs, by the task's id, in the machine, knowing nothing of checks.

Most do it by a command, some by keys or by the browser's own files while it is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cua.core import Press, Type, Wait
from cua.errors import SandboxError
from cua.tasks.machine import Machine
from tests.waiting import awaited as awaited_quickly

Oracle = Callable[[Machine], None]
# an emulated machine has a browser's page after a minute, and each question there takes time from it
awaited = partial(awaited_quickly, limit=240, pause=1)

_PROFILE = "org.gnome.Terminal.Legacy.Profile:/org/gnome/terminal/legacy/profiles:/:"
_BROWSER = "/home/user/.config/chromium"
_EDIT = """
import json, sys
path, *pairs = sys.argv[1:]
try:
    data = json.load(open(path))
except FileNotFoundError:
    data = {}
for keys, value in zip(pairs[::2], pairs[1::2]):
    *above, last = keys.split("/")
    at = data
    for key in above:
        at = at.setdefault(key, {})
    at[last] = json.loads(value)
json.dump(data, open(path, "w"))
"""
_BING = """{
    "short_name": "Bing", "keyword": "bing.com", "url": "https://www.bing.com/search?q={searchTerms}", "id": "3",
    "prepopulate_id": 3, "input_encodings": ["UTF-8"], "is_active": 1, "safe_for_autoreplace": true,
    "synced_guid": "485bf7d3-0215-45af-87dc-538868000003", "date_created": "0", "last_modified": "0"
}"""
_BOOKMARKS = """{
    "bookmark_bar": {"children": [{"children": [], "id": "4", "name": "Favorites", "type": "folder",
        "guid": "6f1b2c1e-6a0f-4d0e-9a76-0b8c3f0f7a11", "date_added": "13380000000000000", "date_modified": "0"}],
        "id": "1", "name": "Bookmarks bar", "type": "folder", "guid": "0bc5d13f-2cba-5d74-951f-3f233fe6c908",
        "date_added": "13380000000000000", "date_modified": "0"},
    "other": {"children": [], "id": "2", "name": "Other bookmarks", "type": "folder",
        "guid": "82b081ec-3dd3-529c-8475-ab6c344590dd", "date_added": "13380000000000000", "date_modified": "0"},
    "synced": {"children": [], "id": "3", "name": "Mobile bookmarks", "type": "folder",
        "guid": "4cf2e351-0e85-532b-bb37-df045d8f8d0f", "date_added": "13380000000000000", "date_modified": "0"}
}"""
_OFFICE = "/home/user/.config/libreoffice/4/user/registrymodifications.xcu"
_SAVES = (
    '<item oor:path="/org.openoffice.Office.Common/Save/Document"><prop oor:name="AutoSave" oor:op="fuse">'
    '<value>true</value></prop></item><item oor:path="/org.openoffice.Office.Common/Save/Document">'
    '<prop oor:name="AutoSaveTimeIntervall" oor:op="fuse"><value>3</value></prop></item></oor:items>'
)


def run(machine: Machine, *argv: str) -> str:
    """A command in it. Raises SandboxError where it fails."""
    done = machine.world.exec(argv)
    if done.code:
        raise SandboxError(f"{argv} ended with {done.code}: {done.err.strip()}")
    return done.out


# ---------------------------------------------------------------------------------------------- the desktop


def _set(schema: str, **values: str) -> Oracle:
    def oracle(machine: Machine) -> None:
        for key, value in values.items():
            run(machine, "gsettings", "set", schema, key.replace("_", "-"), value)

    return oracle


def _terminal(machine: Machine) -> None:
    default = run(machine, "gsettings", "get", "org.gnome.Terminal.ProfilesList", "default").strip().strip("'")
    for key, value in (("default-size-columns", "132"), ("default-size-rows", "43")):
        run(machine, "gsettings", "set", f"{_PROFILE}{default}/", key, value)


def _volume(machine: Machine) -> None:
    run(machine, "pactl", "set-sink-volume", "@DEFAULT_SINK@", "100%")


def _rename(machine: Machine) -> None:
    run(machine, "mv", "/home/user/Desktop/todo_list_Jan_1", "/home/user/Desktop/todo_list_Jan_2")


def _zone(machine: Machine) -> None:
    run(machine, "sh", "-c", "echo password | sudo -S timedatectl set-timezone UTC")


# ---------------------------------------------------------------------------------------------- the browser


def _edited(file: str, *pairs: str) -> Oracle:
    """Its files are changed while it is closed: it would write over them when it ends."""

    def oracle(machine: Machine) -> None:
        for window in machine.windows():
            machine.close_window(window.id)
        awaited(lambda: machine.world.exec(("pgrep", "chromium")).code, "the browser ends", lambda code: code == 1)
        run(machine, "python3", "-c", _EDIT, f"{_BROWSER}/{file}", *pairs)

    return oracle


def _preference(keys: str, value: str) -> Oracle:
    return _edited("Default/Preferences", keys, value)


def _passwords(machine: Machine) -> None:
    machine.driver.act(Press("ctrl+l"))
    machine.driver.act(Wait(5))  # until the screen is quiet
    machine.driver.act(Type("chrome://password-manager/passwords\n"))
    awaited(
        lambda: [window.title for window in machine.windows()],
        "the page of passwords",
        lambda titles: any("Password" in title for title in titles),
    )


# ---------------------------------------------------------------------------------------------- the office


def _autosave(machine: Machine) -> None:
    text = machine.world.read(_OFFICE).decode()
    run(machine, "pkill", "-f", "soffice.bin")
    awaited(lambda: machine.world.exec(("pgrep", "-f", "soffice.bin")).code, "the office ends", lambda code: code == 1)
    machine.write(_OFFICE, text.replace("</oor:items>", _SAVES).encode())


def _pane(machine: Machine) -> None:
    for keys in ("F10", "Right", "Right", *["Down"] * 11, "Return"):
        machine.driver.act(Press(keys))


# what cannot be done has none: there the right end is to say so
ORACLES: dict[str, Oracle] = {
    "13584542-872b-42d8-b299-866967b5c3ef": _terminal,
    "28cc3b7e-b194-4bc9-8353-d04c0f4d56d2": _volume,
    "3ce045a0-877b-42aa-8d2c-b4a863336ab8": _set("org.gnome.desktop.interface", text_scaling_factor="1.25"),
    "a4d98375-215b-4a4d-aee9-3d4370fccc41": _set("org.gnome.desktop.screensaver", lock_enabled="true"),
    "b6781586-6346-41cd-935a-a6b1487918fc": _zone,
    "bedcedc4-4d72-425e-ad62-21960b11fe0d": _set("org.gnome.desktop.session", idle_delay="0"),
    "e0df059f-28a6-4169-924f-b9623e7184cc": _rename,
    "ec4e3f68-9ea4-4c18-a5c9-69f89d1178b3": _set(
        "org.gnome.shell", favorite_apps="['thunderbird.desktop', 'google-chrome.desktop']"
    ),
    "f9be0997-4b7c-45c5-b05c-4612b44a6118": _set("org.gnome.desktop.notifications", show_banners="false"),
    "030eeff7-b492-4218-b312-701ec99ee0cc": _preference("enable_do_not_track", "true"),
    "12086550-11c0-466b-b367-1d9e75b3910e": _passwords,
    "2ad9387a-65d8-4e33-ad5b-7580065a27ca": _edited("Default/Bookmarks", "roots", _BOOKMARKS, "version", "1"),
    "2ae9ba84-3a0d-4d4c-8338-3a1478dc5fe3": _preference("profile/name", '"Thomas"'),
    "99146c54-4f37-4ab8-9327-5f3291665e1e": _preference("profile/default_content_setting_values/cookies", "4"),
    "af630914-714e-4a24-a7bb-f9af687d3b91": _preference("webkit/webprefs/default_font_size", "72"),
    "bb5e4c0d-f964-439c-97b6-bdb9747de3f4": _preference("default_search_provider_data/template_url_data", _BING),
    "2cd43775-7085-45d8-89fa-9e35c0a915cf": _autosave,
    "ef9d12bd-bcee-4ba0-a40e-918400f43ddf": _pane,
}
