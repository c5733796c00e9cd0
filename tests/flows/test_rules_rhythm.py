"""Rules of the rhythm: `!ritme` says it, changes it and says when the next look is; the day that is told is the day on
which it comes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from flows.calendar.dates import say_date
from tests.chat import TEXTS, Chat
from tests.flows.recheck_rooms import FOUR, ONE, agree, answer, asked_for, ended, kinds_of, put_off, rounds, until

LOOK = "2027-01-04"


@pytest.fixture(params=[ONE, FOUR], ids=["one", "four"])
def chat(request: pytest.FixtureRequest, tmp_path: Path) -> Chat:
    """A room at the end of its walk on 23 November 2026, every six weeks."""
    return ended(tmp_path, request.param)


def told(chat: Chat) -> str:
    """The day that the coach named last, as it says it."""
    (text,) = [one.text for one in chat.says()]
    return str(re.findall(r"\w+ \d{1,2} \w+ 20\d\d", text)[-1])


def full(day: str) -> str:
    """A day as the coach says it."""
    return say_date(date.fromisoformat(day), TEXTS.calendar)


@pytest.mark.parametrize(
    ("text", "rhythm", "day"),
    [
        ("!ritme elke 2 weken", "elke 2 weken", "2026-12-07"),
        ("!ritme elke maand", "elke maand", "2026-12-23"),
        ("!ritme maandelijks", "elke maand", "2026-12-23"),
        ("!ritme elk kwartaal", "elke 3 maanden", "2027-02-23"),
        ("!ritme elke eerste maandag van de maand", "elke eerste maandag van de maand", "2026-12-07"),
        ("!ritme elke 5 weken", "elke 5 weken", "2026-12-28"),
        ("!rhythm elke 6 weken", "elke 6 weken", LOOK),
    ],
)
def test_it_changes_the_rhythm_and_the_day_it_tells_is_the_day_it_comes(
    text: str, rhythm: str, day: str, chat: Chat
) -> None:
    chat.say("Anna", text)
    assert kinds_of(chat.last) == ["noted"]
    assert f"Genoteerd: {rhythm}." in chat.text
    assert told(chat) == full(day)
    assert chat.export["pilot"]["rhythm"] == rhythm
    asked_for(chat, day)


def test_without_anything_behind_it_it_says_the_rhythm(chat: Chat) -> None:
    chat.say("Anna", "!ritme")
    assert "elke 6 weken" in chat.text
    assert "!ritme geen" in chat.text
    assert chat.export["pilot"]["rhythm"] == "elke 6 weken"


def test_before_there_is_one_it_says_so(tmp_path: Path) -> None:
    chat = Chat(tmp_path)
    chat.say("Anna", "!ritme elke week")
    assert "!start" in chat.text
    chat.say("Anna", "!start")
    chat.say("Anna", "!ritme")
    assert "nog geen ritme" in chat.text


@pytest.mark.parametrize("text", ["!ritme vaak", "!ritme elke", "!ritme 6", "!ritme elke blauwe maandag"])
def test_what_is_no_rhythm_is_a_line_of_help(text: str, chat: Chat) -> None:
    chat.say("Anna", text)
    assert kinds_of(chat.last) == ["help"]
    assert chat.export["pilot"]["rhythm"] == "elke 6 weken"
    asked_for(chat, LOOK)


def test_before_the_end_it_is_kept_and_no_day_is_told(tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=FOUR)
    chat.say("Anna", "!start")
    chat.say("Anna", "!ritme elke 2 weken")
    assert chat.text == "Genoteerd: elke 2 weken."
    assert chat.position == "pilot.naam"
    assert chat.wait(days=60) == []


def test_no_rhythm_stops_it_and_says_what_is_left(chat: Chat) -> None:
    chat.say("Anna", "!ritme geen")
    assert told(chat) == "dinsdag 31 augustus 2027"  # the closing round
    assert until(chat, "2027-03-01") == []


def test_no_rhythm_while_a_look_waits_asks_no_more_but_can_be_tapped(chat: Chat) -> None:
    asked_for(chat, LOOK)
    chat.say("Anna", "!ritme geen")
    assert until(chat, "2027-03-01") == []
    assert chat.snapshot.room.paused_at is None
    if len(chat.people) == 1:
        chat.say("Anna", "ok")
    else:
        chat.sign("Bas", "✅", [one for one in chat.says(chat.seen) if one.kind == "recheck"][-1].number)
    assert rounds(chat) == 2


def test_put_off_without_a_rhythm_still_comes_next_week(tmp_path: Path) -> None:
    chat = ended(tmp_path, rhythm="geen", end=None)
    chat.say("Anna", "!hercheck")
    put_off(chat)
    assert told(chat) == full("2026-11-30")
    asked_for(chat, "2026-11-30")
    assert chat.wait(days=100) == []


def test_a_shorter_rhythm_that_is_due_already_comes_the_next_morning(chat: Chat) -> None:
    until(chat, "2026-12-15")
    chat.wait(hours=3)
    chat.say("Anna", "!ritme elke week")
    assert told(chat) == full("2026-12-16")
    asked_for(chat, "2026-12-16")


def test_before_nine_it_still_comes_today(chat: Chat) -> None:
    until(chat, "2026-12-15")
    chat.wait(hours=23)
    chat.say("Anna", "!ritme elke week")
    assert told(chat) == full("2026-12-16")
    assert kinds_of(chat.wait(hours=2)) == ["recheck"]


def test_a_day_on_which_it_spoke_is_not_told(chat: Chat) -> None:
    chat.say("Anna", "!actie memo schrijven @Anna 15 december 2026")
    assert until(chat, "2026-12-15") != []
    chat.say("Anna", "!ritme elke week")
    assert told(chat) == full("2026-12-16")
    asked_for(chat, "2026-12-16")


def test_a_day_on_which_it_spoke_is_not_told_where_its_hours_are_still_to_begin(chat: Chat) -> None:
    chat.say("Anna", "!actie memo schrijven @Anna 15 december 2026")
    assert until(chat, "2026-12-15") != []
    chat.say("Anna", "!instellingen uren 12-17")
    chat.say("Anna", "!ritme elke week")
    assert told(chat) == full("2026-12-16")
    assert chat.wait(hours=8) == []


def test_in_another_zone_it_is_nine_there(chat: Chat) -> None:
    chat.say("Anna", "!instellingen tijdzone America/New_York")
    assert until(chat, LOOK) == []
    assert chat.wait(hours=5) == []
    assert kinds_of(chat.wait(hours=2)) == ["recheck"]


def test_the_question_that_stands_open_is_answered_by_the_command(tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=FOUR)
    chat.say("Anna", "!tempo kort")
    chat.say("Anna", "!ga pilot.ritme")
    chat.say("Bas", "!ritme elke 6 weken")
    assert chat.position == "einde"
    assert kinds_of(chat.last) == ["info"]
    assert full(LOOK).removeprefix("maandag ").removesuffix(" 2027") in chat.text


def test_the_end_says_when_and_it_comes_then(chat: Chat) -> None:
    chat.say("Anna", "!ga pilot.ritme")
    answer(chat, "elke 3 weken")
    assert "elke 3 weken" in chat.text
    assert "14 december" in chat.text
    asked_for(chat, "2026-12-14")
    agree(chat)
    assert told(chat) == full(LOOK)
