"""A model as the settings name it: the right endpoint, the right language, and one tiny question."""

from __future__ import annotations

import base64
import io
import json
from typing import Any, get_args

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from PIL import Image

from cua.config import Model as Chosen
from cua.config import Speaks
from cua.core import Finish, Press, Task
from cua.errors import SettingsError
from cua.minds import replace_name, where
from cua.policies.models.dialects import Anthropic, Code, Computer, Tools, UiTars
from cua.policies.models.endpoint import Endpoint, EndpointError, Where
from cua.policies.models.making import dialect_of, endpoint_of, probe
from cua.policies.models.messages import BASE_URL, Messages
from cua.policies.models.said import Consents
from cua.policies.models.spending import Limits, Spent
from cua.policies.models.talk import Talk
from drivers.fake import FakeDriver
from tests.model_server import Answer, Asked, Call, Fault, scripted, serving

TASK = Task("t", "press F5")
KINDS = {"tools": Tools, "computer": Computer, "computer-preview": Computer, "ui-tars": UiTars,
         "ui-tars-thousand": UiTars, "code": Code, "anthropic": Anthropic}  # fmt: skip
PATHS = {"computer": "/v1/responses", "computer-preview": "/v1/responses", "anthropic": "/v1/messages"}
F5 = {
    "tools": Answer(calls=(Call("press", {"keys": "F5"}),)),
    "ui-tars": Answer("Thought: So.\nAction: hotkey(key='f5')"),
    "code": Answer("```python\npyautogui.press('f5')\n```"),
    "anthropic": Answer(calls=(Call("computer", {"action": "key", "text": "F5"}),)),
    "computer": Answer(items=({"type": "computer_call", "id": "cu", "call_id": "c", "status": "completed",
                               "pending_safety_checks": [], "action": {"type": "keypress", "keys": ["F5"]}},)),
}  # fmt: skip
F5 |= {"ui-tars-thousand": F5["ui-tars"], "computer-preview": F5["computer"]}


def chosen(speaks: str, **fields: Any) -> Chosen:
    return Chosen.model_validate({"name": "m", "speaks": speaks, **fields})


def pictures(asked: Any) -> int:
    """How many pictures a request has, in whichever form."""
    if isinstance(asked, str):
        return asked.startswith("data:image/")
    if isinstance(asked, dict):
        return asked.get("type") == "base64" or sum(map(pictures, asked.values()))
    return sum(map(pictures, asked)) if isinstance(asked, list) else 0


@pytest.mark.parametrize(("speaks", "sees"), [*((speaks, True) for speaks in get_args(Speaks)), ("tools", False)])
def test_each_language_that_can_be_set_is_spoken(speaks: str, sees: bool) -> None:
    with serving(scripted(F5[speaks])) as server:
        model = chosen(speaks, base_url=server.url, sees=sees, picture=100)
        endpoint = endpoint_of(model, Where(server.url, "m", "k", retries=0))
        dialect = dialect_of(model, Talk(TASK, sees), endpoint)
        assert isinstance(dialect, KINDS[speaks])
        said = dialect.ask(TASK, (), FakeDriver().observe(), "")
        endpoint.close()
    assert said.acts == (Press("F5"),)
    (asked,) = server.asked
    assert asked["path"].partition("?")[0] == PATHS.get(speaks, "/v1/chat/completions")
    assert pictures(asked) == sees


@pytest.mark.parametrize("speaks", sorted({*get_args(Speaks)} - {"tools"}))
def test_places_in_a_picture_cannot_be_said_without_one(speaks: str) -> None:
    model = chosen(speaks, sees=False)
    endpoint = endpoint_of(model, Where("http://127.0.0.1:1/v1", "m", "k"))
    with pytest.raises(SettingsError, match=r'model\.speaks = "tools"'):
        dialect_of(model, Talk(TASK, False), endpoint)
    endpoint.close()


def test_forms_of_one_language_differ() -> None:
    def sizes(speaks: str) -> tuple[Any, ...]:
        answer = Answer("Thought: So.\nAction: click(point='<point>500 250</point>')")
        with serving(scripted(F5[speaks] if "computer" in speaks else answer)) as server:
            model = chosen(speaks, base_url=server.url)
            endpoint = endpoint_of(model, Where(server.url, "m", "k", retries=0))
            said = dialect_of(model, Talk(TASK, True), endpoint).ask(TASK, (), FakeDriver().observe(), "")
            endpoint.close()
        return said.acts, [tool["type"] for tool in server.asked[0].get("tools", [])]

    assert sizes("ui-tars") != sizes("ui-tars-thousand")
    assert sizes("computer")[1] == ["computer"]
    assert sizes("computer-preview")[1] == ["computer_use_preview"]


def test_anthropics_own_address_is_the_default_for_it() -> None:
    for fields, url in (({}, BASE_URL), ({"base_url": "http://127.0.0.1:1"}, "http://127.0.0.1:1")):
        model = chosen("anthropic", **fields)
        endpoint = endpoint_of(model, Where(model.base_url, "m", "k"))
        assert isinstance(endpoint, Messages)
        assert endpoint.where.base_url == url
        endpoint.close()


@pytest.mark.parametrize("passes", [True, False])
def test_what_was_passed_reaches_the_endpoint(passes: bool) -> None:
    check = {"id": "sc", "code": "malicious_instructions", "message": "The page gives orders."}
    call = {"type": "computer_call", "id": "cu", "call_id": "c", "status": "completed",
            "pending_safety_checks": [check], "action": {"type": "wait"}}  # fmt: skip
    consents = Consents(lambda _: passes)
    with serving(scripted(Answer(items=(call,)), Answer("Done."))) as server:
        model = chosen("computer", base_url=server.url)
        endpoint = endpoint_of(model, Where(server.url, "m", "k", retries=0))
        dialect = dialect_of(model, Talk(TASK, True), endpoint, consents)
        (caution,) = dialect.ask(TASK, (), FakeDriver().observe(), "").cautions
        assert consents(caution) == passes
        assert dialect.ask(TASK, (), FakeDriver().observe(), "").acts == (Finish("Done."),)
        endpoint.close()
    assert ("acknowledged_safety_checks" in str(server.asked[1]["input"])) == passes


