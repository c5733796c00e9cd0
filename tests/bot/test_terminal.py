"""The terminal's own ways: who speaks, replies and signs by number, and that nothing is passed over in silence."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.clock import SystemClock
from bot.coach import Coach
from bot.console import make_engine
from bot.transports.console.saving import Folder, folder_beside
from bot.transports.console.terminal import Terminal, TerminalTransport
from flows.export import as_json
from storage import rooms
from storage.writer import Writer
from tests.chat import BOOK, TEXTS

ROOM = "pilot"


class Screen:
    """A session whose screen can be read."""

    def __init__(self, writer: Writer, people: list[str]) -> None:
        self.writer = writer
        self.out = io.StringIO()
        transport = TerminalTransport(
            Console(file=self.out, width=100, no_color=True), TEXTS, Folder(folder_beside(writer.path))
        )
        coach = Coach(writer, make_engine(transport, None, "coach.db"), transport, SystemClock(), "test")
        self.session = Terminal(coach, transport, SystemClock(), ROOM, people)

    async def type(self, *lines: str) -> str:
        """Type lines; what the last one showed."""
        start = 0
        for line in lines:
            start = len(self.out.getvalue())
            assert await self.session.line(line)
        return self.out.getvalue()[start:]

    async def canvas(self) -> dict[str, Any]:
        clock = SystemClock()

        def work(conn: Any) -> dict[str, Any]:
            room = rooms.find(conn, "console", ROOM)
            assert room is not None
            return as_json(BOOK, rooms.load(conn, room), clock.now(), TEXTS.rhythm)

        return await self.writer.run(work)

    async def items(self, step: str) -> list[tuple[str, str]]:
        return [(item["author"], item["text"]) for item in (await self.canvas())["steps"][step]["items"]]


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    writer = await Writer.open(tmp_path / "coach.db")
    yield writer
    await writer.close()


@pytest.fixture
async def one(writer: Writer) -> Screen:
    screen = Screen(writer, ["Anna"])
    await screen.session.open(new=True, place="coach.db")
    await screen.type("!start")
    return screen


@pytest.fixture
async def team(writer: Writer) -> Screen:
    screen = Screen(writer, ["Anna", "Bas", "Çelik"])
    await screen.session.open(new=True, place="coach.db")
    await screen.type("!start")
    return screen


async def test_alone_a_line_is_an_answer_and_an_empty_line_goes_on(one: Screen) -> None:
    await one.type("Dichtbij")
    assert "periode" in await one.type("")
    assert await one.items("pilot.naam") == [("Anna", "Dichtbij")]


async def test_an_empty_line_after_the_coach_went_on_by_itself_skips_nothing(one: Screen) -> None:
    await one.type("Dichtbij", "", "1 mei 2026 - 1 mei 2027")
    assert "volgende vraag" in await one.type("")
    assert (await one.canvas())["steps"]["pilot.betrokkenen"]["state"] == "open"
    assert "ontbreekt" in await one.type("")


async def test_alone_what_was_noted_bears_no_number(one: Screen) -> None:
    assert "e2" not in await one.type("Dichtbij")


async def test_in_a_group_a_plain_line_is_not_kept_and_that_is_said_once(team: Screen) -> None:
    assert "/reageer 2" in await team.type("even overleggen")
    assert await team.type("nog even") == ""
    assert await team.items("pilot.naam") == []


async def test_a_reply_by_number_is_an_answer_of_who_speaks(team: Screen) -> None:
    await team.type("/reageer 2 Dichtbij", "Bas: /reageer 2 Wijk Oost", "/als celik", "/reageer 2 en West")
    assert await team.items("pilot.naam") == [("Anna", "Dichtbij"), ("Bas", "Wijk Oost"), ("Çelik", "en West")]


async def test_a_sign_on_a_persons_message_takes_it_and_taking_it_off_gives_it_back(team: Screen) -> None:
    await team.type("Bas: Dichtbij", "/zet ✍️ e2")
    assert await team.items("pilot.naam") == [("Bas", "Dichtbij")]
    await team.type("/weg ✍️ e2")
    assert await team.items("pilot.naam") == []


async def test_a_tap_on_the_question_goes_on(team: Screen) -> None:
    assert "periode" in await team.type("/reageer 2 Dichtbij", "/zet ✅ 2")


async def test_one_changes_and_removes_ones_own_message(team: Screen) -> None:
    await team.type("/reageer 2 Dichtbj", "/pas e2 aan Dichtbij")
    assert await team.items("pilot.naam") == [("Anna", "Dichtbij")]
    assert "niets" in await team.type("Bas: /wis e2")
    assert await team.items("pilot.naam") == [("Anna", "Dichtbij")]
    await team.type("/wis e2")
    assert await team.items("pilot.naam") == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/reageer 99 tekst", "99"),
        ("/zet ✅ 99", "99"),
        ("/zet ✅ e9", "e9"),
        ("/zet ✅", "/zet"),
        ("/reageer 2", "/reageer"),
        ("/pas e1", "/pas"),
        ("/wis", "/wis"),
        ("/zet 🟢 2", "niets"),
        ("/onzin", "/onzin"),
        ("/als Dirk", "Dirk"),
        ("/wie", "Anna, Bas, Çelik"),
        ("/hulp", "/reageer"),
    ],
)
async def test_what_leads_to_nothing_is_said(team: Screen, line: str, says: str) -> None:
    before = await team.canvas()
    assert says in await team.type(line)
    assert (await team.canvas())["steps"] == before["steps"]


async def test_people_come_and_go(one: Screen) -> None:
    assert "meer mensen" in await one.type("/wie Anna, Bas")
    await one.type("overleg")
    assert await one.items("pilot.naam") == []
    assert "één persoon" in await one.type("/wie Anna")
    await one.type("Dichtbij")
    assert await one.items("pilot.naam") == [("Anna", "Dichtbij")]


async def test_a_change_of_votes_shows_only_what_is_new(team: Screen) -> None:
    await team.type("!ga impact.status")
    shown = await team.type("/zet 🟢 3")
    assert "1 stem" in shown
    assert "Hoe goed" not in shown


async def test_a_colon_after_something_else_than_a_name_is_text(one: Screen) -> None:
    await one.type("Doel: iedereen doet mee")
    assert await one.items("pilot.naam") == [("Anna", "Doel: iedereen doet mee")]


async def test_coming_back_shows_the_open_question(team: Screen) -> None:
    again = Screen(team.writer, ["Anna", "Bas", "Çelik"])
    await again.session.open(new=False, place="coach.db")
    assert "Pilot · naam" in again.out.getvalue()


async def test_the_session_ends_at_stop(one: Screen) -> None:
    assert not await one.session.line("/stop")
