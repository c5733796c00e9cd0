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
    erasing,
    exporting,
    forgetting,
    holding,
    mine,
    newcomers,
    nudges,
    people,
    pressing,
    reacting,
    recheck,
    releasing,
    retention,
    session,
    speaking,
    telling,
    versions,
    walk,
)
from flows.conversation.draft import Draft, Unnamed
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
from flows.conversation.held import Again
from flows.conversation.snapshot import Change, Put, Room, Snapshot


@dataclass(frozen=True, slots=True)
class Turn:
    """What an event leads to: the room as it is now, the changes that made it so, and what is to be seen."""

    snapshot: Snapshot
    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]
    erases: bool = False  # whether what is gone must not stay in the database's files
    forgotten: tuple[str, ...] = ()  # events whose very names tell what must not be known any more
    unnamed: Unnamed | None = None  # somebody who is forgotten


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
        if event_now is not None:
            d = _through(d, event_now)
        while (again := d.again) is not None:
            d.again = None
            d = _through(d, again.event, again)
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
        retention.plan(d)
        changes = tuple(_last_room_only(d.changes))
        return Turn(d.snapshot, changes, tuple(d.effects), d.erases, tuple(d.forgotten), d.unnamed)


def _through(d: Draft, event: Event, again: Again | None = None) -> Draft:
    """What comes of an event. Where personal data would be kept of it, it is held back instead."""
    found = () if again is not None and again.kept else holding.spotted(d, event)
    if not found or not isinstance(event, Said | Reacted | Edited | Pressed):
        _do(d, event)
        return d
    trial = d.branch()
    _do(trial, event)
    if not holding.keeps(d, trial, event, found):
        return trial
    holding.hold(d, event, found, again)
    return d


def _do(d: Draft, event: Event) -> None:
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
            pressing.pressed(d, event)
        case Joined():
            people.joined(d, event)
        case TimerDue():
            changing.timer_due(d, event)
            releasing.due(d, event)
            agenda.due(d, event)
            session.due(d, event)
            erasing.due(d, event)
            retention.due(d, event)
            forgetting.due(d, event)
        case Undecrypted():
            telling.undecrypted(d)
        case NotAttached():
            exporting.not_attached(d, event)
        case Doubted():
            doubts.doubted(d, event)
        case Unreachable():
            _unreachable(d, event)


def _unreachable(d: Draft, event: Unreachable) -> None:
    if event.kind == "info":
        mine.unreachable(d, event.member)
    elif event.kind == "overview":
        newcomers.tell_all(d)
    else:
        closed.unreachable(d, event.member)


def _last_room_only(changes: list[Change]) -> list[Change]:
    """The room's own record is written once a turn, as it is in the end."""
    rooms = [change for change in changes if isinstance(change, Put) and isinstance(change.record, Room)]
    return [change for change in changes if not isinstance(change.record, Room)] + rooms[-1:]
