"""Where an answer comes from. Rule: who said it, and in which message; nothing of what it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Who said something, and in which message (None for a tap or a command of the coach's own)."""

    who: str
    event: str | None
