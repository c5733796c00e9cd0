"""Chats that come to what does not fit together. No tests of its own."""

from __future__ import annotations

from flows.conversation.effects import Say
from tests.chat import Chat
from tests.flows.rules_rooms import answer, go


def at_grid(chat: Chat, routes: str = "op", rows: str = "v v o v v v v v") -> Chat:
    """Routes are chosen; the grid is left with these letters."""
    go(chat, "routes.keuze")
    answer(chat, routes)
    if len(chat.people) > 1:
        chat.say("Anna", "!verder")
    go(chat, "ingredienten.oordeel")
    answer(chat, rows)
    return chat


def nudge(chat: Chat) -> Say:
    """The one message of the last event, which must be a nudge."""
    (said,) = chat.says()
    assert said.kind == "nudge", said.text
    return said


def nudges(chat: Chat, words: str) -> list[Say]:
    """Every nudge so far with these words."""
    return [one for one in chat.says(chat.seen) if one.kind == "nudge" and words in one.text]


def ids(chat: Chat) -> list[str]:
    """The alarms that hold, as exported."""
    return [one["id"] for one in chat.export["alarms"]]
