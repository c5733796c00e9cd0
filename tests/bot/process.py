"""The coach as its users run it: JSON lines in process, and the real command as a process of its own.

Rule: a deadline only keeps a hanging process from hanging the tests; no test asserts how long something takes.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot import VERSION
from bot.clock import LineClock
from bot.coach import Coach
from bot.console import make_engine
from bot.transports.console.lines import CLOCK_KEY, Lines, LinesTransport
from bot.transports.console.saving import Folder, folder_beside
from storage import meta
from storage.writer import Writer
from tests.starting import PIPE, Popen

ROOT = Path(__file__).parents[2]
DEADLINE = 60
AT = "2026-11-23T10:00:00+01:00"

Line = dict[str, Any]


def message(event: str, text: str, sender: str = "Anna", room: str = "r1", **more: Any) -> Line:
    """A line in which somebody writes."""
    return {"type": "message", "id": event, "room": room, "sender": sender, "text": text, **more}


def edit(event: str, target: str, text: str, sender: str = "Anna", **more: Any) -> Line:
    """A line in which somebody changes a message."""
    return {"type": "edit", "id": event, "room": "r1", "sender": sender, "target": target, "text": text, **more}


def redact(event: str, target: str, sender: str = "Anna") -> Line:
    """A line in which somebody removes a message."""
    return {"type": "redact", "id": event, "room": "r1", "sender": sender, "target": target}


def sign(event: str, target: str, key: str, sender: str = "Anna", **more: Any) -> Line:
    """A line in which somebody puts a sign on a message."""
    return {"type": "reaction", "id": event, "room": "r1", "sender": sender, "target": target, "key": key, **more}


def members(event: str, *names: str, moderators: tuple[str, ...] = (), room: str = "r1") -> Line:
    """A line that says who is in the room."""
    return {"type": "members", "id": event, "room": room, "members": list(names), "moderators": list(moderators)}


def clock(at: str) -> Line:
    """A line that says what time it is."""
    return {"type": "clock", "at": at}


def encoded(lines: tuple[Line | bytes, ...]) -> bytes:
    """Lines as they go over the wire; bytes go as they are, with a line end."""
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in lines)


class Served:
    """A coach on JSON lines in this process, on one database; `restart` is a new coach on the same file."""

    def __init__(self, path: Path, files: tuple[str, ...] | None = None) -> None:
        """`files` are the kinds of file that it makes; without it all that this installation can."""
        self.path = path
        self.files = files

    async def start(self) -> Served:
        """Open the database and take up what was left."""
        self.writer = await Writer.open(self.path)
        self.out = io.StringIO()
        stored = await self.writer.run(lambda conn: meta.get(conn, CLOCK_KEY))
        self.clock = LineClock(None if stored is None else datetime.fromisoformat(stored))
        self.transport = LinesTransport(self.out, Folder(folder_beside(self.path)))
        if self.files is not None:
            able = replace(self.transport.capabilities, files=self.files)
            self.transport.capabilities = able
        self.coach = Coach(self.writer, make_engine(self.transport, None, "x"), self.transport, self.clock, VERSION)
        await self.coach.start()
        self.lines = Lines(self.coach, self.transport, self.clock)
        return self

    async def stop(self) -> None:
        """Let go of the database."""
        await self.coach.close()
        await self.writer.close()

    async def restart(self) -> list[Line]:
        """Stop and start again; what the new coach says before it was sent anything."""
        await self.stop()
        await self.start()
        return self._said()

    def _said(self) -> list[Line]:
        found = [json.loads(one) for one in self.out.getvalue().splitlines()]
        self.out.seek(0)
        self.out.truncate()
        return found

    async def send(self, *lines: Line | bytes) -> list[Line]:
        """Send lines; all that comes out, in order."""
        await self.lines.run(io.BytesIO(encoded(lines)))
        return self._said()


def of_type(lines: list[Line], kind: str) -> list[Line]:
    """The lines of one type."""
    return [one for one in lines if one["type"] == kind]


def command(*arguments: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """What starts the command as a process."""
    return {
        "args": [sys.executable, "-m", "bot", *arguments],
        "cwd": ROOT,
        "env": {**os.environ, **(environment or {})},
    }


def run(
    *arguments: str, given: bytes = b"", environment: dict[str, str] | None = None, **more: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run the command to its end."""
    env = {**os.environ, **(environment or {})}
    how: dict[str, Any] = {"cwd": ROOT, "env": env, "stdin": PIPE, "stdout": PIPE, "stderr": PIPE, **more}
    with Popen(arguments, **how) as process:
        try:
            out, err = process.communicate(given, DEADLINE)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def run_lines(path: Path, *lines: Line | bytes) -> list[Line]:
    """Run the command on lines; what came out. It must end well and be silent on standard error."""
    done = run("console", "--jsonl", "--db", str(path), given=encoded(lines))
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(one) for one in done.stdout.decode().splitlines()]


class Running:
    """The command on JSON lines as a process that goes on running."""

    def __init__(self, path: Path) -> None:
        arguments = ("console", "--jsonl", "--db", str(path))
        self.process = Popen(arguments, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE)

    def send(self, line: Line) -> list[Line]:
        """Send a line; what comes out up to its `done` or `error`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        self.process.stdin.flush()
        found: list[Line] = []
        while raw := self.process.stdout.readline():
            found.append(json.loads(raw))
            if found[-1]["type"] in ("done", "error"):
                return found
        raise AssertionError(f"it ended: {self.process.communicate()[1]!r}")

    def signal(self, number: int) -> bytes:
        """Send a signal and wait for the end, its input still open; what it wrote on standard error."""
        self.process.send_signal(number)
        try:
            self.process.wait(DEADLINE)
            assert self.process.stderr is not None
            return self.process.stderr.read()
        finally:
            self.stop()

    def stop(self) -> None:
        """End it, whatever it does; for the end of a test."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def exported(path: Path, room: str = "r1") -> dict[str, Any]:
    """A room's canvas, by the command."""
    done = run("export", room, "--db", str(path), "--format", "json", "--out", "-")
    assert (done.returncode, done.stderr) == (0, b"")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def texts(canvas: dict[str, Any], step: str) -> list[str]:
    """The texts at a step of a canvas."""
    return [item["text"] for item in canvas["steps"][step]["items"]]


def is_one_clear_line(stderr: bytes) -> bool:
    """Whether standard error holds one line for a person, and no traceback."""
    return len(stderr.decode().strip().splitlines()) == 1 and b"Traceback" not in stderr
