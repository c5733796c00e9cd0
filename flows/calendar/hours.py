"""When in the day the coach speaks of its own accord. Rule: rules are local, instants are UTC, and what a local clock
shows is worked out anew for each day, so that 09:00 stays 09:00 when the clocks change.

A time that the clock skips in spring becomes the first moment that there is; of a time that comes twice in autumn the
first one counts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flows.calendar.workdays import NO_FREE_DAYS, WEEKDAYS, FreeDays, next_workday, workday_on_or_after

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours on the local clock, `start` included and `end` not; `days` of the week, Monday is 0.

    Raises ValueError where the end is not after the start or no day of the week is named.
    """

    start: time = time(9)
    end: time = time(17)
    days: frozenset[int] = WEEKDAYS

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("working hours end after they start")
        if not self.days or not self.days <= frozenset(range(7)):
            raise ValueError("working days are 0 (Monday) to 6, at least one")


OFFICE_HOURS = Hours()


def local_moment(day: date, at: time, zone: str) -> datetime:
    """The instant (UTC) at which the clock of a zone shows a time on a day.

    Raises ZoneInfoNotFoundError for an unknown zone.
    """
    return _moment(day, at, ZoneInfo(zone), fold=0)


def _moment(day: date, at: time, zone: ZoneInfo, *, fold: int) -> datetime:
    local = datetime.combine(day, at.replace(fold=fold), zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _end_of_gap(local)


def _end_of_gap(local: datetime) -> datetime:
    """The instant at which the clock jumped over a local time."""
    skipped = sorted(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    low, high = (moment.replace(microsecond=0) for moment in skipped)
    offset = low.astimezone(local.tzinfo).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        if middle.astimezone(local.tzinfo).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def next_working_moment(instant: datetime, hours: Hours, zone: str, free: FreeDays = NO_FREE_DAYS) -> datetime:
    """The instant itself (as UTC) within the working hours of a working day, else the start of the next ones.

    Raises ZoneInfoNotFoundError for an unknown zone, ValueError for a naive instant.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant has a zone")
    known = ZoneInfo(zone)
    local = instant.astimezone(known)
    day = workday_on_or_after(local.date(), free, hours.days)
    if day == local.date() and hours.start <= local.time() < hours.end:
        return instant.astimezone(UTC)
    while True:
        for fold in (0, 1):  # the second time in autumn, where the first is over
            start = _moment(day, hours.start, known, fold=fold)
            shown = start.astimezone(known)
            # Hours that lie wholly in the hour that spring skips are not there that day.
            if start >= instant and shown.date() == day and shown.time() < hours.end:
                return start
        day = next_workday(day, free, hours.days)


def spread(room: str, window: int) -> int:
    """The seconds that a room waits, from 0 up to but not with `window`: the same after every restart, and different
    from room to room, so that not all speak at once.

    Raises ValueError where the window is not above 0.
    """
    if window <= 0:
        raise ValueError("a window is at least one second")
    return int.from_bytes(hashlib.sha256(room.encode("utf-8", "surrogatepass")).digest()[:8]) % window
