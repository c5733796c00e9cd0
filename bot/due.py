"""Timers that come due, as rows of the inbox. Rule: a timer stays where it is until its turn; what was put in the inbox
before is not put there again.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from bot.receiving import APART
from flows.conversation.events import TimerDue
from storage import inbox, timers

PROMPT = timedelta(minutes=1)  # a timer that fires within it fires in time


def bring(conn: sqlite3.Connection, transport: str, until: datetime, most: int, *, missed: bool) -> int:
    """Put timers that are due up to and including a moment in the inbox, the earliest first and at most so many; how
    many there were that were not there yet. With `missed` what is late is dealt with at that moment, else only those
    of the earliest moment are put there, for what they lead to may set a timer that is due before the next.
    """
    while True:
        found = timers.due(conn, transport, until, most)
        count, first = 0, None
        for room, timer in found:
            if first is not None and timer.due > first and not missed:
                break
            at = until if missed and until - timer.due > PROMPT else timer.due
            event = TimerDue(f"{APART}timer:{timer.name}:{timer.due.isoformat()}", at, timer.name, timer.due)
            if inbox.add(conn, room, event, at):
                count += 1
                first = first or timer.due
        if count or len(found) < most:
            return count
        most *= 2  # those whose turn waits or failed must not hold up the rest
