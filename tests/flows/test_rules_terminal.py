"""rules.md, "What each transport can see": what the terminal sees, and who speaks there."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from bot.clock import LineClock
from bot.coach import Coach
from bot.transports.console.saving import Folder, folder_beside
from bot.transports.console.terminal import Terminal, TerminalTransport
from flows.conversation.engine import Engine
from flows.conversation.hearing import Setting
from flows.conversation.snapshot import Snapshot
from storage import rooms
from storage.writer import Writer
from tests.chat import BOOK, ROOM, START, TEXTS


@dataclass
class Session:
    """A terminal with people at it, and what it shows."""

    writer: Writer
    screen: io.StringIO
    terminal: Terminal

    async def type(self, *lines: str) -> None:
        for line in lines:
            assert await self.terminal.line(line)

    async def room(self) -> Snapshot:
        room = await self.writer.run(lambda conn: rooms.find(conn, "console", ROOM))
        assert room is not None
        return await self.writer.run(lambda conn: rooms.load(conn, room))

    async def items(self) -> list[tuple[str, str | None, str]]:
        return [(item.step, item.author, item.text) for item in (await self.room()).item.values()]


async def _open(writer: Writer, *people: str) -> Session:
    screen = io.StringIO()
    transport = TerminalTransport(Console(file=screen, width=200), TEXTS, Folder(folder_beside(writer.path)))
    clock = LineClock(START)
    engine = Engine(Setting(BOOK, TEXTS, transport.capabilities, "jullie zelf", "coach.db"))
    terminal = Terminal(Coach(writer, engine, transport, clock, "test"), transport, clock, ROOM, list(people))
    await terminal.open(new=True, place="coach.db")
    return Session(writer, screen, terminal)


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    writer = await Writer.open(tmp_path / "coach.db")
    yield writer
    await writer.close()


async def test_alone_a_line_is_an_answer_and_an_empty_one_goes_on(writer: Writer) -> None:
    """ "Terminal: one speaker per line" """
    session = await _open(writer, "Anna")
    await session.type("!start", "Dichtbij", "")
    assert await session.items() == [("pilot.naam", "Anna", "Dichtbij")]
    assert (await session.room()).room.position == "pilot.periode"


async def test_in_a_group_replies_and_signs_are_seen(writer: Writer) -> None:
    """ "`/reageer N tekst`, `/zet ✅ N` for replies and reactions" """
    session = await _open(writer, "Anna", "Bas")
    await session.type("!start", "dit is voor niemand", "/reageer 2 Dichtbij", "/als Bas", "/reageer 2 Heel dichtbij")
    assert await session.items() == [("pilot.naam", "Anna", "Dichtbij"), ("pilot.naam", "Bas", "Heel dichtbij")]
    await session.type("/zet ✅ 2")
    assert (await session.room()).room.position == "pilot.periode"


async def test_peoples_messages_can_be_marked_changed_and_removed(writer: Writer) -> None:
    """The terminal sees ✍️, ❌, edits and removals of what somebody typed."""
    session = await _open(writer, "Anna", "Bas")
    await session.type("!start", "Bas: Dichtbij", "/zet ✍️ e2")
    assert await session.items() == [("pilot.naam", "Bas", "Dichtbij")]
    await session.type("/als Bas", "/pas e2 aan Heel dichtbij")
    assert await session.items() == [("pilot.naam", "Bas", "Heel dichtbij")]
    await session.type("/weg ✍️ e2")
    assert len(await session.items()) == 1  # Anna put it there
    await session.type("/wis e2")
    assert await session.items() == []


async def test_a_name_and_a_colon_only_for_a_name_so_given(writer: Writer) -> None:
    """ "members by `--as` (repeatable) or `/wie`; `naam: tekst` only for a name so given" """
    session = await _open(writer, "Anna")
    await session.type("!start", "Bas: Dichtbij")
    assert await session.items() == [("pilot.naam", "Anna", "Bas: Dichtbij")]
    await session.type("/wie Anna, Bas", "Bas: @coach Heel dichtbij", "Cem: @coach Veraf")
    assert (await session.items())[1:] == [
        ("pilot.naam", "Bas", "Heel dichtbij"),
        ("pilot.naam", "Anna", "Cem: Veraf"),
    ]


async def test_who_is_there_decides_how_it_listens(writer: Writer) -> None:
    """`/wie` changes a room of one into a group and back."""
    session = await _open(writer, "Anna")
    await session.type("!start", "/wie Anna, Bas", "dit is voor niemand", "/wie Anna", "Dichtbij")
    assert await session.items() == [("pilot.naam", "Anna", "Dichtbij")]


@pytest.mark.parametrize(
    "line", ["/reageer 99 tekst", "/zet ✅ 99", "/zet ✅", "/reageer", "/wis e9", "/als Cem", "/xyz", "/wie"]
)
async def test_a_line_of_the_terminal_that_makes_no_sense_changes_nothing(writer: Writer, line: str) -> None:
    """It is answered at the screen, and nothing is noted."""
    session = await _open(writer, "Anna", "Bas")
    await session.type("!start")
    shown = session.screen.getvalue()
    await session.type(line)
    assert await session.items() == []
    assert (await session.room()).room.position == "pilot.naam"
    if "99" not in line or "reageer" in line:
        assert session.screen.getvalue() != shown
