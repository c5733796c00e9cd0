"""The chats of the coach with one person in Teams: what is known of them, and when it gives up. Nothing answers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.settings import TeamsSection
from bot.transports.base import Deferred, Unreachable
from bot.transports.teams import NAME
from bot.transports.teams.connector import Connector
from bot.transports.teams.directs import Directs
from bot.transports.teams.tokens import Tokens
from bot.transports.teams.transport import TeamsTransport
from flows.conversation.effects import Say
from storage import directs
from storage.conversations import Reference
from storage.directs import GONE, JOINED, Direct
from storage.outbox import Row
from storage.writer import Writer
from tests.bot.outgoing import NOON
from tests.chat import TEXTS
from tests.homeserver.ports import free_port

ANNA, HERS, CHAT = "29:anna", "a:hers", "19:pilot@thread.v2"


@pytest.fixture
async def chats(path: Path) -> AsyncIterator[tuple[Directs, TeamsTransport]]:
    writer, clock, nobody = await Writer.open(path), SystemClock(), f"http://127.0.0.1:{free_port()}"
    section = TeamsSection(
        app_id="coach", tenant_id="t", client_secret="s", openid_metadata_url=f"{nobody}/x", token_issuer=nobody
    )
    connector = Connector(Tokens(section), clock)
    made = Directs(connector, writer, clock, "t")
    transport = TeamsTransport(connector, clock, TEXTS, made)
    transport.places[CHAT] = Reference(nobody, "t", "28:coach", "groupChat")
    yield made, transport
    await connector.close()
    await writer.close()


def row(attempts: int, to: str | None = ANNA) -> Row:
    return Row(1, 1, NAME, CHAT, "k", Say(1, "info", None, "van jou", to=to), attempts, NOON, NOON)


async def test_who_is_not_reached_holds_a_room_up_for_so_long_and_no_longer(
    chats: tuple[Directs, TeamsTransport],
) -> None:
    _, transport = chats
    for attempts in range(6):
        with pytest.raises(Deferred):
            await transport.send(row(attempts), None)
    with pytest.raises(Unreachable):
        await transport.send(row(6), None)
    with pytest.raises(Deferred):
        await transport.send(row(60, to=None), None)  # for all: for as long as it takes


async def test_what_is_known_of_a_chat_is_known_again_until_it_is_forgotten(
    chats: tuple[Directs, TeamsTransport],
) -> None:
    made, transport = chats
    await made._writer.run(lambda conn: directs.put(conn, NAME, Direct(ANNA, HERS, JOINED, NOON)))
    there = transport.places[CHAT]
    with pytest.raises(Deferred):
        await made.room_for(ANNA, there)
    await made.recall()
    assert await made.room_for(ANNA, there) == HERS
    assert made.whose(HERS) == ANNA
    await made.lost(ANNA)
    assert (made.whose(HERS), made.whose("a:other")) == (ANNA, None)
    (kept,) = await made._writer.run(lambda conn: directs.known(conn, NAME))
    assert (kept.member, kept.room, kept.state) == (ANNA, HERS, GONE)
    await made.recall()
    with pytest.raises(Deferred):
        await made.room_for(ANNA, there)  # asked for anew
    assert await transport.forget(None, [HERS]) == []
    await made.lost(ANNA)
    (kept,) = await made._writer.run(lambda conn: directs.known(conn, NAME))
    assert kept.room == ""


async def test_a_chat_is_known_while_it_is_being_written_down_and_not_where_that_fails(
    chats: tuple[Directs, TeamsTransport],
) -> None:
    """What Teams tells of a chat that the coach opened comes on another connection than the answer to opening it."""
    made, _ = chats
    writing = asyncio.create_task(made._note(Direct(ANNA, HERS, JOINED, NOON)))
    await asyncio.sleep(0)
    assert not writing.done()
    assert made.whose(HERS) == ANNA
    await writing

    def refuse(conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TEMP TRIGGER refuse BEFORE UPDATE ON direct BEGIN SELECT RAISE(ABORT, 'full'); END")
        conn.execute("CREATE TEMP TRIGGER none BEFORE INSERT ON direct BEGIN SELECT RAISE(ABORT, 'full'); END")

    await made._writer.run(refuse)
    for member, left in ((ANNA, HERS), ("29:bas", None)):
        with pytest.raises(sqlite3.IntegrityError):
            await made._note(Direct(member, "a:new", JOINED, NOON))
        assert made.whose("a:new") is None
        assert next((one.room for one in made._known.values() if one.member == member), None) == left
