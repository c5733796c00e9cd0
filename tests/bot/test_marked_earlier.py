"""✍️ on a message that the coach does not remember: it is looked up, that room waits a minute for it, and no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import coach, lookups
from bot.transports.base import Deferred
from storage.errors import Unwritable
from storage.writer import T, Work, Writer
from tests.bot.outgoing import DEADLINE
from tests.bot.served_rooms import ANNA, BAS, Rooms

FROM_BAS = "Jeugdhulp dichtbij"


@pytest.fixture
async def team(path: Path) -> AsyncIterator[Rooms]:
    """A chat with two started rooms of two; lookups are answered only once `answering` is set."""
    team = await Rooms(path).start()
    await team.group("!a")
    await team.group("!b")
    team.chat.answering.clear()
    yield team
    await team.stop()


def asks_to_send_again(team: Rooms, room: str) -> bool:
    return "opnieuw" in team.said(room)[-1].text.lower()


async def answered(team: Rooms) -> None:
    team.chat.answering.set()
    await team.looked_up()


async def test_the_text_is_looked_up_and_taken(team: Rooms) -> None:
    team.chat.answers["!a", "$old"] = [team.earlier("!a", "$old", FROM_BAS)]
    await team.receive(team.sign("!a", "$old"))
    assert await team.texts("!a") == []
    await answered(team)
    assert await team.texts("!a") == [FROM_BAS]
    (item,) = (await team.snapshot("!a")).item.values()
    assert (item.author, item.event) == (BAS.id, "$old")
    assert team.chat.asked == [("!a", "$old")]


async def test_that_room_waits_and_the_others_go_on(team: Rooms) -> None:
    team.chat.answers["!a", "$old"] = [team.earlier("!a", "$old", FROM_BAS)]
    await team.receive(team.sign("!a", "$old"), team.message("!a", "!antwoord Tweede", BAS))
    await team.receive(team.message("!b", "!antwoord Van hier"), team.message("!a", "!antwoord Derde", BAS))
    assert await team.texts("!b") == ["Van hier"]
    assert await team.texts("!a") == []
    assert [state for _, state in await team.inbox()][-4:] == [0, 0, 1, 0]
    await answered(team)
    assert await team.texts("!a") == [FROM_BAS, "Tweede", "Derde"]
    assert team.chat.asked == [("!a", "$old")]


async def test_more_than_a_commit_of_waiting_turns_holds_up_no_other_room(team: Rooms) -> None:
    team.chat.answers["!a", "$old"] = [team.earlier("!a", "$old", FROM_BAS)]
    await team.receive(team.sign("!a", "$old"), *(team.message("!a", f"!antwoord {n}") for n in range(60)))
    await team.receive(team.message("!b", "!antwoord Van hier"))
    assert await team.texts("!b") == ["Van hier"]
    await answered(team)
    assert await team.texts("!a") == [FROM_BAS, *(str(n) for n in range(60))]


async def test_a_message_that_is_not_there_any_more_is_asked_for_again(team: Rooms) -> None:
    team.chat.answers["!a", "$old"] = [None]
    await team.receive(team.sign("!a", "$old"), team.message("!a", "!antwoord Tweede", BAS))
    await answered(team)
    assert await team.texts("!a") == ["Tweede"]
    assert any("opnieuw" in say.text for say in team.said("!a"))


async def test_after_a_minute_the_room_goes_on_without_it(team: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lookups.LONGEST_FETCH == 60
    monkeypatch.setattr(lookups, "LONGEST_FETCH", 0)
    await team.receive(team.sign("!a", "$old"))
    await team.looked_up()  # without an answer
    assert asks_to_send_again(team, "!a")
    assert await team.texts("!a") == []


async def test_while_the_homeserver_cannot_help_it_goes_on_trying(team: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "FETCH_AGAIN", 0)
    found = team.earlier("!a", "$old", FROM_BAS)
    team.chat.answers["!a", "$old"] = [Deferred(), Deferred(1e-9), found]
    await team.receive(team.sign("!a", "$old"))
    await answered(team)
    assert await team.texts("!a") == [FROM_BAS]
    assert len(team.chat.asked) == 3


async def test_a_lookup_that_fails_by_a_fault_of_ours_lets_the_room_go_on(team: Rooms) -> None:
    team.chat.answers["!a", "$old"] = [RuntimeError("by a test")]
    await team.receive(team.sign("!a", "$old"))
    (task,) = team.coach._lookups.tasks
    team.chat.answering.set()
    async with asyncio.timeout(DEADLINE):
        await task  # logged, and the room goes on
    await team.receive(team.message("!a", "!antwoord Verder", BAS))
    assert await team.texts("!a") == ["Verder"]


async def test_two_marks_are_looked_up_one_after_the_other_in_their_order(team: Rooms) -> None:
    for name in ("$1", "$2"):
        team.chat.answers["!a", name] = [team.earlier("!a", name, f"tekst {name}")]
    await team.receive(team.sign("!a", "$1"), team.sign("!a", "$2"))
    await answered(team)
    await team.looked_up()
    assert await team.texts("!a") == ["tekst $1", "tekst $2"]
    assert team.chat.asked == [("!a", "$1"), ("!a", "$2")]


async def test_two_rooms_wait_each_for_its_own(team: Rooms) -> None:
    for room in ("!a", "!b"):
        team.chat.answers[room, "$old"] = [team.earlier(room, "$old", f"tekst {room}")]
        await team.receive(team.sign(room, "$old"))
    await answered(team)
    assert [await team.texts(room) for room in ("!a", "!b")] == [["tekst !a"], ["tekst !b"]]


async def test_a_message_that_is_remembered_is_not_looked_up(team: Rooms) -> None:
    await team.receive(team.message("!a", FROM_BAS, BAS))
    await team.receive(team.sign("!a", team.event))
    assert await team.texts("!a") == [FROM_BAS]
    assert team.chat.asked == []


@pytest.mark.parametrize(("key", "removed"), [("❌", False), ("✍️", True), ("👀", False)])
async def test_only_a_mark_that_takes_is_looked_up(team: Rooms, key: str, removed: bool) -> None:
    await team.receive(team.sign("!a", "$old", key, removed=removed))
    assert team.chat.asked == []
    assert not team.coach._lookups.tasks


async def test_a_mark_in_another_skin_is_the_same_mark(team: Rooms) -> None:
    team.chat.answers["!a", "$old"] = [team.earlier("!a", "$old", FROM_BAS)]
    await team.receive(team.sign("!a", "$old", "✍🏽"))
    await answered(team)
    assert await team.texts("!a") == [FROM_BAS]


async def test_a_message_under_a_left_question_belongs_to_that_question(team: Rooms) -> None:
    question = team.asked("!a")
    await team.receive(team.message("!a", "!antwoord Eerst", BAS), team.message("!a", "!verder"))
    old = team.earlier("!a", "$old", FROM_BAS)
    team.chat.answers["!a", "$old"] = [type(old)("!a", "$old", old.at, BAS.id, FROM_BAS, question)]
    await team.receive(team.sign("!a", "$old"))
    await answered(team)
    assert await team.texts("!a", "pilot.naam") == ["Eerst", FROM_BAS]


async def test_a_mark_that_waited_at_the_end_is_looked_up_at_the_next_start(team: Rooms, path: Path) -> None:
    await team.receive(team.sign("!a", "$old"), team.message("!a", "!antwoord Tweede", BAS))
    await team.stop()
    team.chat.answers["!a", "$old"] = [team.earlier("!a", "$old", FROM_BAS)]
    await team.start()
    await answered(team)
    assert await team.texts("!a") == [FROM_BAS, "Tweede"]


async def test_where_a_chat_can_look_nothing_up_it_is_asked_for_at_once(path: Path) -> None:
    team = await Rooms(path, fetches=False).start()
    await team.group("!a")
    await team.receive(team.sign("!a", "$old"))
    assert asks_to_send_again(team, "!a")
    assert (team.chat.asked, team.coach._lookups.tasks) == ([], [])
    await team.stop()


async def test_no_text_that_was_looked_up_and_not_taken_is_stored(team: Rooms) -> None:
    team.chat.answers["!a", "$old"] = [team.earlier("!a", "$old", "GEHEIM " * 3000)]  # too long to take
    await team.receive(team.sign("!a", "$old"))
    await answered(team)
    assert await team.texts("!a") == []
    assert not any(b"GEHEIM" in file.read_bytes() for file in team.path.parent.iterdir())


@pytest.mark.parametrize("ago", [{"hours": 23}, {"days": 1, "hours": 1}, {"days": 30}])
async def test_a_message_is_taken_however_long_ago_it_was(team: Rooms, ago: dict[str, float]) -> None:
    team.chat.answers["!a", "$old"] = [team.earlier("!a", "$old", FROM_BAS, **ago)]
    await team.receive(team.sign("!a", "$old"))
    await answered(team)
    assert await team.texts("!a") == [FROM_BAS]


# Who is in the room, while its turns wait -------------------------------------------------------------------------


async def alone_and_held(team: Rooms) -> None:
    """A room of Anna alone, started, that waits for a text."""
    await team.group("!one", ANNA)
    await team.receive(team.sign("!one", "$old"))
    assert team.coach._lookups.tasks


async def captured(team: Rooms) -> bool:
    """Whether a plain message of Anna is for the coach."""
    await team.receive(team.message("!one", "gewoon gepraat"))
    return team.event in [event for event, _ in await team.inbox()]


async def test_who_came_in_is_counted_though_the_turn_of_it_waits(team: Rooms) -> None:
    await alone_and_held(team)
    await team.receive(team.people("!one", ANNA, BAS))
    assert not await captured(team)


async def test_within_one_delivery_who_came_in_is_counted_from_there_on(team: Rooms) -> None:
    await alone_and_held(team)
    before, people = team.message("!one", "alleen"), team.people("!one", ANNA, BAS)
    after = team.message("!one", "samen")
    await team.receive(before, people, after)
    events = [event for event, _ in await team.inbox()]
    assert (before.id in events, after.id in events) == (True, False)


async def test_who_left_is_not_counted_though_the_turn_of_it_waits(team: Rooms) -> None:
    await team.group("!one", ANNA, BAS)
    await team.receive(team.sign("!one", "$old"))
    await team.receive(team.people("!one", ANNA))
    assert await captured(team)


async def test_without_a_waiting_turn_the_rows_say_who_is_there(team: Rooms) -> None:
    await team.group("!one", ANNA)
    assert await captured(team)
    await team.receive(team.people("!one", ANNA, BAS))
    assert not await captured(team)


class Refusing(Exception):
    """What a transaction is broken off by."""


def refuse(conn: object) -> None:
    raise Refusing


async def test_who_came_in_by_what_was_rolled_back_is_not_counted(team: Rooms) -> None:
    await alone_and_held(team)
    with pytest.raises(Refusing):
        await team.receive(team.people("!one", ANNA, BAS), also=refuse)
    assert await captured(team)


async def test_a_rollback_forgets_nobody_who_came_in_before(team: Rooms) -> None:
    await alone_and_held(team)
    await team.receive(team.people("!one", ANNA, BAS))
    with pytest.raises(Refusing):
        await team.receive(team.message("!one", "!vraag"), also=refuse)
    assert not await captured(team)


async def test_a_disk_that_refuses_meanwhile_costs_nothing(team: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is somebody asked to say it again, nor does the turn that follows, for which nobody waits, go unheard."""
    monkeypatch.setattr(lookups, "FETCH_AGAIN", 0.001)
    monkeypatch.setattr(coach, "AGAIN", 0.001)
    run, refusals = Writer.run, iter([True, False, True])

    async def refuse(self: Writer, work: Work[T]) -> T:
        if next(refusals, False):
            raise Unwritable("no space")
        return await run(self, work)

    team.chat.answers["!a", "$old"] = [team.earlier("!a", "$old", FROM_BAS)]
    await team.receive(team.sign("!a", "$old"))
    monkeypatch.setattr(Writer, "run", refuse)  # the memory is refused, then kept; the turn is refused
    await answered(team)
    assert next(refusals, None) is None
    await team.receive(team.message("!b", "!acties"))
    assert await team.texts("!a") == [FROM_BAS]
