"""coherence.md 14 and 19: an answer that changes after the statement, and what is not known at the end of a part."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat import Chat
from tests.flows.coherence_chats import nudge, nudges
from tests.flows.rules_rooms import alone, answer, asked_step, go, team

# 14: an answer that changes after the statement -----------------------------------------------------------------------


def with_statement(chat: Chat) -> str:
    """The theory of change is filled and the statement accepted; the event of the outcome."""
    event = ""
    for step in ("impact", "outcome", "output", "activiteiten", "input"):
        go(chat, f"impact.{step}")
        answer(chat, f"minder werk voor {step}: geld")
        event = chat.event if step == "outcome" else event
    go(chat, "impact.statement")
    chat.sign("Anna", "✅", chat.asked)
    return event


CHANGED = "Er is iets veranderd bij outcome. Klopt de zin over jullie impact nog?"


def test_it_comes_with_the_edits_turn(tmp_path: Path) -> None:
    """ "14 comes with the edit's turn" """
    chat = team(tmp_path)
    event = with_statement(chat)
    position, asked = chat.position, chat.asked
    chat.edit("Anna", event, "minder werk voor scholen")
    assert CHANGED in nudge(chat).text
    assert nudge(chat).text.startswith("**Impact · impactstatement:**")
    assert "`!wijzig statement`" in nudge(chat).text
    assert (chat.position, chat.state("impact.statement")) == (position, "answered")  # "never reopens it"
    chat.sign("Bas", "✅", nudge(chat).number)
    assert chat.says() == []
    assert chat.asked == asked
    chat.edit("Anna", event, "nog minder werk voor scholen")
    assert chat.says() == []  # never twice


def test_alone_the_open_question_comes_again(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    event = with_statement(chat)
    step = chat.position
    chat.edit("Anna", event, "minder werk voor scholen")
    assert CHANGED in nudge(chat).text
    chat.say("Anna", "hij klopt nog, alleen korter")
    assert asked_step(chat) == step
    assert chat.texts_of("impact.status") == ["hij klopt nog, alleen korter"]


def test_a_change_by_command_is_asked_about_when_it_is_done(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    with_statement(chat)
    chat.say("Anna", "!wijzig outcome")
    chat.say("Anna", "1: minder werk voor scholen")
    assert chat.says() == []
    chat.say("Anna", "!verder")
    assert CHANGED in nudge(chat).text
    chat.say("Anna", "verder")
    assert asked_step(chat) == chat.position


@pytest.mark.parametrize("what", ["before", "same", "elsewhere", "off"])
def test_it_stays_silent(tmp_path: Path, what: str) -> None:
    chat = team(tmp_path)
    if what == "before":
        go(chat, "impact.outcome")
        answer(chat, "minder werk")
        chat.edit("Anna", chat.event, "minder werk voor scholen")
    else:
        event = with_statement(chat)
        if what == "same":
            chat.edit("Anna", event, "minder werk voor outcome: geld")
        elif what == "elsewhere":
            go(chat, "impact.verschil")
            answer(chat, "tellen")
            chat.edit("Anna", chat.event, "tellen en vragen")
        else:
            chat.say("Anna", "!instellingen duwtjes uit")
            chat.edit("Anna", event, "minder werk voor scholen")
    assert nudges(chat, "Klopt de zin") == []


@pytest.mark.parametrize("how", ["late reply", "removal", "❌"])
def test_more_or_less_of_an_answer_is_a_change_too(tmp_path: Path, how: str) -> None:
    chat = team(tmp_path)
    event = with_statement(chat)
    if how == "late reply":
        number = next(one.number for one in chat.says(chat.seen) if one.step == "impact.outcome")
        chat.say("Bas", "ouders bellen eerder", to=number)
    elif how == "removal":
        chat.redact("Anna", event)
    else:
        chat.sign("Bas", "❌", event)
    assert CHANGED in nudge(chat).text


# 19: what is not known at the end of a part ---------------------------------------------------------------------------


def test_unknowns_are_asked_about_together_where_the_part_ends(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "ingredienten.oordeel")
    answer(chat, "v ? v v v v v ?")
    go(chat, "ingredienten.acties")
    found = []
    for _ in range(4):
        chat.say("Anna", "verder")
        found += [one for one in chat.says() if one.kind == "nudge" and "dit weten jullie nog niet" in one.text]
    (said,) = found
    assert "- wensen en behoeften\n- privacy en gegevensdeling" in said.text
    assert "Wat hiervan willen jullie tijdens de pilot te weten komen?" in said.text
    assert said.step == "ingredienten.acties"


def test_a_reply_is_an_action_of_the_part(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "ingredienten.oordeel")
    answer(chat, "v ? v v v v v ?")
    go(chat, "ingredienten.acties")
    chat.say("Anna", "verder")
    while "dit weten jullie nog niet" not in chat.text:
        chat.say("Anna", "verder")
    chat.say("Anna", "enquête houden @Anna 15 januari 2027")
    (action,) = chat.export["actions"]
    assert (action["text"], action["step"]) == ("enquête houden", "ingredienten.acties")
    for _ in range(6):
        chat.say("Anna", "verder")
    assert len(nudges(chat, "dit weten jullie nog niet")) == 1


@pytest.mark.parametrize("word", ["nee", "weten we nog niet", "verder"])
def test_it_can_be_refused(tmp_path: Path, word: str) -> None:
    chat = alone(tmp_path)
    go(chat, "ingredienten.oordeel")
    answer(chat, "v ? v v v v v v")
    go(chat, "ingredienten.acties")
    chat.say("Anna", "verder")
    while "dit weten jullie nog niet" not in chat.text:
        chat.say("Anna", "verder")
    chat.say("Anna", word)
    assert chat.says()[0].kind == "question"
    assert chat.export["actions"] == []


def test_what_was_asked_about_together_is_not_asked_about_alone(tmp_path: Path) -> None:
    chat = alone(tmp_path, "!tempo kort")
    go(chat, "impact.verschil")
    chat.say("Anna", "!weetniet")
    while chat.position != "ingredienten.nodig":
        chat.say("Anna", "verder")
    assert len(nudges(chat, "dit weten jullie nog niet")) == 1
    assert nudges(chat, "Wie zoekt het uit") == []


def test_what_was_asked_about_at_once_is_not_asked_again(tmp_path: Path) -> None:
    """The offer of `!weetniet` ("Wie zoekt het uit?") is that question for that one."""
    chat = alone(tmp_path)
    go(chat, "routes.rol")
    chat.say("Anna", "!weetniet")
    assert "Wie zoekt het uit" in nudge(chat).text
    chat.say("Anna", "verder")
    go(chat, "routes.acties")
    for _ in range(4):
        chat.say("Anna", "verder")
    assert nudges(chat, "dit weten jullie nog niet") == []
