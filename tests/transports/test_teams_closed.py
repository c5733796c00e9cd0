"""A closed round in Teams: on the card, of which nobody sees who chose, or what; and what the database keeps of it.

Rule: over real sockets, with Microsoft's side in another process.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from flows.conversation.marks import AGREE
from tests.chat import TEXTS
from tests.transports.teams_room import ANNA, BAS, BOT, CHAT, TeamsRoom, buttons, serving, values

CEM = {"id": "29:cem", "name": "Cem"}
VOTE = "impact.status"


async def voting(room: TeamsRoom) -> dict[str, object]:
    """Three people, a closed round; its card."""
    await room.members(CHAT, ANNA, BAS, CEM)
    await room.bring(room.activity("conversationUpdate", membersAdded=[BOT]))
    await room.press(await room.until_said("opschaalcoach"), AGREE)
    await room.until_said('"save"')
    await room.until_asked("SELECT 1 FROM member WHERE id = ?", CEM["id"])
    await room.say("!instellingen gesloten aan")
    await room.until_said("Daarna laat ik alleen zien hoe vaak iets gekozen is")
    await room.say(f"!ga {VOTE}")
    return await room.until_said("Gesloten ronde: vul de kaart in")


def shown(posted: dict[str, object]) -> str:
    """What people see of something posted: without the names of buttons, and what stands behind them."""
    (attachment,) = posted["activity"]["attachments"]  # type: ignore[index]
    return json.dumps([one for one in attachment["content"]["body"] if one["type"] == "TextBlock"], ensure_ascii=False)


async def latest(room: TeamsRoom, card: dict[str, object]) -> dict[str, object]:
    return next(one for one in reversed(await room.posted()) if one["id"] == card["id"])


async def test_a_card_tells_nothing_until_the_last_choice_and_the_counts_then(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        card = await voting(room)
        before = shown(card)
        assert {"voldoende", "deels", "onvoldoende", "onbekend"} <= set(values(card))
        for who, words in ((ANNA, ("voldoende", "deels", "voldoende")), (BAS, ("onvoldoende",))):
            for word in words:  # what was chosen before can be chosen again
                said = await room.press(await latest(room, card), word, who)
                assert said["value"] == TEXTS("card.received")  # to who pressed, and to nobody else
                await room.settled()
        after = [one for one in await room.posted() if one["id"] == card["id"]]
        assert {shown(one) for one in after} == {before}
        assert room.rows("SELECT member, word FROM vote ORDER BY member") == [
            ("29:anna", "voldoende"), ("29:bas", "onvoldoende")
        ]  # fmt: skip
        await room.press(await latest(room, card), "onvoldoende", CEM)
        spread = await room.until_said("De meningen verschillen")
        await room.settled()
        left = (await latest(room, card))["activity"]
        assert "3 stemmen" in left["text"]  # type: ignore[index]
        told = json.dumps([spread["activity"], (await latest(room, card))["activity"]], ensure_ascii=False)
        assert not [one["name"] for one in (ANNA, BAS, CEM) if one["name"] in told]
        # What is kept of it: nothing, not even in what the presses are called.
        assert room.rows("SELECT * FROM vote") == []
        # The press that began the walk is no vote, and keeps its name.
        assert len(room.rows("SELECT 1 FROM inbox WHERE event LIKE 'card:%'")) == 1
        assert len(room.rows("SELECT 1 FROM inbox WHERE event LIKE 'gone:%' AND hash = ''")) == 5
        files = b"".join(one.read_bytes() for one in sorted(room.coach.db.parent.iterdir()) if one.is_file())
        for who in (ANNA, BAS, CEM):
            for word in ("voldoende", "deels", "onvoldoende"):
                assert f"{VOTE}{who['id']}{word}".encode() not in files
            assert not re.search(rb'"sender":"%s"[^}]*"value":' % who["id"].encode(), files)


async def test_what_is_typed_where_all_see_it_is_no_vote_and_an_old_card_neither(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        card = await voting(room)
        await room.say("onvoldoende", BAS)
        await room.until_said("Dit telt niet als stem, want hier ziet iedereen het.")
        for who, word in ((ANNA, "voldoende"), (BAS, "onvoldoende"), (CEM, "voldoende")):
            await room.press(card, word, who)
        await room.until_said("De meningen verschillen")
        await room.settled()
        assert buttons(await latest(room, card)) == []
        await room.press(card, "deels", ANNA)  # in a window that did not see the change
        await room.settled()
        assert room.rows("SELECT * FROM vote") == []
