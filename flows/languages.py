"""The languages that a room can choose: in each the same guide, and what the coach says of itself.

Rule: what a room keeps is the same in every language, so the books of a guide differ in their texts alone; loading
them names every other difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flows.book.load import FIRST_LANGUAGE, BookError, books_folder, language_folders, load_guide
from flows.book.model import Book
from flows.catalogue import Catalogue, catalogues, load_catalogue

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


@dataclass(frozen=True)
class Languages:
    """Every language there is, by its code; `default` is that of rooms that chose none."""

    by_code: Mapping[str, Language]
    default: str = FIRST

    def of(self, code: str) -> Language:
        """The language with this code, or the default where there is none."""
        return self.by_code.get(code) or self.by_code[self.default]

    @property
    def others(self) -> tuple[Language, ...]:
        """All but the default."""
        return tuple(one for code, one in self.by_code.items() if code != self.default)


def known() -> tuple[str, ...]:
    """The codes of the languages that have a book and a catalogue, the first one in front."""
    found = {folder.name for folder in language_folders(books_folder().joinpath(GUIDE))} & set(catalogues())
    return (FIRST, *sorted(found - {FIRST}))


def load_languages(default: str = FIRST) -> Languages:
    """Every language of the guide. Raises BookError with every fault of the books and every difference between them;
    KeyError for a default that there is no book of.
    """
    books, faults = load_guide(books_folder().joinpath(GUIDE))
    if faults:
        raise BookError(faults)
    found = {code: Language(books[code], load_catalogue(code)) for code in known()}
    if default not in found:
        raise KeyError(default)
    return Languages(found, default)
