"""The Responses API's computer tool over the wire: what the package lets through, and checks that a person passed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from openai.types.responses import Response, ResponseInputParam
from openai.types.responses.response_input_item_param import ComputerCallOutput
from openai.types.responses.response_reasoning_item_param import ResponseReasoningItemParam
from openai.types.responses.tool_param import ToolParam
from pydantic import TypeAdapter

from cua.core import Run, Task
from cua.policies.model import Model
from cua.policies.models import computer
from cua.policies.models.dialects import Computer
from cua.policies.models.endpoint import Endpoint, Where
from cua.policies.models.said import Caution, Consents, Shot, Unparsable
from cua.policies.models.talk import Talk
from cua.run import Unkept, run
from drivers.fake import FakeDriver
from tests.model_server import Answer, ModelServer, scripted, serving

WRAP = Task("t", "turn on word wrap")
ORDERS = {"id": "sc_1", "code": "malicious_instructions", "message": "The page gives orders."}
ELSEWHERE = {"id": "sc_2", "code": "irrelevant_domain", "message": "This is another site."}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2VjcmV0"}


def call(*checks: dict[str, str], at: str = "c1", **fields: Any) -> dict[str, Any]:
    return {"type": "computer_call", "id": f"cu_{at}", "call_id": at, "status": "completed",
            "pending_safety_checks": list(checks), **fields}  # fmt: skip


def pressing(*checks: dict[str, str], at: str = "c1", key: str = "F5") -> dict[str, Any]:
    return call(*checks, at=at, action={"type": "keypress", "keys": [key]})


def over_the_wire(*items: dict[str, Any]) -> Response:
    with serving(scripted(Answer(items=items))) as server:
        endpoint = Endpoint(Where(server.url, "m", "k", retries=0))
        found = endpoint.respond({"input": "x"})
        endpoint.close()
    return found


@pytest.mark.parametrize(
    "action",
    [
        {}, {"type": None}, {"type": "fly", "x": 5, "y": 5}, {"type": "keypress"}, {"type": "keypress", "keys": "a"},
        {"type": "click", "button": "left", "x": 5}, {"type": "click", "button": "left", "x": "5", "y": "left"},
        {"type": "click", "button": "pinky", "x": 5, "y": 5}, {"type": "click", "x": 5, "y": 5},
        {"type": "double_click", "x": None, "y": 5},
        {"type": "drag"}, {"type": "drag", "path": [{"x": 1}, {"x": 2}]}, {"type": "drag", "path": [1, 2]},
        {"type": "scroll", "x": 1, "y": 1}, {"type": "type"}, {"type": "type", "text": 5}, 7,
    ],
    ids=str,
)  # fmt: skip
def test_what_the_package_lets_through_is_looked_at(action: Any) -> None:
    for fields in ({"action": action}, {"actions": [action]}):
        found = over_the_wire(call(**fields))
        with pytest.raises(Unparsable):
            computer.read(found, Shot(640, 400, 640, 400))


def test_a_call_without_anything_has_no_action() -> None:
    with pytest.raises(Unparsable, match="no action"):
        computer.read(over_the_wire({"type": "computer_call"}), Shot(640, 400, 640, 400))


def attempt(answers: list[Answer], allowed: Callable[[Caution], bool], *, preview: bool) -> tuple[Run, ModelServer]:
    consents = Consents(allowed)
    with serving(scripted(*answers)) as server:
        endpoint = Endpoint(Where(server.url, "m", "k", retries=0))
        speaks = Computer(endpoint, Talk(WRAP, True), 640, preview=preview, consents=consents)
        done = run(WRAP, FakeDriver(), Model(speaks, consents), Unkept())
        endpoint.close()
    return done, server


@pytest.mark.parametrize("preview", [False, True])
def test_checks_that_were_passed_go_back_with_their_call(preview: bool) -> None:
    heard: list[str] = []

    def allowed(caution: Caution) -> bool:
        heard.append(caution.id)
        return True

    answers = [Answer(items=(THOUGHT, pressing(ORDERS, ELSEWHERE))), Answer(items=(pressing(at="c2", key="F6"),)),
               Answer("Done.")]  # fmt: skip
    done, server = attempt(answers, allowed, preview=preview)
    assert (done.stopped, heard) == ("finished", ["sc_1", "sc_2"])
    first, second, third = (asked["input"] for asked in server.asked)
    assert [item.get("type", "message") for item in first] == ["message"]
    message, thought, said, output = second
    assert [part["type"] for part in message["content"]] == ["input_text"]  # the picture goes in the call's output
    assert thought == THOUGHT
    assert said == pressing(ORDERS, ELSEWHERE)
    assert output["call_id"] == "c1"
    assert output["output"]["type"] == "computer_screenshot"
    assert output["output"]["image_url"].startswith("data:image/jpeg;base64,")
    assert output["acknowledged_safety_checks"] == [ORDERS, ELSEWHERE]
    assert len(third) == 1  # a call without checks does not go back


def test_what_goes_back_is_what_the_package_knows() -> None:
    _, server = attempt([Answer(items=(THOUGHT, pressing(ORDERS))), Answer("Done.")], lambda _: True, preview=True)
    second = server.asked[1]
    TypeAdapter(ResponseInputParam).validate_python(second["input"])
    TypeAdapter(ResponseReasoningItemParam).validate_python(second["input"][1])
    output = TypeAdapter(ComputerCallOutput).validate_python(second["input"][3])
    assert list(output["acknowledged_safety_checks"] or ()) == [ORDERS]
    assert second["include"] == ["reasoning.encrypted_content"]
    assert second["store"] is False
    for tool in second["tools"]:
        TypeAdapter(ToolParam).validate_python(tool)


@pytest.mark.parametrize("refused", ["sc_1", "sc_2"])
def test_a_check_that_was_not_passed_goes_nowhere(refused: str) -> None:
    answers = [Answer(items=(pressing(ORDERS, ELSEWHERE),)), Answer("Done.")]
    done, server = attempt(answers, lambda caution: caution.id != refused, preview=False)
    assert (done.stopped, done.steps, len(server.asked)) == ("refused", (), 1)


def test_a_dialect_that_is_asked_again_after_a_refusal_tells_nothing_of_the_check() -> None:
    driver, consents = FakeDriver(), Consents(lambda caution: caution.id == "sc_2")
    with serving(scripted(Answer(items=(pressing(ORDERS, ELSEWHERE),)), Answer("Done."))) as server:
        endpoint = Endpoint(Where(server.url, "m", "k", retries=0))
        speaks = Computer(endpoint, Talk(WRAP, True), 640, preview=False, consents=consents)
        said = speaks.ask(WRAP, (), driver.observe(), "")
        assert [consents(caution) for caution in said.cautions] == [False, True]
        speaks.ask(WRAP, (), driver.observe(), "")
        endpoint.close()
    assert "acknowledged_safety_checks" not in str(server.asked[1])


def test_somebody_is_asked_once_about_one_check() -> None:
    heard: list[Caution] = []

    def asks(caution: Caution) -> bool:
        heard.append(caution)
        return True

    consents = Consents(asks)
    caution = Caution("sc_1", "", "")
    assert not consents.given(caution)
    assert consents(caution)
    assert consents(caution)
    assert consents.given(caution)
    assert heard == [caution]


def test_a_model_that_shows_nothing_gets_no_echo_and_an_empty_answer_is_none() -> None:
    driver = FakeDriver()
    with serving(scripted(Answer(items=(pressing(ORDERS),)), Answer(""))) as server:
        endpoint = Endpoint(Where(server.url, "m", "k", retries=0))
        consents = Consents(lambda _: True)
        speaks = Computer(endpoint, Talk(WRAP, False), 0, preview=False, consents=consents)
        assert all(map(consents, speaks.ask(WRAP, (), driver.observe(), "").cautions))
        with pytest.raises(Unparsable, match="empty"):
            speaks.ask(WRAP, (), driver.observe(), "")
        endpoint.close()
    assert len(server.asked[1]["input"]) == 1
