"""Floods: what comes too fast waits, its sender is told once, nobody else is held up, and nothing is lost.

Two bots that answer each other go round slower and slower.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.pace import LONGEST_REST, MINUTE, ROOM_TIMES, Pace
from bot.transports.base import Change, Message, Press, Sign
from flows.export import as_json
from storage import inbox
from tests.bot.served_rooms import ANNA, BAS, COR, Rooms
from tests.chat import BOOK, TEXTS

MOST = 10
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CALM = "Rustig aan"


@pytest.fixture
async def team(path: Path) -> AsyncIterator[Rooms]:
    """A chat with two started rooms of three, where ten messages a minute are taken of a person."""
    team = await Rooms(path, pace=MOST).start()
    for room in ("!a", "!b"):
        await team.group(room, ANNA, BAS, COR)
    team.clock.at += 2 * MINUTE
    yield team
    await team.stop()


def burst(team: Rooms, count: int, room: str = "!a", by: object = ANNA) -> list[Message]:
    """Answers of one person, all sent at this moment."""
    team.count += 1
    sender = getattr(by, "id", "")
    return [
        Message(room, f"b{team.count}-{place}", team.clock.at, sender, f"!antwoord wijk {team.count}-{place}")
        for place in range(count)
    ]


def calmed(team: Rooms, room: str = "!a") -> list[str | None]:
    """Whom it asked to slow down: the messages that it answered."""
    return [say.reply_to for say in team.said(room) if CALM in say.text]


async def all_of(team: Rooms) -> list[str]:
    """The answers in room !a, once everything that waits was given its time."""
    for _ in range(100):
        if not [state for _, state in await team.inbox() if state == 0]:
            break
        await team.wake()
    return await team.texts("!a")


async def test_what_comes_too_fast_waits_and_comes_in_its_order(team: Rooms) -> None:
    sent = burst(team, 3 * MOST)
    await team.receive(*sent)
    assert len(await team.texts("!a")) == MOST
    assert await all_of(team) == [one.text.removeprefix("!antwoord ") for one in sent]
    assert calmed(team) == [sent[MOST].id]


async def test_a_second_flood_is_answered_again(team: Rooms) -> None:
    await team.receive(*burst(team, 2 * MOST))
    await all_of(team)
    team.clock.at += 5 * MINUTE
    await team.receive(*burst(team, 2 * MOST))
    await all_of(team)
    assert len(calmed(team)) == 2


async def test_another_in_the_room_is_not_held_up(team: Rooms) -> None:
    await team.receive(*burst(team, 2 * MOST))
    await team.receive(team.message("!a", "!antwoord van Bas", BAS))
    assert (await team.texts("!a"))[MOST:] == ["van Bas"]


async def test_another_room_is_not_held_up(team: Rooms) -> None:
    await team.receive(*burst(team, 20 * MOST))
    await team.receive(team.message("!b", "!antwoord elders", ANNA), team.message("!b", "!antwoord ook", BAS))
    assert await team.texts("!b") == ["elders", "ook"]


async def test_nothing_is_lost_by_a_restart_and_nobody_is_told_twice(team: Rooms) -> None:
    sent = burst(team, 4 * MOST)
    await team.receive(*sent)
    await team.stop()
    await team.start()
    assert await all_of(team) == [one.text.removeprefix("!antwoord ") for one in sent]
    assert len(calmed(team)) == 1


async def test_a_backlog_of_quiet_hours_is_no_flood(team: Rooms) -> None:
    team.clock.at += timedelta(hours=1)
    slow = [
        Message("!a", f"q{place}", team.clock.at - place * MINUTE, ANNA.id, f"!antwoord rustig {place}")
        for place in range(3 * MOST, 0, -1)
    ]
    await team.receive(*slow)
    assert len(await team.texts("!a")) == 3 * MOST
    assert calmed(team) == []


async def test_edits_signs_and_buttons_count_as_messages_do(team: Rooms) -> None:
    (first,) = burst(team, 1)
    await team.receive(first)
    at, question = team.clock.at, team.asked("!a")
    key = next(row.key for row in team.chat.posted if f"${row.external_room}{row.effect.number}" == question)  # type: ignore[union-attr]
    await team.receive(*(Change("!a", f"c{one}", at, ANNA.id, first.id, f"!antwoord anders {one}") for one in range(4)))
    await team.receive(*(Sign("!a", f"s{one}", at, ANNA.id, question, "🎉") for one in range(4)))
    await team.receive(*(Press("!a", f"p{one}", at, ANNA.id, key, "why") for one in range(4)))
    waiting = [event for event, state in await team.inbox() if state == 0]
    assert waiting == ["p1", "p2", "p3"]
    await all_of(team)
    assert [event for event, state in await team.inbox() if state != 1] == []
    assert await team.texts("!a") == ["anders 3"]


async def test_a_sign_on_a_message_that_waits_comes_after_it(team: Rooms) -> None:
    sent = burst(team, MOST + 2)
    await team.receive(*sent)
    await team.receive(team.sign("!a", sent[-1].id, "❌", BAS))
    texts = await all_of(team)
    assert texts == [one.text.removeprefix("!antwoord ") for one in sent[:-1]]


async def test_a_message_that_is_removed_while_it_waits_is_never_taken(team: Rooms) -> None:
    sent = burst(team, MOST + 2)
    await team.receive(*sent)
    await team.receive(team.removal("!a", sent[-1].id))
    assert sent[-1].text.removeprefix("!antwoord ") not in await all_of(team)


async def test_moments_that_somebody_made_up_in_the_past_do_not_help(team: Rooms) -> None:
    began = team.clock.at - timedelta(days=9000)
    odd = [
        Message("!a", f"o{place}", began + place * MINUTE, COR.id, f"!antwoord los {place}")
        for place in range(ROOM_TIMES * MOST + 5)
    ]
    await team.receive(*odd)
    assert len(await team.texts("!a")) == ROOM_TIMES * MOST
    await team.receive(team.message("!b", "!antwoord elders", BAS))
    assert await team.texts("!b") == ["elders"]
    assert len(await all_of(team)) == len(odd)


async def test_moments_that_somebody_made_up_in_the_future_do_not_block(team: Rooms) -> None:
    far = team.clock.at + timedelta(days=900_000)
    await team.receive(*(Message("!a", f"o{one}", far, COR.id, f"!antwoord los {one}") for one in range(MOST + 2)))
    assert await team.nap() <= 60
    assert len(await all_of(team)) == MOST + 2


async def test_a_bot_that_answers_everything_makes_it_ever_slower_and_stops_no_other_room(team: Rooms) -> None:
    began, said = team.clock.at, len(team.said("!a"))
    for turn in range(12 * MOST):
        if [state for _, state in await team.inbox() if state == 0]:
            await team.wake()
        else:
            who = (ANNA, BAS, COR)[turn % 3]
            await team.receive(Message("!a", f"loop{turn}", team.clock.at, who.id, "!hulp"))
    passed = team.clock.at - began
    assert len(team.said("!a")) - said > 5 * MOST
    assert passed > timedelta(minutes=30)
    await team.receive(team.message("!b", "!antwoord elders"))
    assert await team.texts("!b") == ["elders"]


async def test_who_waits_shortest_goes_on_first(team: Rooms) -> None:
    for turn in range(4 * MOST + 1):  # a room that rests ever longer
        if [state for _, state in await team.inbox() if state == 0]:
            await team.wake()
        await team.receive(Message("!b", f"h{turn}", team.clock.at, (ANNA, BAS, COR)[turn % 3].id, "!hulp"))
    assert await team.nap() > 60
    await team.receive(*burst(team, 2 * MOST))
    assert await team.nap() <= 60
    await team.wake()
    assert len(await team.texts("!a")) == 2 * MOST


def test_the_longest_rest_is_an_hour() -> None:
    pace, now, longest = Pace(1), NOW, timedelta()
    for _ in range(20):
        pace.said(7, 1, now)
        until = pace.room_until(7, now)
        assert until is not None
        longest, now = max(longest, until - now), until
    assert longest == LONGEST_REST


def test_a_room_that_went_slower_for_a_while_begins_anew() -> None:
    pace, now = Pace(1), NOW
    for _ in range(4):
        pace.said(7, 1, now)
        now = pace.room_until(7, now) or now
    now += 2 * MINUTE
    pace.said(7, 1, now)
    assert pace.room_until(7, now) == now + MINUTE


def test_what_is_remembered_is_bounded() -> None:
    pace, now = Pace(3), NOW
    for number in range(22_000):
        pace.done(number % 15_000, f"@{number}:x", now, now)
        pace.tell(number, f"@{number}:x", now, now)
        pace.said(number, 1, now)
        pace.room_until(number, now)
    assert len(pace) <= 5 * 10_000 * 3
    pace.done(1, "@a:x", now + 2 * MINUTE, now + 2 * MINUTE)
    assert len(pace._people) == 1


async def test_only_those_with_more_waiting_than_a_minute_holds_were_told(team: Rooms) -> None:
    await team.receive(*burst(team, 3 * MOST), *burst(team, MOST + 2, by=BAS))
    found = await team.writer.run(lambda conn: inbox.crowds(conn, "matrix", MOST))
    assert [sender for _, sender in found] == [ANNA.id]


@pytest.mark.parametrize("away", [timedelta(days=365 * 6000), timedelta(hours=3)])
async def test_what_was_sent_in_the_future_was_sent_now(team: Rooms, away: timedelta) -> None:
    sent = team.message("!a", "!antwoord straks", COR)
    now = team.clock.at
    await team.receive(Message(sent.room, sent.id, now + away, sent.sender, sent.text))
    canvas = as_json(BOOK, await team.snapshot("!a"), now, TEXTS.rhythm)
    (kept,) = canvas["steps"]["pilot.naam"]["items"]
    assert datetime.fromisoformat(kept["at"]) == now
