"""Rooms for the tests of `!wijze gespreid`: what stands open together, and how each of them is answered.

Rule: everything is done by what people type or tap.
"""

from __future__ import annotations

from pathlib import Path

from flows.conversation.marks import AGREE
from tests.chat import BOOK, Chat
from tests.flows.recheck_rooms import FOUR

FIRST = ["pilot.naam", "pilot.periode"]
SECOND = ["pilot.betrokkenen", "pilot.ontbreekt"]
TUESDAY, THURSDAY = "2026-11-24", "2026-11-26"


def spread_out(folder: Path, people: tuple[str, ...] = FOUR, start: str = "!start") -> Chat:
    """A room that is asked its first questions together, on Monday 23 November 2026."""
    chat = Chat(folder, people=people)
    chat.say("Anna", "!wijze gespreid")
    chat.say("Anna", start)
    return chat


def number_of(chat: Chat, step: str) -> int:
    """The coach's latest question of a step."""
    return chat.snapshot.asked[step].latest


def to(chat: Chat, *steps: str) -> Chat:
    """Bring the room to where these are asked together (whatever was asked is closed without an answer)."""
    chat.say("Anna", f"!ga {steps[0]}")
    for step in steps[1:]:
        chat.say("Anna", f"!ga {step}")
    for step in steps:
        assert chat.view.stands_open(step)
    return chat


def reply(chat: Chat, step: str, text: str, who: str = "Bas") -> None:
    """A reply to the question of a step."""
    chat.say(who if who in chat.people else "Anna", text, to=number_of(chat, step))


def tap(chat: Chat, step: str, sign: str = AGREE, who: str = "Bas") -> None:
    """A sign on the question of a step."""
    chat.sign(who if who in chat.people else "Anna", sign, number_of(chat, step))


def open_ones(chat: Chat) -> list[str]:
    """The questions that stand open."""
    return [step for step in BOOK.order if chat.view.stands_open(step)]


def through(chat: Chat, most: int = 400) -> None:
    """Let day after day go by until the walk is done."""
    for _ in range(most):
        if chat.position == "einde":
            return
        chat.wait(days=1)
    raise AssertionError("the walk does not end")
