"""What models were asked can be read afterwards, exactly as it was sent."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from cua.memory.exchanges import Exchange, Exchanges

PICTURE = f"data:image/jpeg;base64,{base64.b64encode(os.urandom(30_000)).decode()}"


def exchange(step: int, text: str = "zażółć \ud83d 'x' \\ ", picture: str = PICTURE) -> Exchange:
    content = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": picture}}]
    return Exchange(step, {"messages": [{"role": "user", "content": content}]}, {"text": "ok"}, 0.5, 10, 2, 3, 0.25)


def test_it_is_read_as_it_was_sent(tmp_path: Path) -> None:
    with Exchanges(tmp_path / "cua.db") as kept:
        for step in (0, 0, 1):
            kept.keep("a", exchange(step))
        kept.keep("b", exchange(7, picture="data:image/png;base64,AAAA"))
    with Exchanges(tmp_path / "cua.db") as again:
        assert again.of("a") == (exchange(0), exchange(0), exchange(1))
        assert again.of("b") == (exchange(7, picture="data:image/png;base64,AAAA"),)
        assert again.of("none") == ()


def test_a_picture_that_is_sent_again_takes_no_room(tmp_path: Path) -> None:
    with Exchanges(tmp_path / "cua.db") as kept:
        for step in range(20):
            kept.keep("a", exchange(step))
    size = sum(file.stat().st_size for file in tmp_path.glob("cua.db*"))
    assert size < 20 * 30_000


@pytest.mark.parametrize(
    "text", ["picture:image/jpeg:" + "0" * 64, "data:image/jpeg;base64,", "data:image/jpeg;base64,QUJD"]
)
def test_words_that_look_like_pictures_stay_words(tmp_path: Path, text: str) -> None:
    with Exchanges(tmp_path / "cua.db") as kept:
        kept.keep("a", exchange(0, text=text))
        assert kept.of("a") == (exchange(0, text=text),)
