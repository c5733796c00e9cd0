"""What the coach says of itself, in one language: everything but the guide. Rule: no text is written in code; code
names its key.

A text may hold `{names}` that are filled in. `one` and `group` variants are chosen by who is in the room, `ways` by
what the transport can see.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from flows.calendar.dates import CalendarWords
from flows.calendar.rhythm import RhythmWords


class CatalogueError(Exception):
    """A text that the catalogue does not have, or that misses a name. A fault of ours."""


@dataclass(frozen=True)
class Catalogue:
    """The texts and words of one language."""

    language: str
    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    calendar: CalendarWords
    rhythm: RhythmWords

    def __call__(self, key: str, **values: object) -> str:
        """The text at `key`, its names filled in. Raises CatalogueError where there is none."""
        try:
            return self.texts[key].format_map({name: str(value) for name, value in values.items()})
        except (KeyError, IndexError, ValueError) as error:
            raise CatalogueError(f"{self.language}: no text for '{key}' with {sorted(values)}") from error

    def count(self, key: str, number: int) -> str:
        """The text for a number of things: `key.one` for 1, `key.more` otherwise."""
        return self(f"{key}.one" if number == 1 else f"{key}.more", n=number)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words."""
        return self.lists[key]


def _flat(table: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat.update(_flat(value, f"{above}{name}."))
        else:
            flat[above + name] = value
    return flat


@lru_cache
def load_catalogue(language: str) -> Catalogue:
    """The catalogue of a language ("nl"). Raises FileNotFoundError where there is none."""
    raw = tomllib.loads(files("flows").joinpath("catalogue", f"{language}.toml").read_text("utf-8"))
    calendar = {name: tuple(value) for name, value in raw.pop("calendar").items()}
    rhythm = raw.pop("rhythm")
    numbers = rhythm.pop("numbers")
    flat = _flat(raw)
    return Catalogue(
        language,
        {key: value.strip("\n") for key, value in flat.items() if isinstance(value, str)},
        {key: tuple(value) for key, value in flat.items() if isinstance(value, list)},
        CalendarWords(**calendar),
        RhythmWords(numbers=numbers, **{name: tuple(value) for name, value in rhythm.items()}),
    )
