"""The chat of the coach with one person alone, for what only they may see. Rule: Teams has one for each person, and
gives the same one however often it is asked; where it refuses, the room hears so, and the next thing for that person is
tried afresh.

Such a chat is no room of a pilot, unless that person began one in it.
"""

from __future__ import annotations

import sqlite3

from bot.clock import Clock
from bot.transports.base import Refused, Unreachable
from bot.transports.teams import NAME
from bot.transports.teams.connector import Connector, Gone
from storage import directs
from storage.conversations import Reference
from storage.directs import GONE, JOINED, Direct
from storage.writer import Writer


class Directs:
    """Knows the chat with each person to whom something was told alone. `tenant` is that of the organisation, for where
    a conversation does not say its own."""

    def __init__(self, connector: Connector, writer: Writer, clock: Clock, tenant: str) -> None:
        self._connector = connector
        self._writer = writer
        self._clock = clock
        self._tenant = tenant
        self._known: dict[str, Direct] = {}

    async def recall(self) -> None:
        """What the database knows."""
        self._known = {one.member: one for one in await self._writer.run(lambda conn: directs.known(conn, NAME))}

    async def room_for(self, member: str, there: Reference) -> str:
        """The chat with somebody of a conversation. Raises Unreachable where Teams refuses it, and as
        `Connector.open`."""
        one = self._known.get(member)
        if one is not None and one.state == JOINED:
            return one.room
        try:
            room = await self._connector.open(there, member, there.tenant or self._tenant)
        except (Gone, Refused):
            await self.lost(member)
            raise Unreachable from None
        await self._note(Direct(member, room, JOINED, self._clock.now()))
        return room

    async def lost(self, member: str) -> None:
        """Nothing can be told to somebody alone, for now."""
        one = self._known.get(member)
        await self._note(Direct(member, one.room if one is not None else "", GONE, self._clock.now()))

    def forget(self, room: str) -> None:
        """A chat that is not needed any more."""
        self._known = {member: one for member, one in self._known.items() if one.room != room}

    def whose(self, room: str) -> str | None:
        """With whom a chat is that the coach opened, None where it is another room."""
        return next((one.member for one in self._known.values() if one.room == room), None)

    async def is_bare(self, member: str, *, spoken: bool) -> bool:
        """Whether nothing but what the coach tells one person alone is in the chat that it opened for them: no pilot.
        Where it may not speak any more, who comes back begins as anybody; and so does who has `spoken` there where
        nothing that they were told is left."""
        one = self._known.get(member)
        if one is None or one.state != JOINED:
            return False

        def work(conn: sqlite3.Connection) -> bool:
            bare = directs.is_bare(conn, NAME, one.room)
            return bare and (not spoken or directs.told(conn, NAME, member, ()) is not None)

        return await self._writer.run(work)

    async def _note(self, one: Direct) -> None:
        # Known before it is written: what Teams tells of that chat may come meanwhile, and is no pilot of its own.
        before = self._known.get(one.member)
        self._known[one.member] = one
        try:
            await self._writer.run(lambda conn: directs.put(conn, NAME, one))
        except BaseException:
            if before is None:
                self._known.pop(one.member, None)
            else:
                self._known[one.member] = before
            raise
