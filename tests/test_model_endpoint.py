"""A model is asked over real HTTP with the real client: counted, tried again, and told of with a cure."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from cua.errors import RefusedError, SettingsError
from cua.policies.models.endpoint import Endpoint, EndpointError, Exchange, Where
from cua.policies.models.spending import Limits, Price, Spending, Spent
from tests.model_server import Answer, Brain, Call, Fault, ModelServer, scripted, serving

REQUEST = {"messages": [{"role": "user", "content": "do it, please " * 40}]}
INPUT = {"input": "do it, please " * 40}
PICTURE = {
    "messages": [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aaaa"}}]}
    ]
}
CLICK = Answer("I click.", (Call("click", {"element": 1, "why": "it is there"}),), sent=200, written=20, cached=50)


BOTH: tuple[Callable[[Endpoint], object], ...] = (
    lambda asks: asks.complete(REQUEST),
    lambda asks: asks.respond(INPUT),
)


@contextmanager
def model(brain: Brain, **fields: object) -> Iterator[tuple[Endpoint, ModelServer]]:
    with serving(brain) as server:
        told = {"key": "key-1", "seconds": 5.0, "retries": 2, **fields}
        where = Where(server.url, "m", **told)  # type: ignore[arg-type]
        with closing(Endpoint(where)) as found:
            yield found, server


def test_an_answer_comes_whole_and_is_counted() -> None:
    heard: list[Exchange] = []
    with serving(scripted(CLICK), key="key-1") as server:
        where = Where(server.url, "m", "key-1", price=Price(sent=1.0, cached=0.1, written=10.0))
        with closing(Endpoint(where, heard.append)) as asks:
            found = asks.complete(REQUEST)
    message = found.choices[0].message
    assert message.content == "I click."
    assert message.tool_calls is not None
    (call,) = message.tool_calls
    assert call.type == "function"
    assert (call.function.name, call.function.arguments) == ("click", '{"element": 1, "why": "it is there"}')
    assert (asks.spent.calls, asks.spent.sent, asks.spent.written, asks.spent.doubted) == (1, 200, 20, False)
    assert asks.spent.cost == pytest.approx((150 * 1.0 + 50 * 0.1 + 20 * 10.0) / 1e6)
    (exchange,) = heard
    assert exchange.request == REQUEST
    assert exchange.answer["choices"][0]["message"]["content"] == "I click."
    (asked,) = server.asked
    assert (asked["model"], asked["messages"]) == ("m", REQUEST["messages"])


def test_the_responses_api_is_spoken_too() -> None:
    item = {"type": "computer_call", "id": "cu_1", "call_id": "c", "status": "completed", "pending_safety_checks": [],
            "action": {"type": "wait"}}  # fmt: skip
    with model(scripted(Answer("so", items=(item,)))) as (asks, _):
        found = asks.respond({"input": "do it", "tools": [{"type": "computer"}]})
    assert [each.type for each in found.output] == ["message", "computer_call"]
    assert (asks.spent.sent, asks.spent.written) == (100, 10)


@pytest.mark.parametrize(
    "fault", [Fault(500), Fault(429, headers={"Retry-After": "0"}), Fault(503), Fault(cut=True)], ids=str
)
def test_what_may_pass_is_asked_again(fault: Fault) -> None:
    with model(scripted(fault, CLICK)) as (asks, server):
        assert asks.complete(REQUEST).choices[0].message.content == "I click."
        assert len(server.asked) == 2
    assert asks.spent.calls == 1
    with model(scripted(fault, CLICK)) as (asks, server):
        assert asks.respond(INPUT).output_text == "I click."
        assert len(server.asked) == 2


def test_an_endpoint_that_says_how_long_to_wait_is_given_that_long() -> None:
    with model(scripted(Fault(429, "slow down", headers={"Retry-After": "1"}), CLICK)) as (asks, server):
        asks.complete(REQUEST)
        first, second = server.at
    assert second - first >= 1.0


def test_one_that_says_to_wait_for_long_is_not_awaited() -> None:
    with model(scripted(Fault(429, "quota", headers={"Retry-After": "86400"}))) as (asks, server):
        with pytest.raises(EndpointError, match="takes no more before 86400 s are over"):
            asks.complete(REQUEST)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("fault", "asked", "cure"),
    [
        (Fault(401, "Incorrect API key"), 1, r"key is wrong.*cua secret set.*Incorrect API key"),
        (Fault(403, "no"), 1, "key is wrong"),
        (Fault(404, "no such model"), 1, r"no such model or route; check model\.base_url"),
        (Fault(400, "bad field"), 1, r"check model\.speaks"),
        (Fault(422, "bad field"), 1, r"check model\.speaks"),
        (Fault(413, "too large"), 1, r"make model\.picture or model\.elements smaller"),
        (Fault(500, "broken"), 3, "failed by itself"),
        (Fault(429, "slow down", headers={"Retry-After": "0"}), 3, "takes no more at the moment"),
        (Fault(418, "a teapot"), 1, r"makes no sense; check that model\.base_url"),
    ],
    ids=str,
)
def test_what_does_not_pass_is_told_with_its_cure(fault: Fault, asked: int, cure: str) -> None:
    for ask in BOTH:
        with model(scripted(fault)) as (asks, server):
            with pytest.raises(EndpointError, match=rf"the model 'm' at .*{cure}"):
                ask(asks)
            assert len(server.asked) == asked
        assert asks.spent.calls == 0


HALF = Fault(
    nonsense=True,
    body='data: {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [{"index": 0, '
    '"delta": {"role": "assistant", "content": "I cl"}, "finish_reason": null}]}\n\n',
    kind="text/event-stream",
)


@pytest.mark.parametrize("fault", [Fault(cut=True), HALF], ids=("torn", "too short"))
def test_answers_that_are_always_cut_off_are_given_up(fault: Fault) -> None:
    with model(scripted(fault), retries=1) as (asks, server):
        for ask in BOTH[:1] if fault is HALF else BOTH:
            with pytest.raises(EndpointError, match="it ends its answers in the middle"):
                ask(asks)
        assert len(server.asked) == (2 if fault is HALF else 4)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html>no model here</html>", "text/html"), ("", "text/plain"), ("{nope", "application/json"),
        ("[]", "application/json"), ("null", "application/json"), ('{"choices": 5, "output": 5}', "application/json"),
        ('{"output": [{"type": "message", "content": 5}]}', "application/json"),
        ('data: {"choices": [{"delta": 5}]}\n\n', "text/event-stream"), ("data: 5\n\n", "text/event-stream"),
        ("data: {nope\n\n", "text/event-stream"),
    ],
)  # fmt: skip
def test_nonsense_is_told_as_such(body: str, kind: str) -> None:
    for ask in BOTH:
        with (
            model(scripted(Fault(nonsense=True, body=body, kind=kind)), retries=0) as (asks, _),
            pytest.raises(EndpointError, match=r"makes no sense; check that model\.base_url"),
        ):
            ask(asks)


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("overloaded", "failed by itself"),
        ("This model's maximum context length is 8192 tokens", r"make model\.elements smaller"),
    ],
)
def test_what_goes_wrong_in_the_middle_of_an_answer_is_told(said: str, cure: str) -> None:
    stream = Fault(nonsense=True, body=f'data: {{"error": {{"message": "{said}"}}}}\n\n', kind="text/event-stream")
    with model(scripted(stream), retries=0) as (asks, _), pytest.raises(EndpointError, match=cure):
        asks.complete(REQUEST)
    body = f'{{"output": [], "status": "failed", "error": {{"code": "server_error", "message": "{said}"}}}}'
    failed = Fault(nonsense=True, body=body, kind="application/json")
    with model(scripted(failed), retries=0) as (asks, _), pytest.raises(EndpointError, match=cure):
        asks.respond(INPUT)


@pytest.mark.parametrize("status", [400, 404, 422, 500])
@pytest.mark.parametrize(
    "said",
    [
        "this model does not support image input", "image input is not supported - hint: provide the mmproj",
        "m is not a multimodal model", "No endpoints found that support image input",
    ],
)  # fmt: skip
def test_a_model_that_sees_nothing_is_told_so(said: str, status: int) -> None:
    with model(scripted(Fault(status, said)), retries=0) as (asks, _):
        with pytest.raises(EndpointError, match=r"set model\.sees = false"):
            asks.complete(PICTURE)
        with pytest.raises(EndpointError, match=r"it (does|has|failed)"):  # no picture was sent
            asks.complete(REQUEST)


@pytest.mark.parametrize(
    "said",
    [
        "image exceeds 5 MB maximum", "The image is too large", "image dimensions exceed max allowed size: 8000 pixels",
        "Invalid image: larger than 20 MB",
    ],
)  # fmt: skip
def test_a_picture_that_is_too_large_is_told(said: str) -> None:
    with (
        model(scripted(Fault(400, said))) as (asks, _),
        pytest.raises(EndpointError, match=r"make model\.picture smaller"),
    ):
        asks.complete(PICTURE)


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize(
    "said",
    [
        "This model's maximum context length is 8192 tokens, however you requested 9000", "context_length_exceeded",
        "the request exceeds the available context size, try increasing it", "prompt is too long: 9 tokens > 8 maximum",
        "Trying to keep the first 9000 tokens when context the overflows. Please reduce the length of the prompt",
    ],
)  # fmt: skip
def test_a_request_that_the_context_does_not_hold_is_told(said: str, status: int) -> None:
    with model(scripted(Fault(status, said)), retries=0) as (asks, _):
        for request in (REQUEST, PICTURE):
            with pytest.raises(EndpointError, match=r"make model\.elements smaller"):
                asks.complete(request)


def test_a_model_that_refuses_is_heard() -> None:
    choice = {"index": 0, "delta": {"role": "assistant", "refusal": "I will not."}, "finish_reason": "stop"}
    piece = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    stream = Fault(nonsense=True, body=f"data: {json.dumps(piece)}\n\ndata: [DONE]\n\n", kind="text/event-stream")
    with model(scripted(stream)) as (asks, _), pytest.raises(RefusedError, match=r"refuses .*I will not"):
        asks.complete(REQUEST)
    item = {"type": "message", "id": "m", "role": "assistant", "status": "completed",
            "content": [{"type": "refusal", "refusal": "I will not."}]}  # fmt: skip
    with model(scripted(Answer(items=(item,)))) as (asks, _), pytest.raises(RefusedError, match="I will not"):
        asks.respond(INPUT)


def test_an_answer_that_begins_and_then_stands_still_is_given_up() -> None:
    with (
        model(scripted(Fault(cut=True, silent=True)), seconds=0.2, retries=0) as (asks, _),
        pytest.raises(EndpointError, match=r"did not answer within 0\.2 s"),
    ):
        asks.complete(REQUEST)


def test_an_endpoint_that_never_answers_is_given_up() -> None:
    with model(scripted(Fault(silent=True)), seconds=0.2, retries=1) as (asks, server):
        with pytest.raises(EndpointError, match=r"did not answer within 0\.2 s"):
            asks.complete(REQUEST)
        assert len(server.asked) == 2


def test_an_endpoint_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
    for place in (url, "http://no-such-host.invalid/v1", "http://127.0.0.1:99999/v1"):
        with (
            closing(Endpoint(Where(place, "m", "", retries=0))) as asks,
            pytest.raises(EndpointError, match="cannot be reached; start it"),
        ):
            asks.complete(REQUEST)


@pytest.mark.parametrize("url", ["", "nope", "http://", "ftp://host/v1", "localhost:8080/v1", "/v1"])
def test_what_is_no_address_is_told_before_anything_is_asked(url: str) -> None:
    with pytest.raises(SettingsError, match=r"model\.base_url .* is no address; write one such as"):
        Endpoint(Where(url, "m", "k"))


@pytest.mark.parametrize("key", ["a\nb", "ключ"])
def test_what_is_no_key_is_told_and_not_shown(key: str) -> None:
    with model(scripted(CLICK), key=key) as (asks, server):
        with pytest.raises(EndpointError, match="set it again") as found:
            asks.complete(REQUEST)
        assert not server.asked
    assert key not in str(found.value)
    assert key not in repr(asks.where)


def test_one_that_lacks_its_key_is_not_asked_whatever_the_budget() -> None:
    for limits in (Limits(), Limits(calls=0)):
        with model(scripted(CLICK), lacks="give it with: X", limits=limits) as (asks, server):
            for ask in BOTH:
                with pytest.raises(EndpointError, match=r"^the model 'm' at http.*: give it with: X$"):
                    ask(asks)
            assert (server.asked, asks.spent.calls) == ([], 0)


@pytest.mark.parametrize(
    "limits", [Limits(calls=2), Limits(tokens=300), Limits(cost=0.0004)], ids=("calls", "tokens", "cost")
)
def test_a_budget_stops_before_the_call_that_it_has_not(limits: Limits) -> None:
    with model(scripted(CLICK), limits=limits, price=Price(1.0, 1.0, 1.0)) as (asks, server):
        asks.complete(REQUEST)
        asks.complete(REQUEST)
        with pytest.raises(Spent, match="is used up"):
            asks.complete(REQUEST)
        assert len(server.asked) == 2


@pytest.mark.parametrize("limits", [Limits(calls=0), Limits(tokens=0), Limits(cost=0.0)], ids=str)
def test_a_budget_of_nothing_asks_nothing(limits: Limits) -> None:
    with model(scripted(CLICK), limits=limits) as (asks, server):
        with pytest.raises(Spent, match=r"budget of 0 .*\[model\.budget\]"):
            asks.complete(REQUEST)
        assert not server.asked


@pytest.mark.parametrize(
    "lie",
    [Answer("x" * 400, sent=None), Answer("x" * 400, sent=0, written=0), Answer("x" * 400, sent=-5, written=-1),
     Answer("x" * 400, sent=1, written=1)],
    ids=("none", "zero", "negative", "far too few"),
)  # fmt: skip
def test_an_endpoint_that_lies_of_what_it_took_is_not_believed(lie: Answer) -> None:
    with model(scripted(lie)) as (asks, _):
        asks.complete(REQUEST)
    assert asks.spent.doubted
    assert asks.spent.sent >= len(REQUEST["messages"][0]["content"]) // 4
    assert asks.spent.written >= 100


def test_spending_adds_up() -> None:
    once = Spending().with_call(Spending(sent=10, written=5), Spending(sent=8, written=4), Price(written=2e6))
    twice = once.with_call(Spending(sent=1, written=1), Spending(sent=1, written=1), Price(written=2e6))
    assert (twice.calls, twice.tokens, twice.cost, twice.doubted) == (2, 17, 12.0, False)
