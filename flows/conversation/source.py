"""Where an answer comes from. Rule: who said it, and in which message; nothing of what it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Who said something, and in which message (None for a tap or a command of the coach's own). `typist` wrote that
    message, where it was somebody else."""

    who: str
    event: str | None
    typist: str | None = None

    @property
    def writer(self) -> str:
        """Whose message it is: who may change it."""
        return self.typist or self.who
