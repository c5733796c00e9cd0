"""The languages that a room can choose: in each the same guide, and what the coach says of itself.

Rule: what a room keeps is the same in every language, so the books of a guide differ in their texts alone; loading
them names every other difference, also of one that is only read when a room first speaks it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from flows.book.load import FIRST_LANGUAGE, BookError, books_folder, language_folders, load_guide, load_one
from flows.book.model import Book
from flows.catalogue import Catalogue, catalogues, load_catalogue

_log = logging.getLogger(__name__)

GUIDE = "opschalen"
FIRST = FIRST_LANGUAGE  # what a room speaks until it or the configuration says otherwise


@dataclass(frozen=True, slots=True)
class Language:
    """The guide and the coach's own texts in one language."""

    book: Book
    texts: Catalogue

    @property
    def code(self) -> str:
        """Its two letters."""
        return self.texts.language

    def read(self) -> Language:
        """Itself: it was read."""
        return self


class Unread:
    """A language that is read when it is first asked for: most rooms speak the first alone. `like` is the guide in
    another language, from which it must not differ.

    The loop must not end by a fault of a book that only some rooms need: where there is one, it is as if there were no
    such language, and the log says so once.
    """

    def __init__(self, code: str, like: Book) -> None:
        self.code = code
        self._like = like

    def read(self) -> Language | None:
        """The language, or None where it can't be read."""
        return self._found

    @cached_property
    def _found(self) -> Language | None:
        try:
            book = load_one(books_folder().joinpath(GUIDE), self.code, self._like)
            return Language(book, load_catalogue(self.code))
        except Exception as error:
            _log.error(
                "the language '%s' can't be read, and its rooms go on in '%s': %s (`opschaalcoach check` names every "
                "fault)",
                self.code,
                self._like.head.language,
                error.faults[0] if isinstance(error, BookError) else type(error).__name__,
            )
            return None


@dataclass(frozen=True)
class Languages:
    """Every language there is; rooms that chose none speak the `first`."""

    first: Language
    others: tuple[Language | Unread, ...] = ()

    def of(self, code: str) -> Language:
        """The language with this code, or the first where there is none."""
        found = next((one.read() for one in self.others if one.code == code), None)
        return self.first if found is None else found

    @property
    def by_code(self) -> Mapping[str, Language]:
        """All that can be read, by their codes, the first in front."""
        found = (self.first, *(one.read() for one in self.others))
        return {one.code: one for one in found if one is not None}


def known() -> tuple[str, ...]:
    """The codes of the languages that have a book and a catalogue, the first one in front."""
    found = {folder.name for folder in language_folders(books_folder().joinpath(GUIDE))} & set(catalogues())
    return (FIRST, *sorted(found - {FIRST}))


def load_languages(default: str = FIRST, *, later: bool = False) -> Languages:
    """Every language of the guide, that of rooms that chose none in front; with `later` the others are read when they
    are asked for. Raises BookError with every fault of the books that are read and every difference between them;
    KeyError for a default that there is no book of.
    """
    codes, guide = known(), books_folder().joinpath(GUIDE)
    if default not in codes:
        raise KeyError(default)
    others = [code for code in codes if code != default]
    if later:
        first = Language(load_one(guide, default), load_catalogue(default))
        return Languages(first, tuple(Unread(code, first.book) for code in others))
    books, faults = load_guide(guide)
    if faults:
        raise BookError(faults)
    first, *more = (Language(books[code], load_catalogue(code)) for code in (default, *others))
    return Languages(first, tuple(more))
