"""`opschaalcoach login`: asks for what it needs, from the terminal or the environment. Rule: a password is never kept,
and never a part of the command line or the configuration.
"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from bot.cli import UsageError
from bot.clock import SystemClock
from bot.settings import PREFIX, Settings
from bot.transports.matrix import login as matrix_login
from bot.transports.matrix.login import Proof
from storage.errors import Locked
from storage.writer import Writer


async def login(settings: Settings, by_token: bool, new_keys: bool) -> None:
    """Make the coach's device. Raises UsageError or AccountError with what to do."""
    assert settings.matrix is not None  # noqa: S101 (the command looked)
    try:
        # Held, so that no coach runs on the keys that are replaced.
        writer = await Writer.open(settings.storage.path)
    except Locked:
        raise UsageError("the coach is running on this configuration: stop it first, then log in.") from None
    try:
        proof = _proof(settings.matrix.user_id, by_token=by_token)
        made = await matrix_login.login(settings.matrix, settings.matrix_store, proof, SystemClock(), new_keys=new_keys)
    finally:
        await writer.close()
    print(f"Logged in as {made.user_id}, device {made.device_id}, cross-signed. Keys: {settings.matrix_store}")
    print("Keep a copy of signing.json from that folder in a safe place; start the coach with `opschaalcoach run`.")


def _proof(user: str, *, by_token: bool) -> Proof:
    token = _secret("ACCESS_TOKEN")
    if by_token or token is not None:
        return Proof(access_token=token or _asked(f"Access token of {user}: ", "ACCESS_TOKEN"))
    return Proof(password=_secret("PASSWORD") or _asked(f"Password of {user}: ", "PASSWORD"))


def _secret(name: str) -> str | None:
    """A secret from the environment, or from the file that it names."""
    value = os.environ.get(f"{PREFIX}MATRIX__{name}")
    if value:
        return value
    file = os.environ.get(f"{PREFIX}MATRIX__{name}_FILE")
    if not file:
        return None
    try:
        return Path(file).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{file} cannot be read. Mend {PREFIX}MATRIX__{name}_FILE.") from None


def _asked(question: str, name: str) -> str:
    if not sys.stdin.isatty():
        key = f"{PREFIX}MATRIX__{name}"
        raise UsageError(f"there is no terminal to ask at: set {key}, or the name of a file with it in {key}_FILE.")
    try:
        answer = getpass.getpass(question)
    except EOFError:
        answer = ""
    if not answer:
        raise UsageError("nothing was typed; nothing has changed.")
    return answer
