"""Which browser is run, and whether what drives it runs: it starts none itself."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

from playwright.sync_api import Playwright

from cua.errors import MissingProgram

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PATHS = (
    Path("/usr/lib/chromium/chromium"),
    Path("/opt/google/chrome/chrome"),
    Path("/snap/bin/chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)


def find_browser(playwright: Playwright, wanted: Path | None = None) -> Path:
    """The browser to run: the one asked for, else an installed Chromium or Chrome, else Playwright's own."""
    if wanted is not None:
        if wanted.is_file():
            return wanted
        raise MissingProgram(f"no browser at {wanted}; name an installed Chromium or Chrome, or leave it out to search")
    installed = (Path(found) for name in NAMES if (found := shutil.which(name)))
    for path in (*installed, *PATHS, Path(playwright.chromium.executable_path)):
        if path.is_file():
            return path
    raise MissingProgram(
        "no Chromium or Chrome is installed; install the package `chromium` (or `google-chrome-stable`)"
    )


@cache
def check_driver(node: str) -> None:
    """Playwright's own program must run: where it cannot, Playwright says only that somebody hung up."""
    try:
        tried = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise MissingProgram(f"Playwright's driver {node} does not start: {exc}; pip install it again") from exc
    if tried.returncode:
        said = tried.stderr.strip() or f"exit code {tried.returncode}"
        raise MissingProgram(f"Playwright's driver does not start: {said}; on Debian: apt-get install libatomic1")
