"""A coach behind a proxy that fails as it is told, and people who talk to the homeserver itself.

Rule: whatever went wrong on the way, `assert_whole` says what must hold at the end: every answer once, every message of
the coach once and in order, nothing left lying.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot import reading
from tests.homeserver.proxy import Proxy
from tests.homeserver.synapse import Synapse
from tests.transports.coach_process import CoachProcess
from tests.transports.team import Team
from tests.transports.user import Seen, User, UserError

OWN = "nl.opschaalcoach"
TAKEN = "✍️"
AGREED = "✅"
DEADLINE = 60.0
_PAGE = 500
_WAITING = ("inbox WHERE state = 0", "outbox WHERE state = 0", "gap")
_texts = itertools.count(1)

Hook = Callable[[str, str, dict[str, str]], tuple[int, dict[str, Any]] | None]


async def until(condition: Callable[[], Any]) -> None:
    """Wait until something holds that nobody tells of."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class WatchedProxy(Proxy):
    """A proxy that remembers when a request came, and asks a hook first: what it returns (status, JSON) is the answer.

    The hook gets method, path and query.
    """

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self.moments: list[tuple[float, str, str]] = []  # monotonic seconds, method, path
        self.hook: Hook | None = None

    async def _serve(self, incoming: web.Request) -> web.StreamResponse:
        path = incoming.raw_path.partition("?")[0]
        self.moments.append((time.monotonic(), incoming.method, path))
        answer = None if self.hook is None else self.hook(incoming.method, path, dict(incoming.query))
        if answer is not None:
            await incoming.read()
            return web.json_response(answer[1], status=answer[0])
        return await super()._serve(incoming)


