"""One way to talk with the coach on any transport, for the checks that hold on all of them.

Rule: a talk knows how people do something there, and nothing of what should come of it. Everybody is in a group of Anna
and Bas.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

from flows.conversation.marks import AGREE
from tests.bot.process import Line, Served, exported, members, message, of_type, sign
from tests.homeserver.synapse import Synapse
from tests.transports.matrix_room import CoachedRoom, kind_of, replied_to, running
from tests.transports.ns_room import call_oneself
from tests.transports.team import Team
from tests.transports.teams_room import ANNA, BAS, BOT, CHAT, TeamsRoom, serving, values

PEOPLE = ("Anna", "Bas")


class Talk(Protocol):
    """A group in which the coach is."""

    async def invite(self) -> None:
        """The coach is brought into the group; done again, it is the same invitation."""

    async def begin(self) -> None:
        """Somebody taps what the welcome offers."""

    async def answer(self, who: str, text: str) -> None:
        """Somebody answers the open question."""

    async def command(self, who: str, text: str) -> None:
        """Somebody gives a command."""

    async def go_on(self, who: str) -> None:
        """Somebody taps that the open question is done."""

    async def chat(self, who: str, text: str) -> None:
        """Somebody says something that is not for the coach."""

    async def again(self) -> None:
        """The transport brings what came last once more."""

    async def restart(self) -> None:
        """The coach is stopped and started."""

    async def said(self) -> list[str]:
        """What the coach said in messages of its own so far."""

    async def export(self) -> dict[str, Any]:
        """The group's canvas."""

    def kept(self) -> bytes:
        """Everything that is on disk."""


