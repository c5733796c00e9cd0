"""rules.md, "What is for the coach": who is heard, ✍️ and ❌, and what is kept of the rest (nothing).

Decided before anything is stored, so these tests look at the rows.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.receiving import Receiver, people_of
from bot.transports.base import Change, Incoming, Message, Removal
from tests.chat import ROOM, Chat
from tests.flows.rules_rooms import alone, answer, go, rows, stored, team

SECRET = "Jansen is weer ziek"  # what nobody said to the coach


def _untouched(chat: Chat, do: object) -> bool:
    """Whether something leaves the database as it was, and is not answered."""
    before = stored(chat)
    do()  # type: ignore[operator]
    return stored(chat) == before and chat.last == []


# Room of one and group -----------------------------------------------------------------------------------------------


def test_in_a_room_of_one_every_plain_message_is_heard(tmp_path: Path) -> None:
    """ "Room of one (one member besides the coach): every plain message." """
    chat = alone(tmp_path)
    chat.say("Anna", "Dichtbij")
    chat.say("Anna", "Heel dichtbij", to=chat.event)
    assert chat.texts_of("pilot.naam") == ["Dichtbij", "Heel dichtbij"]


@pytest.mark.parametrize("text", [SECRET, "ok", "verder", "ja", "coach, weet jij?", "wow !", "!", "!!", "1. Dichtbij"])
def test_in_a_group_a_plain_message_leaves_no_trace(tmp_path: Path, text: str) -> None:
    """ "Anything else gets no row, no log, no answer." """
    chat = team(tmp_path)
    assert _untouched(chat, lambda: chat.say("Bas", text))


def test_what_is_not_for_the_coach_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """ "no log" """
    chat = team(tmp_path)
    with caplog.at_level(0):
        chat.say("Bas", SECRET)
    assert SECRET not in caplog.text


def test_a_reply_to_a_person_is_discussion(tmp_path: Path) -> None:
    """ "A reply to a person's message is discussion" """
    chat = team(tmp_path)
    answer(chat, "Dichtbij")
    said = chat.event
    assert _untouched(chat, lambda: chat.say("Bas", SECRET, to=said))
    assert _untouched(chat, lambda: chat.say("Bas", SECRET, to="e999"))
    assert _untouched(chat, lambda: chat.say("Bas", SECRET, thread=said))


def test_a_reply_to_a_person_in_a_questions_thread_is_an_answer(tmp_path: Path) -> None:
    """ "unless it stands in a question's thread" """
    chat = team(tmp_path)
    question = chat.asked
    chat.say("Anna", "Dichtbij", thread=question)
    chat.say("Bas", "Heel dichtbij", to=chat.event, thread=question)
    assert chat.texts_of("pilot.naam") == ["Dichtbij", "Heel dichtbij"]


@pytest.mark.parametrize("way", ["mention", "reply", "thread", "command"])
def test_what_is_heard_in_a_group(tmp_path: Path, way: str) -> None:
    """ "Group: a command; a mention; a reply to, or a thread message under, a message of the coach" """
    chat = team(tmp_path)
    match way:
        case "mention":
            chat.say("Bas", "@coach Dichtbij", mention=True)
        case "reply":
            chat.say("Bas", "Dichtbij", to=chat.asked)
        case "thread":
            chat.say("Bas", "Dichtbij", thread=chat.asked)
        case _:
            chat.say("Bas", "!antwoord Dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]
    assert [mark.key for mark in chat.marks()] == ["✍️"]


@pytest.mark.parametrize("text", ["@coach Dichtbij", "Dichtbij @coach", "@opschaalcoach: Dichtbij", "@Coach, Dichtbij"])
def test_the_mention_is_no_part_of_the_answer(tmp_path: Path, text: str) -> None:
    """ "the mention of the coach is stripped" """
    chat = team(tmp_path)
    chat.say("Bas", text, mention=True)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_a_reaction_on_a_message_of_the_coach_is_heard(tmp_path: Path) -> None:
    """ "a reaction on a message of the coach" """
    chat = team(tmp_path)
    chat.sign("Bas", "✅", chat.asked)
    assert chat.position == "pilot.periode"


@pytest.mark.parametrize("key", ["✅", "👍", "😂", "🟢", "⏰", "❓", "❤️"])
def test_other_signs_on_peoples_messages_leave_no_trace(tmp_path: Path, key: str) -> None:
    """Of reactions on anybody's message only "✍️ or ❌" are for the coach."""
    chat = team(tmp_path)
    answer(chat, "Dichtbij")
    said = chat.event
    assert _untouched(chat, lambda: chat.sign("Anna", key, said))


def test_an_edit_or_removal_of_what_was_not_taken_leaves_no_trace(tmp_path: Path) -> None:
    """ "an edit or removal of a message that was taken", and of no other."""
    chat = team(tmp_path)
    chat.say("Bas", "iets anders")
    said = chat.event
    assert _untouched(chat, lambda: chat.edit("Bas", said, SECRET))
    assert _untouched(chat, lambda: chat.redact("Bas", said))
    assert _untouched(chat, lambda: chat.edit("Bas", "e999", SECRET))


def test_an_edit_or_removal_of_what_was_taken_is_heard(tmp_path: Path) -> None:
    """ "an edit or removal of a message that was taken" """
    chat = team(tmp_path)
    answer(chat, "Dichtbij", "Bas")
    said = chat.event
    chat.edit("Bas", said, "Heel dichtbij")
    assert chat.texts_of("pilot.naam") == ["Heel dichtbij"]
    chat.redact("Bas", said)
    assert chat.texts_of("pilot.naam") == []
    assert "ichtbij" not in stored(chat)


