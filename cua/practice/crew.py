"""Who does the rounds of a practice: a crew, of one or of many. It chooses nothing, and keeps no skill."""

from __future__ import annotations

from typing import Protocol

from cua.practice.orders import Done, Order
from cua.practice.rounds import Ground


class Crew(Protocol):
    """Does orders. `idle` says whether one can be given now, `busy` whether one is in hand."""

    @property
    def idle(self) -> bool: ...

    @property
    def busy(self) -> bool: ...

    def give(self, order: Order) -> None: ...

    def take(self) -> Done | None:
        """Wait for what comes of an order; None if instead another order can be given now."""
        ...

    def close(self) -> None: ...


class Alone:
    """The thread that chooses does the orders too, as it takes what came of them."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._order: Order | None = None

    @property
    def idle(self) -> bool:
        return self._order is None

    @property
    def busy(self) -> bool:
        return self._order is not None

    def give(self, order: Order) -> None:
        self._order = order

    def take(self) -> Done | None:
        order, self._order = self._order, None
        return self.ground.do(order) if order is not None else None

    def close(self) -> None:
        self.ground.close()
