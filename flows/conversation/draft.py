"""A turn in the making: the snapshot as it will be, the changes so far, and what will be seen.

Rule: it only gathers; nothing outside it changes.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.book.model import Book
from flows.catalogue import Catalogue
from flows.conversation import doubts
from flows.conversation.effects import Attach, Edit, Effect, Mark, Say, Scrub
from flows.conversation.hearing import Setting
from flows.conversation.held import KIND as HELD
from flows.conversation.held import Again
from flows.conversation.marks import NOTED
from flows.conversation.snapshot import Change, Drop, Prompt, Put, Record, Room, Snapshot, changed_room
from flows.conversation.text import paragraphs, size, split
from flows.conversation.traces import is_trace
from flows.conversation.view import RoomView

_MORE = "\n\n…"
_SHOWN = ("item", "action", "taken")  # what the view keeps by step


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Somebody who is forgotten: their id and name, the marks in place of the ids of their messages, the mark in place
    of themselves, and what they are called where a message that waits names them."""

    who: str
    name: str
    marks: Mapping[str, str]
    stand_in: str
    someone: str


class Draft:
    """What one event leads to."""

    def __init__(self, setting: Setting, before: Snapshot, at: datetime) -> None:
        self.setting = setting
        self.before = before
        self.at = at
        self.snapshot = before.copied()
        self.changes: list[Change] = []
        self.effects: list[Effect] = []
        self.prefix = ""
        self.forgotten: list[str] = []  # events whose very names tell what must not be known any more
        self.unnamed: Unnamed | None = None  # who is forgotten
        self.erases = False  # whether something is gone that must not stay in the database's files
        self.again: Again | None = None  # what was held back and goes through the door again
        self._fresh: set[str] = set()
        self._language = setting.speaking(before.room.language)
        self.view = RoomView(self._language.book, self.snapshot, at)

    def branch(self) -> Draft:
        """A draft that goes on from this one, and leaves it as it is."""
        other = copy.copy(self)
        other.snapshot = self.snapshot.copied()
        other.changes, other.effects = list(self.changes), list(self.effects)
        other.forgotten = list(self.forgotten)
        other._fresh = set()
        other.view = RoomView(self._language.book, other.snapshot, self.at)
        return other

    @property
    def book(self) -> Book:
        """The guide in the room's language."""
        return self._language.book

    @property
    def texts(self) -> Catalogue:
        """The coach's own texts in the room's language."""
        return self._language.texts

    @property
    def operator(self) -> str:
        """Who runs the coach, as the room reads it."""
        return self.setting.operator or self.texts("welcome.self")

    @property
    def room(self) -> Room:
        return self.snapshot.room

    @property
    def alone(self) -> bool:
        return self.snapshot.alone()

    @property
    def who(self) -> str:
        """Which variant of a text fits: one, group."""
        return "one" if self.alone else "group"

    # Changes --------------------------------------------------------------------------------------------------------

    def put(self, record: Record) -> None:
        """Keep a record from now on."""
        self.erases |= isinstance(record, Prompt) and record.kind == HELD and record.id in self.before.prompt
        self.changes.append(Put(record))
        if isinstance(record, Room):
            if record.language != self.snapshot.room.language:
                self._language = self.setting.speaking(record.language)
                self.view.book = self._language.book
            self.snapshot.room = record
        else:
            self._table(record.table)[record.key] = record
            if record.table in _SHOWN:
                self.view.changed()

    def drop(self, record: Record) -> None:
        """Forget a record."""
        self.erases |= isinstance(record, Prompt) and record.kind == HELD  # whatever made it go
        self.changes.append(Drop(record))
        self._table(record.table).pop(record.key, None)
        if record.table in _SHOWN:
            self.view.changed()

    def set(self, **values: Any) -> None:
        """Change fields of the room."""
        self.put(changed_room(self.room, values))

    def changed_items(self, step: str) -> bool:
        """Whether what the team said at a step changed by this event."""
        return RoomView(self.setting.book, self.before, self.at).items(step) != self.view.items(step)

    def was_hidden(self, event: str | None) -> bool:
        """Whether the message that said this had been taken back before this event."""
        taken = self.before.taken.get(event) if event is not None else None
        return taken is not None and taken.hidden_at is not None

    def _table(self, name: str) -> dict[Any, Any]:
        if name not in self._fresh:
            setattr(self.snapshot, name, dict(getattr(self.snapshot, name)))
            self._fresh.add(name)
        table: dict[Any, Any] = getattr(self.snapshot, name)
        return table

    def new_id(self) -> int:
        """A number for a new item or prompt."""
        self.set(ids=self.room.ids + 1)
        return self.room.ids

    def open_prompt(self, kind: str, step: str | None, message: int | None = None, **data: Any) -> Prompt:
        """Put a prompt on the stack."""
        prompt = Prompt(self.new_id(), kind, step, () if message is None else (message,), data)
        self.put(prompt)
        return prompt

    # What is seen ---------------------------------------------------------------------------------------------------

    def next_number(self) -> int:
        """The number that the coach's next message will have."""
        return self.room.messages + 1

    def say(
        self,
        kind: str,
        text: str,
        *,
        step: str | None = None,
        signs: tuple[str, ...] = (),
        reply_to: str | None = None,
        asks: bool = False,
        mentions: tuple[str, ...] = (),
        to: str | None = None,
    ) -> int:
        """Post a message, in parts where it is too long for the transport; the number of the last part. `asks` where
        it wants an answer though its kind doesn't say so; `mentions` are members who are told of it; `to` is the one
        member who may see it."""
        if to is None and (doubt := doubts.told(self)) is not None:
            self.prefix = f"{doubt}\n\n{self.prefix}".strip()
        if self.prefix and to is None:
            text, self.prefix = f"{self.prefix}\n\n{text}".strip(), ""
        parts = split(paragraphs(text), self.setting.capabilities.longest)
        for place, part in enumerate(parts):
            self.set(messages=self.room.messages + 1)
            last = place == len(parts) - 1
            shown = signs if last else ()
            self.effects.append(
                Say(self.room.messages, kind, step, part, reply_to, mentions, shown, to, asks=asks and last)
            )
        return self.room.messages

    def attach(self, number: int, form: str, view: str = "", *, authors: bool = False) -> None:
        """Post a file under a message of this turn."""
        (said,) = [one for one in self.effects if isinstance(one, Say) and one.number == number]
        self.effects.append(Attach(number, said.kind, said.step, form, view, authors, said.reply_to))

    def edit(self, number: int, kind: str, step: str | None, text: str) -> None:
        """Change an own message; in one turn the last change of a message holds. What is too long for one message is
        cut, and shows it."""
        limit = self.setting.capabilities.longest
        same = [one for one in self.effects if isinstance(one, Edit) and one.number == number]
        self.effects = [one for one in self.effects if one not in same]
        shown = paragraphs(text)
        if size(shown) > limit:
            shown = f"{split(shown, limit - size(_MORE))[0].rstrip()}{_MORE}"
        self.effects.append(Edit(number, kind, step, shown))

    def scrub(self, step: str, texts: tuple[str, ...]) -> None:
        """What somebody removed may not be read in any message about a step any more, nor in what it said earlier."""
        if texts:
            self.effects.append(Scrub(step, texts))

    def mark(self, target: str, key: str = NOTED, *, removed: bool = False) -> None:
        """Put a sign on a person's message, or take it off."""
        if is_trace(target):
            return  # its writer was forgotten, and with them which message it is
        alone = (one.data["said"].get(target) for one in self.snapshot.prompts() if one.kind == "closed")
        self.effects.append(Mark(target, key, removed, next(filter(None, alone), None)))
