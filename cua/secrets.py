"""Secrets by name: from the environment or the system's keyring, kept in the keyring and nowhere else.

A secret's text is in no file, message or log of ours; only the names of those that were given are, so that they can be
listed. It never makes one up: a secret that is not there is an error that says how to give it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from cua.errors import SettingsError, TroubleError, UsageError

SERVICE = "cua"
NAMES = "secrets.json"  # in the data folder
_NAME = re.compile(r"[A-Za-z_][\w-]*")


def read(name: str) -> str:
    """The text of a secret: of `CUA_SECRET_<NAME>`, else from the keyring. Raises UsageError where neither has it."""
    variable = variable_of(name)
    if text := os.environ.get(variable):
        return text
    from keyring.errors import NoKeyringError

    give = f"give it with: cua secret set {name}, or in the environment as {variable}"
    try:
        text = _keyring("get_password", checked(name))
    except NoKeyringError as exc:
        raise UsageError(f"the secret {name!r} is not there, and this machine has no keyring; set {variable}") from exc
    if not text:
        raise UsageError(f"the secret {name!r} is not there; {give}")
    return text


def keep(name: str, text: str, names: Path) -> None:
    """Put it into the keyring, and its name into the file `names`. Raises UsageError, SettingsError."""
    from keyring.errors import NoKeyringError

    if not text:
        raise UsageError(f"the secret {name!r} would be empty; type its text, then Return")
    try:
        _keyring("set_password", checked(name), text)
    except NoKeyringError as exc:
        raise SettingsError(
            f"this machine has no keyring to keep {name!r} in; set {variable_of(name)} in the environment instead"
        ) from exc
    _write(sorted({*known(names), name}), names)


def forget(name: str, names: Path) -> None:
    """Take it out of the keyring. Raises UsageError where it is not known."""
    from keyring.errors import NoKeyringError, PasswordDeleteError

    listed = known(names)
    try:
        _keyring("delete_password", checked(name))
    except (PasswordDeleteError, NoKeyringError) as exc:
        if name not in listed:
            raise UsageError(f"there is no secret {name!r}; see: cua secret list") from exc
    _write([each for each in listed if each != name], names)


def known(names: Path) -> list[str]:
    """The names of the secrets that were given to the keyring. Raises TroubleError for a damaged list."""
    try:
        found = json.loads(names.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as exc:
        raise TroubleError(
            f"the list of names in {names} cannot be read ({exc}); remove it: the secrets stay in the keyring"
        ) from exc
    return [str(each) for each in found]


def variable_of(name: str) -> str:
    """The environment variable that may hold it."""
    return "CUA_SECRET_" + re.sub(r"\W", "_", name).upper()


def checked(name: str) -> str:
    """The name, if a secret may be called so."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a secret: letters, digits, - and _ only, a letter first")
    return name


def _keyring(verb: str, *given: str) -> str | None:
    """Ask the keyring. Its refusals, such as one that stays locked, become TroubleError."""
    import keyring
    from keyring.errors import InitError, KeyringLocked, PasswordSetError

    try:
        answer: str | None = getattr(keyring, verb)(SERVICE, *given)
    except (InitError, KeyringLocked, PasswordSetError) as exc:
        variable = variable_of(given[0])
        raise TroubleError(f"the keyring cannot be used: {exc}; unlock it, or set {variable}") from exc
    return answer


def _write(found: list[str], names: Path) -> None:
    half = names.with_suffix(f".{os.getpid()}.half")
    half.write_text(json.dumps(found), encoding="utf-8")
    half.replace(names)
