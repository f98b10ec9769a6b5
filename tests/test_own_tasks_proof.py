"""Tasks of ours prove themselves in real sandboxes; a task whose checks prove nothing is seen to be one.

About one task an app is proven here; the bench `tasks` proves them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cua.errors import MissingProgram, SandboxError, TimedOut, UsageError
from cua.tasks.own import OwnTask, load
from cua.tasks.proof import Proof, prove
from cua.tasks.staging import begin, judged, perform
from sandbox_vms.namespace import Namespace
from tests.own_tasks import FOLDER, sandbox_of

QUICK = ("mousepad-delete-line", "files-new-folder", "calc-add-row", "writer-append", "browser-setting")
TASK = """
id = "{id}"
goal = "Write {{word}} into note.txt"
apps = ["mousepad"]

[params]
word = {{ word = "goods" }}

[[checks]]
kind = "file"
path = "~/note.txt"
text = "{text}"
{more}

[[oracle]]
sh = 'echo "$word" >note.txt'

[[mutants]]
name = "a word more"
steps = [{{ sh = 'echo "$word too" >note.txt' }}]
[[mutants]]
name = "another file"
steps = [{{ sh = 'echo >other.txt' }}]
"""


@pytest.fixture(scope="module")
def editor() -> Iterator[Namespace]:
    with _sandbox(load(FOLDER / "mousepad-delete-line.toml", 0)) as made:
        yield made


def _sandbox(own: OwnTask) -> closing[Namespace]:
    try:
        return closing(sandbox_of(own))
    except MissingProgram as error:
        pytest.skip(str(error))


def small(folder: Path, *, text: str = "{word}", more: str = "", change: tuple[str, str] = ("", "")) -> OwnTask:
    (folder / "apps").mkdir(exist_ok=True)
    (folder / "apps" / "mousepad.toml").write_text((FOLDER / "apps" / "mousepad.toml").read_text())
    (folder / "small.toml").write_text(TASK.format(id="small", text=text, more=more).replace(*change))
    return load(folder / "small.toml", 3)


def proven(own: OwnTask, sandbox: Namespace) -> Proof:
    sandbox.reset()
    return prove(own, sandbox)


def outcomes(proof: Proof) -> list[tuple[str, str]]:
    return [(stage.name, stage.verdict.outcome) for stage in proof.stages]


@pytest.mark.parametrize("name", QUICK)
def test_a_task_is_false_at_the_start_and_idle_true_after_its_oracle_and_false_in_every_mutant(name: str) -> None:
    own = load(FOLDER / f"{name}.toml", 2)
    with _sandbox(own) as sandbox:
        proof = prove(own, sandbox)
    assert proof.faults() == ()
    assert (proof.proven, proof.caught) == (True, len(own.mutants))


def test_what_is_proven_of_a_task_is_told_state_by_state(editor: Namespace, tmp_path: Path) -> None:
    proof = proven(small(tmp_path), editor)
    assert outcomes(proof) == [
        ("at the start", "fail"),
        ("after doing nothing", "fail"),
        ("after the oracle", "pass"),
        ("mutant 'a word more'", "fail"),
        ("mutant 'another file'", "fail"),
    ]
    assert proof.mutants[1].verdict.side_effects == ("file:other.txt",)
    assert (proof.proven, proof.faults()) == (True, ())


def test_each_state_is_told_as_soon_as_it_is_judged(editor: Namespace, tmp_path: Path) -> None:
    told: list[tuple[str, bool]] = []
    editor.reset()
    own = small(tmp_path, change=("sh = 'echo >other.txt'", "sh = 'exit 1'"))
    with pytest.raises(SandboxError, match=r"mutant 'another file'.*the script ended with code 1"):
        prove(own, editor, lambda stage: told.append((stage.name, stage.ok)))
    assert [name for name, ok in told if ok] == [
        "at the start",
        "after doing nothing",
        "after the oracle",
        "mutant 'a word more'",
    ]


def test_a_check_that_a_mutant_passes_proves_nothing(editor: Namespace, tmp_path: Path) -> None:
    proof = proven(small(tmp_path, more="part = true"), editor)
    assert (outcomes(proof)[2], proof.caught, proof.proven) == (("after the oracle", "pass"), 1, False)
    assert any("mutant 'a word more': pass and not fail" in fault for fault in proof.faults())


def test_what_is_allowed_to_change_hides_a_side_effect_and_the_proof_says_so(editor: Namespace, tmp_path: Path) -> None:
    own = small(tmp_path, change=("[params]", 'allowed = ["file:*"]\n[params]'))
    proof = proven(own, editor)
    assert not proof.proven
    assert proof.faults() == (
        "small, seed 3, mutant 'another file': pass and not fail; every check holds, and nothing else changed",
    )


def test_an_oracle_that_brings_nothing_about_is_no_proof(editor: Namespace, tmp_path: Path) -> None:
    proof = proven(small(tmp_path, text="{word}!"), editor)
    assert (outcomes(proof)[2:], proof.proven) == ([("after the oracle", "fail")], False)


def test_a_goal_that_holds_at_the_start_is_void(editor: Namespace, tmp_path: Path) -> None:
    start = ("[[checks]]", "[[start]]\nsh = 'echo \"$word\" >note.txt'\n[[checks]]")
    editor.reset()
    with pytest.raises(UsageError, match="small, seed 3: the goal holds already at the start"):
        begin(small(tmp_path, change=start), editor)
    proof = proven(small(tmp_path, change=start), editor)
    assert (outcomes(proof), proof.proven) == ([("at the start", "pass")], False)


def test_a_program_that_is_missing_is_told_before_anything_is_done(editor: Namespace, tmp_path: Path) -> None:
    own = small(tmp_path, change=('apps = ["mousepad"]', 'apps = ["mousepad", {name = "Painter", command = '
                '["no-such-program"], packages = ["painter", "brushes"]}]'))  # fmt: skip
    editor.reset()
    with pytest.raises(MissingProgram, match=r"Painter is not installed there.*apt-get install painter brushes"):
        begin(own, editor)
    assert not editor.world.changes().files


def test_a_step_that_fails_is_told_with_its_number(editor: Namespace, tmp_path: Path) -> None:
    editor.reset()
    own = small(tmp_path, change=("[[oracle]]", "[[oracle]]\nsh = 'echo out of paper >&2; exit 3'\n[[oracle]]"))
    begin(own, editor)
    with pytest.raises(SandboxError, match="small, step 1 of 2: the script ended with code 3: out of paper"):
        perform(own, own.oracle, editor)


def test_what_never_shows_is_given_up_with_what_shows_instead(editor: Namespace, tmp_path: Path) -> None:
    editor.reset()
    own = small(tmp_path, change=("[[oracle]]", '[[oracle]]\nwindow = "Nowhere"\nseconds = 0.5\n[[oracle]]'))
    begin(own, editor)
    with pytest.raises(TimedOut, match=r"a window 'Nowhere'; windows that show: 'Untitled 1 - Mousepad'"):
        perform(own, own.oracle, editor)


def test_files_of_any_size_and_name_are_put_whole_and_scripts_get_parameters_as_they_are(
    editor: Namespace, tmp_path: Path
) -> None:
    text = "0123456789abcdef" * 12_000 + "ä'\"$x\\\\"
    own = small(
        tmp_path,
        change=(
            "[[checks]]",
            f"[[files]]\npath = '''~/Documents/it's -x \"$1\".txt'''\nmode = '600'\ntext = '''{text}'''\n[[checks]]",
        ),
    )
    editor.reset()
    begin(own, editor)
    path = '~/Documents/it\'s -x "$1".txt'
    assert editor.world.read(path) == text.encode()
    assert editor.world.exec(("stat", "-c", "%a", path.removeprefix("~/"))).out == "600\n"


def test_a_world_that_still_writes_is_waited_for(editor: Namespace, tmp_path: Path) -> None:
    editor.reset()
    own = small(tmp_path)
    before = begin(own, editor)
    late = 'setsid -f sh -c "sleep 0.6; echo $word >note.txt" >/dev/null 2>&1'
    assert editor.world.exec(("env", f"word={own.task.params['word']}", "sh", "-c", late)).code == 0
    assert judged(own, editor, before).outcome == "pass"
