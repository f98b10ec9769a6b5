"""The user's verbs. The only place that turns names into sandboxes, drivers and policies; it never prints."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from cua import codec
from cua.config import paths, settings
from cua.core import Changes, Completed, Driver, Sandbox, World
from cua.deliveries import came_of, standing
from cua.errors import DisplayGone, MissingProgram, RecordError, SandboxError, UsageError
from cua.memory.exchanges import Exchange, Exchanges
from cua.memory.library import keep_skill, load_skill, load_skills
from cua.memory.skills import Skill
from cua.memory.store import Store
from cua.own_screens import display, open_web, own_desktop
from cua.policies.ways import told
from cua.recording import Recorder
from cua.seats import Seat
from cua.solving import route_of
from cua.troubles import plainly
from drivers.brisk import Brisk, Sparing
from drivers.desktop import Desktop
from sandbox_vms import apps, lasting, places
from sandbox_vms.inside import HOME
from sandbox_vms.local import LocalFiles, LocalWorld, Standing
from sandbox_vms.namespace import Namespace
from sandbox_vms.schemas import load as load_schemas

if TYPE_CHECKING:
    from sandbox_vms.qemu import Qemu

Say = Callable[[str], None]
own_files = LocalFiles  # where the files lie that a replay outside of a sandbox reads
_A_DAY = 86_400.0
KINDS = ("namespace", "qemu")
_VIRTUAL = "qemu:"  # before an app that is to be in a virtual machine


@dataclass(frozen=True, slots=True)
class Machine:
    """Which sandbox: its kind, and the app in it."""

    kind: str
    app: apps.App


codec.register(apps.App, Machine)


@contextmanager
def record() -> Iterator[Store]:
    """The record of this user, open. Raises RecordError, once, where it was damaged and a new one was started."""
    with Store(paths().record) as store:
        if store.notice:
            raise RecordError(f"{store.notice}; nothing else was done: do it again to go on with the new one")
        yield store


def silent(_: str) -> None:
    """Whoever does not want to hear of progress."""


@contextmanager
def placed(on: str, say: Say) -> Iterator[Namespace | Qemu]:
    """The sandbox that lives by that name, or a new one with that app, APP or qemu:APP, which is gone afterwards.
    Raises UsageError or MissingProgram where there is neither.
    """
    if on in {entry.name for entry in lasting.list_all()}:
        sandbox: Namespace | Qemu = lasting.attach(on)
    else:
        made = wanted("qemu", on.removeprefix(_VIRTUAL)) if on.startswith(_VIRTUAL) else wanted("namespace", on)
        sandbox = machine(made.kind, made.app, say, spare=False)
    try:
        yield sandbox
    finally:
        sandbox.close()


@contextmanager
def seat(on: str, store: Store, say: Say = silent) -> Iterator[Seat]:
    """The app, page or sandbox of that name, ready for requests. See `placed`."""
    if not on:
        raise UsageError("say where with --on: an installed app, qemu:APP, an address, or a sandbox's name")
    if on in ("web", "android", "desktop", "fake"):
        web = "; for a page give its whole address, such as https://example.org/" if on == "web" else ""
        raise UsageError(f"requests on {on!r} are not there yet{web}; name an app, or a sandbox from: cua sandbox list")
    if on.startswith(("http://", "https://")):
        with open_web(on) as driver:
            yield page_seat(on, driver, store)
        return
    lasts = on in {entry.name for entry in lasting.list_all()}
    with placed(on, say) as sandbox:
        yield seated(sandbox, store, None if lasts else lambda: _another(on))


def seated(sandbox: Namespace | Qemu, store: Store, stand_in: Callable[[], Sandbox] | None = None) -> Seat:
    """A seat in that sandbox, with what was learned of its app before."""
    name, sparing = sandbox.app.name if sandbox.app else "", Sparing(sandbox.driver)
    return Seat(sandbox, store, name, HOME, summaries(), stand_in=stand_in, sparing=sparing)


def page_seat(url: str, driver: Driver, store: Store) -> Seat:
    """A seat at a page: it stays as it is, and its world is what it shows."""
    return Seat(Standing(driver, LocalWorld(driver)), store, urlsplit(url).netloc, str(Path.home()), {}, stays=True)


def _another(on: str) -> Sandbox:
    """One more sandbox like the one that was made for this name."""
    kind, name = ("qemu", on.removeprefix(_VIRTUAL)) if on.startswith(_VIRTUAL) else ("namespace", on)
    made = wanted(kind, name)
    return machine(made.kind, made.app, silent, spare=False)


# ---------------------------------------------------------------------------------------------- records


def show_run(run_id: str) -> dict[str, Any]:
    """A run in words: goal, how it stopped, its acts with reasons, the verdict with its evidence.

    Of a replay also where it is or was cut off: which step was last, and whether its effect is known.
    """
    with record() as store:
        found, verdict, stands = store.run(run_id), store.judged(run_id), standing(store, run_id)
        route = route_of(store, run_id)
    talk = [each for each in prompts(run_id) if each.answer]
    steps = [
        {"act": told(step.action), "why": step.action.why, "effect": came_of(step, at, stands), "seconds": step.seconds}
        for at, step in enumerate(found.steps)
    ]
    return {
        "run": found.id, "goal": found.task.goal, "stopped": found.stopped, "reason": plainly(found.reason),
        "steps": steps, "outcome": verdict.outcome if verdict else "unknown",
        "evidence": [evidence.saying for evidence in verdict.evidence] if verdict else [],
        "side_effects": list(verdict.side_effects) if verdict else [],
        "replay": asdict(stands) if stands else None,
        "route": route["choices"], "contract": route["contract"], "pleas": route["pleas"],
        "model_calls": len(talk), "tokens": sum(each.sent + each.written for each in talk),
        "cost": sum(each.cost for each in talk),
    }  # fmt: skip


def prompts(run_id: str) -> tuple[Exchange, ...]:
    """What a model was asked in that run, or would have been, and what it answered, word for word."""
    with record() as store, Exchanges(store.path) as kept:
        store.run(run_id)  # UsageError where there is none
        return kept.of(run_id)


def skills(app: str = "") -> list[Skill]:
    """All skills or one app's, the proven first."""
    with record() as store:
        found = load_skills(store, app).values()
    return sorted(found, key=lambda skill: (skill.status != "proven", skill.app, skill.id))


