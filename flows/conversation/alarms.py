"""Which alarms of the book hold now, and what the team said about each. Rule: reads a room, asks nothing; an alarm
whose condition no longer holds is not shown any more, and what was said about it stays.

What was said about an alarm is kept as items at a place of its own, `alarm.<id>`, which is no step of the book.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.book.model import END, Alarm
from flows.conversation.snapshot import Action, Item, Once
from flows.conversation.view import OPEN, RoomView

KNOWN = "known"  # the team tapped that it knows
_PLACE = "alarm."


def name_of(alarm: Alarm) -> str:
    """The name under which it is asked once."""
    return f"alarm:{alarm.id}"


def place_of(alarm: Alarm) -> str:
    """Where what was said about it is kept."""
    return f"{_PLACE}{alarm.id}"


def is_place(step: str) -> bool:
    """Whether items at this place were said about an alarm."""
    return step.startswith(_PLACE)


def passed(view: RoomView, step: str, destination: str | None = None) -> bool:
    """Whether a step was left or passed by, now that the walk goes on to `destination` (or stands where it stands)."""
    asked = view.snapshot.asked.get(step)
    if asked is not None:
        detour = view.detour() if asked.open else None
        return not asked.open or (detour is not None and detour.step == step)
    fresh = view.snapshot.once.get(f"new:{step}")
    if fresh is not None and fresh.state == "waiting":  # it applies since a moment, and will be offered
        return False
    return view.book.index(step) < _reached(view, destination) or view.state(step) != OPEN


def _reached(view: RoomView, destination: str | None) -> int:
    room = view.snapshot.room
    if room.walked_at is not None:
        return view.book.index(END)
    return max(view.book.index(place) for place in (destination or room.position, room.trail) if place is not None)


def applies(view: RoomView, alarm: Alarm, destination: str | None = None) -> bool:
    """Whether an alarm or nudge holds now, and all that it looks at was left or passed."""
    pace = alarm.form.pace
    if alarm.form.on != "leave" or (pace is not None and pace != view.snapshot.room.pace):
        return False
    # Most do not hold, and that is soon seen: what must have been passed is looked up last.
    return alarm.condition.holds(view) and all(passed(view, step, destination) for step in alarm.condition.waits)


def holding(view: RoomView) -> Iterator[Alarm]:
    """The alarms that hold, by number."""
    return (alarm for alarm in view.book.alarms if alarm.form.alarm and applies(view, alarm))


def parts_of(view: RoomView, alarm: Alarm) -> tuple[str, ...]:
    """The parts that it is about, in the book's order."""
    named = {view.book.steps[step].part for step in alarm.condition.waits}
    return tuple(part for part in view.book.parts if part in named)


def text_of(view: RoomView, alarm: Alarm) -> str:
    """Its text, with the rows that it is about."""
    rows = [view.book.steps[row].form.title for row in alarm.condition.rows(view)]
    return (alarm.form.text or "").replace("{rows}", ", ".join(rows))


def said_about(view: RoomView, alarm: Alarm) -> list[Item]:
    """What the team decided about it, in its own words."""
    return view.items(place_of(alarm))


def is_known(view: RoomView, alarm: Alarm) -> bool:
    """Whether the team said that it knows, and no more than that."""
    once: Once | None = view.snapshot.once.get(name_of(alarm))
    return once is not None and once.state == KNOWN


def deeds_for(view: RoomView, alarm: Alarm) -> list[Action]:
    """The actions about the same subject, without those that fell away; none where it is about a whole part."""
    keeps = alarm.form.keeps
    if keeps is None or view.book.steps[keeps].kind != "actions" or keeps.rpartition(".")[0] in view.book.parts:
        return []
    return [action for action in view.actions(keeps) if action.state != "dropped"]
