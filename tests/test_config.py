"""Settings are understood or refused in words; paths move as one; importing touches nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cua import config
from cua.core import Budget
from cua.errors import SettingsError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.upper().startswith("CUA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CUA_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_without_a_file_there_are_defaults(home: Path) -> None:
    found = config.settings()
    assert (found.screen_size, found.approve, found.budget.of_task()) == ((1280, 800), "risky", Budget())


def test_the_file_is_obeyed(home: Path) -> None:
    (home / "config.toml").write_text('screen = "1920x1080"\n[budget]\nacts = 7\n')
    found = config.settings()
    assert (found.screen_size, found.budget.of_task()) == ((1920, 1080), Budget(acts=7))


def test_the_environment_goes_before_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "config.toml").write_text('approve = "never"\n[budget]\nacts = 7\nseconds = 8\n')
    monkeypatch.setenv("CUA_APPROVE", "always")
    monkeypatch.setenv("CUA_BUDGET__ACTS", "3")
    found = config.settings()
    assert (found.approve, found.budget.of_task()) == ("always", Budget(3, 8))


@pytest.mark.parametrize(
    ("text", "sayings"),
    [
        ('screen = "1280x800"\napprove = maybe\n', ("line 2", "mend")),
        ('\napprove = "maybe"\n', ("line 2", "approve", "'maybe'", "'risky'")),
        ('# size\nscreen = "big"\n', ("line 2", "screen", "'big'")),
        ("[budget]\nseconds = 5\nacts = 0\n", ("line 3", "budget.acts", "greater than 0")),
        ("budget.acts = 'x'\n", ("line 1", "budget.acts", "integer")),
        ('approve = "risky"\nscren = 1\n', ("line 2", "scren", "no such setting", "screen")),
        ("[budget]\nact = 1\n", ("line 2", "budget.act", "acts, seconds")),
        ("budget = 3\n", ("line 1", "budget", "a section [budget] with: acts, seconds,", "it is 3")),
        ("[model]\nbudget = 3\n", ("line 2", "model.budget", "[model.budget] with: calls, tokens, cost, seconds,")),
        ("[model]\nprice = [1]\n", ("line 2", "a section [model.price] with: sent, cached, written,")),
        ("model = 'gpt'\n", ("line 1", "a section [model] with: name, base_url, key,", "it is 'gpt'")),
        ("[[budget]]\nacts = 3\n", ("line 1", "a section [budget] with: acts, seconds,")),
        ("task_hosts = 'nas:80'\n", ("line 1", "task_hosts", "a list, such as", "it is 'nas:80'")),
    ],
)
def test_a_setting_not_understood_is_named_with_file_line_and_key(home: Path, text: str, sayings: tuple[str]) -> None:
    file = home / "config.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as raised:
        config.settings()
    for saying in (str(file), *sayings):
        assert saying in str(raised.value)
    assert "instance of" not in str(raised.value)


def test_a_bad_variable_is_named_instead_of_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUA_BUDGET__ACTS", "many")
    with pytest.raises(SettingsError, match=r"environment variable CUA_BUDGET__ACTS.*'many'"):
        config.settings()


@pytest.mark.parametrize(
    ("name", "value", "parts"),
    [
        ("CUA_BUDGET", "3", "CUA_BUDGET__ACTS, CUA_BUDGET__SECONDS"),
        ("CUA_MODEL__PRICE", "[1]", "CUA_MODEL__PRICE__SENT, CUA_MODEL__PRICE__CACHED, CUA_MODEL__PRICE__WRITTEN"),
    ],
)
def test_a_variable_for_a_whole_section_names_those_of_its_parts(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, parts: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        config.settings()
    said = f"the environment variable {name}: this should be set by its parts: {parts}, but it is {value}"
    assert str(raised.value).startswith(said)


def test_a_variable_that_is_no_json_is_refused_in_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUA_BUDGET", "{acts")
    with pytest.raises(SettingsError, match="CUA_BUDGET"):
        config.settings()


def test_a_file_that_is_no_text_is_refused_in_words(home: Path) -> None:
    (home / "config.toml").write_bytes(b"# fine\nscreen = '\xff'\n")
    with pytest.raises(SettingsError, match="line 2: this is no UTF-8"):
        config.settings()


def test_a_file_that_cannot_be_read_is_refused_in_words(home: Path) -> None:
    (home / "config.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot read"):
        config.settings()


def test_one_variable_moves_everything(home: Path) -> None:
    found = config.paths()
    assert found.config == home / "config.toml"
    assert found.record == home / "data" / "cua.db"
    assert {found.sandboxes.parent, found.reports.parent} == {found.data} == {home / "data"}


def test_the_data_folder_is_its_owners_only(home: Path) -> None:
    assert stat.S_IMODE(config.paths().data.stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made_is_refused_in_words(home: Path) -> None:
    (home / "data").write_text("in the way")
    with pytest.raises(SettingsError, match="CUA_HOME"):
        config.paths()


def test_without_the_variable_things_lie_where_the_desktop_puts_them(home: Path) -> None:
    env = {"HOME": str(home), "PATH": os.environ["PATH"]}
    code = "from cua.config import paths; p = paths(); print(p.config, p.record)"
    out = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    assert out.split() == [str(home / ".config/cua/config.toml"), str(home / ".local/share/cua/cua.db")]


def test_importing_reads_no_setting_and_writes_nothing(home: Path) -> None:
    (home / "config.toml").write_text("this is no TOML")
    env = {"HOME": str(home), "CUA_HOME": str(home), "CUA_APPROVE": "nonsense", "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-B", "-c", "import cua.config"], env=env, check=True)
    assert [path.name for path in home.iterdir()] == ["config.toml"]
