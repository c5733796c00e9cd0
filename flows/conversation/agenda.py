"""When the coach speaks of its own accord. Rule: at most one unasked message a room a day, within working hours, never
in a pause; what can't be said now waits for the next working day.

One timer for each thing it may want to say, worked out anew after every turn that changed what it depends on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from flows.calendar.hours import local_moment, next_working_moment, spread
from flows.calendar.workdays import FreeDays, next_workday, workday_on_or_after
from flows.conversation import recheck, reminders, spaced
from flows.conversation.draft import Draft
from flows.conversation.events import TimerDue
from flows.conversation.roomtime import day_of, free_of, hours_of
from flows.conversation.snapshot import Action, Answer, Asked, Member, Once, Prompt, Round, Timer

DIGEST, RECHECK, PULSE = "digest", "recheck", "pulse"
_NAMES = (DIGEST, RECHECK, PULSE)
_DEPENDS = (Action, Answer, Asked, Member, Once, Prompt, Round, Timer)
_FIELDS = ("paused_at", "zone", "mode", "hours", "free", "unasked_at", "walked_at", "welcomed_at", "position")
_HOUR = timedelta(hours=1)


def plan(d: Draft) -> None:
    """Set the timers to what the room needs now. Looks only where something changed that they depend on."""
    if not _concerns(d):
        return
    wanted: dict[str, Callable[[Draft, FreeDays], date | None]] = {
        DIGEST: reminders.next_day,
        RECHECK: recheck.next_day,
        PULSE: spaced.next_day,
    }
    free = free_of(d.room)
    speaks = d.room.welcomed_at is not None and d.room.paused_at is None and bool(d.snapshot.people())
    for name in _NAMES:
        day = wanted[name](d, free) if speaks else None
        _set(d, name, day)


def _concerns(d: Draft) -> bool:
    if any(isinstance(change.record, _DEPENDS) for change in d.changes):
        return True
    return any(getattr(d.before.room, name) != getattr(d.room, name) for name in _FIELDS)


def speaking_moment(d: Draft, day: date) -> datetime:
    """The moment on a day, or on the first working day after it, at which the coach may speak."""
    free = free_of(d.room)
    day = workday_on_or_after(max(day, day_of(d.room, d.at)), free)
    while True:
        moment = _moment_on(d, day)
        if moment > d.at and not _spoke_on(d, day):
            return moment
        day = next_workday(day, free)


def _moment_on(d: Draft, day: date) -> datetime:
    """The moment of a day at which this room is spoken to: the start of its working hours, or soon after it."""
    hours = hours_of(d.room)
    length = local_moment(day, hours.end, d.room.zone) - local_moment(day, hours.start, d.room.zone)
    # Where the hours are shorter than the window, what is spread over all of it might never be said.
    window = min(d.setting.capabilities.window, int(length.total_seconds()))
    return local_moment(day, hours.start, d.room.zone) + timedelta(seconds=spread(d.snapshot.id, max(window, 1)))


def _spoke_on(d: Draft, day: date) -> bool:
    spoke = d.room.unasked_at
    return spoke is not None and day <= day_of(d.room, spoke)


def _set(d: Draft, name: str, day: date | None) -> None:
    """Set a timer for what is to be said on a day, or on the first one after it that will do."""
    timer = d.snapshot.timer.get(name)
    if day is None:
        if timer is not None:
            d.drop(timer)
        return
    if timer is not None and timer.due <= d.at:  # it is overdue: it will fire
        return
    # What waits and is late may be done by now: what comes next is in time.
    late = timer is not None and bool(timer.data.get("late")) and _moment_on(d, day) <= d.at
    new = Timer(name, speaking_moment(d, day), {"late": True} if late else {})
    if new != timer:
        d.put(new)


def due(d: Draft, event: TimerDue) -> None:
    """One of these timers came due."""
    timer = d.snapshot.timer.get(event.timer)
    if timer is None or event.timer not in _NAMES:
        return
    d.drop(timer)
    if d.room.paused_at is not None or not d.snapshot.people():
        return
    late = bool(timer.data.get("late")) or (event.due is not None and event.at - event.due > _HOUR)
    if not _may_speak(d, event.timer):
        d.put(Timer(event.timer, speaking_moment(d, day_of(d.room, d.at)), {"late": True} if late else {}))
    elif _say(event.timer, d, late=late):
        d.set(unasked_at=d.at)


def _may_speak(d: Draft, name: str) -> bool:
    if next_working_moment(d.at, hours_of(d.room), d.room.zone, free_of(d.room)) != d.at:
        return False
    # The questions of a team that is spread out come at the same moment as a digest, and together they count as one.
    return not _spoke_on(d, day_of(d.room, d.at)) or (name != RECHECK and d.room.unasked_at == d.at)


def _say(name: str, d: Draft, *, late: bool) -> bool:
    """Say what a timer is for; whether there was anything."""
    says: dict[str, Callable[[Draft, bool], bool]] = {
        DIGEST: reminders.say,
        RECHECK: recheck.due,
        PULSE: spaced.due,
    }
    return says[name](d, late)
