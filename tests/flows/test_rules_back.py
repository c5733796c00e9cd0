"""rules.md, "What is for the coach": ❌ takes a noted message back, for a day; and signs on what the coach doesn't know
lead to nothing.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.chat import Chat
from tests.flows.rules_rooms import alone, answer, go, stored, team


def _noted(folder: Path) -> tuple[Chat, str]:
    """A team of three in which Bas's answer was noted."""
    chat = team(folder, "Anna", "Bas", "Cem")
    answer(chat, "Dichtbij", "Bas")
    return chat, chat.event


@pytest.mark.parametrize("key", ["❌", "❌️", "✖️", "❎"])
def test_anybody_takes_a_noted_message_back(tmp_path: Path, key: str) -> None:
    """ "❌ by anybody takes a noted message back." """
    chat, said = _noted(tmp_path)
    chat.sign("Cem", key, said)
    assert (chat.texts_of("pilot.naam"), chat.state("pilot.naam")) == ([], "open")
    assert [(mark.target, mark.key, mark.removed) for mark in chat.marks()] == [(said, "✍️", True)]


@pytest.mark.parametrize("hours", [0, 23])
def test_taking_it_off_restores_within_a_day(tmp_path: Path, hours: int) -> None:
    """ "❌ hides an item; taking ❌ off within 24 hours restores it" """
    chat, said = _noted(tmp_path)
    chat.sign("Cem", "❌", said)
    chat.wait(hours=hours)
    chat.sign("Cem", "❌", said, removed=True)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]
    assert [(mark.key, mark.removed) for mark in chat.marks()] == [("✍️", False)]
    chat.wait(hours=48)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_after_a_day_it_is_deleted(tmp_path: Path) -> None:
    """ "after that it is deleted": for good, and from the rows."""
    chat, said = _noted(tmp_path)
    chat.sign("Cem", "❌", said)
    assert "Dichtbij" in stored(chat)
    chat.wait(hours=25)
    assert "Dichtbij" not in stored(chat)
    chat.sign("Cem", "❌", said, removed=True)
    assert chat.texts_of("pilot.naam") == []


def _away(chat: Chat, **span: float) -> None:
    """Time goes by in which the coach is away: nothing comes due."""
    chat.now += timedelta(**span)


@pytest.mark.parametrize(("hours", "left"), [(23, ["Dichtbij"]), (25, [])])
def test_a_coach_that_was_away_then_restores_no_more_either(tmp_path: Path, hours: int, left: list[str]) -> None:
    """ "after that it is deleted", whichever the coach learns of first: that it is time, or that the ❌ is off."""
    chat, said = _noted(tmp_path)
    chat.sign("Cem", "❌", said)
    _away(chat, hours=hours)
    chat.sign("Cem", "❌", said, removed=True)
    assert chat.texts_of("pilot.naam") == left
    chat.wait(hours=48)
    assert chat.texts_of("pilot.naam") == left
    assert ("Dichtbij" in stored(chat)) == bool(left)


def test_a_mark_on_what_is_deleted_by_then_takes_it_anew(tmp_path: Path) -> None:
    """✍️ on a message that was taken back a day ago: it is a message like any other."""
    chat, said = _noted(tmp_path)
    chat.sign("Cem", "❌", said)
    _away(chat, hours=23)
    chat.sign("Anna", "✍️", said)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]
    chat.sign("Cem", "❌", said, removed=True)
    chat.sign("Cem", "❌", said)
    _away(chat, hours=25)
    chat.sign("Anna", "✍️", said)
    assert chat.texts_of("pilot.naam") == []
    assert [one.kind for one in chat.says()] == ["help"]  # what it said is not remembered for so long


def test_it_stays_hidden_while_somebody_keeps_it_back(tmp_path: Path) -> None:
    """Two took it back: it is restored when both took their ❌ off, and others' ✍️-less signs do nothing."""
    chat, said = _noted(tmp_path)
    chat.sign("Cem", "❌", said)
    chat.sign("Anna", "❌", said)
    chat.sign("Cem", "❌", said, removed=True)
    assert chat.texts_of("pilot.naam") == []
    chat.sign("Bas", "❌", said, removed=True)
    assert chat.texts_of("pilot.naam") == []
    chat.sign("Anna", "❌", said, removed=True)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_the_question_that_was_left_shows_it_gone(tmp_path: Path) -> None:
    """The read-back under the question follows."""
    chat, said = _noted(tmp_path)
    question = chat.asked
    chat.sign("Anna", "✅", question)
    chat.sign("Cem", "❌", said)
    assert [(edit.number, "Dichtbij" in edit.text) for edit in chat.edits()] == [(question, False)]
    chat.sign("Cem", "❌", said, removed=True)
    assert [(edit.number, "Dichtbij" in edit.text) for edit in chat.edits()] == [(question, True)]


KINDS = [
    ("pilot.periode", "1 september 2026 - 31 augustus 2027"),
    ("impact.beoogd", "voorkomen"),
    ("impact.statement", "Samen groeien kinderen veilig op"),
    ("impact.status", "deels"),
    ("impact.acties", "nulmeting doen"),
    ("ingredienten.oordeel", "v d o o d d v v"),
    ("valkuilen.scope.geldt", "nee"),
    ("pilot.ritme", "elke 8 weken"),
    ("impact.output", "- tien gesprekken\n- een training"),
]


