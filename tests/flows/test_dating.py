"""Days as people name them in a room: which day is today, Dutch before English, free days, and the line that asks
about what is not sure.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.calendar.when import Ambiguous, Past, Reading, Vague, When
from flows.conversation import dating
from flows.conversation.draft import Draft
from flows.conversation.hearing import Capabilities, Setting
from flows.conversation.snapshot import Room, Snapshot
from tests.chat import BOOK, START, TEXTS


def draft(at: datetime = START, **room: object) -> Draft:
    """A room at a moment; a Monday unless said otherwise."""
    snapshot = Snapshot("r1", room=Room(**room))  # type: ignore[arg-type]
    return Draft(Setting(BOOK, TEXTS, Capabilities(), "Gemeente Voorbeeld"), snapshot, at)


def day_of(reading: Reading | None) -> date | None:
    return reading.day if isinstance(reading, When) else None


# Today ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Europe/Amsterdam", datetime(2026, 11, 23, 22, 59, tzinfo=UTC), date(2026, 11, 23)),
        ("Europe/Amsterdam", datetime(2026, 11, 23, 23, 1, tzinfo=UTC), date(2026, 11, 24)),
        ("Europe/Amsterdam", datetime(2026, 7, 1, 22, 1, tzinfo=UTC), date(2026, 7, 2)),
        ("America/Curacao", datetime(2026, 11, 24, 3, 59, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_today_is_the_day_in_the_room(zone: str, at: datetime, day: date) -> None:
    d = draft(at, zone=zone)
    assert dating.today(d) == day
    assert day_of(dating.read(d, "vandaag")) == day


# Reading and finding --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("volgende week vrijdag", date(2026, 12, 4)),
        ("next week friday", date(2026, 12, 4)),
        ("by the end of March", date(2027, 3, 31)),
        ("15 January", date(2027, 1, 15)),
        ("eind maart", date(2027, 3, 31)),
        ("in 2 weeks", date(2026, 12, 7)),
        ("3/4/2027", date(2027, 4, 3)),  # the day first, in either language
    ],
)
def test_read_dutch_and_english(text: str, day: date) -> None:
    assert day_of(dating.read(draft(), text)) == day


def test_read_from_another_day() -> None:
    assert day_of(dating.read(draft(), "over een week", on=date(2027, 1, 1))) == date(2027, 1, 8)


@pytest.mark.parametrize(
    ("text", "phrase", "day"),
    [
        ("memo schrijven vóór 15 januari", "vóór 15 januari", date(2027, 1, 15)),
        ("write the memo by next week friday", "by next week friday", date(2026, 12, 4)),
        ("memo before March 3", "before March 3", date(2027, 3, 3)),
        ("ĳsclub bellen 15 januari 2027", "15 januari 2027", date(2027, 1, 15)),
    ],
)
def test_find_dutch_and_english(text: str, phrase: str, day: date) -> None:
    found = dating.find(draft(), text)
    assert found is not None
    assert (text[found.start : found.end], day_of(found.reading)) == (phrase, day)


@pytest.mark.parametrize(
    "text",
    [
        "verslag van 3 april bespreken", "verslag van 3 april", "cijfers van 2026-12-04", "nieuwsbrief over week 50",
        "van 1 april tot 2 april", "rapport uit april 2027", "memo schrijven", "bel 06-12345678", "nummer 115-1-20271",
        "versie v2027-01-15", "overleg in het weekend plannen met het team",
    ],
)  # fmt: skip
def test_english_finds_nothing_that_dutch_left_alone(text: str) -> None:
    """What a date in a sentence belongs to is judged in the room's own language."""
    assert dating.find(draft(), text) is None


def test_the_rooms_free_days_count() -> None:
    """A stretch of days as a due date is its last working day: not one on which the team is free."""
    assert day_of(dating.read(draft(), "week 50")) == date(2026, 12, 11)
    assert day_of(dating.read(draft(free=("2026-12-11",)), "week 50")) == date(2026, 12, 10)
    assert day_of(dating.read(draft(free=("2026-12-09/2026-12-11",)), "week 50")) == date(2026, 12, 8)
    found = dating.find(draft(free=("2026-12-11",)), "memo uiterlijk week 50")
    assert found is not None
    assert day_of(found.reading) == date(2026, 12, 10)


# What is not sure -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("na de zomer", ["na de zomer"]),
        ("zsm", ["zsm"]),
        ("vrijdag 5 december 2026", ["5 december 2026", "zaterdag", "vrijdag"]),
        ("31 februari", ["31 februari"]),
        ("15 januari 2026", ["donderdag 15 januari 2026"]),
        ("gisteren", ["zondag 22 november 2026"]),
        ("volgende vrijdag", ["vrijdag 27 november 2026", "vrijdag 4 december 2026"]),
        ("week 54", ["week 54"]),
        ("soon", ["soon"]),
    ],
)
def test_what_was_understood_is_told(text: str, told: list[str]) -> None:
    """One line with what was read, and something to type instead that is read."""
    d = draft()
    line = dating.trouble(d, dating.read(d, text))
    assert line is not None
    assert "\n" not in line
    assert all(one in line for one in told)
    example = line.rsplit('"', 2)[1]
    assert isinstance(dating.read(d, example), When), example


def test_what_is_sure_is_no_trouble() -> None:
    d = draft()
    assert dating.trouble(d, dating.read(d, "eind maart")) is None
    assert dating.trouble(d, None) is None


@pytest.mark.parametrize(
    ("reading", "unsure"),
    [(None, False), (Vague("zsm"), False), (Past(date(2026, 1, 1)), True), (Ambiguous((date(2027, 1, 1),)), True)],
)
def test_vague_can_wait(reading: Vague | Past | Ambiguous | None, unsure: bool) -> None:
    assert dating.is_unsure(reading) is unsure


def test_what_people_wrote_is_quoted() -> None:
    assert "**x**" not in str(dating.trouble(draft(), Vague("**x**")))


def test_a_time_is_said_too() -> None:
    d = draft()
    when = dating.read(d, "volgende week vrijdag om half drie")
    assert isinstance(when, When)
    assert dating.say(d, when) == "vrijdag 4 december 2026 om 14:30"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    """Never an exception, and always a line for what is not sure."""
    d = draft()
    for reading in (dating.read(d, text), getattr(dating.find(d, text), "reading", None)):
        assert (dating.trouble(d, reading) is None) == (reading is None or isinstance(reading, When))
