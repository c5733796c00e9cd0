"""On which days somebody is reminded of what is due, by tables worked out from a calendar, and by an oracle that counts
days one by one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.calendar.due import next_reminder
from flows.calendar.workdays import FreeDays, public_holidays

DAY = timedelta(days=1)


def chain(due: str, after: str, count: int, *free: tuple[str, str], away: str | None = None) -> list[str]:
    """So many reminders of one thing, each after the one before."""
    days = FreeDays(stretches=tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in free))
    until = None if away is None else date.fromisoformat(away)
    found, last = [], date.fromisoformat(after)
    for _ in range(count):
        last = next_reminder(date.fromisoformat(due), last, days, until)
        found.append(f"{last:%a} {last}")
    return found


@pytest.mark.parametrize(
    ("due", "after", "expected"),
    [
        # Monday to Friday, and the weeks after
        ("2026-12-07", "2026-11-23", ["Fri 2026-12-04", "Mon 2026-12-07", "Mon 2026-12-14", "Mon 2026-12-21"]),
        ("2026-12-08", "2026-11-23", ["Fri 2026-12-04", "Tue 2026-12-08", "Mon 2026-12-14"]),
        ("2026-12-09", "2026-11-23", ["Fri 2026-12-04", "Wed 2026-12-09", "Mon 2026-12-14"]),
        ("2026-12-10", "2026-11-23", ["Mon 2026-12-07", "Thu 2026-12-10", "Mon 2026-12-14"]),
        ("2026-12-11", "2026-11-23", ["Tue 2026-12-08", "Fri 2026-12-11", "Mon 2026-12-14"]),
        # the weekend: the Friday before; late from the Monday after
        ("2026-12-12", "2026-11-23", ["Wed 2026-12-09", "Fri 2026-12-11", "Mon 2026-12-14"]),
        ("2026-12-13", "2026-11-23", ["Thu 2026-12-10", "Fri 2026-12-11", "Mon 2026-12-14"]),
        # kept late: what has passed is not made up for
        ("2026-12-09", "2026-12-04", ["Wed 2026-12-09"]),
        ("2026-12-09", "2026-12-08", ["Wed 2026-12-09"]),
        ("2026-12-09", "2026-12-09", ["Mon 2026-12-14"]),
        ("2026-12-09", "2026-12-14", ["Mon 2026-12-21"]),
        ("2026-12-09", "2026-12-13", ["Mon 2026-12-14"]),
        ("2026-12-13", "2026-12-12", ["Mon 2026-12-14"]),
        ("2026-12-14", "2026-12-14", ["Mon 2026-12-21"]),
        # holidays: Christmas, New Year, Easter, the King's day, Ascension, Whitsun; Goede Vrijdag is worked
        ("2026-12-25", "2026-12-01", ["Tue 2026-12-22", "Thu 2026-12-24", "Mon 2026-12-28"]),
        ("2026-12-28", "2026-12-01", ["Thu 2026-12-24", "Mon 2026-12-28", "Mon 2027-01-04"]),
        ("2027-01-01", "2026-12-20", ["Tue 2026-12-29", "Thu 2026-12-31", "Mon 2027-01-04"]),
        ("2027-03-29", "2027-03-01", ["Fri 2027-03-26", "Tue 2027-03-30", "Mon 2027-04-05"]),
        ("2027-03-26", "2027-03-01", ["Tue 2027-03-23", "Fri 2027-03-26", "Tue 2027-03-30"]),
        ("2027-04-27", "2027-04-01", ["Fri 2027-04-23", "Mon 2027-04-26", "Mon 2027-05-03"]),
        ("2027-05-06", "2027-04-01", ["Mon 2027-05-03", "Wed 2027-05-05", "Mon 2027-05-10", "Tue 2027-05-18"]),
        # the fifth of May: worked in 2027, free in 2030
        ("2027-05-05", "2027-04-01", ["Fri 2027-04-30", "Wed 2027-05-05"]),
        ("2030-05-05", "2030-05-02", ["Fri 2030-05-03", "Mon 2030-05-06"]),
        ("2030-05-06", "2030-05-01", ["Fri 2030-05-03", "Mon 2030-05-06"]),
    ],
)
def test_days(due: str, after: str, expected: list[str]) -> None:
    assert chain(due, after, len(expected)) == expected


def test_own_free_days() -> None:
    summer = ("2027-07-12", "2027-07-30")
    assert chain("2027-07-21", "2027-06-01", 3, summer) == ["Fri 2027-07-09", "Mon 2027-08-02", "Mon 2027-08-09"]
    assert chain("2027-07-14", "2027-06-01", 2, summer) == ["Fri 2027-07-09", "Mon 2027-08-02"]
    assert chain("2027-07-12", "2027-06-01", 2, ("2027-07-12", "2027-07-12")) == ["Fri 2027-07-09", "Tue 2027-07-13"]
    assert chain("2027-06-30", "2027-07-01", 3, summer) == ["Mon 2027-07-05", "Mon 2027-08-02", "Mon 2027-08-09"]
    assert chain("2027-06-30", "2027-07-01", 2, ("2027-07-05", "2027-07-07")) == ["Thu 2027-07-08", "Mon 2027-07-12"]


def test_away() -> None:
    assert chain("2026-12-10", "2026-11-23", 3, away="2026-12-09") == [
        "Thu 2026-12-10",
        "Mon 2026-12-14",
        "Mon 2026-12-21",
    ]
    assert chain("2026-12-10", "2026-11-23", 2, away="2026-12-06") == ["Mon 2026-12-07", "Thu 2026-12-10"]
    assert chain("2026-12-10", "2026-11-23", 2, away="2026-12-07") == ["Tue 2026-12-08", "Thu 2026-12-10"]
    assert chain("2026-12-10", "2026-11-23", 2, away="2026-12-11") == ["Mon 2026-12-14", "Mon 2026-12-21"]
    assert chain("2026-12-10", "2026-11-23", 1, away="2026-12-24") == ["Mon 2026-12-28"]  # past Christmas


# The oracle -----------------------------------------------------------------------------------------------------------

HOLIDAYS = {
    date(2026, 1, 1), date(2026, 4, 5), date(2026, 4, 6), date(2026, 4, 27), date(2026, 5, 14), date(2026, 5, 24),
    date(2026, 5, 25), date(2026, 12, 25), date(2026, 12, 26),
    date(2027, 1, 1), date(2027, 3, 28), date(2027, 3, 29), date(2027, 4, 27), date(2027, 5, 6), date(2027, 5, 16),
    date(2027, 5, 17), date(2027, 12, 25), date(2027, 12, 26),
    date(2028, 1, 1), date(2028, 4, 16), date(2028, 4, 17), date(2028, 4, 27), date(2028, 5, 25), date(2028, 6, 4),
    date(2028, 6, 5), date(2028, 12, 25), date(2028, 12, 26),
}  # fmt: skip


def test_the_holidays_are_those_of_the_calendar() -> None:
    assert {day for year in (2026, 2027, 2028) for day in public_holidays(year)} == HOLIDAYS


def works(day: date, free: set[date]) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS and day not in free


def expected_days(due: date, free: set[date], until: date) -> set[date]:
    """Every day on which it is reminded of, counting from the rules alone."""
    found = set()
    for target in (due - 3 * DAY, due):
        while not works(target, free):
            target -= DAY
        found.add(target)
    monday = due - 60 * DAY
    monday -= monday.weekday() * DAY
    while monday <= until:
        day = monday
        while not works(day, free):
            day += DAY
        if day > due:
            found.add(day)
        monday += 7 * DAY
    return found


spans = st.lists(st.tuples(st.dates(date(2026, 2, 1), date(2028, 9, 1)), st.integers(0, 20)), max_size=4)


@settings(max_examples=300, deadline=None)
@given(
    due=st.dates(date(2026, 3, 1), date(2028, 9, 1)),
    before=st.integers(-40, 30),
    stretches=spans,
)
def test_the_next_day_is_the_first_that_the_rules_name(
    due: date, before: int, stretches: list[tuple[date, int]]
) -> None:
    free = {first + number * DAY for first, length in stretches for number in range(length + 1)}
    days = FreeDays(stretches=tuple((first, first + length * DAY) for first, length in stretches))
    after = due - before * DAY
    names = sorted(day for day in expected_days(due, free, due + 200 * DAY) if day > after)
    last = after
    for expected in names[:4]:
        last = next_reminder(due, last, days)
        assert last == expected


@settings(max_examples=100, deadline=None)
@given(
    due=st.dates(date(2026, 3, 1), date(2028, 9, 1)),
    before=st.integers(-40, 30),
    away=st.integers(-20, 60),
)
def test_who_is_away_is_left_alone_and_hears_of_it_when_back(due: date, before: int, away: int) -> None:
    after, until = due - before * DAY, due - before * DAY + away * DAY
    day, without = next_reminder(due, after, away_until=until), next_reminder(due, after)
    assert day > until or without > until
    back = until + DAY
    while not works(back, set()):
        back += DAY
    assert day == (without if without > until else back)
