"""Finds when something is due inside what a team writes. Rule: better no date than a wrong one; a date that is missed
is asked about once, a date that is wrong is a reminder on the wrong day.

Where a phrase is taken depends on how sure it is that it says when the action is due. An edge is the begin or end of
the text, or a comma, bracket, bar or dash beside the phrase. A due word is one like "uiterlijk" or "vóór"; those that
can mean nothing else are firm (plain "voor" also means "meant for", and is not).

    a date with its year             anywhere ("memo 2027-01-15 schrijven")
    day and month; relative phrases  at an edge, or anywhere behind a due word ("eind maart", "volgende week vrijdag")
    vandaag, morgen                  at an edge; else behind a firm word
    vrijdag                          at the end, or at the begin behind a due word; else behind a firm word
    maart, week 50, Q1               at an edge behind a due word; else behind a firm word
    de 15e, 15-1                     at the end behind a due word (there is no noun that they can count)

Never taken: what stands behind a word that it belongs to ("verslag van 3 maart", "nieuwsbrief over week 50"); two dates
that make a stretch ("van 1 mei tot 2 mei"); a whole stretch behind plain "voor" ("cijfers voor maart"); a past day in
the midst of a sentence; single words that are vague ("later", "snel"). "Zsm" and "na de zomer" at an edge are told, as
vague. Where different days are named, none is taken and all are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from flows.calendar.grammar import EDGE_BEFORE, Grammar, any_of, grammar_of, plain, plain_in_place
from flows.calendar.phrases import Match, matches, sides
from flows.calendar.when import Ambiguous, Found, Past, Vague, When
from flows.calendar.words import PhraseWords
from flows.calendar.workdays import NO_FREE_DAYS, FreeDays

# A date in a longer text is one of many: such a text is no action.
_LONGEST = 2_000
_START = re.compile(EDGE_BEFORE + r"(?=[^\W_]|')")
_BEHIND_EDGE = re.compile(r"[.!?\s…]*(?:$|[,;:|()\[\]·–—]|-\s)")
_BEFORE_EDGE = re.compile(r"(?:^|[,;:|()\[\]·–—.!?]|\s-)\s*$")

_MONTH_DAY = {"named", "nth_weekday", "nth_weekday_month", "ordinal_month"}
_RELATIVE = {
    "week_weekday", "week_number_weekday", "ahead", "long_ahead", "day_ahead", "coming_weekday", "next_weekday", "week",
    "week_number_part", "month_part", "mid_month", "this_month", "quarter_part", "this_quarter", "month_year", "year",
    "this_year", "day_end", "weekend", "feast",
}  # fmt: skip
_CLEAR = _MONTH_DAY | _RELATIVE
_COUNTING = {"ordinal", "short_numeric"}
_NEVER = {"last_weekday"}


@dataclass(frozen=True, slots=True)
class _Spot:
    """A phrase in a text, with the word before it where that names a due date."""

    start: int
    end: int
    match: Match
    due_word: str | None
    taken: bool


def find_when(text: str, today: date, words: PhraseWords, free: FreeDays = NO_FREE_DAYS) -> Found | None:
    """The day that an action's text says it is due, or what to ask about it, and where that stands; None where it says
    nothing.

    `free` are the room's own free days. Never raises, whatever the text.
    """
    if len(text) > _LONGEST:
        return None
    grammar = grammar_of(words)
    place = plain_in_place(text)
    spots = list(_spots(text, place, today, words, free, grammar))
    joined = _in_ranges(place, spots, words)
    taken = [spot for spot in spots if spot.taken and spot not in joined]
    days = {spot.match.reading.day for spot in taken if isinstance(spot.match.reading, When)}
    if len(days) > 1:
        return Found(Ambiguous(tuple(sorted(days))), 0, 0)
    if not taken:
        return _vague(place, words, grammar)
    # A sure day goes before what would have to be asked about.
    best = min(taken, key=lambda spot: (not isinstance(spot.match.reading, When), spot.start - spot.end))
    return Found(best.match.reading, best.start, best.end)


def _spots(text: str, place: str, today: date, words: PhraseWords, free: FreeDays, grammar: Grammar) -> Iterator[_Spot]:
    """Every phrase in a text, the longest at each place, from left to right and none inside another."""
    due_words = _due_words(words)
    end = 0
    for begin in (match.start() for match in _START.finditer(place)):
        if begin < end:
            continue
        spot = _longest(text, place, begin, today, words, free, grammar, due_words)
        if spot is not None:
            end = spot.end
            yield spot


def _due_words(words: PhraseWords) -> frozenset[str]:
    return frozenset(plain(word) for word in (*words.in_text, *words.firm, *words.firm_before))


def _longest(
    text: str,
    place: str,
    begin: int,
    today: date,
    words: PhraseWords,
    free: FreeDays,
    grammar: Grammar,
    due_words: frozenset[str],
) -> _Spot | None:
    best: tuple[Match, str | None] | None = None
    for side, start in sides(place, begin, grammar):
        word = place[begin:start].strip() or None
        if word is not None and word not in due_words:
            continue
        for match in matches(place, start, side, today, words, free):
            if best is None or match.end > best[0].end:
                best = (match, word)
    if best is None:
        return None
    match, word = best
    taken = _is_taken(text, place, begin, match, word, words)
    return _Spot(begin, match.end, match, word, taken)


def _is_taken(text: str, place: str, begin: int, match: Match, word: str | None, words: PhraseWords) -> bool:
    before, behind = place[:begin], place[match.end :]
    at_begin, at_end = bool(_BEFORE_EDGE.search(before)), bool(_BEHIND_EDGE.match(behind))
    firm = word is not None and _is_firm(text[begin : begin + len(word)], words)
    if match.rule in _NEVER or (not at_begin and _belongs(before, words)):
        return False
    if match.is_span and word is not None and not firm and word in {plain(one) for one in words.firm_before}:
        return False
    if isinstance(match.reading, Past) and not (word or at_begin or at_end):
        return False
    if match.with_year and match.rule in ("numeric", "named"):
        return True
    if match.rule == "near":
        return at_begin or at_end or firm
    if match.rule == "weekday":
        return at_end or firm or (at_begin and word is not None)
    if match.rule in _COUNTING:
        return at_end and word is not None
    if match.rule in _CLEAR or match.rule == "numeric":
        return at_begin or at_end or word is not None
    return firm or ((at_begin or at_end) and word is not None)


def _is_firm(written: str, words: PhraseWords) -> bool:
    """Whether a word, as it was written, can only name a due date."""
    as_written = written.casefold()
    return as_written in words.firm_before or plain(written) in {plain(word) for word in words.firm}


def _belongs(before: str, words: PhraseWords) -> bool:
    return re.search(rf"(?:^|[^\w])(?:{any_of(words.belongs)}) *$", before) is not None


def _in_ranges(place: str, spots: list[_Spot], words: PhraseWords) -> list[_Spot]:
    """The phrases that are the two ends of a stretch of days."""
    joins = {plain(word) for word in words.ranges}
    found: list[_Spot] = []
    for left, right in pairwise(spots):
        between = place[left.end : right.start].strip()
        if between in joins or (not between and right.due_word in joins):
            found += [left, right]
    return found


def _vague(place: str, words: PhraseWords, grammar: Grammar) -> Found | None:
    """A phrase at an edge that is vague whatever stands around it."""
    for begin in (match.start() for match in _START.finditer(place)):
        match = grammar.vague.match(place, begin)
        if match is None:
            continue
        at_edge = _BEFORE_EDGE.search(place[:begin]) or _BEHIND_EDGE.match(place[match.end() :])
        if at_edge:
            return Found(Vague(match[0]), begin, match.end())
    return None
