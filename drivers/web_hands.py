"""The web driver's hands: one `match` does each action, then the page is given time to settle, then it is judged.

They never click what they cannot see a way to, and never say "confirmed" for what they did not see change. What is
typed is in no message.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from playwright.sync_api import Error, Frame, TimeoutError

from cua.core import (
    Action,
    Ask,
    Click,
    Drag,
    Effect,
    Element,
    Fill,
    Finish,
    Invoke,
    Move,
    Open,
    Point,
    Press,
    Scroll,
    Target,
    Type,
    Wait,
)
from cua.errors import TargetGone, UsageError
from drivers.offers import misfit, offered
from drivers.web_asks import answer, give
from drivers.web_launch import Browser, DialogOpened, ask, get
from drivers.web_settling import QUIET_SECONDS, SETTLE_SECONDS, Settling
from drivers.web_strokes import drag, slide, write
from drivers.web_words import BROWSER_KEYS, MODIFIERS, address, call, chord

DOWNLOAD_SECONDS, NAVIGATE_SECONDS = 1.0, 20.0
NOTCH = 100  # pixels a notch of the wheel
NO_FILL = {
    "disabled": "is disabled",
    "away": "does not take or keep the cursor; click it, or answer first what stands before it",
}
NOTHING = Effect("no_effect", "nothing on the page changed")
UNSEEN = Effect("unverified", "nothing on the page changed that can be seen from here")
NOT_YET = Effect("unverified", "nothing on the page had changed yet")
SENT = Effect("unverified", "what the page sent came to its end, and nothing on it had changed by then")
ANEW = Effect("unverified", "the page was loaded anew, and shows what it showed when it was last looked at")


@dataclass(frozen=True, slots=True)
class Aim:
    """Where to point for a target, or why not to. `drawn`: what it shows is pixels, not elements."""

    x: float = 0.0
    y: float = 0.0
    drawn: bool = False
    option: bool = False
    refusal: str = ""


class Hands:
    """Does actions on one browser.

    `brisk` hands do not wait until the page is quiet after an act, but only for what they know to be on its way: who
    uses them waits for what must follow. A wait of theirs that is too short to find quiet ends with the first change.
    """

    def __init__(self, browser: Browser, differs: Callable[[], bool], *, brisk: bool = False) -> None:
        """`differs` looks at the page: does it show something else than when it was last looked at?"""
        self._browser, self._differs = browser, differs
        self._settling = Settling(browser, brisk=brisk)
        self._held: list[str] = []  # keys, and "" for the button of a drag

    def act(self, action: Action) -> Effect:
        """Do it, wait until the page is quiet, and say what was seen to change."""
        browser = self._browser
        earlier = [f"earlier: {each}" for each in browser.news()]
        begun = browser.dialog is not None
        try:
            known = isinstance(action, Fill | Open | Wait)  # what comes of it is told without a mark
            aimed = isinstance(action, Click) and isinstance(action.target, Element)
            before = None if begun or known else self._settling.ready(aimed)
            if isinstance(action, Fill) and self._settling.idle:
                browser.page.wait_for_timeout(0)  # what happened meanwhile did not come of this act
            earlier += [f"earlier: {each}" for each in browser.news()]
            begun = True
            done = self._begin(action, opens=not isinstance(action, Open))
            if done.kind == "refused" or browser.dialog is not None:
                return done
            quiet, after = self._settling.after(action, before)
            if after and after.met:
                return Effect("refused", f"the page moved as the pointer came, and {after.met} would have been clicked")
            changed = bool(before and after and after.differs(before, browser.requests.turned))
            anew = not changed and before is not None and browser.page.main_frame in browser.requests.turned
            changed = changed or (anew and self._differs())
        except DialogOpened:
            rest = ["what was left to type was not typed"] if begun and isinstance(action, Type) else []
            told = "; ".join(earlier + browser.news() + rest)
            return Effect("confirmed", told) if begun else Effect("refused", f"nothing done yet: {told}; look again")
        news = browser.news()
        effect = self._judge(action, ANEW if anew else done, changed=changed or bool(news), quiet=quiet)
        waits = browser.requests.in_vain
        still = [] if quiet else ["the page waits for an answer" if waits else "the page is still changing"]
        return Effect(effect.kind, "; ".join(filter(None, [*earlier, *news, effect.reason, *still])))

    def _begin(self, action: Action, *, opens: bool) -> Effect:
        """Do it; from now on what comes may come of it. One that waits does so for what was on its way before, too."""
        browser, own = self._browser, not isinstance(action, Wait)
        if own:
            browser.requests.begin()
            browser.openings.begin(opens=opens)
        try:
            return answer(browser, action) or self._do(action)
        finally:
            if own:
                browser.requests.done()

    def _judge(self, action: Action, done: Effect, *, changed: bool, quiet: bool) -> Effect:
        if isinstance(action, Wait):
            return Effect("confirmed" if quiet else "unverified")
        if isinstance(action, Fill) and done is UNSEEN:
            if self._browser.openings.arrivals.get(self._browser.page):
                return Effect("confirmed")  # it opened a tab, and its field is not there
            frame, number = self._find(action.target)
            if ask(frame, "holds", number, action.text, SETTLE_SECONDS * 1000):
                return Effect("confirmed")
            return Effect("unverified", f"{call(action.target)} does not read back as what was filled in")
        if changed:
            return Effect("confirmed", done.reason if done.kind == "confirmed" else "")
        requests = self._browser.requests
        if done is NOTHING or (done is UNSEEN and isinstance(action, Press)):
            if requests.in_vain or requests.awaiting:
                return NOT_YET
            if requests.served and (requests.sending or self._settling.brisk):
                return SENT
        hasty = requests.sending or (self._settling.brisk and not isinstance(action, Scroll))  # not waited for
        return NOT_YET if hasty and done is NOTHING else done

    # ------------------------------------------------------------------------------------------ what each action does

    def _do(self, action: Action) -> Effect:
        page = self._browser.page
        self._release()
        match action:
            case Click() | Scroll() | Drag() | Move():
                return self._point(action)
            case Invoke(target=target):
                return self._invoke(target)
            case Fill():
                return self._fill(action)
            case Type(text=text):
                write(page.keyboard, text)
                return NOTHING
            case Press(keys=keys):
                named = chord(keys)
                if named in BROWSER_KEYS:
                    BROWSER_KEYS[named](page)
                else:
                    page.keyboard.press(named)
                return UNSEEN
            case Open(what=what):
                return self._open(what)
            case Wait():
                return UNSEEN
            case Ask() | Finish():
                raise UsageError(f"{type(action).__name__} is for the person, not for a driver; the loop answers it")
            case _:
                assert_never(action)

    def _point(self, action: Click | Scroll | Drag | Move) -> Effect:
        if isinstance(action, Drag):
            return self._drag(action)
        aim, mouse = self._aim(action.target, press=isinstance(action, Click)), self._browser.page.mouse
        if aim.refusal:
            return Effect("refused", aim.refusal)
        if isinstance(action, Click):
            return self._click(action, aim)
        mouse.move(aim.x, aim.y)
        if isinstance(action, Move):
            return UNSEEN
        mouse.wheel(action.dx * NOTCH, action.dy * NOTCH)
        return NOTHING

    def _click(self, action: Click, aim: Aim) -> Effect:
        if aim.option and isinstance(action.target, Element):
            return self._invoke(action.target)
        if unknown := [key for key in action.keys if key.lower() not in MODIFIERS]:
            raise UsageError(f"{unknown[0]!r} is no modifier; use ctrl, shift, alt or super")
        keyboard = self._browser.page.keyboard
        for key in action.keys:
            self._held.append(MODIFIERS[key.lower()])
            keyboard.down(self._held[-1])
        self._browser.page.mouse.click(aim.x, aim.y, button=action.button, click_count=action.count)
        self._release()
        return UNSEEN if aim.drawn else NOTHING

    def _invoke(self, target: Element) -> Effect:
        frame, number = self._find(target)
        outcome = ask(frame, "invoke", number)
        if outcome == "gone":
            raise TargetGone(f"{call(target)} is no longer on the page; look again")
        return NOTHING if outcome == "done" else Effect("refused", f"{call(target)} is disabled")

    def _release(self) -> None:
        """Let go of what is held: after the act, or after the dialog that it opened."""
        while self._held:
            key, page = self._held.pop(), self._browser.page
            page.keyboard.up(key) if key else page.mouse.up()

    def _fill(self, action: Fill) -> Effect:
        frame, number = self._find(action.target)
        match ask(frame, "enter", number, action.text):
            case "entered":
                self._replace(action.text)
                return UNSEEN
            case "gone":
                raise TargetGone(f"{call(action.target)} is no longer on the page; look again")
            case "select":
                labels = ask(frame, "choose", number, action.text)
                said = f"{call(action.target)} {offered(action.text, labels or ())}"
                return UNSEEN if labels is None else Effect("refused", said, unfit=True)
            case "unfit":
                return misfit(action.target)
            case "file":
                return give(action.text, get(frame, number).set_input_files)
            case "slider":
                slide(self._browser.page.keyboard, lambda: ask(frame, "slid", number), float(action.text))
                return UNSEEN
            case "text":
                return self._write(frame, number, action)
            case why:
                return Effect("refused", f"{call(action.target)} {NO_FILL.get(why, 'is not a field to fill')}")

    def _write(self, frame: Frame, number: int, action: Fill) -> Effect:
        try:
            get(frame, number).fill(action.text, timeout=SETTLE_SECONDS * 1000)
        except TimeoutError:
            return Effect("refused", f"{call(action.target)} cannot be filled now: it is hidden or covered")
        return UNSEEN

    def _replace(self, text: str) -> None:
        """Write over what is selected."""
        keyboard = self._browser.page.keyboard
        if text:
            keyboard.insert_text(text)
        else:
            keyboard.press("Delete")

    def _drag(self, action: Drag) -> Effect:
        page, _ = self._browser.page, self._aim(action.start)
        end, start = self._aim(action.end), self._aim(action.start)
        if start.refusal or end.refusal:
            return Effect("refused", start.refusal or end.refusal)
        self._held.append("")
        drag(page.mouse, (start.x, start.y), (end.x, end.y), lambda: ask(page.main_frame, "drawn"))
        self._release()
        return NOTHING

    def _open(self, what: str) -> Effect:
        browser = self._browser
        browser.chooser = None
        if what.startswith("tab:"):
            browser.show(what)
            return Effect("confirmed")
        offers = browser.offers
        try:
            browser.page.goto(address(what), wait_until="domcontentloaded", timeout=NAVIGATE_SECONDS * 1000)
        except Error:
            # a download is told of only after the failure that it looks like
            self._settling.settle(DOWNLOAD_SECONDS, QUIET_SECONDS)
            if browser.offers == offers:
                raise
            if browser.downloads is None:
                return Effect("refused", "; ".join(browser.news()))
        return Effect("confirmed")  # or the address was a download's, and there is no page to come

    # ------------------------------------------------------------------------------------------ aiming

    def _find(self, element: Element) -> tuple[Frame, int]:
        """The frame and the number inside it that a ref stands for."""
        found = re.fullmatch(r"f(\d+):(\d+)", element.ref)
        frames = self._browser.frames
        frame = frames[int(found[1])] if found and int(found[1]) < len(frames) else None
        if not found or frame is None or frame.is_detached() or frame.page is not self._browser.page:
            raise TargetGone(f"{call(element)} is not on the page in front any more; look again")
        return frame, int(found[2])

    def _aim(self, target: Target, *, press: bool = False) -> Aim:
        """The point to press, checked now: the target is there, is enabled, and is what the pointer would meet."""
        if isinstance(target, Point):
            return Aim(target.x, target.y)
        frame, number = self._find(target)
        found = ask(frame, "aim", number, press)
        if found.get("gone"):
            raise TargetGone(f"{call(target)} is no longer on the page; look again")
        if found.get("option"):
            return Aim(option=True)
        if found["disabled"]:
            return Aim(refusal=f"{call(target)} is disabled")
        drawn = bool(found["drawn"])
        while not found.get("covered") and frame.parent_frame is not None:
            holder, frame = frame.frame_element(), frame.parent_frame
            found = ask(frame, "through", holder, found["x"], found["y"], press)
        if found.get("covered"):
            return Aim(refusal=f"{call(target)} is covered by {found['covered']}")
        return Aim(found["x"], found["y"], drawn)
