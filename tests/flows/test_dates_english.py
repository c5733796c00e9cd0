"""`flows.calendar.phrases` in English: the same meanings, other words. Day before month, as the teams write it."""

from __future__ import annotations

from datetime import date

import pytest

from flows.calendar.finding import find_when
from flows.calendar.phrases import read_when, say_when
from flows.calendar.rhythm import Rhythm, read_rhythm, say_rhythm
from flows.calendar.when import When
from flows.catalogue import load_time_words
from tests.flows.test_dates_phrases import WED, rows, told

EN = load_time_words("en")

TABLE = """
2027-01-15 -> 2027-01-15
1/2/2027 -> 2027-02-01
15 January -> 2027-01-15
January 15 -> 2027-01-15
January 15th, 2027 -> 2027-01-15
15th of January -> 2027-01-15
Friday 4 December -> 2026-12-04
Fri 4 Dec -> 2026-12-04
15 Sept 2027 -> 2027-09-15
1 Febr -> 2027-02-01
by Friday 4 December -> 2026-12-04
before 15 January -> 2027-01-15
the 15th -> 2026-12-15
today -> 2026-11-25
tomorrow -> 2026-11-26
the day after tomorrow -> 2026-11-27
tomorrow morning -> 2026-11-26
tomorrow at 9 -> 2026-11-26 09:00
tomorrow at half past nine -> 2026-11-26 09:30
tomorrow at quarter to ten -> 2026-11-26 09:45
tomorrow at 3 o'clock -> 2026-11-26 15:00
Friday at 2:30 pm -> 2026-11-27 14:30
Friday at 2pm -> 2026-11-27 14:00
Friday at 12am -> 2026-11-27 00:00
tonight at 8 -> 2026-11-25 20:00
in two weeks -> 2026-12-09
in a week -> 2026-12-02
in 10 working days -> 2026-12-09
within a month -> 2026-12-25
in half a year -> 2027-05-25
two weeks from now -> 2026-12-09
two weeks from Friday -> 2026-12-11
Friday in two weeks -> 2026-12-11
Friday -> 2026-11-27
this Friday -> 2026-11-27
this coming Friday -> 2026-11-27
next week Friday -> 2026-12-04
Friday next week -> 2026-12-04
next Monday -> 2026-11-30
week 50 -> 2026-12-11
before week 50 -> 2026-12-04
next week -> 2026-12-04
end of next week -> 2026-12-04
end of March -> 2027-03-31
the beginning of April -> 2027-04-07
mid-January -> 2027-01-15
March -> 2027-03-31
next month -> 2026-12-31
the end of the month -> 2026-11-30
Q1 2027 -> 2027-03-31
the first quarter of 2027 -> 2027-03-31
end of the year -> 2026-12-31
before Christmas -> 2026-12-24
before Easter -> 2027-03-26
the first Monday of March -> 2027-03-01
next Friday -> 2026-11-27 or 2026-12-04
coming week -> 2026-11-27 or 2026-12-04
31 February -> no such day
Friday 5 December 2026 -> 2026-12-05 is 5, not 4
yesterday -> past 2026-11-24
last Friday -> past 2026-11-20
asap -> vague
after the summer -> vague
in a week and a half -> vague
next year -> vague
after 15 January -> vague
may I -> -
sat -> -
15 January or later -> -
"""


@pytest.mark.parametrize(("phrase", "says"), rows(TABLE))
def test_an_english_phrase(phrase: str, says: str) -> None:
    """On Wednesday 25 November 2026."""
    assert told(read_when(phrase, WED, EN.phrases)) == says


@pytest.mark.parametrize(
    ("text", "says", "taken"),
    [
        ("write the memo before 15 January", "2027-01-15", "before 15 January"),
        ("call Anna by Friday", "2026-11-27", "by Friday"),
        ("end of March finish the plan", "2027-03-31", "end of March"),
        ("report of 3 March", "-", ""),
        ("the 15th version", "-", ""),
        ("May I call", "-", ""),
        ("march in protest", "-", ""),
        ("sit on sat", "-", ""),
    ],
)
def test_an_english_date_in_a_text(text: str, says: str, taken: str) -> None:
    """Words such as "may" and "march" are left alone."""
    found = find_when(text, WED, EN.phrases)
    assert told(found.reading if found else None) == says
    assert (text[found.start : found.end] if found else "") == taken


def test_an_english_day_is_said_back() -> None:
    """In full, and as it is read."""
    when = When(date(2026, 12, 4))
    assert say_when(when, EN.phrases) == "Friday 4 December 2026"
    assert told(read_when(say_when(when, EN.phrases), WED, EN.phrases)) == "2026-12-04"


@pytest.mark.parametrize(
    ("text", "rhythm"),
    [
        ("every 6 weeks", Rhythm(6, "week")),
        ("every six weeks", Rhythm(6, "week")),
        ("every month", Rhythm(1, "month")),
        ("monthly", Rhythm(1, "month")),
        ("every other week", Rhythm(2, "week")),
        ("fortnightly", Rhythm(2, "week")),
        ("every quarter", Rhythm(3, "month")),
        ("once a year", Rhythm(12, "month")),
        ("every half year", Rhythm(6, "month")),
        ("every first Monday of the month", Rhythm(1, "month", 1, 0)),
        ("the last Friday of the month", Rhythm(1, "month", -1, 4)),
        ("never", Rhythm(0, "week")),
        ("every second Monday", None),  # of the month, or every two weeks?
        ("biweekly", None),  # twice a week, or every two weeks?
        ("now and then", None),
    ],
)
def test_an_english_rhythm(text: str, rhythm: Rhythm | None) -> None:
    """Read as a whole, and said as it is read."""
    assert read_rhythm(text, EN.rhythm) == rhythm
    if rhythm:
        assert read_rhythm(say_rhythm(rhythm, EN.rhythm), EN.rhythm) == rhythm
