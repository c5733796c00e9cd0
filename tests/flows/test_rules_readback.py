"""An action that is said back above the next question stays in sight: when that question changes, when it is left,
and as the action stands by then.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.effects import Scrub
from tests.chat import Chat
from tests.flows.answer_rooms import at, stored, team

UNKNOWN, NEXT = "impact.vraagstuk", "impact.noodzaak"
LINE = "Actie 1: **nulmeting doen** · Bas · "


def said_back(chat: Chat, text: str = "nulmeting doen @Bas 15 januari 2027") -> str:
    """An action that finds out what is not known, said back above the next question; the event that said it."""
    at(chat, UNKNOWN)
    chat.say("Anna", "!weetniet")
    chat.say("Anna", text, to=chat.says()[0].number)
    event = chat.event
    (said,) = chat.says()
    assert said.step == NEXT
    assert said.text.startswith("Actie 1: **nulmeting doen**")
    return event


def shows(chat: Chat) -> str:
    """How the next question's message reads after the last event."""
    number = chat.snapshot.asked[NEXT].latest
    (text,) = [edit.text for edit in chat.edits() if edit.number == number]
    return text


@pytest.mark.parametrize("leave", ["!verder", "!weetniet", "!overslaan", "!ga routes"])
def test_it_stays_when_the_question_is_left(tmp_path: Path, leave: str) -> None:
    chat = team(tmp_path, people=("Anna", "Bas"))
    said_back(chat)
    chat.say("Anna", leave)
    text = shows(chat)
    assert text.startswith(f"{LINE}vrijdag 15 januari 2027\n\n**Impact · noodzaak**")


def test_it_stays_when_something_is_noted_later(tmp_path: Path) -> None:
    chat = team(tmp_path, people=("Anna", "Bas"))
    said_back(chat)
    number = chat.asked
    chat.say("Anna", "!verder")
    chat.say("Bas", "wachtlijsten", to=number)
    assert shows(chat).startswith(LINE)
    assert "wachtlijsten" in shows(chat)


def test_it_stays_while_votes_come_in(tmp_path: Path) -> None:
    chat = team(tmp_path)
    at(chat, "impact.statement")
    chat.say("Anna", "!weetniet")
    chat.say("Anna", "nulmeting doen @Bas 15 januari 2027", to=chat.says()[0].number)
    chat.sign("Anna", "🟢", chat.asked)
    (edit,) = chat.edits()
    assert edit.text.startswith(LINE)
    assert "1 stem" in edit.text


def test_two_that_were_said_back_both_stay(tmp_path: Path) -> None:
    chat = team(tmp_path, people=("Anna", "Bas"))
    said_back(chat, "- nulmeting doen @Bas 15 januari 2027\n- ouders bellen @Anna 1 februari 2027")
    chat.say("Anna", "!verder")
    assert [line[:8] for line in shows(chat).split("\n")[:2]] == ["Actie 1:", "Actie 2:"]


def test_it_follows_the_action(tmp_path: Path) -> None:
    chat = team(tmp_path, people=("Anna", "Bas"))
    event = said_back(chat)
    chat.say("Anna", "!verder")
    chat.edit("Anna", event, "nulmeting doen @Anna 15 januari 2027")
    assert shows(chat).startswith("Actie 1: **nulmeting doen** · Anna · ")
    chat.say("Anna", "!gedaan 1")
    assert shows(chat).split("\n")[0].endswith(" · klaar")


@pytest.mark.parametrize("left", [True, False])
def test_with_the_action_it_goes_and_nothing_of_it_stays(tmp_path: Path, left: bool) -> None:
    chat = team(tmp_path, people=("Anna", "Bas"))
    event = said_back(chat)
    if left:
        chat.say("Anna", "!verder")
    chat.redact("Anna", event)
    assert shows(chat).startswith("**Impact · noodzaak**")
    scrubs = {one.step: one.gone for one in chat.last if isinstance(one, Scrub)}
    assert scrubs[NEXT] == scrubs["impact.acties"] == ("nulmeting doen",)
    assert not any(name.startswith("told:") for name in chat.snapshot.once)
    assert "nulmeting" not in stored(chat)


def test_what_is_taken_back_comes_and_goes(tmp_path: Path) -> None:
    chat = team(tmp_path, people=("Anna", "Bas"))
    event = said_back(chat)
    chat.say("Anna", "!verder")
    chat.sign("Bas", "❌", event)
    assert "nulmeting" not in shows(chat)
    chat.sign("Bas", "❌", event, removed=True)
    assert shows(chat).startswith(LINE)


def test_a_reply_to_the_question_is_an_answer_to_it(tmp_path: Path) -> None:
    """What stands above a question is not what a reply is about."""
    chat = team(tmp_path, people=("Anna", "Bas"))
    said_back(chat)
    number = chat.asked
    chat.say("Anna", "!verder")
    chat.say("Bas", "wachtlijsten", to=number)
    assert chat.texts_of(NEXT) == ["wachtlijsten"]


def test_who_and_when_that_were_asked_stay_too(tmp_path: Path) -> None:
    chat = team(tmp_path, "strategie.acties", people=("Anna", "Bas"))
    chat.say("Anna", "nulmeting doen", to=chat.asked)
    chat.say("Anna", "!verder")
    (nudge,) = chat.says()
    chat.say("Anna", "@Bas", to=nudge.number)
    (said,) = chat.says()
    assert (said.kind, said.text.startswith("Actie 1: **nulmeting doen** · Bas")) == ("question", True)
    chat.say("Anna", "!overslaan")
    (edit,) = [one for one in chat.edits() if one.number == said.number]
    assert edit.text.startswith("Actie 1: **nulmeting doen** · Bas\n\n")
