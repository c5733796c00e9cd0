"""A proxy that makes connections for others: HTTP CONNECT and SOCKS5 on one port, by what comes in.

Rule: it knows only the names that it was given, so what comes through by such a name can't have gone any other way.
"""

from __future__ import annotations

import asyncio
import base64
import struct

from tests.homeserver.relay import Relay

_DONE, _REFUSED, _UNREACHABLE = 0, 2, 4  # replies of SOCKS5 (RFC 1928)


class Tunnel(Relay):
    """`names` are the hosts that it finds, each a port on loopback. `password` ("name:password") is what it asks for,
    over HTTP only."""

    def __init__(self, names: dict[str, int], *, password: str | None = None) -> None:
        super().__init__()
        self._names = names
        self._password = password
        self.refuses = 0  # an HTTP status: what everybody is answered; 0 is nobody
        self.mumbles = False  # answers with what is no HTTP
        self.made: list[str] = []  # the hosts that it made a connection with

    @property
    def address(self) -> str:
        """Where it is: host and port."""
        return f"127.0.0.1:{self.port}"

    async def _where(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int | None:
        first = await reader.readexactly(1)
        socks = first == b"\x05"
        host, allowed = await (self._socks(reader, writer) if socks else self._connect(reader))
        port = self._names.get(host)
        if self.mumbles:
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        elif not allowed:
            writer.write(b'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n')
        elif self.refuses:
            writer.write(_reply(_REFUSED) if socks else f"HTTP/1.1 {self.refuses} No\r\n\r\n".encode())
        elif port is None:
            writer.write(_reply(_UNREACHABLE) if socks else b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        else:
            writer.write(_reply(_DONE) if socks else b"HTTP/1.1 200 OK\r\n\r\n")
            self.made.append(host)
            await writer.drain()
            return port
        await writer.drain()
        return None

    async def _connect(self, reader: asyncio.StreamReader) -> tuple[str, bool]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        _, target, _ = head.split(" ", 2)  # "CONNECT host:port HTTP/1.1", without its first letter
        wanted = "" if self._password is None else base64.b64encode(self._password.encode()).decode()
        return target.rpartition(":")[0], f"Basic {wanted}\r\n" in head or not wanted

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, bool]:
        await reader.readexactly((await reader.readexactly(1))[0])  # ways to say who one is
        writer.write(b"\x05\x00")
        await writer.drain()
        _, _, _, kind = await reader.readexactly(4)
        if kind == 1:
            host = ".".join(str(part) for part in await reader.readexactly(4))
        else:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        await reader.readexactly(2)
        return host, True


def _reply(code: int) -> bytes:
    return struct.pack("!BBBB4xH", 5, code, 0, 1, 0)
