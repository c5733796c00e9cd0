"""What stands in a room now: answers without those taken back, which steps apply, which comes next.

Rule: reads, never writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from flows.book.model import BEGIN, END, Book, Step
from flows.conversation.snapshot import Action, Answer, Choice, Item, Prompt, Snapshot, Vote

OPEN, ANSWERED, UNKNOWN, SKIPPED = "open", "answered", "unknown", "skipped"
KNOWN_STATES = (ANSWERED, UNKNOWN, SKIPPED)
SHORT, FULL = "kort", "volledig"
# The picture with an overview: upright for a phone, or none; else it lies.
LYING, UPRIGHT, NO_PICTURE = "liggend", "staand", "geen"


class RoomView:
    """A snapshot seen through its book at one moment."""

    def __init__(self, book: Book, snapshot: Snapshot, now: datetime | None) -> None:
        self.book = book
        self.snapshot = snapshot
        self.now = now
        self._items: dict[str, list[Item]] | None = None
        self._actions: dict[str | None, list[Action]] | None = None

    def changed(self) -> None:
        """The snapshot's items, actions or what was taken back changed: what is known by step is looked up anew."""
        self._items = self._actions = None

    # What stands at a step ------------------------------------------------------------------------------------------

    def hidden(self, event: str | None) -> bool:
        """Whether the message that said this was taken back."""
        taken = self.snapshot.taken.get(event) if event is not None else None
        return taken is not None and taken.hidden_at is not None

    def items(self, step: str) -> list[Item]:
        """What the team said at a step, in order."""
        if self._items is None:
            self._items = {}
            for item in self.snapshot.item.values():
                if not self.hidden(item.event):
                    self._items.setdefault(item.step, []).append(item)
        return self._items.get(step, [])

    def actions(self, step: str | None = None) -> list[Action]:
        """The actions by number, all of them or those of one step."""
        if self._actions is None:
            self._actions = {None: []}
            for number in sorted(self.snapshot.action):
                action = self.snapshot.action[number]
                if not self.hidden(action.event):
                    self._actions[None].append(action)
                    if action.step is not None:
                        self._actions.setdefault(action.step, []).append(action)
        return self._actions.get(step, [])

    def choices(self, step: str) -> list[Choice]:
        """What each member chose at a step."""
        return [one for one in self.snapshot.choice.values() if one.step == step and not self.hidden(one.event)]

    def votes(self, step: str) -> list[Vote]:
        """The votes that a step has while it is being settled."""
        return [one for one in self.snapshot.vote.values() if one.step == step and not self.hidden(one.event)]

    def answer(self, step: str) -> Answer | None:
        """The settled answer of a step, or None."""
        answer = self.snapshot.answer.get(step)
        return None if answer is None or self.hidden(answer.event) else answer

    def state(self, step: str) -> str:
        """open, answered, unknown or skipped."""
        kind = self.book.steps[step].kind
        if kind == "text" and self.items(step):
            return ANSWERED
        if kind == "actions" and self.actions(step):
            return ANSWERED
        if kind == "grid" and (rows := self._rows_state(step)) is not None:
            return rows
        answer = self.answer(step)
        return OPEN if answer is None else answer.state

    def _rows_state(self, grid: str) -> str | None:
        """A grid is answered once any row is set; all of them unknown is a known unknown; None where none is set."""
        statuses = [self.status_of(row) for row in self.book.steps[grid].form.rows]
        if not any(statuses):
            return None
        return UNKNOWN if all(status == "onbekend" for status in statuses) else ANSWERED

    def words(self, step: str) -> tuple[str, ...]:
        """The words that the team chose at a multi step, in the book's order."""
        answer = self.answer(step)
        chosen = json.loads(answer.value) if answer is not None and answer.value else []
        return tuple(choice.word for choice in self.book.steps[step].form.choices if choice.word in chosen)

    def value(self, step: str) -> dict[str, object] | None:
        """The read value of a period or rhythm, or None."""
        answer = self.answer(step)
        return json.loads(answer.value) if answer is not None and answer.value else None

    # What a statement was made from ---------------------------------------------------------------------------------

    def basis(self, step: str) -> str:
        """What a statement is made from as it stands now, to be kept with the accepted wording (JSON).

        Holds numbers and moments, no texts: of a text that goes nothing stays.
        """
        return json.dumps({"from": {source: self._versions(source) for source in self.book.sources(step)}})

    def outdated(self, step: str) -> tuple[str, ...]:
        """The steps whose answers changed since the statement at `step` was accepted, in the book's order; none where
        there is no accepted statement. Told by what stands now: an answer that is put back as it was changes nothing.
        """
        answer = self.answer(step)
        if self.book.steps[step].kind != "statement" or answer is None or answer.state != ANSWERED:
            return ()
        if answer.value is None:  # accepted before it was kept what it was made from: what went since left no trace
            return tuple(source for source in self.book.sources(step) if self._newer(source, answer.at))
        kept = {self.book.follow_rename(name): items for name, items in json.loads(answer.value)["from"].items()}
        return tuple(
            source for source in self.book.sources(step) if source in kept and kept[source] != self._versions(source)
        )

    def _versions(self, step: str) -> list[list[int | str | None]]:
        return [[one.id, None if one.edited_at is None else one.edited_at.isoformat()] for one in self.items(step)]

    def _newer(self, step: str, than: datetime) -> bool:
        return any((item.edited_at or item.at) > than for item in self.items(step))

    # The view of conditions -----------------------------------------------------------------------------------------

    def status_of(self, step: str) -> str | None:
        answer = self.answer(step)
        return None if answer is None else answer.status

    def words_of(self, step: str) -> frozenset[str]:
        return frozenset(self.words(step))

    def has_item(self, step: str) -> bool:
        return self.state(step) == ANSWERED

    def is_unknown(self, step: str) -> bool:
        return self.state(step) == UNKNOWN

    def texts_of(self, step: str) -> list[str]:
        return [item.text for item in self.items(step)]

    def deeds_of(self, step: str) -> list[str]:
        return [action.text for action in self.actions(step) if action.state != "dropped"]

    def asked_alone(self, step: str) -> bool:
        return f"alone:{step}" in self.snapshot.once

    def is_recheck(self) -> bool:
        return any(one.kind == "recheck" and one.data.get("steps") is not None for one in self.snapshot.prompt.values())

    def is_late(self) -> bool:
        if self.is_recheck():
            return True
        for step in self.book.periods:
            if self.now is not None and (value := self.value(step)):
                start, end = (
                    date.fromisoformat(str(value[edge])) if value.get(edge) else None for edge in ("start", "end")
                )
                if start and end and self.now is not None:
                    today = self.now.astimezone(ZoneInfo(self.snapshot.room.zone)).date()
                    return today >= start + (end - start) / 2
        return False

    # Which steps apply ----------------------------------------------------------------------------------------------

    def applicable(self, step: str) -> bool:
        """Whether the step's condition holds; a row of a grid always counts."""
        return step in self.book.row_of or self.book.steps[step].guard(self)

    def wanted(self, step: str) -> bool:
        """Whether the walk asks it: its condition holds and the pace includes it."""
        found = self.book.steps[step]
        return (self.snapshot.room.pace != SHORT or found.depth == "kern") and found.guard(self)

    def _open(self, steps: Iterable[str]) -> Iterator[str]:
        return (step for step in steps if self.wanted(step) and (self.state(step) == OPEN or self.asked_alone(step)))

    def next_open(self, position: str) -> str:
        """The first open step after a position that is asked, or einde."""
        return next(self._open(self.book.order[self.book.index(position) + 1 :]), END)

    def next_wanted(self, position: str) -> str:
        """The first step after a position that is asked, open or not, or einde."""
        later = self.book.order[self.book.index(position) + 1 :]
        return next((step for step in later if self.wanted(step)), END)

    def previous(self, position: str) -> str | None:
        """The step before a position that is asked, or None."""
        earlier = reversed(self.book.order[: max(self.book.index(position), 0)])
        return next((step for step in earlier if self.wanted(step)), None)

    def open_steps(self, steps: Iterable[str] | None = None) -> list[str]:
        """The steps that are asked and still open, of those given or of the whole book."""
        return list(self._open(self.book.order if steps is None else steps))

    def remaining(self, step: str) -> int:
        """How many questions there still are in the part of `step`, itself included, as it looks now."""
        later = list(
            takewhile(self.book.part_of(step).steps.__contains__, self.book.order[self.book.index(step) + 1 :])
        )
        return 1 + len(self.open_steps(later))

    # Where the room is ----------------------------------------------------------------------------------------------

    def detour(self) -> Prompt | None:
        """The step that is being changed, as a prompt, or None."""
        return next((one for one in reversed(self.snapshot.prompts()) if one.kind == "detour"), None)

    def focus(self) -> Step | None:
        """The step whose question stands open: that of a detour, else the position; None at begin and einde."""
        detour = self.detour()
        place = detour.step if detour is not None else self.snapshot.room.position
        return None if place in (None, BEGIN, END) else self.book.steps[str(place)]

    def together(self) -> list[str]:
        """The steps that were asked together of a team that is spread out; none where there are no such questions."""
        return [step for one in self.snapshot.prompts() if one.kind == "window" for step in one.data["steps"]]

    def stands_open(self, step: str) -> bool:
        """Whether a step's question can be answered now: it is the one that stands open, or one of those that were
        asked together.
        """
        asked, focus = self.snapshot.asked.get(step), self.focus()
        if asked is None or not asked.open:
            return False
        return (focus is not None and focus.id == step) or step in self.together()

    def draft(self, step: str) -> Prompt | None:
        """The statement in own words that waits for agreement, or None."""
        found = [one for one in self.snapshot.prompts() if one.kind == "draft" and one.step == step]
        return next((one for one in reversed(found) if not self.hidden(one.data.get("event"))), None)

    def name(self, member: str | None) -> str | None:
        """The name that is shown for a member."""
        found = self.snapshot.member.get(member) if member is not None else None
        return member if found is None else found.name
