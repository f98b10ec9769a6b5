"""A model is asked over real HTTP with the real client: counted, tried again, and told of with a cure."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from cua.policies.models.endpoint import Endpoint, EndpointError, Exchange, Where
from cua.policies.models.spending import Limits, Price, Spending, Spent
from tests.model_server import Answer, Call, Fault, ModelServer, scripted, serving

REQUEST = {"messages": [{"role": "user", "content": "do it, please " * 40}]}
PICTURE = {
    "messages": [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aaaa"}}]}
    ]
}
CLICK = Answer("I click.", (Call("click", {"element": 1, "why": "it is there"}),), sent=200, written=20, cached=50)


def endpoint(server: ModelServer, **fields: object) -> Endpoint:
    return Endpoint(Where(server.url, "m", "key-1", **{"seconds": 5.0, "retries": 2, **fields}))  # type: ignore[arg-type]


def test_an_answer_comes_whole_and_is_counted() -> None:
    heard: list[Exchange] = []
    with serving(scripted(CLICK), key="key-1") as server:
        where = Where(server.url, "m", "key-1", price=Price(sent=1.0, cached=0.1, written=10.0))
        model = Endpoint(where, heard.append)
        found = model.complete(REQUEST)
        model.close()
    message = found.choices[0].message
    assert message.content == "I click."
    assert message.tool_calls is not None
    (call,) = message.tool_calls
    assert call.type == "function"
    assert (call.function.name, call.function.arguments) == ("click", '{"element": 1, "why": "it is there"}')
    assert (model.spent.calls, model.spent.sent, model.spent.written, model.spent.doubted) == (1, 200, 20, False)
    assert model.spent.cost == pytest.approx((150 * 1.0 + 50 * 0.1 + 20 * 10.0) / 1e6)
    (exchange,) = heard
    assert exchange.request == REQUEST
    assert exchange.answer["choices"][0]["message"]["content"] == "I click."
    (asked,) = server.asked
    assert (asked["model"], asked["messages"]) == ("m", REQUEST["messages"])


def test_the_responses_api_is_spoken_too() -> None:
    item = {"type": "computer_call", "id": "cu_1", "call_id": "c", "status": "completed", "pending_safety_checks": [],
            "action": {"type": "wait"}}  # fmt: skip
    with serving(scripted(Answer("so", items=(item,)))) as server:
        model = endpoint(server)
        found = model.respond({"input": "do it", "tools": [{"type": "computer"}]})
        model.close()
    assert [each.type for each in found.output] == ["message", "computer_call"]
    assert (model.spent.sent, model.spent.written) == (100, 10)


@pytest.mark.parametrize(
    "fault", [Fault(500), Fault(429, headers={"Retry-After": "0"}), Fault(503), Fault(cut=True)], ids=str
)
def test_what_may_pass_is_asked_again(fault: Fault) -> None:
    with serving(scripted(fault, CLICK)) as server:
        model = endpoint(server)
        assert model.complete(REQUEST).choices[0].message.content == "I click."
        model.close()
        assert len(server.asked) == 2
    assert model.spent.calls == 1


@pytest.mark.parametrize(
    ("fault", "asked", "cure"),
    [
        (Fault(401, "Incorrect API key"), 1, r"key is wrong.*cua secret set.*Incorrect API key"),
        (Fault(403, "no"), 1, "key is wrong"),
        (Fault(404, "no such model"), 1, r"no such model or route; check model\.base_url"),
        (Fault(400, "bad field"), 1, r"check model\.speaks"),
        (Fault(500, "broken"), 3, "failed by itself"),
        (Fault(429, "slow down", headers={"Retry-After": "0"}), 3, "takes no more at the moment"),
        (Fault(cut=True), 3, "ends its answers in the middle"),
        (Fault(nonsense=True), 1, "OpenAI-compatible|ends its answers"),
    ],
    ids=str,
)
def test_what_does_not_pass_is_told_with_its_cure(fault: Fault, asked: int, cure: str) -> None:
    with serving(scripted(fault)) as server:
        model = endpoint(server)
        with pytest.raises(EndpointError, match=rf"the model 'm' at .*{cure}"):
            model.complete(REQUEST)
        model.close()
        assert len(server.asked) in (asked, 3)


def test_a_model_that_sees_nothing_is_told_so() -> None:
    with serving(scripted(Fault(400, "this model does not support image input"))) as server:
        model = endpoint(server)
        with pytest.raises(EndpointError, match=r"set model\.sees = false"):
            model.complete(PICTURE)
        model.close()


def test_an_endpoint_that_never_answers_is_given_up() -> None:
    with serving(scripted(Fault(silent=True))) as server:
        model = endpoint(server, seconds=0.2, retries=1)
        with pytest.raises(EndpointError, match=r"did not answer within 0\.2 s"):
            model.complete(REQUEST)
        model.close()


def test_an_endpoint_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
    model = Endpoint(Where(url, "m", "", retries=0))
    with pytest.raises(EndpointError, match="cannot be reached; start it"):
        model.complete(REQUEST)
    model.close()


@pytest.fixture
def honest() -> Iterator[ModelServer]:
    with serving(scripted(CLICK)) as server:
        yield server


@pytest.mark.parametrize(
    "limits", [Limits(calls=2), Limits(tokens=300), Limits(cost=0.0004)], ids=("calls", "tokens", "cost")
)
def test_a_budget_stops_before_the_call_that_it_has_not(honest: ModelServer, limits: Limits) -> None:
    model = endpoint(honest, limits=limits, price=Price(1.0, 1.0, 1.0))
    model.complete(REQUEST)
    model.complete(REQUEST)
    with pytest.raises(Spent, match="is used up"):
        model.complete(REQUEST)
    model.close()
    assert len(honest.asked) == 2


def test_a_budget_of_nothing_asks_nothing(honest: ModelServer) -> None:
    model = endpoint(honest, limits=Limits(calls=0))
    with pytest.raises(Spent, match=r"budget of 0 calls.*\[model\.budget\]"):
        model.complete(REQUEST)
    model.close()
    assert not honest.asked


@pytest.mark.parametrize(
    "lie",
    [Answer("x" * 400, sent=None), Answer("x" * 400, sent=0, written=0), Answer("x" * 400, sent=-5, written=-1),
     Answer("x" * 400, sent=1, written=1)],
    ids=("none", "zero", "negative", "far too few"),
)  # fmt: skip
def test_an_endpoint_that_lies_of_what_it_took_is_not_believed(lie: Answer) -> None:
    with serving(scripted(lie)) as server:
        model = endpoint(server)
        model.complete(REQUEST)
        model.close()
    assert model.spent.doubted
    assert model.spent.sent >= len(REQUEST["messages"][0]["content"]) // 4
    assert model.spent.written >= 100


def test_spending_adds_up() -> None:
    once = Spending().with_call(Spending(sent=10, written=5), Spending(sent=8, written=4), Price(written=2e6))
    twice = once.with_call(Spending(sent=1, written=1), Spending(sent=1, written=1), Price(written=2e6))
    assert (twice.calls, twice.tokens, twice.cost, twice.doubted) == (2, 17, 12.0, False)
