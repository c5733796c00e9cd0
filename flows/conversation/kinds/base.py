"""What every kind of step can do.

Rule: a kind decides what an answer does to its step; which message is an answer was decided before.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from flows.book.model import Step
from flows.conversation import nudges, walk
from flows.conversation.draft import Draft
from flows.conversation.snapshot import Answer, Asked
from flows.conversation.source import Source
from flows.conversation.view import ANSWERED, SKIPPED, UNKNOWN


class Kind(ABC):
    """A kind of step."""

    # Whether a single line that ends in "?" is a question about the step rather than an answer to it.
    asks_back = False

    @abstractmethod
    def trouble(self, d: Draft, step: Step, text: str) -> str | None:
        """The line of help for a text that can't be read as an answer, or None where it can."""

    @abstractmethod
    def take(self, d: Draft, step: Step, text: str, source: Source) -> None:
        """Take a text that has no `trouble`; goes on where this kind goes on at once."""

    def retake(self, d: Draft, step: Step, text: str, source: Source) -> bool:
        """Let what a message said follow its new text; False where the old value holds."""
        return False

    @abstractmethod
    def remove(self, d: Draft, step: Step, event: str) -> None:
        """Forget what a message said."""

    def recount(self, d: Draft, step: Step) -> None:  # noqa: B027 - most kinds have nothing to count
        """A message of this step was taken back or restored: bring what follows from it up to date."""

    def agree(self, d: Draft, step: Step) -> None:
        """✅ on the open question."""
        self.pass_on(d, step)

    def pass_on(self, d: Draft, step: Step) -> None:
        """`!verder`: leave the question, with or without an answer."""
        self.keep_given(d, step)
        finish(d, step)

    def keep_given(self, d: Draft, step: Step) -> None:  # noqa: B027 - most kinds keep what is given as it comes
        """Settle what was given so far, so that leaving the question loses nothing."""

    def unknown(self, d: Draft, step: Step, source: Source) -> None:
        """`!weetniet`: a known unknown, with an offer to find out; where something stands already it acts as
        `!verder`.
        """
        if has_something(d, step):
            self.pass_on(d, step)
            return
        d.put(Answer(step.id, UNKNOWN, d.at, author=source.who, event=None))
        nudges.wait(d, f"unknown:{step.id}")
        finish(d, step)

    def skip(self, d: Draft, step: Step) -> None:
        """`!overslaan`: leave it for later, as skipped; where something stands already it acts as `!verder`."""
        if has_something(d, step):
            self.pass_on(d, step)
            return
        d.put(Answer(step.id, SKIPPED, d.at))
        finish(d, step)


def is_open(d: Draft, step: Step) -> bool:
    """Whether the step's question stands open."""
    return d.view.stands_open(step.id)


def finish(d: Draft, step: Step) -> None:
    """The step is done for now: leave its question and go on, or where it was left before, show what stands there
    now.
    """
    walk.drop_prompts(d, step.id, "spread", "settle", "draft")
    if is_open(d, step):
        focus = d.view.focus()
        # One of the questions that were asked together: a change elsewhere that stands open goes on.
        beside = d.view.detour() is not None and focus is not None and focus.id != step.id
        walk.leave(d, step.id)
        walk.show_changed(d, step.id)
        if not beside:
            walk.advance(d)
    else:
        asked = d.snapshot.asked.get(step.id)
        if asked is not None and asked.open:
            d.put(Asked(step.id, asked.first, asked.latest, open=False))
        walk.show_changed(d, step.id)


def has_something(d: Draft, step: Step) -> bool:
    """Whether items, choices or a settled answer stand at the step."""
    return d.view.state(step.id) == ANSWERED or bool(d.view.choices(step.id)) or bool(d.view.items(step.id))
