"""Talking with the coach in Matrix rooms: the ways of answering it, and what is none of its business.

Real events in rooms of a real homeserver, encrypted, with the coach as a process of its own.
"""

from __future__ import annotations

import html
from typing import Any

import pytest

from bot.transports.matrix import OWN
from tests.transports.matrix_room import NOTED, CoachedRoom, House, kind_of, replied_to
from tests.transports.user import User

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def leaves_no_trace(room: CoachedRoom, before: int, *texts: str) -> None:
    """The coach did nothing since it had posted so much, and its files hold none of these texts."""
    after = await room.settled()
    assert len(after) == before + 1  # the answer to the command that says that it is done
    for text in texts:
        assert room.traces(text) == []


def pill(user_id: str, name: str) -> str:
    """A link that names somebody, as Element writes it."""
    return f'<a href="https://matrix.to/#/{user_id}">{html.escape(name)}</a>'


async def with_html(user: User, room: CoachedRoom, body: str, formatted: str, **more: Any) -> str:
    """Somebody writes with markup."""
    content = {"msgtype": "m.text", "body": body, "format": "org.matrix.custom.html", "formatted_body": formatted}
    return await user.put(room.id, "m.room.message", content | more)


async def test_an_invitation_brings_one_welcome_that_says_how_it_listens_and_starts_on_a_tap(house: House) -> None:
    room = await house.room(2, started=False)
    anna, bas = room.people
    welcome = await room.message("welcome")
    assert "Beantwoorden" in welcome.body
    assert "Andere berichten bewaar ik niet" in welcome.body
    assert "Gemeente Voorbeeld" in welcome.body
    assert "<strong>" in welcome.content["formatted_body"]
    await room.marked(welcome.id, "✅")
    await room.settled()
    assert [kind_of(one) for one in room.messages()] == ["welcome", "help"]

    await bas.react(room.id, welcome.id, "✅")
    question = await room.question("pilot.naam")
    await room.marked(question.id, "✅")
    await anna.react(room.id, welcome.id, "✅")  # the second tap
    await room.settled()
    assert [kind_of(one) for one in room.messages()] == ["welcome", "help", "question", "help"]


async def test_in_a_room_of_one_it_listens_to_all(house: House) -> None:
    room = await house.room(1)
    welcome = await room.message("welcome")
    assert "Typ je antwoord" in welcome.body
    said = await room.anna.send(room.id, "NS-pilot")
    await room.marked(said)
    assert await room.texts("pilot.naam") == ["NS-pilot"]
    await room.anna.send(room.id, "verder")
    await room.question("pilot.periode")


