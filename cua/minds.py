"""The model of a request: made from the settings, its talk kept with the run, its spending counted.

Where none is set up there is still what it would have been asked, kept in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from cua import config, secrets
from cua.core import Action, Ask, Driver, Evidence, Observation, Outcome, Policy, Run, Step, Task, Verdict
from cua.errors import TroubleError, UsageError
from cua.hints import Hints
from cua.memory import exchanges
from cua.memory.exchanges import Exchanges
from cua.memory.lessons import Advice
from cua.memory.store import Store
from cua.memory.vectors import Meanings
from cua.policies.contract import Contract
from cua.policies.contract_guard import Guarded, Plea
from cua.policies.model import Model
from cua.policies.models.asking import Asking, by_chat, by_messages, by_responses
from cua.policies.models.dialects import Dialect, Tools
from cua.policies.models.distilling import distilled
from cua.policies.models.endpoint import Endpoint, EndpointError, Exchange, Where
from cua.policies.models.evidence import Piece
from cua.policies.models.judging import Sight, judged
from cua.policies.models.making import dialect_of, embedding_of, endpoint_of
from cua.policies.models.messages import Messages
from cua.policies.models.said import Caution, Consents, Unparsable
from cua.policies.models.spending import Limits, Price, Spending, Spent
from cua.policies.models.talk import Talk
from cua.policies.route import Rung
from cua.policies.teaching import Tale
from cua.policies.ways import told


def nobody(_: str) -> bool:
    """Where no person can be asked."""
    return False


class Mind:
    """One for one request; it is also where the run is kept, so that what is asked stands beside its steps. Without a
    name in the settings nobody is asked.
    """

    def __init__(self, chosen: config.Model, store: Store, approve: Callable[[str], bool] = nobody) -> None:
        """`approve` puts a question to a person: whether an act may be done that the person's words do not ask for."""
        self.chosen, self.approve = chosen, approve
        self.pleas: list[Plea] = []  # those that were put to the person
        self._store = store
        self._run, self._step = "", 0
        self._kept = Spending()
        self._aside = 0  # calls that decided no act
        self._exchanges: Exchanges | None = None
        there = where(chosen) if chosen.name else None
        self._endpoint = endpoint_of(chosen, there, self._heard) if there else None
        self._embedding = embedding_of(chosen, there, self._heard) if there else None
        self.unplaced = ""  # why words alone find what was learned, though a model of vectors is set
        self._model: Model | None = None
        self._hints: Hints | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        for each in (self._endpoint, self._embedding):
            if each:
                each.close()
        if self._hints:
            self._hints.close()
        if self._exchanges:
            self._exchanges.__exit__(kind, exc, tb)

    @property
    def run(self) -> str:
        """The id of the run that is kept here, "" before it began."""
        return self._run

    @property
    def there(self) -> bool:
        """Whether there is a model to ask."""
        return self._endpoint is not None

    @property
    def spent(self) -> Spending:
        """Calls, tokens and money so far."""
        return self._endpoint.spent if self._endpoint else Spending()

    @property
    def used(self) -> tuple[str, ...]:
        """The ids of the hints that the model was told."""
        return tuple(self._hints.used) if self._hints else ()

    @property
    def distils(self) -> bool:
        """Whether the model took part in deciding, and may be asked what that teaches."""
        return self.chosen.distil and self.spent.calls > self._aside

    @property
    def meanings(self) -> Meanings | None:
        """What finds the same in other words; None where the settings name no model for that."""
        return Meanings(self.chosen.embedding, self._vector) if self._embedding else None

    def _vector(self, text: str) -> list[float] | None:
        """None where it cannot be had: then it is not asked for again in this run. All is paid from one purse."""
        if self._embedding is None or self._endpoint is None or self.unplaced:
            return None
        self._embedding.spent = self._endpoint.spent
        try:
            return self._embedding.vector(text)
        except (EndpointError, Spent) as exc:
            self.unplaced = f"what was learned is found by its words alone, not by its meaning: {exc}"
            return None
        finally:
            self._aside += self._embedding.spent.calls - self._endpoint.spent.calls
            self._endpoint.spent = self._embedding.spent

    def policy(self, task: Task, doubt: Ask) -> Policy:
        """Who asks the model what to do; where there is none, who asks the person, after keeping what it would have
        been asked.
        """
        self._hints = Hints(self._store.path, task, self.meanings)
        talk = Talk(task, self.chosen.sees and self.there, self._hints, self.chosen.elements)
        if self._endpoint is None:
            return _Nobody(Tools(_Unsent(self._unsent), talk, 0), doubt)  # type: ignore[arg-type]
        consents = Consents(self._allowed)
        self._model = Model(dialect_of(self.chosen, talk, self._endpoint, consents), consents)
        return self._model

    def _allowed(self, caution: Caution) -> bool:
        return self.approve(
            f"the model's endpoint wants a person to look at this first: {caution.message or caution.code}"
        )

    def guard(self, task: Task, driver: Driver, start: Observation, free: Callable[[Plea], bool]) -> Guarded:
        """Hands that keep to the contract of a task that begins on that screen; what it forbids is put to the person,
        but for those that are `free` of it.
        """
        facts = self._hints.facts() if self._hints else ()
        contract = Contract.of(task, start, profile=facts)
        hands = Guarded(driver, contract, lambda plea: free(plea) or self._agreed(plea))
        hands.traffic()  # what was answered before is no concern of this run
        return hands

    def _agreed(self, plea: Plea) -> bool:
        """What the person says to it."""
        self.pleas.append(plea)
        return self.approve(_asked(plea))

    def weighed(self, verdict: Verdict, done: Run, ended: Rung | None) -> Verdict:
        """The verdict of the checks; where there were none, what the model finds, but no pass beside side effects."""
        if verdict.evidence or done.stopped != "finished" or not self.there:
            return verdict
        found = self.judged(done, ended)
        outcome: Outcome = "fail" if found.outcome == "pass" and verdict.side_effects else found.outcome
        return replace(found, outcome=outcome, side_effects=verdict.side_effects)

    def judged(self, done: Run, ended: Rung | None) -> Verdict:
        """What the model finds of a run that no check can judge, from the evidence that was submitted; where another
        one than the model `ended` it, from what shows at its end.
        """
        if self._endpoint is None:
            return Verdict("unknown", (Evidence(None, "nothing here can tell whether it worked"),))
        evidence = self._model.evidence if self._model and ended == "model" else (Piece("now"),)
        sight = Sight(self._picture, self.chosen.picture) if self.chosen.sees else None
        asking, before = _asking(self._endpoint, self.chosen.speaks), self.spent.calls
        found = judged(asking, self.chosen.name, done, evidence, sight=sight, most=self.chosen.elements)
        self._aside += self.spent.calls - before
        return found

    def distilled(self, tale: Tale) -> Advice:
        """What the model makes of a run, asked once. Raises TroubleError for an answer that cannot be read; where none
        came EndpointError, Spent and RefusedError; NotAsked without a model.
        """
        if self._endpoint is None:
            raise NotAsked("no model is set up")
        try:
            return distilled(_asking(self._endpoint, self.chosen.speaks), self.chosen.name, tale)
        except Unparsable as exc:
            see = f"what it said: cua runs show {self._run} --prompts"
            raise TroubleError(f"the model's answer cannot be read ({exc}); {see}") from exc

    def _picture(self, sha: str) -> bytes:
        self._store.flush()
        return self._store.frame_png(sha)

    # ------------------------------------------------------------------------------------------ keeping

    def begin(self, run_id: str, task: Task) -> None:
        """As a keeper of the loop."""
        self._run, self._step = run_id, 0
        self._store.begin(run_id, task)

    def keep(self, run_id: str, index: int, step: Step) -> None:
        self._store.keep(run_id, index, step)
        self._step = index + 1

    def end(self, run: Run) -> None:
        self._store.end(run)
        self._step += 1  # who is asked from here on judges the run or sums it up, and decides no act of it

    def _heard(self, exchange: Exchange) -> None:
        was, now = self._kept, exchange.spent
        self._kept = now
        self._put(
            exchanges.Exchange(
                self._step, exchange.request, exchange.answer, exchange.seconds,
                now.sent - was.sent, now.cached - was.cached, now.written - was.written, now.cost - was.cost,
            )
        )  # fmt: skip

    def _unsent(self, request: dict[str, Any]) -> None:
        self._put(exchanges.Exchange(self._step, request, {}, 0.0, 0, 0, 0, 0.0))

    def _put(self, exchange: exchanges.Exchange) -> None:
        if self._exchanges is None:
            self._exchanges = Exchanges(self._store.path)
        self._exchanges.keep(self._run, exchange)