def skill(name: str) -> Skill:
    with record() as store:
        return load_skill(store, name)


def retire(name: str) -> Skill:
    """Take a skill out of use; it stays on record as a version."""
    with record() as store:
        found = replace(load_skill(store, name), status="retired")
        keep_skill(store, found)
    return found


# ---------------------------------------------------------------------------------------------- sandboxes


def sandbox_create(app: str, name: str) -> str:
    """A sandbox that lives until it is removed; gives its name."""
    lasting.create(apps.find(app), name=name, size=settings().screen_size).close()
    return name


def sandboxes() -> tuple[lasting.Entry, ...]:
    return lasting.list_all()


def sandbox_exec(name: str, command: tuple[str, ...], *, given: int | None = None) -> Completed:
    """Run a command in it to its end, also while it is driven. The descriptor `given` is its standard input."""
    return lasting.execute(name, command, seconds=_A_DAY, given=given)


def sandbox_show(name: str, shown: Callable[[str], None]) -> NoReturn:
    """Show its screen on a page, whose address `shown` is told, until a KeyboardInterrupt. Raises SandboxError when the
    sandbox ends.
    """
    with lasting.view(name) as view:
        shown(view.url)
        try:
            view.await_end()
        except DisplayGone as exc:
            raise SandboxError(f"the sandbox {name!r} has ended or was reset; see: cua sandbox list") from exc


def sandbox_changes(name: str) -> Changes:
    with _attached(name) as sandbox:
        return sandbox.world.changes()


def sandbox_reset(name: str) -> None:
    lasting.attach(name, reset=True).close()


def sandbox_rm(name: str) -> None:
    lasting.remove(name)


