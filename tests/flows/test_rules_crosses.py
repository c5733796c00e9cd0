"""rules.md: ❌ by anybody takes a noted message back; taken off within 24 hours it is restored, after that deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.answer_rooms import ROWS, choices, is_open, one, status, stored, team, vote

TEXT, ACTIONS, MULTI, PERIOD = "impact.noodzaak", "strategie.acties", "routes.keuze", "pilot.periode"
STATUS, APPLIES, GRID, RHYTHM = "impact.status", "valkuilen.scope.geldt", "ingredienten.oordeel", "pilot.ritme"
STATEMENT, OTHER = "impact.statement", "valkuilen.omstandigheden.welke"

GIVEN = [
    (TEXT, "te veel meldingen"),
    (PERIOD, "vanaf mei 2027"),
    (RHYTHM, "elke maand"),
    (MULTI, "in, op"),
    (OTHER, "anders: een busje"),
    (STATUS, "deels"),
    (APPLIES, "ja"),
    (STATEMENT, "Wij helpen."),
    (GRID, "v v v v v v v v"),
]


@pytest.mark.parametrize(("step", "text"), GIVEN)
def test_a_cross_hides_and_taking_it_off_restores(tmp_path: Path, step: str, text: str) -> None:
    """❌ hides an item; taking ❌ off within 24 hours restores it: every kind, and the question's message shows it."""
    chat = one(tmp_path, step)
    before = chat.export
    chat.say("Anna", text)
    event = chat.event
    chat.say("Anna", "!verder")
    given = chat.export
    chat.sign("Anna", "❌", event)
    hidden = chat.export
    watched = (step, *ROWS)
    assert [hidden["steps"][one] for one in watched] == [before["steps"][one] for one in watched]
    assert hidden["pilot"] == before["pilot"]
    assert chat.edits()
    chat.wait(hours=23)
    chat.sign("Anna", "❌", event, removed=True)
    restored = chat.export
    assert [restored["steps"][one] for one in watched] == [given["steps"][one] for one in watched]
    assert restored["pilot"] == given["pilot"]
    assert chat.edits()
    chat.wait(days=3)
    assert chat.export["steps"] == restored["steps"]


@pytest.mark.parametrize(("step", "text"), GIVEN)
def test_after_a_day_it_is_deleted(tmp_path: Path, step: str, text: str) -> None:
    """After that (24 hours) it is deleted: taking ❌ off then restores nothing."""
    chat = one(tmp_path, step)
    before = chat.export["steps"]
    chat.say("Anna", text)
    event = chat.event
    chat.say("Anna", "!verder")
    chat.sign("Anna", "❌", event)
    chat.wait(hours=25)
    chat.sign("Anna", "❌", event, removed=True)
    assert chat.last == []
    after = chat.export["steps"]
    assert [after[one] for one in (step, *ROWS)] == [before[one] for one in (step, *ROWS)]
    if step in (TEXT, STATEMENT, OTHER):
        assert text.removeprefix("anders: ") not in stored(chat)


def test_an_action_taken_back(tmp_path: Path) -> None:
    """❌ hides an action; taking it off restores it under its own number; after a day it is deleted."""
    chat = team(tmp_path, ACTIONS)
    chat.say("Bas", "memo schrijven", to=chat.asked)
    event = chat.event
    chat.sign("Cem", "❌", event)
    assert chat.export["actions"] == []
    chat.sign("Cem", "❌", event, removed=True)
    assert [one["number"] for one in chat.export["actions"]] == [1]
    chat.sign("Cem", "❌", event)
    chat.wait(hours=25)
    assert "memo schrijven" not in stored(chat)


@pytest.mark.parametrize("who", ["Anna", "Bas", "Cem"])
def test_a_cross_by_anybody(tmp_path: Path, who: str) -> None:
    """❌ by anybody takes a noted message back; the coach takes its ✍️ off."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "te veel meldingen", to=chat.asked)
    event = chat.event
    chat.sign(who, "❌", event)
    assert chat.texts_of(TEXT) == []
    assert [(mark.target, mark.removed) for mark in chat.marks()] == [(event, True)]
    chat.sign(who, "❌", event, removed=True)
    assert [(mark.target, mark.removed) for mark in chat.marks()] == [(event, False)]


def test_a_cross_of_two_people_stays_until_both_are_off(tmp_path: Path) -> None:
    """A removed reaction takes its mark back, and only its own."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "te veel meldingen", to=chat.asked)
    event = chat.event
    for who in ("Anna", "Cem"):
        chat.sign(who, "❌", event)
    chat.sign("Anna", "❌", event, removed=True)
    assert chat.texts_of(TEXT) == []
    chat.sign("Bas", "❌", event, removed=True)
    assert chat.texts_of(TEXT) == []
    chat.sign("Cem", "❌", event, removed=True)
    assert chat.texts_of(TEXT) == ["te veel meldingen"]


