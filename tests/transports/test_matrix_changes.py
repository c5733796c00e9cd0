"""Edits and removals in Matrix rooms: the answer follows its message, and what was removed stands nowhere any more."""

from __future__ import annotations

import pytest

from tests.transports.matrix_room import NOTED, CoachedRoom, House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def shown_anywhere(room: CoachedRoom, text: str) -> list[str]:
    """The ids of the coach's events that hold a text, in the room's history and relations read afresh."""
    history = await room.history()
    found = [one["event_id"] for one in history if one["sender"] == room.me and text in str(one["content"])]
    for one in room.messages():
        found += [
            other["event_id"]
            for other in await room.relations(one.id)
            if other["sender"] == room.me and text in str(other["content"])
        ]
    assert not [
        one for one in history if one["type"] == "m.room.encrypted" and one["sender"] == room.me and one["content"]
    ]
    return found


async def test_the_answer_follows_the_edits_of_its_author(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.goto("impact.vraagstuk")
    said = await bas.reply(room.id, question.id, "eerste versie")
    await room.marked(said)
    await bas.edit(room.id, said, "tweede versie")
    await room.settled()
    (item,) = (await room.step("impact.vraagstuk"))["items"]
    assert item["text"] == "tweede versie"
    # also when the question is left: its message shows it
    await anna.react(room.id, question.id, "✅")
    await room.edited(question.id, "tweede versie")
    await bas.edit(room.id, said, "derde versie")
    await room.edited(question.id, "derde versie")
    assert await room.texts("impact.vraagstuk") == ["derde versie"]
    assert room.tables("tweede versie") == []


async def test_an_edit_with_a_mention_or_a_reply_in_it_is_still_the_answer(house: House) -> None:
    room = await house.room(2)
    _, bas = room.people
    await room.goto("impact.vraagstuk")
    said = await bas.send(room.id, f"{room.me}: eerste versie", mentions=(room.me,))
    await room.marked(said)
    await bas.edit(room.id, said, f"{room.me}: tweede versie", mentions=(room.me,))
    await room.settled()
    assert await room.texts("impact.vraagstuk") == ["tweede versie"]


async def test_a_forged_edit_changes_nothing(house: House) -> None:
    room = await house.room(3)
    anna, bas, chris = room.people
    question = await room.goto("impact.vraagstuk")
    said = await bas.reply(room.id, question.id, "van Bas zelf")
    await room.marked(said)
    before = len(await room.settled())
    await chris.edit(room.id, said, "vervalst door Chris")
    await anna.edit(room.id, said, "vervalst door een moderator")
    await chris.edit(room.id, question.id, "vervalste vraag")
    assert len(await room.settled()) == before + 1
    (item,) = (await room.step("impact.vraagstuk"))["items"]
    assert (item["text"], item["author_id"]) == ("van Bas zelf", bas.id)
    assert room.tables("vervalst") == []

    # nor of a message that is not taken yet and then marked
    talk = await bas.send(room.id, "ook van Bas")
    await chris.edit(room.id, talk, "weer vervalst")
    await anna.react(room.id, talk, NOTED)
    await room.marked(talk)
    assert await room.texts("impact.vraagstuk") == ["van Bas zelf", "ook van Bas"]


async def test_removal_by_the_author_and_by_a_moderator(house: House) -> None:
    room = await house.room(3)
    anna, bas, chris = room.people
    question = await room.goto("impact.vraagstuk")
    own, other, last = [await bas.reply(room.id, question.id, f"punt {n} van Bas") for n in (1, 2, 3)]
    for one in (own, other, last):
        await room.marked(one)
    await bas.redact(room.id, own)
    await room.settled()
    assert await room.texts("impact.vraagstuk") == ["punt 2 van Bas", "punt 3 van Bas"]
    await anna.redact(room.id, other)  # the room's creator
    await room.settled()
    assert await room.texts("impact.vraagstuk") == ["punt 3 van Bas"]
    with pytest.raises(Exception, match="M_FORBIDDEN"):  # the homeserver sees to it
        await chris.redact(room.id, last)
    await room.settled()
    assert await room.texts("impact.vraagstuk") == ["punt 3 van Bas"]
    assert room.tables("punt 1 van Bas") == []


async def test_nothing_of_the_coach_shows_what_was_removed(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.goto("impact.vraagstuk")
    gone = await bas.reply(room.id, question.id, "een punt dat later weg moet")
    await bas.reply(room.id, question.id, "een punt dat blijft staan")
    await room.marked(gone)
    await anna.react(room.id, question.id, "✅")
    await room.edited(question.id, "later weg moet")
    # a second edit that holds it, and a message of its own that does
    await bas.reply(room.id, question.id, "nog een punt erbij")
    await room.edited(question.id, "nog een punt erbij")
    await room.answer_to(await anna.send(room.id, "!overzicht impact"))
    await bas.redact(room.id, gone)
    await room.settled()
    assert await room.texts("impact.vraagstuk") == ["een punt dat blijft staan", "nog een punt erbij"]
    assert await shown_anywhere(room, "nog een punt erbij")
    shown = await shown_anywhere(room, "een punt dat later weg moet")
    (overview,) = [
        one.id for one in room.messages() if "Onderdeel" in one.body and one.content["msgtype"] == "m.notice"
    ]
    assert set(shown) <= {overview}  # that one was asked for, and is a message of its own
    assert "een punt dat blijft staan" in room.edits(question.id)[-1].body


async def asked_twice(room: CoachedRoom, text: str) -> tuple[str, str, str]:
    """A question that was left with an answer and asked again; its two messages, and the answer."""
    anna, bas = room.people
    first = await room.goto("impact.vraagstuk")
    said = await bas.reply(room.id, first.id, text)
    await room.marked(said)
    await anna.react(room.id, first.id, "✅")
    await room.edited(first.id, text)
    again = await room.goto("impact.vraagstuk")
    assert text in again.body  # what stands there now
    return first.id, again.id, said


async def test_the_original_goes_where_it_held_what_was_removed(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    text = "een heel eigen punt over de wijk"
    first, again, said = await asked_twice(room, text)
    await anna.react(room.id, again, "✅")
    await room.edited(again, text)
    await bas.redact(room.id, said)
    await room.settled()
    assert await room.texts("impact.vraagstuk") == []
    history = {one["event_id"]: one for one in await room.history()}
    assert history[again]["content"] == {}
    edits_of_first = {one["event_id"] for one in await room.relations(first)}
    assert set(await shown_anywhere(room, text)) <= edits_of_first


async def test_no_earlier_message_of_a_question_shows_what_was_removed(house: House) -> None:
    room = await house.room(2)
    _, bas = room.people
    text = "een heel eigen punt over de wijk"
    _, _, said = await asked_twice(room, text)
    await bas.redact(room.id, said)
    await room.settled()
    assert await shown_anywhere(room, text) == []


async def test_a_message_that_is_removed_while_the_coach_is_away(house: House) -> None:
    room = await house.room(2)
    _, bas = room.people
    question = await room.goto("impact.vraagstuk")
    said = await bas.reply(room.id, question.id, "voor de pauze gezegd")
    await room.marked(said)
    await house.coach.stop()
    during = await bas.reply(room.id, question.id, "tijdens de pauze gezegd")
    kept = await bas.reply(room.id, question.id, "ook tijdens de pauze")
    await bas.edit(room.id, kept, "tijdens de pauze veranderd")
    await bas.redact(room.id, said)
    await bas.redact(room.id, during)
    await house.coach.start()
    await room.settled()
    assert await room.texts("impact.vraagstuk") == ["tijdens de pauze veranderd"]
    assert room.tables("tijdens de pauze gezegd") == []
