"""`flows.calendar`: dates, periods and rhythms as people write them. Full match or nothing."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.calendar.dates import NoSuchDate, Period, read_date, read_period, say_date, say_day, say_short
from flows.calendar.rhythm import Rhythm, read_rhythm, say_rhythm
from tests.chat import TEXTS

WORDS, RHYTHMS = TEXTS.calendar, TEXTS.rhythm
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
ANY = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            [
                "elke",
                "week",
                "maand",
                "weken",
                "0",
                "6",
                "፩",
                "②",
                "31",
                "32",
                "februari",
                "mei",
                "0000",
                "2027",
                "99999",
                "-",
                "tot",
                "t/m",
                "vanaf",
                "onbekend",
                "?",
                "vrijdag",
                "31-2-2027",
                "op",
            ]
        ),
        max_size=8,
    ).map(" ".join),
)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-01-15", date(2027, 1, 15)), ("2027-1-5", date(2027, 1, 5)), ("15-1-2027", date(2027, 1, 15)),
        ("15/1/2027", date(2027, 1, 15)), ("15.1.2027", date(2027, 1, 15)), ("15 januari 2027", date(2027, 1, 15)),
        ("15 jan 2027", date(2027, 1, 15)), ("15 jan. 2027", date(2027, 1, 15)), ("15 Januari 2027", date(2027, 1, 15)),
        (" 15  januari  2027. ", date(2027, 1, 15)), ("vrijdag 4 december 2026", date(2026, 12, 4)),
        ("29 februari 2028", date(2028, 2, 29)), ("1 mrt 2027", date(2027, 3, 1)),
        ("15 januari", None), ("januari 2027", None), ("15-1-27", None), ("morgen", None), ("", None), ("2027", None),
        ("op 15 januari 2027", None), ("15 januari 2027 of later", None), ("vrijdag", None), ("15 foo 2027", None),
    ],
)  # fmt: skip
def test_read_a_date(text: str, day: date | None) -> None:
    """The date that the whole text is, or None: never a guess."""
    assert read_date(text, WORDS) == day


@pytest.mark.parametrize(
    "text",
    ["31-2-2027", "2027-02-29", "2027-13-01", "0-1-2027", "32 januari 2027", "1-1-0000", "vrijdag 5 december 2026"],
)
def test_a_date_that_does_not_exist(text: str) -> None:
    """What has the form of a date but is none, or whose day of the week does not fit, is asked about."""
    with pytest.raises(NoSuchDate):
        read_date(text, WORDS)


@settings(deadline=None)
@given(DAYS)
def test_a_date_said_is_read_again(day: date) -> None:
    """What the coach says back is read as the same day."""
    assert read_date(say_date(day, WORDS), WORDS) == day
    assert read_date(say_day(day, WORDS), WORDS) == day
    assert read_date(f"{say_short(day, WORDS)} {day.year}", WORDS) == day
    assert read_date(day.isoformat(), WORDS) == day


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1 september 2026 - 31 augustus 2027", date(2026, 9, 1), date(2027, 8, 31)),
        ("1 september 2026 – 31 augustus 2027", date(2026, 9, 1), date(2027, 8, 31)),
        ("1-9-2026 - 31-8-2027", date(2026, 9, 1), date(2027, 8, 31)),
        ("2026-09-01 tot 2027-08-31", date(2026, 9, 1), date(2027, 8, 31)),
        ("van 1-9-2026 t/m 31-8-2027", date(2026, 9, 1), date(2027, 8, 31)),
        ("september 2026 - augustus 2027", date(2026, 9, 1), date(2027, 8, 31)),
        ("sep 2026 tot en met feb 2028", date(2026, 9, 1), date(2028, 2, 29)),
        ("mei 2027 - 15 mei 2027", date(2027, 5, 1), date(2027, 5, 15)),
        ("15-5-2027 - 15-5-2027", date(2027, 5, 15), date(2027, 5, 15)),
        ("vanaf mei 2027", date(2027, 5, 1), None),
        ("vanaf 3 mei 2027", date(2027, 5, 3), None),
        ("tot mei 2027", None, date(2027, 5, 31)),
        ("tot en met 3 mei 2027", None, date(2027, 5, 3)),
        ("mei 2027 - ?", date(2027, 5, 1), None),
        ("onbekend - mei 2027", None, date(2027, 5, 31)),
        ("weten we niet", None, None),
        ("onbekend", None, None),
        ("?", None, None),
    ],
)
def test_read_a_period(text: str, start: date | None, end: date | None) -> None:
    """Two dates or months; either end may be unknown; a month is its first or last day."""
    assert read_period(text, WORDS) == Period(start, end)


@pytest.mark.parametrize(
    "text", ["", "mei", "binnenkort", "mei 2027 en dan zien we wel", "6 weken", "-", "vanaf", "tot later"]
)
def test_no_period(text: str) -> None:
    """None where it can't be read."""
    assert read_period(text, WORDS) is None


