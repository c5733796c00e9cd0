"""Whatever people do, in whatever order: no fault of ours, no answer lost, an overview that fits, and a way to the end.

The model knows one thing of its own: a text replied to an open text question stays there until its message is edited,
removed or taken back.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.conversation.effects import Say
from flows.conversation.engine import Engine
from flows.conversation.events import Said
from flows.conversation.hearing import Setting
from tests.chat import BOOK, TEXTS, Chat

PEOPLE = ("Anna", "Bas", "Cem", "Dina")
LONGEST_OVERVIEW = 1500
FIXED = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

commands = st.sampled_from(
    ["!verder", "!verder", "!vorige", "!overslaan", "!weetniet", "!ga impact", "!ga routes", "!ga ingredienten",
     "!ga valkuilen", "!ga strategie", "!ga canvas", "!ga impact.status", "!ga oordeel",
     "!ga routes.keuze", "!ga statement",
     "!ga status", "!ga", "!wijzig pilot.naam", "!wijzig impact.status", "!wijzig oordeel",
     "!wijzig routes.keuze",
     "!wijzig impact.acties", "!wijzig periode", "!wijzig", "!pauze", "!start", "!vraag",
     "!uitleg", "!voorbeeld",
     "!tempo kort", "!tempo volledig", "!overzicht", "!overzicht routes", "!acties",
     "!actie bellen @Bas 15 januari 2027",
     "!gedaan 1", "!vervalt 1", "!overdragen 1 @Cem", "!instellingen duwtjes uit",
     "!instellingen", "!privacy", "!hulp",
     "!overzigt", "!xyzzy", "!antwoord", "!hercheck", "!wis"]
)  # fmt: skip
words = st.sampled_from(
    ["verder", "ok", "ja", "nee", "klaar", "weet niet", "stop", "niet eens", "voldoende", "deels",
     "onvoldoende", "?", "v",
     "1", "2", "1, 3", "9", "in en op", "3 weg", "zonder op", "geen", "anders: eigen woorden",
     "groei", "v d o o ? d v v",
     "governance deels", "vanaf mei 2027", "31 februari 2027", "elke 6 weken",
     "memo @Bas 15 januari 2027", "- een\n- twee",
     "Wat bedoel je?", "", "\x00", "🎉", "**vet** <script> @room", "\u202eomgekeerd", "x" * 400, "a\ud800b"]
)  # fmt: skip
signs = st.sampled_from(["✅", "👍", "❌", "✍️", "✍🏽", "🟢", "🟠", "🔴", "⚪", "⏰", "❓", "🎉"])
starts = st.sampled_from(
    ["!vraag", "!tempo kort", "!ga impact", "!ga impact.status", "!ga routes.keuze", "!ga ingredienten", "!ga oordeel",
     "!ga valkuilen", "!ga valkuilen.scope.geldt", "!ga statement", "!ga strategie", "!ga canvas", "!ga pilot.ritme"]
)  # fmt: skip
who, place = st.integers(0, 3), st.integers(0, 10_000)
moves = st.one_of(
    st.tuples(st.just("answer"), who, st.integers(0, 400)),
    st.tuples(st.just("answer"), who, st.integers(0, 400)),
    st.tuples(st.just("say"), who, st.one_of(commands, words)),
    st.tuples(st.just("say"), who, commands),
    st.tuples(st.just("reply"), who, st.one_of(commands, words), place),
    st.tuples(st.just("thread"), who, words, place),
    st.tuples(st.just("mention"), who, words),
    st.tuples(st.just("sign"), who, signs, place, st.booleans()),
    st.tuples(st.just("mark"), who, signs, place, st.booleans()),
    st.tuples(st.just("edit"), who, words, place),
    st.tuples(st.just("redact"), who, place),
    st.tuples(st.just("people"), st.integers(1, 4)),
)


@dataclass
class Play:
    """A room that is played with, and what the model expects of it."""

    chat: Chat
    events: list[tuple[str, str]] = field(default_factory=list)  # message, who
    kept: dict[str, tuple[str, str]] = field(default_factory=dict)  # message -> step, text

    def person(self, number: int) -> str:
        return self.chat.people[number % len(self.chat.people)]

    def own(self, number: int) -> int:
        return 1 + number % max(1, self.chat.snapshot.room.messages)

    def said(self, sender: str) -> None:
        self.events.append((self.chat.event, sender))

    def do(self, move: tuple[Any, ...]) -> None:
        """One thing that somebody does."""
        kind, *rest = move
        if kind == "people":
            self.chat.members(*PEOPLE[: rest[0]], moderators=PEOPLE[:1])
            return
        sender = self.person(rest[0])
        if kind == "answer":
            self.answer(sender, rest[1])
        elif kind in ("say", "reply", "thread", "mention"):
            self.drop_expectations_of(rest[1])
            own = self.own(rest[2]) if len(rest) > 2 else None
            self.chat.say(
                sender, rest[1], to=own if kind == "reply" else None, thread=own if kind == "thread" else None,
                mention=kind == "mention",
            )  # fmt: skip
            self.said(sender)
        elif kind == "sign":
            self.chat.sign(sender, rest[1], self.own(rest[2]), removed=rest[3])
        elif self.events:
            target, author = self.events[rest[-1 if kind != "mark" else 2] % len(self.events)]
            if kind == "mark":
                self.mark(sender, rest[1], target, removed=rest[3])
            elif kind == "edit":
                self.kept.pop(target, None)
                self.chat.edit(author, target, rest[1])
            else:
                self.kept.pop(target, None)
                self.chat.redact(author, target)

    def answer(self, sender: str, length: int) -> None:
        """A text of its own, as a reply to the open question; the model expects it where that is a text question."""
        focus = self.chat.view.focus()
        asked = None if focus is None else self.chat.snapshot.asked.get(focus.id)
        number = asked.latest if asked is not None else self.own(0)
        text = f"antwoord {len(self.events)} over de wijk{' x' * (length // 2)}"
        self.chat.say(sender, text, to=number)
        if focus is not None and focus.kind == "text" and asked is not None and asked.open:
            self.kept[self.chat.event] = (focus.id, text)
        self.said(sender)

    def mark(self, sender: str, key: str, target: str, *, removed: bool) -> None:
        if key == "❌":
            self.kept.pop(target, None)
        self.chat.sign(sender, key, target, removed=removed)

    def drop_expectations_of(self, text: str) -> None:
        """A line that takes a numbered item away in a detour may take one that the model knows."""
        detour = self.chat.view.detour()
        if detour is not None and text.endswith(" weg"):
            self.kept = {event: one for event, one in self.kept.items() if one[0] != detour.step}

    def check(self) -> None:
        """What must hold at every moment."""
        assert [one for one in self.chat.says(self.chat.seen) if one.kind == "error"] == []
        steps = self.chat.export["steps"]
        for event, (step, text) in self.kept.items():
            assert [item["text"] for item in steps[step]["items"] if item["event"] == event] == [text]


def goes_to_the_end(chat: Chat) -> None:
    """`!verder` again and again leads to einde; on the engine alone, for speed. What is offered to who came later
    stands beside the walk, and waits for them."""
    engine = Engine(Setting(BOOK, TEXTS, chat.capabilities, "x", "x"))
    snapshot = chat.snapshot
    bound = 3 * len(BOOK.order) + 20
    for number in range(bound):
        if snapshot.room.position == "einde" and all(one.kind == "newcomer" for one in snapshot.prompts()):
            return
        snapshot = engine.step(snapshot, Said(f"next{number}", chat.now, chat.people[0], "!verder")).snapshot
    raise AssertionError(f"after {bound} times !verder it stands at {snapshot.room.position}, {snapshot.prompts()}")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    log = logging.getLogger("bot.turns")
    level = log.level
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(level)


@FIXED
@given(people=st.integers(1, 4), start=starts, plan=st.lists(moves, min_size=25, max_size=45))
def test_whatever_people_do_nothing_breaks_and_nothing_is_lost(
    people: int, start: str, plan: list[tuple[Any, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        chat = Chat(Path(folder), PEOPLE[:people], moderators=PEOPLE[:1])
        chat.conn.execute("PRAGMA synchronous = OFF")
        try:
            play = Play(chat)
            chat.say("Anna", "!start")
            chat.say("Anna", start)
            for move in plan:
                play.do(move)
                play.check()
            chat.say(chat.people[0], "!overzicht")
            (overview,) = chat.says()
            assert overview.kind == "overview"
            assert len(overview.text) <= LONGEST_OVERVIEW
            goes_to_the_end(chat)
        finally:
            chat.conn.close()


def test_next_leads_to_the_end_where_two_choices_exclude_each_other(tmp_path: Path) -> None:
    chat = Chat(tmp_path, ("Anna", "Bas"))
    chat.say("Anna", "!start")
    chat.say("Anna", "!ga strategie.keuze")
    chat.say("Anna", "groei", to=chat.asked)
    chat.say("Bas", "franchise", to=chat.asked)
    goes_to_the_end(chat)


def test_a_sign_put_on_and_taken_off_leaves_an_answer_that_was_a_reply(tmp_path: Path) -> None:
    chat = Chat(tmp_path, ("Anna", "Bas"))
    chat.say("Anna", "!start")
    chat.say("Anna", "Dichtbij", to=chat.asked)
    answer = chat.event
    chat.sign("Bas", "✍️", answer)
    chat.sign("Bas", "✍️", answer, removed=True)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_the_longest_overview_fits(tmp_path: Path) -> None:
    chat = Chat(tmp_path)
    chat.say("Anna", "!start")
    chat.say("Anna", "*" * 400)
    for number in range(12):
        chat.say("Anna", f"!actie {'_' * 200}{number} @{'B' * 200} 15 januari 2027")
    chat.say("Anna", "!ga impact.statement")
    chat.say("Anna", "[" * 900)
    effects = chat.say("Anna", "!overzicht")
    assert [len(one.text) <= LONGEST_OVERVIEW for one in effects if isinstance(one, Say)] == [True]