@pytest.mark.parametrize(("step", "text"), KINDS)
def test_every_kind_of_answer_can_be_taken_back_and_restored(tmp_path: Path, step: str, text: str) -> None:
    """ "❌ by anybody takes a noted message back", whatever it noted; in a room of one it settled at once."""
    chat = alone(tmp_path)
    go(chat, step)
    before = chat.export["steps"][step], chat.export["actions"], chat.export["pilot"]
    chat.say("Anna", text)
    said = chat.event
    after = chat.export["steps"][step], chat.export["actions"], chat.export["pilot"]
    assert after != before
    chat.sign("Anna", "❌", said)
    assert (chat.export["steps"][step], chat.export["actions"], chat.export["pilot"]) == before
    chat.sign("Anna", "❌", said, removed=True)
    assert (chat.export["steps"][step], chat.export["actions"], chat.export["pilot"]) == after
    chat.sign("Anna", "❌", said)
    chat.wait(hours=25)
    assert (chat.export["steps"][step], chat.export["actions"], chat.export["pilot"]) == before


GIVEN = [("impact.status", "onvoldoende", "voldoende"), ("routes.keuze", "op", "in")]


@pytest.mark.parametrize(("step", "text", "other"), GIVEN)
def test_in_a_group_what_was_taken_back_does_not_count(tmp_path: Path, step: str, text: str, other: str) -> None:
    """A vote or choice that was taken back is not in the outcome."""
    chat = team(tmp_path, "Anna", "Bas", "Cem")
    go(chat, step)
    question = chat.asked
    answer(chat, text, "Bas")
    said = chat.event
    chat.say("Anna", other, to=question)
    chat.sign("Cem", "❌", said)
    chat.sign("Anna", "✅", question)
    if step == "impact.status":
        assert [one.kind for one in chat.says()] == ["question"]
        chat.sign("Anna", "✅", chat.says()[0].number)
        assert chat.export["steps"][step]["status"] == other
    else:
        assert chat.export["steps"][step]["choices"] == [other]


def test_a_draft_that_was_taken_back_is_not_settled(tmp_path: Path) -> None:
    """In a group a statement waits for ✅: one that was taken back meanwhile is not what they agree on."""
    chat = team(tmp_path)
    go(chat, "impact.statement")
    question = chat.asked
    answer(chat, "Samen groeien kinderen veilig op", "Bas")
    chat.sign("Anna", "❌", chat.event)
    chat.say("Bas", "!vraag")
    assert "Samen groeien" not in chat.text
    chat.sign("Anna", "✅", question)
    assert (chat.texts_of("impact.statement"), chat.state("impact.statement")) == ([], "open")


def test_a_marked_message_can_be_taken_back(tmp_path: Path) -> None:
    """What came by ✍️ goes by ❌; a new ✍️ brings it back."""
    chat = team(tmp_path, "Anna", "Bas", "Cem")
    chat.say("Bas", "Dichtbij")
    said = chat.event
    chat.sign("Anna", "✍️", said)
    chat.sign("Cem", "❌", said)
    assert chat.texts_of("pilot.naam") == []
    chat.sign("Cem", "❌", said, removed=True)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_what_is_hidden_counts_in_no_condition(tmp_path: Path) -> None:
    """Taken back is as good as not said: what depends on it does not apply."""
    chat = team(tmp_path)
    go(chat, "valkuilen.scope.situaties")
    answer(chat, "bij nieuwe gezinnen")
    chat.sign("Bas", "❌", chat.event)
    assert chat.export["steps"]["valkuilen.scope.situaties.gevolg"]["applicable"] is False


# What the coach doesn't know -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["m99", "e999", "onzin"])
@pytest.mark.parametrize("key", ["✅", "❌", "🟢", "⏰"])
def test_a_reaction_on_an_unknown_message_leads_to_nothing(tmp_path: Path, target: str, key: str) -> None:
    """ "A reaction or edit that meets a message the coach doesn't know leads to nothing." """
    chat, _ = _noted(tmp_path)
    before = chat.export
    chat.sign("Anna", key, target)
    chat.sign("Anna", key, target, removed=True)
    assert chat.last == []
    assert chat.export == {**before, "exported_at": chat.export["exported_at"]}


@pytest.mark.parametrize("key", ["✅", "🟢", "❌", "✍️"])
def test_signs_on_messages_that_ask_nothing_lead_to_nothing(tmp_path: Path, key: str) -> None:
    """✅ works only where something is still open."""
    chat = team(tmp_path)
    first = chat.asked
    chat.say("Anna", "!overzicht")
    overview = chat.says()[0].number
    chat.say("Anna", "!uitleg")
    explained = chat.says()[0].number
    chat.sign("Anna", "✅", first)
    for number in (first, overview, explained):
        chat.sign("Bas", key, number)
        assert (chat.last, chat.position) == ([], "pilot.periode")


def test_a_mark_on_a_command_or_on_nothing_notes_nothing(tmp_path: Path) -> None:
    """❌ on a message that was never noted: nothing."""
    chat = team(tmp_path)
    chat.say("Bas", "!overzicht")
    chat.sign("Anna", "❌", "e3")
    assert chat.last == []


def test_an_edit_of_an_unknown_message_leads_to_nothing(tmp_path: Path) -> None:
    """ "A reaction or edit that meets a message the coach doesn't know leads to nothing." """
    chat, _ = _noted(tmp_path)
    chat.edit("Bas", "e999", "Heel dichtbij")
    assert (chat.last, chat.texts_of("pilot.naam")) == ([], ["Dichtbij"])
    chat.redact("Bas", "e999")
    assert (chat.last, chat.texts_of("pilot.naam")) == ([], ["Dichtbij"])
