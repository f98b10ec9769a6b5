"""Our own task files: every one loads with any seed; what is wrong in one is told with the file and the key."""

from __future__ import annotations

import re
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cua.checks import moved_between
from cua.core import Changes
from cua.errors import UsageError
from cua.record.shape import Table, effect_tables
from cua.tasks import form
from cua.tasks.drawing import ParamTable, drawn
from cua.tasks.own import OwnTask, Program, Put, Script, load
from tests.own_tasks import FOLDER, files

SEEDS = range(12)
GOOD = """
id = "small"
goal = "Write {word} into note.txt"
apps = [{ name = "Editor", command = ["editor"], packages = ["editor"], allowed = ["file:.config/editor/*"] }]
allowed = ["file:*.bak"]

[params]
word = { word = "goods" }
number = { integer = [1, 9] }

[[files]]
path = "~/note.txt"
text = "{number} {{braces}}"

[[checks]]
kind = "file"
path = "~/note.txt"
text = "{word}"

[[oracle]]
sh = 'echo "$word" >note.txt; echo {word}'

[[mutants]]
name = "nothing"
steps = [{ sh = 'echo >note.txt' }]
"""


def param(**keys: Any) -> ParamTable:
    return ParamTable.model_validate(keys)


def loaded(folder: Path, text: str = GOOD, seed: int = 0) -> OwnTask:
    path = folder / "small.toml"
    path.write_text(text)
    return load(path, seed)


# ---------------------------------------------------------------------------------------------- those that ship


def test_there_are_tasks_for_every_kind_of_app_and_across_apps() -> None:
    kinds = [path.stem.split("-")[0] for path in files()]
    assert len(kinds) >= 30
    assert {"mousepad", "calc", "writer", "files", "browser", "cross"} <= set(kinds)
    assert all(kinds.count(kind) >= 4 for kind in set(kinds))


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_a_task_loads_with_any_seed_and_each_seed_asks_for_something_else(path: Path) -> None:
    made = [load(path, seed) for seed in SEEDS]
    assert made == [load(path, seed) for seed in SEEDS]
    assert len({own.task.goal for own in made}) >= 2
    assert len({own.task.checks for own in made}) >= 2
    for own in made:
        assert not re.search(r"[{}]", own.task.goal)
        assert own.oracle
        assert len(own.mutants) >= 3
        assert len({mutant.name for mutant in own.mutants}) == len(own.mutants)


def test_some_oracles_of_every_app_act_on_the_screen() -> None:
    for kind in ("mousepad", "calc", "writer", "files", "browser", "cross"):
        oracles = [load(path, 0).oracle for path in files() if path.stem.startswith(kind)]
        assert any(not isinstance(step, Script | Put) for oracle in oracles for step in oracle), kind


def test_every_app_that_is_described_is_used() -> None:
    used = {program.name for path in files() for program in load(path, 0).programs}
    assert len(used) == len(list((FOLDER / "apps").glob("*.toml")))


# ---------------------------------------------------------------------------------------------- the form


def test_parameters_stand_in_texts_and_are_variables_of_scripts(tmp_path: Path) -> None:
    own = loaded(tmp_path)
    word, number = own.task.params["word"], own.task.params["number"]
    assert own.task.goal == f"Write {word} into note.txt"
    assert own.files == (Put("~/note.txt", f"{number} {{braces}}".encode()),)
    assert own.oracle == (Script('echo "$word" >note.txt; echo {word}'),)
    assert own.task.allowed[:2] == ("file:*.bak", "file:.config/editor/*")
    assert own.app.packages == ("editor",)


