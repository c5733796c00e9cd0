"""What only one person may see, in Teams: in their own chat with the coach, never in the group, whatever fails; and
what else happens in that chat.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from flows.conversation.marks import AGREE
from tests.transports.teams_room import ANNA, BAS, BOT, CHAT, TeamsRoom, alone_with, buttons, serving

HERS, HIS = alone_with(ANNA), alone_with(BAS)
SECRET = "Buurtbus Noord"
HEAD, SENT, NOT_SENT = (
    "Wat ik over jou bewaar",
    "Ik stuur het je in een chat met mij alleen",
    "ik kan je niets apart sturen",
)
ONLY = "Dat bericht was alleen voor jou"
BLOCKED = {"status": 403, "code": "MessageWritesBlocked", "message": "Thread is blocked from message writes."}
NOT_THERE = {"status": 403, "code": "BotNotInConversationRoster"}
NOT_FOUND = {"status": 404, "code": "ConversationNotFound"}


async def begun(room: TeamsRoom, where: str = CHAT) -> None:
    """A pilot, of which Anna gave the name."""
    await room.members(where, ANNA, BAS)
    await room.bring(room.activity("conversationUpdate", room=where, membersAdded=[BOT]))
    await room.press(await room.until_said("opschaalcoach", where), AGREE)
    await room.press(await room.until_said('"save"', where), "save", ANNA, text=SECRET)
    await room.until_said(SECRET, where)
    await room.settled()


def texts(posted: list[dict[str, Any]]) -> list[str]:
    """What was said, of messages without a card."""
    return [one["activity"].get("text", "") for one in posted if one["method"] == "POST"]


async def said(room: TeamsRoom, where: str) -> str:
    return json.dumps([one["activity"] for one in await room.posted(where)], ensure_ascii=False)


async def test_what_is_kept_about_somebody_comes_in_their_own_chat_and_nowhere_else(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        before = len(await room.posted())
        await room.say("!mijngegevens")
        told = await room.until_said(HEAD, HERS)
        assert SECRET in told["activity"]["text"]
        assert "29:anna" in told["activity"]["text"]
        await room.until_said(SENT)
        await room.settled()
        (line,) = (await room.posted())[before:]
        assert SECRET not in json.dumps(line)
        assert HEAD not in await said(room, CHAT)
        (asked,) = await room.opened()
        assert asked == {
            "bot": {"id": BOT["id"]},
            "members": [{"id": ANNA["id"]}],
            "isGroup": False,
            "tenantId": "tenant",
            "channelData": {"tenant": {"id": "tenant"}},
        }
        assert room.rows("SELECT member, external, state FROM direct") == [(ANNA["id"], HERS, 1)]
        await room.coach.kill()
        await room.coach.start()
        await room.say("!mijngegevens")
        await room.until(2, HERS)
        assert len(await room.opened()) == 1  # it is known
        assert room.rows("SELECT external FROM room") == [(CHAT,)]


async def test_in_a_thread_of_a_channel_too_and_each_their_own(tmp_path: Path) -> None:
    thread = "19:c@thread.tacv2;messageid=1"
    async with serving(tmp_path) as room:
        await begun(room, thread)
        await room.say("!mijngegevens", ANNA, thread)
        await room.say("!mijngegevens", BAS, thread)
        await room.until_said(SECRET, HERS)
        await room.until_said(HEAD, HIS)
        assert SECRET not in await said(room, HIS)
        await room.settled()
        assert HEAD not in await said(room, thread)


@pytest.mark.parametrize("refused", [NOT_THERE, NOT_FOUND, {"status": 400, "code": "BadSyntax"}])
async def test_who_has_no_chat_with_the_coach_hears_what_to_do_and_can_ask_again(
    tmp_path: Path, refused: dict[str, Any]
) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.answers({"method": "OPEN", **refused})
        await room.say("!mijngegevens")
        told = await room.until_said(NOT_SENT)
        await room.settled()
        assert "Voeg mij in Teams toe" in told["activity"]["text"]
        assert "Gemeente Voorbeeld" in told["activity"]["text"]
        assert [one["mentioned"]["id"] for one in told["activity"]["entities"]] == [ANNA["id"]]
        assert sum(NOT_SENT in text for text in texts(await room.posted())) == 1
        assert HEAD not in await said(room, CHAT)
        assert await room.posted(HERS) == []
        await room.say("!hulp")
        await room.until_said("!overzicht")  # the group goes on
        await room.bring(room.activity("conversationUpdate", room=HERS, membersAdded=[BOT]))  # she adds the coach
        await room.until_said("opschaalcoach", HERS)
        await room.say("!mijngegevens")
        await room.until_said(SECRET, HERS)


@pytest.mark.parametrize("refused", [BLOCKED, NOT_FOUND])
async def test_who_blocked_the_coach_hears_what_to_do(tmp_path: Path, refused: dict[str, Any]) -> None:
    async with serving(tmp_path, public_address="https://coach.example.nl") as room:
        await begun(room)
        for number in range(9):  # so much that a file comes too
            await room.say(f"!actie klus {number} @Anna {number + 1} mei 2030")
        await room.settled()
        await room.answers({"method": "OPEN"}, *({"method": "POST", "room": HERS, **refused} for _ in range(2)))
        await room.say("!mijngegevens")
        await room.until_said(NOT_SENT)
        await room.settled()
        await room.until_asked("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE state = 3)")
        await room.settled()
        assert sum(NOT_SENT in text for text in texts(await room.posted())) == 1  # also of its file
        assert "klus 3" in json.dumps(room.rows("SELECT text FROM action"))
        assert await room.posted(HERS) == []
        assert "/files/" not in await said(room, CHAT)
        assert room.rows("SELECT state FROM direct") == [(2,)]
        assert not room.rows("SELECT 1 FROM room WHERE parked = 1")
        await room.say("!mijngegevens")
        await room.until_said(SECRET, HERS)
        assert room.rows("SELECT state FROM direct") == [(1,)]


@pytest.mark.parametrize("fault", [{"status": 429, "headers": {"Retry-After": "1"}}, {"status": 500}, {"cut": True}])
async def test_the_chat_is_asked_for_until_teams_gives_it(tmp_path: Path, fault: dict[str, Any]) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.answers({"method": "OPEN", **fault}, {"method": "OPEN", **fault})
        await room.say("!mijngegevens")
        await room.until_said(SECRET, HERS)
        await room.settled()
        assert len(await room.opened()) == 3
        assert len(await room.posted(HERS)) == 1
        assert NOT_SENT not in await said(room, CHAT)


async def test_a_chat_that_wants_quiet_gets_it(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        no = {"method": "POST", "room": HERS, "status": 429, "headers": {"Retry-After": "1"}}
        await room.answers(no, no)
        await room.say("!mijngegevens")
        await room.until_said(SECRET, HERS)
        await room.settled()
        assert len(await room.posted(HERS)) == 1


@pytest.mark.parametrize("fault", [{"cut": True}, {"status": 500}])
async def test_what_may_have_arrived_is_not_told_again(tmp_path: Path, fault: dict[str, Any]) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.answers({"method": "POST", "room": HERS, "taken": True, **fault})
        await room.say("!mijngegevens")
        await room.until_said(HEAD, HERS)
        await room.until_asked("SELECT 1 FROM once WHERE name LIKE 'doubt:%'")
        await room.say("!hulp")
        told = await room.until_said("misschien niet aangekomen")
        await room.settled()
        assert len(await room.posted(HERS)) == 1
        assert SECRET not in json.dumps(told, ensure_ascii=False)


async def test_all_of_it_is_a_file_for_that_person(tmp_path: Path) -> None:
    async with serving(tmp_path, public_address="https://coach.example.nl") as room:
        await begun(room)
        for number in range(9):
            await room.say(f"!actie klus {number} @Anna {number + 1} mei 2030")
        await room.settled()
        await room.say("!mijngegevens")
        link = await room.until_said("https://coach.example.nl/files/", HERS)
        assert "/files/" not in await said(room, CHAT)
        found = re.search(r"https://coach\.example\.nl(/files/[\w-]+)", link["activity"]["text"])
        assert found is not None
        async with room.session.get(f"http://127.0.0.1:{room.coach.port}{found[1]}") as answer:
            assert len(json.loads(await answer.text())["actions"]) == 9


async def test_without_a_place_for_files_who_has_much_hears_whom_to_ask(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        for number in range(9):
            await room.say(f"!actie klus {number} @Anna {number + 1} mei 2030")
        await room.settled()
        await room.say("!mijngegevens")
        told = await room.until_said(HEAD, HERS)
        assert "Alles zien? Vraag het aan Gemeente Voorbeeld" in told["activity"]["text"]


async def test_who_was_forgotten_is_asked_for_anew(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.say("!mijngegevens")
        await room.until_said(SECRET, HERS)
        await room.say("!vergeetmij")
        await room.until_said("Jou vergeten")
        await room.say("!vergeetmij ja")
        await room.until_asked("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM direct)")
        await room.settled()
        assert ANNA["id"] not in json.dumps(room.rows("SELECT recipient FROM message"))
        await room.say("!mijngegevens")
        await room.until(2, HERS)
        assert len(await room.opened()) == 2
        assert SECRET not in json.dumps((await room.posted(HERS))[1])  # it is the team's now


# That chat ------------------------------------------------------------------------------------------------------------


async def test_that_chat_is_no_pilot_until_somebody_begins_one_there(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.say("!mijngegevens")
        await room.until_said(HEAD, HERS)
        await room.bring(room.activity("conversationUpdate", room=HERS, membersAdded=[BOT]))
        await room.bring(room.activity("installationUpdate", room=HERS, action="add"))
        await room.bring(room.activity(room=HERS, text="Dank je wel"))
        await room.until_said(ONLY, HERS)
        await room.settled()
        assert len(await room.posted(HERS)) == 2  # no welcome, and no question
        assert room.rows("SELECT external FROM room") == [(CHAT,)]
        assert "Dank" not in json.dumps(room.rows("SELECT text FROM item"))
        await room.bring(room.activity(room=HERS, text="!mijngegevens"))
        await room.until(3, HERS)
        await room.settled()
        assert sum(SENT in text for text in texts(await room.posted())) == 1  # the group heard nothing of it
        await room.bring(room.activity(room=HERS, text="!start"))
        question = await room.until_said('"save"', HERS)
        await room.bring(room.activity(room=HERS, text="Mijn eigen pilot"))
        await room.until_asked("SELECT 1 FROM item WHERE text = 'Mijn eigen pilot'")
        assert buttons(question)
        assert room.rows("SELECT external FROM room ORDER BY id") == [(CHAT,), (HERS,)]


async def test_who_took_the_coach_out_and_comes_back_begins_as_anybody(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.say("!mijngegevens")
        await room.until_said(HEAD, HERS)
        await room.bring(room.activity("installationUpdate", room=HERS, action="remove"))
        await room.settled()
        assert room.rows("SELECT state FROM direct") == [(2,)]
        await room.bring(room.activity(room=HERS, text="Hallo daar"))
        await room.until_said("opschaalcoach", HERS)  # the welcome
        await room.settled()
        assert ONLY not in await said(room, HERS)


async def test_opening_that_chat_is_no_invitation(tmp_path: Path) -> None:
    """What Teams tells of a chat that the coach opened comes before anything was said in it."""
    async with serving(tmp_path) as room:
        await begun(room)
        await room.answers({"method": "POST", "room": HERS, "silent": True})
        await room.say("!mijngegevens")
        await room.until_asked("SELECT 1 FROM direct WHERE state = 1")
        assert not room.rows("SELECT 1 FROM message WHERE recipient = ? AND external IS NOT NULL", ANNA["id"])
        await room.bring(room.activity("conversationUpdate", room=HERS, membersAdded=[BOT]))
        await room.bring(room.activity("installationUpdate", room=HERS, action="add"))
        await room.release()
        await room.settled()
        assert room.rows("SELECT external FROM room") == [(CHAT,)]
        assert len(await room.posted(HERS)) == 1


async def test_where_the_group_was_erased_that_chat_is_as_any(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await begun(room, "19:other@thread.v2")
        await room.say("!mijngegevens")
        await room.until_said(HEAD, HERS)
        await room.settled()
        assert (await room.coach.command("erase", CHAT, "--db", str(room.coach.db), "--yes"))[0] == 0
        await room.bring(room.activity(room=HERS, text="Hallo daar"))
        await room.until_said("opschaalcoach", HERS)


async def test_a_pilot_alone_in_that_chat_goes_on_unhurt(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await room.members(HERS, ANNA)
        await room.bring(room.activity("conversationUpdate", room=HERS, membersAdded=[BOT]))
        await room.press(await room.until_said("opschaalcoach", HERS), AGREE)
        question = await room.until_said('"save"', HERS)
        await begun(room)
        await room.say("!mijngegevens")
        told = await room.until_said(SECRET, HERS)
        quoted = {"type": "quotedReply", "quotedReply": {"messageId": told["id"]}}
        text = f'<quoted messageId="{told["id"]}"/> Klopt niet helemaal'
        await room.bring(room.activity(room=HERS, text=text, entities=[quoted]))
        await room.until_said(ONLY, HERS)
        like = {"replyToId": told["id"], "reactionsAdded": [{"type": "like"}]}
        await room.bring(room.activity("messageReaction", room=HERS, **like))  # ✅, but to no question
        await room.settled()
        assert room.rows("SELECT text FROM item JOIN room ON room.id = item.room WHERE external = ?", HERS) == []
        assert "Klopt niet" not in json.dumps(room.rows("SELECT text FROM item"))
        shown = [one for one in await room.posted(HERS) if one["id"] == question["id"]][-1]
        await room.press(shown, "save", text="Mijn eigen pilot")
        await room.bring(room.activity(room=HERS, text="verder"))
        await room.until_said("Van wanneer tot wanneer", HERS)
        exported = await room.coach.export(HERS)
        assert exported["pilot"]["name"] == "Mijn eigen pilot"
        await room.bring(room.activity(room=HERS, text="!mijngegevens"))  # of this pilot
        own = await room.until_said("Mijn eigen pilot", HERS)
        assert own["activity"].get("text", "") == "" or SECRET not in own["activity"]["text"]
        assert (await room.coach.export(CHAT))["pilot"]["name"] == SECRET


async def test_who_comes_later_hears_how_it_stands_alone_or_else_in_the_room(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.say("!overzicht stand", BAS)
        await room.until_said("zo staat het ervoor", HIS)
        await room.settled()
        assert "zo staat het ervoor" not in await said(room, CHAT)
        await room.answers({"method": "OPEN", **NOT_THERE})
        await room.say("!overzicht stand", ANNA)
        await room.until_said("zo staat het ervoor")
