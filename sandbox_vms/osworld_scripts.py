"""Small Python programs that are run in the guest by OSWorld's /execute, and what they print. They need no package of
ours there; the one about windows needs python-xlib, which pyautogui has brought along.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any

from cua.errors import SandboxError

# argv and seconds as JSON: prints code, output and errors. What is left behind by the command holds nobody up.
RUN = """
import base64, json, os, signal, subprocess, sys, tempfile
argv, seconds = json.loads(sys.argv[1])
out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
home = os.path.expanduser("~")
try:
    child = subprocess.Popen(argv, cwd=home, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
except OSError as error:
    code = 127 if isinstance(error, FileNotFoundError) else 126
    err.write(("%s: %s" % (argv[0], error.strerror)).encode("utf-8", "replace"))
else:
    try:
        code = child.wait(seconds)
    except subprocess.TimeoutExpired:
        code = 124
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
        child.wait()
out.seek(0)
err.seek(0)
print(json.dumps([code, base64.b64encode(out.read()).decode(), base64.b64encode(err.read()).decode()]))
"""

# the home, how large a file may be to be hashed, and to be kept: prints size, time, hash and content of each file
LIST = """
import base64, hashlib, json, os, stat, sys, zlib
home, hashed, kept, most = os.path.expanduser(sys.argv[1]), *map(int, sys.argv[2:])
found, left = {}, 1 << 25
for folder, below, names in os.walk(home):
    links = [name for name in below if os.path.islink(os.path.join(folder, name))]
    below[:] = [name for name in below if name != ".cache" and name not in links]
    for name in names + links:
        path = os.path.join(folder, name)
        told = os.path.relpath(path, home).replace(os.sep, "/")
        digest = content = ""
        try:
            about = os.lstat(path)
            if stat.S_ISLNK(about.st_mode):
                digest = "-> " + os.readlink(path)
            elif stat.S_ISREG(about.st_mode) and about.st_size <= hashed:
                with open(path, "rb") as file:
                    data = file.read()
                digest = hashlib.sha1(data).hexdigest()
                if told.startswith(".") and len(data) <= min(kept, left):
                    left -= len(data)
                    content = base64.b64encode(data).decode()
        except OSError:
            if not os.path.lexists(path):
                continue
            about = os.lstat(path)
        found[told] = [about.st_size, about.st_mtime_ns, digest, content]
        if len(found) > most:
            sys.exit("more than %d files are in %s" % (most, home))
print(base64.b64encode(zlib.compress(json.dumps(found).encode())).decode())
"""

# "list", or a message to the window manager and the id of a window: prints all windows, the lowest first
WINDOWS = """
import json, sys
from Xlib import X, display
from Xlib.error import XError
from Xlib.protocol import event
shown = display.Display()
root = shown.screen().root
def value(window, name):
    try:
        found = window.get_full_property(shown.intern_atom(name), X.AnyPropertyType)
    except XError:
        found = None
    return found.value if found else ()
def text(window, name):
    said = value(window, name)
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said or ""
if sys.argv[1] != "list":
    window = shown.create_resource_object("window", int(sys.argv[2]))
    data = [0, 2, 0, 0, 0] if sys.argv[1] == "_NET_CLOSE_WINDOW" else [2, 0, 0, 0, 0]
    said = event.ClientMessage(window=window, client_type=shown.intern_atom(sys.argv[1]), data=(32, data))
    root.send_event(said, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
    shown.sync()
away = {shown.intern_atom("_NET_WM_WINDOW_TYPE_" + kind) for kind in ("DESKTOP", "DOCK")}
away.add(shown.intern_atom("_NET_WM_STATE_SKIP_TASKBAR"))
active = list(value(root, "_NET_ACTIVE_WINDOW"))
told = []
for number in value(root, "_NET_CLIENT_LIST_STACKING") or value(root, "_NET_CLIENT_LIST"):
    window = shown.create_resource_object("window", number)
    if away.isdisjoint([*value(window, "_NET_WM_WINDOW_TYPE"), *value(window, "_NET_WM_STATE")]):
        title = text(window, "_NET_WM_NAME") or text(window, "WM_NAME")
        app = text(window, "WM_CLASS").rstrip(chr(0)).replace(chr(0), ".")
        told.append([number, title, app, number in active, next(iter(value(window, "_NET_WM_PID")), 0)])
print(json.dumps(told))
"""


def printed(said: str, what: str) -> Any:
    """The JSON that one of them printed last, packed or plain. Raises SandboxError."""
    line = said.strip().rpartition("\n")[2]
    try:
        if not line.startswith(("[", "{")):
            line = zlib.decompress(base64.b64decode(line, validate=True)).decode()
        return json.loads(line)
    except (ValueError, binascii.Error, zlib.error) as exc:
        raise SandboxError(f"{what} printed {line[:80]!r} in the machine, which is not understood ({exc})") from exc


def unpacked(said: str) -> bytes:
    """Bytes that came as base64."""
    return base64.b64decode(said)
