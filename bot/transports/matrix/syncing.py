"""What comes in from the homeserver. Rule: what a sync brought and the token to go on from are one transaction, and the
next sync waits for it.

matrix-nio's own loop saves the token before anybody saw the events; this one saves it with them. A timeline that was
cut short is noted as a gap in the same transaction and fetched before anything later of that room. What cannot be
decrypted waits for its key (`sealed`).
"""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from nio import JoinedMembersResponse, LocalProtocolError, RoomInfo, SyncResponse

from bot.clock import Clock
from bot.coach import Coach
from bot.receiving import APART
from bot.transports.base import Deferred, Incoming, Message, People, PutOut, Refused
from bot.transports.matrix import NAME, TRIAL, reading
from bot.transports.matrix.client import FAILURES, MatrixClient, checked, reason
from bot.transports.matrix.directs import Comings, Directs, gone
from bot.transports.matrix.directs import keep as keep_comings
from bot.transports.matrix.doors import Doors
from bot.transports.matrix.people import Hall
from bot.transports.matrix.polling import keep_keys, sync
from bot.transports.matrix.sealed import Sealed
from bot.transports.matrix.transport import MatrixTransport
from storage import erasing, gaps, meta, rooms, undecrypted
from storage.directs import GONE
from storage.gaps import Gap
from storage.undecrypted import Waiting
from storage.writer import Writer

_log = logging.getLogger(__name__)

LONGEST_WAIT = 30.0  # seconds for news
PAGE = 200
LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class _Taken:
    """What one sync comes down to."""

    incoming: list[Incoming] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    locked: list[Waiting] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)  # rooms whose people have to be asked for
    comings: Comings = field(default_factory=Comings)  # of rooms with one person alone


