"""The coach as an administrator runs it: the command, its own process, a configuration of its own.

Rule: a deadline only keeps a hanging process from hanging the tests. The clock of the coach can be ahead, for a
reminder comes only in working hours, and a test at any time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests import starting
from tests.homeserver.synapse import Account
from tests.starting import COMMAND, PIPE, Process

ROOT = Path(__file__).parents[2]
DEADLINE = 60
RUNNING = b"running"


class CoachProcess:
    """One coach on one account. `matrix` is what else stands in the [matrix] section."""

    teams = False

    def __init__(self, folder: Path, homeserver: str, account: Account, **matrix: Any) -> None:
        self.folder = folder
        self.account = account
        self.homeserver = homeserver
        self.process: Process | None = None
        self.said: list[str] = []
        self._reading: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        folder.mkdir(parents=True, exist_ok=True)
        self.configure(**matrix)

    def configure(self, **matrix: Any) -> None:
        """Write the configuration."""
        values = {"homeserver": self.homeserver, "user_id": self.account.user_id, **matrix}
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        text = '[storage]\npath = "data/coach.db"\n[coach]\noperator = "Gemeente Voorbeeld"\n[matrix]\n'
        self.config.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def db(self) -> Path:
        return self.folder / "data" / "coach.db"

    @property
    def store(self) -> Path:
        return self.folder / "data" / "matrix"

    async def command(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Run a command to its end: exit code, standard output, standard error."""
        return await self._command(0.0, *arguments, **environment)

    async def command_at(self, moment: datetime, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """The same, on a clock that says that it is this moment, which has yet to come."""
        ahead = (moment - datetime.now(UTC)).total_seconds()
        return await self._command(ahead, *arguments, **environment)

    async def _command(self, ahead: float, *arguments: str, **environment: str) -> tuple[int, str, str]:
        env = {**os.environ, **environment}
        process = await starting.start(*arguments, env=env, ahead=ahead, stdout=PIPE, stderr=PIPE)
        async with asyncio.timeout(DEADLINE):
            out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    async def login(self, *more: str, password: str | None = None) -> str:
        """Log in; what it said. Fails where the command does."""
        given = password or self.account.password
        code, out, err = await self.command(
            "login", "--config", str(self.config), *more, OPSCHAALCOACH_MATRIX__PASSWORD=given
        )
        assert code == 0, err
        return out

    async def check(self) -> tuple[int, str]:
        """Let it look for faults: exit code and what it said."""
        code, out, err = await self.command("check", "--config", str(self.config))
        return code, out + err

    async def start(self, module: str = COMMAND) -> CoachProcess:
        """Start it, and wait till it says that it runs; `module` whose `main` it is."""
        return await self._start(0.0, module)

    async def start_at(self, moment: datetime) -> CoachProcess:
        """The same, on a clock that says that it is this moment, which has yet to come."""
        return await self._start((moment - datetime.now(UTC)).total_seconds())

    async def _start(self, ahead: float, module: str = COMMAND) -> CoachProcess:
        self._ready = asyncio.Event()
        self.process = await starting.start(
            "run", "--config", str(self.config), ahead=ahead, teams=self.teams, module=module, stderr=PIPE
        )
        self._reading = asyncio.create_task(self._read(self.process))
        async with asyncio.timeout(DEADLINE):
            await self._ready.wait()
        return self

    async def _read(self, process: Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self.said.append(line.decode("utf-8", "replace").rstrip())
            if RUNNING in line:
                self._ready.set()
        self._ready.set()

    async def stop(self) -> int:
        """Tell it to stop; its exit code."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """Take it away, wherever it is."""
        await self._end(signal.SIGKILL)

    async def ended(self) -> int:
        """Wait till it ends by itself; its exit code."""
        assert self.process is not None
        async with asyncio.timeout(DEADLINE):
            code = await self.process.wait()
            if self._reading is not None:
                await self._reading
        self.process = None
        return code

    async def _end(self, number: signal.Signals) -> int:
        if self.process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        return await self.ended()

    async def export(self, room: str) -> dict[str, Any]:
        """The JSON export of a room, as the command gives it."""
        code, out, err = await self.command("export", room, "--db", str(self.db), "--format", "json", "--out", "-")
        assert code == 0, err
        found: dict[str, Any] = json.loads(out)
        return found

    async def close(self) -> None:
        """Let it go."""
        await self.kill()
