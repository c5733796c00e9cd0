"""The independent encrypted client (matrix-js-sdk under node), driven from Python.

Rule: a command that fails raises JsError with what the client said; a deadline only keeps a hanging client from hanging
the tests.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "js"
DEADLINE = 60.0
LONGEST_LINE = 64 * 1024 * 1024

Event = dict[str, Any]


class JsError(Exception):
    """The client could not do a command, or ended; `errcode` is the homeserver's, when it gave one."""

    def __init__(self, text: str, errcode: str | None = None) -> None:
        super().__init__(text)
        self.errcode = errcode


def why_not() -> str | None:
    """Why this client can't run on this machine, in one line; None when it can."""
    if (node := shutil.which("node")) is None:
        return "node is not installed: the tests with the independent client (matrix-js-sdk) need node 20 or newer"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if not version.startswith("v") or int(version[1:].partition(".")[0]) < 20:
        return f"node {version or '?'} is too old: the independent client (matrix-js-sdk) needs node 20 or newer"
    if not (FOLDER / "node_modules" / "matrix-js-sdk").exists():
        return "the independent client (matrix-js-sdk) is not installed: run `make js`"
    return None


class JsClient:
    """One user on one device; a process of its own. `user` and `device` are known after `login`.

    An event is what client.mjs reports: room, id, sender, type, content, encrypted, and where it applies shield,
    decryption_error, redacts, state_key.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.user = ""
        self.device = ""
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._asked: dict[int, asyncio.Future[Event]] = {}
        self._news = asyncio.Condition()
        self._said: deque[str] = deque(maxlen=40)

    async def start(self) -> JsClient:
        """Start the process."""
        self._process = await asyncio.create_subprocess_exec(
            "node",
            "client.mjs",
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._listen())]
        return self

    async def call(self, do: str, **more: Any) -> Event:
        """Do a command and wait for its answer; JsError when it fails."""
        assert self._process is not None
        assert self._process.stdin is not None
        number = len(self._asked) + 1
        answer: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        if self._tasks[0].done():
            raise JsError(f"the client has ended: {self._tail()}")
        self._process.stdin.write(json.dumps({"id": number, "do": do, **more}).encode() + b"\n")
        try:
            async with asyncio.timeout(DEADLINE):
                return await answer
        except TimeoutError:
            raise JsError(f"no answer to {do}: {self._tail()}") from None

    async def login(self, homeserver: str, user: str, password: str) -> JsClient:
        """A new device of this user; ready to be written to when this returns."""
        found = await self.call("login", homeserver=homeserver, user=user, password=password)
        self.user, self.device = found["user"], found["device"]
        return self

    async def wait_for(self, predicate: Callable[[Event], bool], timeout: float = DEADLINE) -> Event:  # noqa: ASYNC109
        """The first event, of all so far and to come, that the predicate is true of; JsError after `timeout` seconds.

        An event that is decrypted late is reported twice: with its failure, and with its text.
        """
        looked = 0
        try:
            async with asyncio.timeout(timeout), self._news:
                while True:
                    for event in self.events[looked:]:
                        if predicate(event):
                            return event
                    looked = len(self.events)
                    if self._tasks[0].done():
                        raise JsError(f"the client has ended: {self._tail()}")
                    await self._news.wait()
        except TimeoutError:
            seen = [(one["type"], one["sender"], one["content"].get("body")) for one in self.events]
            raise JsError(f"{self.user} waited in vain; it saw {seen}; {self._tail()}") from None

    async def text(self, body: str, timeout: float = DEADLINE) -> Event:  # noqa: ASYNC109
        """Wait for a message with exactly this text."""
        return await self.wait_for(lambda one: one["content"].get("body") == body, timeout)

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
            process.kill()
            await process.wait()
        await asyncio.gather(*self._tasks)

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for raw in self._process.stdout:
            line = json.loads(raw)
            if "event" in line:
                async with self._news:
                    self.events.append(line)
                    self._news.notify_all()
                continue
            answer = self._asked.get(line.get("done") or line.get("id"))
            if answer is None or answer.done():
                self._said.append(str(line))
            elif "error" in line:
                answer.set_exception(JsError(line["error"], line.get("errcode")))
            else:
                answer.set_result(line)
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(JsError(f"the client ended: {self._tail()}"))
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
