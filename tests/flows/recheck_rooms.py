"""Rooms for the tests of the re-check: of one and of four, walked to the end by what people type and tap.

Rule: a test that takes `people` says the same in both; how each room answers stands here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.conversation.effects import ASKING, Effect, Say
from flows.conversation.marks import AGREE, LATER, STATUS_SIGNS
from tests.chat import Chat

ONE = ("Anna",)
FOUR = ("Anna", "Bas", "Çelik", "Dewi")
PARTS = ("impact", "routes", "ingredienten", "valkuilen")


def day(text: str) -> datetime:
    """Nine o'clock in the morning in Amsterdam on a day in winter."""
    return datetime.fromisoformat(text).replace(hour=8, tzinfo=UTC)


def asking(chat: Chat) -> Say:
    """The coach's latest message that asks."""
    return [one for one in chat.seen if isinstance(one, Say) and (one.kind in ASKING or one.asks)][-1]


def answer(chat: Chat, text: str, who: str = "Bas", on: int | None = None) -> list[Effect]:
    """A plain message in a room of one; in a group a reply to what was asked last."""
    if len(chat.people) == 1:
        return chat.say(chat.people[0], text)
    return chat.say(who if who in chat.people else chat.people[0], text, to=asking(chat).number if on is None else on)


def agree(chat: Chat, who: str = "Bas", on: int | None = None) -> list[Effect]:
    """`ok` in a room of one, a tap in a group."""
    if len(chat.people) == 1:
        return chat.say(chat.people[0], "ok")
    return chat.sign(who, AGREE, asking(chat).number if on is None else on)


def go_on(chat: Chat) -> list[Effect]:
    """On from the question that stands open."""
    if len(chat.people) == 1:
        return chat.say(chat.people[0], "verder")
    return chat.sign(chat.people[0], AGREE, asking(chat).number)


def put_off(chat: Chat) -> list[Effect]:
    """Next week."""
    if len(chat.people) == 1:
        return chat.say(chat.people[0], "later")
    return chat.sign("Dewi", LATER, asking(chat).number)


def vote(chat: Chat, word: str) -> list[Effect]:
    """Everybody votes the same at the question that stands open, and agrees on it."""
    if len(chat.people) == 1:
        return chat.say(chat.people[0], word)
    number = asking(chat).number
    for who in chat.people:
        chat.sign(who, STATUS_SIGNS[word], number)
    return agree(chat)


def ended(
    folder: Path,
    people: tuple[str, ...] = ONE,
    *,
    end: str | None = "31 augustus 2027",
    rhythm: str | None = "elke 6 weken",
    **values: Any,
) -> Chat:
    """A room at the end of its walk on 23 November 2026, in the short pace: something at impact, its status deels."""
    chat = Chat(folder, people=people, **values)
    chat.say("Anna", "!tempo kort")
    chat.say("Anna", "!antwoord Buurtbus")
    chat.say("Anna", "!ga pilot.periode")
    if end is not None:
        answer(chat, f"1 september 2026 - {end}")
    chat.say("Anna", "!ga impact.impact")
    chat.say("Anna", "!antwoord kinderen groeien veilig op")
    chat.say("Anna", "!antwoord ouders vragen hulp")
    chat.say("Anna", "!ga impact.status")
    vote(chat, "deels")
    chat.say("Anna", "!ga pilot.ritme")
    if rhythm is not None:
        answer(chat, rhythm)
    else:
        chat.say("Anna", "!overslaan")
    assert chat.position == "einde"
    assert rounds(chat) == 1
    return chat


def rounds(chat: Chat) -> int:
    """How many rounds were kept."""
    return len(chat.export["rounds"])


def until(chat: Chat, text: str) -> list[Effect]:
    """Time goes by until nine in the morning of a day in winter; what the coach said of its own accord."""
    return chat.wait(seconds=(day(text) - chat.now).total_seconds())


def asked_for(chat: Chat, text: str) -> Chat:
    """The room on the day of a re-check, which was asked."""
    until(chat, text)
    assert [one.kind for one in chat.says()] == ["recheck"]
    return chat


def kinds_of(effects: list[Effect]) -> list[str]:
    """The kinds of the messages among the effects."""
    return [one.kind for one in effects if isinstance(one, Say)]


def steps_of(effects: list[Effect]) -> list[str | None]:
    """The steps of the questions among the effects."""
    return [one.step for one in effects if isinstance(one, Say) and one.kind == "question"]


def all_texts(effects: list[Effect]) -> str:
    """All that was said, as one text."""
    return "\n\n".join(one.text for one in effects if isinstance(one, Say))
