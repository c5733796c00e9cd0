"""Times of the day as people say them. Rule: 24 hours as written; a spoken hour means office time.

Of an hour from 1 to 6 without a leading zero and without a part of the day ("3 uur", "half drie", "3:00") the afternoon
is meant: no team meets at three in the night. From 7 on it is as said: "9 uur" is 09:00, "7 uur" too. A part of the day
("'s avonds", "pm") decides where one is named. "Half tien" is 09:30.
"""

from __future__ import annotations

import re
from datetime import time

from flows.calendar.grammar import Grammar
from flows.calendar.words import PhraseWords

_FIRST_MORNING_HOUR = 7
# The minutes of a form that says how far the hour named is, or is to come.
_AROUND = {
    "half_before": -30, "half_past": 30, "quarter_past": 15, "quarter_to": -15, "past_half_before": -30,
    "to_half_before": -30,
}  # fmt: skip


def match_time(
    text: str, place: int, words: PhraseWords, grammar: Grammar, part: str | None
) -> tuple[time, int] | None:
    """The longest time at a place in a folded text, with where it ends; None where there is none.

    `part` is the part of the day that was said before it, "am" or "pm".
    """
    best: tuple[time, int] | None = None
    for rule, pattern in grammar.times:
        match = pattern.match(text, place)
        if match is None:
            continue
        end = match.end()
        said = words.day_parts.get(match.groupdict().get("day_part") or "", part)
        if behind := grammar.time_end.match(text, end):
            said, end = words.day_parts.get(behind["day_part"], said), behind.end()
        found = _time(rule, match, said, words)
        if found is not None and (best is None or end > best[1]):
            best = (found, end)
    return best


def _time(rule: str, match: re.Match[str], part: str | None, words: PhraseWords) -> time | None:
    groups = match.groupdict()
    said = match["h"]
    hour = _number(said, words)
    minute = _number(groups.get("min") or "0", words)
    if rule in ("past", "past_half_before"):
        away = minute
    elif rule in ("to", "to_half_before"):
        away = -minute
    else:
        away = minute if rule in ("digital", "digital_half_day", "hour") else 0
    away += _AROUND.get(rule, 0)
    spoken = rule not in ("digital", "hour", "digital_half_day")
    if not 0 <= minute < 60 or hour > (12 if spoken or rule == "digital_half_day" else 23):
        return None
    exact = said.startswith("0") or hour > 12
    total = _in_day(hour * 60 + away, part, exact=exact)
    return None if total is None else time(total // 60, total % 60)


def _in_day(minutes: int, part: str | None, *, exact: bool) -> int | None:
    """Minutes since midnight, for what was said and the part of the day."""
    noon, night = 12 * 60, 24 * 60
    if part == "am" and minutes >= noon:
        minutes = minutes - noon if minutes < noon + 60 else -1
    elif not exact and minutes < noon and (part == "pm" or (part is None and minutes < _FIRST_MORNING_HOUR * 60)):
        minutes += noon
    return minutes if 0 <= minutes < night else None


def _number(said: str, words: PhraseWords) -> int:
    return int(said) if said.isdigit() else words.numbers[said]
