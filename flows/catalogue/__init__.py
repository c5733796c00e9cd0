"""What the coach says of itself, in one language: everything but the guide. Rule: no text is written in code; code
names its key.

A text may hold `{names}` that are filled in. `one` and `group` variants are chosen by who is in the room, `ways` by
what the transport can see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import tomli  # tomllib, compiled

from flows.calendar.dates import CalendarWords
from flows.calendar.rhythm import RhythmWords
from flows.calendar.words import PhraseWords


class CatalogueError(Exception):
    """A text that the catalogue does not have, or that misses a name. A fault of ours."""


@dataclass(frozen=True)
class Catalogue:
    """The texts and words of one language."""

    language: str
    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    calendar: CalendarWords
    phrases: PhraseWords
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

    def of(self, language: str) -> Catalogue:
        """The catalogue of another language, or this one where that has none."""
        return load_catalogue(language) if language != self.language and language in catalogues() else self


def _flat(table: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat.update(_flat(value, f"{above}{name}."))
        else:
            flat[above + name] = value
    return flat


@dataclass(frozen=True)
class TimeWords:
    """The words of dates, of phrases for a day and of rhythms in one language."""

    calendar: CalendarWords
    phrases: PhraseWords
    rhythm: RhythmWords


def _read(name: str) -> dict[str, Any]:
    return tomli.loads(files("flows").joinpath("catalogue", f"{name}.toml").read_text("utf-8"))


def _lists_as_tuples(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value)
        if isinstance(value, list)
        else _lists_as_tuples(value)
        if isinstance(value, Mapping)
        else value
        for name, value in table.items()
    }


def _time_words(raw: dict[str, Any]) -> TimeWords:
    """Takes the sections about time out of a catalogue's tables."""
    dates = _lists_as_tuples(raw.pop("calendar"))
    phrases = dates.pop("phrases")
    calendar = CalendarWords(**dates)
    rhythm = RhythmWords(days=calendar.days, **_lists_as_tuples(raw.pop("rhythm")))
    return TimeWords(calendar, PhraseWords(calendar=calendar, **phrases), rhythm)


@lru_cache
def catalogues() -> tuple[str, ...]:
    """The languages that have a catalogue."""
    names = (entry.name for entry in files("flows").joinpath("catalogue").iterdir())
    return tuple(sorted(name[:2] for name in names if re.fullmatch(r"[a-z]{2}\.toml", name)))


@lru_cache
def load_time_words(language: str) -> TimeWords:
    """The words of dates and rhythms of a language ("nl", "en"), also of one without a catalogue.

    Raises FileNotFoundError where there are none.
    """
    try:
        return _time_words(_read(f"{language}_calendar"))
    except FileNotFoundError:
        catalogue = load_catalogue(language)
        return TimeWords(catalogue.calendar, catalogue.phrases, catalogue.rhythm)


@lru_cache
def load_catalogue(language: str) -> Catalogue:
    """The catalogue of a language ("nl", "en"). Raises FileNotFoundError where there is none."""
    raw = _read(language)
    words = _time_words(raw) if "calendar" in raw else load_time_words(language)
    flat = _flat(raw)
    return Catalogue(
        language,
        {key: value.strip("\n") for key, value in flat.items() if isinstance(value, str)},
        {key: tuple(value) for key, value in flat.items() if isinstance(value, list)},
        words.calendar,
        words.phrases,
        words.rhythm,
    )
