"""The state machine that moves a room through a book. Rule: where to go is decided elsewhere; a move that the book
does not allow raises.

One flat, synchronous machine per book; states are `begin`, the step ids and `einde`. A single scratch model serves
all rooms: its
state is set before each trigger, so the machine remembers nothing between rooms. `transitions` accepts unknown
destinations and misspelt
callbacks silently, which is why `load` checks the book first.
"""

from __future__ import annotations

import logging
from enum import Enum
from typing import TYPE_CHECKING

from transitions import Machine, MachineError, State

from flows.book.model import BEGIN, END

if TYPE_CHECKING:
    from flows.book.model import Book

logging.getLogger("transitions").setLevel(logging.WARNING)


class MoveError(Exception):
    """A move that the book does not know. A fault of ours, never of the person who typed."""


class _Scratch:
    state: str
    allowed: bool

    def may_arrive(self) -> bool:
        """Whether the step that the room goes to applies."""
        return self.allowed


class Mover:
    """Moves positions. Not for use from two threads at once."""

    def __init__(self, book: Book) -> None:
        self._model = _Scratch()
        self._states: list[str | Enum | State] = [BEGIN, *book.order, END]
        # Order is suggested, never forced: any step may be reached from any other; nothing goes back to begin.
        self._reachable = {*book.order, END}
        self._added: set[str] = set()
        self._machine = Machine(
            self._model,
            states=self._states,
            initial=BEGIN,
            auto_transitions=False,
            model_attribute="state",
            send_event=False,
        )

    def _add(self, destination: str) -> None:
        """Its moves to a destination, made when somebody first goes there: all of them are over ten thousand."""
        conditions = None if destination == END else "may_arrive"
        self._machine.add_transition(f"to {destination}", self._states, destination, conditions=conditions)
        self._added.add(destination)

    def move(self, position: str, destination: str, *, allowed: bool = True) -> str:
        """The position after going from `position` to `destination`.

        Raises MoveError when the book has no such move.
        """
        if destination not in self._reachable:
            raise MoveError(f"no move from {position} to {destination}")
        if destination not in self._added:
            self._add(destination)
        self._model.state = position
        self._model.allowed = allowed
        try:
            moved = self._model.trigger(f"to {destination}")  # type: ignore[attr-defined]
        except (MachineError, AttributeError, ValueError) as error:
            raise MoveError(f"no move from {position} to {destination}") from error
        if not moved:
            raise MoveError(f"{destination} does not apply")
        return self._model.state
