"""New inputs out of old ones. Rule: the same seed makes the same inputs, on every machine.

JSON is also changed as what it says: a value becomes another, goes, or comes twice; so that what gets past the first
door is made up too.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

LONGEST = 4_096
ODD = (
    None, True, False, 0, -1, 2**63, 1e308, "", "\x00", "\ud800", "x" * 2_000, [], {}, [[]], {"": {}}, "✍️", "m1", "$1",
    "2026-11-23T10:00:00+01:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
)  # fmt: skip
_SAID = (
    "!", "!ga ", "!wijzig ", "!actie ", "!antwoord ", "!gedaan ", "!uitstel ", "!sessie ", "!ritme ", "!taal en", "@",
    "@room", "@anna:x.nl", "- ", "1. ", "1, 2", "v d o o ? d v v", "voldoende", "verder", "namens @Bas: ", "anders: ",
    "niet eens", "weg", "31 februari 2027", "vrijdag over 2 weken", "elke 6 weken", "eind maart", "15-1-2027", "2027",
    "99999999999", "om 9 uur", "vanaf", "tot en met", "eerste maandag van",
)  # fmt: skip
_SIGNS = (
    "\u202e", "\u200d", "\u2060", "👩\u200d👩\u200d👧", "é", "e\u0301", "\x00", "\x1f", "\n", "\r\n", "```", "**",
    "&amp;", "|", "[x](https://x.nl)", "![x](y)", "<script>", "<a href='https://matrix.to/#/@bas:x.nl'>", "\\",
    "{name}", "%s", "=1+1", "\xff", '"', "{", "}", "[", "]", ":", ",", "null", "true", "1e999", "\\ud800",
)  # fmt: skip
WORDS = tuple(word.encode() for word in (*_SAID, *_SIGNS))


def mutated(chance: random.Random, of: Sequence[bytes]) -> bytes:
    """A new input out of some."""
    data = chance.choice(of)
    if chance.random() < 0.5 and (changed := _as_json(chance, data)) is not None:
        return changed[:LONGEST]
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        _change(chance, made, of)
    return bytes(made[:LONGEST])


def _change(chance: random.Random, made: bytearray, of: Sequence[bytes]) -> None:
    at = chance.randrange(len(made) + 1)
    end = min(len(made), at + chance.randrange(1, 9))
    how = chance.randrange(6)
    if how == 0:
        made[at:at] = chance.choice(WORDS)
    elif how == 1:
        made[at:end] = chance.choice(WORDS)
    elif how == 2:
        del made[at:end]
    elif how == 3:
        made[at:end] = made[at:end] * chance.choice((2, 3, 50))
    elif how == 4:
        other = chance.choice(of)
        begin = chance.randrange(len(other) + 1)
        made[at:at] = other[begin : begin + chance.randrange(1, 200)]
    elif at < len(made):
        made[at] = chance.randrange(256)


def _as_json(chance: random.Random, data: bytes) -> bytes | None:
    """The input with a value in it changed; None where it is no JSON of several values."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    places = list(_places(value))
    if not places:
        return None
    for _ in range(chance.choice((1, 1, 2, 3))):
        holder, key = chance.choice(places)
        _change_value(chance, holder, key, places)
    return json.dumps(value).encode("utf-8", "replace")


def _places(value: Any, depth: int = 0) -> Any:
    if depth > 20:
        return
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key], depth + 1)


def _change_value(chance: random.Random, holder: Any, key: Any, places: list[tuple[Any, Any]]) -> None:
    if (isinstance(holder, dict) and key not in holder) or (isinstance(holder, list) and key >= len(holder)):
        return  # gone meanwhile
    how = chance.randrange(4)
    old = holder[key]
    if how == 0 and isinstance(holder, dict):
        del holder[key]
    elif how == 1 and isinstance(old, str):
        word = chance.choice(WORDS).decode("utf-8", "replace")
        at = chance.randrange(len(old) + 1)
        holder[key] = old[:at] + word + old[at:]
    elif how == 2:
        other, name = chance.choice(places)
        if (isinstance(other, dict) and name in other) or (isinstance(other, list) and name < len(other)):
            holder[key] = json.loads(json.dumps(other[name]))
    else:
        holder[key] = chance.choice(ODD)
