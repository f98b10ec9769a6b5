"""What a run has spent on a model: calls, tokens and money, and what it may spend. Nobody's count is trusted alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cua.errors import TroubleError

LETTERS = 4  # of a token, about; for scripts with more letters a token the count errs to the larger side
PIXELS = 750  # of a token of a picture, about
_TOO_FEW = 0.2  # of our own reckoning: fewer tokens than that are no count of what was sent


class Spent(TroubleError):
    """A run's budget for its model is used up."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in whatever money."""

    sent: float = 0.0
    cached: float = 0.0
    written: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may spend at most; None is no limit."""

    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Spending:
    """`sent` counts all tokens of requests, those from the endpoint's cache among them. `doubted` says that some of it
    is our own reckoning, because what the endpoint told cannot be.
    """

    calls: int = 0
    sent: int = 0
    cached: int = 0
    written: int = 0
    cost: float = 0.0
    doubted: bool = False

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.sent + self.written

    def with_call(self, told: Spending, reckoned: Spending, price: Price) -> Spending:
        """After one more call, of which the endpoint told this and we reckon that."""
        sent, sent_doubted = _believed(told.sent, reckoned.sent)
        written, written_doubted = _believed(told.written, reckoned.written)
        cached = min(max(told.cached, 0), sent)
        cost = ((sent - cached) * price.sent + cached * price.cached + written * price.written) / 1e6
        return replace(
            self,
            calls=self.calls + 1,
            sent=self.sent + sent,
            cached=self.cached + cached,
            written=self.written + written,
            cost=self.cost + cost,
            doubted=self.doubted or sent_doubted or written_doubted,
        )

    def check(self, limits: Limits) -> None:
        """Raises Spent where nothing more may be asked."""
        for spent, most, what in (
            (self.calls, limits.calls, "calls"),
            (self.tokens, limits.tokens, "tokens"),
            (self.cost, limits.cost, "of money"),
        ):
            if most is not None and spent >= most:
                raise Spent(
                    f"the model's budget of {most:g} {what} for a run is used up ({spent:g} spent); allow more in the "
                    "settings under [model.budget], or divide the task"
                )


def reckoned(letters: int, pixels: int, written: int) -> Spending:
    """What a request of so many letters and pixels takes, and an answer of so many letters."""
    return Spending(sent=letters // LETTERS + pixels // PIXELS, written=written // LETTERS)


def _believed(told: int, reckoned: int) -> tuple[int, bool]:
    """The count to go by, and whether it is ours: one that is far below what was sent would let a budget run away."""
    doubted = told < _TOO_FEW * reckoned or (told <= 0 < reckoned)
    return (max(reckoned, 0), True) if doubted else (told, False)
