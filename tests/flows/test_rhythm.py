"""`flows.calendar.rhythm`: how often something comes back, counted from where it began."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.calendar.rhythm import Rhythm, read_rhythm, say_rhythm
from flows.catalogue import load_time_words

WORDS = load_time_words("nl").rhythm
DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))
PLAIN = st.one_of(
    st.integers(1, 52).map(lambda n: Rhythm(n, "week")), st.integers(1, 24).map(lambda n: Rhythm(n, "month"))
)
BY_WEEKDAY = st.builds(Rhythm, st.just(1), st.just("month"), st.sampled_from([1, 2, 3, 4, -1]), st.integers(0, 6))
ANY_RHYTHM = st.one_of(PLAIN, BY_WEEKDAY)


@pytest.mark.parametrize(
    ("text", "rhythm"),
    [
        ("elke 6 weken", Rhythm(6, "week")), ("elke zeven weken", Rhythm(7, "week")), ("wekelijks", Rhythm(1, "week")),
        ("om de week", Rhythm(2, "week")), ("om de 6 weken", Rhythm(6, "week")), ("om de maand", Rhythm(2, "month")),
        ("om de twee weken", Rhythm(2, "week")), ("tweewekelijks", Rhythm(2, "week")),
        ("elke maand", Rhythm(1, "month")), ("Maandelijks.", Rhythm(1, "month")),
        ("iedere 2 maanden", Rhythm(2, "month")), ("één keer per maand", Rhythm(1, "month")),
        ("eens in de 6 weken", Rhythm(6, "week")), ("1x per kwartaal", Rhythm(3, "month")),
        ("per kwartaal", Rhythm(3, "month")), ("elk kwartaal", Rhythm(3, "month")),
        ("elke 2 kwartalen", Rhythm(6, "month")), ("elk half jaar", Rhythm(6, "month")),
        ("ieder halfjaar", Rhythm(6, "month")), ("halfjaarlijks", Rhythm(6, "month")),
        ("jaarlijks", Rhythm(12, "month")), ("elk jaar", Rhythm(12, "month")), ("elke 2 jaar", Rhythm(24, "month")),
        ("elke eerste maandag van de maand", Rhythm(1, "month", 1, 0)),
        ("iedere laatste vrijdag van de maand", Rhythm(1, "month", -1, 4)),
        ("de derde donderdag van elke maand", Rhythm(1, "month", 3, 3)),
        ("2e dinsdag van de maand", Rhythm(1, "month", 2, 1)), ("geen", Rhythm(0, "week")),
        ("elke 3 jaar", None), ("elke 9 kwartalen", None), ("elke tweede maandag", None), ("om de zoveel tijd", None),
        ("elke eerste maandag van maart", None), ("elke vijfde maandag van de maand", None), ("kwartaal", None),
        ("jaar", None), ("half jaar", None), ("regelmatig", None), ("elke dag", None), ("om de", None),
        ("elke 1000 weken", None), ("elke maandag", None),
    ],
)  # fmt: skip
def test_read(text: str, rhythm: Rhythm | None) -> None:
    """The rhythm that the whole text is, or None."""
    assert read_rhythm(text, WORDS) == rhythm


@pytest.mark.parametrize(
    ("rhythm", "said"),
    [
        (Rhythm(6, "week"), "elke 6 weken"), (Rhythm(1, "week"), "elke week"), (Rhythm(1, "month"), "elke maand"),
        (Rhythm(3, "month"), "elke 3 maanden"), (Rhythm(12, "month"), "elk jaar"), (Rhythm(24, "month"), "elke 2 jaar"),
        (Rhythm(1, "month", 1, 0), "elke eerste maandag van de maand"),
        (Rhythm(1, "month", -1, 4), "elke laatste vrijdag van de maand"), (Rhythm(0, "week"), "geen"),
    ],
)  # fmt: skip
def test_say(rhythm: Rhythm, said: str) -> None:
    """In words."""
    assert say_rhythm(rhythm, WORDS) == said


@pytest.mark.parametrize("language", ["nl", "en"])
@settings(deadline=None)
@given(rhythm=ANY_RHYTHM)
def test_what_is_said_is_read_again(language: str, rhythm: Rhythm) -> None:
    """In every language."""
    words = load_time_words(language).rhythm
    assert read_rhythm(say_rhythm(rhythm, words), words) == rhythm


@settings(deadline=None)
@given(ANY_RHYTHM)
def test_what_is_stored_is_the_same_rhythm(rhythm: Rhythm) -> None:
    """A rhythm without a day of the week is stored as it always was."""
    value = rhythm.to_value()
    assert Rhythm.from_value(value) == rhythm
    assert (set(value) == {"every", "unit"}) == (rhythm.nth is None)


@pytest.mark.parametrize(
    "value",
    [
        {"every": 6, "unit": "dag"}, {"every": 99, "unit": "week"}, {"every": -1, "unit": "week"},
        {"every": 1, "unit": "week", "nth": 1, "weekday": 0}, {"every": 1, "unit": "month", "nth": 5, "weekday": 0},
        {"every": 1, "unit": "month", "nth": 1}, {"every": 1, "unit": "month", "weekday": 1},
        {"every": 1, "unit": "month", "nth": 1, "weekday": 7}, {"every": "x", "unit": "month"},
    ],
)  # fmt: skip
def test_what_is_no_rhythm_is_not_read_from_the_store(value: dict[str, object]) -> None:
    """ValueError, not a rhythm that goes wrong later."""
    with pytest.raises(ValueError, match=r"no rhythm|invalid literal"):
        Rhythm.from_value(value)


@pytest.mark.parametrize(
    ("rhythm", "anchor", "days"),
    [
        (Rhythm(1, "month"), date(2027, 1, 31), ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        (Rhythm(1, "month"), date(2027, 12, 30), ["2028-01-30", "2028-02-29", "2028-03-30"]),
        (Rhythm(3, "month"), date(2026, 11, 30), ["2027-02-28", "2027-05-30"]),
        (Rhythm(12, "month"), date(2028, 2, 29), ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        (Rhythm(6, "week"), date(2026, 11, 23), ["2027-01-04", "2027-02-15"]),
        (Rhythm(1, "month", 1, 0), date(2026, 11, 25), ["2026-12-07", "2027-01-04", "2027-02-01"]),
        (Rhythm(1, "month", 1, 0), date(2026, 12, 6), ["2026-12-07", "2027-01-04"]),
        (Rhythm(1, "month", 1, 0), date(2026, 12, 7), ["2027-01-04", "2027-02-01"]),
        (Rhythm(1, "month", -1, 4), date(2026, 11, 25), ["2026-11-27", "2026-12-25", "2027-01-29"]),
    ],
)
def test_occurrences(rhythm: Rhythm, anchor: date, days: list[str]) -> None:
    """A 31st becomes the last day of a shorter month and comes back on the 31st."""
    assert [str(rhythm.occurrence(anchor, number)) for number in range(1, len(days) + 1)] == days
    assert rhythm.occurrence(anchor, 0) == anchor
    assert str(rhythm.after(anchor)) == days[0]


@settings(deadline=None)
@given(ANY_RHYTHM, DAYS, st.integers(-400, 6000))
def test_the_next_day_is_the_first_after_a_day(rhythm: Rhythm, anchor: date, apart: int) -> None:
    """Strictly after it, and none of the rhythm's days lies between."""
    day = anchor + timedelta(days=apart)
    following = rhythm.next_after(anchor, day)
    walked = anchor
    number = 0
    while number == 0 or walked <= day:
        number += 1
        walked = rhythm.occurrence(anchor, number) or date.max
    assert following == walked
    assert following > max(anchor, day)


