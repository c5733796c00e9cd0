"""Strange events in Matrix rooms: other rooms' ids, contents of the wrong form, and texts that want to call people.

Rule: nothing of it stops the coach or changes what is kept, and what the coach quotes calls nobody.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.transports.matrix import OWN
from tests.transports.matrix_room import NOTED, House, kind_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_ids_of_another_room_lead_to_nothing(house: House) -> None:
    one, other = await house.room(2), await house.room(2)
    anna, bas = one.people
    question = await one.goto("impact.vraagstuk")
    vote = await one.goto("impact.status")
    said = await bas.reply(one.id, question.id, "in de ene kamer")
    await one.marked(said)
    before_one, before = len(await one.settled()), len(await other.settled())

    def text(body: str, relation: dict[str, Any]) -> dict[str, Any]:
        new = {"m.new_content": {"msgtype": "m.text", "body": body}} if "rel_type" in relation else {}
        return {"msgtype": "m.text", "body": body, "m.relates_to": relation, **new}

    def sign(target: str, key: str) -> dict[str, Any]:
        return {"m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": key}}

    assert await other.throw(
        bas, "m.room.message", text("geheim-antwoord", {"m.in_reply_to": {"event_id": question.id}})
    )
    # Synapse stops some of these by itself
    for rel_type in ("m.thread", "m.replace", "nl.eigen"):
        relation = {"rel_type": rel_type, "event_id": said if rel_type == "m.replace" else question.id}
        await other.throw(bas, "m.room.message", text("geheim-relatie", relation))
    for target, key in ((vote.id, "🟢"), (question.id, "✅"), (said, "❌")):
        await other.throw(bas, "m.reaction", sign(target, key))
    await anna.client.room_redact(other.id, said)
    assert len(await other.settled()) == before + 1
    assert len(await one.settled()) == before_one + 1
    for text in ("geheim-antwoord", "geheim-relatie"):
        assert other.traces(text) == []
    assert await one.texts("impact.vraagstuk") == ["in de ene kamer"]
    assert (await one.export())["steps"]["impact.status"]["state"] == "open"

    # ✍️ on it: there is no such message in this room
    if await other.throw(anna, "m.reaction", sign(said, NOTED)):
        await other.message("help", text="Stuur het opnieuw")
    assert "in de ene kamer" not in str(await other.export())


# What stands in a message beside its type, where other things are expected.
MALFORMED: tuple[dict[str, Any], ...] = (
    {},
    {"msgtype": "m.text"},
    {"msgtype": "m.text", "body": 5},
    {"msgtype": "m.text", "body": None},
    {"msgtype": "m.text", "body": ["geheim-lijst"]},
    {"msgtype": 7, "body": "geheim-zeven"},
    {"msgtype": "m.text", "body": "geheim-relatie", "m.relates_to": []},
    {"msgtype": "m.text", "body": "geheim-relatie", "m.relates_to": "$x"},
    {"msgtype": "m.text", "body": "geheim-relatie", "m.relates_to": {"rel_type": 4, "event_id": 5}},
    {"msgtype": "m.text", "body": "geheim-relatie", "m.relates_to": {"m.in_reply_to": "$x"}},
    {"msgtype": "m.text", "body": "geheim-relatie", "m.relates_to": {"m.in_reply_to": {"event_id": {"a": 1}}}},
    {"msgtype": "m.text", "body": "geheim-draad", "m.relates_to": {"rel_type": "m.thread", "event_id": None}},
    {"msgtype": "m.text", "body": "* geheim", "m.relates_to": {"rel_type": "m.replace", "event_id": "$niet"}},
    {"msgtype": "m.text", "body": "* geheim", "m.new_content": 4,
     "m.relates_to": {"rel_type": "m.replace", "event_id": "$niet"}},
    {"msgtype": "m.text", "body": "geheim-noem", "m.mentions": []},
    {"msgtype": "m.text", "body": "geheim-noem", "m.mentions": {"user_ids": "@coach:localhost"}},
    {"msgtype": "m.text", "body": "geheim-noem", "m.mentions": {"user_ids": [1, None, {}]}},
    {"msgtype": "m.text", "body": "geheim-noem", "m.mentions": {"room": True}},
    {"msgtype": "m.text", "body": "geheim-html", "format": 3, "formatted_body": {"a": "<a href='x'>"}},
    {"msgtype": "m.text", "body": "geheim-html", "format": "org.matrix.custom.html",
     "formatted_body": "<a href=\"https://matrix.to/#/@\">x</a><![CDATA[<!doctype <a <<a " + "<a>" * 50},
    {"msgtype": "m.text", "body": "geheim-eigen", OWN: {"kind": "question", "step": "impact.status", "key": "x" * 40}},
    {"msgtype": "m.text", "body": "geheim-eigen", OWN: ["x"]},
)  # fmt: skip


@pytest.mark.parametrize("encrypted", [True, False])
async def test_malformed_contents_stop_nothing(house: House, encrypted: bool) -> None:
    room = await house.room(2, encrypted=encrypted)
    _, bas = room.people
    question = await room.question("pilot.naam")
    before = len(await room.settled())
    arrived = [await room.throw(bas, "m.room.message", content) for content in MALFORMED]
    assert len([one for one in arrived if one]) > len(MALFORMED) / 2
    for relation in ([], "x", {}, {"rel_type": "m.annotation"}, {"rel_type": "m.annotation", "event_id": 4, "key": 4},
                     {"rel_type": "m.annotation", "event_id": question.id, "key": "k" * 10_000}):  # fmt: skip
        await room.throw(bas, "m.reaction", {"m.relates_to": relation})
    after = await room.settled()
    assert len(after) == before + 1
    assert room.traces("geheim") == []
    assert not [line for line in house.coach.said if "fault" in line or "failed" in line]
    await room.marked(await bas.reply(room.id, question.id, "NS-pilot"))


async def test_malformed_state_stops_nothing(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.question("pilot.naam")
    for type_, content in (
        ("m.room.tombstone", {"replacement_room": 5}),
        ("m.room.tombstone", {"replacement_room": "geen kamer", "body": []}),
        ("m.room.topic", {"topic": {}}),
        ("nl.eigen", {"users": []}),
    ):
        await anna.client.room_put_state(room.id, type_, content)
    await anna.client.room_put_state(
        room.id, "m.room.member", {"membership": "join", "displayname": "A" * 3000}, state_key=anna.id
    )
    said = await bas.reply(room.id, question.id, "NS-pilot")
    await room.marked(said)
    assert len((await room.export())["steps"]["pilot.naam"]["items"]) == 1


async def test_large_formatted_bodies_are_no_trouble(house: House) -> None:
    room = await house.room(2, encrypted=False)
    _, bas = room.people
    question = await room.question("pilot.naam")
    content = {
        "msgtype": "m.text", "body": "NS-pilot", "format": "org.matrix.custom.html",
        "formatted_body": "<b>" * 18_000, "m.relates_to": {"m.in_reply_to": {"event_id": question.id}},
    }  # fmt: skip
    await room.marked(await bas.put(room.id, "m.room.message", content))
    assert await room.texts("pilot.naam") == ["NS-pilot"]


async def test_a_quoted_answer_calls_nobody(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.goto("impact.vraagstuk")
    hostile = f"@room kijk eens **vet** {anna.id}\n<a href='https://matrix.to/#/{anna.id}'>Anna</a> [x](https://x.nl)"
    said = await bas.reply(room.id, question.id, hostile, mentions=(anna,), **{"m.mentions": {"room": True}})
    await room.marked(said)
    await anna.react(room.id, question.id, "✅")
    edit = await room.edited(question.id, "kijk eens")
    overview = await room.answer_to(await bas.send(room.id, "!overzicht impact"))
    for content in (edit.content["m.new_content"], edit.content, overview.content):
        assert content["m.mentions"] == {}
        assert "@room" not in content["body"]
        assert anna.id not in content["body"]
        shown = content.get("formatted_body", "")
        assert "@room" not in shown
        assert "<a" not in shown
        assert "https://matrix.to" not in shown or "&lt;a" in shown
    assert "**vet**" in edit.content["m.new_content"]["body"]
    assert (await room.texts("impact.vraagstuk"))[0].startswith("@room kijk eens")


@pytest.mark.parametrize("sign", ["✍\u200d♂️", "👩‍💻", "\u200d", "❌\u200d"])
async def test_joined_signs_are_no_marks(house: House, sign: str) -> None:
    room = await house.room(2)
    anna, bas = room.people
    said = await bas.send(room.id, f"geheim-teken {len(sign)}")
    before = len(await room.settled())
    await anna.react(room.id, said, sign)
    assert len(await room.settled()) == before + 1
    assert await room.texts("pilot.naam") == []


async def test_text_with_joiners_and_odd_spaces_is_taken_as_it_is(house: House) -> None:
    room = await house.room(2)
    _, bas = room.people
    question = await room.goto("impact.vraagstuk")
    said = await bas.reply(room.id, question.id, "gezin 👩\u200d👩\u200d👧 in de wijk\u2028en verder")
    await room.marked(said)
    (text,) = await room.texts("impact.vraagstuk")
    assert "👩\u200d👩\u200d👧" in text


async def test_an_image_as_an_answer_gets_a_line_of_help_once(house: House) -> None:
    room = await house.room(1)
    shown = {"msgtype": "m.image", "body": "foto.jpg", "url": "mxc://localhost/abc", "info": {}}
    first = await room.anna.put(room.id, "m.room.message", shown)
    answered = await room.answer_to(first)
    assert (kind_of(answered), answered.content["msgtype"]) == ("help", "m.notice")
    second = await room.anna.put(room.id, "m.room.message", shown)
    await room.marked(second, "❓")
    assert await room.texts("pilot.naam") == []
