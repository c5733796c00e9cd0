"""One way to talk with the coach on any transport, for the checks that hold on all of them.

Rule: a talk knows how people do something there, and nothing of what should come of it. Everybody is in a group of Anna
and Bas.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

from flows.conversation.marks import AGREE
from tests.bot.process import Line, Served, exported, members, message, of_type, sign
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


def _account(who: str) -> dict[str, str]:
    return {"Anna": ANNA, "Bas": BAS}[who]


def _bytes(database: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(database.parent.glob(f"{database.name}*")))


@contextlib.asynccontextmanager
async def lines_talk(folder: Path) -> AsyncIterator[Talk]:
    """A talk over JSON lines."""
    served = await Served(folder / "coach.db").start()
    try:
        yield LinesTalk(served)
    finally:
        await served.stop()


@contextlib.asynccontextmanager
async def teams_talk(folder: Path) -> AsyncIterator[Talk]:
    """A talk in Teams, over real sockets."""
    async with serving(folder) as room:
        yield TeamsTalk(room)


TALKS: dict[str, Callable[[Path], AbstractAsyncContextManager[Talk]]] = {"lines": lines_talk, "teams": teams_talk}
