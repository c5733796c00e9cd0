"""Which event is for the coach. Rule: decided before anything is stored; what isn't for the coach leaves no trace.

Room of one: every plain message. Group: a command, a mention, a reply to or a thread under a message of the coach, a
reaction on one,
✍️ or ❌ on anybody's message, an edit or removal of a message that was taken; while a meeting goes on also what one
person types for another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from flows.conversation.marks import BACK, TAKE, bare

LONGEST_NAME = 80
_BEGINS = re.compile(r"^\s*(?:@?\S+[:,]?\s+)?!\s?start\s*[.!]*\s*$", re.IGNORECASE)
_COMMAND = re.compile(r"^\s*(?:@(?:opschaal)?coach\b[:,]?\s*)?!\s?[^\W\d_]", re.IGNORECASE)


class Known(Protocol):
    """What is known of a room's messages."""

    def is_own(self, message: str) -> bool:
        """Whether a message is the coach's."""

    def is_taken(self, message: str) -> bool:
        """Whether a person's message was taken, from its inbox row on."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it comes in, before anything is known of what it means. `reply_to` and `thread` are the
    transport's message ids.
    """

    text: str
    reply_to: str | None = None
    thread: str | None = None
    mentioned: bool = False


def points_at(heard: Heard, known: Known) -> str | None:
    """The coach's message that this one replies to, or under whose thread it stands; a reply to a person outside
    such a thread is discussion.
    """
    for message in (heard.reply_to, heard.thread):
        if message is not None and known.is_own(message):
            return message
    return None


def is_command(text: str) -> bool:
    """Whether a text has the form of a command."""
    return _COMMAND.match(text) is not None


def message_is_for_coach(heard: Heard, known: Known, *, alone: bool, typed_for: Iterable[str] = ()) -> bool:
    """Whether a message is for the coach. `typed_for` are the words that begin what is typed for somebody else, while a
    meeting goes on."""
    if alone or heard.mentioned or is_command(heard.text) or points_at(heard, known) is not None:
        return True
    return is_typed_for(heard.text, typed_for)


def begins_anew(text: str) -> bool:
    """Whether a message asks the coach to begin anew where it was silent: `!start`, also behind its name."""
    return _BEGINS.match(text) is not None


def is_typed_for(text: str, words: Iterable[str]) -> bool:
    """Whether a text begins as what is typed for somebody else."""
    return split_typed_for(text, words) is not None


def split_typed_for(text: str, words: Iterable[str]) -> tuple[str, str] | None:
    """The name and the text of what was typed for somebody else; None where a text does not begin with one of `words`
    and a name."""
    begin = "|".join(re.escape(word) for word in words)
    match = re.match(rf"^\s*(?:{begin})\s+@?\s*([^\n:]{{1,{LONGEST_NAME}}}?)\s*:\s*(.*)$", text, re.I | re.DOTALL)
    return None if not begin or match is None else (match[1], match[2].strip())


def reaction_is_for_coach(key: str, target: str, known: Known) -> bool:
    """Whether a sign on a message is for the coach."""
    return bare(key) in (TAKE, BACK) or known.is_own(target)


def change_is_for_coach(target: str, known: Known) -> bool:
    """Whether an edit or removal of a message is for the coach."""
    return known.is_taken(target)
