"""The only door: one event in, what changes and what is seen out.

Rule: the same snapshot and event give the same turn; a fault changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.conversation import (
    agenda,
    cards,
    changing,
    closed,
    coherence,
    doubts,
    exporting,
    nudges,
    people,
    pressing,
    reacting,
    recheck,
    session,
    speaking,
    telling,
    versions,
    walk,
)
from flows.conversation.draft import Draft
from flows.conversation.effects import Effect
from flows.conversation.events import (
    Doubted,
    Edited,
    Event,
    Joined,
    NotAttached,
    Pressed,
    Reacted,
    Redacted,
    Said,
    TimerDue,
    Undecrypted,
    Unreachable,
)
from flows.conversation.hearing import Setting
from flows.conversation.snapshot import Change, Put, Room, Snapshot


@dataclass(frozen=True, slots=True)
class Turn:
    """What an event leads to: the room as it is now, the changes that made it so, and what is to be seen."""

    snapshot: Snapshot
    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]
    erases: bool = False  # whether what is gone must not stay in the database's files
    forgotten: tuple[str, ...] = ()  # events whose very names tell what must not be known any more


class Engine:
    """The conversation of one book on one transport."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def step(self, snapshot: Snapshot, event: Event) -> Turn:
        """What `event` leads to in the room. Raises only for a fault of ours; the given snapshot is never changed."""
        d = Draft(self.setting, snapshot, event.at)
        event_now = versions.adopt(d, event)
        if isinstance(event_now, Said | Reacted | Edited | Pressed):
            recheck.wake(d)
        match event_now:
            case None:
                pass
            case Said():
                speaking.said(d, event_now)
            case Reacted():
                reacting.reacted(d, event_now)
            case Edited():
                changing.edited(d, event_now)
            case Redacted():
                changing.redacted(d, event_now)
            case Pressed():
                pressing.pressed(d, event_now)
            case Joined():
                people.joined(d, event_now)
            case TimerDue():
                changing.timer_due(d, event_now)
                agenda.due(d, event_now)
                session.due(d, event_now)
            case Undecrypted():
                telling.undecrypted(d)
            case NotAttached():
                exporting.not_attached(d, event_now)
            case Doubted():
                doubts.doubted(d, event_now)
            case Unreachable():
                closed.unreachable(d, event_now.member)
        walk.show_read_back(d)
        recheck.stay_awake(d)
        nudges.note_new(d)
        coherence.note_changed(d)
        if d.prefix:
            d.say("info", "")
        agenda.plan(d)
        if d.setting.capabilities.cards:
            d.effects = cards.dressed(d)
        if not isinstance(event, TimerDue | NotAttached | Doubted | Unreachable):  # nobody did anything
            d.set(last_at=event.at)
        changes = tuple(_last_room_only(d.changes))
        return Turn(d.snapshot, changes, tuple(d.effects), d.erases, tuple(d.forgotten))


def _last_room_only(changes: list[Change]) -> list[Change]:
    """The room's own record is written once a turn, as it is in the end."""
    rooms = [change for change in changes if isinstance(change, Put) and isinstance(change.record, Room)]
    return [change for change in changes if not isinstance(change.record, Room)] + rooms[-1:]