# ------------------------------------------------------------------------------------------------ is it there


@pytest.mark.parametrize("speaks", get_args(Speaks))
@pytest.mark.parametrize("sees", [True, False])
def test_a_probe_asks_one_tiny_question(speaks: str, sees: bool) -> None:
    with serving(scripted(Answer("ok"))) as server:
        told = probe(chosen(speaks, base_url=server.url, sees=sees), Where(server.url, "m", "k"))
    (asked,) = server.asked
    assert asked["path"].partition("?")[0] == PATHS.get(speaks, "/v1/chat/completions")
    assert pictures(asked) == sees
    assert len(str(asked)) < 2000
    assert told.startswith("the model m answers in ")
    assert told.endswith("takes pictures" if sees else "is sent no pictures (model.sees = false)")


def test_the_picture_of_a_probe_is_one() -> None:
    with serving(scripted(Answer("ok"))) as server:
        probe(chosen("tools", base_url=server.url), Where(server.url, "m", "k"))
    url = server.asked[0]["messages"][0]["content"][1]["image_url"]["url"]
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        assert min(image.size) >= 32  # some take none that is smaller


def test_a_probe_says_under_which_name_a_model_answers() -> None:
    choice = {"index": 0, "delta": {"content": "ok"}, "finish_reason": "stop"}
    piece = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m-2026", "choices": [choice]}
    stream = Fault(nonsense=True, body=f"data: {json.dumps(piece)}\n\ndata: [DONE]\n\n", kind="text/event-stream")
    with serving(scripted(stream)) as server:
        told = probe(chosen("tools", base_url=server.url), Where(server.url, "m", "k"))
    assert told.startswith("the model m, which calls itself m-2026, answers in ")


@pytest.mark.parametrize(
    ("fault", "cure"),
    [
        (Fault(401, "Incorrect API key"), "cua secret set"),
        (Fault(400, "this model does not support image input"), r"set model\.sees = false"),
        (Fault(404, "no such model"), r"model\.name"),
        (Fault(500, "broken"), "failed by itself"),
    ],
    ids=str,
)
def test_a_probe_that_fails_says_what_to_do_and_asks_once(fault: Fault, cure: str) -> None:
    with serving(scripted(fault)) as server:
        with pytest.raises(EndpointError, match=cure):
            probe(chosen("tools", base_url=server.url), Where(server.url, "m", "k", retries=3))
        assert len(server.asked) == 1


def test_a_probe_heeds_the_budget_and_the_settings() -> None:
    def nobody(_: Asked) -> Answer:
        raise AssertionError("was asked")

    with serving(nobody) as server, pytest.raises(Spent):
        probe(chosen("tools", base_url=server.url), Where(server.url, "m", "k", limits=Limits(calls=0)))
    with pytest.raises(SettingsError, match="is no address"):
        probe(chosen("tools", base_url="http://?v1"), Where("http://?v1", "m", "k"))


def test_an_endpoint_is_of_its_kind() -> None:
    endpoint = endpoint_of(chosen("tools"), Where("http://127.0.0.1:1/v1", "m", "k"))
    assert isinstance(endpoint, Endpoint)
    endpoint.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "http://localhost:1/v1", "https://models.example/v1"])
def test_a_key_that_the_settings_name_is_there_or_is_missed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = chosen("tools", base_url=url, key="mine")
    for each in (model, replace_name(model, "another")):
        lacks = where(each).lacks
        assert lacks.startswith("model.key = 'mine' in the settings: the secret 'mine' is not there")
        assert "CUA_SECRET_MINE" in lacks
        with pytest.raises(EndpointError, match=r"model\.key = 'mine'"):
            probe(each, where(each))
    monkeypatch.setenv("CUA_SECRET_MINE", "k")
    assert (where(model).key, where(model).lacks) == ("k", "")


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.2:1/v1", True), ("http://LOCALHOST/v1", True), ("http://[::1]:8/v1", True),
        ("http://127.models.example/v1", False), ("http://localhost.example/v1", False),
        ("http://localhost@models.example/v1", False), ("http://[::/v1", False),
    ],
)  # fmt: skip
def test_only_on_ones_own_machine_no_key_is_needed(url: str, local: bool) -> None:
    model = chosen("tools", base_url=url)
    assert model.local is local
    assert where(model).key == ""
    assert ("it needs a key: the secret 'openai' is not there" in where(model).lacks) is not local
    assert bool(where(model).lacks) is not local
    assert where(chosen("tools", base_url=url, key="")).lacks == ""


class Locked(KeyringBackend):
    """A keyring whose owner does not unlock it; without a priority it is nobody's choice by itself."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("it was not unlocked")

    set_password = delete_password = get_password  # type: ignore[assignment]


def test_a_keyring_that_stays_locked_is_missed_only_where_a_key_is_needed() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Locked())  # type: ignore[no-untyped-call]
    try:
        named = where(chosen("tools", base_url="http://127.0.0.1:1/v1", key="mine"))
        far, near = (where(chosen("tools", base_url=f"http://{host}/v1")) for host in ("models.example", "localhost:1"))
    finally:
        keyring.set_keyring(before)
    for each in (named, far):
        assert (each.key, "it was not unlocked; unlock it, or set CUA_SECRET_" in each.lacks) == ("", True)
    assert (near.key, near.lacks) == ("", "")
