"""The statement is made from the Theory of Change, is kept as the team wrote it, and is marked "kijk nog eens" when an
answer that it is made from changes. Nothing reopens it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flows.conversation.snapshot import Put, apply
from flows.conversation.view import RoomView
from tests.chat import BOOK, Chat
from tests.flows.answer_rooms import TOC, at, is_open, one, team

STATEMENT, OUTCOME = "impact.statement", "impact.outcome"
AGAIN = "kijk nog eens, want later veranderd: outcome"
OWN = "Wij helpen gezinnen eerder."


def stated(folder: Path, *people: str, own: str | None = OWN) -> Chat:
    """A room with the five columns and an accepted statement, standing elsewhere."""
    chat = one(folder) if len(people) < 2 else team(folder, people=people)
    for number, step in enumerate(TOC):
        at(chat, step)
        chat.say("Anna", f"kolom{number}", to=chat.asked)
    at(chat, STATEMENT)
    if own is not None:
        chat.say("Anna", own, to=chat.asked)
    if is_open(chat, STATEMENT):
        chat.sign("Anna", "✅", chat.asked)
    return at(chat, "impact.vraagstuk")


def marked(chat: Chat) -> bool:
    """Whether the overview of the part tells to look at the statement again."""
    chat.say("Anna", "!overzicht impact")
    return "kijk nog eens" in chat.text


def event_of(chat: Chat, text: str) -> str:
    return next(item.event for item in chat.snapshot.item.values() if item.text == text)


# The frame ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
def test_an_open_statement_shows_the_frame_as_the_answers_are_now(tmp_path: Path, people: tuple[str, ...]) -> None:
    """✅ for the frame as shown: where an answer changes meanwhile, so does what is shown."""
    chat = team(tmp_path, people=people) if len(people) > 1 else one(tmp_path)
    numbers = {}
    for number, step in enumerate(TOC):
        at(chat, step)
        numbers[step] = chat.asked
        chat.say("Anna", f"kolom{number}", to=chat.asked)
    at(chat, STATEMENT)
    chat.say("Anna", "nog een effect", to=numbers[OUTCOME])
    shown = {edit.number: edit.text for edit in chat.edits()}[chat.asked]
    assert "Daardoor kolom1 en nog een effect." in shown
    chat.sign("Anna", "✅", chat.asked)
    assert chat.texts_of(STATEMENT)[0] in shown


def test_an_open_column_shows_the_column_to_its_right_as_it_is_now(tmp_path: Path) -> None:
    chat = one(tmp_path, OUTCOME)
    chat.say("Anna", "ouders bellen")
    event = chat.event
    at(chat, "impact.output")
    assert "Outcome was: ouders bellen" in chat.text
    chat.edit("Anna", event, "ouders bellen eerder")
    assert "Outcome was: ouders bellen eerder" in {edit.number: edit.text for edit in chat.edits()}[chat.asked]


def test_a_long_column_is_shown_in_short(tmp_path: Path) -> None:
    """As with what was noted: five items of 80 characters."""
    chat = one(tmp_path, OUTCOME)
    chat.say("Anna", "\n".join(f"- punt{number} {'x' * 90}" for number in range(7)))
    at(chat, "impact.output")
    assert "punt4" in chat.text
    assert "punt5" not in chat.text
    assert "; en nog 2_" in chat.text
    assert "x" * 80 not in chat.text


# The mark -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
@pytest.mark.parametrize("own", [OWN, None])
def test_an_accepted_statement_is_not_marked(tmp_path: Path, people: tuple[str, ...], own: str | None) -> None:
    chat = stated(tmp_path, *people, own=own)
    assert not marked(chat)
    chat.say("Anna", "iets anders over het vraagstuk", to=chat.asked)
    assert not marked(chat)


CHANGES = ["added", "edited", "removed", "crossed", "replaced", "taken away"]


def change(chat: Chat, how: str) -> None:
    """Change what stands at the outcome."""
    event = event_of(chat, "kolom1")
    if how == "edited":
        chat.edit("Anna", event, "kolom1 anders")
    elif how == "removed":
        chat.redact("Anna", event)
    elif how == "crossed":
        chat.sign("Anna", "❌", event)
    else:
        text = {"added": "erbij", "replaced": "1: heel anders", "taken away": "1 weg"}[how]
        chat.say("Anna", f"!wijzig {OUTCOME}")
        chat.say("Anna", text, to=chat.asked)
        chat.say("Anna", "!verder")


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
def test_a_changed_answer_marks_the_statement_and_leaves_it(tmp_path: Path, how: str, people: tuple[str, ...]) -> None:
    """ "a changed answer marks the statement "kijk nog eens" "; "never reopens it" """
    chat = stated(tmp_path, *people)
    change(chat, how)
    assert chat.view.outdated(STATEMENT) == (OUTCOME,)
    chat.say("Anna", "!overzicht impact")
    assert AGAIN in chat.text
    chat.say("Anna", "!overzicht")
    assert f"{OWN} (kijk nog eens)" in chat.text
    assert (chat.state(STATEMENT), chat.texts_of(STATEMENT)) == ("answered", [OWN])
    assert not is_open(chat, STATEMENT)


def test_an_answer_that_is_put_back_marks_nothing(tmp_path: Path) -> None:
    """❌ and taking it off again: nothing changed."""
    chat = stated(tmp_path, "Anna", "Bas")
    event = event_of(chat, "kolom1")
    chat.sign("Anna", "❌", event)
    assert marked(chat)
    chat.sign("Anna", "❌", event, removed=True)
    assert not marked(chat)


def test_every_column_that_changed_is_named_in_the_order_of_the_book(tmp_path: Path) -> None:
    chat = stated(tmp_path)
    for step in ("impact.input", OUTCOME, "impact.impact"):
        chat.say("Anna", f"!wijzig {step}")
        chat.say("Anna", "erbij")
        chat.say("Anna", "!verder")
    chat.say("Anna", "!overzicht impact")
    assert "later veranderd: impact, outcome en input." in chat.text


@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
@pytest.mark.parametrize("how", ["said again", "accepted again", "the proposal", "edited"])
def test_the_mark_goes_when_the_statement_is_said_or_accepted_again(
    tmp_path: Path, how: str, people: tuple[str, ...]
) -> None:
    chat = stated(tmp_path, *people)
    change(chat, "added")
    if how == "edited":
        chat.edit("Anna", event_of(chat, OWN), "Wij helpen ouders eerder.")
    else:
        chat.say("Anna", f"!wijzig {STATEMENT}")
        assert "_Kijk nog eens, want later veranderd: outcome_" in chat.text
        assert (OWN in chat.text, "Uit jullie antwoorden volgt nu: Met kolom4" in chat.text) == (True, True)
        if how != "accepted again":
            said = "Wij helpen gezinnen." if how == "said again" else "voorstel"
            chat.say("Anna", said, to=chat.asked)
        if is_open(chat, STATEMENT):
            chat.sign("Anna", "✅", chat.asked)
    kept = {
        "said again": "Wij helpen gezinnen.",
        "accepted again": OWN,
        "edited": "Wij helpen ouders eerder.",
        "the proposal": "Met kolom4 doen we kolom3. Dat levert kolom2 op. Daardoor kolom1 en erbij. "
        "Zo dragen we bij aan kolom0.",
    }
    assert chat.texts_of(STATEMENT) == [kept[how]]
    assert not marked(chat)


def test_looking_at_the_statement_and_going_elsewhere_accepts_nothing(tmp_path: Path) -> None:
    chat = stated(tmp_path)
    change(chat, "added")
    at(chat, STATEMENT)
    at(chat, "impact.vraagstuk")
    assert marked(chat)


def test_the_mark_goes_with_the_statement(tmp_path: Path) -> None:
    chat = stated(tmp_path)
    change(chat, "added")
    chat.redact("Anna", event_of(chat, OWN))
    assert not marked(chat)
    assert chat.view.outdated(STATEMENT) == ()


def test_the_json_export_says_nothing_of_the_mark(tmp_path: Path) -> None:
    """The form of the JSON export is fixed."""
    chat = stated(tmp_path)
    before = chat.export["steps"][STATEMENT]
    change(chat, "added")
    assert chat.export["steps"][STATEMENT] == before


def test_of_what_was_removed_nothing_stays_with_the_statement(tmp_path: Path) -> None:
    chat = stated(tmp_path)
    chat.redact("Anna", event_of(chat, "kolom1"))
    kept = chat.snapshot.answer[STATEMENT].value
    assert kept is not None
    assert "kolom" not in kept


def test_a_statement_from_before_is_marked_by_what_came_later(tmp_path: Path) -> None:
    """A room in which it was not kept what the statement is made from."""
    chat = stated(tmp_path)
    old = apply(chat.snapshot, [Put(replace(chat.snapshot.answer[STATEMENT], value=None))])
    assert RoomView(BOOK, old, chat.now).outdated(STATEMENT) == ()
    change(chat, "edited")
    old = apply(chat.snapshot, [Put(replace(chat.snapshot.answer[STATEMENT], value=None))])
    assert RoomView(BOOK, old, chat.now).outdated(STATEMENT) == (OUTCOME,)
