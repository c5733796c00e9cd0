"""Dates as people write them. Rule: full match or nothing, never a guess.

Read are ISO dates (2027-01-15), 15-1-2027, 15/1/2027, 15 januari 2027, and months (januari 2027) where a period is
asked. The names of months and days come from the catalogue (`CalendarWords`). Phrases such as "volgende week vrijdag"
are read in `phrases`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from flows.conversation.text import fold


@dataclass(frozen=True, slots=True)
class CalendarWords:
    """The words of dates in one language, months and days from January and Monday on; `typed_months` are other short
    names that people type; `open_end` says that an end is not known.
    """

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    until: tuple[str, ...]
    since: tuple[str, ...]
    joins: tuple[str, ...]
    open_end: tuple[str, ...]
    before: tuple[str, ...]
    typed_months: tuple[str, ...] = ()

    @property
    def named_months(self) -> tuple[tuple[str, ...], ...]:
        """All the ways to name the months, twelve each."""
        return tuple(names for names in (self.months, self.short_months, self.typed_months) if names)


class NoSuchDate(ValueError):
    """Something that has the form of a date but is none, such as 31-2-2027."""


_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_NUMBERS = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")
_NAMED = re.compile(r"^(\d{1,2})\.? ([a-z]+)\.? (\d{4})$")
_MONTH = re.compile(r"^([a-z]+)\.? (\d{4})$")


def month_of(name: str, words: CalendarWords) -> int | None:
    """The number of the month with this name or short name, folded; None where there is none."""
    for names in words.named_months:
        folded = [fold(one) for one in names]
        if name in folded:
            return folded.index(name) + 1
    return None


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NoSuchDate from error


def read_date(text: str, words: CalendarWords) -> date | None:
    """The date that the whole text is, or None.

    A day of the week before it must fit. Raises NoSuchDate for 31-2-2027 and the like.
    """
    plain = fold(text).rstrip(".,")
    weekday = None
    first, _, rest = plain.partition(" ")
    days = [fold(day) for day in words.days]
    if first in days and rest:
        weekday, plain = days.index(first), rest
    found: date | None = None
    if match := _ISO.match(plain):
        found = _date(int(match[1]), int(match[2]), int(match[3]))
    elif match := _NUMBERS.match(plain):
        found = _date(int(match[3]), int(match[2]), int(match[1]))
    elif (match := _NAMED.match(plain)) and (month := month_of(match[2], words)):
        found = _date(int(match[3]), month, int(match[1]))
    if found is not None and weekday is not None and found.weekday() != weekday:
        raise NoSuchDate
    return found


def _edge(text: str, words: CalendarWords, edge: Literal["start", "end"]) -> date | None:
    """One end of a period: a date, or a month (its first or last day)."""
    found = read_date(text, words)
    if found is None and (match := _MONTH.match(fold(text))) and (month := month_of(match[1], words)):
        first = _date(int(match[2]), month, 1)
        last = calendar.monthrange(first.year, month)[1]
        found = first if edge == "start" else first.replace(day=last)
    return found


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days, both included; None is an end that is not known."""

    start: date | None
    end: date | None


def read_period(text: str, words: CalendarWords) -> Period | None:
    """The period that the whole text is, or None where it can't be read.

    Two dates or months with a dash or a joining word between them; one of them may be unknown; one alone with "vanaf"
    or "tot"; all unknown.
    Raises NoSuchDate where a date does not exist or the end comes before the start.
    """
    plain = fold(text).rstrip(".")
    if plain in words.open_end:
        return Period(None, None)
    for prefixes, edge in ((words.since, "start"), (words.until, "end")):
        for prefix in prefixes:
            if plain.startswith(f"{prefix} "):
                rest = plain[len(prefix) + 1 :]
                if edge == "start" and (found := _pair(rest, words)):
                    return found
                one = _edge(rest, words, "start" if edge == "start" else "end")
                if one:
                    return Period(one, None) if edge == "start" else Period(None, one)
    return _pair(plain, words)


def sides(plain: str, words: CalendarWords) -> Iterator[tuple[str, str]]:
    """The two sides of every place in a folded text where a dash or a joining word can part a period."""
    joins = "|".join(re.escape(join) for join in words.joins)
    for match in re.finditer(rf"\s*[–—]\s*|\s+-\s*|(?<=[a-z\d])\s*-\s+|\s+(?:{joins})\s+", plain):
        yield plain[: match.start()].strip(), plain[match.end() :].strip()


def _pair(plain: str, words: CalendarWords) -> Period | None:
    for left, right in sides(plain, words):
        unknown = [side in words.open_end for side in (left, right)]
        start = None if unknown[0] else _edge(left, words, "start")
        end = None if unknown[1] else _edge(right, words, "end")
        if (start or unknown[0]) and (end or unknown[1]):
            if start and end and end < start:
                raise NoSuchDate
            return Period(start, end)
    return None


def say_date(day: date, words: CalendarWords) -> str:
    """A date in full: vrijdag 4 december 2026."""
    return f"{words.days[day.weekday()]} {day.day} {words.months[day.month - 1]} {day.year}"


def say_day(day: date, words: CalendarWords) -> str:
    """A date without its day of the week: 4 december 2026."""
    return f"{day.day} {words.months[day.month - 1]} {day.year}"


def say_short(day: date, words: CalendarWords) -> str:
    """A date in short: 4 dec."""
    return f"{day.day} {words.short_months[day.month - 1]}"
