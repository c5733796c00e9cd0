"""rules.md: ✍️ on anybody's message makes it the answer. (❌ is in `test_rules_crosses`.)"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.memory import Memory
from tests.chat import Chat
from tests.flows.answer_rooms import choices, stored, team

TEXT, MULTI, STATUS = "impact.noodzaak", "routes.keuze", "impact.status"


def talk(chat: Chat, text: str = "te veel meldingen", who: str = "Bas") -> str:
    """Somebody says something to the others; its event."""
    chat.say(who, text)
    assert chat.last == []
    return chat.event


# ✍️ -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["✍️", "✍", "✍🏽", "✍🏿️"])
@pytest.mark.parametrize("who", ["Anna", "Bas"])
def test_a_marked_message_is_the_answer(tmp_path: Path, key: str, who: str) -> None:
    """✍️ on anybody's message: it is the answer, whoever wrote it; ✍, its variants and skin tones are the same mark."""
    chat = team(tmp_path, TEXT)
    event = talk(chat)
    chat.sign(who, key, event)
    (item,) = chat.export["steps"][TEXT]["items"]
    assert (item["text"], item["author"], item["event"]) == ("te veel meldingen", "Bas", event)
    assert [mark.target for mark in chat.marks()] == [event]
    assert chat.says() == []


def test_it_belongs_to_the_question_open_when_the_mark_arrives(tmp_path: Path) -> None:
    """A message marked ✍️ belongs to the question open when the mark arrives."""
    chat = team(tmp_path, TEXT)
    event = talk(chat)
    chat.sign("Anna", "✅", chat.asked)
    chat.say("Anna", "!ga routes.rol")
    chat.sign("Anna", "✍️", event)
    assert chat.texts_of(TEXT) == []
    assert chat.texts_of("routes.rol") == ["te veel meldingen"]


def test_an_unreadable_reply_that_is_marked_belongs_to_its_question(tmp_path: Path) -> None:
    """A message marked ✍️ belongs to the question it replies to, also when the team has moved on; ✍️ as the coach
    says: this was an answer.
    """
    chat = team(tmp_path, TEXT)
    number = chat.asked
    chat.say("Bas", "is het niet gewoon te duur?", to=number)
    event = chat.event
    assert chat.texts_of(TEXT) == []
    assert [say.kind for say in chat.says()] == ["help"]
    chat.say("Anna", "!verder")
    chat.sign("Anna", "✍️", event)
    assert chat.texts_of(TEXT) == ["is het niet gewoon te duur?"]


def test_a_question_in_a_thread_that_is_marked_belongs_to_it(tmp_path: Path) -> None:
    """A message marked ✍️ belongs to the question in whose thread it stands."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "is het niet gewoon te duur?", thread=chat.asked)
    event = chat.event
    chat.say("Anna", "!ga routes")
    chat.sign("Cem", "✍️", event)
    assert chat.texts_of(TEXT) == ["is het niet gewoon te duur?"]


def test_its_latest_text_is_taken(tmp_path: Path) -> None:
    """Its latest text is taken: an edit before the mark counts."""
    chat = team(tmp_path, TEXT)
    event = talk(chat, "te veel meldinge")
    chat.edit("Bas", event, "te veel meldingen")
    assert chat.last == []
    chat.sign("Anna", "✍️", event)
    assert chat.texts_of(TEXT) == ["te veel meldingen"]


def test_a_removed_message_cannot_be_marked(tmp_path: Path) -> None:
    """A removal also wipes the memory for ✍️: there is nothing to take."""
    chat = team(tmp_path, TEXT)
    event = talk(chat)
    chat.redact("Bas", event)
    chat.sign("Anna", "✍️", event)
    assert chat.texts_of(TEXT) == []
    assert "meldingen" not in stored(chat)


def test_a_marked_message_can_be_edited(tmp_path: Path) -> None:
    """An edit of a message that was taken is for the coach: the item follows."""
    chat = team(tmp_path, TEXT)
    event = talk(chat, "te veel meldinge")
    chat.sign("Anna", "✍️", event)
    chat.edit("Bas", event, "te veel meldingen")
    assert chat.texts_of(TEXT) == ["te veel meldingen"]


def test_a_marked_message_can_be_removed(tmp_path: Path) -> None:
    """A removal of a message that was taken is for the coach: the item goes."""
    chat = team(tmp_path, TEXT)
    event = talk(chat, "geheimzinnig woord")
    chat.sign("Anna", "✍️", event)
    chat.redact("Bas", event)
    assert chat.texts_of(TEXT) == []
    assert "geheimzinnig" not in stored(chat)


def test_a_mark_taken_off_takes_the_answer_back(tmp_path: Path) -> None:
    """A removed reaction takes its mark back."""
    chat = team(tmp_path, TEXT)
    event = talk(chat, "geheimzinnig woord")
    chat.sign("Anna", "✍️", event)
    chat.sign("Anna", "✍️", event, removed=True)
    assert chat.texts_of(TEXT) == []
    assert chat.state(TEXT) == "open"
    assert [(mark.target, mark.removed) for mark in chat.marks()] == [(event, True)]
    assert "geheimzinnig" not in stored(chat)


def test_a_mark_of_two_people_stays_until_both_are_off(tmp_path: Path) -> None:
    """A removed reaction takes its mark back, and only its own."""
    chat = team(tmp_path, TEXT)
    event = talk(chat)
    chat.sign("Anna", "✍️", event)
    chat.sign("Cem", "✍️", event)
    assert chat.texts_of(TEXT) == ["te veel meldingen"]
    chat.sign("Anna", "✍️", event, removed=True)
    assert chat.texts_of(TEXT) == ["te veel meldingen"]
    chat.sign("Cem", "✍️", event, removed=True)
    assert chat.texts_of(TEXT) == []


def test_a_mark_on_what_was_taken_adds_nothing(tmp_path: Path) -> None:
    """✍️ on a reply that was taken already: no second item; taking it off takes nothing back."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "te veel meldingen", to=chat.asked)
    event = chat.event
    chat.sign("Anna", "✍️", event)
    assert chat.texts_of(TEXT) == ["te veel meldingen"]
    chat.sign("Anna", "✍️", event, removed=True)
    assert chat.texts_of(TEXT) == ["te veel meldingen"]


