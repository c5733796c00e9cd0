"""When Teams does not do as it should: too fast, gone, too large, cut off, silent. No message is said twice, none is
lost without a word, and an answer to one that may have been missed says so.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from flows.conversation.marks import AGREE
from tests.transports.teams_room import ANNA, BAS, BOT, CHAT, TeamsRoom, serving, values

MISSED = "misschien niet aangekomen"


async def begun(room: TeamsRoom) -> dict[str, object]:
    """The first question."""
    await room.members(CHAT, ANNA, BAS)
    await room.bring(room.activity("conversationUpdate", membersAdded=[BOT]))
    await room.press(await room.until_said("opschaalcoach"), AGREE)
    return await room.until_said('"save"')


def texts(posted: list[dict[str, object]]) -> list[str]:
    return [json.dumps(one["activity"], ensure_ascii=False) for one in posted if one["method"] == "POST"]


@pytest.mark.parametrize("status", [429, 412, 502, 504])
async def test_what_teams_did_not_take_is_posted_once_it_does(tmp_path: Path, status: int) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        no = {"method": "POST", "status": status, "headers": {"Retry-After": "1"}}
        await room.answers(no, no)
        await room.say("!privacy")
        await room.until_said("Wat ik bewaar")
        await room.say("!hulp")
        await room.until_said("!overzicht")
        said = texts(await room.posted())
        assert sum("Wat ik bewaar" in text for text in said) == 1
        assert not any(MISSED in text for text in said)


async def test_what_the_disk_does_not_take_is_a_fault_and_comes_again(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        said = room.mentioning("!actie memo schrijven @Bas 15 januari 2030")
        with contextlib.closing(sqlite3.connect(room.coach.db, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # for longer than the coach waits
            assert (await room.bring(said))[0] == 503
        assert not room.rows('SELECT 1 FROM "action"')
        for _ in range(2):
            assert (await room.bring(said))[0] == 202
        await room.until_said("memo schrijven")
        await room.settled()
        assert room.rows('SELECT text, owner FROM "action"') == [("memo schrijven", BAS["id"])]


@pytest.mark.parametrize("fault", [{"cut": True}, {"status": 500}])
async def test_what_may_have_arrived_is_not_said_again_and_the_next_message_tells(
    tmp_path: Path, fault: dict[str, object]
) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.answers({"method": "POST", "taken": True, **fault})
        await room.say("!privacy")
        await room.until_said("Wat ik bewaar")
        await room.until_asked("SELECT 1 FROM once WHERE name LIKE 'doubt:%'")
        await room.say("!hulp")
        told = await room.until_said(MISSED)
        await room.say("!acties")
        await room.until_said("acties", CHAT)
        said = texts(await room.posted())
        assert sum("Wat ik bewaar" in text for text in said) == 1
        assert sum(MISSED in text for text in said) == 1
        assert "nummer" in json.dumps(told["activity"], ensure_ascii=False)


async def test_a_button_counts_on_a_message_whose_answer_never_came(tmp_path: Path) -> None:
    """The card is known by its key."""
    async with serving(tmp_path) as room:
        await room.members(CHAT, ANNA, BAS)
        await room.answers({"method": "POST", "taken": True, "cut": True})
        await room.bring(room.activity("conversationUpdate", membersAdded=[BOT]))
        welcome = await room.until_said("opschaalcoach")
        await room.until_asked("SELECT 1 FROM once WHERE name LIKE 'doubt:%'")
        await room.press(welcome, AGREE)
        question = await room.until_said('"save"')
        assert MISSED in json.dumps(question["activity"], ensure_ascii=False)


async def test_silence_is_waited_out_and_other_conversations_go_on(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.answers({"method": "POST", "silent": True})
        await room.say("!privacy")
        await room.until_said("Wat ik bewaar")  # taken, and never answered
        await room.say("hallo", room="19:other@thread.v2")
        await room.until_said("opschaalcoach", "19:other@thread.v2")
        await room.until_asked("SELECT 1 FROM once WHERE name LIKE 'doubt:%'")
        await room.release()
        await room.say("!hulp")
        await room.until_said(MISSED)
        assert sum("Wat ik bewaar" in text for text in texts(await room.posted())) == 1


async def test_a_coach_that_was_killed_while_it_posted_does_not_post_that_again(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.answers({"method": "POST", "silent": True})
        await room.say("!privacy")
        await room.until_said("Wat ik bewaar")
        await room.coach.kill()
        await room.release()
        await room.coach.start()
        await room.until_asked("SELECT 1 FROM once WHERE name LIKE 'doubt:%'")
        await room.say("!hulp")
        await room.until_said(MISSED)
        assert sum("Wat ik bewaar" in text for text in texts(await room.posted())) == 1


async def test_what_was_posted_after_a_backup_is_not_posted_again_once_that_is_put_back(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.answers({"method": "POST", "status": 429, "headers": {"Retry-After": "10"}})
        await room.say("!privacy")
        await room.until_asked("SELECT 1 FROM outbox WHERE state = 0 AND attempts > 0")
        backup, db = str(tmp_path / "backup.db"), str(room.coach.db)
        assert (await room.coach.command("backup", "--db", db, "--out", backup))[0] == 0
        with contextlib.closing(sqlite3.connect(backup)) as conn:
            assert conn.execute("SELECT count(*) FROM outbox WHERE state = 0").fetchone() == (1,)
        await room.settled()  # the coach goes on, and posts it
        await room.coach.kill()
        assert (await room.coach.command("restore", "--from", backup, "--db", db))[0] == 0
        await room.coach.start()
        await room.until_asked("SELECT 1 FROM once WHERE name LIKE 'doubt:%'")
        await room.say("!hulp")
        await room.until_said(MISSED)
        assert sum("Wat ik bewaar" in text for text in texts(await room.posted())) == 1


async def test_a_room_that_put_the_coach_out_waits_until_it_is_back(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.answers({"method": "POST", "status": 403})
        await room.say("!privacy")
        await room.until_asked("SELECT 1 FROM room WHERE parked = 1")
        before = len(await room.posted())
        await room.say("hallo", room="19:other@thread.v2")
        await room.until_said("opschaalcoach", "19:other@thread.v2")
        assert len(await room.posted()) == before
        assert await room.coach.stop() == 0
        await room.coach.start()
        await room.bring(room.activity("conversationUpdate", membersAdded=[BOT]))
        await room.until_said("Wat ik bewaar")
        assert not room.rows("SELECT 1 FROM room WHERE parked = 1")


async def test_what_is_too_large_is_set_aside_and_the_room_goes_on(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.answers({"method": "POST", "status": 413})
        await room.say("!privacy")
        await room.say("!hulp")
        await room.until_said("!overzicht")
        assert not any("Wat ik bewaar" in text for text in texts(await room.posted()))


@pytest.mark.parametrize("how", ["empty", "placeholder"])
async def test_an_answer_without_an_id_leaves_none(tmp_path: Path, how: str) -> None:
    async with serving(tmp_path) as room:
        await room.members(CHAT, ANNA, BAS)
        await room.answers({"method": "POST", how: True})
        await room.bring(room.activity("conversationUpdate", membersAdded=[BOT]))
        welcome = await room.until_said("opschaalcoach")
        await room.press(welcome, AGREE)
        await room.until_said('"save"')
        assert room.rows("SELECT external FROM message WHERE number = 1") == [(None,)]


async def test_a_change_may_be_made_again(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        question = await begun(room)
        await room.answers({"method": "PUT", "taken": True, "cut": True}, {"method": "PUT", "status": 500})
        await room.press(question, "save", text="Wachtlijsten")
        await room.settled()
        await room.say("!hulp")
        await room.until_said("!overzicht")
        assert not any(MISSED in text for text in texts(await room.posted()))
        latest = [one for one in await room.posted() if one["method"] == "PUT"][-1]
        assert "save" in values(latest)
