"""What only one person may see: it waits for them and holds up nobody, and what they answer belongs to the room that it
is about.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.aside import routed
from bot.transports.base import (
    Change,
    Held,
    Incoming,
    Message,
    People,
    Posted,
    Press,
    PutOut,
    Removal,
    Sign,
    Undecrypted,
    Unreachable,
)
from flows.conversation import events
from flows.conversation.effects import Say
from flows.conversation.events import Said
from storage import directs, erasing, inbox, outbox, rooms
from storage.directs import GONE, INVITED, JOINED, Direct
from storage.writer import Writer
from tests.bot.outgoing import NOON, Outgoing

ANNA, BAS = "@anna:x.nl", "@bas:x.nl"
ALONE, TEAM, OTHER = "!alone", "!team", "!other"


@pytest.fixture
async def out(path: Path) -> AsyncIterator[Outgoing]:
    writer = await Writer.open(path)
    made = Outgoing(writer)
    yield made
    await made.stop()
    await writer.close()


async def ask(out: Outgoing, key: str, number: int, *, room: str = TEAM, to: str | None = ANNA) -> None:
    await out.effect(room, key, Say(number, "question", "impact.status", f"vraag {key}", to=to))


async def state(out: Outgoing, member: str, how: int, room: str = ALONE) -> None:
    await out.writer.run(lambda conn: directs.put(conn, "matrix", Direct(member, room, how, NOON)))


# Waiting --------------------------------------------------------------------------------------------------------------


async def test_what_waits_for_one_person_holds_up_nobody_and_goes_out_when_they_come(out: Outgoing) -> None:
    out.chat.faults["a"] = [Held()]
    await state(out, ANNA, INVITED)
    await ask(out, "a", 1)
    await ask(out, "b", 2, to=BAS)
    await ask(out, "c", 3, to=None)
    out.run()
    await out.settled()
    assert out.chat.posted == ["b", "c"]
    assert await out.states() == {"a": 4, "b": 1, "c": 1}
    await out.pass_(7200)
    assert out.chat.posted == ["b", "c"]
    await out.writer.run(lambda conn: outbox.release(conn, "matrix", BAS))
    assert (await out.states())["a"] == 4
    await out.writer.run(lambda conn: outbox.release(conn, "matrix", ANNA))
    await out.pass_(60)
    assert out.chat.posted == ["b", "c", "a"]


async def test_who_came_in_just_now_is_tried_again(out: Outgoing) -> None:
    await state(out, ANNA, JOINED)  # known to the database before the delivery heard that they were not there
    out.chat.faults["a"] = [Held()]
    await ask(out, "a", 1)
    out.run()
    await out.settled()
    await out.pass_(60)
    assert out.chat.posted == ["a"]


async def test_who_can_t_be_reached_is_told_of_and_what_was_for_them_is_gone(out: Outgoing) -> None:
    out.chat.faults["a"] = [Unreachable()]
    await ask(out, "a", 1)
    out.run()
    await out.settled()
    assert await out.states() == {"a": 2}
    found = await out.writer.run(lambda conn: inbox.pending(conn))
    (told,) = [one.event for one in found]
    assert isinstance(told, events.Unreachable)
    assert (told.member, told.kind) == (ANNA, "question")
    left = await out.writer.run(lambda conn: conn.execute("SELECT payload FROM outbox").fetchall())
    assert left == [(None,)]


async def test_what_need_not_be_said_any_more_is_gone_posted_or_not(out: Outgoing) -> None:
    out.chat.faults["a"] = [Held()]
    await state(out, ANNA, INVITED)
    await ask(out, "a", 1)
    await ask(out, "b", 2, to=BAS)
    out.run()
    await out.settled()
    team = await out.room_row(TEAM)
    await out.writer.run(lambda conn: outbox.recall(conn, team, [1, 2]))
    assert await out.states() == {"a": 2, "b": 1}
    await out.writer.run(lambda conn: outbox.release(conn, "matrix", ANNA))
    await out.pass_(60)
    assert out.chat.posted == ["b"]


async def test_what_waits_for_who_is_gone_is_given_up(out: Outgoing) -> None:
    out.chat.faults["a"] = [Held()]
    await state(out, ANNA, INVITED)
    await ask(out, "a", 1)
    out.run()
    await out.settled()
    await out.writer.run(lambda conn: outbox.give_up(conn, "matrix", ANNA))
    assert await out.states() == {"a": 2}


# Where it belongs -----------------------------------------------------------------------------------------------------


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    """Anna was asked something alone in two rooms, in the other one last."""
    writer = await Writer.open(path)

    def work(conn: sqlite3.Connection) -> None:
        directs.put(conn, "matrix", Direct(ANNA, ALONE, JOINED, NOON))
        for number, (room, key) in enumerate(((TEAM, "k1"), (OTHER, "k2")), 1):
            row = rooms.ensure(conn, "matrix", room)
            asked = outbox.add(conn, row, key, Say(number, "question", "impact.status", "vraag", to=ANNA), NOON)
            outbox.sent(conn, asked, f"${key}", row, number)
        inbox.add(conn, rooms.ensure(conn, "matrix", TEAM), Said("$vote", NOON, ANNA, "deels"), NOON)

    await writer.run(work)
    yield writer
    await writer.close()


def said(text: str = "deels", reply_to: str | None = None, room: str = ALONE, sender: str = ANNA) -> Message:
    return Message(room, "$m", NOON, sender, text, reply_to, mentioned=True)


async def test_an_answer_belongs_to_the_room_of_the_question(writer: Writer) -> None:
    async def of(one: Incoming) -> Incoming | None:
        return await writer.run(lambda conn: routed(conn, "matrix", one))

    assert await of(said(reply_to="$k1")) == Message(TEAM, "$m", NOON, ANNA, "deels", "$k1")
    assert await of(said()) == Message(OTHER, "$m", NOON, ANNA, "deels", "$k2")  # the latest that was asked
    assert await of(said(reply_to="$unknown")) == Message(OTHER, "$m", NOON, ANNA, "deels", "$k2")
    assert await of(Change(ALONE, "$c", NOON, ANNA, "$vote", "nee")) == Change(TEAM, "$c", NOON, ANNA, "$vote", "nee")
    assert await of(Removal(ALONE, "$r", NOON, ANNA, "$vote")) == Removal(TEAM, "$r", NOON, ANNA, "$vote")
    assert await of(Sign(ALONE, "$s", NOON, ANNA, "$k1", "🔴")) == Sign(TEAM, "$s", NOON, ANNA, "$k1", "🔴")
    assert await of(Sign(ALONE, "$s", NOON, ANNA, "$vote", "❌")) == Sign(TEAM, "$s", NOON, ANNA, "$vote", "❌")
    assert await of(Posted(ALONE, "$p", NOON, "k1")) == Posted(TEAM, "$p", NOON, "k1")


async def test_nothing_else_of_such_a_room_is_an_event_and_of_other_rooms_all_is(writer: Writer) -> None:
    for one in (
        said(sender=BAS),
        Sign(ALONE, "$s", NOON, BAS, "$k1", "🔴"),
        Change(ALONE, "$c", NOON, ANNA, "$never", "nee"),
        People(ALONE, "$p", NOON, ()),
        PutOut(ALONE, "$o", NOON),
        Undecrypted(ALONE, "$u", NOON, ANNA),
        Posted(ALONE, "$p", NOON, "unknown"),
    ):
        assert await writer.run(lambda conn, one=one: routed(conn, "matrix", one)) is None  # type: ignore[misc]
    for one in (said(room=TEAM), People(TEAM, "$p", NOON, ()), PutOut(OTHER, "$o", NOON)):
        assert await writer.run(lambda conn, one=one: routed(conn, "matrix", one)) == one  # type: ignore[misc]
    assert await writer.run(lambda conn: routed(conn, "teams", said())) == said()


async def test_who_was_never_asked_anything_alone_speaks_to_nobody(writer: Writer) -> None:
    await writer.run(lambda conn: directs.put(conn, "matrix", Direct(BAS, "!b", JOINED, NOON)))
    assert await writer.run(lambda conn: routed(conn, "matrix", said(room="!b", sender=BAS))) is None


async def test_how_it_stands_with_a_person_is_known_again(writer: Writer) -> None:
    later = NOON + timedelta(days=1)
    await writer.run(lambda conn: directs.put(conn, "matrix", Direct(ANNA, "!new", GONE, later)))
    assert await writer.run(lambda conn: directs.known(conn, "matrix")) == [Direct(ANNA, "!new", GONE, later)]
    assert await writer.run(lambda conn: directs.member_of(conn, "matrix", ALONE)) is None


# Where somebody has a pilot too ---------------------------------------------------------------------------------------


async def test_beside_a_pilot_only_what_answers_such_a_message_belongs_elsewhere(writer: Writer) -> None:
    def begin(conn: sqlite3.Connection) -> None:
        row = rooms.ensure(conn, "matrix", ALONE)
        inbox.add(conn, row, Said("$vote", NOON, ANNA, "hier"), NOON)  # the same id means another message here

    assert await writer.run(lambda conn: directs.is_bare(conn, "matrix", ALONE))
    await writer.run(begin)
    assert not await writer.run(lambda conn: directs.is_bare(conn, "matrix", ALONE))
    for one in (
        said(),
        said(reply_to="$unknown"),
        Sign(ALONE, "$s", NOON, ANNA, "$unknown", "🔴"),
        Change(ALONE, "$c", NOON, ANNA, "$vote", "nee"),
        Removal(ALONE, "$r", NOON, ANNA, "$vote"),
        People(ALONE, "$p", NOON, ()),
        PutOut(ALONE, "$o", NOON),
        Posted(ALONE, "$p", NOON, "k1"),
        Press(ALONE, "$k", NOON, ANNA, "k1", "✅"),
    ):
        assert await writer.run(lambda conn, one=one: routed(conn, "matrix", one)) == one  # type: ignore[misc]
    for other, meant in (
        (said(reply_to="$k1"), Message(TEAM, "$m", NOON, ANNA, "deels", "$k1")),
        (Sign(ALONE, "$s", NOON, ANNA, "$k1", "🔴"), Sign(TEAM, "$s", NOON, ANNA, "$k1", "🔴")),
    ):
        assert await writer.run(lambda conn, one=other: routed(conn, "matrix", one)) == meant  # type: ignore[misc]


async def test_a_pilot_that_was_erased_there_stays_one(writer: Writer) -> None:
    def erase(conn: sqlite3.Connection) -> None:
        erasing.empty(conn, rooms.ensure(conn, "matrix", ALONE), NOON)

    await writer.run(erase)
    assert not await writer.run(lambda conn: directs.is_bare(conn, "matrix", ALONE))
    assert await writer.run(lambda conn: routed(conn, "matrix", said())) == said()


async def test_another_room_is_none_with_one_person(writer: Writer) -> None:
    for room in (TEAM, "!never"):
        assert not await writer.run(lambda conn, room=room: directs.is_bare(conn, "matrix", room))  # type: ignore[misc]