def _asked(plea: Plea) -> str:
    """What a person is asked about an act that the contract does not allow."""
    return f"{told(plea.action)}: {plea.objection.reason}"


def _asking(endpoint: Endpoint | Messages, speaks: config.Speaks) -> Asking:
    """How the judge is asked, over the API that the model is spoken to with."""
    if isinstance(endpoint, Messages):
        return by_messages(endpoint)
    if speaks.startswith("computer"):
        return by_responses(endpoint)
    return by_chat(endpoint, tools=speaks not in ("ui-tars", "code"))


class NotAsked(UsageError):
    """There is no model to ask."""


class _Unsent:
    """Stands where an endpoint would: what it is given is kept and goes nowhere."""

    def __init__(self, kept: Callable[[dict[str, Any]], None]) -> None:
        self._kept = kept

    def complete(self, request: dict[str, Any]) -> None:
        self._kept(request)
        raise NotAsked("no model is set up")


class _Nobody:
    """Asks the person, with what a model would have been asked kept."""

    def __init__(self, speaks: Dialect, doubt: Ask) -> None:
        self._speaks, self._doubt = speaks, doubt

    def decide(self, task: Task, steps: tuple[Step, ...], now: Observation) -> Action:
        """Always the question."""
        try:
            self._speaks.ask(task, steps, now, "")
        except NotAsked:
            return self._doubt
        raise AssertionError("nobody can have answered")


