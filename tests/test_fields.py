"""A field is known by what it is for, and a label by what it says, not by how it is put."""

from __future__ import annotations

import pytest

from cua.policies.fields import called_alike, purpose
from cua.policies.likeness import leads_home
from cua.policies.wording import alike, renamed


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"name": "keywords"}, "search"),
        ({"name": "q", "type": "text"}, "search"),
        ({"type": "email"}, "email"),
        ({"form": "/search", "type": "text"}, "search"),
        ({"form": "/search", "type": "text", "name": "minAsk"}, ""),
        ({"name": "searchBy", "tag": "select"}, ""),
    ],
)
def test_a_field_without_a_label_says_otherwise_what_it_is_for(said: dict[str, str], meant: str) -> None:
    assert purpose("", said) == meant


def test_a_name_for_programs_stands_for_the_label_that_came_later() -> None:
    assert (called_alike("", {"name": "colour"}, "colour", {}) or 0) >= 0.8
    assert (called_alike("", {"name": "colour"}, "quantity", {}) or 0) < 0.4
    assert called_alike("", {}, "", {}) is None


def test_words_that_tell_nothing_make_no_other_label() -> None:
    assert alike("all events", "view all events") >= 0.8
    assert alike("shopping cart (2)", "cart, 2 items") >= 0.8
    assert alike("page 2", "page 3") < 0.6


def test_what_is_rather_like_a_neighbour_that_is_gone_became_that_one() -> None:
    assert renamed("pots", "pots & pans", {"stock pots"})
    assert not renamed("contact us", "contact", {"contact sales"})


def test_the_way_home_is_the_same_on_the_same_site_only() -> None:
    assert leads_home("/index.php", "/", "https://a.example/x")
    assert not leads_home("https://b.example/", "/", "https://a.example/x")
    assert not leads_home("#", "/", "https://a.example/x")