class Sync:
    """Reads what happens in the coach's rooms, and hands it over in order. `bots` are not counted as people."""

    def __init__(
        self,
        client: MatrixClient,
        transport: MatrixTransport,
        coach: Coach,
        writer: Writer,
        doors: Doors,
        clock: Clock,
        directs: Directs,
        bots: Iterable[str] = (),
    ) -> None:
        self._directs = directs
        self._client = client
        self._transport = transport
        self._coach = coach
        self._writer = writer
        self._doors = doors
        self._clock = clock
        self._me = transport.me
        self._left_out = {self._me.id, *bots}
        self._halls: dict[str, Hall] = {}
        self._gaps: dict[str, Gap] = {}
        self._sealed = Sealed(client, coach, clock, self._read)
        self._token_key = f"matrix.since {self._me.id}"
        self._pauses = 0
        transport.on_forget = self._forget
        self.synced_at: datetime | None = None
        self.caught_up = asyncio.Event()  # what people did while the coach was away is known

    def _forget(self, room: str) -> None:
        """A room was erased: what was to be fetched or decrypted of it is not any more. Who is there stays known."""
        self._gaps.pop(room, None)
        self._sealed.forget(room)

    async def run(self) -> None:
        """Read, until it is cancelled. Raises Revoked when the homeserver doesn't accept the token any more, and
        StorageError when what came can't be kept (nothing is lost: it comes again)."""
        await self._recall()
        await self._know_name()
        recalled = False
        token = await self._writer.run(lambda conn: meta.get(conn, self._token_key))
        first = True
        while True:
            try:
                if not recalled:
                    await self._directs.recall()
                    recalled = True
                if first:
                    await self._doors.answer()
                # What went wrong after the last sync does not wait for news.
                wait = 0 if first or self._pauses else min(LONGEST_WAIT, self._doors.patience())
                response = await sync(self._client, token, wait, first=first)
                await self._take(response, token)
                token, first = response.next_batch, False
                await keep_keys(self._client)
                await self._doors.answer()
                await self._fill()
                await self._sealed.open()
            except Deferred as error:
                await self._pause(error)
            else:
                self._pauses = 0
                self.synced_at = self._clock.now()
                self.caught_up.set()

    async def _pause(self, error: Deferred) -> None:
        """Wait before the next try: longer each time, and never shorter than the homeserver asks."""
        self._pauses += 1
        if self._pauses == 3:  # a blink is not worth a line
            cause = error.__cause__
            _log.warning("the homeserver: %s; trying on", "it can't help now" if cause is None else reason(cause))
        grown = min(2.0 ** min(self._pauses - 2, 10), LONGEST_PAUSE)
        await asyncio.sleep(max(grown * (0.5 + random.random() / 2), error.seconds or 0))  # noqa: S311

    async def _know_name(self) -> None:
        """The name under which people see the coach: some clients put it in the text where it is mentioned."""
        try:
            said = await self._client.call("GET", f"/v3/profile/{_part(self._me.id)}/displayname")
        except (Deferred, Refused):
            return  # then by its id only
        name = said.get("displayname")
        self._me = self._transport.me = replace(self._me, name=name if isinstance(name, str) else "")

    async def _recall(self) -> None:
        """What the database knows: who is in which room, what is still to be fetched or decrypted."""

        def work(conn: sqlite3.Connection) -> tuple[dict[str, dict[str, tuple[str, bool]]], list[Gap], list[Waiting]]:
            return rooms.present(conn, NAME), gaps.pending(conn, NAME), undecrypted.pending(conn, NAME)

        known, open_gaps, locked = await self._writer.run(work)
        for room, people in known.items():
            names = {user: name.removesuffix(f" ({user})") for user, (name, _) in people.items()}
            self._halls[room] = Hall(members={self._me.id: "", **names}, known=frozenset(_moderators(people)))
        self._gaps = {gap.room: gap for gap in open_gaps}
        self._sealed.kept(locked)

    async def _take(self, response: SyncResponse, since: str | None) -> None:
        """Hand over what a sync brought, with the token, in one transaction."""
        halls = dict(self._halls)
        try:
            await self._hand_over(response, since)
        except BaseException:
            self._halls = halls  # it comes again
            raise
        for room in response.rooms.join:
            hall = self._halls.get(room)
            if hall is None or hall.trial or room in self._gaps:
                continue
            if hall.space:
                await self._doors.leave(room)
            elif not hall.people(self._left_out):
                await self._doors.leave_if_empty(room)

    async def _hand_over(self, response: SyncResponse, since: str | None) -> None:
        taken = _Taken()
        await self._know_silent(response, since, taken)
        for room, info in response.rooms.join.items():
            sources = [event.source for event in [*info.state, *info.timeline.events]]
            if self._directs.whose(room, sources) is not None:
                if self._directs.is_used(room):
                    self._read_alone(room, sources, taken)
            elif not self._doors.is_shut(room) and not self._is_set_apart(room, info):
                self._read_room(room, info, since, response.next_batch, taken)
        for room in taken.unlisted:
            await self._ask_people(room, response.next_batch, taken)
        for room in [room for room in response.rooms.join if self._is_forsaken(room)]:
            await self._directs.leave(room)
        for room, info in response.rooms.leave.items():
            if self._is_set_apart(room, info):
                self._halls.pop(room, None)
                self._client.rooms.pop(room, None)
                continue
            if self._directs.whose(room) is not None:
                if self._directs.is_used(room):  # else we left it, and nobody is to be known by it any more
                    self._directs.left(room, taken.comings)
                self._client.rooms.pop(room, None)
                continue
            self._read_last(room, info, taken)
            self._halls.pop(room, None)
            self._client.rooms.pop(room, None)
            event = _last_id(info) or f"{APART}left:{response.next_batch}"
            taken.incoming.append(PutOut(room, event, self._clock.now()))
        news, comings = self._doors.news(response), taken.comings.found
        taken.incoming += gone(comings, self._halls, response.next_batch)

        def keep(conn: sqlite3.Connection) -> None:
            meta.put(conn, self._token_key, response.next_batch)
            keep_comings(conn, comings)
            for gap in taken.gaps:
                gaps.add(conn, NAME, gap)
            for waiting in taken.locked:
                undecrypted.add(conn, NAME, waiting)
            self._doors.keep(conn, news)

        await self._coach.receive(taken.incoming, keep)
        self._gaps |= {gap.room: gap for gap in taken.gaps}
        self._sealed.kept(taken.locked)
        self._directs.kept(comings)
        for one in comings:
            if one.state == GONE and one.room in response.rooms.join:
                await self._doors.leave(one.room)

    async def _know_silent(self, response: SyncResponse, since: str | None, taken: _Taken) -> None:
        """After a start, the rooms that were erased are known by a hash only: their people are asked for before what
        was said there is read, for somebody may have asked the coach to begin anew meanwhile."""
        unknown = [] if since is None else [room for room in response.rooms.join if room not in self._halls]
        if not unknown:
            return

        def work(conn: sqlite3.Connection) -> list[str]:
            return [room for room in unknown if erasing.silence(conn, NAME, room) is not None]

        for room in await self._writer.run(work):
            self._halls[room] = _after(Hall(), [event.source for event in response.rooms.join[room].state])
            await self._ask_people(room, response.next_batch, taken)

    def _is_forsaken(self, room: str) -> bool:
        """Whether this is a room with one person whom the coach shares no other room with any more."""
        member = self._directs.whose(room)
        if member is None or self._directs.is_used(room):
            return False
        return not any(member in hall.members for hall in self._halls.values())

    def _read_alone(self, room: str, sources: list[Mapping[str, Any]], taken: _Taken) -> None:
        """What happened in a room with one person alone. Its people are no team."""
        self._directs.comings(room, sources, taken.comings)
        self._read_events(room, Hall(), [source for source in sources if "state_key" not in source], taken)

    def _is_set_apart(self, room: str, info: RoomInfo) -> bool:
        """Whether this is no room to talk in, but one that holds rooms, or one in which `check` tries how fast it may
        post: nothing is said there."""
        known = self._halls.get(room, Hall())
        events = [event.source for event in [*info.state, *info.timeline.events]]
        kinds = [(one.get("content") or {}).get("type") for one in events if one.get("type") == "m.room.create"]
        space, trial = known.space or "m.space" in kinds, known.trial or TRIAL in kinds
        if space or trial:
            self._halls[room] = Hall(space=space, trial=trial)
        return space or trial

    def _read_room(self, room: str, info: RoomInfo, since: str | None, until: str, taken: _Taken) -> None:
        before = self._halls.get(room)
        sources = [event.source for event in info.timeline.events]
        joined = _own_join(sources, self._me.id)
        state = [event.source for event in info.state]
        if joined is not None:
            self._enter(room, [*state, *sources[: joined + 1]], sources[joined], taken)
            sources = sources[joined + 1 :]
        elif before is None:
            # The account was here before this database: its people are asked for, and what was said is past.
            self._halls[room] = _after(Hall(), state)
            taken.unlisted.append(room)
            return
        elif room in self._gaps or (since is not None and info.timeline.limited):
            start = self._gaps[room].since if room in self._gaps else str(since)
            taken.gaps.append(Gap(room, start, until))
            # Who came and went is in the gap, in its order.
            self._halls[room] = _after(before, [one for one in state if one.get("type") != "m.room.member"])
            return
        else:
            self._halls[room] = hall = _after(before, state)
            if self._differs(before, hall):
                taken.incoming.append(self._people(room, hall, f"{APART}people:{until}", self._clock.now()))
        self._halls[room] = self._read_events(room, self._halls[room], sources, taken)

    def _read_last(self, room: str, info: RoomInfo, taken: _Taken) -> None:
        """What was said in a room before the coach was put out of it; matrix-nio does not decrypt that."""
        hall = self._halls.get(room)
        if hall is not None and not hall.space and room not in self._gaps and not self._doors.is_shut(room):
            sources = [self._client.opened(event.source, room) for event in info.timeline.events]
            self._read_events(room, hall, sources, taken)

    def _enter(self, room: str, sources: Iterable[Mapping[str, Any]], join: Mapping[str, Any], taken: _Taken) -> None:
        """The coach came into a room: what was said before is not for it."""
        hall = self._halls[room] = _after(Hall(), sources)
        if hall.people(self._left_out):
            taken.incoming.append(self._people(room, hall, str(join.get("event_id")), reading.moment(join)))
        else:
            taken.unlisted.append(room)  # the first sync lists no people

    def _read_events(self, room: str, hall: Hall, sources: Iterable[Mapping[str, Any]], taken: _Taken) -> Hall:
        """Read events in order; the people of the room after them."""
        for source in sources:
            if "state_key" in source:
                after = hall.after(source)
                if self._differs(hall, after):
                    event = str(source.get("event_id"))
                    taken.incoming.append(self._people(room, after, event, reading.moment(source)))
                hall = after
                continue
            found = self._read(room, source)
            if found is not None:
                taken.incoming.append(found)
            elif source.get("type") == "m.room.encrypted" and source.get("sender") != self._me.id:
                waiting = self._sealed.add(room, source)
                if waiting is not None:
                    taken.locked.append(waiting)
        return hall

    def _read(self, room: str, source: Mapping[str, Any]) -> Incoming | None:
        if source.get("sender") in self._left_out - {self._me.id}:
            return None
        found = reading.read(source, room, self._me)
        if isinstance(found, Message) and found.thread is not None:
            self._transport.in_thread(found.id, found.thread)
        return found

    def _differs(self, before: Hall, after: Hall) -> bool:
        return before is not after and before.people(self._left_out) != after.people(self._left_out)

    def _people(self, room: str, hall: Hall, event: str, at: datetime) -> People:
        return People(room, event, at, hall.people(self._left_out))

    async def _ask_people(self, room: str, until: str, taken: _Taken) -> None:
        """Ask the homeserver who is in a room."""
        try:
            response = await self._client.joined_members(room)
        except (*FAILURES, LocalProtocolError) as error:
            raise Deferred from error
        try:
            checked(response)
        except Refused:
            return
        assert isinstance(response, JoinedMembersResponse)  # noqa: S101
        hall = self._halls[room].with_members({member.user_id: member.display_name for member in response.members})
        self._halls[room] = hall
        taken.incoming.append(self._people(room, hall, f"{APART}people:{until}", self._clock.now()))

    async def _fill(self) -> None:
        """Fetch what syncs left out, room by room, in order."""
        for gap in list(self._gaps.values()):
            try:
                await self._fill_one(gap)
            except Refused:  # put out of the room meanwhile, or its history is closed
                await self._writer.run(partial(gaps.drop, transport=NAME, room=gap.room))
            self._gaps.pop(gap.room, None)

    async def _fill_one(self, gap: Gap) -> None:
        page: str | None = gap.since
        while page is not None:
            path = f"/v3/rooms/{_part(gap.room)}/messages?dir=f&limit={PAGE}&from={_part(page)}&to={_part(gap.until)}"
            answer = await self._client.call("GET", path)
            chunk = answer.get("chunk", [])
            sources = [self._client.opened(source, gap.room) for source in chunk]
            joined = _own_join(sources, self._me.id)
            page = answer.get("end") if chunk else None
            taken = _Taken()
            hall = self._halls.get(gap.room, Hall())
            after = self._read_events(gap.room, hall, sources[joined or 0 :], taken)
            if page is None:
                self._halls[gap.room] = after
                await self._ask_people(gap.room, gap.until, taken)
            rest = None if page is None else Gap(gap.room, page, gap.until)
            await self._coach.receive(taken.incoming, partial(_filled, gap=gap, rest=rest, locked=taken.locked))
            self._halls[gap.room] = self._halls.get(gap.room, after) if page is None else after
            self._sealed.kept(taken.locked)
            if rest is not None:
                self._gaps[gap.room] = rest


