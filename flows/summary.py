"""The one model behind `!overzicht`, the canvas and every export.

Rule: nothing else reads answers for showing; it holds data, no sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flows.book.model import Alarm, Book
from flows.calendar.rhythm import Rhythm
from flows.conversation import alarms
from flows.conversation.snapshot import Action, Item, Round, Snapshot
from flows.conversation.view import RoomView


@dataclass(frozen=True, slots=True)
class StepLine:
    """Where a step stands. `outdated` are the steps that changed since a statement was accepted that is made from
    them.
    """

    id: str
    kind: str
    title: str
    state: str
    applicable: bool
    wanted: bool
    status: str | None
    disagreed: bool
    choices: tuple[str, ...]
    items: tuple[Item, ...]
    outdated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartLine:
    """Where a part stands; `status` and `before` (the last round's) are None where it has none, or none yet."""

    id: str
    title: str
    rated: bool
    status: str | None
    before: str | None
    steps: tuple[StepLine, ...]
    open: int


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """An alarm that holds: the parts that it is about, what the team decided about it (`known`: that it knows, and no
    more), and the actions about its subject.
    """

    id: str
    number: int
    text: str
    parts: tuple[str, ...]
    decided: tuple[Item, ...]
    known: bool
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A room at one moment. `end` and `start` are the pilot's days; `now` is local to the room."""

    room: str
    name: str | None
    start: date | None
    end: date | None
    rhythm: Rhythm | None
    position: str
    now: datetime
    parts: tuple[PartLine, ...]
    actions: tuple[Action, ...]
    rounds: tuple[Round, ...]
    open_steps: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)  # who is behind an item's author
    alarms: tuple[AlarmLine, ...] = ()

    def part(self, name: str) -> PartLine:
        """One part."""
        return next(part for part in self.parts if part.id == name)

    def step(self, name: str) -> StepLine | None:
        """One step, or None where the book does not have it."""
        return next((step for part in self.parts for step in part.steps if step.id == name), None)

    def open_actions(self) -> list[Action]:
        """The actions that are not done: those with the earliest date first, those without one last."""
        found = [action for action in self.actions if action.state == "open"]
        return sorted(found, key=lambda action: (action.due is None, action.due or date.max, action.number))

    def next_look(self) -> date | None:
        """The day on which the rhythm asks to look again, after the last round; None without a rhythm or a round."""
        if self.rhythm is None or not self.rounds:
            return None
        return self.rhythm.after(self.rounds[-1].at.astimezone(self.now.tzinfo).date())

    def looks(self, most: int = 12) -> list[date]:
        """The days on which the rhythm asks to look again, up to the pilot's last day, which is one too; at most so
        many.
        """
        if not self.rounds:
            return []
        last = self.rounds[-1].at.astimezone(self.now.tzinfo).date()
        if self.end is not None and self.end <= last:
            return []
        found: list[date] = []
        for number in range(1, most + 1):
            day = self.rhythm.occurrence(last, number) if self.rhythm is not None else None
            if day is None or (self.end is not None and day >= self.end):
                break
            found.append(day)
        return [*found, self.end][:most] if self.end is not None else found


def summarise(book: Book, snapshot: Snapshot, now: datetime) -> Summary:
    """The summary of a room at `now` (aware)."""
    view = RoomView(book, snapshot, now)
    items: dict[str, list[Item]] = {}
    for item in snapshot.item.values():
        if not view.hidden(item.event):
            items.setdefault(item.step, []).append(item)
    open_steps = tuple(view.open_steps())
    unsettled = frozenset(open_steps)
    rounds = tuple(snapshot.round[number] for number in sorted(snapshot.round))
    parts = []
    for part in book.parts.values():
        steps = tuple(_line(book, view, step, items.get(step, [])) for step in part.steps)
        status = view.status_of(part.status) if part.status else None
        left = sum(step in unsettled for step in part.steps)
        before = _before(rounds, part.id, status)
        parts.append(PartLine(part.id, part.head.title, part.status is not None, status, before, steps, left))
    name, period, rhythm = None, None, None
    for step in book.steps.values():
        if step.kind == "period":
            period = view.value(step.id)
        elif step.kind == "rhythm" and (value := view.value(step.id)):
            rhythm = Rhythm.from_value(value)
    first = items.get(book.order[0], [])
    if first:
        name = first[0].text
    start, end = (
        date.fromisoformat(str((period or {})[edge])) if (period or {}).get(edge) else None for edge in ("start", "end")
    )
    local = now.astimezone(ZoneInfo(snapshot.room.zone))
    return Summary(
        snapshot.id,
        name,
        start,
        end,
        rhythm,
        snapshot.room.position,
        local,
        tuple(parts),
        tuple(view.actions()),
        rounds,
        open_steps,
        {member.id: member.name for member in snapshot.member.values()},
        tuple(_alarm_line(view, alarm) for alarm in alarms.holding(view)),
    )


def _alarm_line(view: RoomView, alarm: Alarm) -> AlarmLine:
    return AlarmLine(
        alarm.id,
        alarm.form.number,
        alarms.text_of(view, alarm),
        alarms.parts_of(view, alarm),
        tuple(alarms.said_about(view, alarm)),
        alarms.is_known(view, alarm),
        tuple(alarms.deeds_for(view, alarm)),
    )


def _before(rounds: tuple[Round, ...], part: str, status: str | None) -> str | None:
    """What a part's status was: in the last round, or in the one before where it is still that of the last."""
    told = [one.statuses.get(part) for one in rounds]
    if len(told) > 1 and told[-1] == status:
        return told[-2]
    return told[-1] if told else None


def _line(book: Book, view: RoomView, step_id: str, items: list[Item]) -> StepLine:
    step = book.steps[step_id]
    answer = view.answer(step_id)
    return StepLine(
        step_id,
        step.kind,
        step.form.title,
        view.state(step_id),
        view.applicable(step_id),
        view.wanted(step_id),
        None if answer is None else answer.status,
        answer is not None and answer.disagreed,
        view.words(step_id) if step.kind == "multi" else (),
        tuple(items) if step.kind != "actions" else (),
        view.outdated(step_id),
    )
