"""Something on loopback that stands between two and passes their bytes on.

Rule: it changes nothing of what they say to each other; whoever comes in is counted before anything else is done.
"""

from __future__ import annotations

import asyncio
import contextlib

from tests.homeserver.ports import free_port

_AT_ONCE = 64 * 1024


class Relay:
    """Connects who comes in with a port on loopback. Belongs to the loop that it is started in."""

    def __init__(self) -> None:
        self.port = free_port()
        self.came = 0  # connections so far, also those that led to nothing
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def up(self) -> None:
        """Take connections (again), always on the same port."""
        if self._server is None:
            self._server = await asyncio.start_server(self._come, "127.0.0.1", self.port)

    async def down(self) -> None:
        """Refuse connections, and break those that are open."""
        if self._server is not None:
            server, self._server = self._server, None
            server.close()
            for task in list(self._open):
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)
            await server.wait_closed()

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        self.came += 1
        writers = [writer]
        try:
            # One of the two going away in the middle is no fault of this relay.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                port = await self._where(reader, writer)
                if port is not None:
                    there, back = await asyncio.open_connection("127.0.0.1", port)
                    writers.append(back)
                    await _both_ways((reader, writer), (there, back))
        except asyncio.CancelledError:
            for one in writers:
                one.transport.abort()
        finally:
            for one in writers:
                one.close()
                with contextlib.suppress(OSError):
                    await one.wait_closed()

    async def _where(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int | None:
        """The port on loopback to connect with; None where it was answered already."""
        raise NotImplementedError


_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _both_ways(one: _Line, other: _Line) -> None:
    """Pass bytes on until one of the two is done."""
    ways = [asyncio.create_task(_pass_on(one[0], other[1])), asyncio.create_task(_pass_on(other[0], one[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_AT_ONCE):
        writer.write(piece)
        await writer.drain()
