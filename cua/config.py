"""What a person may set, and where things lie.

Settings come from `config.toml`; an environment variable `CUA_<NAME>` (`CUA_BUDGET__ACTS` inside a table) goes before
it. Importing this reads and writes nothing; only the functions do. It never guesses: a setting that it does not
understand is a SettingsError, not a default.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadVariable

from cua import core, homes
from cua.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things lie. `config` and `record` are files, the others folders; only `data` is sure to exist."""

    config: Path
    data: Path
    record: Path
    sandboxes: Path
    reports: Path


class Budget(BaseModel):
    """How much a task may use when it does not say so itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    acts: int = Field(default=core.Budget().acts, gt=0)
    seconds: float = Field(default=core.Budget().seconds, gt=0, allow_inf_nan=False)

    def of_task(self) -> core.Budget:
        """The same as a noun of the core."""
        return core.Budget(self.acts, self.seconds)


class Price(BaseModel):
    """What a million tokens cost, in whatever money: those sent, those of them from a cache, those written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sent: float = Field(default=0, ge=0, allow_inf_nan=False)
    cached: float = Field(default=0, ge=0, allow_inf_nan=False)
    written: float = Field(default=0, ge=0, allow_inf_nan=False)


class Spend(BaseModel):
    """How much one run may ask of a model; what is not said has no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: int | None = Field(default=60, ge=0)
    tokens: int | None = Field(default=None, ge=0)
    cost: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    seconds: float = Field(default=600, gt=0, allow_inf_nan=False)


Speaks = Literal["tools", "computer", "computer-preview", "ui-tars", "ui-tars-thousand", "code", "anthropic"]


class Model(BaseModel):
    """A model behind an OpenAI-compatible endpoint. Without a name there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    base_url: str = Field(default="https://api.openai.com/v1", pattern=r"^https?://[^\s/]")
    key: str = "openai"  # the name of a secret; one that is named must be there for asking, also on this machine
    speaks: Speaks = "tools"
    sees: bool = True
    picture: int = Field(default=1280, ge=64, le=8192)  # pixels of the longer side of what it is sent
    elements: int = Field(default=6000, ge=500)  # bytes of the list of elements
    distil: bool = True  # it is asked once what a task that it solved teaches
    embedding: str = ""  # another model there, by whose vectors what was learned is found in other words too
    seconds: float = Field(default=60, gt=0, allow_inf_nan=False)
    retries: int = Field(default=3, ge=0, le=10)
    price: Price = Price()
    budget: Spend = Spend()

    @property
    def local(self) -> bool:
        """Whether its endpoint is on this machine."""
        try:
            host = urlsplit(self.base_url).hostname or ""
        except ValueError:  # it is no address, which is told where it is asked
            return False
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


class Settings(BaseSettings):
    """All that can be set. `settings()` loads it."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="CUA_", env_nested_delimiter="__")

    screen: str = Field(default="1280x800", pattern=r"^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}$")
    approve: Literal["always", "risky", "never"] = "risky"
    budget: Budget = Budget()
    model: Model = Model()
    task_hosts: tuple[str, ...] = ()  # of one's own network, from which task files may download: HOST or HOST:PORT

    @property
    def screen_size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self.screen.split("x")
        return int(width), int(height)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes before the file, whose values come as arguments. There are no other sources."""
        return env_settings, init_settings


def paths() -> Paths:
    """Where things lie for this person (or under CUA_HOME). Makes the data folder, open to its owner only."""
    config, data = homes.config_file(), homes.data_folder()
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        reason = f"cannot make the data folder {data}: {exc.strerror}"
        raise SettingsError(f"{reason}; make its parent writable or point CUA_HOME at a folder of yours") from exc
    return Paths(config, data, data / "cua.db", data / "sandboxes", data / "reports")


def settings() -> Settings:
    """The person's settings; without a file, the defaults."""
    file = paths().config
    text = _text(file)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise SettingsError(f"{file} is no TOML: {exc}; mend that line, or remove the file for the defaults") from exc
    try:
        return Settings(**table)
    except ValidationError as exc:
        raise SettingsError(_saying(exc, file, text)) from exc
    except UnreadVariable as exc:
        reason = f"a CUA_ environment variable for a table is no JSON ({exc})"
        raise SettingsError(f"{reason}; set its parts instead, such as CUA_BUDGET__ACTS") from exc


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as exc:
        line = exc.object[: exc.start].count(b"\n") + 1
        raise SettingsError(f"{file}, line {line}: this is no UTF-8 text; save the file as UTF-8") from exc
    except OSError as exc:
        raise SettingsError(f"cannot read {file}: {exc.strerror}; make it a file that you may read") from exc


def _saying(exc: ValidationError, file: Path, text: str) -> str:
    """The first thing that is wrong: where, what, and what to do."""
    wrong = exc.errors()[0]
    keys = tuple(str(part) for part in wrong["loc"])
    name = ".".join(keys)
    variable = "CUA_" + "__".join(keys).upper()
    inside = next((env for env in os.environ if env.upper() == variable), "")
    where = f"the environment variable {inside}" if inside else f"{file}, line {_line(keys, text)}: {name}"
    if wrong["type"] == "extra_forbidden":
        known = ", ".join(_names(keys[:-1]))
        return f"{where}: there is no such setting; known here: {known}; mend or remove it"
    match wrong["type"]:
        case "model_type" if inside:
            parts = ", ".join(f"{inside}__{each.upper()}" for each in _names(keys))
            message = f"this should be set by its parts: {parts}"
        case "model_type":
            message = f"this should be a section [{name}] with: {', '.join(_names(keys))}"
        case "tuple_type":
            message = 'this should be a list, such as ["ONE", "ANOTHER"]'
        case _:
            message = wrong["msg"][0].lower() + wrong["msg"][1:]
    return f"{where}: {message}, but it is {wrong['input']!r}; mend or remove it"


def _names(table: tuple[str, ...]) -> tuple[str, ...]:
    found: type[BaseModel] = Settings
    for part in table:
        inner = found.model_fields[part].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ()
        found = inner
    return tuple(found.model_fields)


def _line(keys: tuple[str, ...], text: str) -> int:
    """The line that sets a key: `key = ...` under its table's header, `table.key = ...`, or the table itself."""
    header: tuple[str, ...] = ()
    found = 1
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.match(r"\s*\[+\s*([^\[\]]+?)\s*\]+", line):
            header = _parts(match[1])
            at = header
        elif match := re.match(r"""\s*([\w\-."' ]+?)\s*=""", line):
            at = header + _parts(match[1])
        else:
            continue
        if at == keys:
            return number
        if at == keys[: len(at)]:
            found = number
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
