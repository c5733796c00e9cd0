"""`flows.calendar.hours`: working hours on the local clock, in instants; over every change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.calendar.hours import OFFICE_HOURS, Hours, local_moment, next_working_moment, spread
from flows.calendar.workdays import FreeDays, is_workday

AMSTERDAM = "Europe/Amsterdam"
ZONES = st.sampled_from([
    AMSTERDAM, "America/Paramaribo", "America/Curacao", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Pacific/Apia", "Africa/Casablanca", "UTC",
])  # fmt: skip
DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "zone", "moment"),
    [
        (date(2026, 11, 25), time(9), AMSTERDAM, "2026-11-25T08:00"),
        (date(2027, 3, 26), time(9), AMSTERDAM, "2027-03-26T08:00"),
        (date(2027, 3, 29), time(9), AMSTERDAM, "2027-03-29T07:00"),
        (date(2026, 10, 23), time(9), AMSTERDAM, "2026-10-23T07:00"),
        (date(2026, 10, 26), time(9), AMSTERDAM, "2026-10-26T08:00"),
        (date(2027, 3, 28), time(1, 59), AMSTERDAM, "2027-03-28T00:59"),
        (date(2027, 3, 28), time(2), AMSTERDAM, "2027-03-28T01:00"),
        (date(2027, 3, 28), time(2, 30), AMSTERDAM, "2027-03-28T01:00"),  # not there: 03:00 is the first that is
        (date(2027, 3, 28), time(2, 59, 59, 999999), AMSTERDAM, "2027-03-28T01:00"),
        (date(2027, 3, 28), time(3), AMSTERDAM, "2027-03-28T01:00"),
        (date(2026, 10, 25), time(2, 30), AMSTERDAM, "2026-10-25T00:30"),  # there twice: the first
        (date(2026, 10, 25), time(2, 30, fold=1), AMSTERDAM, "2026-10-25T00:30"),
        (date(2027, 10, 3), time(2, 15), "Australia/Lord_Howe", "2027-10-02T15:30"),  # half an hour is skipped
        (date(2011, 12, 30), time(9), "Pacific/Apia", "2011-12-30T10:00"),  # a day that was skipped
        (date(2026, 11, 25), time(9), "America/Paramaribo", "2026-11-25T12:00"),
    ],
)
def test_a_local_moment(day: date, at: time, zone: str, moment: str) -> None:
    """The instant at which the local clock shows a time."""
    assert local_moment(day, at, zone) == utc(moment)
    assert local_moment(day, at, zone).tzinfo is UTC


@settings(deadline=None, max_examples=100)
@given(DAYS, TIMES, ZONES)
def test_the_clock_shows_what_was_asked(day: date, at: time, zone: str) -> None:
    """Or, where that time is skipped, the first time after it; the minute before shows less."""
    moment = local_moment(day, at, zone)
    shown = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    asked = datetime.combine(day, at.replace(fold=0))
    assert shown >= asked
    before = (moment - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert before < asked


@pytest.mark.parametrize(
    ("instant", "moment"),
    [
        ("2026-11-25T08:00", "2026-11-25T08:00"),  # 09:00
        ("2026-11-25T15:59", "2026-11-25T15:59"),  # 16:59
        ("2026-11-25T16:00", "2026-11-26T08:00"),  # 17:00
        ("2026-11-25T07:59", "2026-11-25T08:00"),
        ("2026-11-24T23:30", "2026-11-25T08:00"),  # in the night
        ("2026-11-27T16:30", "2026-11-30T08:00"),  # Friday evening
        ("2026-11-28T12:00", "2026-11-30T08:00"),  # Saturday
        ("2026-12-24T17:00", "2026-12-28T08:00"),  # Christmas Eve
        ("2027-03-26T16:30", "2027-03-30T07:00"),  # Goede Vrijdag, after hours; Easter, and the clocks change
        ("2027-03-26T10:00", "2027-03-26T10:00"),  # Goede Vrijdag is a working day
        ("2026-10-23T16:00", "2026-10-26T08:00"),  # the clocks change in the weekend
        ("2026-12-31T16:00", "2027-01-04T08:00"),
    ],
)
def test_the_next_working_moment(instant: str, moment: str) -> None:
    """The same instant within hours, else the start of the next."""
    assert next_working_moment(utc(instant), OFFICE_HOURS, AMSTERDAM) == utc(moment)


def test_the_rooms_own_hours_and_free_days() -> None:
    """Other hours, other days of the week, a stretch of free days."""
    early = Hours(time(7, 30), time(12), frozenset({1, 5}))
    assert next_working_moment(utc("2026-11-25T08:00"), early, AMSTERDAM) == utc("2026-11-28T06:30")
    free = FreeDays(stretches=((date(2026, 11, 20), date(2026, 11, 30)),))
    assert next_working_moment(utc("2026-11-25T08:00"), OFFICE_HOURS, AMSTERDAM, free) == utc("2026-12-01T08:00")


def test_hours_in_the_night_that_the_clocks_change() -> None:
    """The hour that is skipped is not there that day; the one that comes twice is open twice."""
    night = Hours(time(2), time(3), frozenset(range(7)))
    short = FreeDays()
    # 28 March 2027 is Easter and so free; 2028 has its change on Sunday 26 March.
    assert next_working_moment(utc("2028-03-26T00:30"), night, AMSTERDAM, short) == utc("2028-03-27T00:00")
    assert next_working_moment(utc("2026-10-25T01:30"), night, AMSTERDAM) == utc("2026-10-25T01:30")
    half = Hours(time(2, 30), time(3), frozenset(range(7)))
    assert next_working_moment(utc("2026-10-25T01:10"), half, AMSTERDAM) == utc("2026-10-25T01:30")


@settings(deadline=None, max_examples=100)
@given(INSTANTS, ZONES, st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] < pair[1]))
def test_never_early_never_outside_hours(instant: datetime, zone: str, ends: tuple[time, time]) -> None:
    """Not before the instant, within the hours of a working day, and asked again the same."""
    hours = Hours(*ends)
    moment = next_working_moment(instant, hours, zone)
    local = moment.astimezone(ZoneInfo(zone))
    assert moment >= instant
    assert is_workday(local.date())
    assert hours.start <= local.time() < hours.end
    assert next_working_moment(moment, hours, zone) == moment
    if moment > instant:
        here = instant.astimezone(ZoneInfo(zone))
        assert not (is_workday(here.date()) and hours.start <= here.time() < hours.end)
        # No working day is passed over.
        between = (here.date() + timedelta(days=n) for n in range(1, (local.date() - here.date()).days))
        assert not any(is_workday(day) for day in between)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [(time(17), time(9), frozenset({0})), (time(9), time(9), frozenset({0})), (time(9), time(17), frozenset()),
     (time(9), time(17), frozenset({7}))],
)  # fmt: skip
def test_hours_that_cannot_be(start: time, end: time, days: frozenset[int]) -> None:
    """They are refused where they are set, not where they are used."""
    with pytest.raises(ValueError, match="working"):
        Hours(start, end, days)


def test_an_instant_without_a_zone_is_refused() -> None:
    """It would be taken for the machine's own time."""
    with pytest.raises(ValueError, match="zone"):
        next_working_moment(datetime(2026, 11, 25, 8), OFFICE_HOURS, AMSTERDAM)  # noqa: DTZ001


def test_rooms_are_spread_the_same_after_a_restart() -> None:
    """The numbers are kept here: another hash would move every room's moment."""
    assert [spread(f"!room{n}:x.nl", 1800) for n in range(4)] == [830, 1043, 1646, 505]
    offsets = [spread(f"!room{n}:x.nl", 600) for n in range(6000)]
    assert min(offsets) >= 0
    assert max(offsets) < 600
    assert max(offsets.count(second) for second in range(600)) < 30  # ten on average
    with pytest.raises(ValueError, match="window"):
        spread("!room:x.nl", 0)