def test_after_a_restart_the_coach_asks_to_send_it_again(tmp_path: Path) -> None:
    """The latest messages are in memory, never on disk: what is not there any more is asked to be sent again."""
    chat = team(tmp_path, TEXT)
    event = talk(chat)
    chat.memory = Memory()
    chat.sign("Anna", "✍️", event)
    assert len(chat.says()) == 1
    assert chat.texts_of(TEXT) == []


@pytest.mark.parametrize(("others", "taken"), [(199, True), (200, False)])
def test_the_latest_200_messages_are_kept(tmp_path: Path, others: int, taken: bool) -> None:
    """The transport keeps the latest 200 messages of a room."""
    chat = team(tmp_path, TEXT)
    event = talk(chat)
    for number in range(others):
        chat.say("Cem", f"bericht {number}")
    chat.sign("Anna", "✍️", event)
    assert bool(chat.texts_of(TEXT)) == taken


@pytest.mark.parametrize(("hours", "taken"), [(23, True), (25, False)])
def test_they_are_kept_for_a_day_at_most(tmp_path: Path, hours: int, taken: bool) -> None:
    """In memory, at most a day."""
    chat = team(tmp_path, TEXT)
    event = talk(chat)
    chat.wait(hours=hours)
    chat.sign("Anna", "✍️", event)
    assert bool(chat.texts_of(TEXT)) == taken


def test_what_is_remembered_is_not_on_disk(tmp_path: Path) -> None:
    """The latest 200 messages of a room in memory, never on disk."""
    chat = team(tmp_path, TEXT)
    talk(chat, "geheimzinnig woord")
    assert "geheimzinnig" not in stored(chat)


def test_a_mark_on_the_coachs_own_message_does_nothing(tmp_path: Path) -> None:
    """✍️ is on a person's message: on the coach's own it means nothing."""
    chat = team(tmp_path, TEXT)
    chat.sign("Anna", "✍️", chat.asked)
    assert chat.last == []
    assert chat.texts_of(TEXT) == []


def test_a_marked_message_at_a_closed_kind(tmp_path: Path) -> None:
    """A message marked ✍️ is read by the kind of the question that is open."""
    chat = team(tmp_path, MULTI)
    event = talk(chat, "in en op")
    chat.sign("Anna", "✍️", event)
    chat.sign("Anna", "✅", chat.asked)
    assert choices(chat, MULTI) == ["in", "op"]


def test_a_marked_vote_is_that_of_who_wrote_it(tmp_path: Path) -> None:
    """✍️: that message is the answer, whoever marked it: the vote is the writer's."""
    chat = team(tmp_path, STATUS)
    event = talk(chat, "deels")
    chat.sign("Anna", "✍️", event)
    assert {one.member: one.word for one in chat.view.votes(STATUS)} == {"Bas": "deels"}
