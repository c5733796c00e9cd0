"""Turns the patterns of a language into regular expressions. Rule: no word of a language stands here, and a slot means
the same in every language.

A pattern is words with blanks between them; `[a word]` may be left out, `a|b` is one or the other, `{a slot}` stands
for what `_slots` says, `~` for a blank or nothing. A comma may stand before any blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from flows.calendar.words import PhraseWords
from flows.conversation.text import fold

# What stands before a phrase: see `PhraseWords`.
Side = Literal["by", "before", "start", "loose"]
# One blank, or a comma and blanks; bounded, so that no row of blanks is walked twice.
GAP = r"(?:,? {1,3})"
# A phrase is a whole: it neither begins nor ends inside a word, a number, a time or an address.
EDGE_BEFORE = r"(?<![\w/.:'@#+€$-])"
EDGE_AFTER = r"(?![\w/'%€-]|[.:,]\d)"
_TOKEN = re.compile(r"\[[^\]]*\]|\S+")
_SLOT = re.compile(r"\{(\w+)\}")
_QUOTES = str.maketrans("’‘´`", "''''")


@dataclass(frozen=True, eq=False)
class Grammar:
    """What is matched in one language: each rule's name with its expressions, for days and for times; what may stand
    before a phrase, the longest first; and the words by their folded form.
    """

    days: tuple[tuple[str, re.Pattern[str]], ...]
    any_day: re.Pattern[str]
    times: tuple[tuple[str, re.Pattern[str]], ...]
    time_end: re.Pattern[str]
    sides: Mapping[str, Side]
    prepositions: re.Pattern[str]
    vague: re.Pattern[str]
    vague_words: frozenset[str]


def plain(text: str) -> str:
    """Text folded for matching, with one form of apostrophe."""
    return fold(text).translate(_QUOTES)


def plain_in_place(text: str) -> str:
    """Folded character by character, so that places stay the same; every blank is a space."""
    return "".join(_plain_char(char) for char in text).translate(_QUOTES)


def _plain_char(char: str) -> str:
    if char.isspace():
        return " "
    folded = fold(char)
    if len(folded) == 1:
        return folded
    lower = char.lower()
    return lower if len(lower) == 1 else char


def any_of(words: Iterable[str]) -> str:
    """An expression for one of the words, the longest first."""
    found = sorted({plain(word) for word in words}, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", " ") for word in found)


def _slots(words: PhraseWords) -> dict[str, str]:
    calendar = words.calendar
    day_part = f"(?: ?(?P<day_part>{any_of(words.day_parts)}))?"
    months = any_of(name for names in calendar.named_months for name in names)
    day, month = r"(?P<d>[0-9]{1,2})", r"(?P<m>[0-9]{1,2})"
    ordinal = f"(?:{any_of(words.ordinals)})"
    weekday = rf"(?:(?P<weekday>{any_of(calendar.days)}){day_part}|(?P<short_day>{any_of(words.short_days)})\.?)"
    units = [name for names in words.units.values() for name in names]
    return {
        "date": rf"(?:(?P<iso_y>[0-9]{{4}})-(?P<iso_m>[0-9]{{1,2}})-(?P<iso_d>[0-9]{{1,2}})"
        rf"|{day}[-/.]{month}[-/.](?P<y>[0-9]{{4}}|[0-9]{{2}}))",
        "short_date": rf"{day}[-/]{month}",
        "d": rf"{day}{ordinal}?\.?",
        "nth_day": rf"{day}{ordinal}",
        "y": r"(?P<y>[0-9]{4}|'[0-9]{2})",
        "month": rf"(?P<month>{months})\.?",
        "long_month": f"(?P<month>{any_of(calendar.months)})",
        "wd": weekday,
        "weekday": weekday,
        "near": f"(?P<near>{any_of(words.near)}){day_part}",
        "comes": f"(?:{any_of(words.comes)})",
        "next": f"(?:{any_of(words.next)})",
        "last": f"(?:{any_of(words.last)})",
        "which": f"(?P<which>{any_of(words.which)})",
        "part": f"(?P<part>{any_of(words.parts)})",
        "nth": f"(?P<nth>{any_of(words.nth)})",
        "n": f"(?P<n>[0-9]{{1,3}}|{any_of(words.numbers)})",
        "unit": f"(?P<unit>{any_of(units)})",
        "half": f"(?P<unit>{any_of(words.units['half'])})",
        "week": r"(?P<week>[0-9]{1,2})",
        "quarter": r"(?P<quarter>[0-9])",
        "feast": f"(?P<feast>{any_of(words.feasts)})",
        "at": f"(?:{any_of(words.times['at'])})",
        "hours": f"(?:{any_of(words.times['hour_words'])})",
        "h": r"(?P<h>[0-9]{1,2})",
        "hn": f"(?P<h>[0-9]{{1,2}}|{any_of(words.numbers)})",
        "min": r"(?P<min>[0-9]{2})",
        "minutes": f"(?P<min>[0-9]{{1,2}}|{any_of(words.numbers)})",
        "colon": "[:.]",
        "meridiem": f"(?P<day_part>{any_of(words.day_parts)})",
    }


def _expression(pattern: str, slots: Mapping[str, str]) -> str:
    """The regular expression of one pattern."""
    tokens = _TOKEN.findall(pattern)
    built, begun = "", False
    for token in tokens:
        optional = token.startswith("[")
        body = GAP.join(_word(word, slots) for word in token.strip("[]").split())
        if optional:
            built += f"(?:{GAP}{body})?" if begun else f"(?:{body}{GAP})?"
        else:
            built += f"{GAP}{body}" if begun else body
            begun = True
    return built


def _word(word: str, slots: Mapping[str, str]) -> str:
    ends = [0]
    parts = []
    for match in _SLOT.finditer(word):
        parts += [_literal(word[ends[-1] : match.start()]), slots[match[1]]]
        ends.append(match.end())
    parts.append(_literal(word[ends[-1] :]))
    built = "".join(parts)
    return f"(?:{built})" if "|" in word else built


def _literal(text: str) -> str:
    return "".join("|" if char == "|" else " ?" if char == "~" else re.escape(char) for char in text)


@lru_cache(maxsize=8)
def grammar_of(words: PhraseWords) -> Grammar:
    """The grammar of a language, made once. Raises KeyError where a pattern has an unknown slot."""
    slots = _slots(words)
    days, times = [], []
    for rule, patterns in words.patterns.items():
        days += [(rule, re.compile(_expression(pattern, slots) + EDGE_AFTER)) for pattern in patterns]
    for rule, patterns in words.times.items():
        if rule not in ("at", "hour_words"):
            times += [(rule, re.compile(GAP + _expression(pattern, slots) + EDGE_AFTER)) for pattern in patterns]
    sides: dict[Side, tuple[str, ...]] = {
        "loose": words.loose,
        "start": words.start,
        "by": words.by,
        "before": words.before,
    }
    before = [word for group in sides.values() for word in group]
    return Grammar(
        tuple(days),
        re.compile("|".join(f"(?:{_unnamed(found.pattern)})" for _, found in days)),
        tuple(times),
        re.compile(f"{GAP}(?P<day_part>{any_of(words.day_parts)})" + EDGE_AFTER),
        {plain(word): side for side, group in sides.items() for word in group},
        re.compile(f"(?P<word>{any_of(before)}){GAP}"),
        re.compile(f"(?:{any_of(words.vague)})" + EDGE_AFTER),
        frozenset(plain(word).rstrip(".") for word in (*words.vague, *words.vague_words)),
    )


def _unnamed(expression: str) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", expression)
