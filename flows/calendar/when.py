"""What a phrase for a day turned out to say. Rule: a day that is sure, or a named reason to ask; never a guess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class When:
    """A day, with a time on the local clock where one was named; `phrase` is what said so, folded."""

    day: date
    time: time | None = None
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Vague:
    """It speaks of time and names no day: "na de zomer", "zsm"."""

    phrase: str = ""


@dataclass(frozen=True, slots=True)
class WrongWeekday:
    """The day of the week does not fit: `said` was named, and `day` is a `real` (Monday is 0)."""

    day: date
    said: int
    real: int


@dataclass(frozen=True, slots=True)
class NoSuchDay:
    """It has the form of a date and is none: 31 februari, week 54."""

    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A day before today."""

    day: date


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """It can be any of these days, the earliest first."""

    days: tuple[date, ...]


Trouble = Vague | WrongWeekday | NoSuchDay | Past | Ambiguous
Reading = When | Trouble


@dataclass(frozen=True, slots=True)
class Found:
    """What a text says about when, and where: `text[start:end]` is the phrase with the word before it ("vóór").

    Where a text names several days the reading is Ambiguous and `start` equals `end`: nothing is to be taken out.
    """

    reading: Reading
    start: int
    end: int
