"""From activities to the coach. Rule: what came is kept before it is answered, its turn with it where no other is being
done; who is in a room is known before what they say is judged.

Teams tells who is there only when asked: who speaks is there at once, the rest is looked up beside.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bot.clock import Clock
from bot.coach import Coach
from bot.transports.base import Deferred, Doubtful, Incoming, Message, People, PutOut, Refused
from bot.transports.teams import NAME, reading
from bot.transports.teams.connector import Connector, Gone
from bot.transports.teams.directs import Directs
from bot.transports.teams.reading import Reading
from bot.transports.teams.transport import TeamsTransport
from flows.conversation import capture
from flows.conversation.events import Person
from storage import conversations, rooms
from storage.errors import StorageError
from storage.writer import Writer

_log = logging.getLogger(__name__)

_TRIES = 5
_PAUSE = 2.0


class Listening:
    """Takes activities in for one coach. `reads_all` where Teams brings it every message: then a group's chat in which
    one person is listens as any chat with one."""

    def __init__(
        self,
        coach: Coach,
        transport: TeamsTransport,
        connector: Connector,
        writer: Writer,
        clock: Clock,
        directs: Directs,
        *,
        reads_all: bool = False,
    ) -> None:
        self._coach = coach
        self._transport = transport
        self._connector = connector
        self._writer = writer
        self._clock = clock
        self._directs = directs
        self._reads_all = reads_all
        self._woken = asyncio.Event()
        self._looking: set[asyncio.Task[None]] = set()  # rooms that are looked after beside
        transport.lost = self._lost

    async def recall(self) -> None:
        """What the database knows: where answers go, and who is in which room."""

        def work(conn: sqlite3.Connection) -> tuple[Any, Any, dict[str, str]]:
            return conversations.known(conn, NAME), rooms.present(conn, NAME), rooms.languages(conn, NAME)

        await self._directs.recall()
        known, present, self._transport.spoken = await self._writer.run(work)
        self._transport.places = {room: place for room, (place, _) in known.items()}
        self._transport.names = {
            room: {person: name for person, (name, _) in present.get(room, {}).items()}
            for room, (_, parked) in known.items()
            if not parked
        }

    async def take(self, activity: Mapping[str, Any]) -> dict[str, Any] | None:
        """Take an activity in; what its caller is to be told. Raises StorageError where it can't be kept."""
        found = reading.read(activity, self._clock.now())
        if found is not None and (found.incoming or found.people_changed) and not await self._is_aside(found):
            await self._keep(found)
        texts = self._transport.texts_of(found.room if found is not None else "")
        return reading.answer(activity, texts("card.received"))

    async def _is_aside(self, found: Reading) -> bool:
        """Whether something happened in a chat with one person in which is no pilot; then it is taken in as what it is
        there. A pilot begins there as it does where the coach was erased."""
        room = found.room
        member = None if room in self._transport.places else self._directs.whose(room)
        if member is None:
            return False
        said = [one.text for one in found.incoming if isinstance(one, Message)]
        begins = any(capture.begins_anew(text) for text in said)
        if begins or not await self._directs.is_bare(member, spoken=bool(said)):
            # From now on it is a room of its own, also for what comes with this.
            put = partial(conversations.put, transport=NAME, external=room, reference=found.reference)
            await self._writer.run(put)
            return False
        if any(isinstance(one, PutOut) for one in found.incoming):
            await self._directs.lost(member)
        await self._coach.take_in(found.incoming)
        self._woken.set()
        return True

    async def _keep(self, found: Reading) -> None:
        room, names = found.room, self._transport.names.get(found.room)
        incoming: list[Incoming] = list(found.incoming)
        out = any(isinstance(one, PutOut) for one in incoming)
        known = names or {}
        # Who acts is there. A room that is not known, or that the coach was put out of, begins (again) with them.
        new = not out and (names is None or (found.sender is not None and found.sender not in known))
        if new:
            known = known | ({found.sender: found.name} if found.sender is not None else {})
            here = self._people(found, f"{found.id}:here", known)
            incoming.insert(0, replace(here, welcome=not any(isinstance(one, Message) for one in incoming)))
        self._know(room, None if out else known)  # before it is kept: another activity of the room may come meanwhile
        put = partial(conversations.put, transport=NAME, external=room, reference=found.reference)
        try:
            done = await self._coach.take(incoming, put)
        except BaseException:
            self._know(room, names)
            raise
        self._transport.places[room] = found.reference
        if not done:
            self._woken.set()
        if not out and (new or found.people_changed):
            self._beside(self._look_up(found))

    def _know(self, room: str, names: dict[str, str] | None) -> None:
        if names is None:
            self._transport.names.pop(room, None)
        else:
            self._transport.names[room] = names

    def _people(self, found: Reading, event: str, known: Mapping[str, str]) -> People:
        people = tuple(Person(person, name) for person, name in known.items())
        return People(found.room, event, found.at, people, found.shared)

    async def _look_up(self, found: Reading) -> None:
        """Ask Teams who is in a room."""
        for attempt in range(_TRIES):
            try:
                members = await self._connector.members(found.reference, found.room)
            except Deferred as error:
                await asyncio.sleep(error.seconds or _PAUSE * 2**attempt)
            except (Refused, Gone, Doubtful):
                return  # then those who act
            else:
                break
        else:
            return
        known = {str(one["id"]): str(one.get("name") or one["id"]) for one in members if one.get("id")}
        # Where everything is read it matters that this is all of them, also where they were known.
        if not known or (known == self._transport.names.get(found.room) and not self._reads_all):
            return
        people = self._people(found, f"{found.id}:people", known)
        if self._reads_all and found.reference.kind != reading.CHANNEL:
            people = replace(people, shared=False)  # only now is it known how many are there
        await self._coach.take_in([people])
        self._transport.names[found.room] = known
        self._woken.set()

    def _lost(self, room: str) -> None:
        """Teams says that the coach is not in a room any more."""
        if room in self._transport.names:
            self._transport.names.pop(room)
            self._beside(self._put_out(room))

    async def _put_out(self, room: str) -> None:
        await self._coach.take_in([PutOut(room, "out", self._clock.now())])

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._quietly(work))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StorageError as error:
            _log.error("what was learnt of a room can't be kept: %s", error)
        except Exception as error:
            _log.error("looking after a room failed: %s", type(error).__name__)

    async def work(self) -> None:
        """Do the turns of what was taken in, for as long as it is not cancelled. Raises what the disk raises."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self._coach.work()
            except BaseException:
                self._woken.set()  # what waits is done once this is begun again
                raise

    async def close(self) -> None:
        """End what goes on beside."""
        for task in list(self._looking):
            task.cancel()
        if self._looking:
            await asyncio.wait(self._looking)
