"""Anthropic's computer tool over real HTTP with its real SDK: three versions, counted, tried again, told of."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from anthropic.types.beta import (
    BetaMessage,
    BetaMessageParam,
    BetaToolChoiceAutoParam,
    BetaToolComputerUse20241022Param,
    BetaToolComputerUse20250124Param,
    BetaToolComputerUse20251124Param,
)
from anthropic.types.beta.message_create_params import MessageCreateParamsNonStreaming
from PIL import Image
from pydantic import TypeAdapter

from cua.core import Action, Ask, Box, Click, Finish, Point, Press, Run, Task, Wait
from cua.errors import RefusedError
from cua.policies.model import Model
from cua.policies.models import anthropic
from cua.policies.models.dialects import Anthropic
from cua.policies.models.endpoint import EndpointError, Exchange, Where
from cua.policies.models.messages import Messages
from cua.policies.models.said import Shot, Unparsable
from cua.policies.models.spending import Limits, Price, Spent
from cua.policies.models.talk import Talk
from cua.run import Unkept, run
from drivers.fake import FakeDriver
from tests.model_server import Answer, Asked, Brain, Call, Fault, ModelServer, scripted, serving

TASK = Task("t", "turn notifications off")
HELLO = {"messages": [{"role": "user", "content": [{"type": "text", "text": "do it, please " * 40}]}]}
SEEN = {"messages": [{"role": "user", "content": [{"type": "image", "source": "data:image/jpeg;base64,aaaa"}]}]}
DONE = Answer("It is off.")


def call(action: str, at: str = "toolu_1", **given: Any) -> Call:
    return Call("computer", {"action": action, **given}, at)


@contextmanager
def model(brain: Brain, key: str = "", **fields: Any) -> Iterator[tuple[Messages, ModelServer, list[Exchange]]]:
    heard: list[Exchange] = []
    with serving(brain, key=key) as server:
        endpoint = Messages(Where(server.url, "m", "key-1", **{"seconds": 5.0, "retries": 0, **fields}), heard.append)
        try:
            yield endpoint, server, heard
        finally:
            endpoint.close()


def attempt(*answers: Answer | Fault, sees: bool = True) -> tuple[Run, FakeDriver, list[Asked]]:
    driver = FakeDriver()
    with model(scripted(*answers)) as (endpoint, server, _):
        speaks = Anthropic(endpoint, Talk(TASK, sees), 640 if sees else 0)
        done = run(TASK, driver, Model(speaks, lambda caution: False), Unkept())
    return done, driver, server.asked


def place() -> list[int]:
    box = next(e.box for e in FakeDriver().observe().elements if e.name == "Notifications")
    assert box
    return [box.centre.x, box.centre.y]


# ------------------------------------------------------------------------------------------------ the endpoint


def test_an_answer_comes_whole_and_is_counted() -> None:
    price = Price(sent=1.0, cached=0.1, written=10.0)
    answer = Answer("I click.", (call("left_click", coordinate=[1, 2]),), sent=200, written=20, cached=50)
    with model(scripted(answer), "key-1", price=price) as (endpoint, server, heard):
        found = endpoint.ask(HELLO)
    assert [part.type for part in found.content] == ["text", "tool_use"]
    spent = endpoint.spent
    assert (spent.calls, spent.sent, spent.cached, spent.written, spent.doubted) == (1, 200, 50, 20, False)
    assert spent.cost == pytest.approx((150 * 1.0 + 50 * 0.1 + 20 * 10.0) / 1e6)
    (exchange,) = heard
    assert exchange.request == HELLO
    assert exchange.answer["content"][0]["text"] == "I click."
    assert server.asked[0]["path"].startswith("/v1/messages")


def test_what_the_server_of_these_tests_says_is_what_the_sdk_knows() -> None:
    with model(scripted(Answer("I click.", (call("left_click", coordinate=[1, 2]),)))) as (endpoint, _, _):
        found = endpoint.ask(HELLO)
    BetaMessage.model_validate(found.model_dump(), strict=True)


@pytest.mark.parametrize("base", ["", "/", "/v1", "/v1/"])
def test_its_address_may_end_as_others_do(base: str) -> None:
    with serving(scripted(DONE)) as server:
        endpoint = Messages(Where(server.url.removesuffix("/v1") + base, "m", "k", retries=0))
        endpoint.ask(HELLO)
        endpoint.close()
    assert server.asked[0]["path"].startswith("/v1/messages")


def test_nobody_elses_key_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key-1")
    with serving(scripted(DONE), key="key-1") as server:
        endpoint = Messages(Where(server.url, "m", "", retries=0))
        with pytest.raises(EndpointError, match="key is wrong"):
            endpoint.ask(HELLO)
        endpoint.close()


@pytest.mark.parametrize(
    "fault", [Fault(500), Fault(529), Fault(429, headers={"Retry-After": "0"}), Fault(cut=True)], ids=str
)
def test_what_may_pass_is_asked_again(fault: Fault) -> None:
    with model(scripted(fault, DONE), retries=2) as (endpoint, server, _):
        assert endpoint.ask(HELLO).stop_reason == "end_turn"
        assert len(server.asked) == 2
    assert endpoint.spent.calls == 1


@pytest.mark.parametrize(
    ("fault", "cure"),
    [
        (Fault(401, "invalid x-api-key"), r"key is wrong.*cua secret set.*invalid x-api-key"),
        (Fault(403, "no"), "key is wrong"),
        (Fault(404, "model: m"), r"no such model or route; check model\.base_url"),
        (Fault(400, "messages: field required"), r"check model\.speaks"),
        (Fault(400, "prompt is too long: 250000 tokens > 200000 maximum"), r"make model\.elements smaller"),
        (Fault(413, "Request exceeds the maximum size"), r"model\.picture or model\.elements smaller"),
        (Fault(429, "slow down", headers={"Retry-After": "0"}), "takes no more at the moment"),
        (Fault(529, "Overloaded"), "failed by itself"),
        (Fault(cut=True), "ends its answers in the middle"),
        (Fault(nonsense=True), r"makes no sense; check that model\.base_url"),
        (Fault(nonsense=True, kind="application/json", body='{"content": 7, "stop_reason": "end_turn"}'), "no sense"),
        (Fault(nonsense=True, kind="application/json", body='{"content": [7], "stop_reason": "end_turn"}'), "no sense"),
        (Fault(silent=True), r"did not answer within 0\.2 s; allow more with model\.seconds"),
    ],
    ids=str,
)
def test_what_does_not_pass_is_told_with_its_cure(fault: Fault, cure: str) -> None:
    with (
        model(scripted(fault), seconds=0.2 if fault.silent else 5.0) as (endpoint, _, heard),
        pytest.raises(EndpointError, match=rf"the model 'm' at .*({cure})"),
    ):
        endpoint.ask(HELLO)
    assert not heard
    assert endpoint.spent.calls == 0


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("image exceeds 5 MB maximum: 6 MB", r"make model\.picture smaller"),
        ("At least one of the image dimensions exceed max allowed size: 8000 pixels", r"make model\.picture smaller"),
        ("this model does not support image inputs", r"set model\.sees = false"),
    ],
)
def test_a_picture_that_is_not_taken_is_told(said: str, cure: str) -> None:
    with model(scripted(Fault(400, said))) as (endpoint, _, _), pytest.raises(EndpointError, match=cure):
        endpoint.ask(SEEN)


def test_a_picture_gets_the_form_of_this_api_and_is_kept_as_it_was() -> None:
    with model(scripted(DONE)) as (endpoint, server, heard):
        endpoint.ask(SEEN)
    (part,) = server.asked[0]["messages"][0]["content"]
    assert part == {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "aaaa"}}
    assert heard[0].request == SEEN
    TypeAdapter(list[BetaMessageParam]).validate_python(server.asked[0]["messages"])


def test_a_model_that_refuses_or_whose_context_is_full_is_told_so() -> None:
    with model(scripted(Answer(ended="refusal"))) as (endpoint, _, _), pytest.raises(RefusedError, match="by hand"):
        endpoint.ask(HELLO)
    full = Answer(ended="model_context_window_exceeded")
    with model(scripted(full)) as (endpoint, _, _), pytest.raises(EndpointError, match=r"model\.elements smaller"):
        endpoint.ask(HELLO)


def test_a_budget_stops_before_the_call_that_it_has_not() -> None:
    with model(scripted(DONE), limits=Limits(calls=1)) as (endpoint, server, _):
        endpoint.ask(HELLO)
        with pytest.raises(Spent, match=r"budget of 1 calls.*\[model\.budget\]"):
            endpoint.ask(HELLO)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "lie", [Answer("x" * 400, sent=None), Answer("x" * 400, sent=0, written=0), Answer("x" * 400, sent=-5, written=-1)]
)
def test_an_endpoint_that_lies_of_what_it_took_is_not_believed(lie: Answer) -> None:
    with model(scripted(lie)) as (endpoint, _, _):
        endpoint.ask(HELLO)
    assert endpoint.spent.doubted
    assert endpoint.spent.sent >= 100
    assert endpoint.spent.written >= 100


def test_without_the_sdk_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['anthropic'] = None\n"  # as if it were not installed
        "from cua.policies.models.endpoint import Where\n"
        "from cua.policies.models.messages import Messages\n"
        "from cua.errors import MissingProgram\n"
        "try:\n    Messages(Where('http://127.0.0.1:1', 'm', 'k'))\n"
        "except MissingProgram as exc:\n    print(exc)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "pip install 'cua-daemon[anthropic]'" in done.stdout


# ------------------------------------------------------------------------------------------------ the dialect


def test_it_acts_on_what_it_saw_and_says_that_it_is_done() -> None:
    done, driver, asked = attempt(Answer("There.", (call("left_click", coordinate=place()),)), DONE)
    assert (done.stopped, done.reason, driver.world.settings["notify"]) == ("finished", "It is off.", "false")
    assert done.steps[0].action.why == "There."
    first = asked[0]
    assert "You operate a computer" in first["system"]
    text, picture = first["messages"][0]["content"]
    assert "Task: turn notifications off" in text["text"]
    with Image.open(io.BytesIO(base64.b64decode(picture["source"]["data"]))) as image:
        shown = image.size
    (tool,) = first["tools"]
    assert (tool["type"], tool["display_width_px"], tool["display_height_px"]) == ("computer_20251124", *shown)
    TypeAdapter(MessageCreateParamsNonStreaming).validate_python({k: v for k, v in first.items() if k != "path"})
    TypeAdapter(BetaToolChoiceAutoParam).validate_python(first["tool_choice"])


TYPES = {"20241022": BetaToolComputerUse20241022Param, "20250124": BetaToolComputerUse20250124Param,
         "20251124": BetaToolComputerUse20251124Param}  # fmt: skip


@pytest.mark.parametrize("version", anthropic.BETAS)
def test_each_version_is_named_as_the_sdk_does(version: anthropic.Version) -> None:
    tool = anthropic.tool(version, Shot(640, 400, 1280, 800))
    assert TypeAdapter(TYPES[version]).validate_python(tool) == tool


@pytest.mark.parametrize("takes", anthropic.BETAS)
@pytest.mark.parametrize("names", ["tool", "beta"])
def test_an_older_model_is_asked_with_the_version_that_it_takes(takes: str, names: str) -> None:
    def brain(asked: Asked) -> Answer | Fault:
        kind = asked["tools"][0]["type"]
        if kind == f"computer_{takes}":
            return Answer("", (call("key", text="F5"),))
        beta = anthropic.BETAS[kind.removeprefix("computer_")]
        tool = f"'m' does not support tool types: {kind}. Did you mean one of bash_{takes}?"
        return Fault(400, tool if names == "tool" else f"Unexpected value(s) `{beta}` for the `anthropic-beta` header")

    tried = list(anthropic.BETAS)[: list(anthropic.BETAS).index(takes) + 1]  # type: ignore[arg-type]
    with model(brain) as (endpoint, server, heard):
        speaks = Anthropic(endpoint, Talk(TASK, True), 640)
        for _ in range(2):  # what was found out is not asked again
            assert speaks.ask(TASK, (), FakeDriver().observe(), "").acts == (Press("F5"),)
    kinds = [asked["tools"][0]["type"].removeprefix("computer_") for asked in server.asked]
    assert kinds == [*tried, takes]
    assert len(heard) == 2


def test_a_model_that_takes_no_version_is_told() -> None:
    def brain(asked: Asked) -> Fault:
        return Fault(400, f"'m' does not support tool types: {asked['tools'][0]['type']}")

    with model(brain) as (endpoint, server, _), pytest.raises(EndpointError, match=r"check model\.speaks"):
        Anthropic(endpoint, Talk(TASK, True), 640).ask(TASK, (), FakeDriver().observe(), "")
    assert len(server.asked) == len(anthropic.BETAS)


@pytest.mark.parametrize(
    ("answer", "acts"),
    [
        (Answer("It is off."), (Finish("It is off."),)),
        (Answer("Which one?"), (Ask("Which one?"),)),
        (Answer("", (call("wait", duration=1),)), (Wait(1.0),)),
        (Answer("", (call("screenshot"),)), ()),
        (Answer("", (call("key", text="a"), call("key", "toolu_2", text="b"))), (Press("a"), Press("b"))),
        (Answer("", (call("screenshot"), call("left_click", "toolu_2", coordinate=[10, 20]))), (Click(Point(10, 20)),)),
    ],
)
def test_an_answer_is_calls_or_words(answer: Answer, acts: tuple[Action, ...]) -> None:
    with model(scripted(answer)) as (endpoint, _, _):
        said = Anthropic(endpoint, Talk(TASK, True), 640).ask(TASK, (), FakeDriver().observe(), "")
    assert said.acts == acts
    assert said.look == (not acts)


@pytest.mark.parametrize(
    "answer", [Answer(""), Answer("  "), Answer("", (call("fly"),)), Answer("", (Call("bash", {}),))]
)
def test_an_answer_that_says_nothing_is_told_to_the_model(answer: Answer) -> None:
    with model(scripted(answer)) as (endpoint, server, _):
        speaks = Anthropic(endpoint, Talk(TASK, True), 640)
        with pytest.raises(Unparsable) as found:
            speaks.ask(TASK, (), FakeDriver().observe(), "")
        with pytest.raises(Unparsable):
            speaks.ask(TASK, (), FakeDriver().observe(), str(found.value))
    assert f"could not be read: {found.value}" in server.asked[1]["messages"][0]["content"][0]["text"]


def test_a_part_that_it_wants_to_see_larger_comes_with_the_next_question_only() -> None:
    driver = FakeDriver()
    now = driver.observe()
    assert now.frame
    half = now.frame.width // 2
    region = [10, 20, 110, 70]
    with model(scripted(Answer("", (call("zoom", region=region),)), DONE)) as (endpoint, server, _):
        speaks = Anthropic(endpoint, Talk(TASK, True), half)
        assert speaks.ask(TASK, (), now, "").zoom == Box(20, 40, 200, 100)
        speaks.ask(TASK, (), now, "")
        speaks.ask(TASK, (), now, "")
    assert server.asked[0]["tools"][0]["enable_zoom"] is True
    kinds = [[part["type"] for part in asked["messages"][0]["content"]] for asked in server.asked]
    assert kinds == [["text", "image"], ["text", "image", "text", "image"], ["text", "image"]]
    data = server.asked[1]["messages"][0]["content"][3]["source"]["data"]
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert image.size == (200, 100)  # twice as large as in the picture before


def test_a_model_that_is_sent_no_pictures_gets_words() -> None:
    _, _, asked = attempt(DONE, sees=False)
    assert [part["type"] for part in asked[0]["messages"][0]["content"]] == ["text"]
