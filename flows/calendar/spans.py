"""Stretches of days that people name: weeks, months, quarters, years, and parts of them. Rule: calendar only; whether
people work is `workdays`.

Of a week the begin is Monday and Tuesday, the middle ends on Wednesday; of a month the begin is its first seven days,
the middle ends on the 15th. The end of a stretch is its end.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from dateutil.relativedelta import relativedelta

Part = Literal["begin", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` up to and including `last`; `part` where it is a part of something longer."""

    first: date
    last: date
    part: bool = False


def week_of(day: date) -> Span:
    """The week of a day, Monday to Sunday. Raises OverflowError in the last week of the year 9999."""
    monday = day - timedelta(days=day.weekday())
    return Span(monday, monday + timedelta(days=6))


def week(year: int, number: int) -> Span | None:
    """An ISO week of a year, or None where that year does not have it."""
    try:
        return week_of(date.fromisocalendar(year, number, 1))
    except (ValueError, OverflowError):
        return None


def months(first: date, number: int) -> Span:
    """So many whole months, from the month of `first` on. Raises ValueError past the year 9999."""
    begin = first.replace(day=1)
    end = begin + relativedelta(months=number - 1)
    return Span(begin, end.replace(day=calendar.monthrange(end.year, end.month)[1]))


def quarter_of(day: date) -> Span:
    """The calendar's quarter of a day."""
    return months(day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1), 3)


def week_part(whole: Span, part: Part) -> Span:
    """The begin, middle or end of a week."""
    if part == "end":
        return Span(whole.first, whole.last, part=True)
    return Span(whole.first, whole.first + timedelta(days=1 if part == "begin" else 2), part=True)


def month_part(whole: Span, part: Part) -> Span:
    """The begin, middle or end of a month."""
    if part == "end":
        return Span(whole.first, whole.last, part=True)
    return Span(whole.first, whole.first.replace(day=7 if part == "begin" else 15), part=True)


def nth_weekday(month: date, nth: int, weekday: int) -> date | None:
    """The first to fourth, or last (-1), such day of the week in the month of a day."""
    whole = months(month, 1)
    if nth == -1:
        return whole.last - timedelta(days=(whole.last.weekday() - weekday) % 7)
    found = whole.first + timedelta(days=(weekday - whole.first.weekday()) % 7 + 7 * (nth - 1))
    return found if found <= whole.last else None
