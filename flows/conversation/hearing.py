"""What a transport lets people do, so that no text names a way that it can't see.

Rule: capabilities come from the running transport, never from a room.
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.book.model import Book
from flows.catalogue import Catalogue
from flows.languages import Language, Languages, Unread

CARD, PRIVATE = "card", "private"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`ways` names the catalogue's how-to texts (`ways.<ways>.one|group`); `marks` whether reactions on people's
    messages are seen;
    `longest` is the most bytes one message of the coach may have; `window` the seconds over which unasked messages of
    many rooms are spread; `files` are the kinds of file that can be made and posted (of `effects.FORMS`); `cards`
    whether messages can have fields and buttons; `closed` is how somebody can vote without the others seeing it: on the
    CARD in the room, by a message that is PRIVATE, or not at all (""); `private` whether an answer can be given to who
    asked alone, for as far as they let themselves be reached."""

    ways: str = "chat"
    marks: bool = True
    longest: int = 12_000
    window: int = 0
    files: tuple[str, ...] = ()
    cards: bool = False
    closed: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """All that the conversation needs besides a room's state: the book, the texts, the transport's capabilities,
    who runs it (None for who sits at this terminal) and where. `others` are the languages that a room can choose
    besides that of the book.
    """

    book: Book
    texts: Catalogue
    capabilities: Capabilities
    operator: str | None
    place: str = ""
    others: tuple[Language | Unread, ...] = ()
    locked: frozenset[str] = frozenset()  # rooms (the transport's ids) that have to be kept
    months: int = 24  # how long what a room has is kept, where it says nothing else
    secret: str = ""  # makes marks that nobody can make who does not have it

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages that a room can choose, that of the book first."""
        return tuple(self._all.by_code.values())

    def speaking(self, code: str) -> Language:
        """The language with this code; that of the book where there is none."""
        return self._all.of(code)

    def typed_for(self) -> tuple[str, ...]:
        """The words that begin what one person types for another, in whichever language."""
        return tuple(dict.fromkeys(word for one in self.languages for word in one.texts.words("words.behalf")))

    @property
    def _all(self) -> Languages:
        return Languages(Language(self.book, self.texts), self.others)
