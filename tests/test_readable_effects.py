"""An effect that no replay here could read is refused where a workflow is written: checked, imported or edited."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cua import app, workflows_app
from cua.checks import FileHolds
from cua.cli import main_app
from cua.errors import CuaError, UsageError
from cua.memory import versions
from cua.memory.workflows import Act, Mark, Workflow
from cua.probes import RowsAre
from cua.record import files
from sandbox_vms.local import LocalFiles

FLOW = Workflow("flow", "web", (Act("go", "click", Mark("button", "Go")),), start="http://127.0.0.1:1/")
ROWS = "kind = 'rows'\nsource = '{}'\nquery = 'select 1'\ncount = 1"


@pytest.fixture
def kept(cua_home: Path) -> Workflow:
    with app.record() as store:
        return versions.keep(store, FLOW)


def refused(*arguments: str) -> str:
    with pytest.raises(CuaError) as caught:
        main_app(list(arguments), prog_name="cua", standalone_mode=False)
    return str(caught.value)


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        (ROWS.format("sqlite:/var/lib/shop.db"), "/var/lib/shop.db lies outside of the home"),
        (ROWS.format("sqlite:~/../shop.db"), "outside of the home"),
        (ROWS.format("sqlite:/var/${{no}}.db").replace("${{no}}", "$${x}"), "outside of the home"),
        (ROWS.format("odd//shop"), "SQLAlchemy, which is not installed|begins no connection string"),
        ("kind = 'file'\npath = '/etc/shop'\ntext = 'x'", "/etc/shop lies outside of the home"),
    ],
)
def test_it_is_refused_at_once(
    kept: Workflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, effect: str, said: str
) -> None:
    path, editor = tmp_path / "written.toml", tmp_path / "editor"
    written = files.dumps(FLOW).replace('name = "flow"', 'name = "written"')
    path.write_text(f"{written}\n[[effects]]\n{effect}\n", encoding="utf-8")
    for verb in (("check", str(path)), ("import", str(path))):
        assert re.search(rf"effects\[0\]: .*({said})", refused("workflows", *verb))
    assert list(workflows_app.workflows()) == ["flow"]
    editor.write_text(f"#!/bin/sh\ncat >>\"$1\" <<'END'\n\n[[effects]]\n{effect}\nEND\n", encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    error = refused("workflows", "edit", "flow")
    assert re.search(rf"effects\[0\]: .*({said})", error)
    assert "Nothing is lost" in error
    assert workflows_app.workflow("flow").version == 1


def test_it_is_refused_in_the_words_of_the_replay() -> None:
    with pytest.raises(UsageError) as told:
        LocalFiles().path("/var/lib/shop.db")
    with pytest.raises(UsageError, match=re.escape(f"effects[0]: {told.value}")):
        workflows_app._check_effects(Workflow("x", "desktop", (), effects=(FileHolds("/var/lib/shop.db", "x"),)))


def test_what_can_be_read_or_lies_in_a_sandbox_is_not(
    kept: Workflow, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "flow.toml"
    text = files.dumps(FLOW) + f"\n[[effects]]\n{ROWS.format('sqlite:~/shops/a.db')}\n"
    path.write_text(text + "\n[[effects]]\nkind = 'file'\npath = '~/x'\ntext = 'y'\n", encoding="utf-8")
    assert files.load(path).effects == (RowsAre("sqlite:~/shops/a.db", "select 1", count=1), FileHolds("~/x", "y"))
    for which, count in ((str(path), "2 effects"), ("flow", "no effects")):
        assert main_app(["workflows", "check", which], standalone_mode=False) is None
        assert capsys.readouterr().out == f"flow makes sense: 1 step, {count}\n"
    astray = Workflow("astray", "a-sandbox", FLOW.steps, effects=(FileHolds("x.txt", "box"),))
    with pytest.raises(UsageError, match=r"effects\[0\]: 'x.txt' begins neither with / nor with ~/"):
        workflows_app._check_effects(astray)
    inside = Workflow("inside", "a-sandbox", FLOW.steps, effects=(FileHolds("/etc/hostname", "box"),))
    files.save(inside, path)
    assert main_app(["workflows", "check", str(path)], standalone_mode=False) is None
