"""Marks in place of what names a person: the ids of their messages, and of themselves. Rule: made with a secret of the
database, so that nobody else can make them; the same of the same, so that a message that is removed later is still
found.
"""

from __future__ import annotations

import hashlib
import hmac

GONE = "gone:"  # begins such a mark; no transport has it in an id


def trace(secret: str, *names: str) -> str:
    """The mark in place of a name."""
    told = "\n".join(names).encode("utf-8", "replace")
    return GONE + hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()[:32]


def is_trace(name: str | None) -> bool:
    """Whether a name is such a mark."""
    return name is not None and name.startswith(GONE)
