"""The NS case of the guide in Teams, at the page of Microsoft's Agents Playground: a group chat by mentions and cards,
a thread of a channel, and a chat alone; each comes to the canvas that the terminal comes to. A restart in the middle,
and in the end a reminder that nobody asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from bot.render.text import as_plain
from bot.transports.teams import OWN, cards
from flows.calendar.hours import local_moment
from flows.conversation.effects import Card, Edit, Effect, Say
from tests.chat import TEXTS
from tests.homeserver.ports import free_port
from tests.transports.coach_process import DEADLINE
from tests.transports.ns_case import canvas
from tests.transports.playground import (
    BOT_NAME,
    CHANNEL_PLACE,
    GROUP_ID,
    GROUP_PLACE,
    PERSONAL_ID,
    PERSONAL_PLACE,
    Person,
    Playground,
)
from tests.transports.teams_case import Doing, TeamsCase
from tests.transports.teams_room import APP, TeamsProcess
from tests.transports.teams_signer import Signer

ACTION = "1. E33-meldingen van vorig jaar opvragen bij de politie"
REMINDED = ["Vandaag: 1. E33-meldingen van vorig jaar", "Later dan gepland"]
ABREAST = 10  # things done in one place before it is the turn of the next
TIMES = (
    2  # so often Anna does the same thing at the page of a place; after that she does it beside it, as the others do
)
MOST = 40  # characters of a line that are looked for
_MARKER = re.compile(r"^\s*(?:\d+\.|[-•])\s+")

pytestmark = [pytest.mark.usefixtures("browser"), pytest.mark.long, pytest.mark.whole]

ELSEWHERE = "Team Wijk - Aankondigingen"  # where nothing happens
NAMES = ("Anna", "Bas", "Çelik", "Dina", "Eva", "Farid")
ME = NAMES[0]


@dataclass
class Teams:
    """A coach, and the Playground in front of it."""

    playground: Playground
    coach: TeamsProcess

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the coach's database answers."""
        with contextlib.closing(sqlite3.connect(f"file:{self.coach.db}?mode=ro", uri=True)) as conn:
            return conn.execute(sql, values).fetchall()

    def kept(self) -> bytes:
        """Everything that is on disk."""
        return b"".join(one.read_bytes() for one in self.coach.db.parent.glob("coach.db*") if one.is_file())


@pytest.fixture
async def teams(tmp_path: Path) -> AsyncIterator[Teams]:
    playground_port, port = free_port(), free_port()
    service = f"http://127.0.0.1:{playground_port}/_connector"
    signer = await Signer(APP, service, f"http://127.0.0.1:{port}/api/messages").start()
    coach = TeamsProcess(tmp_path / "coach", signer.issuer, port, openid_metadata_url=signer.metadata)
    playground = Playground(tmp_path / "playground", signer.endpoint, service, playground_port, NAMES)
    try:
        await playground.start()
        await coach.start()
        yield Teams(playground, coach)
    finally:
        await coach.close()
        await playground.stop()
        await signer.stop()


class Playing:
    """Plays a case in one place of Teams: Anna at the page, the others beside it."""

    def __init__(self, teams: Teams, case: TeamsCase, anna: Person, place: str, room: str) -> None:
        self.teams = teams
        self.case = case
        self.anna = anna
        self.place = place
        self.room = room
        self.done = 0  # so many of the things that people do
        self._latest: dict[int, Say | Edit] = {}  # what each message of the coach says now
        self._unseen: set[int] = set()  # those that were not looked at on the page since they said that
        self._due = 0  # so many messages and changes the coach has to have posted
        self._known: Counter[tuple[Any, ...]] = Counter()  # how often Anna did such a thing at the page

    async def begin(self) -> None:
        """The coach comes in, and is welcomed."""
        await self.anna.go(self.place)
        if self.place == CHANNEL_PLACE:
            await self.anna.send("hallo", mention=BOT_NAME)
        else:
            await self.teams.playground.deliver(await self.teams.playground.template("botAdded", self.room))
        self._expect(self.case.welcome)
        await self._look()
        if self.place == CHANNEL_PLACE:
            ((self.room,),) = self.teams.rows("SELECT external FROM room WHERE external LIKE '%;messageid=%'")

    async def play(self, until: int) -> None:
        """What people do next, up to this number. Anna looks at the place only where she does something there, and at
        the end: the page draws every card of a conversation anew for each message."""
        doings, self.done = self.case.doings[self.done : until], min(until, len(self.case.doings))
        for doing in doings:
            if self._is_at_page(doing):
                await self._look()
                await self._do_here(doing)
                self._expect(doing.effects)
                await self._look()
            else:
                await self.anna.go(ELSEWHERE)
                await self._do_elsewhere(doing)
                self._expect(doing.effects)
                await self._posted()
        await self._look()

    def _is_at_page(self, doing: Doing) -> bool:
        """Whether Anna does it where she sees it: the first times that she does such a thing in this place."""
        kind = (doing.number is None, doing.aside, doing.label, bool(doing.text), len(doing.picked))
        self._known[kind] += doing.who == ME
        return doing.who == ME and self._known[kind] <= TIMES

    async def _do_here(self, doing: Doing) -> None:
        """At the page."""
        if doing.number is None:
            mention = None if doing.aside or not self.case.shared else BOT_NAME
            if self.place == CHANNEL_PLACE:
                await self.anna.reply("hallo", doing.text, mention=mention)
            else:
                await self.anna.send(doing.text, mention=mention)
            return
        card = self._lines(doing.number)
        for row, word in doing.picked:
            await self._pick(doing.number, row, word)
        if doing.text:
            await self.anna.fill(card, self._card(doing.number).field, doing.text)
        await self.anna.press(card, doing.label)

    async def _do_elsewhere(self, doing: Doing) -> None:
        playground = self.teams.playground
        if doing.number is None:
            await playground.says(doing.who, doing.text, self.room, mention=self.case.shared and not doing.aside)
            return
        rows = {f"row{row}": word for row, word in doing.picked if row}
        picked = ",".join(word for row, word in doing.picked if not row)
        data = {OWN: {"key": self._key(doing.number)}, "value": doing.value, "text": doing.text, **rows}
        await playground.presses(doing.who, {**data, "picked": picked} if picked else data, self.room)

    def _key(self, number: int) -> str:
        """The key of the card that a message of the coach shows now."""
        sql = """SELECT o."key" FROM outbox o JOIN room r ON r.id = o.room
                 WHERE r.external = ? AND o.number = ? AND o.op IN ('say', 'edit') ORDER BY o.id DESC LIMIT 1"""
        ((key,),) = self.teams.rows(sql, self.room, number)
        return str(key)

    def _lines(self, number: int) -> list[str]:
        """What stands in a message of the coach now."""
        return lines(self._latest[number])

    def _expect(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Say | Edit):
                self._latest[effect.number] = effect
                self._unseen.add(effect.number)
                self._due += 1

    async def _posted(self) -> None:
        """Wait till the coach has posted all that it must."""
        sql = """SELECT count(*) FROM outbox o JOIN room r ON r.id = o.room
                 WHERE r.external = ? AND o.op IN ('say', 'edit') AND o.state = 1"""
        async with asyncio.timeout(DEADLINE):
            while self.teams.rows(sql, self.room)[0][0] < self._due:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.02)

    async def _look(self) -> None:
        """All that the coach did stands on the page."""
        await self.anna.go(self.place)
        await self.anna.stand(*(self._lines(number) for number in sorted(self._unseen)))
        self._unseen.clear()

    def _card(self, number: int) -> Card:
        card = self._latest[number].card
        assert card is not None
        return card

    async def _pick(self, number: int, row: str, word: str) -> None:
        card = self._card(number)
        (option,) = [one.label for one in card.options if one.value == word]
        label = next((one.label for one in card.rows if one.value == row), None)
        await self.anna.choose(self._lines(number), option, label)


