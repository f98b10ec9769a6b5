"""Watches a person at work on an X desktop: each act as a Step, with the screen from before it. It never acts.

Keys and buttons come from X RECORD; what they hit comes from the last look that was over before them. Between events it
looks again whenever accessibility or X tells of a change, and else does nothing. What is typed into a secret field is
in no step, no screen and no picture.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace

import xcffib.xkb

from cua.core import Click, Effect, Element, Fill, Observation, Scroll, Step, Type
from drivers.desktop import Desktop
from drivers.desktop_recorder_frames import by_key, closed, framed
from drivers.desktop_recorder_windows import Came, same_cell, turned_current
from drivers.gestures import Gestures
from drivers.hits import hit, scrolled
from drivers.looks import Looks
from drivers.pointing import QUICK, Done
from drivers.typed import Look
from drivers.x11 import X11
from drivers.x11_keyboard import Keyboard
from drivers.x11_record import Hands, Happened

END, PAUSE = "ctrl+alt+e", "ctrl+alt+p"
_SLICE = 0.02  # seconds between two looks into the queue
_EFFECT = 0.4  # seconds in which an act that has an effect shows it
_RESTLESS = 1.0  # seconds after which an effect is what it is, though the screen does not come to rest
_PATIENCE = 2.0
_OPENING = frozenset({"menu", "menuitem", "combobox"})
_HASTY = "you work quicker than the screen can be looked at ({:.1f} s a look): go on when your last act was told here"
_STILL = frozenset({"textbox", "spinbutton", "slider", "checkbox", "radio", "switch", "cell", "text", "paragraph"})
_NEW_MAP = (xcffib.xkb.NewKeyboardNotifyEvent, xcffib.xkb.MapNotifyEvent)


class DesktopRecorder:
    """Owned by the thread that owns `driver`, which stays the caller's. Raises DriverError without X RECORD.

    ctrl+alt+E ends the recording and ctrl+alt+P pauses it or goes on; neither is recorded.
    """

    def __init__(self, driver: Desktop) -> None:
        self._x11 = X11(driver.x11.display)
        self._keyboard = Keyboard(self._x11)
        self._came = Came(driver.x11.display)
        self._looks = Looks(driver, self._x11)
        self._gestures = Gestures(self._keyboard, self._looks.before)
        self._waiting: deque[Done | str] = deque()
        self._out: deque[Step | str] = deque()
        self._prior: Done | None = None
        self._paused = self._ending = self._warned = False
        self._hands = Hands(self._x11)

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def busy(self) -> bool:
        """Whether an act that was seen is not given out yet: what it brought is still being looked at."""
        return bool(self._waiting or self._out)

    @property
    def ended(self) -> bool:
        """Whether the person ended it, and everything was given out."""
        return self._ending and not self.busy

    def next(self, seconds: float) -> Step | str | None:
        """The next step, a line for the person, or None if nothing was done within so many seconds.

        A step comes when it is over and its effect was looked at; typing is over when something else is done. Raises
        DisplayGone when the display went away.
        """
        end = time.monotonic() + seconds
        while not self._out:
            left = end - time.monotonic()
            self._hear()
            self._emit()
            if self._out or self.ended or left <= 0:
                break
            self._watch(min(_SLICE, left))
        return self._out.popleft() if self._out else None

    def pause(self) -> None:
        """What is done from now on is not recorded. What was is still given out by `next`."""
        if not self._paused:
            self._hear()
            self._gestures.end(time.monotonic())
            self._collect()
            self._paused = True

    def resume(self) -> None:
        """Go on, with the screen as it is by now."""
        if self._paused:
            self._hear()
            self._look()
            self._paused = False

    def last(self) -> Observation:
        """The screen as it is now, when it is calm."""
        end = time.monotonic() + _PATIENCE
        self._listen(_SLICE)
        self._look()
        while self._looks.stale and time.monotonic() < end:
            self._listen(_SLICE)
            if self._looks.wanted(soon=True):
                self._look()
        return self._looks.now.seen

    def close(self) -> None:
        """Stop watching; the driver stays open. Twice is fine."""
        self._hands.close()
        self._looks.close()
        self._came.close()
        self._x11.close()

    # ------------------------------------------------------------------------------------------ parts

    def _watch(self, seconds: float) -> None:
        """Look if there is something new to see, else listen for a while."""
        blind = self._paused and not self._waiting
        if blind or not self._looks.wanted(soon=bool(self._waiting)):
            self._listen(seconds)
            return
        look = self._look()
        if self._gestures.typing:
            self._gestures.typing.settle(look)

    def _look(self) -> Look:
        self._came.listen()
        return self._looks.look()

    def _listen(self, seconds: float) -> None:
        if any(isinstance(event, _NEW_MAP) for event in self._looks.listen(seconds)):
            self._keyboard.read()

    def _hear(self) -> None:
        """Everything that was done since the last time, in order."""
        while not self._ending and (event := self._hands.next()) is not None:
            key = self._keyboard.key(event.code, event.state) if event.kind.startswith("key ") else None
            if key and event.kind == "key down" and key.name in (END, PAUSE):
                self._told(key.name, event.time)
            elif event.kind == "keymap" or not self._paused:
                self._take(event)
                if event.kind != "keymap" and not (key and key.modifier):
                    self._looks.done(event.time)
        self._gestures.tick(time.monotonic())
        self._collect()

    def _take(self, event: Happened) -> None:
        line = self._gestures.take(event)
        self._collect()
        if line:
            self._waiting.append(line)

    def _told(self, chord: str, at: float) -> None:
        """The person ends the recording, pauses it or goes on."""
        self._gestures.end(at)
        self._collect()
        if chord == END:
            self._ending = True
            self._waiting.append("ended")
        elif self._paused:
            self._look()
            self._paused = False
            self._waiting.append("recording goes on")
        else:
            self._paused = True
            self._waiting.append("paused; ctrl+alt+P goes on")

    def _collect(self) -> None:
        for done in self._gestures.done:
            before = next(reversed(self._pending), self._prior)
            if not self._warned and not done.fresh and done.aim is not None and _unseen(before, done.look):
                self._warned = True
                self._out.append(_HASTY.format(done.look.ended - done.look.began))
            self._waiting.append(done)
        self._gestures.done.clear()

    def _emit(self) -> None:
        """Give out what is over and was looked at since."""
        while self._waiting:
            done = self._waiting[0]
            if isinstance(done, Done):
                if not self._settled(done):
                    return
                before, self._prior = self._prior, done
                done = self._shut(done, before) or _confirmed(done, self._looks.now, before, self._came)
                calm = self._looks.quiet and time.monotonic() - done.ended > _EFFECT
                effect = _effect(done, self._looks.now, calm=calm)
                self._out.append(Step(done.look.seen, done.action, effect, self._looks.now.ended - done.began))
                self._out += [done.line] if done.line else []
            else:
                self._out.append(done)
            self._waiting.popleft()
            self._warned = self._warned and bool(self._waiting)

    def _settled(self, done: Done) -> bool:
        """Whether its effect was looked at: what changed, or for a while that nothing does."""
        waited = time.monotonic() - done.ended
        if self._looks.now.began <= done.ended or (self._looks.stale and waited < _RESTLESS):
            return False
        if len(self._pending) > 1:
            return True
        if framed(done) and waited < _PATIENCE:
            return self._shut(done, self._prior) is not None
        return _changed(done, self._looks.now) or waited > _EFFECT

    @property
    def _pending(self) -> list[Done]:
        """What is over and was not given out yet."""
        return [one for one in self._waiting if isinstance(one, Done)]

    def _shut(self, done: Done, before: Done | None) -> Done | None:
        """The act as the key that closes a window, where a click on a frame did that, and nothing else can have."""
        window, after = framed(done), self._looks.now
        later, quick = self._pending[1:], before is not None and before.ended > done.look.began
        if window is None or quick or (later and later[0].began < after.ended):
            return None
        return by_key(done, window) if closed(done, window, after, self._came.managed()) else None


def _confirmed(done: Done, after: Look, before: Done | None, came: Came) -> Done:
    """The act; its target is taken back if it was aimed at a screen that had changed, and nothing shows it is right.

    A later look shows nothing of what the act before it may have opened, and this one closed again.
    """
    slow = before is not None and done.began - before.ended < _EFFECT and _awaited(before, done.look)
    if done.aim is None or not isinstance(done.action, Click | Scroll) or (done.fresh and not slow):
        return done
    target = done.action.target
    found = (scrolled if isinstance(done.action, Scroll) else hit)(after.screen, done.aim)
    unseen = slow or _unseen(before, done.look)
    if isinstance(target, Element) and isinstance(found, Element):
        looks = target, done.look.seen, found, after.seen
        cell = same_cell(*looks)
        if cell and not slow and turned_current(*looks) and came.none_since(done.look.began):
            return done
        if not unseen and (cell or _same(target, found)):
            return replace(done, reason=QUICK)
    if (
        not unseen
        and isinstance(target, Element)
        and isinstance(done.action, Click)
        and came.surely(done, target, after)
    ):
        return done
    line = f"an act at ({done.aim.x}, {done.aim.y}) is kept as a place only: {QUICK}"
    return replace(done, action=replace(done.action, target=done.aim), reason=QUICK, line=line)


def _awaited(done: Done, look: Look) -> bool:
    """Whether it opens a menu or a list, and this look shows nothing of that yet: the program may be slow."""
    target = getattr(done.action, "target", None)
    opens = isinstance(target, Element) and (target.role in _OPENING or target.states & {"expandable", "haspopup"})
    return (bool(opens) or getattr(done.action, "button", "left") == "right") and not _changed(done, look)


def _unseen(done: Done | None, look: Look) -> bool:
    """Whether this look shows nothing of what the act may have put over the screen."""
    return done is not None and done.ended > look.began and not _opens_nothing(done)


def _opens_nothing(done: Done) -> bool:
    """Whether it surely put nothing over the rest of the screen."""
    target = getattr(done.action, "target", None)
    still = isinstance(target, Element) and target.role in _STILL and not target.states & {"expandable", "haspopup"}
    plain = isinstance(done.action, Click) and done.action.button == "left"
    return isinstance(done.action, Scroll | Type) or (still and (plain or isinstance(done.action, Fill)))


def _same(one: Element, other: Element) -> bool:
    return (one.ref, one.role, one.name) == (other.ref, other.role, other.name)


def _effect(done: Done, after: Look, *, calm: bool) -> Effect:
    """What was seen of it: confirmed if the screen is another one since. With `calm` it had its time to show."""
    if done.reason:
        still = calm and done.fresh and done.look.seen.frame is not None and not _changed(done, after)
        return Effect("no_effect" if still else "unverified", done.reason)
    if _changed(done, after):
        return Effect("confirmed")
    return Effect("unverified", "nothing on the screen is different after it")


def _changed(done: Done, after: Look) -> bool:
    before, now = done.look.seen, after.seen
    shas = [seen.frame.sha if seen.frame else "" for seen in (before, now)]
    return before.elements != now.elements or shas[0] != shas[1]
