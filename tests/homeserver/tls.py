"""TLS in front of a homeserver on loopback, with certificates of an authority that no machine knows.

Rule: the authority is made anew for each test and nothing of it is kept; its key never leaves the process.
"""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from pathlib import Path

import trustme

from tests.homeserver.relay import Relay

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Authority:
    """An own certificate authority; `file` is its certificate (PEM), as an administrator would have it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._made = trustme.CA()
        self.file = folder / "own-ca.pem"
        self._made.cert_pem.write_to_path(str(self.file))

    def certificate(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """What a server with these names (or addresses) needs to show who it is."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        until = LONG_AGO.replace(year=2021) if expired else None
        self._made.issue_cert(*names, not_before=LONG_AGO, not_after=until).configure_cert(context)
        return context


class Terminator(Relay):
    """Speaks https before a homeserver that speaks http on `upstream`, a port."""

    def __init__(self, upstream: int, certificate: ssl.SSLContext) -> None:
        super().__init__()
        self._upstream = upstream
        self._certificate = certificate

    @property
    def url(self) -> str:
        """Where it is, by its address."""
        return f"https://127.0.0.1:{self.port}"

    async def _where(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int | None:
        await writer.start_tls(self._certificate)
        return self._upstream
