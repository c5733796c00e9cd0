"""Phrases for a day, whatever is typed: nothing raises, nothing is guessed, and what is said back is read again."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.calendar.finding import find_when
from flows.calendar.phrases import read_when, say_when
from flows.calendar.when import Ambiguous, Past, When
from flows.calendar.words import PhraseWords
from flows.catalogue import load_time_words

LANGUAGES = {name: load_time_words(name).phrases for name in ("nl", "en")}
TODAYS = st.one_of(
    st.dates(date(2024, 1, 1), date(2040, 12, 31)),
    st.sampled_from([date(2026, 12, 31), date(2027, 1, 1), date(2028, 2, 28), date(2028, 2, 29), date(2027, 3, 28)]),
)


def pieces(words: PhraseWords) -> list[str]:
    """Words of the grammar, and numbers and signs that stand in dates."""
    lists = (words.calendar.months, words.calendar.days, words.calendar.short_months, words.short_days, words.comes)
    sides = (words.before, words.by, words.start, words.loose, words.next, words.last, words.vague)
    maps = (words.near, words.day_parts, words.which, words.parts, words.nth, words.numbers, words.feasts)
    found = [word for group in (*lists, *sides, *words.units.values(), *maps) for word in group]
    literal = [
        word for patterns in words.patterns.values() for one in patterns for word in one.split() if "{" not in word
    ]
    loose = [
        "0",
        "1",
        "15",
        "15e",
        "29",
        "31",
        "32",
        "53",
        "99",
        "999",
        "2027",
        "9999",
        "0000",
        "'27",
        "q1",
        "q9",
        "14:00",
    ]
    signs = ["25:99", "9u30", "-", ",", ".", "②", "፩", "31-2-2027", "1-1-9999", "31-12-9999", "voor", "vóór", "@", ""]
    return sorted({*found, *literal, *loose, *signs})


PIECES = {name: pieces(words) for name, words in LANGUAGES.items()}
SAID = {
    name: st.one_of(st.text(max_size=60), st.lists(st.sampled_from(found), max_size=7).map(" ".join))
    for name, found in PIECES.items()
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("said", ["q0", "Q0 2027", "q00", "kwartaal 0", "eind q0", "q5"])
def test_a_quarter_that_there_is_not_is_no_day(language: str, said: str) -> None:
    assert not isinstance(read_when(said, date(2026, 11, 23), LANGUAGES[language]), When | Past | Ambiguous)
    find_when(f"memo schrijven {said}", date(2026, 11, 23), LANGUAGES[language])


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None, max_examples=120)
@given(data=st.data(), today=TODAYS)
def test_no_text_raises(language: str, data: st.DataObject, today: date) -> None:
    """A sure day is never before today, a past one never after it, and a choice has two days that are to come."""
    text = data.draw(SAID[language])
    reading = read_when(text, today, LANGUAGES[language])
    if isinstance(reading, When):
        assert reading.day >= today
    elif isinstance(reading, Past):
        assert reading.day < today
    elif isinstance(reading, Ambiguous):
        assert len(set(reading.days)) == 2
        assert today <= min(reading.days) == reading.days[0]


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None, max_examples=120)
@given(data=st.data(), today=TODAYS)
def test_what_is_found_stands_in_the_text(language: str, data: st.DataObject, today: date) -> None:
    """A place inside the text; where nothing is to be taken out, several days."""
    text = data.draw(SAID[language])
    found = find_when(text, today, LANGUAGES[language])
    if found is not None:
        assert 0 <= found.start <= found.end <= len(text)
        assert (found.start == found.end) <= isinstance(found.reading, Ambiguous)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None, max_examples=100)
@given(today=TODAYS, ahead=st.integers(0, 4000), minute=st.none() | st.integers(0, 1439))
def test_a_day_said_back_is_the_same_day(language: str, today: date, ahead: int, minute: int | None) -> None:
    """And the same time; alone and as found behind an action."""
    words = LANGUAGES[language]
    at = None if minute is None else time(minute // 60, minute % 60)
    when = When(today + timedelta(days=ahead), at)
    said = say_when(when, words)
    read = read_when(said, today, words)
    assert isinstance(read, When)
    assert (read.day, read.time) == (when.day, when.time)
    found = find_when(f"memo {said}", today, words)
    assert found is not None
    assert isinstance(found.reading, When)
    assert (found.reading.day, found.start) == (when.day, 5)


@settings(deadline=None, max_examples=100)
@given(today=TODAYS, weekday=st.integers(0, 6))
def test_a_day_of_the_week_is_within_a_week(today: date, weekday: int) -> None:
    """Said without more it is the coming one; on the day itself it is asked."""
    words = LANGUAGES["nl"]
    name = words.calendar.days[weekday]
    coming = read_when(f"komende {name}", today, words)
    assert isinstance(coming, When)
    assert today < coming.day <= today + timedelta(days=7)
    assert coming.day.weekday() == weekday
    bare = read_when(name, today, words)
    assert isinstance(bare, Ambiguous) if today.weekday() == weekday else bare == When(coming.day, None, name)


@settings(deadline=None, max_examples=100)
@given(today=TODAYS, word=st.sampled_from(["week 12", "maart", "q3", "volgende week", "volgende maand", "eind juni"]))
def test_a_stretch_ends_on_a_working_day(today: date, word: str) -> None:
    """From Monday to Friday."""
    reading = read_when(word, today, LANGUAGES["nl"])
    day = reading.day if isinstance(reading, When | Past) else None
    assert day is not None
    assert day.weekday() < 5
