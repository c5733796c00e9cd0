"""A room with people and the coach, for tests.

Rule: one coach and one set of people a test process, a new room for each test; all on the loop of the session. A test
that stops the coach leaves it running again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import nio
import pytest_asyncio

from bot.transports.matrix import OWN
from tests.homeserver.synapse import Synapse
from tests.transports.coach_process import CoachProcess
from tests.transports.team import Team
from tests.transports.user import Seen, User

NAMES = ("anna", "bas", "chris", "dina")
NOTED = "✍️"


def kind_of(seen: Seen) -> str | None:
    """The kind of a message of the coach; None of what says none."""
    found: str | None = (seen.content.get(OWN) or {}).get("kind")
    return found


def step_of(seen: Seen) -> str | None:
    """The step of a message of the coach."""
    found: str | None = (seen.content.get(OWN) or {}).get("step")
    return found


def replied_to(seen: Seen) -> str | None:
    """The message that this one is a reply to."""
    answered = (seen.content.get("m.relates_to") or {}).get("m.in_reply_to") or {}
    found: str | None = answered.get("event_id")
    return found


class CoachedRoom:
    """A room that the coach is in. `people` are those who came in before it, the first made the room."""

    def __init__(self, coach: CoachProcess, room: str, *people: User) -> None:
        self.coach = coach
        self.id = room
        self.people = people
        self.anna = people[0]

    # What the coach says

    @property
    def me(self) -> str:
        """The coach's user id."""
        return self.coach.account.user_id

    def said(self, by: User | None = None) -> list[Seen]:
        """All events of the coach in this room so far, as somebody (the owner) saw them."""
        return [one for one in (by or self.anna).received if one.room == self.id and one.sender == self.me]

    def messages(self) -> list[Seen]:
        """Its messages so far, without edits."""
        return [one for one in self.said() if one.type == "m.room.message" and one.content and one.replaces is None]

    def edits(self, target: str) -> list[Seen]:
        """Its edits of a message so far."""
        return [one for one in self.said() if one.replaces == target]

    def signs(self, target: str) -> list[str]:
        """The signs that it put on a message so far."""
        return [one.reacts[1] for one in self.said() if one.reacts and one.reacts[0] == target]

    async def until(self, predicate: Callable[[Seen], bool], by: User | None = None) -> Seen:
        """The first event of the coach in this room, so far or to come, that the predicate holds of."""
        return await (by or self.anna).wait_for(
            lambda one: one.room == self.id and one.sender == self.me and predicate(one)
        )

    async def message(self, kind: str, step: str | None = None, *, after: int = 0, text: str = "") -> Seen:
        """A message of a kind (of a step, with a text in it), the first after so many."""
        await self.anna.until(lambda: self._nth(kind, step, after, text) is not None)
        found = self._nth(kind, step, after, text)
        assert found is not None
        return found

    def _nth(self, kind: str, step: str | None, after: int, text: str) -> Seen | None:
        found = [
            one for one in self.messages() if kind_of(one) == kind and step in (None, step_of(one)) and text in one.body
        ]
        return found[after] if len(found) > after else None

    async def question(self, step: str, *, after: int = 0) -> Seen:
        """The question of a step, the first after so many."""
        return await self.message("question", step, after=after)

    async def signed(self, message: str) -> list[str]:
        """The signs of the coach that stand on a message now, read afresh."""
        found = [one for one in await self.relations(message) if one["sender"] == self.me]
        return [one["content"]["m.relates_to"]["key"] for one in found if one["content"].get("m.relates_to")]

    async def answer_to(self, message: str) -> Seen:
        """The coach's reply to a message."""
        return await self.until(lambda one: replied_to(one) == message)

    async def marked(self, message: str, sign: str = NOTED) -> Seen:
        """Wait till the coach put a sign on a message."""
        return await self.until(lambda one: one.reacts == (message, sign))

    async def edited(self, message: str, text: str) -> Seen:
        """Wait till the coach's message reads so that this text is in it."""
        return await self.until(lambda one: one.replaces == message and text in one.body)

    async def settled(self, by: User | None = None) -> list[Seen]:
        """Wait till the coach is done with all that was sent before: its answer to a command comes after that. What
        it posted since the last time comes in `said`."""
        who = by or self.anna
        asked = await who.send(self.id, "!hulp verder")
        await self.until(lambda one: replied_to(one) == asked, who)
        return self.said(who)

    # What people do

    async def throw(self, who: User, type_: str, content: dict[str, Any]) -> str | None:
        """Send something odd, once; its id, or None where the homeserver does not want it."""
        answer = await who.client.room_send(self.id, type_, content, str(uuid4()), ignore_unverified_devices=True)
        return None if isinstance(answer, nio.ErrorResponse) else str(answer.event_id)

    async def goto(self, step: str) -> Seen:
        """Go to a step; its question."""
        before = len([one for one in self.messages() if kind_of(one) == "question" and step_of(one) == step])
        await self.anna.send(self.id, f"!ga {step}")
        return await self.question(step, after=before)

    async def come(self, *people: User) -> None:
        """People come in."""
        for one in people:
            await self.anna.invite(self.id, one)
            await one.join(self.id)
        self.people = (*self.people, *people)
        await self.know_each_other()

    async def know_each_other(self) -> None:
        """Everybody knows who is there: from now on what they send can be read by all."""
        for one in self.people:
            await one.knows(self.id, *self.people, self.me)

    # What is kept

    async def step(self, step: str) -> dict[str, Any]:
        """What is kept of a step."""
        found: dict[str, Any] = (await self.export())["steps"][step]
        return found

    async def texts(self, step: str) -> list[str]:
        """The texts noted at a step."""
        return [item["text"] for item in (await self.step(step))["items"]]

    async def export(self) -> dict[str, Any]:
        """What is kept of the room."""
        return await self.coach.export(self.id)

    def tables(self, text: str) -> list[str]:
        """The tables of the coach's database that hold a text somewhere."""
        return [table for table, row in _rows(self.coach.db) if text in row]

    def members(self) -> list[tuple[Any, ...]]:
        """The rows of the people of the room: room, id, name, moderator, present."""
        with closing(sqlite3.connect(f"file:{self.coach.db}?mode=ro", uri=True)) as conn:
            return conn.execute(
                "SELECT member.room, member.id, name, moderator, present FROM member "
                "JOIN room ON room.id = member.room WHERE external = ?",
                (self.id,),
            ).fetchall()

    def traces(self, text: str) -> list[str]:
        """The same, and the files of the coach that hold its bytes."""
        files = [file for file in self.coach.db.parent.rglob("*") if file.is_file()]
        return self.tables(text) + [file.name for file in files if text.encode() in file.read_bytes()]

    # What a newcomer's client would show

    async def history(self, user: User | None = None) -> list[dict[str, Any]]:
        """All events of the room, read afresh, the oldest first, decrypted."""
        path = f"/_matrix/client/v3/rooms/{quote(self.id)}/messages?dir=b&limit=1000"
        return list(reversed(await self._read(path, user or self.anna)))

    async def relations(self, event: str, user: User | None = None) -> list[dict[str, Any]]:
        """All events that relate to one, read afresh, decrypted."""
        return await self._read(
            f"/_matrix/client/v1/rooms/{quote(self.id)}/relations/{quote(event)}", user or self.anna
        )

    async def _read(self, path: str, user: User) -> list[dict[str, Any]]:
        answer = await user.client.send("GET", path, headers={"Authorization": f"Bearer {user.client.access_token}"})
        async with answer:
            assert answer.status == 200
            found = json.loads(await answer.text())["chunk"]
        return [_opened(user, source, self.id) for source in found]


