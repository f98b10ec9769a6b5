"""Watches a person work in a browser, and gives what they do as steps: the screen before the act, the act, its effect.

What listens in the pages (`web_listen.js`) tells acts and looks; here they become steps. It never acts, never answers a
dialog, never writes into a page, and never holds the text of a secret field: that does not leave the page.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Error, Page, TimeoutError

from cua.core import Action, Click, Drag, Effect, Fill, Observation, Open, Press, Step
from cua.errors import TimedOut
from cua.secret_words import named_secret
from drivers.web_acts import (
    Draft,
    Told,
    action_of,
    as_was,
    blank,
    chosen_file,
    clicks_again,
    continues,
    doubt,
    enters,
    may_enter,
    on_nothing,
    retargeted,
)
from drivers.web_launch import Browser
from drivers.web_screens import Dialog, Screens
from drivers.web_secrets import without_secrets
from drivers.web_turns import Turns
from drivers.web_wire import SEALED, Heard, Wire
from drivers.web_words import address

PUMP, AGAIN, LONGEST = (
    0.05,
    0.5,
    3.0,
)  # seconds: one listening, until a click is no double click, until an effect is due
OPEN_SECONDS = 30.0
CONFIRMED = Effect("confirmed")
UNSEEN = Effect("unverified", "nothing was seen to change")
BESIDE = "it was beside everything that shows there"
HELD = (
    "what was done on {} as soon as it was there was held back, since nothing listened yet: it did nothing, do it again"
)
MISSED = "something was done on {} before it could be recorded, so the recording lacks it: record it anew, or add it"


class WebRecorder:
    """A browser for a person, and what they do in it. One thread owns it; it hears only while `next` is called.

    Ctrl+Alt+P in a page pauses and resumes, Ctrl+Alt+E ends, and so does closing the last tab. `downloads` is the
    folder where downloads go; without it there are none. Raises MissingProgram where there is no browser.
    """

    def __init__(
        self,
        url: str = "",
        *,
        headless: bool = False,
        executable: Path | None = None,
        size: tuple[int, int] = (1280, 800),
        downloads: Path | None = None,
    ) -> None:
        self.paused = False
        self.ended = False
        self.costs: list[float] = []  # milliseconds that each look took in the page, the newest last
        self._out: deque[Step | str] = deque()
        self._draft: Draft | None = None
        self._soft: list[Draft] = []  # moves of the focus, told only if a key follows
        self._dialog: Dialog | None = None
        self._lacks = ""  # what the next step must say that is missing before it
        self._browser = Browser(headless=headless, executable=executable, size=size, downloads=downloads, person=True)
        with ExitStack() as undo:
            undo.callback(self._browser.close)
            self._wire = Wire(self._browser)
            self._turns = Turns(self._wire)
            self._screens = Screens(self._browser.page)
            if url:
                self._open(url)
            undo.pop_all()

    def _open(self, url: str) -> None:
        with self._browser.limited(OPEN_SECONDS, f"opening {url}"):
            self._screens.front.goto(address(url), wait_until="domcontentloaded")
        end, rested = time.monotonic() + OPEN_SECONDS, False
        while not rested:
            if time.monotonic() > end:
                raise TimedOut(f"{url} was not quiet to be read within {OPEN_SECONDS:g} s; open another page")
            self._listen(PUMP)
            for heard in self._drain():
                self._turns.own(heard)
                if heard.kind == "look":
                    self._screens.tab(heard.page).take(heard.told)
                rested = rested or (heard.kind == "rest" and bool(self.last().elements))

    # ------------------------------------------------------------------------------------------ the recorder's face

    def next(self, seconds: float) -> Step | str | None:
        """The next step, or a line for the person; None where there was neither within `seconds`."""
        end = time.monotonic() + seconds
        while not self._out:
            self._hear()
            left = end - time.monotonic()
            if self._out or self.ended or left <= 0:
                break
            self._listen(min(PUMP, left))
        return self._out.popleft() if self._out else None

    def last(self) -> Observation:
        """The screen as it was last seen."""
        return self._screens.seen(self._screens.front)[0]

    def pause(self) -> None:
        """Record and read nothing until `resume`. What was being done when it came is still given."""
        if not self.paused:
            self._settle()
            self._pausing(True)

    def resume(self) -> None:
        """Go on."""
        if self.paused:
            self._pausing(False)

    def close(self) -> None:
        """End the browser. The recorder is of no use after that."""
        self.ended = True
        self._browser.close()

    # ------------------------------------------------------------------------------------------ listening

    def _listen(self, seconds: float) -> None:
        """Let the browser speak for a while."""
        try:
            self._browser.context.wait_for_event("close", timeout=seconds * 1000)
        except TimeoutError:
            return
        except Error:
            pass
        if not self.ended:
            self._out.append("the browser was closed, so the recording ends; what was shown until then is kept")
        self._end()

    def _drain(self) -> list[Heard]:
        found = list(self._wire.heard)
        self._wire.heard.clear()
        return found

    def _hear(self) -> None:
        for heard in self._drain():
            if not self.ended:
                self._take(heard)
        draft = self._draft
        if draft is not None and not draft.told.says("open") and not may_enter(draft):
            age, moved = time.monotonic() - draft.at, self._screens.tab(draft.page).last.mark != draft.mark
            if age > LONGEST or (age > AGAIN and moved):
                self._settle()

    def _take(self, heard: Heard) -> None:
        match heard.kind:
            case "look":
                self.costs.append(self._screens.tab(heard.page).take(heard.told).cost)
            case "act" if not self.paused:
                self._turns.acted = heard.at
                self._act(heard)
            case "held" | "missed" if not self.paused:
                self._unheard(heard)
            case "key":
                self._key(heard.told["name"])
            case "asked" | "answered":
                self._answered(heard)
            case "opened":
                self._opened(heard)
            case "closed":
                self._closed(heard)
            case "main" | "requested" | "started" | "arrived" | "within":
                self._turned(heard)

    def _key(self, name: str) -> None:
        if name == "end":
            self._end()
        elif self.paused:
            self.resume()
        else:
            self.pause()

    def _pausing(self, on: bool) -> None:
        self.paused = on
        with self._browser.limited(OPEN_SECONDS, "pausing the recording"):
            self._wire.pause(on)
        self._out.append("paused; nothing is recorded until you resume" if on else "recording again")

    def _end(self) -> None:
        self._settle()
        self.ended = True

    # ------------------------------------------------------------------------------------------ acts

    def _act(self, heard: Heard) -> None:
        self._come_to(heard.page)
        told = Told.of(heard.told)
        seen, joined = self._screens.seen(heard.page, told.look)
        if chosen_file(told, joined):
            seen = self._screens.seen(heard.page, told.look, chooser=True)[0]
        action = action_of(told, joined, seen)
        if action is None:
            return
        doc = joined.look.sheets[told.path].doc if told.path in joined.look.sheets else ""
        why = doubt(told, joined, seen, action)
        bare = on_nothing(told, joined, action)
        draft = Draft(heard.page, told, seen, action, joined.look.mark, heard.at, doc, why, bare)
        if told.says("soft"):
            self._settle(draft.mark)
            self._soft.append(draft)
        else:
            self._join(draft)

    def _join(self, new: Draft) -> None:
        """Take up an act: as part of the one before it, instead of it, or after it."""
        old = self._draft
        if isinstance(new.action, Press):
            for each in self._soft:
                self._give(each, UNSEEN)
        self._soft.clear()
        if old is not None and old.page is new.page:
            if continues(old, new) or clicks_again(old, new):
                self._draft = replace(new, seen=old.seen, action=retargeted(new.action, old.action), mark=old.mark)
                return
            if enters(old, new):
                self._draft = replace(new, seen=old.seen, action=retargeted(new.action, old.action))
                return
            self._settle(new.mark)
        self._settle()
        self._draft = new

    def _settle(self, mark: tuple[object, ...] | None = None) -> None:
        """Give the step that waits, with what was seen of its effect: at a look, or as it was last seen."""
        draft, self._draft = self._draft, None
        if draft is None or blank(draft):
            return
        now = mark if mark is not None else self._screens.tab(draft.page).last.mark
        changed = now != draft.mark or isinstance(draft.action, Fill)
        if isinstance(draft.action, Drag) and not changed and not draft.told.says("drawn"):
            return  # a pointer pressed and moved where nothing can be dragged
        self._give(draft, CONFIRMED if changed else UNSEEN)

    def _changed(self) -> None:
        """What waits has had an effect that no look tells: a dialog, a tab."""
        if self._draft is not None:
            self._draft = replace(self._draft, mark=())
        self._settle()

    def _give(self, draft: Draft, effect: Effect) -> None:
        effect = Effect("unverified", draft.doubt) if draft.doubt else effect
        if draft.bare and not draft.doubt:
            calm = draft.mark and time.monotonic() - draft.at > AGAIN
            still = calm and as_was(draft, self._screens.seen(draft.page)[0])
            effect = Effect("no_effect" if still else "unverified", BESIDE)
        self._tell(Step(draft.seen, draft.action, effect, time.monotonic() - draft.at))

    def _tell(self, step: Step) -> None:
        lacks, self._lacks = self._lacks, ""
        self._out.append(replace(step, effect=Effect("unverified", lacks)) if lacks else step)

    def _unheard(self, heard: Heard) -> None:
        """The person was quicker than the listener."""
        self._settle()
        where = without_secrets(heard.page.url)
        self._out.append((HELD if heard.kind == "held" else MISSED).format(where))
        self._lacks = MISSED.format(where) if heard.kind == "missed" else self._lacks

    def _put(self, seen: Observation, action: Action) -> None:
        """Give a step whose effect is known."""
        self._settle()
        self._soft.clear()
        self._tell(Step(seen, action, CONFIRMED))

    def _come_to(self, page: Page) -> None:
        """The person went on in another tab."""
        if page is not self._screens.front and page in self._screens.pages:
            seen, tab = self._screens.beside(page)
            self._put(seen, Click(tab))
            self._screens.front = page

    # ------------------------------------------------------------------------------------------ the browser's own

    def _answered(self, heard: Heard) -> None:
        """A dialog that came, or the person's answer to it."""
        told = heard.told
        if heard.kind == "asked":
            self._dialog = Dialog(told["type"], told["message"])
            self._changed()
            return
        dialog, self._dialog, self._browser.dialog = self._dialog, None, None
        if dialog is None or self.paused:
            return
        self._turns.acted = heard.at
        accepted, text = told["result"] or dialog.type == "alert", told.get("userInput", "")
        secret = named_secret(dialog.message)
        if dialog.type == "prompt" and accepted:
            seen, field = self._screens.asking(heard.page, dialog, "", "dialog:text")
            self._put(seen, Fill(field, SEALED if secret else text))
        chosen = "dialog:accept" if accepted else "dialog:dismiss"
        seen, button = self._screens.asking(heard.page, dialog, "" if secret else text, chosen)
        self._put(seen, Click(button))

    def _opened(self, heard: Heard) -> None:
        if heard.page in self._screens.pages:
            return
        if self._turns.opened(heard.page, opener=heard.told["opener"], at=heard.at):
            self._changed()
        self._screens.add(heard.page, front=not self._turns.unasked(heard.page))

    def _closed(self, heard: Heard) -> None:
        page = heard.page
        if page not in self._screens.pages:
            return
        aside = self._turns.unasked(page) and page is not self._screens.front  # it is not there in a replay's way
        if self._turns.closes_itself(page, heard.at):
            self._changed()
        elif not self.paused and len(self._screens.pages) > 1 and not aside:
            self._come_to(page)
            self._put(self._screens.seen(page)[0], Press("ctrl+w"))
        self._settle()
        self._screens.remove(page)
        self._turns.forget(page)
        if not self._screens.pages:
            self._end()

    def _turned(self, heard: Heard) -> None:
        """A navigation that no act caused is the person's own."""
        if heard.page not in self._screens.pages:
            return
        url = self._turns.own(heard)
        if url and not self.paused:
            fresh, seen = self._turns.fresh(heard.page), self._screens.seen(heard.page)[0]
            if fresh:
                self._put(seen, Open("tab:new"))
            else:
                self._come_to(heard.page)
            self._put(seen, Open(without_secrets(url)))
