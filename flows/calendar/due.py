"""On which days somebody is reminded of what is due. Rule: three days before, on the day, and from then on each week;
never on a day that is not worked.

What has a date moves to the working day before it, the weekly look to the working day after it.
"""

from __future__ import annotations

from datetime import date, timedelta

from flows.calendar.workdays import NO_FREE_DAYS, FreeDays, workday_on_or_after, workday_on_or_before

SOON = timedelta(days=3)
_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)


def next_reminder(due: date, after: date, free: FreeDays = NO_FREE_DAYS, away_until: date | None = None) -> date:
    """The first day after `after` on which somebody is reminded of what is due on `due`; who is away (the last day of
    it) is left alone till the first working day back.
    """
    day = _next(due, after, free)
    if away_until is not None and day <= away_until:
        return workday_on_or_after(away_until + _DAY, free)
    return day


def _next(due: date, after: date, free: FreeDays) -> date:
    soon = workday_on_or_before(due - SOON, free)
    if soon > after:
        return soon
    on_time = workday_on_or_before(due, free)
    if on_time > after:
        return on_time
    monday = max(after, due) - timedelta(days=max(after, due).weekday())
    while True:
        day = workday_on_or_after(monday, free)
        if day > max(after, due):
            return day
        monday += _WEEK
