"""A room's dates as a calendar (iCalendar, RFC 5545): open actions, and when the team looks again.

Rule: whole days without a time, so that every calendar shows them on the day that the team agreed.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

from icalendar import Calendar, Event

from flows.catalogue import Catalogue
from flows.conversation.text import one_line
from flows.summary import Summary

_DAY = timedelta(days=1)


def as_ics(summary: Summary, texts: Catalogue, looks: list[date]) -> str:
    """The calendar. `looks` are the days of re-checks; people's names are in it only as the owners of actions."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Opschaalcoach//opschaalcoach//{texts.language.upper()}")
    calendar.add("version", "2.0")
    name = summary.name or texts("ics.no_name")
    calendar.add("x-wr-calname", texts("ics.name", name=one_line(name)))
    for action in summary.open_actions():
        if action.due is None:
            continue
        owner = f" ({one_line(action.owner_name)})" if action.owner_name else ""
        title = texts("ics.action", n=action.number, text=one_line(action.text)) + owner
        calendar.add_component(_event(summary, f"action-{action.number}", title, action.due))
    for day in dict.fromkeys(looks):  # two may have moved to the same working day
        calendar.add_component(_event(summary, f"look-{day.isoformat()}", texts("ics.look", name=one_line(name)), day))
    return str(calendar.to_ical().decode("utf-8"))


def _event(summary: Summary, what: str, title: str, day: date) -> Event:
    event = Event()
    # The same in every export, so that a calendar replaces what it has; a hash, for a room's id is nobody's business.
    room = hashlib.sha256(summary.room.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    event.add("uid", f"{what}-{room}@opschaalcoach")
    event.add("dtstamp", summary.now)
    event.add("dtstart", day)
    event.add("dtend", day + _DAY)
    event.add("summary", title)
    event.add("transp", "TRANSPARENT")
    return event
