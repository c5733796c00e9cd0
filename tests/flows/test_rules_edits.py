"""rules.md, "Taking an answer, by kind": edits by the author: the item follows, also later.

What is open in a group (votes, views, choices, own words that wait) is in `test_rules_edits_group`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.flows.answer_rooms import ROWS, at, choices, is_open, one, status, stored, team

TEXT, ACTIONS, MULTI, PERIOD = "impact.noodzaak", "strategie.acties", "routes.keuze", "pilot.periode"
STATUS, APPLIES, GRID, RHYTHM = "impact.status", "valkuilen.scope.geldt", "ingredienten.oordeel", "pilot.ritme"
STATEMENT, OTHER = "impact.statement", "valkuilen.omstandigheden.welke"


# Text and actions ---------------------------------------------------------------------------------------------------


def test_the_item_follows_its_message(tmp_path: Path) -> None:
    """Edit by the author: the item follows."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "te veel meldinge")
    event = chat.event
    chat.edit("Anna", event, "te veel meldingen")
    (item,) = chat.export["steps"][TEXT]["items"]
    assert (item["text"], item["author"], item["event"]) == ("te veel meldingen", "Anna", event)


@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas", "Cem")])
def test_the_item_follows_later_and_its_question_shows_it(tmp_path: Path, people: tuple[str, ...]) -> None:
    """Edit by the author: the item follows, also later; that question's message is edited again in the same turn."""
    chat = team(tmp_path, TEXT, people=people)
    number = chat.asked
    chat.say("Anna", "te veel meldinge", to=number)
    event = chat.event
    chat.say("Anna", "!verder")
    after = chat.position
    chat.wait(days=3)
    chat.edit("Anna", event, "te veel meldingen")
    assert chat.texts_of(TEXT) == ["te veel meldingen"]
    (edit,) = chat.edits()
    assert edit.number == number
    assert "te veel meldingen" in edit.text
    assert chat.says() == []
    assert chat.position == after


def test_an_edit_at_the_end(tmp_path: Path) -> None:
    """Edit by the author: the item follows, also when the team has reached einde."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "te veel meldinge")
    event = chat.event
    at(chat, RHYTHM)
    chat.say("Anna", "verder")
    assert chat.position == "einde"
    chat.edit("Anna", event, "te veel meldingen")
    assert chat.texts_of(TEXT) == ["te veel meldingen"]


def test_the_old_text_is_not_kept(tmp_path: Path) -> None:
    """The old text is not kept; that it was edited, when and by whom is."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "geheimzinnig woord")
    event = chat.event
    chat.say("Anna", "!verder")
    moment = chat.now
    chat.edit("Anna", event, "gewoon woord")
    assert "geheimzinnig" not in stored(chat)
    (item,) = chat.snapshot.item.values()
    assert (item.edited_at, item.edited_by) == (moment, "Anna")
    assert item.author == "Anna"
    assert item.at < moment


def test_the_moment_of_an_item_is_that_of_saying_it(tmp_path: Path) -> None:
    """That it was edited is kept beside when it was said."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "eerst")
    said = chat.export["steps"][TEXT]["items"][0]["at"]
    event = chat.event
    chat.wait(hours=5)
    chat.edit("Anna", event, "daarna")
    assert chat.export["steps"][TEXT]["items"][0]["at"] == said


@pytest.mark.parametrize(
    ("before", "after", "items"),
    [
        ("- een\n- twee", "- een\n- twee\n- drie", ["een", "twee", "drie"]),
        ("- een\n- twee\n- drie", "- een\n- drie", ["een", "drie"]),
        ("- een\n- twee", "alles samen", ["alles samen"]),
        ("een", "- een\n- twee", ["een", "twee"]),
        ("een", "@coach twee", ["twee"]),
        ("een", "Is dat echt zo?", ["Is dat echt zo?"]),
    ],
)
def test_all_items_of_a_message_follow(tmp_path: Path, before: str, after: str, items: list[str]) -> None:
    """Edit by the author: what the message says now is what stands there, in place of what it said."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", before)
    chat.edit("Anna", chat.event, after)
    assert chat.texts_of(TEXT) == items


def test_an_edit_touches_only_its_own_message(tmp_path: Path) -> None:
    """Edit by the author: the item of that message follows, others stay, in their order."""
    chat = one(tmp_path, TEXT)
    events = []
    for text in ("een", "twee", "drie"):
        chat.say("Anna", text)
        events.append(chat.event)
    chat.edit("Anna", events[1], "TWEE")
    assert chat.texts_of(TEXT) == ["een", "TWEE", "drie"]