@pytest.mark.parametrize(
    "text",
    [
        "31-2-2027 - 1-5-2027",
        "mei 2027 - april 2027",
        "2-5-2027 - 1-5-2027",
        "vanaf 31 april 2027",
        "vanaf januari 0000",
        "januari 0000 - mei 2027",
    ],
)
def test_a_period_that_cannot_be(text: str) -> None:
    """A date that does not exist, or an end before the start, is asked about."""
    with pytest.raises(NoSuchDate):
        read_period(text, WORDS)


@settings(deadline=None)
@given(ANY)
def test_any_text_is_a_date_a_period_or_none(text: str) -> None:
    """Whatever is said: nothing but NoSuchDate is raised; a period never ends before it starts."""
    with contextlib.suppress(NoSuchDate):
        read_date(text, WORDS)
    try:
        period = read_period(text, WORDS)
    except NoSuchDate:
        return
    except ValueError as error:
        raise AssertionError(f"a plain ValueError: {error}") from error
    if period is not None and period.start and period.end:
        assert period.start <= period.end


@pytest.mark.parametrize(
    ("text", "rhythm"),
    [
        ("elke 6 weken", Rhythm(6, "week")), ("elke week", Rhythm(1, "week")), ("elke maand", Rhythm(1, "month")),
        ("Elke zes weken.", Rhythm(6, "week")), ("6 weken", Rhythm(6, "week")), ("om de 2 maanden", Rhythm(2, "month")),
        ("iedere twee weken", Rhythm(2, "week")), ("geen", Rhythm(0, "week")), ("Nooit", Rhythm(0, "week")),
        ("elke 52 weken", Rhythm(52, "week")), ("elke 24 maanden", Rhythm(24, "month")),
        ("elke 53 weken", None), ("elke 25 maanden", None), ("elke 0 weken", None), ("elke -1 weken", None),
        ("weken", None), ("week", None), ("af en toe", None), ("", None), ("elke 6 dagen", None), ("elke", None),
        ("elke 6 weken of zo", None), ("elke ፩ weken", None),
    ],
)  # fmt: skip
def test_read_a_rhythm(text: str, rhythm: Rhythm | None) -> None:
    """The rhythm that the whole text is, at most 52 weeks or 24 months, or None."""
    assert read_rhythm(text, RHYTHMS) == rhythm


@settings(deadline=None)
@given(
    st.one_of(st.integers(1, 52).map(lambda n: Rhythm(n, "week")), st.integers(1, 24).map(lambda n: Rhythm(n, "month")))
)
def test_a_rhythm_said_is_read_again(rhythm: Rhythm) -> None:
    """What the coach says back is read as the same rhythm."""
    assert read_rhythm(say_rhythm(rhythm, RHYTHMS), RHYTHMS) == rhythm


@settings(deadline=None)
@given(ANY)
def test_any_text_is_a_rhythm_or_none(text: str) -> None:
    """Never an exception."""
    found = read_rhythm(text, RHYTHMS)
    assert found is None or 0 <= found.every <= 52


@pytest.mark.parametrize(
    ("rhythm", "day", "following"),
    [
        (Rhythm(6, "week"), date(2026, 11, 23), date(2027, 1, 4)),
        (Rhythm(1, "month"), date(2027, 1, 31), date(2027, 2, 28)),
        (Rhythm(3, "month"), date(2027, 11, 30), date(2028, 2, 29)),
        (Rhythm(0, "week"), date(2027, 1, 1), None),
    ],
)
def test_the_next_day_of_a_rhythm(rhythm: Rhythm, day: date, following: date | None) -> None:
    """The 31st becomes the last day of a shorter month; never has no next day."""
    assert rhythm.after(day) == following


@settings(deadline=None)
@given(DAYS, st.integers(1, 52))
def test_weeks_keep_their_day(day: date, every: int) -> None:
    """A rhythm of weeks is whole weeks later."""
    following = Rhythm(every, "week").after(day)
    assert following == day + timedelta(weeks=every)
