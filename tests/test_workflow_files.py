"""What a workflow file promises: it reads as it was written, and says where and how it is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cua import checks
from cua.checks import ControlIs, DocumentIs, FileHolds, Requirement, SettingIs, ShowsNumber, WindowIs, WindowTitled
from cua.core import Locator
from cua.errors import UsageError
from cua.memory.workflows import Act, Each, Expect, IfPresent, Mark, Param, Step, Workflow, literal
from cua.probes import RowsAre, RowsChanged
from cua.record import files, shape
from cua.record.telling import lines

FIXTURES = Path(__file__).parent / "fixtures" / "workflows"
PEOPLE = (FIXTURES / "people.toml").read_text(encoding="utf-8")

# ---------------------------------------------------------------------------------------------- any workflow

any_text = st.text(st.characters(codec="utf-8"), max_size=12).map(literal)
said = any_text | st.sampled_from(["${city}", "to ${city}, $${x}", 'quo"te\n\\', "ä ' # [x]"])
names = st.from_regex(r"\A[a-z]{1,8}\Z")
texts = st.lists(said, max_size=3).map(tuple)
counts = st.integers(0, 2**31)
marks = st.builds(
    Mark,
    role=any_text,
    name=said,
    locators=st.lists(st.builds(Locator, names, said), max_size=3).map(tuple),
    window=any_text,
    path=texts,
    row=texts,
    near=texts,
    box=st.none() | st.tuples(counts, counts, counts, counts),
    nth=counts,
    of=st.integers(1, 99),
    says=st.dictionaries(any_text, any_text, max_size=2),
)
expects = st.builds(
    Expect,
    st.sampled_from(["shows", "gone", "holds", "checked", "at", "window", "closed"]),
    any_text,
    said,
    said,
    st.floats(0.1, 3600),
    st.booleans(),
)


def acts(do: str, **more: Any) -> st.SearchStrategy[Act]:
    return st.builds(
        Act,
        id=names,
        do=st.just(do),
        button=st.sampled_from(["left", "middle", "right"]),
        count=st.integers(1, 3),
        keys=st.lists(st.sampled_from(["ctrl", "shift"]), max_size=2).map(tuple),
        scroll=st.tuples(st.integers(-9, 9), st.integers(-9, 9)),
        risk=st.sampled_from(["read", "reversible", "irreversible"]),
        expect=st.lists(expects, max_size=2).map(tuple),
        say=said,
        **{"target": st.none() | marks, "to": st.none() | marks, "text": said, **more},
    )


full = said.filter(bool)
act = st.one_of(
    acts("click", target=marks),
    acts("fill", target=marks, text=said | st.just("${password}")),
    acts("type", text=full | st.just("x${password}")),
    acts("press", text=full),
    acts("open", text=full),
    acts("scroll"),
    acts("wait"),
    acts("drag", target=marks, to=marks),
)
inner = st.lists(act, min_size=1, max_size=2).map(tuple)
guarded = st.builds(IfPresent, names, marks, inner, st.floats(0, 60))
looped = st.builds(Each, names, st.just("people"), st.lists(act | guarded, min_size=1, max_size=2).map(tuple))
values = st.lists(st.none() | said, max_size=2).map(tuple)
effects = st.one_of(
    st.builds(SettingIs, said, values),
    st.builds(ControlIs, said, said, said),
    st.builds(DocumentIs, said, st.booleans()),
    st.builds(ShowsNumber, said),
    st.builds(FileHolds, said, said, st.booleans()),
    st.builds(WindowIs, said, st.booleans()),
    st.builds(WindowTitled, said),
)
PARAMS = (Param("people", "rows"), Param("city", default="Oslo", label="City"), Param("password", "secret"))
workflows = st.builds(
    Workflow,
    name=names,
    on=names,
    steps=st.lists(act | guarded | looped, min_size=1, max_size=4).map(tuple).map(lambda steps: renamed(steps, [0])),
    goal=said,
    start=said,
    origins=st.lists(any_text, max_size=2).map(tuple),
    params=st.lists(st.builds(Param, names.filter(lambda n: n not in ("people", "city", "password")),
        st.sampled_from(["text", "number"]), st.none() | any_text, any_text), max_size=2,
        unique_by=lambda p: p.name).map(lambda more: (*PARAMS, *more)),
    effects=st.lists(effects, max_size=3).map(tuple),
    allowed=texts,
    screen=st.tuples(counts, counts),
    source=st.sampled_from(["person", "run", "import"]),
    version=st.integers(1, 999),
    healed=st.lists(any_text, max_size=2).map(tuple),
)  # fmt: skip


def renamed(steps: tuple[Step, ...], count: list[int]) -> tuple[Step, ...]:
    """The same steps, each with an id of its own."""
    from dataclasses import replace

    found: list[Step] = []
    for step in steps:
        count[0] += 1
        named = replace(step, id=f"step-{count[0]}")
        found.append(named if isinstance(named, Act) else replace(named, steps=renamed(named.steps, count)))
    return tuple(found)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(workflows)
def test_every_workflow_reads_as_it_was_written(workflow: Workflow) -> None:
    assert files.loads(files.dumps(workflow)) == workflow


def test_a_file_written_by_hand_reads_and_stays_the_same_when_saved(tmp_path: Path) -> None:
    found = files.load(FIXTURES / "people.toml")
    assert [step.id for step in found.steps] == ["cookies", "log-in", "everyone"]
    assert isinstance(found.steps[2], Each)
    assert found.effects[1] == SettingIs("app.conf#last", ("1", None))
    files.save(found, tmp_path / "deep" / "people.toml")
    assert files.load(tmp_path / "deep" / "people.toml") == found
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["people.toml"]


def test_a_saved_file_tells_a_person_how_to_edit_it() -> None:
    head = files.dumps(files.loads(PEOPLE)).partition("\nformat = ")[0]
    assert all(word in head for word in ("--param", 'do = "each"', 'do = "if present"', "${name}", "risk")) or (
        "--param" in files.dumps(files.loads(PEOPLE))
    )
    assert all(line.startswith("#") for line in head.splitlines() if line)


def test_a_workflow_that_is_shown_says_where_its_secrets_come_from() -> None:
    (said,) = (line for line in lines(files.loads(PEOPLE)) if line.startswith("parameter password"))
    assert "cua secret set password" in said
    assert "CUA_SECRET_PASSWORD" in said


def test_numbers_dates_and_truth_in_an_effect_are_what_they_say() -> None:
    row = 'added = [{ id = 7, price = 12.5, day = 2026-01-31, urgent = true, name = "Ada", paid = false }]'
    (found,) = files.loads(HEAD + CLICK + EFFECT + row).effects
    assert isinstance(found, RowsChanged)
    (added,) = found.added
    assert added == {"id": "7", "price": "12.5", "day": "2026-01-31", "urgent": "1", "name": "Ada", "paid": "0"}
    setting = '[[effects]]\nkind = "setting"\nkey = "a.conf#x"\nvalues = [true, 4, { unset = true }]'
    assert files.loads(HEAD + CLICK + setting).effects == (SettingIs("a.conf#x", ("true", "4", None)),)


# ---------------------------------------------------------------------------------------------- what is wrong

EFFECT = '[[effects]]\nkind = "rows changed"\nsource = "sqlite:~/x.db"\nquery = "select * from x"\n'
CLICK = '[[steps]]\nid = "go"\ndo = "click"\ntarget = { role = "button", name = "Go" }\n'
HEAD = 'name = "x"\non = "web"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ((FIXTURES / "newer.toml").read_text(), ["format 7", "newer version", "Update"]),
        ((FIXTURES / "damaged.toml").read_text(), ["damaged", "line 2", "column"]),
        (HEAD, ["steps is missing"]),
        (HEAD + "steps = []", ["steps", "at least 1"]),
        (CLICK, ["name is missing"]),
        (HEAD + CLICK.replace("role", "rloe"), ["step 'go'", "steps[0].target.rloe", "did you mean 'role'"]),
        (HEAD + CLICK.replace('name = "Go"', 'id = "go"'), ["target.id", "there are: role, name, locators"]),
        (HEAD + CLICK + "key = 1", ["steps[0].key", "did you mean 'keys'"]),
        (HEAD + CLICK + '[params.city]\nid = "c"', ["params.city.id", "did you mean 'kind'"]),
        (HEAD + CLICK + '[[effects]]\nkind = "file"\npaht = "x"', ["effects[0].paht", "did you mean 'path'"]),
        (HEAD + CLICK + '[[params]]\nname = "city"', ["params is", "write it as a table", "[params.NAME]"]),
        (HEAD + CLICK.replace('"click"', '"clik"'), ["step 'go'", "'clik'", "'click'"]),
        (HEAD + CLICK.replace('"Go"', "7"), ["step 'go'", "target.name", 'put it into quotes: "7"']),
        (HEAD + CLICK + "count = 1.5", ["step 'go'", "count", "1.5", "integer"]),
        (HEAD + CLICK + "count = true", ["step 'go'", "count", "True"]),
        (HEAD + CLICK + "scroll = [1]", ["step 'go'", "scroll"]),
        (HEAD + CLICK + 'risk = "none"', ["step 'go'", "risk", "'irreversible'"]),
        (HEAD + CLICK + "say = 2026-01-01", ["step 'go'", "say", 'quotes: "2026-01-01"']),
        (HEAD + CLICK.replace('"go"', "7"), ["steps[0].id", 'quotes: "7"']),
        (HEAD + CLICK + CLICK, ["2 steps", "'go'", "of its own"]),
        (HEAD + 'steps = "all"', ["steps is 'all'"]),
        (HEAD + CLICK.replace("Go", "${where}"), ["step 'go'", "${where}", "[params.where]", "$${"]),
        (HEAD + CLICK.replace("Go", "${a.b}"), ["step 'go'", "${a.b}"]),
        ('goal = "${x}"\n' + HEAD + CLICK, ["goal", "${x}"]),
        ('origins = ["http://${x}"]\n' + HEAD + CLICK, ["http://${x}", "origins"]),
        (HEAD + CLICK.replace('target = { role = "button", name = "Go" }', ""), ["step 'go'", "needs a target"]),
        (HEAD + '[[steps]]\nid = "k"\ndo = "press"\n', ["step 'k'", "needs a text"]),
        (HEAD + CLICK.replace("click", "drag"), ["step 'go'", "to end at"]),
        (HEAD + CLICK + '[params."two words"]', ["params.two words", "letters"]),
        (HEAD + CLICK + '[params.pin]\nkind = "secret"\ndefault = "1234"', ["params.pin", "no default"]),
        (HEAD + CLICK.replace("Go", "${pin}") + '[params.pin]\nkind = "secret"', ["step 'go'", "fills or types"]),
        (HEAD + CLICK.replace('"Go"', '"Go", says = { at = "${x}" }') + "[params.x]", ["step 'go'", "${x}", "says"]),
        (HEAD + CLICK.replace('"Go"', '"Go", locators = ["#go"]'), ["step 'go'", "locators[0]", "kind=value"]),
        (HEAD + CLICK + 'expect = [{ kind = "seen" }]', ["step 'go'", "expect[0].kind", "'seen'", "'shows'"]),
        (HEAD + CLICK + 'expect = [{ kind = "shows", seconds = 0 }]', ["step 'go'", "expect[0].seconds"]),
        (HEAD + CLICK + EFFECT + "added = { id = 1 }", ["effects[0].added", "as a list, in brackets"]),
        (HEAD + CLICK + EFFECT + "added = [{ at = 2026-01-01T10:00:00 }]", ["effects[0].added[0].at", "into quotes"]),
        (HEAD + CLICK + '[[effects]]\nkind = "fil"', ["effects[0]", "'fil'", "file"]),
        (HEAD + CLICK + '[[effects]]\npath = "x"', ["effects[0] has no kind"]),
        (HEAD + CLICK + '[[effects]]\nkind = "file"\npath = "x"', ["effects[0].text is missing"]),
        (HEAD + CLICK + '[[effects]]\nkind = "file"\npath = "x"\ntext = "${y}"', ["effects", "${y}"]),
        (PEOPLE.replace('over = "people"', 'over = "persons"'), ["step 'everyone'", "'persons'", "people"]),
        (PEOPLE.replace('kind = "rows"', 'kind = "text"'), ["step 'everyone'", "'text'", '"rows"']),
        (PEOPLE.replace("${people.Full name}", "${people}", 1), ["step 'name'", "name a column"]),
        (PEOPLE.replace('"${password}"', '"${people.pw}"'), ["step 'log-in'", "outside"]),
        (PEOPLE.replace('"${password}"', '"${password.x}"'), ["step 'log-in'", "'secret'"]),
        ("x = " + "[" * 5000, ["damaged"]),
        (HEAD + "steps = " + "[{id='a',do='each',over='x',steps=" * 300 + "1" + "}]" * 300, [""]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(text: str, words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        files.loads(text)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    huge, binary = tmp_path / "huge.toml", tmp_path / "binary.toml"
    huge.write_bytes(b"# " + b"x" * files.LARGEST)
    binary.write_bytes(b'name = "x"\n\xff')
    for path, word in (
        (huge, "5 MB"),
        (binary, "line 2"),
        (tmp_path, "directory"),
        (tmp_path / "none.toml", "No such"),
    ):
        with pytest.raises(UsageError, match=word) as caught:
            files.load(path)
        assert str(path) in str(caught.value)


def test_what_cannot_be_saved_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    files.save(files.loads(PEOPLE), path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="stands for no parameter"):
        files.save(Workflow("x", "web", (Act("a", "type", text="${nothing}"),)), path)
    with pytest.raises(UsageError, match="kind=value"):
        files.save(Workflow("x", "web", (Act("a", "click", Mark("button", locators=(Locator("", "x"),))),)), path)
    assert path.read_bytes() == before
    with pytest.raises(UsageError, match="cannot write"):
        files.save(files.loads(PEOPLE), path / "below.toml")


# ---------------------------------------------------------------------------------------------- the schema


def test_every_requirement_has_a_kind_of_its_own_and_a_place_in_the_schema() -> None:
    assert set(shape.kinds().values()) == set(checks.REQUIREMENTS)
    schema = files.schema()
    kinds = [schema["$defs"][kind]["properties"]["kind"]["const"] for kind in shape.kinds()]
    assert kinds == list(shape.kinds())
    assert '"type": "null"' not in json.dumps(schema)


def test_the_schema_describes_every_key_that_a_file_may_have() -> None:
    schema = files.schema()
    raw = tomllib.loads(files.dumps(files.loads(PEOPLE)))
    assert raw.keys() <= schema["properties"].keys()
    step = schema["$defs"]["ActTable"]["properties"]
    assert all(each.keys() <= step.keys() for each in raw["steps"][2]["steps"])
    assert schema["properties"]["steps"]["minItems"] == 1


def test_effects_of_every_kind_read_as_written() -> None:
    some: tuple[Requirement, ...] = (
        SettingIs("a", ("b", None)),
        WindowTitled("Save as"),
        FileHolds("~/x", "", part=True),
    )
    workflow = Workflow("x", "web", (Act("w", "wait"),), effects=some)
    assert files.loads(files.dumps(workflow)).effects == some


def test_the_readme_and_the_head_of_a_file_explain_every_kind_of_effect() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `([a-z ]+)` \| [^|]+ \| ([^|]+) \|$", readme, re.M))
    assert table.keys() == shape.kinds().keys()
    for kind, keys in table.items():
        known = shape.effect_tables()[kind].model_fields.keys() - {"kind"}
        assert known <= set(re.findall(r"`(\w+)`", keys)), kind
    flow = Workflow("flow", "web", (Act("w", "wait"),), params=(Param("name"), Param("city")))
    (example,) = re.findall(r"```toml\n(\[\[effects\]\]\n.*?)```", readme, re.S)
    head = files.dumps(flow)
    shown = re.findall(r"(?m)^#     (\[\[effects\]\]\n(?:#     .*\n)+)", head)[0].replace("#     ", "")
    assert all(kind in shown for kind in shape.kinds())
    for effect in (example, shown):
        (found,) = files.loads(f"{head}\n{effect}").effects
        assert isinstance(found, RowsAre | RowsChanged)
