"""Days as people name them in a room. Rule: what is not sure is asked about in one line that says what was understood.

Read are the words of the room's language; where those find nothing, English ones, as every command has its English
alias. An English phrase that is one in the room's language too was judged already and is not read again.
"""

from __future__ import annotations

from datetime import date

from flows.calendar.dates import say_date, say_day
from flows.calendar.finding import find_when
from flows.calendar.phrases import read_when, say_when
from flows.calendar.when import Ambiguous, Found, NoSuchDay, Past, Reading, Trouble, Vague, When, WrongWeekday
from flows.calendar.words import PhraseWords
from flows.calendar.workdays import FreeDays
from flows.catalogue import load_time_words
from flows.conversation.draft import Draft
from flows.conversation.roomtime import day_of, free_of
from flows.conversation.text import cut, quote

_SECOND = "en"
_MOST_DAYS = 3


def today(d: Draft) -> date:
    """The day that it is now in the room."""
    return day_of(d.room, d.at)


def free_days(d: Draft) -> FreeDays:
    """The room's own free days."""
    return free_of(d.room)


def read(d: Draft, text: str, on: date | None = None) -> Reading | None:
    """The day that the whole text says, or what to ask about it; None where it is no phrase for a day.

    `on` is the day from which is counted, where that is not today. Never raises, whatever the text.
    """
    for words in _languages(d):
        reading = read_when(text, on or today(d), words, free_days(d))
        if reading is not None:
            return reading
    return None


def find(d: Draft, text: str, on: date | None = None) -> Found | None:
    """The day that an action's text says it is due, or what to ask about it, and where that stands; None where it says
    nothing.

    `on` is the day from which is counted, where that is not today. Never raises, whatever the text.
    """
    own, *others = _languages(d)
    day, free = on or today(d), free_days(d)
    found = find_when(text, day, own, free)
    for words in others:
        if found is None:
            found = find_when(text, day, words, free)
            if found is not None and not _is_foreign(text[found.start : found.end], day, own, free):
                found = None
    return found


def _languages(d: Draft) -> list[PhraseWords]:
    second = [] if d.texts.language == _SECOND else [load_time_words(_SECOND).phrases]
    return [d.texts.phrases, *second]


def _is_foreign(phrase: str, day: date, own: PhraseWords, free: FreeDays) -> bool:
    """Whether the words of the room's language have nothing to do with a phrase."""
    return bool(phrase) and read_when(phrase, day, own, free) is None


def say(d: Draft, when: When) -> str:
    """A day as it was understood, in full, with its time where one was named."""
    return say_when(when, d.texts.phrases)


def trouble(d: Draft, reading: Reading | None) -> str | None:
    """The line that says what was understood of a phrase and what to type instead; None for a day that is sure."""
    calendar = d.texts.calendar
    match reading:
        case Vague(phrase):
            return d.texts("dating.vague", said=quote(cut(phrase, 40)))
        case NoSuchDay(phrase):
            return d.texts("dating.no_day", said=quote(cut(phrase, 40)))
        case WrongWeekday(day, said, real):
            names = calendar.days
            return d.texts("dating.weekday", day=say_day(day, calendar), said=names[said], real=names[real])
        case Past(day):
            return d.texts("dating.past", day=say_date(day, calendar))
        case Ambiguous(days):
            said_days = d.texts("join.or").join(say_date(day, calendar) for day in days[:_MOST_DAYS])
            return d.texts("dating.several", days=said_days, example=say_day(days[0], calendar))
        case _:
            return None


def is_unsure(reading: Trouble | None) -> bool:
    """Whether somebody has to say it again before it can be kept. What is only vague is kept without a day."""
    return reading is not None and not isinstance(reading, Vague)
