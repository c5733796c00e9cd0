"""How often something comes back. Rule: read as a whole or not at all, and counted from where it began.

Each occurrence is worked out from the anchor, never from the one before it: a monthly look that began on the 31st comes
on 28 February and then on 31 March, not on the 28th for ever.

A quarter is three months from the anchor, not the calendar's quarter; half a year and a year likewise. "Om de week" is
every second week, as "om de dag" is every second day; with a number ("om de 6 weken") it is that number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from dateutil.relativedelta import relativedelta, weekday

from flows.conversation.text import fold

_LIMITS = {"week": 52, "month": 24}
# How many months, or weeks, one of a unit is.
_UNITS = {
    "week": ("week", 1),
    "month": ("month", 1),
    "quarter": ("month", 3),
    "half": ("month", 6),
    "year": ("month", 12),
}


@dataclass(frozen=True, slots=True)
class RhythmWords:
    """The words of rhythms in one language.

    `every` says "each", `second` says "every second" where no number follows, `units` are the words of week, month,
    quarter, half (a year) and year, `adverbs` the single words with what they mean ("6 week"), `order` the first to
    fourth and last (-1), `nth` the forms for a day of the month and `say` how a rhythm is said, both with names in
    braces; `days` are those of the calendar.
    """

    every: tuple[str, ...]
    second: tuple[str, ...]
    once: tuple[str, ...]
    never: tuple[str, ...]
    units: Mapping[str, tuple[str, ...]]
    adverbs: Mapping[str, str]
    numbers: Mapping[str, int]
    order: Mapping[str, int]
    nth: tuple[str, ...]
    say: Mapping[str, str]
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every `every` units of `unit` ("week" or "month"); `every` 0 is never.

    With `nth` (1 to 4, or -1 for the last) and `weekday` (Monday is 0): on that day of the week in the month.
    """

    every: int
    unit: str
    nth: int | None = None
    weekday: int | None = None

    def to_value(self) -> dict[str, int | str]:
        """What is stored."""
        value: dict[str, int | str] = {"every": self.every, "unit": self.unit}
        if self.nth is not None and self.weekday is not None:
            value |= {"nth": self.nth, "weekday": self.weekday}
        return value

    @classmethod
    def from_value(cls, value: Mapping[str, Any]) -> Rhythm:
        """The rhythm of what is stored, with or without a day of the month.

        Raises KeyError or ValueError where it is none.
        """
        nth, day = value.get("nth"), value.get("weekday")
        found = cls(int(value["every"]), str(value["unit"]), _number(nth), _number(day))
        if found.nth is None or found.weekday is None:
            fits = found.nth is None and found.weekday is None
        else:
            fits = found.unit == "month" and found.nth in (-1, 1, 2, 3, 4) and found.weekday in range(7)
        if found.unit not in _LIMITS or not 0 <= found.every <= _LIMITS[found.unit] or not fits:
            raise ValueError(f"no rhythm: {dict(value)}")
        return found

    def after(self, day: date) -> date | None:
        """The first day of a rhythm that begins at `day`, strictly after it; None for never."""
        return self.occurrence(day, 1)

    def occurrence(self, anchor: date, number: int) -> date | None:
        """The day that comes `number` times after the anchor, where 0 is the anchor; None for never.

        Raises ValueError or OverflowError past the year 9999.
        """
        if not self.every:
            return None
        if not number:
            return anchor
        if self.nth is None:
            return anchor + self._step(number)
        months = self._on_weekday(anchor, 0) > anchor  # this month's own day may still come
        return self._on_weekday(anchor, number - 1 if months else number)

    def next_after(self, anchor: date, day: date) -> date | None:
        """The first day after `day` of a rhythm that began at the anchor, the anchor itself left out; None for never.

        Raises ValueError or OverflowError past the year 9999.
        """
        if not self.every:
            return None
        apart = (
            (day - anchor).days // 7
            if self.unit == "week"
            else (day.year - anchor.year) * 12 + day.month - anchor.month
        )
        # One back: within its month the day may still have to come.
        for number in count(max(1, apart // self.every - 1)):
            found = self.occurrence(anchor, number)
            if found is None or found > day:
                return found
        raise AssertionError("counting has no end")

    def _step(self, number: int) -> relativedelta:
        times = self.every * number
        return relativedelta(weeks=times) if self.unit == "week" else relativedelta(months=times)

    def _on_weekday(self, anchor: date, number: int) -> date:
        nth, day = self.nth or 1, self.weekday or 0
        return (
            anchor.replace(day=1)
            + self._step(number)
            + relativedelta(day=1 if nth > 0 else 31, weekday=weekday(day, nth))
        )


def read_rhythm(text: str, words: RhythmWords) -> Rhythm | None:
    """The rhythm that the whole text is ("elke 6 weken", "elke maand", "elke eerste maandag van de maand", "geen"), or
    None.

    At most 52 weeks or 24 months.
    """
    plain = fold(text).rstrip(".")
    if plain in words.never:
        return Rhythm(0, "week")
    if plain in words.adverbs:
        number, _, unit = words.adverbs[plain].partition(" ")
        return _rhythm(int(number), unit)
    return _read_weekday(plain, words) or _read_every(plain, words)


def _read_every(plain: str, words: RhythmWords) -> Rhythm | None:
    units = {name: unit for unit, names in words.units.items() for name in names}
    heads = [*words.every, *words.second, *words.once]
    match = re.match(rf"^(?:({_any(heads)}) )?(?:([^\W_]+) )??({_any(units)})$", plain)
    if match is None:
        return None
    head, said, unit = match[1], match[2], units[match[3]]
    if said is None:
        # "Week" alone is no rhythm.
        return None if head is None else _rhythm(2 if head in words.second else 1, unit)
    number = int(said) if re.fullmatch(r"[0-9]{1,3}", said) else words.numbers.get(said, 0)
    return _rhythm(number, unit)


def _read_weekday(plain: str, words: RhythmWords) -> Rhythm | None:
    days = [fold(day) for day in words.days]
    for form in words.nth:
        pattern = re.escape(form).replace(r"\ ", " ")
        for name, values in (("every", words.every), ("nth", words.order), ("weekday", days)):
            pattern = pattern.replace(rf"\{{{name}\}}", f"(?P<{name}>{_any(values)})")
        if match := re.fullmatch(pattern, plain):
            return Rhythm(1, "month", words.order[match["nth"]], days.index(match["weekday"]))
    return None


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


def _rhythm(number: int, unit: str) -> Rhythm | None:
    base, times = _UNITS[unit]
    return Rhythm(number * times, base) if 1 <= number * times <= _LIMITS[base] else None


def _any(words: Mapping[str, object] | list[str] | tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def say_rhythm(rhythm: Rhythm, words: RhythmWords) -> str:
    """A rhythm in words: elke 6 weken."""
    if not rhythm.every:
        return words.never[0]
    if rhythm.nth is not None and rhythm.weekday is not None:
        nth = next(word for word, number in words.order.items() if number == rhythm.nth)
        return words.say["nth"].format(nth=nth, weekday=words.days[rhythm.weekday])
    unit, number = rhythm.unit, rhythm.every
    if unit == "month" and number % 12 == 0:
        unit, number = "year", number // 12
    return words.say[unit if number == 1 else f"{unit}s"].format(n=number)
