"""The configuration: a TOML file, and the environment over it. Rule: unknown keys are faults, and every fault is
named at once.

Each key can come from the environment as OPSCHAALCOACH_<SECTION>__<KEY>; a list with commas between. Relative paths
start at the configuration file.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from flows.languages import FIRST, known

PREFIX = "OPSCHAALCOACH_"

# Asked once by `login`, from here or the terminal, and never kept: no keys of the configuration.
ONCE = {("matrix", key) for key in ("password", "password_file", "access_token", "access_token_file")}


class SettingsError(Exception):
    """The faults of a configuration, a line each: where, what, and how to mend it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def _from_file(path: Path, info: ValidationInfo) -> Path:
    """A path as it is meant: relative to the configuration file."""
    folder = (info.context or {}).get("folder")
    return path if folder is None or path.is_absolute() else folder / path


def _listed(value: object) -> object:
    return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else value


_Path = Annotated[Path, AfterValidator(_from_file)]
_Names = Annotated[list[str], BeforeValidator(_listed)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StorageSection(_Section):
    """Where the database lies, and which rooms (the transport's ids) have to be kept: nothing erases them. And where
    backups of it go (without a folder: none are made), after how many hours there is a new one, and how many are kept.
    """

    path: _Path
    locked: _Names = []
    backup_folder: _Path | None = None
    backup_every: Annotated[int, Field(ge=1, le=24 * 31)] = 24
    backups_kept: Annotated[int, Field(ge=1, le=1_000)] = 14


class LogSection(_Section):
    """From which level on the coach logs, and in which form: lines of text, or of JSON."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class CoachSection(_Section):
    """Who runs the coach, named in the welcome and in `!privacy`; the language that it speaks in a room until that
    chooses another; how many messages of one person a minute it deals with: what comes faster waits; and for how many
    months what a room has is kept after its pilot, where the room says nothing else."""

    operator: Annotated[str, Field(min_length=1, max_length=200)]
    language: str = FIRST
    messages_per_minute: Annotated[int, Field(ge=1, le=10_000)] = 120
    keep_months: Annotated[int, Field(ge=1, le=240)] = 24

    @field_validator("language")
    @classmethod
    def _language(cls, value: str) -> str:
        if value not in known():
            choices = " or ".join(f'"{code}"' for code in known())
            raise ValueError(f"is no language of the coach: use {choices}")
        return value


def _host_port(listen: str) -> tuple[str, int]:
    parts = urlsplit(f"//{listen}")
    return str(parts.hostname), int(parts.port or 0)


def _place(value: str) -> str:
    """A host and a port to listen at."""
    parts = urlsplit(f"//{value}")
    try:
        fit = parts.hostname and parts.port is not None and parts.netloc == value and parts.username is None
    except ValueError:
        fit = False
    if not fit:
        raise ValueError('is no address to listen at, such as "127.0.0.1:3978"')
    return value


_Place = Annotated[str, AfterValidator(_place)]


class HealthSection(_Section):
    """Where the coach tells how it is, over plain HTTP and to whoever asks: on this machine, or with `open_to_network`
    anywhere."""

    listen: _Place
    open_to_network: bool = False

    @property
    def host_port(self) -> tuple[str, int]:
        """Where it listens."""
        return _host_port(self.listen)

    @model_validator(mode="after")
    def _near(self) -> Self:
        if not self.open_to_network and not is_loopback(self.host_port[0]):
            raise ValueError(
                "listen is open to the network, without encryption: use 127.0.0.1, or set open_to_network = true"
            )
        return self


class MatrixSection(_Section):
    """The coach's account on a homeserver, and who may invite it. `store` is the folder of its keys, `bots` are users
    that are not counted as people."""

    homeserver: str
    user_id: str
    allowed_servers: _Names | None = None
    allowed_users: _Names = []
    bots: _Names = []
    store: _Path | None = None
    proxy: Annotated[str | None, Field(repr=False)] = None  # a name and a password may stand in it
    ca_file: _Path | None = None

    @field_validator("homeserver")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        more = parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None
        if parts.scheme not in ("http", "https") or not parts.hostname or more or not _has_fit_port(value):
            raise ValueError('is no address of a server, such as "https://matrix.example.nl"')
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("is not encrypted: use https (plain http only to this machine itself)")
        return value.rstrip("/")

    @field_validator("user_id")
    @classmethod
    def _user(cls, value: str) -> str:
        if not re.fullmatch(r"@[^:\s]+:\S+", value):
            raise ValueError('is no Matrix user, such as "@coach:example.nl"')
        return value

    @field_validator("proxy")
    @classmethod
    def _proxy(cls, value: str | None) -> str | None:
        if value is None:
            return value
        parts = urlsplit(value)
        fit = parts.hostname and _has_fit_port(value) and parts.port is not None
        if parts.scheme not in ("http", "socks4", "socks5") or not fit:
            raise ValueError('is no proxy, such as "http://proxy.example.nl:3128" or "socks5://127.0.0.1:1080"')
        return value


class TeamsSection(_Section):
    """The coach's registration with Microsoft, and where Teams reaches it. Who it is, is proved by a secret (from a
    file, or the environment), a certificate with its key, or the managed identity of the machine.

    `read_all` says that the organisation lets it read every message, `public_address` is where people may fetch a
    document that they asked for. `organisation` and the three pages are what Teams shows beside the app: only
    `teams-package` asks for them. `openid_metadata_url` and `token_issuer` name another issuer than Microsoft: for
    tests only, so on this machine only.
    """

    app_id: Annotated[str, Field(min_length=1, max_length=100)]
    tenant_id: Annotated[str, Field(min_length=1, max_length=100)]
    client_secret: Annotated[SecretStr, Field(min_length=1)] | None = None
    client_secret_file: _Path | None = None
    certificate_file: _Path | None = None
    certificate_key_file: _Path | None = None
    managed_identity: bool = False
    listen: _Place = "127.0.0.1:3978"
    read_all: bool = False
    public_address: str | None = None
    organisation: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    website_url: str | None = None
    privacy_url: str | None = None
    terms_url: str | None = None
    openid_metadata_url: str | None = None
    token_issuer: str | None = None

    @property
    def host_port(self) -> tuple[str, int]:
        """Where it listens."""
        return _host_port(self.listen)

    @field_validator("public_address")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        if value is None:
            return value
        parts = urlsplit(value)
        more = parts.query or parts.fragment or parts.username is not None
        if parts.scheme not in ("http", "https") or not parts.hostname or more or not _has_fit_port(value):
            raise ValueError('is no address of a server, such as "https://coach.example.nl"')
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("is not encrypted: use https (plain http only to this machine itself)")
        return value.rstrip("/")

    @field_validator("website_url", "privacy_url", "terms_url")
    @classmethod
    def _page(cls, value: str | None) -> str | None:
        if value is None:
            return value
        parts = urlsplit(value)
        if parts.scheme != "https" or not parts.hostname or not _has_fit_port(value) or len(value) > 2048:
            raise ValueError('is no address of a page, such as "https://www.example.nl/privacy"')
        return value

    @field_validator("openid_metadata_url", "token_issuer")
    @classmethod
    def _for_tests(cls, value: str | None) -> str | None:
        if value is None:
            return value
        host = urlsplit(value).hostname
        if not host or not is_loopback(host):
            raise ValueError("is for tests only, with an address of this machine itself; remove it")
        return value

    @model_validator(mode="after")
    def _proof(self) -> Self:
        ways = [
            name
            for name, there in (
                ("client_secret", self.client_secret is not None),
                ("client_secret_file", self.client_secret_file is not None),
                ("certificate_file", self.certificate_file is not None),
                ("managed_identity", self.managed_identity),
            )
            if there
        ]
        if len(ways) != 1:
            named = " and ".join(ways) if ways else "nothing"
            raise ValueError(
                f"{named} says who the coach is; give one of client_secret_file, certificate_file and managed_identity"
            )
        if (self.certificate_file is None) != (self.certificate_key_file is None):
            raise ValueError("certificate_file and certificate_key_file belong together: give both")
        if (self.openid_metadata_url is None) != (self.token_issuer is None):
            raise ValueError("openid_metadata_url and token_issuer are for tests only, and go together: remove both")
        return self


class Settings(_Section):
    """The whole configuration."""

    storage: StorageSection
    coach: CoachSection
    log: LogSection = LogSection()
    health: HealthSection | None = None
    matrix: MatrixSection | None = None
    teams: TeamsSection | None = None

    @property
    def matrix_store(self) -> Path:
        """The folder of the coach's Matrix keys: as configured, else beside the database."""
        given = self.matrix.store if self.matrix is not None else None
        return given if given is not None else self.storage.path.parent / "matrix"


def _has_fit_port(address: str) -> bool:
    """Whether the port of an address, where it names one, can be."""
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
        return Settings.model_validate(raw, context={"folder": file.resolve().parent})
    except ValidationError as error:
        raise SettingsError([_fault(file, one["loc"], one["type"], one["msg"]) for one in error.errors()]) from None


def _over(raw: dict[str, Any], environment: dict[str, str]) -> None:
    """Put what the environment says over what the file says."""
    for name, value in environment.items():
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        if name.startswith(PREFIX) and key and (section, key) not in ONCE:
            table = raw.setdefault(section, {})
            if isinstance(table, dict):
                table[key] = value


def _fault(file: Path, loc: tuple[int | str, ...], kind: str, message: str) -> str:
    place = f"[{loc[0]}] {'.'.join(str(part) for part in loc[1:])}".strip()
    if kind == "extra_forbidden":
        return f"{file}: {place}: this key is not known; remove it or mend its spelling"
    if kind == "missing":
        return f"{file}: {place}: is missing; see config.example.toml"
    return f"{file}: {place}: {message.removeprefix('Value error, ')}"