def lines(effect: Say | Edit) -> list[str]:
    """What of a message can be read on a page, line by line."""
    activity = cards.message(effect, "key", TEXTS)
    blocks = [activity["text"]] if "text" in activity else texts(activity["attachments"][0]["content"]["body"])
    found = [line for block in blocks for line in as_plain(block).split("\n")]
    return [shown for line in found if (shown := _MARKER.sub("", line)[:MOST].strip())]


def texts(body: Any) -> list[str]:
    """The texts of a card, in order."""
    if isinstance(body, list):
        return [text for one in body for text in texts(one)]
    if not isinstance(body, dict):
        return []
    own = [body["text"]] if body.get("type") == "TextBlock" else []
    return own + [text for part in ("items", "cells", "rows") for text in texts(body.get(part, []))]


async def test_the_case_in_every_place(teams: Teams, tmp_path: Path) -> None:
    places = {
        "group": ("ns_short_group.txt", GROUP_PLACE, GROUP_ID, NAMES),
        "channel": ("ns_short_group.txt", CHANNEL_PLACE, "", NAMES),
        "alone": ("ns_short_one.txt", PERSONAL_PLACE, PERSONAL_ID, NAMES[:1]),
    }
    anna = await Person(teams.playground).open()
    try:
        played = [
            Playing(teams, TeamsCase(name, tmp_path / folder, people), anna, place, room)
            for folder, (name, place, room, people) in places.items()
        ]
        for one in played:
            await one.begin()
        await take_turns(played, 0.5)
        await see(played, tmp_path, "middle")
        assert await teams.coach.stop() == 0
        await teams.coach.start()
        await take_turns(played, 1.0)
        await see(played, tmp_path, "end")
        for one in played:
            assert canvas(await teams.coach.export(one.room)) == canvas(one.case.terminal)
            meant = {doing.text for doing in one.case.doings if not doing.aside}
            aside = {doing.text for doing in one.case.doings if doing.aside} - meant
            assert not [text for text in aside if text.encode() in teams.kept()]

        # Nobody says anything: on the day that the first action is due, the coach asks about it.
        assert await teams.coach.stop() == 0
        due = min(action["due"] for action in played[0].case.terminal["actions"])
        await teams.coach.start_at(local_moment(date.fromisoformat(due), time(12), "Europe/Amsterdam"))
        for one in reversed(played):
            await anna.go(one.place)
            reminder = await anna.wait(*REMINDED)
            assert {"✅ Klaar", "⏰ Uitstel"} <= set(reminder["buttons"])
        await see(played, tmp_path, "reminder")
        await anna.go(GROUP_PLACE)
        await anna.choose(REMINDED, ACTION)
        await anna.press(REMINDED, "✅ Klaar")
        await anna.wait("Klaar: actie 1")
    finally:
        await anna.close()
    (state,) = {one["state"] for one in (await teams.coach.export(GROUP_ID))["actions"] if one["number"] == 1}
    assert state == "done"


async def take_turns(played: list[Playing], share: float) -> None:
    """Play a share of each case, some of it at a time: so no conversation gets more than Teams takes at once."""
    wanted = [int(len(one.case.doings) * share) for one in played]
    while any(one.done < until for one, until in zip(played, wanted, strict=True)):
        for one, until in zip(played, wanted, strict=True):
            if one.done < until:
                await one.play(min(until, one.done + ABREAST))


async def see(played: list[Playing], folder: Path, name: str) -> None:
    """Pictures of the places, to look at."""
    for number, one in enumerate(played):
        await one.anna.go(one.place)
        await one.anna.screenshot(folder / f"{name}{number}.png")
