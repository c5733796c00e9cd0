"""Rooms to answer in: started, of one or of more, standing at the step that a test is about. No tests of its own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flows.conversation.effects import Effect
from tests.chat import Chat

TEAM = ("Anna", "Bas", "Cem")
TOC = ("impact.impact", "impact.outcome", "impact.output", "impact.activiteiten", "impact.input")
ROWS = tuple(
    f"ingredienten.{row}.status"
    for row in ("samenwerking", "wensen", "governance", "waarde", "financiering", "kennis", "technologie", "privacy")
)


def one(folder: Path, step: str | None = None) -> Chat:
    """A room of one, begun, at a step."""
    chat = Chat(folder)
    chat.say("Anna", "!start")
    return chat if step is None else at(chat, step)


def team(
    folder: Path, step: str | None = None, *, people: Iterable[str] = TEAM, moderators: Iterable[str] = ()
) -> Chat:
    """A group, begun, at a step."""
    chat = Chat(folder, tuple(people), tuple(moderators))
    chat.say(chat.people[0], "!start")
    return chat if step is None else at(chat, step)


def at(chat: Chat, step: str) -> Chat:
    """The room at a step whose question stands open."""
    chat.say(chat.people[0], f"!ga {step}")
    assert chat.position == step
    return chat


def vote(chat: Chat, **words: str) -> list[Effect]:
    """Each person replies to the question with a word; the effects of the last one."""
    number = chat.asked
    for who, word in words.items():
        chat.say(who, word, to=number)
    return chat.last


def status(chat: Chat, step: str) -> str | None:
    """The status at a step, as exported."""
    found = chat.export["steps"][step]["status"]
    return None if found is None else str(found)


def choices(chat: Chat, step: str) -> list[str]:
    """What the team chose at a step, as exported."""
    return list(chat.export["steps"][step]["choices"])


def is_open(chat: Chat, step: str) -> bool:
    """Whether the step's question stands open."""
    asked = chat.snapshot.asked.get(step)
    return asked is not None and asked.open


def stored(chat: Chat) -> str:
    """Everything that the database holds, as text."""
    return "\n".join(chat.conn.iterdump())


def settled(chat: Chat) -> bool:
    """Whether the last event posted a proposal to note an outcome."""
    return any(prompt.kind == "settle" for prompt in chat.snapshot.prompts())


def discussed(chat: Chat) -> bool:
    """Whether a second round is open."""
    return any(prompt.kind == "spread" for prompt in chat.snapshot.prompts())
