"""The coach's own account on a homeserver, as `login` left it. Rule: one file, for its owner only; `run` reads it and
never makes one.

Beside it, in the same folder, lie the keys of the device (matrix-nio's database) and the seeds that sign it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

_FILE = "account.json"
_KEYS = "keys"
_SIGNING = "signing.json"


class AccountError(Exception):
    """Something about the account that an administrator has to mend; says what to do."""


class Revoked(AccountError):
    """The homeserver does not accept the coach's token any more."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who the coach is: homeserver, user, device, its token, the public key of its device, and when it was made
    (UTC)."""

    homeserver: str
    user_id: str
    device_id: str
    access_token: str
    identity: str
    made_at: datetime

    def __repr__(self) -> str:
        return f"Account({self.user_id}, {self.device_id})"  # never the token


def keys_folder(store: Path) -> Path:
    """Where the keys of the device lie."""
    return store / _KEYS


def signing_file(store: Path) -> Path:
    """Where the seeds lie that sign the coach's devices."""
    return store / _SIGNING


def load(store: Path, config: Path) -> Account:
    """The account that `login` left, whose keys are there. Raises AccountError where there is none, or it can't be
    read."""
    account = read(store, config)
    if not keys_folder(store).is_dir() or not any(keys_folder(store).iterdir()):
        raise AccountError(f"the keys of the coach's device are gone from {keys_folder(store)}. {_again(config)}")
    return account


def read(store: Path, config: Path) -> Account:
    """The same, with or without its keys."""
    file = store / _FILE
    try:
        values = json.loads(file.read_text("utf-8"))
        return Account(**values | {"made_at": datetime.fromisoformat(values["made_at"])})
    except FileNotFoundError:
        raise AccountError(f"the coach has no device on its homeserver yet. {_again(config)}") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise AccountError(f"{file} cannot be read. {_again(config)}") from None


def _again(config: Path) -> str:
    return f"Run `opschaalcoach login --config {config}`."


def save(store: Path, account: Account) -> None:
    """Keep an account in place of the one that was there."""
    write_secret(store / _FILE, json.dumps(asdict(account) | {"made_at": account.made_at.isoformat()}, indent=2) + "\n")


def write_secret(file: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all. Raises AccountError where that can't be done."""
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    except OSError as error:
        raise AccountError(f"{file} cannot be written: {error.strerror}.") from None


def ready_folder(folder: Path) -> None:
    """Make a folder for its owner only. Raises AccountError where that can't be done."""
    try:
        for one in (*reversed(folder.parents), folder):
            one.mkdir(mode=0o700, exist_ok=True)  # `parents` would leave those above it open
        folder.chmod(0o700)
    except OSError as error:
        raise AccountError(f"{folder} cannot be made: {error.strerror}.") from None
