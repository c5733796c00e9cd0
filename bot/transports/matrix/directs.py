"""Rooms with one person alone, opened by the coach for what only they may see. Rule: one a person, encrypted; they are
asked in once, and until they come what is to be said to them waits. Who declined, or left, is asked again at the
earliest a day later.

The room says by itself what it is (in what it was created with), so that it is never taken for a room of a pilot.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bot.clock import Clock
from bot.receiving import APART
from bot.transports.base import Alone, Deferred, Held, Refused, Unreachable
from bot.transports.matrix import NAME, OWN
from bot.transports.matrix.client import MatrixClient
from flows.catalogue import Catalogue
from storage import directs, outbox
from storage.directs import GONE, INVITED, JOINED, Direct
from storage.writer import Writer

_log = logging.getLogger(__name__)

PATIENCE = timedelta(days=1)
_MARK = "direct"


@dataclass(slots=True)
class Comings:
    """What a sync brought about these rooms: who is how, now."""

    found: list[Direct] = field(default_factory=list)


class Directs:
    """Opens rooms with one person, and follows who is in them."""

    def __init__(self, client: MatrixClient, writer: Writer, clock: Clock, texts: Catalogue) -> None:
        self._client = client
        self._writer = writer
        self._clock = clock
        self._texts = texts
        self._known: dict[str, Direct] = {}
        self._rooms: dict[str, str] = {}  # whose a room is, also where it is a later one's now

    async def recall(self) -> None:
        """What the database knows; whoever came in meanwhile is known too."""
        for one in await self._writer.run(lambda conn: directs.known(conn, NAME)):
            self._keep(one)
        for one in [one for one in self._known.values() if one.state == INVITED]:
            try:
                said = await self._client.call("GET", f"/v3/rooms/{_part(one.room)}/joined_members")
            except Refused:
                continue
            if one.member in (said.get("joined") or {}):
                await self._note([replace(one, state=JOINED, at=self._clock.now())])

    def _keep(self, one: Direct) -> None:
        self._known[one.member] = one
        self._rooms[one.room] = one.member

    async def _note(self, found: list[Direct]) -> None:
        await self._writer.run(lambda conn: keep(conn, found))
        self.kept(found)

    # Speaking -------------------------------------------------------------------------------------------------------

    async def room_for(self, member: str) -> str:
        """The room in which somebody can be told something alone. Raises Held where they did not come in yet,
        Unreachable where they don't want to, and as `MatrixClient.call`."""
        one = self._known.get(member)
        if one is not None and one.state == JOINED:
            return one.room
        if one is not None and one.state == GONE and self._clock.now() - one.at < PATIENCE:
            raise Unreachable
        if one is None or one.state == GONE:
            await self._open(member)
        raise Held

    def room_of(self, member: str) -> str | None:
        """The room with somebody who is in it, or None."""
        one = self._known.get(member)
        return one.room if one is not None and one.state == JOINED else None

    async def _open(self, member: str) -> None:
        content = {
            "preset": "trusted_private_chat",
            "is_direct": True,
            "invite": [member],
            "topic": self._texts("matrix.direct"),
            "creation_content": {OWN: {_MARK: member}},
            "initial_state": [
                {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
            ],
        }
        try:
            room = str((await self._client.call("POST", "/v3/createRoom", content))["room_id"])
        except Refused:  # there is no such person, or they take no invitations
            await self._note([Direct(member, "", GONE, self._clock.now())])
            raise Unreachable from None
        await self._note([Direct(member, room, INVITED, self._clock.now())])
        await self._tell_account(member, room)

    async def _tell_account(self, member: str, room: str) -> None:
        """Other clients of the account show it as a chat with that person."""
        path = f"/v3/user/{_part(self._client.user_id)}/account_data/m.direct"
        try:
            listed = await self._client.call("GET", path)
        except Refused:
            listed = {}
        rooms = listed.get(member)
        try:
            await self._client.call(
                "PUT", path, {**listed, member: [*(rooms if isinstance(rooms, list) else []), room]}
            )
        except Refused as error:
            _log.warning("m.direct could not be kept: %s", error)

    async def leave(self, room: str) -> bool:
        """Go out of a room with one person, for good; whether the homeserver heard of it. Where it did not, the next
        start goes out of it."""
        member = self._rooms.get(room)
        if member is not None and (known := self._known.get(member)) is not None and known.room == room:
            del self._known[member]
        try:
            for what in ("leave", "forget"):
                await self._client.call("POST", f"/v3/rooms/{_part(room)}/{what}", {})
        except (Deferred, Refused):
            return False
        return True

    def is_used(self, room: str) -> bool:
        """Whether the coach knows of such a room with this person, this one or a later one: else what is said in it
        belongs to no room of a pilot."""
        return self._rooms.get(room, "") in self._known

    # Following ------------------------------------------------------------------------------------------------------

    def whose(self, room: str, sources: Iterable[Mapping[str, Any]] = ()) -> str | None:
        """Whom a room was opened for, as is known or as its events say; None where it is another room."""
        if room not in self._rooms:
            for source in sources:
                own = _content(source).get(OWN)
                made = source.get("type") == "m.room.create" and source.get("sender") == self._client.user_id
                member = own.get(_MARK) if made and isinstance(own, Mapping) else None
                if isinstance(member, str):
                    self._rooms[room] = member
        return self._rooms.get(room)

    def comings(self, room: str, sources: Iterable[Mapping[str, Any]], into: Comings) -> None:
        """What the events of such a room say of the person."""
        member = self._rooms[room]
        for source in sources:
            if source.get("type") == "m.room.member" and source.get("state_key") == member:
                membership = _content(source).get("membership")
                state = {"invite": INVITED, "join": JOINED}.get(str(membership), GONE)
                self._found(Direct(member, room, state, self._clock.now()), into)
            elif source.get("sender") == member and "state_key" not in source:
                self._found(Direct(member, room, JOINED, self._clock.now()), into)

    def _found(self, one: Direct, into: Comings) -> None:
        latest = next((found for found in reversed(into.found) if found.member == one.member), None)
        latest = latest or self._known.get(one.member)
        if latest is None or latest.room != one.room or latest.state != one.state:
            if latest is not None and latest.room != one.room and one.state != JOINED:
                return  # an earlier room with them: they are asked in another one since
            into.found.append(one)

    def left(self, room: str, into: Comings) -> None:
        """The coach is not in such a room any more."""
        self._found(Direct(self._rooms[room], room, GONE, self._clock.now()), into)

    def kept(self, found: Iterable[Direct]) -> None:
        """What was found is in the database."""
        for one in found:
            self._keep(one)


def keep(conn: sqlite3.Connection, found: Iterable[Direct]) -> None:
    """Keep who is how: what waits for who came in goes out, and what waits for who is gone never will."""
    for one in found:
        directs.put(conn, NAME, one)
        if one.state == JOINED:
            outbox.release(conn, NAME, one.member)
        elif one.state == GONE:
            outbox.give_up(conn, NAME, one.member)


def gone(found: Iterable[Direct], halls: Mapping[str, Any], since: str) -> list[Alone]:
    """That nobody can speak with them alone any more, for every room (`halls`) that they are in."""
    return [
        Alone(room, f"{APART}alone:{since}:{one.member}", one.at, one.member)
        for one in found
        if one.state == GONE
        for room, hall in halls.items()
        if one.member in hall.members
    ]


def _content(source: Mapping[str, Any]) -> Mapping[str, Any]:
    content = source.get("content")
    return content if isinstance(content, Mapping) else {}


def _part(text: str) -> str:
    return quote(text, safe="")
