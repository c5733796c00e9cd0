"""Phrases for a day as a team says them: "volgende week vrijdag", "eind maart", "over 10 werkdagen". Rule: the whole
text is a phrase or it is nothing; what is not sure is named as a reason to ask, never guessed.

What a phrase means, where people could differ:
- A year or month that is not said: the next such day, today included. "Vrijdag" is the coming one; said on a Friday it
  can be today or in a week, so that is asked.
- "Volgende vrijdag" is asked where the Friday of this week is still to come. "Komende vrijdag" is the first one after
  today. "Komende week", "komende maand": this or the next, so asked.
- "Vrijdag over twee weken" is the coming Friday and two weeks on.
- A stretch of days as a due date (week 50, volgende week, maart, Q1, begin april) means its last working day. The begin
  of a week is Monday and Tuesday, of a month its first seven days; half or medio a month is up to the 15th. With "voor"
  a whole stretch means the last working day before it ("voor week 50"), with "per" its first day ("per Q2").
- "Vóór 15 januari" keeps 15 januari, as the team wrote it; so does "vóór eind maart" keep the end of March.
- A day that is named stays that day, also on a weekend or holiday; only stretches look for a working day.
- "Voor de kerst" is the last working day before 25 December, "voor Pasen" the one before Easter Sunday. Summers and
  school holidays have no fixed days: vague. So is everything "na", "rond" or "vanaf" something: it has no end. So is
  "volgend jaar", and a begin or middle of a quarter or year: too wide for a due date.
- Day comes before month in numbers, in English too. Two digits of a year are of this century.
- "In" and "over" count from today; a month from 31 January is the last of February.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from flows.calendar import rules
from flows.calendar.dates import say_date
from flows.calendar.grammar import Grammar, Side, grammar_of, plain
from flows.calendar.said import Asked, Said
from flows.calendar.spans import Span
from flows.calendar.times import match_time
from flows.calendar.when import NoSuchDay, Past, Reading, Vague, When
from flows.calendar.words import PhraseWords
from flows.calendar.workdays import NO_FREE_DAYS, FreeDays, workday_on_or_before

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase at a place in a text: the rule that read it, what was said, and where it ends."""

    rule: str
    reading: Reading
    end: int
    with_year: bool
    is_span: bool


def read_when(text: str, today: date, words: PhraseWords, free: FreeDays = NO_FREE_DAYS) -> Reading | None:
    """The day that the whole text says, or what to ask about it; None where it is no phrase for a day.

    `free` are the room's own free days. Never raises, whatever the text.
    """
    if len(text) > _LONGEST * 4:
        return None
    said = plain(text).rstrip(" .,;!?")
    if len(said) > _LONGEST:
        return None
    grammar = grammar_of(words)
    if said in grammar.vague_words:
        return Vague(said)
    for side, place in sides(said, 0, grammar):
        for match in matches(said, place, side, today, words, free):
            if match.end == len(said):
                return match.reading
    return None


def sides(text: str, place: int, grammar: Grammar) -> Iterator[tuple[Side, int]]:
    """How a phrase at a place can begin: by itself, or behind each word that may stand before it, longest first."""
    yield "by", place
    found: dict[int, Side] = {}
    if grammar.prepositions.match(text, place):
        for word, side in grammar.sides.items():
            if text.startswith(word, place) and (gap := _gap(text, place + len(word))):
                found.setdefault(gap, side)
    for begin in sorted(found, reverse=True):
        yield found[begin], begin


def _gap(text: str, place: int) -> int | None:
    """Where the next word begins; None where no blank stands at a place."""
    end = place
    while end < len(text) and end - place < 3 and text[end] == " ":
        end += 1
    return end if end > place else None


def matches(text: str, place: int, side: Side, today: date, words: PhraseWords, free: FreeDays) -> Iterator[Match]:
    """Every phrase that stands at a place in a folded text, with the time behind it where there is one."""
    grammar = grammar_of(words)
    if not grammar.any_day.match(text, place):
        return
    asked = Asked(today, side, words, free)
    for rule, pattern in grammar.days:
        found = pattern.match(text, place)
        if found is None:
            continue
        groups = found.groupdict()
        try:
            meant = rules.RULES[rule](Said(groups, asked))
        except (ValueError, OverflowError):
            meant = NoSuchDay(found[0])
        if meant is None:
            continue
        part = words.day_parts.get(groups.get("day_part") or "") or words.near_parts.get(groups.get("near") or "")
        with_year = bool(groups.get("iso_y") or (groups.get("y") and len(groups["y"]) == 4))
        is_span = isinstance(meant, Span) and not meant.part
        timed = match_time(text, found.end(), words, grammar, part)
        ends: list[tuple[time | None, int]] = [(None, found.end())] if timed is None else [timed, (None, found.end())]
        for at, end in ends:
            reading = _settle(meant, asked, at, text[place:end])
            yield Match(rule, reading, end, with_year, is_span)


def _settle(meant: rules.Meant, asked: Asked, at: time | None, phrase: str) -> Reading:
    """A day for what a rule found, or the reason to ask."""
    if asked.side == "loose" and not isinstance(meant, NoSuchDay):
        return Vague(phrase)
    if isinstance(meant, Vague):
        return Vague(phrase)
    if not isinstance(meant, date | Span):
        return meant
    try:
        day = meant if isinstance(meant, date) else due_day(meant, asked)
    except (ValueError, OverflowError):
        return NoSuchDay(phrase)
    return Past(day) if day < asked.today else When(day, at, phrase)


def due_day(span: Span, asked: Asked) -> date:
    """The day that a stretch means as a due date."""
    if asked.side == "start" and not span.part:
        return span.first
    last = span.first - timedelta(days=1) if asked.side == "before" and not span.part else span.last
    return workday_on_or_before(last, asked.free)


def say_when(when: When, words: PhraseWords) -> str:
    """A day in full, with its time where it has one: vrijdag 4 december 2026 om 14:00."""
    day = say_date(when.day, words.calendar)
    return day if when.time is None else f"{day} {words.times['at'][0]} {when.time:%H:%M}"