class LinesTalk:
    """JSON lines."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.count = 0
        self.last: Line = {}
        self.seen: list[Line] = []
        self.asked = "m1"

    async def _send(self, line: Line) -> None:
        self.last = line
        found = of_type(await self.served.send(line), "message")
        self.seen += found
        for one in found:
            self.asked = one["id"] if one["kind"] == "question" else self.asked

    def _id(self) -> str:
        self.count += 1
        return f"e{self.count}"

    async def invite(self) -> None:
        await self._send(members("invitation", *PEOPLE))

    async def begin(self) -> None:
        await self._send(sign(self._id(), "m1", AGREE))

    async def answer(self, who: str, text: str) -> None:
        await self._send(message(self._id(), text, who, reply_to=self.asked))

    async def command(self, who: str, text: str) -> None:
        await self._send(message(self._id(), text, who))

    async def go_on(self, who: str) -> None:
        await self._send(sign(self._id(), self.asked, AGREE, who))

    async def chat(self, who: str, text: str) -> None:
        await self._send(message(self._id(), text, who))

    async def again(self) -> None:
        await self._send(self.last)

    async def restart(self) -> None:
        self.seen += of_type(await self.served.restart(), "message")

    async def said(self) -> list[str]:
        return [one["text"] for one in self.seen]

    async def export(self) -> dict[str, Any]:
        await self.served.stop()
        found = exported(self.served.path)
        await self.served.start()
        return found

    def kept(self) -> bytes:
        return _bytes(self.served.path)


class TeamsTalk:
    """Teams: cards and mentions."""

    def __init__(self, room: TeamsRoom) -> None:
        self.room = room
        self.last: Callable[[], Any] | None = None

    async def _bring(self, activity: Any) -> None:
        async def bring() -> None:
            status, _ = await self.room.bring(activity)
            assert status in (200, 202)

        self.last = bring
        await bring()
        await self.room.settled()

    async def _press(self, value: str, who: str, **filled: Any) -> None:
        shown = {one["id"]: one for one in await self.room.posted()}  # the latest version of each
        card = [one for one in shown.values() if value in values(one)][-1]
        activity = self.room.pressed(card, value, _account(who), **filled)
        await self._bring(activity)

    async def invite(self) -> None:
        await self.room.members(CHAT, ANNA, BAS)
        await self._bring(self.room.activity("conversationUpdate", membersAdded=[BOT]) | {"id": "invitation"})
        await self.room.until_asked("SELECT 1 FROM member WHERE name = 'Bas'")
        await self.room.settled()

    async def begin(self) -> None:
        await self._press(AGREE, "Anna")

    async def answer(self, who: str, text: str) -> None:
        await self._press("save", who, text=text)

    async def command(self, who: str, text: str) -> None:
        await self._bring(self.room.mentioning(text, _account(who)))

    async def go_on(self, who: str) -> None:
        await self._press(AGREE, who)

    async def chat(self, who: str, text: str) -> None:
        await self._bring(self.room.activity(who=_account(who), text=text))

    async def again(self) -> None:
        assert self.last is not None
        await self.last()
        await self.room.settled()

    async def restart(self) -> None:
        assert await self.room.coach.stop() == 0
        await self.room.coach.start()

    async def said(self) -> list[str]:
        found = [one for one in await self.room.posted() if one["method"] == "POST"]
        return [json.dumps(one["activity"], ensure_ascii=False) for one in found]

    async def export(self) -> dict[str, Any]:
        return await self.room.coach.export(CHAT)

    def kept(self) -> bytes:
        return _bytes(self.room.coach.db)


class MatrixTalk:
    """Matrix: replies and signs, in an encrypted room."""

    def __init__(self, room: CoachedRoom) -> None:
        self.room = room
        self.users = dict(zip(PEOPLE, room.people, strict=True))
        self.own: set[str] = set()  # what asked the coach whether it is done
        self.before = ""  # where the coach had read to before what came last

    async def _do(self, doing: Awaitable[Any]) -> None:
        self.before = self._position()
        await doing
        await self._settled()

    async def _settled(self) -> None:
        """Wait till the coach is done with all that was sent before."""
        asked = await self.room.anna.send(self.room.id, "!hulp verder")
        self.own.add(asked)
        await self.room.answer_to(asked)

    def _position(self, change: str | None = None) -> str:
        """Where the coach has read to; changed, where that is said of a coach that was stopped."""
        with contextlib.closing(sqlite3.connect(self.room.coach.db)) as conn, conn:
            where = "\"key\" LIKE 'matrix.since%'"
            if change is not None:
                assert conn.execute(f"UPDATE meta SET value = ? WHERE {where}", (change,)).rowcount == 1
            found = conn.execute(f"SELECT value FROM meta WHERE {where}").fetchall()
        return str(found[0][0]) if found else ""

    async def _asked(self) -> str:
        """The open question, or the welcome."""
        asking = [one for one in self.room.messages() if kind_of(one) in ("question", "welcome")]
        return asking[-1].id

    async def invite(self) -> None:
        if self.room.messages():
            await self.again()  # who is in a room can't be invited to it
            return
        self.before = self._position()
        await self.room.anna.invite(self.room.id, self.room.me)
        await self.room.message("welcome")
        await self.room.know_each_other()
        await self._settled()

    async def begin(self) -> None:
        await self.go_on("Anna")

    async def answer(self, who: str, text: str) -> None:
        await self._do(self.users[who].reply(self.room.id, await self._asked(), text))

    async def command(self, who: str, text: str) -> None:
        await self._do(self.users[who].send(self.room.id, text))

    async def go_on(self, who: str) -> None:
        await self._do(self.users[who].react(self.room.id, await self._asked(), AGREE))

    async def chat(self, who: str, text: str) -> None:
        await self.command(who, text)

    async def again(self) -> None:
        """The coach reads on from where it was before, as after a loss of power."""
        assert await self.room.coach.stop() == 0
        self._position(self.before)
        await self.room.coach.start()
        await self._settled()

    async def restart(self) -> None:
        assert await self.room.coach.stop() == 0
        await self.room.coach.start()

    async def said(self) -> list[str]:
        return [one.body for one in self.room.messages() if replied_to(one) not in self.own]

    async def export(self) -> dict[str, Any]:
        return await self.room.export()

    def kept(self) -> bytes:
        return _bytes(self.room.coach.db)


def _account(who: str) -> dict[str, str]:
    return {"Anna": ANNA, "Bas": BAS}[who]


def _bytes(database: Path) -> bytes:
    files = sorted(file for file in database.parent.glob(f"{database.name}*") if file.is_file())  # no socket
    return b"".join(file.read_bytes() for file in files)


@contextlib.asynccontextmanager
async def lines_talk(folder: Path, synapse: Synapse | None) -> AsyncIterator[Talk]:
    """A talk over JSON lines."""
    served = await Served(folder / "coach.db").start()
    try:
        yield LinesTalk(served)
    finally:
        await served.stop()


@contextlib.asynccontextmanager
async def teams_talk(folder: Path, synapse: Synapse | None) -> AsyncIterator[Talk]:
    """A talk in Teams, over real sockets."""
    async with serving(folder) as room:
        yield TeamsTalk(room)


@contextlib.asynccontextmanager
async def matrix_talk(folder: Path, synapse: Synapse | None) -> AsyncIterator[Talk]:
    """A talk in Matrix, on a real homeserver."""
    assert synapse is not None
    team = Team(synapse, folder / "people")
    try:
        users = await team.users(*PEOPLE)
        for user, name in zip(users, PEOPLE, strict=True):
            await call_oneself(synapse, user.account, name)
        async with running(team, folder / "coach") as coach:
            yield MatrixTalk(CoachedRoom(coach, await team.room(*users), *users))
    finally:
        await team.close()


TALKS: dict[str, Callable[[Path, Synapse | None], AbstractAsyncContextManager[Talk]]] = {
    "lines": lines_talk,
    "matrix": matrix_talk,
    "teams": teams_talk,
}
