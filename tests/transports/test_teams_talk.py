"""Talking with the coach in Teams: cards, mentions, threads of a channel, one person alone; what comes again counts
once; after a restart it speaks by itself. Over real sockets, with Microsoft's side in another process.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from pathlib import Path

from flows.calendar.hours import local_moment
from flows.calendar.workdays import next_workday
from flows.conversation.marks import AGREE
from tests.chat import TEXTS
from tests.transports.teams_room import ANNA, BAS, BOT, CHAT, TeamsRoom, buttons, serving, values

THREAD, OTHER = "19:c@thread.tacv2;messageid=1", "19:c@thread.tacv2;messageid=2"
ALONE = "a:1"


async def begun(room: TeamsRoom, where: str = CHAT) -> dict[str, object]:
    """The coach is added, and somebody begins; the first question."""
    await room.members(where, ANNA, BAS)
    await room.bring(room.activity("conversationUpdate", room=where, membersAdded=[BOT]))
    welcome = await room.until_said("opschaalcoach", where)
    assert AGREE in values(welcome)
    await room.press(welcome, AGREE)
    return await room.until_said('"save"', where)


async def test_a_group_answers_on_cards_and_by_naming_the_coach(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        question = await begun(room)
        said = await room.press(question, "save", BAS, text="Wachtlijsten in de zorg")
        assert (said["statusCode"], said["value"]) == (200, TEXTS("card.received"))
        shown = await room.until_said("Wachtlijsten in de zorg")
        assert (shown["method"], shown["id"]) == ("PUT", question["id"])
        await room.say("antwoord: nog een punt")
        await room.until_said("nog een punt")
        before = len(await room.posted())
        await room.bring(room.activity(text="Zomaar gepraat"))  # not for the coach
        await room.say("verder")
        await room.until(before + 2)
        left = next(one for one in reversed(await room.posted()) if one["id"] == question["id"])
        assert values(left) == []
        await room.until_asked("SELECT 1 FROM member WHERE id = ? AND name = ?", "29:bas", "Bas")
        stored = json.dumps(room.rows("SELECT * FROM item") + room.rows("SELECT payload FROM inbox"))
        assert "gepraat" not in stored
        exported = await room.coach.export(CHAT)
        items = [item for step in exported["steps"].values() for item in step["items"]]
        assert next((item["text"], item["author"]) for item in items) == ("Wachtlijsten in de zorg", "Bas")


async def test_a_room_that_speaks_english_gets_its_cards_and_answers_so(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.say("!language en")
        question = await room.until_said("What is your pilot called")
        assert "Your answer" in json.dumps(question)
        said = await room.press(question, "save", BAS, text="Bus East")
        assert said["value"] == TEXTS.of("en")("card.received")
        await room.say("!goto ingredients.judgement")
        grid = await room.until_said("How does each ingredient stand")
        assert '"placeholder": "Choose"' in json.dumps(grid)
        assert "🟢 sufficient" in json.dumps(grid, ensure_ascii=False)


async def test_what_comes_again_counts_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        question = await begun(room)
        for _ in range(3):  # an invoke that comes again has another id
            await room.press(question, "save", BAS, text="Wachtlijsten")
        await room.until_said("Wachtlijsten")
        mention = {"type": "mention", "text": "<at>Opschaalcoach</at>", "mentioned": BOT}
        again = room.activity(text="<at>Opschaalcoach</at> !voorbeeld", entities=[mention])
        for _ in range(3):
            assert (await room.bring(again))[0] == 202
        await room.say("!privacy")
        await room.until_said("Wat ik bewaar")
        posted = [json.dumps(one["activity"], ensure_ascii=False) for one in await room.posted()]
        assert sum(TEXTS("example.head", head="") in text for text in posted) == 1
        assert len(room.rows("SELECT 1 FROM item")) == 1


async def test_who_is_alone_in_a_groups_chat_just_types_where_the_coach_gets_every_message(tmp_path: Path) -> None:
    async with serving(tmp_path, read_all=True) as room:
        await room.members(CHAT, ANNA)
        await room.bring(room.activity("conversationUpdate", membersAdded=[BOT]))
        await room.until_asked("SELECT 1 FROM room WHERE listed AND NOT shared")
        await room.bring(room.activity(text="!start"))
        await room.until_said('"save"')
        await room.bring(room.activity(text="Wachtlijsten"))
        await room.until_asked("SELECT 1 FROM item WHERE text = 'Wachtlijsten'")
        await room.members(CHAT, ANNA, BAS)
        await room.bring(room.activity("conversationUpdate", membersAdded=[BAS]))
        await room.until_asked("SELECT 1 FROM member WHERE name = 'Bas'")  # from now on it listens as in a group
        await room.bring(room.activity(text="Zomaar gepraat"))
        # A thread that somebody begins without the coach is not the coach's.
        await room.bring(room.activity(text="Onder ons", room=THREAD))
        await room.say("!acties")
        await room.until_said("acties")
        await room.settled()
        assert not room.rows("SELECT 1 FROM item WHERE text = 'Zomaar gepraat'")
        assert not await room.posted(THREAD)


async def test_every_thread_of_a_channel_is_a_room_of_its_own(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await room.bring(room.activity("conversationUpdate", room="19:c@thread.tacv2", membersAdded=[BOT]))
        await room.say("hallo", room=THREAD)
        await room.say("hallo", BAS, room=OTHER)
        for thread in (THREAD, OTHER):
            await room.until_said("opschaalcoach", thread)
        await room.settled()
        for thread in (THREAD, OTHER):  # who greets is welcomed, in words for a group, and told nothing else
            (welcome,) = await room.posted(thread)
            assert "begin je bericht met @coach" in json.dumps(welcome["activity"])
        assert not room.rows("SELECT 1 FROM room WHERE external = ?", "19:c@thread.tacv2")


async def test_who_is_alone_with_the_coach_just_types(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await room.bring(room.activity("installationUpdate", action="add", room=ALONE))
        await room.until_said("opschaalcoach", ALONE)
        await room.bring(room.activity(text="!start", room=ALONE))
        await room.until_said('"save"', ALONE)
        await room.bring(room.activity(text="Wachtlijsten", room=ALONE))
        await room.until_asked("SELECT 1 FROM item WHERE text = 'Wachtlijsten'")


async def test_after_a_restart_the_coach_speaks_by_itself(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.say("!actie memo schrijven @Bas morgen")
        await room.until_said("memo schrijven")
        assert await room.coach.stop() == 0
        past = 1_000_000 * 1_700_000_000
        with_writes = room.write("UPDATE timer SET due = ?", past)
        assert with_writes
        room.write("UPDATE action SET due = '2020-01-06', at = ?", past)
        room.write("UPDATE room SET hours = '00:00-23:59', last_at = ?", past)
        day = next_workday(datetime.now(UTC).date())
        await room.coach.start_at(local_moment(day, time(12), "Europe/Amsterdam"))
        reminder = await room.until_said("Acties van deze week")
        assert reminder["method"] == "POST"
        assert buttons(reminder)


async def test_what_was_taken_in_is_done_after_the_coach_was_killed(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        question = await begun(room)
        await room.press(question, "save", text="Wachtlijsten")
        await room.coach.kill()
        await room.coach.start()
        await room.until_said("Wachtlijsten")
        assert len(room.rows("SELECT 1 FROM item")) == 1
