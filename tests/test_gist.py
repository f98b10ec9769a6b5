"""What a goal says for the memory: words of one field meet, opposites are told, and small words count for nothing."""

from __future__ import annotations

import pytest

from cua.policies.gist import gist
from cua.policies.lexicon import thesaurus


def said(goal: str) -> set[str]:
    return {name for place in gist(tuple(goal.split())).places for name in place}


def against(goal: str) -> frozenset[str]:
    return gist(tuple(goal.split())).against


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("average", "mean"),
        ("friday", "tuesday"),
        ("extract", "unpack"),
        ("throw away", "delete"),
        ("throw the drafts away", "delete"),
    ],
)
def test_words_of_one_field_meet(one: str, other: str) -> None:
    assert {name for name in said(one) & said(other) if name.startswith("~")}


def test_a_particle_belongs_to_its_verb_only_where_it_is_near() -> None:
    assert "~disable" in said("turn the blue light of the screen off")
    far = "take the pictures of ada and tom and eve and kim away"
    assert not {"~delete", "~remove"} & said(far)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("merge cells", "unmerge cells"),
        ("switch sound off", "enable sound"),
        ("accept the invitation", "turn the invitation down"),
    ],
)
def test_what_undoes_a_thing_is_against_it_both_ways(one: str, other: str) -> None:
    assert against(one) & said(other)
    assert against(other) & said(one)


def test_small_words_and_politeness_count_for_nothing() -> None:
    assert gist(("could", "you", "please", "print", "it", "thanks")) == gist(("print",))


def test_no_line_of_the_thesaurus_says_a_phrase_on_both_of_its_sides() -> None:
    kin = thesaurus()["kin"]
    for line in (*kin["done"], *kin["things"]):
        sides = [side.split(" = ") for side in line.split(" | ")]
        every = [phrase for side in sides for phrase in side]
        assert len(set(every)) == len(every), line
