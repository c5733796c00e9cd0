"""What happens to the coach itself: put out of a room and back, a room that goes on as another, its own messages that
come by, signs that are taken off by their own id."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.transports.base import Deferred
from storage import rooms
from tests.bot.served_rooms import ANNA, BAS, COR, Rooms


@pytest.fixture
async def team(path: Path) -> AsyncIterator[Rooms]:
    """A chat with a started room of two."""
    team = await Rooms(path).start()
    await team.group("!a")
    yield team
    await team.stop()


# Out and in -------------------------------------------------------------------------------------------------------


async def test_what_it_has_to_say_waits_where_it_was_put_out(team: Rooms) -> None:
    count = len(team.said("!a"))
    await team.receive(team.message("!a", "!antwoord Zaterdag"), team.put_out("!a"))
    assert len(team.chat.posted) == count  # the answer to it was not posted
    assert await team.texts("!a") == ["Zaterdag"]
    await team.group("!b")
    assert team.said("!b")


async def test_back_in_the_room_it_goes_on_where_it_was_without_a_second_welcome(team: Rooms) -> None:
    await team.receive(team.put_out("!a"), team.message("!a", "!vraag"))
    before = team.said("!a")
    await team.receive(team.people("!a", ANNA, BAS))
    after = team.said("!a")[len(before) :]
    assert [say.kind for say in after] == ["question"]
    assert [say.kind for say in team.said("!a")].count("welcome") == 1
    await team.receive(team.message("!a", "!antwoord Zaterdag"))
    assert await team.texts("!a") == ["Zaterdag"]


async def test_it_stays_out_over_a_restart(team: Rooms) -> None:
    await team.receive(team.put_out("!a"), team.message("!a", "!vraag"))
    count = len(team.chat.posted)
    await team.stop()
    await team.start()
    await team.receive(team.message("!a", "!vraag"))
    assert len(team.chat.posted) == count
    await team.receive(team.people("!a", ANNA, BAS))
    assert len(team.chat.posted) > count


async def test_put_out_of_a_room_that_it_never_knew_is_nothing(team: Rooms) -> None:
    await team.receive(team.put_out("!elsewhere"))
    assert await team.query("SELECT external FROM room") == [("!a",)]


async def test_another_room_of_that_name_in_another_chat_is_not_parked(team: Rooms) -> None:
    await team.writer.run(lambda conn: rooms.ensure(conn, "console", "!a"))
    await team.receive(team.put_out("!a"))
    assert await team.query("SELECT transport, parked FROM room ORDER BY id") == [("matrix", 1), ("console", 0)]


# On to another room -----------------------------------------------------------------------------------------------


async def test_a_room_that_goes_on_as_another_takes_everything_along(team: Rooms) -> None:
    await team.receive(team.message("!a", "!antwoord Zaterdag"), team.moved("!a", "!new"))
    await team.receive(team.message("!new", "!antwoord Zondag", BAS))
    assert await team.texts("!new") == ["Zaterdag", "Zondag"]
    assert await team.query("SELECT external FROM room") == [("!new",)]
    assert [say.kind for say in team.said("!new")].count("welcome") == 0


async def test_what_waited_for_the_old_room_is_said_in_the_new_one(team: Rooms) -> None:
    await team.receive(team.put_out("!a"), team.message("!a", "!vraag"))
    await team.receive(team.moved("!a", "!new"), team.people("!new", ANNA, BAS))
    assert [say.kind for say in team.said("!new")] == ["question"]


async def test_people_of_the_new_room_are_those_who_are_counted(team: Rooms) -> None:
    await team.receive(team.moved("!a", "!new"), team.people("!new", ANNA))
    await team.receive(team.message("!new", "Zaterdag"))
    assert await team.texts("!new") == ["Zaterdag"]


async def test_a_message_in_the_new_room_can_be_marked(team: Rooms) -> None:
    await team.receive(team.moved("!a", "!new"), team.people("!new", ANNA, BAS))
    await team.receive(team.message("!new", "Zaterdag", BAS))
    team.chat.answers["!a", team.event] = [None]  # where nobody is any more
    await team.receive(team.sign("!new", team.event))
    await team.looked_up()
    assert await team.texts("!new") == ["Zaterdag"]


async def test_a_room_goes_on_as_none_that_the_coach_knows_already(team: Rooms) -> None:
    await team.group("!b", ANNA, COR)
    await team.receive(team.moved("!a", "!b"), team.moved("!elsewhere", "!new"))
    assert await team.query("SELECT external FROM room ORDER BY id") == [("!a",), ("!b",)]


# Its own messages -------------------------------------------------------------------------------------------------


async def test_its_own_message_is_known_when_it_comes_by_before_the_answer_to_sending_it(team: Rooms) -> None:
    team.chat.faults["!a"] = [Deferred(3600)]
    await team.receive(team.message("!a", "!vraag"))
    row = team.chat.posted[-1]  # posted, and the coach doesn't know
    await team.receive(team.posted("!a", "$unknown", row.key))
    (found,) = await team.query('SELECT external FROM message WHERE "key" = ?', row.key)
    assert found == ("$unknown",)
    await team.receive(team.message("!a", "een antwoord", BAS, reply_to="$unknown"))
    assert team.event in [event for event, _ in await team.inbox()]


async def test_a_key_that_it_did_not_use_is_nothing(team: Rooms) -> None:
    before = await team.query("SELECT * FROM message")
    await team.receive(team.posted("!a", "$x", "f" * 40), team.posted("!b", "$x", "f" * 40))
    assert await team.query("SELECT * FROM message") == before
    assert await team.query("SELECT external FROM room") == [("!a",)]


async def test_its_own_message_in_another_room_is_not_that_one(team: Rooms) -> None:
    await team.group("!b")
    key = team.chat.posted[-1].key
    await team.query('UPDATE message SET external = NULL WHERE "key" = ?', key)
    await team.receive(team.posted("!a", "$x", key))
    assert await team.query('SELECT external FROM message WHERE "key" = ?', key) == [(None,)]


# Signs that are taken off by their own id ---------------------------------------------------------------------------


async def vote(team: Rooms) -> str:
    """Anna votes with a sign; the id of it."""
    await team.receive(team.message("!a", "!ga impact.status"))
    await team.receive(team.sign("!a", team.asked("!a"), "🟢"))
    assert await team.votes("!a") == 1
    return team.event


@pytest.mark.parametrize("by", [ANNA, BAS])
async def test_a_sign_whose_id_is_removed_is_taken_off_for_its_owner(team: Rooms, by: object) -> None:
    event = await vote(team)
    await team.receive(team.sign("!a", team.asked("!a"), "🟠", COR))
    await team.receive(team.removal("!a", event, by))  # type: ignore[arg-type]
    assert [one.member for one in (await team.snapshot("!a")).vote.values()] == [COR.id]
    assert await team.query("SELECT count(*) FROM sign WHERE event = ?", event) == [(0,)]


async def test_a_sign_is_taken_off_after_a_restart_too(team: Rooms) -> None:
    event = await vote(team)
    await team.stop()
    await team.start()
    await team.receive(team.removal("!a", event))
    assert await team.votes("!a") == 0


async def test_a_sign_that_is_taken_off_in_another_room_stays(team: Rooms) -> None:
    event = await vote(team)
    await team.group("!b")
    await team.receive(team.removal("!b", event))
    assert await team.votes("!a") == 1


async def test_a_sign_that_is_put_and_taken_off_in_one_delivery_is_off(team: Rooms) -> None:
    await team.receive(team.message("!a", "!ga impact.status"))
    put = team.sign("!a", team.asked("!a"), "🟢")
    await team.receive(put, team.removal("!a", put.id))
    assert await team.votes("!a") == 0


async def test_a_delivery_that_comes_twice_changes_nothing(team: Rooms) -> None:
    await team.receive(team.message("!a", "!ga impact.status"))
    put = team.sign("!a", team.asked("!a"), "🟢")
    other = team.sign("!a", team.asked("!a"), "🟠", BAS)
    gone = team.removal("!a", put.id)
    await team.receive(put, other, gone)
    count = len(team.chat.posted)
    await team.receive(put, other, gone)
    assert await team.votes("!a") == 1
    assert len(team.chat.posted) == count


async def test_a_mark_that_is_taken_off_takes_its_answer_back(team: Rooms) -> None:
    await team.receive(team.message("!a", "Zaterdag", BAS))
    await team.receive(team.sign("!a", team.event))
    assert await team.texts("!a") == ["Zaterdag"]
    await team.receive(team.removal("!a", team.event))
    assert await team.texts("!a") == []


async def test_a_sign_that_is_nothing_to_the_coach_is_not_kept(team: Rooms) -> None:
    await team.receive(team.message("!a", "gepraat", BAS))
    await team.receive(team.sign("!a", team.event, "👀"))
    assert await team.query("SELECT * FROM sign") == []


# A database that went back ----------------------------------------------------------------------------------------


async def test_an_answer_to_a_message_that_the_database_forgot_is_taken_all_the_same(tmp_path: Path) -> None:
    """It comes in one delivery with all that led to the message: that is done first."""
    before = await Rooms(tmp_path / "before.db").start()
    happened = [before.people("!a", ANNA, BAS), before.message("!a", "!start")]
    for one in happened:
        await before.receive(one)
    (question,) = [row for row in before.chat.posted if getattr(row.effect, "kind", "") == "question"]
    await before.stop()

    after = await Rooms(tmp_path / "after.db").start()
    after.count = before.count
    event = f"$!a{question.effect.number}"  # the chat knows the key, and gives the same id again
    own = after.posted("!a", event, question.key)
    answer = after.message("!a", "Samen naar buiten", BAS, reply_to=event)
    await after.receive(*happened, own, answer)
    assert await after.texts("!a") == ["Samen naar buiten"]
    assert [row.key for row in after.chat.posted].count(question.key) == 1
    await after.stop()
