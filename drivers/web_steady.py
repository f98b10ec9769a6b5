"""A browser whose pages may crash: one that did is a page that says just that, as browsers do; it can be loaded again.

For who goes on after it, as a run with a policy does. To others a crash is the end of what they drive.
"""

from __future__ import annotations

import time

from cua.core import Action, Effect, Element, Observation
from cua.errors import DriverError
from drivers.web import ACT_SECONDS, Web

_SAID = "the page crashed, and shows nothing before it is loaded again"


class Steady(Web):
    """A `Web` that outlives the crash of a page, but not that of the browser."""

    def observe(self, *, frame: bool = True) -> Observation:
        """One look. Of a page that crashed it has one element, with the ref "crash"."""
        try:
            return super().observe(frame=frame)
        except DriverError:
            if not self._dead:
                raise
        said = Element("crash", "alert", _SAID, states=frozenset({"showing"}))
        return Observation(self._place(), (said,), time=time.time(), note=_SAID)

    def act(self, action: Action) -> Effect:
        """Do it. Of an act in which the page crashed, nobody knows what came."""
        try:
            return super().act(action)
        except DriverError:
            if not self._dead:
                raise
        return Effect("unverified", _SAID)

    def revive(self) -> None:
        """Load the page that crashed again, by its address, never by sending a form once more, in a tab in place of the
        one that is dead. Raises DriverError.
        """
        browser = self._browser
        dead, browser.crashed = browser.crashed, None
        if dead is None:
            return
        with browser.limited(ACT_SECONDS, "loading the crashed page again"):
            front, page = browser.page, browser.context.new_page()
            page.goto(dead.url, wait_until="domcontentloaded")
            dead.close()
        browser.page = page if front is dead else front
        browser.openings.begin(opens=False)  # nobody need be told of a tab in place of another
        browser.news()

    @property
    def _dead(self) -> bool:
        return self._browser.crashed is not None and self._browser.connected
