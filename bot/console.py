"""`opschaalcoach console`: wires the terminal or JSON lines to a coach.

Rule: what is slow to import is imported where it is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import io
import sqlite3
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot import VERSION, control, verbs
from bot.backups import Backups
from bot.clock import Clock, LineClock
from bot.coach import Coach
from bot.transports.base import Transport
from bot.transports.console.feed import Feed
from bot.transports.console.saving import Folder, folder_beside
from flows.catalogue import load_catalogue
from flows.conversation.engine import Engine
from flows.conversation.hearing import Setting
from flows.languages import FIRST, load_languages
from storage import forgetting, meta, rooms
from storage.writer import Writer

if TYPE_CHECKING:
    from bot.transports.console.terminal import Terminal
    from flows.conversation.snapshot import Snapshot

LONGEST_TYPED = 1024 * 1024
MONTHS = 24  # that a room is kept after its pilot, where nothing else is said


def make_engine(
    transport: Transport,
    operator: str | None,
    place: str,
    language: str = FIRST,
    *,
    later: bool = False,
    secret: str = "",
    months: int = MONTHS,
    locked: frozenset[str] = frozenset(),
) -> Engine:
    """The engine of the guide for a transport; `operator` is who runs the coach, None for the person at this
    terminal; `language` is that of rooms that chose none, `secret` that of the database; `months` and `locked` are how
    long rooms are kept, and which are not erased. With `later` the other languages are read when a room speaks them.
    """
    languages = load_languages(language, later=later)
    first = languages.of(language)
    setting = Setting(
        first.book, first.texts, transport.capabilities, operator, place, languages.others, locked, months, secret
    )
    return Engine(setting)


async def lines(path: Path) -> int:
    """Serve JSON lines on standard input and output."""
    from bot.transports.console.lines import CLOCK_KEY, Lines, LinesTransport

    writer = await Writer.open(path)
    try:
        stored = await writer.run(lambda conn: meta.get(conn, CLOCK_KEY))
        secret = await writer.run(forgetting.secret)
        clock = LineClock(None if stored is None else datetime.fromisoformat(stored))
        out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", newline="\n", write_through=True)
        transport = LinesTransport(out, Folder(folder_beside(path)))
        engine = make_engine(transport, None, str(path), secret=secret, later=True)  # somebody waits for the welcome
        coach = Coach(writer, engine, transport, clock, VERSION)
        try:
            async with control.listening(path, verbs.table(writer, Backups(writer, clock), [coach])):
                await coach.start()
                await Lines(coach, transport, clock).run(sys.stdin.buffer)
        finally:
            await coach.close()
    finally:
        await writer.close()
    return 0


async def terminal(path: Path, room: str, people: list[str]) -> int:
    """Serve one room at a prompt. Without `people` it is those who were there, or who sits at this terminal."""
    from rich.console import Console
    from rich.theme import Theme

    from bot.timekeeping import keep_time
    from bot.transports.console.lines import CLOCK_KEY
    from bot.transports.console.terminal import Terminal, TerminalTransport

    writer = await Writer.open(path)
    try:
        at = await writer.run(lambda conn: meta.get(conn, CLOCK_KEY))
        secret = await writer.run(forgetting.secret)
        clock: Clock = LineClock(None if at is None else datetime.fromisoformat(at))
        # Without a background, so that it reads on light and dark alike.
        console = Console(highlight=False, theme=Theme({"markdown.code": "cyan"}))
        transport = TerminalTransport(console, load_catalogue(FIRST), Folder(folder_beside(path)))
        stored = await writer.run(lambda conn: _room_of(conn, transport.name, room))
        if stored is not None:
            transport.speak(stored.room.language)
        left = [] if stored is None else [member.name for member in stored.people()]
        people = people or left or [_own_name()]
        engine = make_engine(transport, None, str(path), secret=secret, later=True)  # somebody waits for the welcome
        coach = Coach(writer, engine, transport, clock, VERSION)
        session = Terminal(coach, transport, clock, room, people)
        await session.open(new=stored is None, place=str(path))
        ticking = asyncio.create_task(keep_time(coach, clock))
        try:
            async with control.listening(path, verbs.table(writer, Backups(writer, clock), [coach])):
                await _converse(session)
        finally:
            ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticking
            await coach.close()
        transport.note(transport.texts("terminal.bye"))
    finally:
        await writer.close()
    return 0


def _room_of(conn: sqlite3.Connection, transport: str, room: str) -> Snapshot | None:
    """A room as it was left, or None where there is no such room yet."""
    found = rooms.find(conn, transport, room)
    return None if found is None else rooms.load(conn, found)


def _own_name() -> str:
    """The name of the person at this terminal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "ik"


async def _converse(session: Terminal) -> None:
    """Read lines until the person stops: at a prompt with history, or plain where there is no terminal."""
    if not sys.stdin.isatty():
        feed = Feed(sys.stdin.buffer, LONGEST_TYPED)
        while (raw := await feed.line()) is not None:
            if not await session.line(raw.decode("utf-8", "replace"), echo=True):
                return
        return
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import InMemoryHistory
    from prompt_toolkit.patch_stdout import patch_stdout

    # In memory: what people type is kept by the coach, or not at all.
    prompt: PromptSession[str] = PromptSession(history=InMemoryHistory())
    while True:
        try:
            with patch_stdout(raw=True):
                line = await prompt.prompt_async(session.prompt)
        except (EOFError, KeyboardInterrupt):
            return
        if not await session.line(line):
            return