def test_a_second_cross_does_not_lengthen_the_day(tmp_path: Path) -> None:
    """❌ hides an item; 24 hours after it was hidden it is deleted, whoever crosses it again meanwhile."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "geheimzinnig woord", to=chat.asked)
    event = chat.event
    chat.sign("Anna", "❌", event)
    chat.wait(hours=20)
    chat.sign("Cem", "❌", event)
    chat.wait(hours=5)
    assert "geheimzinnig" not in stored(chat)


def test_crossed_anew_there_is_a_whole_day_again(tmp_path: Path) -> None:
    """Taking ❌ off restores it; a later ❌ gives 24 hours from then."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "te veel meldingen", to=chat.asked)
    event = chat.event
    chat.sign("Anna", "❌", event)
    chat.sign("Anna", "❌", event, removed=True)
    chat.wait(hours=20)
    chat.sign("Anna", "❌", event)
    chat.wait(hours=20)
    chat.sign("Anna", "❌", event, removed=True)
    assert chat.texts_of(TEXT) == ["te veel meldingen"]


def test_a_cross_on_a_marked_message(tmp_path: Path) -> None:
    """❌ by anybody takes a noted message back: one noted by ✍️ too; what nobody noted is left alone."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "te veel meldingen")
    event = chat.event
    chat.sign("Anna", "❌", event)
    assert chat.last == []
    chat.sign("Anna", "❌", event, removed=True)
    chat.sign("Anna", "✍️", event)
    chat.sign("Cem", "❌", event)
    assert chat.texts_of(TEXT) == []
    chat.sign("Cem", "❌", event, removed=True)
    assert chat.texts_of(TEXT) == ["te veel meldingen"]


def test_a_vote_taken_back_does_not_count(tmp_path: Path) -> None:
    """❌ takes a noted message back: a vote too; taken off it counts again, and the message shows both."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="deels", Bas="voldoende")
    event = chat.event
    chat.sign("Anna", "❌", event)
    assert [one.member for one in chat.view.votes(STATUS)] == ["Anna"]
    assert "1 stem" in chat.edits()[0].text
    chat.say("Cem", "deels", to=chat.asked)
    assert is_open(chat, STATUS)
    chat.sign("Anna", "✅", chat.asked)
    chat.sign("Anna", "✅", chat.asked)
    assert status(chat, STATUS) == "deels"


def test_a_view_taken_back_is_not_kept(tmp_path: Path) -> None:
    """❌ takes a noted message back: a view is no item then on *niet eens*."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="v", Bas="v", Cem="o")
    chat.say("Cem", "ik mis cijfers", to=chat.asked)
    chat.sign("Anna", "❌", chat.event)
    chat.sign("Bas", "✅", chat.asked)
    chat.say("Cem", "niet eens", to=chat.asked)
    assert chat.texts_of(STATUS) == []


def test_own_words_taken_back_are_not_accepted(tmp_path: Path) -> None:
    """❌ takes a noted message back: own words that wait for ✅ are no statement then."""
    chat = team(tmp_path, STATEMENT)
    chat.say("Bas", "Wij helpen.", to=chat.asked)
    chat.sign("Anna", "❌", chat.event)
    chat.sign("Cem", "✅", chat.asked)
    assert (chat.state(STATEMENT), chat.texts_of(STATEMENT)) == ("open", [])


def test_a_choice_taken_back_leaves_the_union(tmp_path: Path) -> None:
    """❌ hides a member's choice; taking it off restores it: the union follows, also after closing."""
    chat = team(tmp_path, MULTI)
    number = chat.asked
    chat.say("Anna", "in", to=number)
    chat.say("Bas", "op", to=number)
    event = chat.event
    chat.sign("Cem", "✅", number)
    chat.sign("Anna", "❌", event)
    assert choices(chat, MULTI) == ["in"]
    chat.sign("Anna", "❌", event, removed=True)
    assert choices(chat, MULTI) == ["in", "op"]


def test_an_edit_of_what_was_taken_back_stays_hidden(tmp_path: Path) -> None:
    """❌ hides an item: an edit doesn't bring it back, and its latest text is what is restored."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "te veel meldinge", to=chat.asked)
    event = chat.event
    chat.sign("Anna", "❌", event)
    chat.edit("Bas", event, "te veel meldingen")
    assert chat.texts_of(TEXT) == []
    chat.sign("Anna", "❌", event, removed=True)
    assert chat.texts_of(TEXT) == ["te veel meldingen"]
