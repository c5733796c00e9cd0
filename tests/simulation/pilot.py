"""A pilot that is played through JSON lines: people write, the clock goes on, and what the coach says is kept.

Rule: everything is done by lines; nothing is put into the database. Moments are those of the clock in Amsterdam.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.bot.process import Line, Served, clock, members, message, of_type, sign

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BEGIN = "2026-09-01 10:00"
NUMBER = re.compile(r"\*\*(\d+)\.\*\*")


def moment(text: str) -> datetime:
    """A moment in Amsterdam: 2026-09-28 09:00."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def listed(line: Line) -> list[int]:
    """The numbers of the actions in a reminder, in its order."""
    return [int(number) for number in NUMBER.findall(line["text"])]


class Pilot:
    """One room (or more) with Anna, Bas and Chris; `said` are all messages of the coach that were not an answer."""

    def __init__(self, path: Path, *people: str) -> None:
        self.served = Served(path)
        self.people = people or ("Anna", "Bas", "Chris")
        self.now = moment(BEGIN)
        self.count = 0
        self.said: list[Line] = []

    async def start(self, *, begun: bool = True) -> Pilot:
        """Invite the coach, and begin where `begun`."""
        await self.served.start()
        await self._send(members(self._id(), *self.people))
        if begun:
            await self.say("!start")
        self.said.clear()
        return self

    async def stop(self) -> None:
        """Stop the process."""
        await self.served.stop()

    async def again(self) -> list[Line]:
        """Start the process anew; what it says before it was sent anything."""
        await self.served.start()
        return self.served._said()

    def _id(self) -> str:
        self.count += 1
        return f"e{self.count}"

    async def _send(self, line: Line) -> list[Line]:
        """Send a line at the moment that it is; what the coach says."""
        out = await self.served.send(line | {"at": self.now.isoformat()})
        assert of_type(out, "error") == []
        return of_type(out, "message")

    async def say(self, text: str, who: str = "", **more: Any) -> list[Line]:
        """Somebody writes."""
        return await self._send(message(self._id(), text, who or self.people[0], **more))

    async def tap(self, key: str, line: Line, who: str = "") -> list[Line]:
        """Somebody puts a sign on a message of the coach."""
        return await self._send(sign(self._id(), line["id"], key, who or self.people[0]))

    async def who(self, *people: str) -> list[Line]:
        """These people are in the room from now on."""
        self.people = people
        return await self._send(members(self._id(), *people))

    async def to(self, at: str | datetime) -> list[Line]:
        """One line that sets the clock; what the coach says."""
        self.now = moment(at) if isinstance(at, str) else at
        out = of_type(await self.served.send(clock(self.now.isoformat())), "message")
        self.said += out
        return out

    async def until(self, at: str) -> list[Line]:
        """The clock goes on, three times a day (before, at and long after nine); what the coach says."""
        end, found = moment(at), []
        while self.now < end:
            day = self.now.date() if self.now.hour < 17 else self.now.date() + timedelta(days=1)
            steps = [datetime.combine(day, time, AMSTERDAM) for time in STEPS]
            after = next(step for step in steps if step > self.now)
            found += await self.to(min(after, end))
        return found

    def told(self) -> list[tuple[str, list[int]]]:
        """When it reminded so far, and of what; `said` holds nothing else."""
        assert {line["kind"] for line in self.said} <= {"reminder"}
        return [(line["at"], listed(line)) for line in self.said]


STEPS = (time(8, 59, 59), time(9), time(17))
