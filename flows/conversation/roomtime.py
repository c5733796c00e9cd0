"""A room's own time: which day it is there, when the coach may speak, which days are free. Rule: it only reads."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flows.calendar.hours import Hours
from flows.calendar.workdays import FreeDays
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


def day_of(room: Room, moment: datetime) -> date:
    """The day that a moment falls on."""
    return moment.astimezone(ZoneInfo(room.zone)).date()