def test_somebody_elses_edit_changes_nothing(tmp_path: Path) -> None:
    """Edit by the author, and nobody else, a moderator neither."""
    chat = team(tmp_path, TEXT, moderators=("Bas",))
    chat.say("Anna", "van Anna", to=chat.asked)
    chat.edit("Bas", chat.event, "van Bas")
    assert chat.last == []
    assert chat.texts_of(TEXT) == ["van Anna"]


@pytest.mark.parametrize("text", ["", "   ", "!verder", "!weetniet", "!overslaan", "!onzin"])
def test_an_edit_of_text_that_is_no_answer_keeps_the_old(tmp_path: Path, text: str) -> None:
    """An edit that can't be read keeps the old value and says so; other commands are not done anew."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "te veel meldingen")
    chat.edit("Anna", chat.event, text)
    assert chat.texts_of(TEXT) == ["te veel meldingen"]
    assert [say.kind for say in chat.says()] == ["help"]
    assert is_open(chat, TEXT)
    assert chat.state(TEXT) == "answered"


def test_an_action_follows_its_message(tmp_path: Path) -> None:
    """Edit by the author: the action follows, under its own number; that it was edited, when and by whom is kept."""
    chat = one(tmp_path, ACTIONS)
    chat.say("Anna", "memo schrijven @Anna 15 januari 2027")
    moment = chat.now
    chat.edit("Anna", chat.event, "memo voor het MT schrijven 1 februari 2027")
    (action,) = chat.export["actions"]
    assert action == {
        "number": 1, "text": "memo voor het MT schrijven", "owner": None, "due": "2027-02-01", "state": "open",
        "step": ACTIONS,
    }  # fmt: skip
    (kept,) = chat.snapshot.action.values()
    assert (kept.edited_at, kept.edited_by) == (moment, "Anna")


@pytest.mark.parametrize("text", ["memo 31 februari 2027", "@Anna", ""])
def test_an_action_that_cannot_be_read_keeps_the_old(tmp_path: Path, text: str) -> None:
    """An edit that can't be read keeps the old value and says so."""
    chat = one(tmp_path, ACTIONS)
    chat.say("Anna", "memo schrijven @Anna 15 januari 2027")
    before = chat.export["actions"]
    chat.edit("Anna", chat.event, text)
    assert chat.export["actions"] == before
    assert [say.kind for say in chat.says()] == ["help"]


# Commands -----------------------------------------------------------------------------------------------------------


def test_an_edited_actie_is_done_anew(tmp_path: Path) -> None:
    """An edited `!actie` is done anew: the same action, not one more."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "!actie memo schrijven @Bas")
    chat.edit("Bas", chat.event, "!actie memo schrijven @Cem 15 januari 2027")
    (action,) = chat.export["actions"]
    assert (action["number"], action["owner"], action["due"]) == (1, "Cem", "2027-01-15")
    assert len(chat.says()) == 1


def test_an_actie_that_failed_and_is_mended(tmp_path: Path) -> None:
    """An edited `!actie` is done anew: also one that could not be read at first."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "!actie memo schrijven 31 februari 2027")
    assert chat.export["actions"] == []
    chat.edit("Bas", chat.event, "!actie memo schrijven 28 februari 2027")
    assert [(one["text"], one["due"]) for one in chat.export["actions"]] == [("memo schrijven", "2027-02-28")]


def test_an_actie_spoilt_keeps_the_old(tmp_path: Path) -> None:
    """An edit that can't be read keeps the old value and says so: `!actie` too."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "!actie memo schrijven 28 februari 2027")
    chat.edit("Bas", chat.event, "!actie memo schrijven 31 februari 2027")
    assert [one["due"] for one in chat.export["actions"]] == ["2027-02-28"]
    assert [say.kind for say in chat.says()] == ["help"]


def test_an_edited_antwoord_is_done_anew(tmp_path: Path) -> None:
    """An edited `!antwoord` is done anew: its text is the answer, of the question that it answered."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "!antwoord te veel meldinge")
    event = chat.event
    chat.say("Anna", "!verder")
    chat.edit("Bas", event, "!antwoord te veel meldingen")
    assert chat.texts_of(TEXT) == ["te veel meldingen"]


def test_an_antwoord_that_failed_and_is_mended(tmp_path: Path) -> None:
    """An edited `!antwoord` is done anew: also one that could not be read at first."""
    chat = team(tmp_path, PERIOD)
    chat.say("Bas", "!antwoord binnenkort")
    chat.edit("Bas", chat.event, "!antwoord vanaf mei 2027")
    assert chat.export["pilot"]["start"] == "2027-05-01"


