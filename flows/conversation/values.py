"""The values of a room's settings as people write and read them.

Rule: what is kept is the same word in every language; only here does it meet the words of one.
"""

from __future__ import annotations

from collections.abc import Iterable

from flows.conversation.draft import Draft
from flows.conversation.text import fold


def said_value(d: Draft, value: str) -> str:
    """A value as the room reads it."""
    return d.texts.words(f"values.{value}")[0]


def read_value(d: Draft, text: str, values: Iterable[str]) -> str | None:
    """The one of `values` that a text names, by a word or the beginning of one; None where it is none, or more."""
    plain = fold(text)
    words = {value: tuple(map(fold, (value, *d.texts.words(f"values.{value}")))) for value in values}
    whole = [value for value, names in words.items() if plain in names]
    found = whole or [value for value, names in words.items() if plain and any(one.startswith(plain) for one in names)]
    return found[0] if len(found) == 1 else None
