"""Who tries a task that comes from a file: the built-in planner, as for a request in words, or nobody.

They see screens only, and never learn what the checks of a task are.
"""

from __future__ import annotations

from collections.abc import Callable

from cua.core import Ask, Finish, Policy, Sandbox
from cua.memory.maps import Map
from cua.policies.abilities import abilities
from cua.policies.followed import Followed
from cua.policies.glance import glanced
from cua.policies.planner import Planner
from cua.policies.script import Script
from cua.policies.understand import Doubt, Names, understand
from cua.practice.scout import scout
from cua.screen import Screen

# says that it is done, and did nothing: what that passes is no task
IDLE = Script(Finish("nothing was done"))


def planner(goal: str, sandbox: Sandbox, learned: Callable[[str], Map], home: str) -> Policy:
    """The planner, told the words: with what is known of the app in front and shows; if that is not enough, after a
    look into the app's dialogs. One that understands nothing asks.
    """
    now = sandbox.driver.observe(frame=False)
    known = glanced(learned(now.place.app), Screen.of(now))
    asked = understand(goal, Names.of(abilities(known, {}), home))
    if isinstance(asked, Doubt) and not asked.stop and now.elements:
        known = scout(sandbox, known)
        asked = understand(goal, Names.of(abilities(known, {}), home))
    return Script(Ask(asked.saying, asked.closest)) if isinstance(asked, Doubt) else Followed(Planner(known, asked))
