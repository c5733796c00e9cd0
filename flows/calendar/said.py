"""What was said in a phrase, slot by slot. Rule: every word is looked up in the words of the language; what the slots
mean together is in `rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from flows.calendar.grammar import Side, plain
from flows.calendar.spans import Part
from flows.calendar.words import PhraseWords
from flows.calendar.workdays import FreeDays


@dataclass(frozen=True, slots=True)
class Asked:
    """What a phrase is read against: today, what stood before it, the language, the room's free days."""

    today: date
    side: Side
    words: PhraseWords
    free: FreeDays


@dataclass(frozen=True, slots=True)
class Said:
    """The slots of a phrase, read."""

    groups: dict[str, str | None]
    asked: Asked

    @property
    def today(self) -> date:
        return self.asked.today

    def number(self, name: str) -> int | None:
        said = self.groups.get(name)
        if said is None:
            return None
        return int(said) if said.isdigit() else self.asked.words.numbers[said]

    @property
    def year(self) -> int | None:
        said = self.groups.get("iso_y") or self.groups.get("y")
        if said is None:
            return None
        digits = said.lstrip("'")
        return int(digits) if len(digits) == 4 else self.today.year // 100 * 100 + int(digits)

    @property
    def month(self) -> int:
        said = self.groups["month"]
        calendar = self.asked.words.calendar
        return next(
            [plain(name) for name in names].index(said) + 1
            for names in calendar.named_months
            if said in [plain(name) for name in names]
        )

    @property
    def weekday(self) -> int | None:
        words = self.asked.words
        if (said := self.groups.get("weekday")) is not None:
            return [plain(name) for name in words.calendar.days].index(said)
        short = self.groups.get("short_day")
        return None if short is None else words.short_days.index(short)

    @property
    def part(self) -> Part | None:
        said = self.groups.get("part")
        return None if said is None else cast(Part, self.asked.words.parts[said])

    @property
    def which(self) -> str:
        """ "last", "this", "next" or "coming"; this where nothing is said."""
        said = self.groups.get("which")
        return "this" if said is None else self.asked.words.which[said]

    @property
    def nth(self) -> int:
        return self.asked.words.nth[str(self.groups["nth"])]

    @property
    def unit(self) -> str:
        return next(unit for unit, names in self.asked.words.units.items() if self.groups["unit"] in names)