def _filled(conn: sqlite3.Connection, gap: Gap, rest: Gap | None, locked: list[Waiting]) -> None:
    gaps.drop(conn, NAME, gap.room)
    if rest is not None:
        gaps.add(conn, NAME, rest)
    for waiting in locked:
        undecrypted.add(conn, NAME, waiting)


def _after(hall: Hall, sources: Iterable[Mapping[str, Any]]) -> Hall:
    for source in sources:
        hall = hall.after(source)
    return hall


def _moderators(people: Mapping[str, tuple[str, bool]]) -> list[str]:
    return [user for user, (_, moderates) in people.items() if moderates]


def _own_join(sources: list[Any], me: str) -> int | None:
    """Where in a timeline the coach came into the room, the last time."""
    found = None
    for place, source in enumerate(sources):
        content = source.get("content")
        if source.get("type") != "m.room.member" or source.get("state_key") != me or not isinstance(content, Mapping):
            continue
        before = (source.get("unsigned") or {}).get("prev_content") or {}
        if content.get("membership") == "join" and before.get("membership") != "join":
            found = place
    return found


def _last_id(info: RoomInfo) -> str | None:
    events = info.timeline.events
    return str(events[-1].source.get("event_id")) if events else None


def _part(text: str) -> str:
    return quote(text, safe="")
