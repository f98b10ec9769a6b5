"""What is known of interruptions: for each the one act that put it away, with its proofs, kept like a skill.

A handler is learned from passed runs only. Its contract says what kind of act it may use: one that dismisses; one that
may accept something only once a person allowed that. One whose proofs no longer support it is retired, and not used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from cua import codec
from cua.core import Outcome
from cua.errors import UsageError
from cua.memory.skills import Proof, lower_bound
from cua.memory.store import Store
from cua.memory.workflows import Mark

Do = Literal["click", "press"]
May = Literal["dismiss", "accept"]
RETIRED_BELOW = 0.12  # of the lower bound: two fails after one pass, and later where many passes came before
_MOST = 40  # proofs that are kept of one: the last


@dataclass(frozen=True, slots=True)
class Handler:
    """`id` is the key of the interruption, `said` what that says, `do` with its `target` or `text` the act. `needs` is
    what kind of act that is, `may` the contract; `origin` says who did it first, and `unasked` that it came in a passed
    run although nothing was done that could bring it.
    """

    id: str
    app: str
    kind: str
    said: str
    do: Do
    target: Mark | None = None
    text: str = ""
    needs: May = "dismiss"
    may: tuple[May, ...] = ("dismiss",)
    origin: Literal["built in", "policy"] = "built in"
    unasked: bool = False
    proofs: tuple[Proof, ...] = ()
    status: Literal["proven", "retired"] = "proven"

    @property
    def tried(self) -> int:
        """How often it was used, as far as that was judged."""
        return sum(proof.outcome in ("pass", "fail") for proof in self.proofs)

    @property
    def worked(self) -> int:
        """How often the interruption went away and the run passed."""
        return sum(proof.outcome == "pass" for proof in self.proofs)

    @property
    def bound(self) -> float:
        """The success rate that the proofs support with 95 % confidence."""
        return lower_bound(self.worked, self.tried - self.worked)

    @property
    def usable(self) -> bool:
        """Whether it may be used: proven, and its act within the contract."""
        return self.status == "proven" and self.needs in self.may

    @property
    def told(self) -> str:
        """In a line what it is for, what it does, and how often that worked."""
        named = f"{self.target.role} {self.target.name!r}" if self.target else self.text
        what = f"{self.do} {named}"
        use = "" if self.usable else ", not used any more" if self.status == "retired" else ", not allowed"
        return f"{self.said!r} ({self.kind} in {self.app}): {what}: worked {self.worked} of {self.tried} times{use}"


class Handlers:
    """The handlers in the record."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> dict[str, Handler]:
        """Every handler by its id, retired ones too."""
        return {name: codec.load(body, Handler) for name, body in self._store.all("handler").items()}

    def get(self, name: str) -> Handler | None:
        """The handler for the interruption of this key, retired or not; None where none was learned."""
        body = self._store.get("handler", name)
        return None if body is None else codec.load(body, Handler)

    def usable(self, name: str) -> Handler | None:
        """The handler to use for the interruption of this key."""
        found = self.get(name)
        return found if found is not None and found.usable else None

    def learn(self, handler: Handler, proof: Proof) -> None:
        """What an act did about an interruption: the handler that does just that gets the proof, a new one is kept only
        if it passed. Where another act is known and still proven, that one stays.
        """
        known = self.get(handler.id)
        if known is not None and _act(known) == _act(handler):
            self._keep(_with(replace(known, unasked=known.unasked or handler.unasked), proof))
        elif proof.outcome == "pass" and (known is None or known.status == "retired"):
            may = handler.may if known is None else known.may
            self._keep(_with(replace(handler, may=may, proofs=()), proof))

    def retire(self, name: str, why: str, run: str) -> None:
        """A handler that another run contradicts is not used again. One that is not there needs no retiring."""
        known = self.get(name)
        if known is not None and known.status != "retired":
            proof = Proof(0, known.said, "fail", run, 0.0, 1, why)
            self._keep(replace(_with(known, proof), status="retired"))

    def allow(self, name: str) -> Handler:
        """A person allows this handler to accept what the interruption asks. UsageError where there is none."""
        known = self.get(name)
        if known is None:
            raise UsageError(f"no handler is called {name!r}; Handlers.all() has those that were learned")
        allowed = replace(known, may=("dismiss", "accept"))
        self._keep(allowed)
        return allowed

    def _keep(self, handler: Handler) -> None:
        self._store.put("handler", handler.id, codec.save(handler))


def proof(goal: str, outcome: Outcome, run: str, seconds: float) -> Proof:
    """One time that a handler was used."""
    return Proof(0, goal, outcome, run, seconds, 1)


def _with(handler: Handler, proof: Proof) -> Handler:
    grown = replace(handler, proofs=(*handler.proofs, proof)[-_MOST:])
    return replace(grown, status="retired") if grown.tried and grown.bound < RETIRED_BELOW else grown


def _act(handler: Handler) -> tuple[str, str, str, str]:
    target = handler.target
    return (handler.do, handler.text, target.role if target else "", target.name if target else "")


codec.register(Mark, prefix="workflow.")
codec.register(Proof, Handler)
