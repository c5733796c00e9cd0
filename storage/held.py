"""What is held back of what people wrote, for it has personal data in it.

Rule: it is in no copy of the database, and in the database itself not longer than its prompt.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from flows.conversation.held import KIND
from flows.personal import spot

_HELD = "DELETE FROM prompt WHERE kind = ?"
# Waiting, or failed: what was done has no payload any more.
_UNREAD = "SELECT id, payload FROM inbox WHERE state IN (0, 2) AND payload IS NOT NULL"
_DROP = "UPDATE inbox SET state = 1, payload = NULL, version = NULL WHERE id = ?"


def leave_out_held(conn: sqlite3.Connection) -> int:
    """Takes what is held out of a *copy* of the database, and what came in, has personal data in it and had no turn
    yet: it might be held. How many there were. What it deletes is gone from the file once the copy is vacuumed.

    Where such a copy is put back, the messages that asked about it stay known, and say that it is gone.
    """
    conn.execute("PRAGMA secure_delete = ON")
    count = conn.execute(_HELD, (KIND,)).rowcount
    unread = [(row,) for row, payload in conn.execute(_UNREAD).fetchall() if _is_personal(payload)]
    conn.executemany(_DROP, unread)
    return count + len(unread)


def _is_personal(payload: str) -> bool:
    try:
        texts = list(_written(json.loads(payload)))
    except ValueError:  # another version wrote it, or nobody can read it
        texts = [payload]
    return any(spot(text) for text in texts)


def _written(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str) and name == "text":
                yield one
            yield from _written(one)
    elif isinstance(value, list):
        for one in value:
            yield from _written(one)