def _deliver(chat: Chat, *incoming: Incoming) -> None:
    """One delivery, before any turn."""
    people = {ROOM: people_of(chat.snapshot)}
    Receiver("console", chat.memory).take(chat.conn, list(incoming), people, None)


def test_a_message_counts_as_taken_within_the_same_delivery(tmp_path: Path) -> None:
    """ "A message counts as taken ... from its inbox ... row on, and within the same delivery" """
    chat = alone(tmp_path)
    _deliver(
        chat,
        Message(ROOM, "x1", chat.now, "Anna", "Dichtbij"),
        Change(ROOM, "x2", chat.now, "Anna", "x1", "Heel dichtbij"),
    )
    chat.wait(seconds=1)
    chat.say("Anna", "!vraag")
    assert chat.texts_of("pilot.naam") == ["Heel dichtbij"]


def test_the_coachs_message_counts_from_its_outbox_row_on(tmp_path: Path) -> None:
    """ "or as the coach's, from its inbox or outbox row on": it need not be posted yet."""
    chat = team(tmp_path)
    go(chat, "impact.outcome")
    chat.conn.execute("UPDATE outbox SET state = 0, payload = '{}'")
    _deliver(chat, Message(ROOM, "x1", chat.now, "Bas", "ouders bellen", f"m{chat.asked}"))
    assert [row for row in rows(chat, "inbox") if "x1" in row]


def test_a_removal_wipes_what_waits(tmp_path: Path) -> None:
    """ "a removal also wipes a payload that waits or failed, and the memory for ✍️" """
    chat = alone(tmp_path)
    _deliver(chat, Message(ROOM, "x1", chat.now, "Anna", SECRET))
    assert SECRET in stored(chat)
    _deliver(chat, Removal(ROOM, "x2", chat.now, "Anna", "x1"))
    assert SECRET not in stored(chat)
    chat.say("Anna", "!vraag")
    assert chat.texts_of("pilot.naam") == []


def test_a_removal_wipes_what_failed(tmp_path: Path) -> None:
    """The same for a payload that is kept because its turn failed."""
    chat = alone(tmp_path)
    _deliver(chat, Message(ROOM, "x1", chat.now, "Anna", SECRET))
    chat.conn.execute("UPDATE inbox SET state = 2, version = 'test' WHERE event = 'x1'")
    chat.redact("Anna", "x1")
    assert SECRET not in stored(chat)


def test_a_removal_wipes_the_memory_for_marks(tmp_path: Path) -> None:
    """ "and the memory for ✍️" """
    chat = team(tmp_path)
    chat.say("Bas", SECRET)
    said = chat.event
    chat.redact("Bas", said)
    chat.sign("Anna", "✍️", said)
    assert (chat.texts_of("pilot.naam"), [one.kind for one in chat.says()]) == ([], ["help"])


# How many are there --------------------------------------------------------------------------------------------------


def test_the_coach_says_how_it_listens_at_every_change(tmp_path: Path) -> None:
    """ "at every change from one to more or back the coach says once how it listens" """
    chat = alone(tmp_path)
    said = []
    for names in ("Anna", "Anna Bas", "Anna Bas Cem", "Bas Cem", "Bas", "Bas", "Bas Dan"):
        chat.members(*names.split())
        said.append([one.kind for one in chat.says()])
    assert said == [[], ["info"], [], [], ["info"], [], ["info"]]


def test_a_newcomers_first_message_is_judged_by_the_group_rules(tmp_path: Path) -> None:
    """ "before anything is judged the new way; a newcomer's first message is judged by the group rules" """
    chat = Chat(tmp_path, people=())
    chat.say("Anna", "!start")
    chat.say("Bas", SECRET)
    assert [one.kind for one in chat.says()] == ["info"]
    assert SECRET not in stored(chat)
    assert _untouched(chat, lambda: chat.say("Anna", SECRET))
    chat.say("Cem", "Dichtbij", to=chat.asked)
    assert (chat.texts_of("pilot.naam"), chat.says()) == (["Dichtbij"], [])


def test_the_number_of_people_decides_from_then_on(tmp_path: Path) -> None:
    """ "The number of joined people (bots not counted) decides" """
    chat = alone(tmp_path)
    chat.say("Anna", "Dichtbij")
    chat.members("Anna", "Bas")
    assert _untouched(chat, lambda: chat.say("Anna", SECRET))
    chat.members("Bas")
    chat.say("Bas", "Heel dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij", "Heel dichtbij"]


@pytest.mark.parametrize("place", ["begin", "einde"])
def test_at_begin_or_einde_a_plain_message_gets_a_line_of_help(tmp_path: Path, place: str) -> None:
    """ "At begin or einde a plain message in a room of one gets one line of help." """
    chat = alone(tmp_path, None)
    if place == "einde":
        chat.say("Anna", "!start")
        go(chat, "pilot.ritme")
        chat.say("Anna", "geen")
    assert chat.position == place
    chat.say("Anna", "Dichtbij")
    assert [one.kind for one in chat.says()] == ["help"]
    assert "\n" not in chat.text
    assert rows(chat, "item") == [] or place == "einde"
    assert chat.texts_of("pilot.naam") == []