async def test_every_content_says_what_it_is_and_whom_it_mentions(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.question("pilot.naam")
    await room.marked(await bas.reply(room.id, question.id, "NS-pilot"))
    await anna.react(room.id, question.id, "✅")
    await room.edited(question.id, "NS-pilot")
    asked = await anna.send(room.id, "!overzicht")
    await room.answer_to(asked)
    await room.goto("impact.status")
    await anna.send(room.id, "!overzigt")
    await room.settled()

    keys = []
    for one in room.said():
        if one.type == "m.room.member":
            continue
        assert one.content["m.mentions"] == {}, one
        own = one.content[OWN]
        keys.append(own["key"])
        if one.type == "m.reaction":
            assert set(own) == {"key"}
            continue
        assert set(own) == {"kind", "step", "key"}
        assert one.encrypted
        asks = own["kind"] == "question" or "Bedoel je" in one.body
        if one.content["msgtype"] == "m.image":
            continue  # the picture of the overview, which may be here already
        assert one.content["msgtype"] == ("m.text" if asks else "m.notice"), one.body
        if one.replaces:
            assert one.content["m.new_content"]["m.mentions"] == {}
            assert one.content["m.new_content"][OWN] == own
    assert len(keys) == len(set(keys))
    kinds = {kind_of(one) for one in room.messages()}
    assert kinds == {"welcome", "question", "overview", "help"}


async def test_votes_have_four_signs_to_tap(house: House) -> None:
    room = await house.room(2)
    vote = await room.goto("impact.status")
    await room.settled()
    assert room.signs(vote.id) == ["🟢", "🟠", "🔴", "⚪", "✅"]


async def test_ways_to_answer(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.goto("impact.vraagstuk")
    name = anna.client.rooms[room.id].user_name(room.me)
    said = [
        await bas.reply(room.id, question.id, "een antwoord"),
        await bas.send(room.id, "in de draad", thread=question.id),
        await bas.reply(room.id, question.id, "ook een antwoord", mentions=(room.me,)),
        await bas.send(room.id, f"{room.me}: met de naam", mentions=(room.me,)),
        await with_html(bas, room, f"{name}: met een pil", f"{pill(room.me, name)}: met een pil"),
        await with_html(
            bas, room, f"{name} met allebei", f"{pill(room.me, name)} met allebei",
            **{"m.mentions": {"user_ids": [room.me]}},
        ),
        await bas.send(room.id, "!antwoord met een commando"),
        await bas.send(room.id, "> <@x:y> oud citaat\n\nmet een citaat erboven", reply_to=question.id),
        await bas.put(
            room.id, "m.room.message",
            {"msgtype": "m.emote", "body": "denkt na", "m.relates_to": {"m.in_reply_to": {"event_id": question.id}}},
        ),
    ]  # fmt: skip
    for one in said:
        await room.marked(one)
    # in the thread, and a real reply in it to a person
    inner = await anna.send(room.id, "een antwoord op iemand, in de draad", thread=question.id, reply_to=said[1])
    await room.marked(inner)
    items = (await room.step("impact.vraagstuk"))["items"]
    assert [(one["text"], one["author_id"]) for one in items] == [
        ("een antwoord", bas.id),
        ("in de draad", bas.id),
        ("ook een antwoord", bas.id),
        ("met de naam", bas.id),
        ("met een pil", bas.id),
        ("met allebei", bas.id),
        ("met een commando", bas.id),
        ("met een citaat erboven", bas.id),
        ("denkt na", bas.id),
        ("een antwoord op iemand, in de draad", anna.id),
    ]


async def test_discussion_leaves_nothing(house: House) -> None:
    room = await house.room(3)
    anna, bas, chris = room.people
    await room.question("pilot.naam")
    before = len(await room.settled())
    first = await anna.send(room.id, "geheim-een, wat vinden jullie")
    second = await bas.reply(room.id, first, "geheim-twee, een antwoord op Anna")
    # a client that copies whom the message mentions that is answered
    await chris.reply(room.id, second, "geheim-drie, nog een antwoord", mentions=(bas, room.me))
    await chris.send(room.id, "geheim-vier, in een draad", thread=first)
    await chris.send(room.id, "geheim-vijf @bas", mentions=(bas,))
    await bas.edit(room.id, second, "geheim-zes, veranderd")
    await bas.react(room.id, first, "👍")
    await anna.redact(room.id, first)
    await leaves_no_trace(room, before, *(f"geheim-{n}" for n in ("een", "twee", "drie", "vier", "vijf", "zes")))
    assert room.traces(first) == []
    assert room.traces(second) == []


async def test_a_falling_back_thread_message_is_no_reply_to_a_person(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.question("pilot.naam")
    # under the question's thread, its fallback points at a person's message: still an answer to the question
    talk = await anna.send(room.id, "hoe noemen we het")
    said = await bas.send(room.id, "NS-pilot", thread=question.id, reply_to=talk, falling_back=True)
    await room.marked(said)
    # in a thread of people, its fallback points at the coach's message: discussion
    before = len(await room.settled())
    await bas.send(room.id, "geheim-draad", thread=talk, reply_to=question.id, falling_back=True)
    await leaves_no_trace(room, before, "geheim-draad")
    assert await room.texts("pilot.naam") == ["NS-pilot"]


async def test_an_answer_in_a_thread_is_answered_in_it(house: House) -> None:
    room = await house.room(2)
    question = await room.goto("impact.status")
    said = await room.people[1].send(room.id, "blauw", thread=question.id)
    help_ = await room.answer_to(said)
    relation = help_.content["m.relates_to"]
    assert (relation["rel_type"], relation["event_id"]) == ("m.thread", question.id)
    assert relation["is_falling_back"] is False


async def test_a_mark_takes_anybodys_message(house: House) -> None:
    room = await house.room(3)
    anna, bas, chris = room.people
    await room.question("pilot.naam")
    said = await bas.send(room.id, "Rust op het station")
    await chris.react(room.id, said, "✍🏽")
    await room.marked(said)
    (item,) = (await room.step("pilot.naam"))["items"]
    assert (item["text"], item["author_id"]) == ("Rust op het station", bas.id)

    # a reply to a person: it belongs to the question that is open when the mark comes
    other = await anna.reply(room.id, said, "Ook een naam")
    await room.goto("impact.vraagstuk")
    await bas.react(room.id, other, NOTED)
    await room.marked(other)
    assert await room.texts("impact.vraagstuk") == ["Ook een naam"]


async def test_a_mark_after_a_restart_of_the_coach_takes_the_latest_text(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    await room.goto("impact.vraagstuk")
    plain = await bas.send(room.id, "al wat langer geleden")
    changed = await bas.send(room.id, "eerste lezing")
    await bas.edit(room.id, changed, "tweede lezing")
    await bas.edit(room.id, changed, "derde lezing")
    await anna.edit(room.id, changed, "van een ander")
    gone = await bas.send(room.id, "weg voor het merken")
    await bas.redact(room.id, gone)
    await room.settled()
    assert room.traces("lezing") == []
    await house.coach.stop()
    await house.coach.start()
    for one in (plain, changed):
        await anna.react(room.id, one, NOTED)
        await room.marked(one)
    assert await room.texts("impact.vraagstuk") == ["al wat langer geleden", "derde lezing"]
    # where there is nothing to be read any more it asks to send it again
    await anna.react(room.id, gone, NOTED)
    await room.message("help", text="Stuur het opnieuw")
    assert len(await room.texts("impact.vraagstuk")) == 2


async def test_removed_marks_take_back(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    await room.goto("impact.vraagstuk")
    first = await bas.send(room.id, "een die blijft weg")
    sign = await anna.react(room.id, first, NOTED)
    await room.marked(first)
    second = await bas.send(room.id, "een die later weg gaat")
    later = await anna.react(room.id, second, NOTED)
    await room.marked(second)
    await anna.redact(room.id, sign)
    await room.settled()
    assert await room.texts("impact.vraagstuk") == ["een die later weg gaat"]
    assert room.tables("een die blijft weg") == []
    assert await room.signed(first) == []  # the coach's mark went with it

    await house.coach.stop()
    await house.coach.start()
    await anna.redact(room.id, later)
    await room.settled()
    assert await room.texts("impact.vraagstuk") == []
    assert await room.signed(second) == []


async def test_a_cross_hides_and_taken_off_restores(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.goto("impact.vraagstuk")
    said = await bas.reply(room.id, question.id, "een eerste punt")
    await room.marked(said)
    cross = await anna.react(room.id, said, "❌")
    await room.settled()
    assert await room.texts("impact.vraagstuk") == []
    assert await room.signed(said) == []
    await house.coach.stop()
    await house.coach.start()
    await anna.redact(room.id, cross)
    await room.settled()
    assert await room.texts("impact.vraagstuk") == ["een eerste punt"]
    assert await room.signed(said) == [NOTED]


async def test_votes_in_a_group_of_four(house: House) -> None:
    room = await house.room(4)
    anna, bas, chris, dina = room.people
    vote = await room.goto("impact.status")
    await anna.react(room.id, vote.id, "🟢")
    await room.edited(vote.id, "1 stem")
    chosen = await bas.react(room.id, vote.id, "🔴")
    await room.edited(vote.id, "2 stemmen")
    await bas.redact(room.id, chosen)
    await room.until(lambda one: one.replaces == vote.id and one is not room.edits(vote.id)[0] and "1 stem" in one.body)
    await bas.react(room.id, vote.id, "🔴")
    await chris.react(room.id, vote.id, "🟠")
    await dina.reply(room.id, vote.id, "deels")
    spread = await room.message("question", "impact.status", after=1)
    assert "verschillen" in spread.body
    assert "4 stemmen" in room.edits(vote.id)[-1].body
    view = await bas.reply(room.id, spread.id, "ik mis hoe we meten")
    await room.marked(view, "💬")  # kept only where they do not agree in the end
    # a new round: on the message of the spread
    await bas.react(room.id, spread.id, "🟠")
    await anna.react(room.id, spread.id, "✅")
    settling = await room.message("question", "impact.status", after=2)
    assert "Akkoord?" in settling.body
    assert "deels" in settling.body
    await anna.react(room.id, settling.id, "✅")
    await room.settled()
    assert (await room.step("impact.status"))["status"] == "deels"


async def test_a_vote_is_taken_back_by_its_sign_only_also_after_a_restart(house: House) -> None:
    room = await house.room(3)
    anna, bas, _ = room.people
    vote = await room.goto("impact.status")
    first = await anna.react(room.id, vote.id, "🟢")
    await room.edited(vote.id, "1 stem")
    last = await anna.react(room.id, vote.id, "🔴")
    await bas.react(room.id, vote.id, "🟢")
    await room.edited(vote.id, "2 stemmen")
    await anna.redact(room.id, first)  # the earlier one: the vote of the later one stands
    await room.settled()
    assert "2 stemmen" in room.edits(vote.id)[-1].body
    await house.coach.stop()
    await house.coach.start()
    await anna.redact(room.id, last)
    await room.settled()
    assert "1 stem" in room.edits(vote.id)[-1].body


async def test_what_is_said_by_bots_or_shown_as_pictures(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.question("pilot.naam")
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": question.id}}}
    before = len(await room.settled())
    await bas.put(room.id, "m.room.message", {"msgtype": "m.notice", "body": "geheim: ik ben ook een bot", **relation})
    await leaves_no_trace(room, before, "geheim: ik ben ook")
    picture = {"msgtype": "m.image", "body": "foto.jpg", "url": "mxc://localhost/abc", "info": {}}
    shown = await bas.put(room.id, "m.room.message", picture | relation)
    assert kind_of(await room.answer_to(shown)) == "help"
    before = len(await room.settled())
    await anna.put(room.id, "m.room.message", picture | {"body": "geheim.jpg"})
    await leaves_no_trace(room, before, "geheim.jpg")
    assert await room.texts("pilot.naam") == []
    assert replied_to(question) is None
