"""Pictures and documents in Teams: a picture in the message, a document behind a link that works for a while, and only
where people can reach the coach.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from bot.files import missing
from flows.conversation.marks import AGREE
from tests.transports.teams_room import BOT, TeamsRoom, serving

pytestmark = pytest.mark.skipif(bool(missing()), reason="nothing that draws is installed")


async def begun(room: TeamsRoom) -> None:
    await room.bring(room.activity("conversationUpdate", membersAdded=[BOT]))
    await room.press(await room.until_said("opschaalcoach"), AGREE)
    await room.until_said('"save"')


async def test_the_overview_has_its_picture_in_the_chat(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        await begun(room)
        await room.say("!overzicht")
        shown = await room.until_said("data:image/png")
        (attachment,) = shown["activity"]["attachments"]
        data = base64.b64decode(attachment["contentUrl"].partition(",")[2])
        assert attachment["contentType"] == "image/png"
        assert data.startswith(b"\x89PNG")
        width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
        assert max(width, height) <= 1024
        assert len(data) <= 1_000_000
        await room.say("!export pdf")  # nobody could fetch it
        await room.say("!privacy")
        await room.until_said("Wat ik bewaar")
        assert "/files/" not in json.dumps(await room.posted())


async def test_a_document_is_fetched_by_its_link_and_by_no_other(tmp_path: Path) -> None:
    async with serving(tmp_path, public_address="https://coach.example.nl") as room:
        await begun(room)
        await room.say("!export csv")
        shown = await room.until_said("https://coach.example.nl/files/")
        found = re.search(r"https://coach\.example\.nl(/files/([\w-]+))", shown["activity"]["text"])
        assert found is not None
        assert len(found[2]) >= 40
        here = f"http://127.0.0.1:{room.coach.port}"
        async with room.session.get(here + found[1]) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert answer.headers["Cache-Control"] == "no-store"
            assert (await answer.text()).startswith("\ufeffstep") or (await answer.text()).startswith("step")
        for other in ("/files/x", found[1][:-1], "/files/", "/files/..%2Fsecret"):
            async with room.session.get(here + other) as answer:
                assert answer.status == 404
