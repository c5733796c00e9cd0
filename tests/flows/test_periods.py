"""`flows.calendar.periods`: periods as people say them, without their years."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.calendar.dates import NoSuchDate, Period
from flows.calendar.periods import read_spoken_period
from flows.catalogue import load_time_words
from tests.chat import TEXTS
from tests.flows.answer_rooms import at, one

TODAY = date(2026, 11, 23)
WORDS = ("van", "tot", "-", "eind", "juni", "1", "31", "september", "2026", "begin", "")
DUTCH, ENGLISH = TEXTS.phrases, load_time_words("en").phrases


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("van 1 september tot eind juni", date(2026, 9, 1), date(2027, 6, 30)),
        ("Van 1 september tot eind juni.", date(2026, 9, 1), date(2027, 6, 30)),
        ("1 september - 30 juni", date(2026, 9, 1), date(2027, 6, 30)),
        ("1 september t/m 30 juni", date(2026, 9, 1), date(2027, 6, 30)),
        ("1/9 - 30/6", date(2026, 9, 1), date(2027, 6, 30)),
        ("september tot juni", date(2026, 9, 1), date(2027, 6, 30)),
        ("van januari tot en met maart", date(2027, 1, 1), date(2027, 3, 31)),
        ("begin januari tot begin april", date(2027, 1, 1), date(2027, 4, 7)),
        ("half januari tot medio april", date(2027, 1, 15), date(2027, 4, 15)),
        ("eind december tot eind van februari", date(2026, 12, 31), date(2027, 2, 28)),
        ("maandag 1 september tot eind juni", date(2026, 9, 1), date(2027, 6, 30)),
        ("23 november tot 23 november", date(2025, 11, 23), date(2026, 11, 23)),
        ("24 november tot 23 november", date(2025, 11, 24), date(2026, 11, 23)),
        ("1 september 2026 tot eind juni", date(2026, 9, 1), date(2027, 6, 30)),
        ("1 september 2024 tot eind juni", date(2024, 9, 1), date(2025, 6, 30)),
        ("1 september tot eind juni 2029", date(2028, 9, 1), date(2029, 6, 30)),
        ("begin september 2026 tot eind juni 2027", date(2026, 9, 1), date(2027, 6, 30)),
        ("29 februari tot 1 mei", date(2024, 2, 29), date(2027, 5, 1)),
        ("tot eind juni", None, date(2027, 6, 30)),
        ("t/m 22 november", None, date(2027, 11, 22)),
        ("uiterlijk eind juni 2028", None, date(2028, 6, 30)),
    ],
)
def test_what_is_read(text: str, start: date | None, end: date) -> None:
    assert read_spoken_period(text, TODAY, DUTCH) == Period(start, end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("from 1 september to end june", date(2026, 9, 1), date(2027, 6, 30)),
        ("september until the end of june", date(2026, 9, 1), date(2027, 6, 30)),
    ],
)
def test_in_english(text: str, start: date, end: date) -> None:
    assert read_spoken_period(text, TODAY, ENGLISH) == Period(start, end)


@pytest.mark.parametrize(
    "text",
    ["", "vanaf september", "sinds 1 september", "september", "van hier tot ginder", "eind 3 juni tot mei", "1 tot 3",
     "in de zomer tot de herfst", "1 september tot eind juni of zo", "x" * 200],
)  # fmt: skip
def test_what_is_not(text: str) -> None:
    assert read_spoken_period(text, TODAY, DUTCH) is None


@pytest.mark.parametrize(
    "text", ["31 februari tot 1 mei", "1 mei tot 31 juni", "0 mei tot juni", "1 mei 2027 tot april 2026", "tot 32 mei"]
)
def test_days_that_do_not_exist(text: str) -> None:
    with pytest.raises(NoSuchDate):
        read_spoken_period(text, TODAY, DUTCH)


@given(st.text(max_size=100) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_any_text_is_read_or_not(text: str) -> None:
    try:
        period = read_spoken_period(text, TODAY, DUTCH)
    except NoSuchDate:
        return
    if period is not None:
        assert period.end is not None
        assert period.start is None or period.start <= period.end


def test_it_is_said_back_with_its_years(tmp_path: Path) -> None:
    chat = one(tmp_path, "pilot.periode")
    number = chat.asked
    chat.say("Anna", "van 1 september tot eind juni")
    (edit,) = [one for one in chat.edits() if one.number == number]
    assert "van dinsdag 1 september 2026 tot en met woensdag 30 juni 2027" in edit.text
    assert chat.export["pilot"]["start"] == "2026-09-01"
    assert chat.export["pilot"]["end"] == "2027-06-30"
    at(chat, "pilot.periode")
    chat.say("Anna", "31 februari tot mei")
    assert "Die datum bestaat niet" in chat.text
