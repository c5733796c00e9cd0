"""Which days a team works. Rule: Monday to Friday, without the public holidays and the room's own free days.

The holidays are those of the Netherlands. Goede Vrijdag is a working day: hardly any collective agreement frees it. The
fifth of May is free in years that divide by five only.

A year of nothing but free days is taken for a mistake in a room's settings: its own days are then left out, so that no
search goes on for ever and no room falls silent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

WEEKDAYS = frozenset(range(5))
_DAY = timedelta(days=1)
_GIVE_UP_AFTER = 366


@dataclass(frozen=True, slots=True)
class FreeDays:
    """A room's own free days: single days, and stretches of days with both ends included."""

    days: frozenset[date] = frozenset()
    stretches: tuple[tuple[date, date], ...] = ()

    def __contains__(self, day: date) -> bool:
        return day in self.days or any(first <= day <= last for first, last in self.stretches)


NO_FREE_DAYS = FreeDays()


@lru_cache(maxsize=256)
def public_holidays(year: int) -> frozenset[date]:
    """The Dutch public holidays of a year on which people do not work."""
    # Here, not above: it takes longer to load than most of what there is at a start.
    from dateutil.easter import easter

    from flows.calendar.netherlands import days_of

    good_friday = easter(year) - timedelta(days=2)
    return days_of(year) - {good_friday}


def is_workday(day: date, free: FreeDays = NO_FREE_DAYS, days: Collection[int] = WEEKDAYS) -> bool:
    """Whether people work on a day; `days` are the working days of the week, Monday is 0."""
    return day.weekday() in days and day not in free and day not in public_holidays(day.year)


def _search(day: date, step: timedelta, free: FreeDays, days: Collection[int]) -> date:
    for own in (free, NO_FREE_DAYS):
        found = day
        for _ in range(_GIVE_UP_AFTER):
            if is_workday(found, own, days):
                return found
            found += step
    raise ValueError("no day of the week is a working day")


def workday_on_or_before(day: date, free: FreeDays = NO_FREE_DAYS, days: Collection[int] = WEEKDAYS) -> date:
    """The day itself, or the last working day before it: where a due date on a free day goes.

    Raises ValueError where `days` is empty.
    """
    return _search(day, -_DAY, free, days)


def workday_on_or_after(day: date, free: FreeDays = NO_FREE_DAYS, days: Collection[int] = WEEKDAYS) -> date:
    """The day itself, or the first working day after it: where a digest or a re-check on a free day goes.

    Raises ValueError where `days` is empty.
    """
    return _search(day, _DAY, free, days)


def next_workday(day: date, free: FreeDays = NO_FREE_DAYS, days: Collection[int] = WEEKDAYS) -> date:
    """The first working day after a day, that day left out. Raises ValueError where `days` is empty."""
    return workday_on_or_after(day + _DAY, free, days)


def add_workdays(day: date, number: int, free: FreeDays = NO_FREE_DAYS) -> date:
    """So many working days later (or, below 0, earlier); the day itself does not count. 0 is the day as it is."""
    step = _DAY if number > 0 else -_DAY
    for _ in range(abs(number)):
        day = _search(day + step, step, free, WEEKDAYS)
    return day
