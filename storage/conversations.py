"""Where what is posted in a room goes, for a transport that is told so with everything that comes in.

Rule: the latest holds.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from storage import erasing, rooms

_PUT = (
    "INSERT INTO conversation (room, service, tenant, bot, kind) VALUES (?, ?, ?, ?, ?) ON CONFLICT (room) DO UPDATE "
    "SET service = excluded.service, tenant = excluded.tenant, bot = excluded.bot, kind = excluded.kind"
)
_ALL = (
    "SELECT room.external, room.parked, conversation.service, conversation.tenant, conversation.bot, conversation.kind "
    "FROM conversation JOIN room ON room.id = conversation.room WHERE room.transport = ?"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A conversation: the address of its service, its tenant, the coach's own id in it, and what kind it is."""

    service: str
    tenant: str | None
    bot: str
    kind: str


def put(conn: sqlite3.Connection, transport: str, external: str, reference: Reference) -> None:
    """Keep where what is posted in a room goes; a room that is not known is made, but for one in which the coach is
    silent."""
    if erasing.silence(conn, transport, external) is not None:
        return
    room = rooms.ensure(conn, transport, external)
    conn.execute(_PUT, (room, reference.service, reference.tenant, reference.bot, reference.kind))


def known(conn: sqlite3.Connection, transport: str) -> dict[str, tuple[Reference, bool]]:
    """All of a transport by the transport's id of the room, each with whether the room is parked."""
    rows = conn.execute(_ALL, (transport,)).fetchall()
    return {external: (Reference(*reference), bool(parked)) for external, parked, *reference in rows}
