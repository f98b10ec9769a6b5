"""The demo shows what an app's data file lists; what it cannot show it says before anything starts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cua.demo import Script
from cua.errors import UsageError
from tests.test_architecture import ROOT


def test_what_bootstrap_shows_is_an_app_with_commands() -> None:
    found = re.search(r"cua\.demo --of (\S+)", (ROOT / "bootstrap").read_text(encoding="utf-8"))
    assert found
    script = Script.of(ROOT / found[1])
    assert script.app
    assert len(set(script.commands)) == len(script.commands) >= 10


@pytest.mark.parametrize(
    ("text", "says"), [(None, "cannot read"), ("[demo", "is no TOML"), ("command = 'sh'", "add a table")]
)
def test_a_file_that_lists_nothing_to_show_says_what_it_needs(tmp_path: Path, text: str | None, says: str) -> None:
    file = tmp_path / "app.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        Script.of(file)


def test_it_ends_with_the_exit_code_of_its_trouble(tmp_path: Path) -> None:
    file = tmp_path / "app.toml"
    file.write_text("command = 'sh'", encoding="utf-8")
    argv = [sys.executable, "-m", "cua.demo", "--of", str(file)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    assert "[demo]" in done.stdout
