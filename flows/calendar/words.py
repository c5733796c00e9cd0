"""The words of phrases for a day in one language. Rule: data only; what the words mean together is in `phrases`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flows.calendar.dates import CalendarWords


@dataclass(frozen=True, eq=False)
class PhraseWords:
    """The words and patterns of one language.

    `before`, `by`, `start` and `loose` stand before a phrase: the day before a stretch of days, its last day, its
    first, and "about then". `in_text` are those that name a due date inside a sentence, `firm` those that can mean
    nothing else, `firm_before` as written with its accents. Behind a word of `belongs` a date belongs to that word.
    `vague` is vague wherever it stands, `vague_words` only by itself. `patterns` and `times` are written as
    `flows.calendar.grammar` says.
    """

    calendar: CalendarWords
    short_days: tuple[str, ...]
    ordinals: tuple[str, ...]
    comes: tuple[str, ...]
    next: tuple[str, ...]
    last: tuple[str, ...]
    before: tuple[str, ...]
    firm_before: tuple[str, ...]
    by: tuple[str, ...]
    start: tuple[str, ...]
    loose: tuple[str, ...]
    in_text: tuple[str, ...]
    firm: tuple[str, ...]
    belongs: tuple[str, ...]
    ranges: tuple[str, ...]
    vague: tuple[str, ...]
    vague_words: tuple[str, ...]
    near: Mapping[str, int]
    near_parts: Mapping[str, str]
    day_parts: Mapping[str, str]
    which: Mapping[str, str]
    parts: Mapping[str, str]
    nth: Mapping[str, int]
    units: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, int]
    feasts: Mapping[str, str]
    patterns: Mapping[str, tuple[str, ...]]
    times: Mapping[str, tuple[str, ...]]
