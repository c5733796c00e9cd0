"""Draws in a process of its own: the coach never waits for a picture, and a stuck one is ended.

Rule: one process, started when something is first drawn, begun anew after many tasks (Typst's memory grows) and killed
when a task takes too long. What was drawn is kept by its content, up to a number of bytes, in memory only.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import multiprocessing
import signal
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, cast

from bot.render import sources
from bot.transports.base import Picture
from flows.canvas import Canvas
from flows.conversation.effects import seen_part

LIMIT = 20.0  # seconds
WIDEST = 1920  # pixels: nothing is drawn larger
MOST_TASKS = 100
CACHE_BYTES = 32 * 1024 * 1024
Make = Callable[[str, str, str], bytes]


class RenderError(Exception):
    """A picture or document could not be made: one line that says why."""


class Worker:
    """Makes pictures and documents. To be closed in the end.

    `make` does a task inside the process: what, how, and the canvas in JSON.
    """

    def __init__(
        self,
        make: Make | None = None,
        *,
        limit: float = LIMIT,
        most_tasks: int = MOST_TASKS,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._make = make
        self._limit = limit
        self._most_tasks = most_tasks
        self._cache = _Cache(cache_bytes)
        self._busy = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, "render")
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._tasks = 0

    async def picture(self, canvas: Canvas, layout: str = "landscape", widest: int = WIDEST) -> Picture:
        """A picture, its longer side at most `widest` pixels: landscape, portrait, trend (from two rounds on), or a
        part with a status, by its id or that `upright`. Raises RenderError.
        """
        with _missing():
            from bot.render.picture import WHOLE, size_of
        if layout not in WHOLE and all(seen_part(layout) != part["id"] for part in canvas["parts"]):
            raise RenderError(f"There is no picture called '{layout}'.")
        if layout == "trend" and len(canvas["columns"]) < 2:
            raise RenderError("A trend needs two rounds.")
        data = await self._made("picture", f"{layout}@{widest}", canvas)
        return Picture(data, *size_of(data))

    async def document(self, canvas: Canvas, form: str) -> bytes:
        """A document: pdf (the report), a3 (the canvas as PDF), docx or pptx. Raises RenderError."""
        return await self._made("document", form, canvas)

    async def close(self) -> None:
        """End the process. A task that is under way is ended too."""
        self._kill()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)
        self._kill()

    # In the coach's own process ---------------------------------------------------------------------------------------

    async def _made(self, what: str, how: str, canvas: Mapping[str, Any]) -> bytes:
        key = _key(what, how, canvas)
        async with self._busy:
            found = self._cache.get(key)
            if found is None:
                text = json.dumps(canvas, ensure_ascii=False)
                found = await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, (what, how, text))
                self._cache.put(key, found)
        return found

    def _ask(self, task: tuple[str, str, str]) -> bytes:
        """One task; runs in the one thread, so no other is under way."""
        pipe = self._started()
        try:
            pipe.send(task)
            if not pipe.poll(self._limit):
                self._kill()
                raise RenderError(f"Drawing took longer than {self._limit:g} seconds and was ended.")
            done, answer = cast("tuple[bool, Any]", pipe.recv())
        except (EOFError, OSError):
            self._kill()
            raise RenderError("Drawing stopped before it was done.") from None
        self._tasks += 1
        if not done:
            raise RenderError(str(answer))
        return cast(bytes, answer)

    def _started(self) -> Connection:
        if self._tasks >= self._most_tasks or (self._process is not None and not self._process.is_alive()):
            self._kill()
        if self._pipe is None:
            start = multiprocessing.get_context("spawn")
            self._pipe, theirs = start.Pipe()
            self._process = start.Process(target=_work, args=(theirs, self._make), name="render", daemon=True)
            self._process.start()
            theirs.close()
            self._tasks = 0
        return self._pipe

    def _kill(self) -> None:
        process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        self._tasks = 0
        if process is not None:
            process.kill()
            process.join()
            process.close()
        if pipe is not None:
            pipe.close()


# In the worker's process ----------------------------------------------------------------------------------------------


def _work(pipe: Connection, make: Make | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the coach, which then ends this
    while True:
        try:
            what, how, canvas = pipe.recv()
        except (EOFError, OSError):
            return
        answer = _answer(make, what, how, canvas)
        try:
            pipe.send(answer)
        except OSError:  # the coach was killed meanwhile: nobody is there to tell
            return


def _answer(make: Make | None, what: str, how: str, canvas: str) -> tuple[bool, bytes | str]:
    try:
        if make is None:
            from bot.render.making import make as standard

            make = standard
        return True, make(what, how, canvas)
    except ModuleNotFoundError as error:
        return False, _not_installed(error)
    except Exception as error:
        # Whatever goes wrong in there, the coach goes on without a picture. An error's text may quote an answer.
        return False, f"The {what} ({how}) could not be made: {type(error).__name__}."


# What was made before -------------------------------------------------------------------------------------------------


def _key(what: str, how: str, canvas: Mapping[str, Any]) -> bytes:
    """What the result depends on. When it was asked for is no part of it: a canvas says its own day."""
    timeless = {name: value for name, value in canvas.items() if name != "stamp"}
    text = json.dumps([what, how, timeless], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    with _missing():
        return hashlib.sha256(sources.fingerprint() + text.encode("utf-8", "surrogatepass")).digest()


@contextlib.contextmanager
def _missing() -> Iterator[None]:
    """Says which optional part of the installation is missing, where one is."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise RenderError(_not_installed(error)) from None


def _not_installed(error: ModuleNotFoundError) -> str:
    return f"{error.name} is not installed: pip install 'opschaalcoach[documents]'"


class _Cache:
    """The latest results, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    def get(self, key: bytes) -> bytes | None:
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def put(self, key: bytes, data: bytes) -> None:
        if len(data) > self._most:
            return
        self._size += len(data) - len(self._kept.get(key, b""))
        self._kept[key] = data
        self._kept.move_to_end(key)
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[1])
