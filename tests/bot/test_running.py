"""Serving: several transports in one process on one database, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bot import VERSION, running
from bot.clock import SystemClock
from bot.coach import Coach
from bot.console import make_engine
from bot.serving import Service
from bot.transports.base import Message, People
from flows.conversation.events import Person
from storage.outbox import Row
from storage.writer import Writer
from tests.bot.outgoing import DEADLINE, NOON, nothing_noted
from tests.bot.process import ROOT
from tests.bot.served_rooms import Played


class Named(Played):
    """A chat with a name of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(fetches=False)
        self.name = name
        self.spoke = asyncio.Event()
        self.tried: list[str] = []

    async def send(self, row: Row, target: str | None) -> str | None:
        self.tried.append(row.key)
        found = await super().send(row, target)
        self.spoke.set()
        return found


def service(writer: Writer, chat: Named, events: list[str]) -> Service:
    """A coach on a played chat, to which it is invited once it serves."""
    coach = Coach(writer, make_engine(chat, None, "x"), chat, SystemClock(), VERSION)

    async def bring() -> None:
        await coach.receive([People(f"!{chat.name}", "$1", NOON, (Person("@anna:x", "Anna"),))])
        await asyncio.Event().wait()

    async def stop() -> None:
        events.append(f"stop {chat.name}")

    async def close() -> None:
        events.append(f"close {chat.name}")

    found = Service(coach, {"bring": bring}, stop, close)
    found.caught_up.set()
    return found


async def test_several_transports_share_a_process_and_each_says_what_is_its_own(tmp_path: Path) -> None:
    writer = await Writer.open(tmp_path / "coach.db")
    chats, events = [Named("matrix"), Named("teams")], list[str]()
    try:
        services = [service(writer, chat, events) for chat in chats]
        serving = asyncio.create_task(running.serve(services, SystemClock(), running.told_to_stop()))
        async with asyncio.timeout(DEADLINE):
            for chat in chats:
                await chat.spoke.wait()
            os.kill(os.getpid(), signal.SIGTERM)
            await serving
        for one in services:
            await one.coach.close()
    finally:
        await writer.close()
    assert [[row.external_room for row in chat.posted] for chat in chats] == [["!matrix"], ["!teams"]]
    assert events == ["stop matrix", "stop teams"]


async def test_until_posting_is_begun_again_after_a_fault_nothing_else_posts(tmp_path: Path) -> None:
    writer = await Writer.open(tmp_path / "coach.db")
    chat = Named("teams")
    coach = Coach(writer, make_engine(chat, None, "x"), chat, SystemClock(), VERSION, careful=True)
    try:
        async with asyncio.timeout(DEADLINE):
            await coach.take_in([People("!a", "$1", NOON, (Person("@anna:x", "Anna"),))])
            async with nothing_noted(writer):
                delivering = asyncio.create_task(coach.deliver())
                await asyncio.sleep(0)
                await coach.work()
                with pytest.raises(sqlite3.IntegrityError):
                    await delivering
            assert len(chat.tried) == 1
            await coach.receive([Message("!a", "$2", NOON, "@anna:x", "!hulp")])
            assert len(chat.tried) == 1
            chat.spoke.clear()
            delivering = asyncio.create_task(coach.deliver())
            await chat.spoke.wait()
            delivering.cancel()
            await asyncio.wait({delivering})
        assert len(chat.tried) > 1
        assert len({*chat.tried}) == len(chat.tried)
        doubted = "SELECT event FROM inbox WHERE instr(event, 'doubt:')"
        found = await writer.run(lambda conn: conn.execute(doubted).fetchall())
        assert [event.split(":")[-1] for (event,) in found] == chat.tried[:1]
    finally:
        await coach.close()
        await writer.close()


def test_no_chat_is_loaded_before_the_configuration_asks_for_it() -> None:
    code = "import sys, bot.cli, bot.console, bot.running, bot.serving, bot.reading; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not {"nio", "aiohttp", "microsoft_teams", "msal", "httpx", "jwt"} & set(loaded.split())
