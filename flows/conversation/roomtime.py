"""A room's own time: which day it is there, when the coach may speak, which days are free. Rule: it only reads."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flows.calendar.hours import Hours, local_moment
from flows.calendar.workdays import FreeDays, next_workday, workday_on_or_after
from flows.conversation.snapshot import Room


def hours_of(room: Room) -> Hours:
    """When the coach may speak unasked."""
    start, _, end = room.hours.partition("-")
    return Hours(time.fromisoformat(start), time.fromisoformat(end))


def free_of(room: Room) -> FreeDays:
    """The room's own free days."""
    stretches = []
    for entry in room.free:
        first, _, last = entry.partition("/")
        stretches.append((date.fromisoformat(first), date.fromisoformat(last or first)))
    return FreeDays(stretches=tuple(stretches))


def coming_day(room: Room, day: date, now: datetime) -> date:
    """The first day, this one or after it, on which the coach can still speak unasked: a working day of which the hours
    are to begin, and on which it did not speak yet.
    """
    free, today = free_of(room), day_of(room, now)
    day = workday_on_or_after(max(day, today), free)
    spoke = room.unasked_at is not None and day_of(room, room.unasked_at) == today
    if day == today and (spoke or local_moment(day, hours_of(room).start, room.zone) <= now):
        return next_workday(day, free)
    return day


def day_of(room: Room, moment: datetime) -> date:
    """The day that a moment falls on."""
    return moment.astimezone(ZoneInfo(room.zone)).date()