@settings(deadline=None)
@given(PLAIN, DAYS)
def test_the_day_of_the_month_does_not_drift(rhythm: Rhythm, anchor: date) -> None:
    """Each occurrence is the anchor's own day, or the last one of a shorter month; weeks keep their day."""
    for number in range(1, 15):
        found = rhythm.occurrence(anchor, number)
        assert found is not None
        if rhythm.unit == "week":
            assert found.weekday() == anchor.weekday()
        else:
            assert found.day == min(anchor.day, calendar.monthrange(found.year, found.month)[1])


@settings(deadline=None, max_examples=50)
@given(ANY_RHYTHM, DAYS)
def test_the_same_days_as_a_calendar_program(rhythm: Rhythm, anchor: date) -> None:
    """As RFC 5545 has it, where no month is too short."""
    anchor = anchor.replace(day=min(anchor.day, 28))
    start = datetime(anchor.year, anchor.month, anchor.day)  # noqa: DTZ001
    named = None if rhythm.weekday is None else weekday(rhythm.weekday, rhythm.nth)
    frequency = WEEKLY if rhythm.unit == "week" else MONTHLY
    rule = rrule(frequency, dtstart=start, interval=rhythm.every, count=6, byweekday=named)
    expected = [found.date() for found in rule if found.date() > anchor][:5]
    assert [rhythm.occurrence(anchor, number) for number in range(1, 6)] == expected


def test_never_has_no_days() -> None:
    """Whatever the day."""
    never = Rhythm(0, "week")
    assert never.after(date(2027, 1, 1)) is None
    assert never.occurrence(date(2027, 1, 1), 3) is None
    assert never.next_after(date(2027, 1, 1), date(2028, 1, 1)) is None
