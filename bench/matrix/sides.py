"""Those that are measured: the coach, bare bots, and bots on other people's frameworks, each a process on an account of
its own.

Rule: only one of them runs at a time, so that none takes from another.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from tests.homeserver.synapse import Account, Synapse
from tests.transports.coach_process import ROOT, CoachProcess
from tests.transports.user import Seen, User

PEERS = Path(__file__).parent / "peers"
PYTHON = ROOT / ".venv-peers" / "bin" / "python"  # has the others' frameworks: `make peers`
OWN = "nl.opschaalcoach"
TAKEN = "✍️"
AGREED = "✅"


class Side(Protocol):
    """One of them."""

    name: str
    account: Account

    async def start(self) -> None:
        """Start the process, and wait till it says that it runs."""

    def used(self) -> float:
        """The processor time that it took so far, in seconds; 0 where the system doesn't tell."""

    def peak(self) -> int:
        """The most memory that it had so far, in bytes; 0 where the system doesn't tell."""

    async def stop(self) -> None:
        """End it."""

    def is_idle(self) -> bool:
        """Whether it has done all that it has to do."""

    def token(self) -> str:
        """The access token of its device."""

    async def begin(self, person: User, room: str) -> str | None:
        """Have it ready in a room that it was invited to; the message that is to be answered there, if any."""

    def reacts_to(self, one: Seen) -> str | None:
        """The message of a person that an event is the first visible reaction to."""


class Coach:
    """The product, as an administrator runs it."""

    name = "coach"

    def __init__(self, folder: Path, synapse: Synapse, account: Account) -> None:
        self.account = account
        self._process = CoachProcess(folder, synapse.url, account)

    async def ready(self) -> Coach:
        """Log in, as if that was long ago: in its first minutes a device looks for what an earlier one posted."""
        await self._process.login()
        file = self._process.store / "account.json"
        values = json.loads(file.read_text("utf-8"))
        values["made_at"] = (datetime.now(UTC) - timedelta(days=3)).isoformat()
        file.write_text(json.dumps(values), "utf-8")
        return self

    async def start(self) -> None:
        """See Side."""
        await self._process.start()

    def used(self) -> float:
        """See Side."""
        assert self._process.process is not None
        return processor_time(self._process.process.pid)

    def peak(self) -> int:
        """See Side."""
        assert self._process.process is not None
        return peak_memory(self._process.process.pid)

    async def stop(self) -> None:
        """See Side."""
        await self._process.stop()

    def is_idle(self) -> bool:
        """See Side."""
        waiting = "SELECT 1 FROM inbox WHERE state = 0 UNION SELECT 1 FROM outbox WHERE state = 0"
        with closing(sqlite3.connect(f"file:{self._process.db}?mode=ro", uri=True)) as conn:
            return conn.execute(waiting).fetchone() is None

    def token(self) -> str:
        """See Side."""
        return str(json.loads((self._process.store / "account.json").read_text("utf-8"))["access_token"])

    async def begin(self, person: User, room: str) -> str | None:
        """See Side."""
        welcome = await person.wait_for(lambda one: self._says(one, room, "welcome"))
        await person.knows(room, self.account.user_id)
        await person.react(room, welcome.id, AGREED)
        return (await person.wait_for(lambda one: self._says(one, room, "question"))).id

    def _says(self, one: Seen, room: str, kind: str) -> bool:
        return one.room == room and one.sender == self.account.user_id and one.content.get(OWN, {}).get("kind") == kind

    def reacts_to(self, one: Seen) -> str | None:
        """See Side."""
        if one.sender != self.account.user_id or one.reacts is None or one.reacts[1] != TAKEN:
            return None
        return one.reacts[0]