@pytest.mark.parametrize(
    ("old", "new", "saying"),
    [
        ("[[checks]]", "[[cheks]]", r"small\.toml: cheks is no key.* the closest is 'checks'"),
        ("allowed = [\"file:*.bak\"]", "alowed = []", "alowed is no key.* the closest is 'allowed'"),
        ('path = "~/note.txt"\ntext = "{w', 'pth = "~/note.txt"\ntext = "{w', r"checks\[0\].*pth.*closest is 'path'"),
        ('kind = "file"', 'kind = "fil"', r"checks\[0\]\.kind is 'fil'.*did you mean 'file'"),
        ("sh = 'echo \"$wo", "clik = 'x'\nsh = 'echo \"$wo", r"oracle\[0\]\.clik is no key.*closest is 'click'"),
        ("sh = 'echo \"$word\"", "press = 'x'\nsh = 'echo \"$word\"", r"oracle\[0\] says sh and press"),
        ("{ word = \"goods\" }", "{ wrd = \"goods\" }", r"params\.word\.wrd is no key.*closest is 'word'"),
        ("{ word = \"goods\" }", "{ word = \"goods\", choice = [\"a\"] }", r"params\.word says choice and word"),
        ("{ word = \"goods\" }", "{ }", r"params\.word says nothing"),
        ("{ integer = [1, 9] }", "{ integer = [9, 1] }", "leaves nothing to draw"),
        ("{ integer = [1, 9] }", "{ integer = [4, 4], unlike = [\"other\"] }", "no parameter 'other'"),
        ("{ integer = [1, 9] }", "{ sum = [\"word\", \"word\"] }", "is no whole number"),
        ("Write {word}", "Write {wodr}", r"goal: there is no parameter 'wodr'.*word, number"),
        ('text = "{number}', 'text = "x', r"params\.number is used nowhere"),
        ('id = "small"', 'id = "other"', "the id is 'other'; it should be 'small'"),
        ('text = "{number}', 'rows = [["x"]]\ntext = "{number}', "has text and rows"),
        ('path = "~/note.txt"\ntext = "{number}', 'path = "/etc/x"\ntext = "{number}', r"files\[0\]\.path"),
        ('text = "{number} {{braces}}"', 'rows = [["{number}"]]', r"rows can be made a file that ends in \.ods"),
        ("[[oracle]]", "[[oracle]", "small.toml: Expected"),
        ("goal = ", "goal = 5 #", "goal is 5; it should be a text"),
        ("apps = [{", 'apps = ["nobody", {', r"that says what the app 'nobody' is; there are: none"),
        ("apps = [{", 'apps = [5, {', r"apps\[0\] is 5; it should be a text; put it into quotes"),
        (', packages = ["editor"]', "", r"apps\[0\]\.packages is missing; add it"),
        ('path = "~/note.txt"\ntext = "{number}', 'path = "note.txt"\ntext = "{number}', "should begin with ~/"),
        ('path = "~/note.txt"\ntext = "{number}', 'mode = "999"\npath = "~/n"\ntext = "{number}', "three digits"),
        ('path = "~/note.txt"\ntext = "{w', 'path = "note.txt"\ntext = "{w', r"checks\[0\]\.path is 'note\.txt'"),
        ('id = "small"', 'id = "Small"', "id is 'Small'; it should have small letters"),
        ("word = {", 'Word = { integer = [1, 2] }\nword = {', r"params\.Word: the name of a parameter has small"),
        ("{ word = \"goods\" }", "{ word = \"good\" }", r"params\.word\.word is 'good'; it should be 'people',"),
        ("{ integer = [1, 9] }", "{ integer = [1] }", r"params\.number\.integer\[1\] is missing"),
        ("{ integer = [1, 9] }", "{ integer = [1, 9], step = 0 }", r"step is 0; it should be 1 or more"),
        ("[params]", "budget = { seconds = 0 }\n[params]", r"budget\.seconds is 0; it should be more than 0"),
        ("[params]", "budget = { acts = 1.5 }\n[params]", r"acts is 1\.5; it should be a whole number"),
        ("[params]", "budget = 5\n[params]", r"budget is 5; write it as a table, in braces"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_the_file_the_key_and_what_there_is(
    tmp_path: Path, old: str, new: str, saying: str
) -> None:
    assert old in GOOD
    with pytest.raises(UsageError, match=saying) as raised:
        loaded(tmp_path, GOOD.replace(old, new, 1))
    assert "small.toml" in str(raised.value)
    assert raised.value.exit_code == 2


WRONG = (5, -1.5, True, "x", "", (), ("a",), (1,), (1, 2, 3), {"a": 1}, date(2026, 1, 1), ({"a": {"b": 1}},))
TABLES = (form.TaskTable, form.AppTable, form.PutTable, form.StepTable, form.ElementTable, form.MutantTable)


def fault(table: type[Table], key: str, value: object, file: Path) -> str:
    """What is told of this value; "" where it may stand there."""
    try:
        form.read(table, {key: value}, file)
    except UsageError as exc:
        return str(exc)
    return ""


def test_no_fault_is_told_in_the_words_of_the_library_that_found_it() -> None:
    tables: tuple[type[Table], ...] = (*TABLES, form.BudgetTable, ParamTable, *effect_tables().values())
    told = [fault(table, key, value, Path("it"))
            for table in tables for key in table.model_fields for value in WRONG]  # fmt: skip
    assert sum(map(bool, told)) > 500
    assert not [said for said in told if re.search(r"(?i)input|valid|tuple|string|pattern|instance|not belong", said)]


def test_a_task_is_called_after_its_file_and_may_lack_what_only_proves_it(tmp_path: Path) -> None:
    bare = GOOD.replace('id = "small"', "").partition("[[oracle]]")[0]
    path = tmp_path / "Buy honey.toml"
    path.write_text(bare)
    own = load(path, 0)
    assert (own.task.id, own.oracle, own.mutants) == ("Buy honey", (), ())


def test_an_app_is_looked_up_beside_the_file_first_and_then_elsewhere(tmp_path: Path) -> None:
    named = re.sub(r"(?m)^apps = .*$", 'apps = ["near", "far"]', GOOD)
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "near.toml").write_text('name = "Near"\ncommand = ["near"]\npackages = ["near"]')
    path = tmp_path / "small.toml"
    path.write_text(named)
    own = load(path, 0, lambda name: Program(name.upper(), (name,), (name,)))
    assert [program.name for program in own.programs] == ["Near", "FAR"]

    def nowhere(name: str) -> Program:
        raise UsageError(f"no program is called {name!r}")

    with pytest.raises(UsageError, match=r"small\.toml: no program is called 'far'; or say in .*apps/far\.toml"):
        load(path, 0, nowhere)


def test_stores_of_keys_are_nobodys_doing_unless_the_task_is_about_them(tmp_path: Path) -> None:
    usual = loaded(tmp_path).task
    about = loaded(tmp_path, GOOD.replace("echo >note.txt", "rm -r .gnupg; echo >note.txt")).task
    moved = moved_between(Changes(), Changes(files={".gnupg/pubring.kbx": "created", ".gnupg/gpg.conf": "created"}))
    aside = [
        [key for key in sorted(moved) if not any(fnmatchcase(key, allowed) for allowed in task.allowed)]
        for task in (usual, about)
    ]
    assert aside == [["file:.gnupg/gpg.conf"], ["file:.gnupg/gpg.conf", "file:.gnupg/pubring.kbx"]]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        load(tmp_path / "none.toml", 0)
    (tmp_path / "small.toml").write_bytes(b"id = '\xff'")
    with pytest.raises(UsageError, match="no UTF-8"):
        load(tmp_path / "small.toml", 0)
    (tmp_path / "small.toml").write_bytes(b"#" * 2_000_000)
    with pytest.raises(UsageError, match="larger than 1 MB"):
        load(tmp_path / "small.toml", 0)


# ---------------------------------------------------------------------------------------------- parameters


def test_each_kind_of_parameter_is_drawn_or_made_as_it_says() -> None:
    tables = {
        "few": param(integer=(2, 4)),
        "tens": param(integer=(10, 50), step=20),
        "sum": param(sum=("few", "tens", "few")),
        "times": param(times=("few", "tens")),
        "rest": param(minus=("tens", "few")),
        "one": param(choice=("red", "blue")),
        "two": param(choice=("red", "blue"), unlike=("one",)),
        "say": param(text="{one}: {few}"),
        "loud": param(upper="{say}!"),
        "soft": param(lower="{loud}"),
        "hue": param(of="one", match={"red": "warm", "blue": "cold"}),
    }
    for seed in range(30):
        got = drawn(tables, seed)
        few, tens = int(got["few"]), int(got["tens"])
        assert (2 <= few <= 4, tens in (10, 30, 50)) == (True, True)
        assert (got["sum"], got["times"], got["rest"]) == (str(2 * few + tens), str(few * tens), str(tens - few))
        assert {got["one"], got["two"]} == {"red", "blue"}
        assert got["loud"] == f"{got['one'].upper()}: {few}!"
        assert got["soft"] == got["loud"].lower()
        assert got["hue"] == ("warm" if got["one"] == "red" else "cold")


@given(st.integers(0, 10**9))
@settings(max_examples=50, deadline=None)
def test_the_same_seed_gives_the_same_values(seed: int) -> None:
    tables = {"who": param(word="people"), "other": param(word="people", unlike=("who",))}
    first = drawn(tables, seed)
    assert first == drawn(tables, seed)
    assert first["who"] != first["other"]


def test_a_date_is_written_as_asked_and_lies_between_the_two() -> None:
    table = param(date=(date(2026, 2, 1), date(2026, 2, 3)), form="%d.%m.%Y")
    assert {drawn({"day": table}, seed)["day"] for seed in range(60)} == {"01.02.2026", "02.02.2026", "03.02.2026"}


def test_what_must_differ_and_cannot_is_told() -> None:
    tables = {"one": param(choice=("a",)), "two": param(choice=("a",), unlike=("one",))}
    with pytest.raises(UsageError, match=r"params\.two cannot differ from one"):
        drawn(tables, 0)
