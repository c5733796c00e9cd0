"""The configuration: a TOML file, and the environment over it. Rule: unknown keys are faults, and every fault is
named at once.

Each key can come from the environment as OPSCHAALCOACH_<SECTION>__<KEY>. Relative paths start at the configuration
file.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PREFIX = "OPSCHAALCOACH_"


class SettingsError(Exception):
    """The faults of a configuration, a line each: where, what, and how to mend it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StorageSection(_Section):
    """Where the database lies."""

    path: Path


class CoachSection(_Section):
    """Who runs the coach, named in the welcome and in `!privacy`."""

    operator: Annotated[str, Field(min_length=1, max_length=200)]


class Settings(_Section):
    """The whole configuration."""

    storage: StorageSection
    coach: CoachSection


def load_settings(file: Path, environment: dict[str, str] | None = None) -> Settings:
    """Read a configuration. Raises SettingsError with every fault."""
    try:
        raw: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            [f"{file}: cannot be read ({error.strerror}). Give an existing file with --config."]
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{file}: is not TOML: {error}"]) from None
    _over(raw, dict(os.environ) if environment is None else environment)
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError([_fault(file, one["loc"], one["type"], one["msg"]) for one in error.errors()]) from None
    path = settings.storage.path
    if not path.is_absolute():
        path = file.resolve().parent / path
    return settings.model_copy(update={"storage": StorageSection(path=path)})


def _over(raw: dict[str, Any], environment: dict[str, str]) -> None:
    """Put what the environment says over what the file says."""
    for name, value in environment.items():
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        if name.startswith(PREFIX) and key:
            table = raw.setdefault(section, {})
            if isinstance(table, dict):
                table[key] = value


def _fault(file: Path, loc: tuple[int | str, ...], kind: str, message: str) -> str:
    place = f"[{loc[0]}] {'.'.join(str(part) for part in loc[1:])}".strip()
    if kind == "extra_forbidden":
        return f"{file}: {place}: this key is not known; remove it or mend its spelling"
    if kind == "missing":
        return f"{file}: {place}: is missing; see config.example.toml"
    return f"{file}: {place}: {message}"
