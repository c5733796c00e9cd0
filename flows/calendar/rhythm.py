"""How often something comes back. Rule: read as a whole or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from flows.conversation.text import fold


@dataclass(frozen=True, slots=True)
class RhythmWords:
    """The words of rhythms in one language: the units in singular and plural, "elke", and what says "never"."""

    every: tuple[str, ...]
    week: tuple[str, ...]
    month: tuple[str, ...]
    never: tuple[str, ...]
    numbers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every `every` units of `unit` ("week" or "month"); `every` 0 is never."""

    every: int
    unit: str

    def after(self, day: date) -> date | None:
        """The next day in this rhythm after `day`, or None for never.

        The 31st becomes the last day of a shorter month.
        """
        if not self.every:
            return None
        step = relativedelta(weeks=self.every) if self.unit == "week" else relativedelta(months=self.every)
        return day + step


def read_rhythm(text: str, words: RhythmWords) -> Rhythm | None:
    """The rhythm that the whole text is ("elke 6 weken", "elke maand", "geen"), or None.

    At most 52 weeks or 24 months.
    """
    plain = fold(text).rstrip(".")
    if plain in words.never:
        return Rhythm(0, "week")
    match = re.match(rf"^(?:(?:{'|'.join(words.every)}) )?(?:(\w+) )?(\w+)$", plain)
    if match is None:
        return None
    count, name = match[1], match[2]
    unit = "week" if name in words.week else "month" if name in words.month else None
    number = 1 if count is None else int(count) if count.isdecimal() else words.numbers.get(count, 0)
    if unit is None or not 1 <= number <= (52 if unit == "week" else 24):
        return None
    if count is None and not plain.startswith(words.every):
        return None
    return Rhythm(number, unit)


def say_rhythm(rhythm: Rhythm, words: RhythmWords) -> str:
    """A rhythm in words: elke 6 weken."""
    if not rhythm.every:
        return words.never[0]
    names = words.week if rhythm.unit == "week" else words.month
    return f"{words.every[0]} {names[0]}" if rhythm.every == 1 else f"{words.every[0]} {rhythm.every} {names[1]}"