def chosen(settings: config.Settings, name: str | None, *, none: bool) -> config.Model:
    """The model of the settings, another one at the same endpoint, or none. Raises UsageError for both at once."""
    if name is not None and none:
        raise UsageError("--model names a model and --no-model wants none; say one of them")
    if name is not None and not name.strip():
        raise UsageError("--model is empty; name a model of your endpoint, or say --no-model")
    if none:
        return replace_name(settings.model, "")
    return replace_name(settings.model, name) if name else settings.model


def replace_name(model: config.Model, name: str) -> config.Model:
    """The same with another name."""
    return model.model_copy(update={"name": name})


def where(chosen: config.Model) -> Where:
    """Where it is and how it is asked. A key that cannot be had is told once the model is asked, for much is done
    without one; one's own machine needs none that the settings do not name.
    """
    price, budget = chosen.price, chosen.budget
    key, lacks = _key(chosen)
    return Where(
        chosen.base_url,
        chosen.name,
        key,
        chosen.seconds,
        chosen.retries,
        Price(price.sent, price.cached, price.written),
        Limits(budget.calls, budget.tokens, budget.cost),
        lacks,
    )


def _key(chosen: config.Model) -> tuple[str, str]:
    """The key, and why a model that needs one cannot be asked."""
    try:
        return secrets.read(chosen.key) if chosen.key else "", ""
    except (UsageError, TroubleError) as exc:  # it is not there, or the keyring stays locked
        if "key" in chosen.model_fields_set:
            without = "; an endpoint that needs no key has none in the settings" if chosen.local else ""
            return "", f"model.key = {chosen.key!r} in the settings: {exc}{without}"
        return "", "" if chosen.local else f"it needs a key: {exc}"
