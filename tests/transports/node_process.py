"""A program of ours under node, driven from Python: commands as JSON lines in, answers and news as JSON lines out.

Rule: a command that fails raises NodeError with what the program said; a deadline only keeps a hanging program from
hanging the tests.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
from collections import deque
from pathlib import Path
from typing import Any, Self

FOLDER = Path(__file__).parent / "js"
DEADLINE = 60.0
LONGEST_LINE = 64 * 1024 * 1024

Line = dict[str, Any]


class NodeError(Exception):
    """The program could not do a command, or ended; `errcode` is the homeserver's, when it gave one."""

    def __init__(self, text: str, errcode: str | None = None) -> None:
        super().__init__(text)
        self.errcode = errcode


def why_not(what: str, *packages: str) -> str | None:
    """Why a program that needs these packages can't run on this machine, in one line; None when it can."""
    if (node := shutil.which("node")) is None:
        return f"node is not installed: the tests with {what} need node 20 or newer"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if not version.startswith("v") or int(version[1:].partition(".")[0]) < 20:
        return f"node {version or '?'} is too old: {what} needs node 20 or newer"
    if not all((FOLDER / "node_modules" / package).exists() for package in packages):
        return f"{what} is not installed: run `make js`"
    return None


class NodeProcess:
    """One process of one of our scripts."""

    def __init__(self, script: str) -> None:
        self.script = script
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._asked: dict[int, asyncio.Future[Line]] = {}
        self._news = asyncio.Condition()
        self._said: deque[str] = deque(maxlen=40)

    async def start(self) -> Self:
        """Start the process."""
        self._process = await asyncio.create_subprocess_exec(
            "node",
            self.script,
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            limit=LONGEST_LINE,
            start_new_session=True,  # so that what it started can be ended with it
        )
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._listen())]
        return self

    async def call(self, do: str, **more: Any) -> Line:
        """Do a command and wait for its answer; NodeError when it fails."""
        assert self._process is not None
        assert self._process.stdin is not None
        number = len(self._asked) + 1
        answer: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        if self._has_ended():
            raise NodeError(f"the client has ended: {self._tail()}")
        self._process.stdin.write(json.dumps({"id": number, "do": do, **more}).encode() + b"\n")
        try:
            async with asyncio.timeout(DEADLINE):
                return await answer
        except TimeoutError:
            raise NodeError(f"no answer to {do}: {self._tail()}") from None

    async def close(self) -> None:
        """End the process; what it was asked last is not waited for."""
        if self._process is None:
            return
        process, self._process = self._process, None
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(DEADLINE):
                await process.wait()
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        await asyncio.gather(*self._tasks)

    def _heard(self, line: Line) -> None:
        """A line that no command asked for."""
        self._said.append(str(line))

    def _has_ended(self) -> bool:
        return self._tasks[0].done()

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for raw in self._process.stdout:
            line = json.loads(raw)
            if "event" in line:
                async with self._news:
                    self._heard(line)
                    self._news.notify_all()
                continue
            answer = self._asked.get(line.get("done") or line.get("id"))
            if answer is None or answer.done():
                self._said.append(str(line))
            elif "error" in line:
                answer.set_exception(NodeError(line["error"], line.get("errcode")))
            else:
                answer.set_result(line)
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(NodeError(f"the client ended: {self._tail()}"))
                answer.exception()  # a caller that gave up long ago need not hear it
        async with self._news:
            self._news.notify_all()

    async def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for raw in self._process.stderr:
            self._said.append(raw.decode(errors="replace").rstrip())

    def _tail(self) -> str:
        return "it said: " + (" | ".join(self._said) or "nothing")