def _opened(user: User, source: dict[str, Any], room: str) -> dict[str, Any]:
    event = nio.Event.parse_event(source)
    if not isinstance(event, nio.MegolmEvent):
        return source
    event.room_id = room
    try:
        return dict(user.client.decrypt_event(event).source)
    except nio.EncryptionError:
        return source


def _rows(db: Path) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as conn:
        for (table,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in conn.execute(f'SELECT * FROM "{table}"'):
                yield table, repr(row)


class House:
    """A homeserver with a running coach and four people; makes rooms of them."""

    def __init__(self, coach: CoachProcess, team: Team, people: list[User]) -> None:
        self.coach = coach
        self.team = team
        self.people = people

    async def room(
        self, size: int = 2, *, encrypted: bool = True, started: bool = True, coach: CoachProcess | None = None
    ) -> CoachedRoom:
        """A room of so many people and the coach, welcomed and (where `started`) with the first question open."""
        people = self.people[:size]
        room = await self.team.room(people[0], *people[1:], encrypted=encrypted)
        coached = CoachedRoom(coach or self.coach, room, *people)
        await coached.anna.invite(room, coached.me)
        welcome = await coached.message("welcome")
        await coached.know_each_other()
        if started:
            await coached.anna.react(room, welcome.id, "✅")
            await coached.question("pilot.naam")
        return coached


@asynccontextmanager
async def running(team: Team, folder: Path, *, start: bool = True, **matrix: Any) -> AsyncIterator[CoachProcess]:
    """A coach of its own for one test, logged in and (where `start`) running."""
    coach = CoachProcess(folder, team.homeserver, await team.account("coach"), **matrix)
    try:
        await coach.login()
        if start:
            await coach.start()
        yield coach
    finally:
        await coach.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(synapse: Synapse, tmp_path_factory: Any) -> AsyncIterator[House]:
    """One coach and four people for all tests of this process."""
    folder = tmp_path_factory.mktemp("house")
    team = Team(synapse, folder / "people")
    try:
        async with running(team, folder / "coach") as coach:
            yield House(coach, team, await team.users(*NAMES))
    finally:
        await team.close()