class Bot:
    """A bot that answers every message at once: `command` starts it, and it says `ready` (bytes) when it runs."""

    def __init__(self, name: str, account: Account, command: Sequence[str], ready: bytes, folder: Path = ROOT) -> None:
        self.name = name
        self.account = account
        self._command = command
        self._ready = ready
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """See Side."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command, cwd=self._folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        assert self._process.stdout is not None
        said = b""
        while self._ready not in said:
            line = await self._process.stdout.readline()
            said += line
            if not line:
                raise SystemExit(f"{self.name} did not start: {said.decode(errors='replace')[-500:]}")
        self._reading = asyncio.create_task(self._read_on(self._process.stdout))

    async def _read_on(self, stream: asyncio.StreamReader) -> None:
        while await stream.read(65_536):  # a full pipe would stop it
            pass

    def used(self) -> float:
        """See Side."""
        assert self._process is not None
        return processor_time(self._process.pid)

    def peak(self) -> int:
        """See Side."""
        assert self._process is not None
        return peak_memory(self._process.pid)

    async def stop(self) -> None:
        """See Side."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        await self._process.wait()
        if self._reading is not None:
            await self._reading

    def is_idle(self) -> bool:
        """See Side."""
        return True

    def token(self) -> str:
        """See Side."""
        return self.account.token

    async def begin(self, person: User, room: str) -> str | None:
        """See Side."""
        await person.knows(room, self.account.user_id)
        return None

    def reacts_to(self, one: Seen) -> str | None:
        """See Side."""
        if one.sender == self.account.user_id and one.reacts is not None:
            return one.reacts[0]
        answered = (one.content.get("m.relates_to") or {}).get("m.in_reply_to") or {}
        found: str | None = answered.get("event_id") if one.sender == self.account.user_id else None
        return found


def echo(folder: Path, synapse: Synapse, account: Account, name: str = "echo", sign: str = "") -> Bot:
    """The bare bot; with a `sign` it puts that on a message, as the coach does, instead of echoing it."""
    file = _told(folder, synapse, account, sign=sign)
    return Bot(name, account, [sys.executable, "-m", "bench.matrix.echo", str(file)], b"running")


def _told(folder: Path, synapse: Synapse, account: Account, **more: str) -> Path:
    """The file that tells a bot who it is; its folder `store` is made."""
    store = folder / "store"
    store.mkdir(parents=True, mode=0o700)
    told = {"homeserver": synapse.url, "user": account.user_id, "device": account.device_id, "token": account.token}
    file = folder / "told.json"
    file.write_text(json.dumps({**told, "store": str(store), **more}), "utf-8")
    return file


def maubot(folder: Path, synapse: Synapse, account: Account) -> Bot:
    """maubot by itself (standalone) with a plugin that keeps a message in a row and puts ✍️ on it."""
    _told(folder, synapse, account)
    shutil.copytree(PEERS, folder / "plugin")
    credentials = {"id": account.user_id, "homeserver": synapse.url, "access_token": account.token}
    user = {
        "credentials": {**credentials, "device_id": account.device_id},
        "autojoin": True,
        "displayname": "disable",
        "avatar_url": "disable",
        "ignore_first_sync": False,
    }
    handler = {"class": "logging.StreamHandler"}
    logs = {"version": 1, "handlers": {"console": handler}, "root": {"level": "INFO", "handlers": ["console"]}}
    config = {"user": user, "database": f"sqlite:{folder / 'store' / 'bot.db'}", "logging": logs}
    (folder / "config.yaml").write_text(json.dumps(config), "utf-8")  # JSON is YAML
    command = [str(PYTHON), "-m", "maubot.standalone", "-c", "config.yaml", "-m", "plugin/maubot.yaml"]
    return Bot("maubot", account, command, b"running forever", folder)


def simple(folder: Path, synapse: Synapse, account: Account) -> Bot:
    """simplematrixbotlib with a handler that puts ✍️ on a message."""
    file = _told(folder, synapse, account)
    return Bot("simplematrixbotlib", account, [str(PYTHON), "-u", str(PEERS / "simple.py"), str(file)], b"Connected to")


def processor_time(process: int) -> float:
    """The processor time of a process, user and system, in seconds; 0 where the system doesn't tell."""
    file = Path(f"/proc/{process}/stat")
    if not file.exists():
        return 0.0
    fields = file.read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory(process: int) -> int:
    """The most memory that a process had, in bytes; 0 where the system doesn't tell."""
    file = Path(f"/proc/{process}/status")
    lines: Iterable[str] = file.read_text("utf-8").splitlines() if file.exists() else ()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
