"""Lines of a file that may block, for an event loop.

Rule: the thread that reads holds nothing that the end of the process waits for.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO

_CHUNK = 64 * 1024
_AHEAD = 100  # lines read ahead at most


class Feed:
    """Reads lines in a thread of its own.

    A line longer than `longest` bytes comes as its beginning, one byte too long.
    """

    def __init__(self, source: BinaryIO, longest: int) -> None:
        self._source = source
        self._longest = longest
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._room: queue.Queue[None] = queue.Queue(maxsize=_AHEAD)
        threading.Thread(target=self._run, daemon=True).start()

    async def line(self) -> bytes | None:
        """The next line without its end, or None at the end of the file."""
        line = await self._lines.get()
        if line is not None:
            self._room.get_nowait()
        return line

    def _run(self) -> None:
        put: Callable[[bytes | None], None] = self._lines.put_nowait
        try:
            for line in self._split():
                self._room.put(None)
                self._loop.call_soon_threadsafe(put, line)
            self._loop.call_soon_threadsafe(put, None)
        except (RuntimeError, ValueError, OSError):
            return  # the loop or the file was closed: nobody reads any more

    def _split(self) -> Iterator[bytes]:
        rest = b""
        cutting = False  # in the middle of a line that is too long: its end is thrown away
        for chunk in self._chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if not cutting:
                    yield line.rstrip(b"\r")[: self._longest + 1]
                cutting = False
            if len(rest) > self._longest:
                if not cutting:
                    yield rest[: self._longest + 1]
                rest, cutting = b"", True
        if rest and not cutting:
            yield rest.rstrip(b"\r")

    def _chunks(self) -> Iterator[bytes]:
        """What the file gives, as it comes. Past the file's own buffer, whose lock a thread would keep to the end."""
        try:
            descriptor = self._source.fileno()
        except (OSError, AttributeError):  # a file in memory
            while chunk := self._source.read(_CHUNK):
                yield chunk
            return
        while chunk := os.read(descriptor, _CHUNK):
            yield chunk
