"""Periods as people say them, without their years: "van 1 september tot eind juni". Rule: the whole text is a period or
it is nothing; what was understood is said back with its years.

The end is the next such day, today included, or the first one after a start that has its year; the start is the last
such day before the end. Of a month the begin is its first day for a start, and its first seven days for an end; the
middle is the 15th, the end its last day. A start alone needs its year: it may be behind us or ahead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import cast

from flows.calendar.dates import NoSuchDate, Period, month_of, read_date, sides
from flows.calendar.spans import Part, month_part, months
from flows.calendar.words import PhraseWords
from flows.conversation.text import fold

_YEARS_AHEAD = 9  # 29 February comes back after eight years at most
_LONGEST = 80
_SHORT = re.compile(r"^(\d{1,2})[-/.](\d{1,2})\.?$")


@dataclass(frozen=True, slots=True)
class _Edge:
    """One end of a period: a month, the day or the part of it that was named, and its year where it was said."""

    month: int
    day: int | None = None
    part: Part | None = None
    year: int | None = None

    def on(self, year: int, *, start: bool) -> date | None:
        """The day that it is in a year; None where that year has no such day."""
        if self.day is not None:
            try:
                return date(year, self.month, self.day)
            except ValueError:
                return None
        whole = months(date(year, self.month, 1), 1)
        if self.part is None:
            return whole.first if start else whole.last
        return whole.first if start and self.part == "begin" else month_part(whole, self.part).last


def read_spoken_period(text: str, today: date, words: PhraseWords) -> Period | None:
    """The period that the whole text says, or None where it can't be read.

    Raises NoSuchDate where a day does not exist or the end comes before the start.
    """
    plain = fold(text).rstrip(" .,;")
    if len(plain) > _LONGEST:
        return None
    for prefix in words.calendar.until:
        if plain.startswith(f"{prefix} ") and (edge := _edge(plain[len(prefix) + 1 :], words)):
            return Period(None, _end(edge, None, today))
    for prefix in ("", *(f"{one} " for one in words.calendar.since)):
        if not plain.startswith(prefix):
            continue
        for left, right in sides(plain[len(prefix) :], words.calendar):
            first, last = _edge(left, words), _edge(right, words)
            if first is not None and last is not None:
                return _between(first, last, today)
    return None


def _between(first: _Edge, last: _Edge, today: date) -> Period:
    start = _fixed(first, start=True)
    end = _end(last, start, today)
    if start is None:
        years = range(end.year, end.year - _YEARS_AHEAD, -1)
        start = next(day for year in years if (day := _before(first, year, end)) is not None)
    if end < start:
        raise NoSuchDate
    return Period(start, end)


def _before(edge: _Edge, year: int, end: date) -> date | None:
    day = edge.on(year, start=True)
    return day if day is not None and day < end else None


def _fixed(edge: _Edge, *, start: bool) -> date | None:
    """The day of an end whose year was said, or None. Raises NoSuchDate where no year has it, or not that one."""
    if edge.day is not None:
        _checked(date(2000, edge.month, 1), edge.day)
    if edge.year is None:
        return None
    day = edge.on(edge.year, start=start)
    if day is None:
        raise NoSuchDate
    return day


def _checked(month: date, day: int) -> None:
    if not 1 <= day <= months(month, 1).last.day:
        raise NoSuchDate


def _end(edge: _Edge, start: date | None, today: date) -> date:
    """The day of the last end: in its own year, else the first one from the start, or from today."""
    fixed = _fixed(edge, start=False)
    if fixed is not None:
        return fixed
    since = today if start is None else start
    days = (edge.on(year, start=False) for year in range(since.year, since.year + _YEARS_AHEAD))
    return next(day for day in days if day is not None and day >= since)


def _edge(text: str, words: PhraseWords) -> _Edge | None:
    """One end: a date, a day and month, a month, or a part of one; with its year or without."""
    whole = read_date(text, words.calendar)
    if whole is not None:
        return _Edge(whole.month, whole.day, None, whole.year)
    if (short := _SHORT.match(text)) and 1 <= int(short[2]) <= 12:
        return _Edge(int(short[2]), int(short[1]))
    found = _pattern(words).match(text)
    month = month_of(found["month"], words.calendar) if found is not None else None
    if found is None or month is None or (found["part"] and found["day"]):
        return None
    part = cast(Part, words.parts[found["part"]]) if found["part"] else None
    day, year = (int(found[name]) if found[name] else None for name in ("day", "year"))
    return _Edge(month, day, part, year)


@lru_cache
def _pattern(words: PhraseWords) -> re.Pattern[str]:
    parts = "|".join(re.escape(fold(part)) for part in words.parts)
    days = "|".join(re.escape(fold(day)) for day in words.calendar.days)
    return re.compile(
        rf"(?:(?:{days}) )?(?:(?P<part>{parts}) (?:van |of )?)?(?:(?P<day>\d{{1,2}})(?:\.|e|ste|de)? )?"
        r"(?P<month>[a-z]+)\.?(?: (?P<year>\d{4}))?$"
    )
