"""Every error that `cua` raises on purpose. Catch `CuaError` to catch them all.

    CuaError
    ├── UsageError            the request itself is wrong: unknown app, empty goal, bad parameter      exit 2
    │   └── SettingsError     what a person set cannot be understood, or names what is not there
    ├── RefusedError          a person, a rule or a contract said no                                   exit 3
    └── TroubleError          our own trouble: the outcome is unknown, never a failure                 exit 4
        ├── DriverError       the screen cannot be seen or acted on
        │   ├── TargetNotFound    no element, or more than one, answers to the description
        │   ├── TargetGone        the element was there and is no longer, or it cannot be acted on
        │   ├── DisplayGone       the display, browser or device went away
        │   └── TimedOut          a condition was awaited and did not come true
        ├── SandboxError      a sandbox cannot be made, reset or read
        │   └── MissingProgram    something must be installed first; says what
        └── RecordError       the record cannot be read or written
            └── NewerRecord       a later version of cua wrote it

Each message says what, where, and what to do next. Foreign errors become one of these at the edge where they arise.
"""


class CuaError(Exception):
    """The base of every error that `cua` raises on purpose."""

    exit_code = 4


class UsageError(CuaError):
    """The request itself is wrong; doing it again will not help."""

    exit_code = 2


class SettingsError(UsageError):
    """What a person set cannot be understood, or names what is not there. Nothing was done."""


class RefusedError(CuaError):
    """A person, a rule or a contract said no. Nothing was done after that."""

    exit_code = 3


class TroubleError(CuaError):
    """Our own trouble: what came of the request is unknown."""


class DriverError(TroubleError):
    """The screen cannot be seen or acted on."""


class TargetNotFound(DriverError):
    """No element, or more than one, answers to the description."""


class TargetGone(DriverError):
    """The element was there and is no longer, or it cannot be acted on now."""


class DisplayGone(DriverError):
    """The display, browser or device went away."""


class TimedOut(DriverError):
    """A condition was awaited and did not come true within its limit."""


class SandboxError(TroubleError):
    """A sandbox cannot be made, reset or read."""


class MissingProgram(SandboxError):
    """A program or kernel feature is missing; the message says how to get it."""


class RecordError(TroubleError):
    """The record cannot be read or written."""


class NewerRecord(RecordError):
    """A later version of cua wrote this record; this version leaves it alone."""
