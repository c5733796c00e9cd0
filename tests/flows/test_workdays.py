"""`flows.calendar.workdays`: which days a team works."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest
from dateutil.easter import easter
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.calendar.workdays import (
    FreeDays,
    add_workdays,
    is_workday,
    next_workday,
    public_holidays,
    workday_on_or_after,
    workday_on_or_before,
)

DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))
CLOSED = FreeDays(frozenset({date(2026, 12, 24)}), ((date(2026, 12, 28), date(2026, 12, 30)),))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 25), True),
        (date(2026, 11, 28), False),  # Saturday
        (date(2026, 11, 29), False),  # Sunday
        (date(2027, 1, 1), False),
        (date(2027, 3, 26), True),  # Goede Vrijdag
        (date(2030, 4, 19), True),  # Goede Vrijdag
        (date(2027, 3, 29), False),  # Easter Monday
        (date(2027, 4, 27), False),  # King's Day
        (date(2025, 4, 26), False),  # King's Day on a Saturday, as the 27th is a Sunday
        (date(2025, 4, 28), True),
        (date(2025, 5, 5), False),
        (date(2026, 5, 5), True),
        (date(2027, 5, 5), True),
        (date(2028, 5, 5), True),
        (date(2035, 5, 5), False),
        (date(2027, 5, 6), False),  # Ascension Day
        (date(2027, 5, 7), True),
        (date(2027, 5, 17), False),  # Whit Monday
        (date(2026, 12, 25), False),
        (date(2028, 12, 26), False),
        (date(2026, 12, 24), True),
        (date(2026, 12, 31), True),
    ],
)
def test_a_working_day(day: date, works: bool) -> None:
    """Monday to Friday without the Dutch holidays."""
    assert is_workday(day) is works


@pytest.mark.parametrize("year", range(2024, 2041))
def test_the_holidays_of_a_year(year: int) -> None:
    """New year, two days of Easter, King's Day, Ascension, two of Whitsun, two of Christmas, and 5 May every five."""
    assert len(public_holidays(year)) == (10 if year % 5 == 0 else 9)
    assert (date(year, 5, 5) in public_holidays(year)) is (year % 5 == 0)


def test_the_rooms_own_free_days() -> None:
    """Days and stretches, both ends included."""
    assert workday_on_or_before(date(2026, 12, 30), CLOSED) == date(2026, 12, 23)
    assert workday_on_or_after(date(2026, 12, 24), CLOSED) == date(2026, 12, 31)
    assert next_workday(date(2026, 12, 23), CLOSED) == date(2026, 12, 31)
    assert next_workday(date(2026, 12, 23)) == date(2026, 12, 24)
    assert date(2026, 12, 31) not in CLOSED
    assert date(2026, 12, 30) in CLOSED


def test_a_life_of_free_days_is_a_mistake() -> None:
    """The room's own days are then left out: no search without end, and no silence for ever."""
    always = FreeDays(stretches=((date(2000, 1, 1), date(2100, 1, 1)),))
    assert workday_on_or_after(date(2026, 12, 25), always) == date(2026, 12, 28)
    assert workday_on_or_before(date(2026, 12, 27), always) == date(2026, 12, 24)
    with pytest.raises(ValueError, match="no day of the week"):
        workday_on_or_after(date(2026, 12, 25), days=())


@pytest.mark.parametrize(
    ("day", "number", "following"),
    [
        (date(2026, 11, 25), 10, date(2026, 12, 9)),
        (date(2026, 12, 23), 3, date(2026, 12, 29)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        (date(2026, 11, 28), 0, date(2026, 11, 28)),
        (date(2026, 11, 30), -1, date(2026, 11, 27)),
        (date(2027, 1, 4), -2, date(2026, 12, 30)),
    ],
)
def test_add(day: date, number: int, following: date) -> None:
    """The day itself does not count."""
    assert add_workdays(day, number) == following


@settings(deadline=None, max_examples=60)
@given(DAYS)
def test_the_nearest_working_days(day: date) -> None:
    """A working day is its own; else nothing between is one; never more than five days off."""
    before, after = workday_on_or_before(day), workday_on_or_after(day)
    assert is_workday(before)
    assert is_workday(after)
    assert before <= day <= after
    assert (before == day == after) is is_workday(day)
    assert after - before <= timedelta(days=6)
    between = [before + timedelta(days=n) for n in range(1, (after - before).days)]
    assert not any(is_workday(one) for one in between)
    assert next_workday(before) == (after if before != day else next_workday(day))


@settings(deadline=None, max_examples=40)
@given(DAYS, st.integers(1, 40))
def test_adding_counts_working_days(day: date, number: int) -> None:
    """Between the day and the result lie as many working days as were added; back again is where it began."""
    found = add_workdays(day, number)
    assert sum(is_workday(day + timedelta(days=n)) for n in range(1, (found - day).days + 1)) == number
    assert add_workdays(found, -number) == workday_on_or_before(day)


def test_they_are_those_of_the_whole_library() -> None:
    """Loaded alone, and beside all other countries."""
    for year in range(2020, 2061):
        whole = set(country_holidays("NL", years=year))
        assert whole - {easter(year) - timedelta(days=2)} == public_holidays(year)
    assert country_holidays("BE", years=2026)


def test_the_holidays_are_not_loaded_at_start() -> None:
    """The terminal starts without them."""
    code = """
import sys
import flows.calendar.phrases
from flows.catalogue import load_catalogue
load_catalogue("nl")
print("holidays" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