class FaultRoom:
    """One coach, some people, and the rooms that they are in together."""

    def __init__(self, synapse: Synapse, folder: Path) -> None:
        self.synapse = synapse
        self.proxy = WatchedProxy(synapse.url)
        self.team = Team(synapse, folder / "people")
        self.people: list[User] = []
        self.rooms: list[str] = []
        self.answers: dict[str, dict[str, str]] = {}  # by room: event id -> text
        self._folder = folder
        self._coach: CoachProcess | None = None

    @property
    def coach(self) -> CoachProcess:
        """The coach's process."""
        assert self._coach is not None
        return self._coach

    @property
    def room(self) -> str:
        """The first room."""
        return self.rooms[0]

    async def open(self, *names: str, rooms: int = 1) -> FaultRoom:
        """A coach that runs, people of these names, and rooms where the first question stands."""
        await self.proxy.start()
        account = await self.team.account("coach")
        self._coach = CoachProcess(self._folder / "coach", self.proxy.url, account)
        await self.coach.login()
        await self.coach.start()
        self.people = await self.team.users(*names)
        for _ in range(rooms):
            await self.new_room(*self.people)
        return self

    async def close(self) -> None:
        """Let everything go."""
        if self._coach is not None:
            await self._coach.close()
        await self.team.close()
        await self.proxy.stop()

    def age_device(self) -> None:
        """Let the device be made long ago, so that the coach doesn't look for what an earlier one may have posted."""
        file = self.coach.store / "account.json"
        values = json.loads(file.read_text("utf-8"))
        values["made_at"] = (datetime.now(UTC) - timedelta(days=3)).isoformat()
        file.write_text(json.dumps(values), "utf-8")

    # In a room

    async def invited(self, *people: User) -> str:
        """A new room of these people, the coach invited."""
        room = await self.team.room(people[0], *people[1:])
        self.rooms.append(room)
        self.answers[room] = {}
        await people[0].invite(room, self.coach.account.user_id)
        return room

    async def new_room(self, *people: User) -> str:
        """A new room where the first question stands."""
        room = await self.invited(*people)
        await self.begun(room, *people)
        return room

    async def begun(self, room: str, *people: User) -> None:
        """Wait for the welcome, start, and wait for the first question."""
        first = people[0]
        welcome = await first.wait_for(lambda one: self.is_said(one, room, "welcome"))
        for one in people:
            await one.knows(room, self.coach.account.user_id)
        await first.react(room, welcome.id, AGREED)
        await self.question(room, first)

    def is_said(self, one: Seen, room: str, kind: str) -> bool:
        """Whether an event is a new message of the coach of this kind."""
        own = one.content.get(OWN) or {}
        mine = one.sender == self.coach.account.user_id and one.room == room and one.type == "m.room.message"
        return mine and one.replaces is None and own.get("kind") == kind

    def questions(self, room: str, person: User) -> list[Seen]:
        """The questions so far, as somebody saw them."""
        return [one for one in person.received if self.is_said(one, room, "question")]

    async def question(self, room: str, person: User, after: int = 0) -> Seen:
        """The newest question, once there are more than `after`."""
        await person.until(lambda: len(self.questions(room, person)) > after)
        return self.questions(room, person)[-1]

    async def answer(self, person: User, room: str | None = None, to: str | None = None) -> str:
        """Answer a question (the newest that this person saw) in words that nobody used before; the event id."""
        room = room or self.room
        target = to or (await self.question(room, person)).id
        # Shielded: what the homeserver took must be written down, also when this is cancelled meanwhile.
        return await asyncio.shield(self._answer(person, room, target, f"antwoord {next(_texts)}"))

    async def _answer(self, person: User, room: str, target: str, text: str) -> str:
        event = await person.reply(room, target, text)
        self.answers[room][event] = text
        return event

    async def marked(self, *events: str, by: User | None = None) -> None:
        """Wait until the coach put ✍️ on all of these."""
        person = by or self.people[0]
        wanted = {(event, TAKEN) for event in events}

        def missing() -> set[tuple[str, str]]:
            return wanted - {one.reacts for one in person.received if one.reacts is not None}

        try:
            await person.until(lambda: not missing())
        except UserError:
            texts = {event: text for answers in self.answers.values() for event, text in answers.items()}
            left = {waiting: self.rows(f"SELECT * FROM {waiting} LIMIT 5") for waiting in _WAITING}
            raise UserError(f"not noted: {[texts[event] for event, _ in missing()]}; waiting: {left}") from None

    # Afterwards

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the coach's database."""
        with closing(sqlite3.connect(f"file:{self.coach.db}?mode=ro", uri=True)) as conn:
            return conn.execute(sql).fetchall()

    async def settled(self) -> None:
        """Wait until nothing waits any more in the coach's database."""
        await until(lambda: not any(self.rows(f"SELECT 1 FROM {waiting} LIMIT 1") for waiting in _WAITING))

    async def history(self, room: str) -> list[dict[str, Any]]:
        """All events of a room as the homeserver has them, oldest first."""
        found: list[dict[str, Any]] = []
        page = ""
        while True:
            path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/messages?dir=f&limit={_PAGE}{page}"
            person = next(one for one in self.people if room in one.client.rooms)
            status, answer = await self.synapse.request("GET", path, token=person.account.token)
            assert status == 200, answer
            found += answer["chunk"]
            if "end" not in answer:
                return found
            page = f"&from={quote(answer['end'], safe='')}"

    async def assert_whole(self, *rooms: str) -> None:
        """In these rooms (else in all): every answer once; every message, edit and sign of the coach once, in order,
        readable. Nothing left."""
        await self.settled()
        assert self.rows("SELECT id FROM inbox WHERE state <> 1") == []
        assert self.rows("SELECT id FROM outbox WHERE state <> 1") == []
        assert self.rows("SELECT event FROM undecrypted") == []
        for room in rooms or self.rooms:
            await self._assert_room(room)

    async def _assert_room(self, room: str) -> None:
        export = json.loads(reading.export(self.coach.db, room, "json"))
        noted = Counter(item["text"] for step in export["steps"].values() for item in step["items"])
        said = Counter(self.answers[room].values())
        assert {text: noted[text] for text in said} == said
        events = [one for one in await self.history(room) if one["sender"] == self.coach.account.user_id]
        mine = [one for one in events if one["type"] in ("m.room.encrypted", "m.room.message")]
        keys = [one["content"][OWN]["key"] for one in mine]
        assert [key for key, times in Counter(keys).items() if times > 1] == []
        signs = [_sign(one) for one in events if one["type"] == "m.reaction" and _sign(one) is not None]
        assert [sign for sign, times in Counter(signs).items() if times > 1] == []
        self._assert_order(room, keys)
        await self._assert_readable(room, [one["event_id"] for one in mine])

    def _assert_order(self, room: str, keys: list[str]) -> None:
        ids = "SELECT id FROM room WHERE external = " + f"'{room}'"
        numbers = {key: number for number, key in self.rows(f'SELECT number, "key" FROM message WHERE room = ({ids})')}
        assert [numbers[key] for key in keys if key in numbers] == sorted(numbers.values())
        line = [key for (key,) in self.rows(f'SELECT "key" FROM outbox WHERE room = ({ids}) ORDER BY id')]
        places = [line.index(key) for key in keys]
        assert places == sorted(places)

    async def _assert_readable(self, room: str, events: list[str]) -> None:
        for person in self.people:
            if room in person.client.rooms:
                await person.until(lambda person=person: self._reads(person, events))

    def _reads(self, person: User, events: list[str]) -> bool:
        seen = {one.id: one for one in person.received if one.readable}
        return all(event in seen for event in events)

    def logged(self) -> Iterator[str]:
        """What the coach's processes wrote on standard error, but for the lines that they run and that they stopped."""
        usual = ("running; stop with", "stopped: what was in hand is finished")
        return (line for line in self.coach.said if not any(one in line for one in usual))


def _sign(one: dict[str, Any]) -> tuple[str, str] | None:
    relation = one["content"].get("m.relates_to")  # none: it was taken off
    return None if relation is None else (relation["event_id"], relation["key"])
