"""The only door: one event in, what changes and what is seen out.

Rule: the same snapshot and event give the same turn; a fault changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flows.conversation import changing, nudges, people, reacting, speaking
from flows.conversation.draft import Draft
from flows.conversation.effects import Effect
from flows.conversation.events import Edited, Event, Joined, Pressed, Reacted, Redacted, Said, TimerDue
from flows.conversation.hearing import Setting
from flows.conversation.snapshot import Action, Answer, Asked, Change, Choice, Item, Put, Room, Snapshot, Taken, Vote


@dataclass(frozen=True, slots=True)
class Turn:
    """What an event leads to: the room as it is now, the changes that made it so, and what is to be seen."""

    snapshot: Snapshot
    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]


class Engine:
    """The conversation of one book on one transport."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def step(self, snapshot: Snapshot, event: Event) -> Turn:
        """What `event` leads to in the room. Raises only for a fault of ours; the given snapshot is never changed."""
        d = Draft(self.setting, snapshot, event.at)
        self._adopt(d)
        match event:
            case Said():
                speaking.said(d, event)
            case Reacted():
                reacting.reacted(d, event)
            case Edited():
                changing.edited(d, event)
            case Redacted():
                changing.redacted(d, event)
            case Pressed():
                reacting.pressed(d, event)
            case Joined():
                people.joined(d, event)
            case TimerDue():
                changing.timer_due(d, event)
        nudges.note_new(d)
        if d.prefix:
            d.say("info", "")
        if not isinstance(event, TimerDue):
            d.set(last_at=event.at)
        return Turn(d.snapshot, tuple(_last_room_only(d.changes)), tuple(d.effects))

    def _adopt(self, d: Draft) -> None:
        """A new room gets the book; a room from an earlier version goes on at the step that its own became."""
        head = d.book.head
        if (d.room.book, d.room.version, d.room.language) != (head.id, head.version, head.language):
            d.set(book=head.id, version=head.version, language=head.language)
            self._rename(d)
        position = d.room.position
        if position in ("begin", "einde") or position in d.book.steps:
            return
        renamed = d.book.follow_rename(position)
        place = renamed if renamed is not None else d.view.next_open("begin")
        d.set(position=place, trail=None)
        for prompt in d.snapshot.prompts():
            if prompt.step not in d.book.steps:
                d.drop(prompt)
        d.prefix = d.texts("moved.line", step=place)

    def _rename(self, d: Draft) -> None:
        """What stands under the old name of a step goes on under its new one; what has none is kept and hidden."""
        for table in (Answer, Item, Choice, Vote, Action, Asked, Taken):
            for record in list(getattr(d.snapshot, table.table).values()):
                if record.step is not None and record.step not in d.book.steps:
                    renamed = d.book.follow_rename(record.step)
                    if renamed is not None:
                        d.drop(record)
                        d.put(replace(record, step=renamed))


def _last_room_only(changes: list[Change]) -> list[Change]:
    """The room's own record is written once a turn, as it is in the end."""
    rooms = [change for change in changes if isinstance(change, Put) and isinstance(change.record, Room)]
    return [change for change in changes if not isinstance(change.record, Room)] + rooms[-1:]
