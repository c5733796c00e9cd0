"""Dataclasses as JSON, for events and effects that wait.

Rule: a field that has a default may be missing, so old rows stay readable.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from storage.codec import without_none

_PLAIN = (str, int, bool)


def _instant(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


# One for all: `json.dumps` makes a new one for every call with settings of its own.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_instant)


def pack(value: Any, **more: Any) -> str:
    """A dataclass as one JSON object, `more` before its fields. Instants as ISO text."""
    return _ENCODER.encode(more | _fields(value))


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a dataclass, those of dataclasses in it too, but for what is as it is by default. `asdict` of
    dataclasses would copy every value deeply."""
    kind: Any = type(value)
    return {name: _plain(one) for name, default in _names(kind) if (one := getattr(value, name)) is not default}


@cache
def _names(kind: Hashable) -> tuple[tuple[str, Any], ...]:
    """The fields of a dataclass, each with its default; MISSING, which no value is, where there is none."""
    return tuple((one.name, one.default) for one in fields(cast(Any, kind)))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return _fields(value) if is_dataclass(value) else value


def unpack(kind: Any, values: dict[str, Any]) -> Any:
    """The dataclass of what `pack` wrote. TypeError where the fields are not those of `kind`."""
    return _reader(kind)(values)


@cache
def _reader(hint: Hashable) -> Callable[[Any], Any]:
    kind = without_none(hint)
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if kind is datetime:
        return _if_given(datetime.fromisoformat)
    if typing.get_origin(kind) is tuple:
        one = _reader(typing.get_args(kind)[0])
        return lambda values: tuple(one(value) for value in values)
    if kind in _PLAIN:
        return _plain_reader(kind)
    raise TypeError(f"no JSON for {kind}")


def _plain_reader(kind: Any) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, kind):
            raise TypeError(f"no {kind.__name__}")
        return value

    return _if_given(read)


def _dataclass_reader(kind: Any) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(kind)
    readers = {name: _reader(hint) for name, hint in hints.items()}
    needed = [name for name, hint in hints.items() if without_none(hint) == hint]

    def read(values: Any) -> Any:
        # A damaged row must be known as one here: what it would do further on holds up the other rooms.
        if not isinstance(values, dict) or any(name in values and values[name] is None for name in needed):
            raise TypeError(f"no {kind.__name__}")
        return kind(**{name: readers[name](value) if name in readers else value for name, value in values.items()})

    return _if_given(read)


def _if_given(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)
