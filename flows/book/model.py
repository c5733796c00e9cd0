"""A loaded book: steps in the order in which they are asked, with their compiled conditions.

Rule: read-only once loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from flows.book import coherence
from flows.book.guards import Condition, Guard
from flows.book.schema import (
    AlarmForm,
    BookHead,
    ChoiceForm,
    CoherenceForm,
    NudgeForm,
    PartHead,
    ReasonForm,
    StepForm,
)

if TYPE_CHECKING:
    from flows.book.machine import Mover

BEGIN = "begin"
END = "einde"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its texts and form (`form`), the part it belongs to, and its condition."""

    form: StepForm
    part: str
    condition: Condition
    guard: Guard
    index: int

    @property
    def id(self) -> str:
        return self.form.id

    @property
    def called(self) -> str:
        """How people name it."""
        return self.form.called or self.form.id

    @property
    def kind(self) -> str:
        return self.form.kind

    @property
    def depth(self) -> str:
        return self.form.depth

    def choice(self, word: str) -> ChoiceForm | None:
        """The choice with this word, or None."""
        return next((choice for choice in self.form.choices if choice.word == word), None)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the guide: its head and the ids of its steps in order; `status` is the part's own status step,
    if it has one.
    """

    head: PartHead
    steps: tuple[str, ...]
    status: str | None

    @property
    def id(self) -> str:
        return self.head.id


@dataclass(frozen=True, slots=True)
class Alarm:
    """A nudge or alarm, with its compiled condition."""

    form: AlarmForm
    condition: coherence.Condition

    @property
    def id(self) -> str:
        return self.form.id


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that speaks for or against a choice, with its compiled condition."""

    form: ReasonForm
    condition: coherence.Condition


@dataclass(frozen=True)
class Book:
    """A guide, ready to be walked. `alarms` are its nudges and alarms by number, `reasons` what speaks for and against
    the choices that the coach weighs.
    """

    head: BookHead
    parts: Mapping[str, Part]
    steps: Mapping[str, Step]
    watched: frozenset[str] = field(default_factory=frozenset)
    row_of: Mapping[str, str] = field(default_factory=dict)
    coherence: CoherenceForm = field(default_factory=CoherenceForm)
    alarms: tuple[Alarm, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All step ids in the order in which they are asked."""
        return tuple(self.steps)

    @cached_property
    def by_name(self) -> Mapping[str, str]:
        """The steps' ids by what people may call them in full: their ids, and what the book says they are called."""
        return {name: step.id for step in self.steps.values() for name in (step.called, step.id)}

    @cached_property
    def periods(self) -> tuple[str, ...]:
        """The steps that ask for a period."""
        return tuple(step.id for step in self.steps.values() if step.kind == "period")

    @cached_property
    def mover(self) -> Mover:
        """The state machine of the book."""
        from flows.book.machine import Mover

        return Mover(self)

    @cached_property
    def nudges(self) -> Mapping[str, tuple[NudgeForm, ...]]:
        """The nudges by the step after which they are asked."""
        found: dict[str, list[NudgeForm]] = {}
        for nudge in self.head.nudge:
            found.setdefault(nudge.after, []).append(nudge)
        return {step: tuple(nudges) for step, nudges in found.items()}

    def alarm(self, name: str) -> Alarm | None:
        """The nudge or alarm with this id, or None."""
        return next((one for one in self.alarms if one.id == name), None)

    def asked_on(self, moment: str) -> Alarm | None:
        """The nudge that is asked of an action (`action`), or where a part ends (`part`), or None."""
        return next((one for one in self.alarms if one.form.on == moment), None)

    def sources(self, step: str) -> tuple[str, ...]:
        """The steps whose answers fill the frame of a statement, in the book's order."""
        return self._sources[step]

    @cached_property
    def _sources(self) -> Mapping[str, tuple[str, ...]]:
        return {
            step.id: tuple(source for source in self.steps if f"{{{source}}}" in (step.form.frame or ""))
            for step in self.steps.values()
        }

    def index(self, position: str) -> int:
        """Where a position stands in the order: -1 for begin, the number of steps for einde."""
        if position == BEGIN:
            return -1
        if position == END:
            return len(self.steps)
        return self.steps[position].index

    def minutes_for(self, step: str) -> int:
        """How many minutes a team together needs for a step."""
        minutes: int = getattr(self.head.minutes, self.steps[step].kind)
        return minutes

    def part_of(self, step: str) -> Part:
        """The part a step belongs to."""
        return self.parts[self.steps[step].part]

    def actions_for(self, step: str | None) -> str | None:
        """The step that gathers the actions belonging to `step`: itself, the nearest `.acties` above it, or None."""
        if step is None or step not in self.steps:
            return None
        if self.steps[step].kind == "actions":
            return step
        above = step
        while "." in above:
            above = above.rpartition(".")[0]
            if f"{above}.acties" in self.steps:
                return f"{above}.acties"
        return None

    def follow_rename(self, step: str) -> str | None:
        """The step that an earlier version of the book called `step`, or None where there is none."""
        seen: set[str] = set()
        while step not in self.steps:
            if step in seen or step not in self.head.renamed:
                return None
            seen.add(step)
            step = self.head.renamed[step]
        return step