@contextmanager
def _attached(name: str) -> Iterator[Namespace]:
    sandbox = lasting.attach(name)
    try:
        yield sandbox
    finally:
        sandbox.close()


# ---------------------------------------------------------------------------------------------- machines


def machine(kind: str, found: apps.App, say: Say, *, spare: bool = True) -> Namespace | Qemu:
    """A new sandbox of that kind in which the app shows; `say` hears what takes long, `spare` keeps the virtual machine
    of the next reset ready. Raises UsageError for another kind.
    """
    _check_kind(kind)
    if kind == "namespace":
        return Namespace(found, size=settings().screen_size, say=say)
    from cua.machines_app import machine as virtual

    return virtual(found, say, spare=spare)


def wanted(kind: str, name: str) -> Machine:
    """What `machine` is to make for the app of that name. Raises UsageError or MissingProgram if there is none such."""
    _check_kind(kind)
    if kind == "qemu":
        from cua.machines_app import wanted as virtual

        return Machine(kind, virtual(name))
    try:
        return Machine(kind, apps.find(name))
    except (UsageError, MissingProgram) as exc:
        from cua.machines_app import known

        if not known(apps.named(name)):
            raise
        there = f"practise it with --sandbox qemu, use it with --on {shlex.quote(_VIRTUAL + name)}"
        raise type(exc)(f"{exc}; an image of a virtual machine has it: {there}") from exc


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise UsageError(f"there is no sandbox of the kind {kind!r}; there are: {', '.join(KINDS)}")


def sweep() -> None:
    """Remove what sandboxes left whose owner is gone."""
    places.sweep()


def summaries() -> dict[str, str]:
    """What the schemas on this machine say of settings keys, in words."""
    return {key: known.summary for key, known in load_schemas((Path("/usr/share"),)).keys.items() if known.summary}


# ---------------------------------------------------------------------------------------------- record and replay


@contextmanager
def recorder(on: str, url: str) -> Iterator[tuple[Recorder, World | None]]:
    """What watches a person in a browser ("web"), on their own desktop ("desktop"), or in the sandbox of that name,
    which has a world.
    """
    with ExitStack() as stack:
        world: World | None = None
        if on == "web":
            from drivers.web_recorder import WebRecorder

            if not display():
                raise DisplayGone("there is no display for a browser; run this in a desktop session, or set DISPLAY")
            found: Recorder = WebRecorder(url, size=settings().screen_size)
        else:
            from drivers.desktop_recorder import DesktopRecorder

            if on == "desktop":
                desktop = own_desktop(stack)
            else:
                sandbox = stack.enter_context(_attached(on))
                desktop, world = sandbox.driver, sandbox.world
            found = DesktopRecorder(desktop)
        stack.callback(found.close)
        yield found, world


@contextmanager
def target(on: str, *, start: str, size: tuple[int, int], visible: bool, say: Say) -> Iterator[tuple[Driver, World]]:
    """Where a workflow is replayed: a browser at `start`, the person's desktop, or what `placed` gives."""
    with ExitStack() as stack:
        if on == "web":
            from drivers.web import Web

            driver: Driver = Web(start, headless=not (visible and display()), size=size, brisk=True)
            stack.callback(driver.close)
            yield driver, LocalWorld(driver)
        elif on == "desktop":
            desktop = own_desktop(stack)
            yield Brisk(desktop), LocalWorld(desktop)
        else:
            sandbox = stack.enter_context(placed(on, say))
            there = sandbox.driver
            yield Brisk(there) if isinstance(there, Desktop) else there, sandbox.world


def app_of(name: str) -> str:
    """What starts the app that the sandbox of that name has; "" where there is no such sandbox."""
    return next((entry.asked for entry in lasting.list_all() if entry.name == name), "")


def has_app(on: str, name: str) -> bool:
    """Whether what `placed` gives for `on` has the app of that name."""
    own = app_of(on) or on.removeprefix(_VIRTUAL)
    try:
        return own.casefold() == name.casefold() or apps.named(own) == apps.named(name)
    except UsageError:  # one is no command line at all
        return False
