"""The parts in which a delivery is taken in. Rule: in the order in which it came, and nothing is left out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.transports.base import Incoming, Posted
from storage import outbox

MOST_INCOMING = 50

Also = Callable[[sqlite3.Connection], object]
Batch = tuple[Sequence[Incoming], Also | None]


def batches(incoming: Sequence[Incoming], also: Also | None, now: datetime) -> list[Batch]:
    """What is taken in at once, one part at least; `also` goes with the last.

    What was sent in the future was sent now: else a clock that is wrong, or made up, would make dates of its own.
    """
    incoming = [one if one.at <= now else replace(one, at=now) for one in incoming]
    parts = [incoming[first : first + MOST_INCOMING] for first in range(0, max(len(incoming), 1), MOST_INCOMING)]
    return [(part, also if part is parts[-1] else None) for part in parts]


def own(incoming: Sequence[Incoming]) -> list[tuple[int, Posted]]:
    """The messages of ours in a delivery that come after something else, with their places."""
    first = next((place for place, one in enumerate(incoming) if not isinstance(one, Posted)), len(incoming))
    return [(place, one) for place, one in enumerate(incoming) if isinstance(one, Posted) and place > first]


def first_unknown(conn: sqlite3.Connection, found: Sequence[tuple[int, Posted]]) -> int:
    """The place of the first of these that this database knows nothing of: it went back, and what comes before that
    leads to the message once more. Its turns are done first, else an answer to it would be taken for discussion. 0
    where there is none.
    """
    return next((place for place, one in found if not outbox.has_key(conn, one.key)), 0)