@pytest.mark.parametrize("command", ["!verder", "!overslaan", "!weetniet", "!ga routes", "!tempo kort", "!gedaan 1"])
def test_other_commands_are_not_done_anew(tmp_path: Path, command: str) -> None:
    """Edited: other commands are not (done anew)."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "!actie memo")
    chat.say("Bas", "!hulp")
    before = (chat.position, chat.state(TEXT), chat.snapshot.room.pace, chat.export["actions"])
    chat.edit("Bas", chat.event, command)
    assert (chat.position, chat.state(TEXT), chat.snapshot.room.pace, chat.export["actions"]) == before


def test_a_tempo_that_was_edited_is_not_done_anew(tmp_path: Path) -> None:
    """Edited: other commands are not (done anew)."""
    chat = team(tmp_path, TEXT)
    chat.say("Anna", "!tempo kort")
    chat.edit("Anna", chat.event, "!tempo volledig")
    assert chat.snapshot.room.pace == "kort"


# The other kinds, alone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "before", "after", "spoilt"),
    [
        (PERIOD, "vanaf mei 2027", "vanaf juni 2027", "binnenkort"),
        (RHYTHM, "elke maand", "elke 2 maanden", "af en toe"),
        (MULTI, "in, op", "uit", "fiets"),
        (STATUS, "deels", "onvoldoende", "gaat wel"),
        (APPLIES, "ja", "nee", "gaat wel"),
        (STATEMENT, "Wij helpen.", "Wij helpen eerder.", ""),
        (GRID, "v v v v v v v v", "v v v v v v v o", "v v v"),
    ],
)
def test_alone_every_kind_follows_also_later(tmp_path: Path, step: str, before: str, after: str, spoilt: str) -> None:
    """Edit by the author: the answer follows, also later; an edit that can't be read keeps the old value and says
    so; the question's message is edited in the same turn.
    """
    for name in ("edited", "fresh"):
        (tmp_path / name).mkdir()
    chat, fresh = one(tmp_path / "edited", step), one(tmp_path / "fresh", step)
    number = chat.asked
    chat.say("Anna", before)
    event = chat.event
    chat.edit("Anna", event, after)
    assert number in [edit.number for edit in chat.edits()]
    fresh.say("Anna", after)
    assert _values(chat.export) == _values(fresh.export)
    edited = chat.export["steps"]
    chat.edit("Anna", event, spoilt)
    assert chat.export["steps"] == edited
    assert [say.kind for say in chat.says()] == ["help"]


def _values(export: dict[str, Any]) -> dict[str, Any]:
    """What an export says but for moments and events."""
    steps = {
        step: (one["state"], one["status"], one["choices"], [item["text"] for item in one["items"]])
        for step, one in export["steps"].items()
    }
    return {"steps": steps, "pilot": export["pilot"]}


def test_a_choice_with_its_own_words_follows(tmp_path: Path) -> None:
    """Edit by the author: `anders: tekst` follows, and its text goes where the choice does."""
    chat = one(tmp_path, OTHER)
    chat.say("Anna", "anders: een busje")
    event = chat.event
    chat.edit("Anna", event, "anders: een bestelbus")
    assert (choices(chat, OTHER), chat.texts_of(OTHER)) == (["anders"], ["een bestelbus"])
    chat.edit("Anna", event, "geld")
    assert (choices(chat, OTHER), chat.texts_of(OTHER)) == (["geld"], [])


def test_what_depends_on_a_status_follows_too(tmp_path: Path) -> None:
    """Edit by the author, later: conditions are evaluated anew; an answer whose step stops applying is kept."""
    chat = one(tmp_path, STATUS)
    chat.say("Anna", "deels")
    event = chat.event
    chat.say("Anna", "memo schrijven")
    assert chat.export["steps"]["impact.acties"]["applicable"]
    chat.edit("Anna", event, "voldoende")
    assert not chat.export["steps"]["impact.acties"]["applicable"]
    assert len(chat.export["actions"]) == 1


@pytest.mark.parametrize("step", [PERIOD, RHYTHM, MULTI, STATUS, APPLIES, GRID])
def test_an_unreadable_message_that_is_mended_is_taken(tmp_path: Path, step: str) -> None:
    """Edit by the author: what was unreadable and can be read now is the answer."""
    good = {PERIOD: "mei 2027 - juni 2027", RHYTHM: "elke maand", MULTI: "in", STATUS: "deels", APPLIES: "nee"}
    chat = one(tmp_path, step)
    chat.say("Anna", "dat is me wat")
    assert chat.state(step) == "open"
    chat.edit("Anna", chat.event, good.get(step, "v v v v v v v v"))
    assert chat.state(step) == "answered"


def test_a_grid_edited_alone_counts_for_what_it_gives(tmp_path: Path) -> None:
    """Edit by the author, later: a row that the message no longer gives is no longer set."""
    chat = one(tmp_path, GRID)
    chat.say("Anna", "governance deels\nwaarde v")
    event = chat.event
    chat.say("Anna", "!verder")
    chat.edit("Anna", event, "governance v")
    assert [status(chat, row) for row in ROWS if status(chat, row)] == ["voldoende"]
