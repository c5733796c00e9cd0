"""Maps a record to its columns and back.

Rule: a record's fields and type hints say all; nothing is written down per table.

An instant is INTEGER microseconds UTC, a date TEXT ISO, a bool INTEGER, a tuple or dict TEXT JSON, None NULL.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Any, Generic, TypeVar

from flows.conversation.snapshot import Record

R = TypeVar("R", bound=Record)
Convert = Callable[[Any], Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC, exact. TypeError for a naive moment."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """The instant (UTC) of so many microseconds since 1970."""
    return _EPOCH + value * _MICROSECOND


# One for all: `json.dumps` makes a new one for every call with settings of its own.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def to_json(value: Any) -> str:
    """JSON as compact text. ValueError for NaN, TypeError for what JSON doesn't know."""
    return _ENCODER.encode(value)


def _from_json_tuple(value: str) -> tuple[Any, ...]:
    return () if value == "[]" else tuple(json.loads(value))  # most of them are empty


# What SQLite takes and gives back by itself (str, int; bool only on the way in) needs no function, and None never
# gets to one.
_OUT: dict[type, Convert] = {datetime: micros, date: date.isoformat, tuple: to_json, dict: to_json}
_IN: dict[type, Convert] = {
    datetime: moment,
    date: date.fromisoformat,
    tuple: _from_json_tuple,
    dict: json.loads,
    bool: bool,
}
_PLAIN = (str, int, bool)


def without_none(hint: Any) -> Any:
    """`X` of `X | None`, and any other hint as it is. TypeError for a union of more."""
    if typing.get_origin(hint) not in (types.UnionType, typing.Union):
        return hint
    members = [one for one in typing.get_args(hint) if one is not type(None)]
    if len(members) != 1:
        raise TypeError(f"no column for {hint}")
    return members[0]


def quoted(names: Sequence[str]) -> str:
    """Column names for a statement; always in quotes, so that a field may be called like a keyword."""
    return ", ".join(f'"{name}"' for name in names)


class Mapped(Generic[R]):
    """One record type:

    its column names, `encode` and `decode`, and its statements (all of one room, but for Room itself; `select_many` of
    several, given as a JSON list).
    """

    __slots__ = ("_get", "_in", "_keys", "_out", "_type", "delete", "names", "select", "select_many", "upsert")

    def __init__(self, record_type: type[R]) -> None:
        """TypeError where a field's type has no column type."""
        self._type = record_type
        self.names = tuple(one.name for one in fields(record_type))
        hints = typing.get_type_hints(record_type)
        out: list[tuple[int, Convert]] = []
        back: list[tuple[int, Convert]] = []
        for index, name in enumerate(self.names):
            hint = without_none(hints[name])
            base = typing.get_origin(hint) or hint
            if base not in _PLAIN and base not in _OUT:
                raise TypeError(f"{record_type.__name__}.{name}: no column for {hint}")
            if base in _OUT:
                out.append((index, _OUT[base]))
            if base in _IN:
                back.append((index, _IN[base]))
        self._get = attrgetter(*self.names) if len(self.names) > 1 else lambda record: (getattr(record, self.names[0]),)
        self._out = tuple(out)
        self._in = tuple(back)
        self._keys = tuple(self.names.index(name) for name in record_type.key_fields)

        # Names come from the dataclasses, values only as parameters.
        table, keys = f'"{record_type.table}"', quoted(("room", *record_type.key_fields))
        rest = [name for name in self.names if name not in record_type.key_fields]
        marks = ", ".join("?" * (len(self.names) + 1))
        update = "UPDATE SET " + ", ".join(f'"{name}" = excluded."{name}"' for name in rest) if rest else "NOTHING"
        self.select = f"SELECT {quoted(self.names)} FROM {table} WHERE room = ? ORDER BY {keys}"  # noqa: S608
        self.select_many = (
            f"SELECT room, {quoted(self.names)} FROM {table} "  # noqa: S608
            f"WHERE room IN (SELECT value FROM json_each(?)) ORDER BY {keys}"
        )
        self.upsert = (
            f"INSERT INTO {table} (room, {quoted(self.names)}) VALUES ({marks}) "  # noqa: S608
            f"ON CONFLICT ({keys}) DO {update}"
        )
        match = " AND ".join(f'"{name}" = ?' for name in record_type.key_fields)
        self.delete = f"DELETE FROM {table} WHERE room = ? AND {match}"  # noqa: S608

    def encode(self, record: R) -> list[Any]:
        """The record's values as columns, in the order of `names`."""
        values = list(self._get(record))
        for index, convert in self._out:
            if values[index] is not None:
                values[index] = convert(values[index])
        return values

    def encode_key(self, record: R) -> list[Any]:
        """The values of the record's key fields as columns."""
        values = self.encode(record)
        return [values[index] for index in self._keys]

    def decode(self, row: Sequence[Any]) -> R:
        """The record of a row with the columns of `names`."""
        values = list(row)
        for index, convert in self._in:
            if values[index] is not None:
                values[index] = convert(values[index])
        return self._type(*values)
