"""Into and out of Matrix rooms. Rule: the coach comes in only where somebody on the list asked it, or where a room that
it is in goes on as another one; an invitation is kept until it is answered, for the homeserver shows it once.
"""

from __future__ import annotations

import logging
import math
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from nio import InviteEvent, InviteMemberEvent, SyncResponse

from bot.clock import Clock
from bot.receiving import APART
from bot.settings import MatrixSection
from bot.transports.base import Deferred, Incoming, Moved, Refused
from bot.transports.matrix import NAME
from bot.transports.matrix.client import MatrixClient
from bot.transports.matrix.people import server_of
from flows.catalogue import Catalogue
from storage import invites, rooms
from storage.invites import Invite
from storage.writer import Writer

_log = logging.getLogger(__name__)

FIRST_PAUSE = 2.0  # seconds until an invitation is tried again; then longer each time

Hand = Callable[[list[Incoming], Callable[[sqlite3.Connection], object] | None], Awaitable[None]]


@dataclass(slots=True)
class News:
    """What a sync brought about doors: invitations, rooms that go on as others, rooms that it was put out of."""

    invited: list[Invite] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


class Doors:
    """Answers invitations and follows upgrades. `hand` takes what the coach must know (`Coach.receive`)."""

    def __init__(
        self, client: MatrixClient, section: MatrixSection, writer: Writer, hand: Hand, texts: Catalogue, clock: Clock
    ) -> None:
        self._client = client
        self._section = section
        self._writer = writer
        self._hand = hand
        self._texts = texts
        self._clock = clock
        self._shut: set[str] = set()  # rooms that went on elsewhere
        self._waiting: set[str] = set()  # where only an invitation helps
        self._again: dict[str, tuple[int, datetime]] = {}  # where it could not be answered: how often, when to try on
        self._quiet_until: datetime | None = None  # the homeserver asked for quiet at all doors

    def is_shut(self, room: str) -> bool:
        """Whether nothing of a room is taken in any more: it went on as another one."""
        return room in self._shut

    def allows(self, inviter: str) -> bool:
        """Whether somebody may invite the coach: by their server (without a list: our own) or by name."""
        servers = self._section.allowed_servers
        if servers is None:
            servers = [server_of(self._client.user_id)]
        return server_of(inviter) in servers or inviter in self._section.allowed_users

    def news(self, response: SyncResponse) -> News:
        """What a sync says about doors."""
        found = News()
        now = self._clock.now()
        for room, asked in response.rooms.invite.items():
            inviter = next((event.sender for event in asked.invite_state if _invites(event, self._client.user_id)), "")
            found.invited.append(Invite(room, inviter, None, now))
            self._waiting.discard(room)
        for room, info in response.rooms.join.items():
            for event in [*info.state, *info.timeline.events]:
                content = event.source.get("content") or {}
                new = content.get("replacement_room") if event.source.get("type") == "m.room.tombstone" else None
                if isinstance(new, str) and new.startswith("!") and room not in self._shut:
                    found.invited.append(Invite(new, str(event.source.get("sender")), room, now))
        found.closed = [*response.rooms.leave]
        return found

    def keep(self, conn: sqlite3.Connection, news: News) -> None:
        """Keep it, in the transaction of the sync."""
        for room in news.closed:
            invites.drop(conn, NAME, room)
        for invite in news.invited:
            if invite.follows is None or rooms.find(conn, NAME, invite.follows) is not None:
                invites.add(conn, NAME, invite)

    def patience(self) -> float:
        """How many seconds an invitation can wait that is to be tried again; infinite without one."""
        now = self._clock.now()
        return min([max((moment - now).total_seconds(), 0.0) for _, moment in self._again.values()], default=math.inf)

    async def answer(self) -> None:
        """Answer every invitation that waits. One that the homeserver can't help with now is tried again later: it
        holds up nobody else."""
        for invite in await self._writer.run(lambda conn: invites.pending(conn, NAME)):
            if self._quiet_until is not None and self._clock.now() < self._quiet_until:
                return
            times, moment = self._again.get(invite.room, (0, invite.at))
            if invite.room in self._waiting or (times and self._clock.now() < moment):
                continue
            try:
                await self._answer(invite)
            except Deferred as error:
                pause = max(FIRST_PAUSE * 2.0 ** min(times, 10), error.seconds or 0)
                self._again[invite.room] = (times + 1, self._clock.now() + timedelta(seconds=pause))
                if error.everywhere and error.seconds is not None:
                    self._quiet_until = self._clock.now() + timedelta(seconds=error.seconds)
            else:
                self._again.pop(invite.room, None)

    async def _answer(self, invite: Invite) -> None:
        if invite.follows is not None:
            await self._follow(invite, invite.follows)
        elif self.allows(invite.inviter):
            if await self._join(invite):
                await self._drop(invite)
        else:
            await self._decline(invite)

    async def _join(self, invite: Invite) -> bool:
        """Go in; False where the door is shut (the invitation was taken back)."""
        via = server_of(invite.inviter)
        path = f"/v3/join/{quote(invite.room, safe='')}"
        try:
            await self._client.call("POST", f"{path}?server_name={via}&via={via}" if via else path, {})
        except Refused as error:
            _log.warning("could not join %s: %s", invite.room, error)
            if invite.follows is None:
                await self._drop(invite)
            return False
        return True

    async def _decline(self, invite: Invite) -> None:
        # Not who it was: what people are called there is often their name.
        server = server_of(invite.inviter)
        _log.warning("declined an invitation of somebody of %s to %s: not on the list", server, invite.room)
        await self.leave(invite.room, self._texts("matrix.declined"))
        await self._drop(invite)

    async def _drop(self, invite: Invite) -> None:
        await self._writer.run(partial(invites.drop, transport=NAME, room=invite.room))

    async def _follow(self, invite: Invite, old: str) -> None:
        """Go along to the room that replaces one: where it says so itself too, for anybody can name any room."""
        if not await self._join(invite):
            self._waiting.add(invite.room)  # its people have to invite us
            return
        path = f"/v3/rooms/{quote(invite.room, safe='')}/state/m.room.create"
        try:
            before = (await self._client.call("GET", path)).get("predecessor")
        except Refused:
            before = None
        if not isinstance(before, dict) or before.get("room_id") != old:
            await self.leave(invite.room)
            await self._drop(invite)
            return
        self._shut.add(old)
        moved = Moved(old, f"{APART}moved:{invite.room}", self._clock.now(), invite.room)
        await self._hand([moved], partial(invites.drop, transport=NAME, room=invite.room))
        await self.leave(old)

    async def leave(self, room: str, reason: str | None = None) -> None:
        """Go out of a room, or decline an invitation to it."""
        content: dict[str, Any] = {} if reason is None else {"reason": reason}
        try:
            await self._client.call("POST", f"/v3/rooms/{quote(room, safe='')}/leave", content)
        except Refused:
            return  # out already

    async def leave_if_empty(self, room: str) -> None:
        """Go out of a room where nobody else is, as the homeserver says."""
        try:
            joined = (await self._client.call("GET", f"/v3/rooms/{quote(room, safe='')}/joined_members")).get("joined")
        except Refused:
            return
        others = set(joined if isinstance(joined, dict) else {}) - {self._client.user_id, *self._section.bots}
        if not others:
            await self.leave(room)


def _invites(event: InviteEvent, me: str) -> bool:
    return isinstance(event, InviteMemberEvent) and event.state_key == me and event.membership == "invite"
