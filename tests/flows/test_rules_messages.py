"""rules.md, "Messages": how many, of which kind, and which signs the coach puts on them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from flows.conversation.effects import ASKING
from tests.chat import BOOK, Chat
from tests.flows.rules_rooms import alone, answer, asked_step, go, team, walk


def test_start_as_the_first_line_leads_to_the_welcome_and_the_first_question(tmp_path: Path) -> None:
    """ "the welcome stands by itself, and `!start` as a room's first line leads to the welcome and the first
    question" """
    chat = Chat(tmp_path, people=())
    chat.say("Anna", "!start")
    assert [(said.kind, said.step) for said in chat.says()] == [("welcome", None), ("question", "pilot.naam")]


@pytest.mark.parametrize("step", [step.id for step in BOOK.steps.values() if step.condition.name in ("always", "grid")])
def test_the_coach_puts_signs_on_its_own_questions(tmp_path: Path, step: str) -> None:
    """ "The coach puts ✅ (and on votes 🟢 🟠 🔴 ⚪) on its own questions, so that people only need to tap." """
    chat = team(tmp_path)
    go(chat, step)
    (said,) = chat.says()
    votes = {"🟢", "🟠", "🔴", "⚪"} if BOOK.steps[step].kind in ("status", "applies") else set()
    assert set(said.signs) == {"✅", *votes}


def test_prompts_have_their_sign_too(tmp_path: Path) -> None:
    """A nudge, an offer, a proposal and a second round can be tapped."""
    chat = team(tmp_path)
    go(chat, "impact.status")
    question = chat.asked
    answer(chat, "voldoende")
    chat.say("Bas", "onvoldoende", to=question)
    (spread,) = chat.says()
    assert (spread.kind, spread.step, set(spread.signs)) == (
        "question", "impact.status", {"🟢", "🟠", "🔴", "⚪", "✅"},
    )  # fmt: skip
    chat.sign("Anna", "✅", spread.number)
    (settle,) = chat.says()
    assert (settle.kind, settle.step, settle.signs) == ("question", "impact.status", ("✅",))


def test_what_asks_notifies_and_the_rest_does_not(tmp_path: Path) -> None:
    """ "Questions, nudges, prompts, ...: they ask, so they notify; the rest m.notice": the kinds keep the two apart."""
    chat = alone(tmp_path)
    texts = (
        "!hulp",
        "!overzicht",
        "!privacy",
        "!acties",
        "!actie x @Anna morgen",
        "!ga",
        "!instellingen",
        "!tempo volledig",
    )
    for text in texts:
        chat.say("Anna", text)
        assert chat.says()[0].kind not in ASKING, text
        assert chat.says()[0].signs == (), text
    walk(chat)
    for said in chat.says(chat.seen):
        if said.kind != "welcome":
            assert (said.kind in ASKING) == bool(said.signs), said.text
        assert (said.step is not None) or said.kind not in ASKING, said.text


@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
def test_leaving_a_question_edits_it_and_posts_the_next(tmp_path: Path, people: tuple[str, ...]) -> None:
    """ "At most one message of the coach per event, besides the edit of the question it leaves" """
    chat = team(tmp_path, *people) if len(people) > 1 else alone(tmp_path)
    first = chat.asked
    answer(chat, "Dichtbij")
    chat.say("Anna", "!verder")
    assert asked_step(chat) == "pilot.periode"
    assert [(edit.number, edit.kind, edit.step) for edit in chat.edits()] == [(first, "question", "pilot.naam")]


SAID = [
    "voldoende", "ja", "nee", "ok", "verder", "weet niet", "deels", "1", "1, 3", "v d o o ? d v v",
    "governance onvoldoende", "geen", "elke 6 weken", "niet eens", "onvoldoende", "?", "Wat bedoel je?", "hallo",
    "- een\n- twee", "2 weg", "2: nieuw", "1 september 2026 - 31 augustus 2027", "zonder op", "anders: iets", "in",
    "uit", "groei, franchise", "!start", "!verder", "!vorige", "!overslaan", "!weetniet", "!ga routes", "!ga acties",
    "!ga ingredienten", "!ga valkuilen", "!ga strategie", "!wijzig impact.status", "!wijzig outcome",
    "!wijzig routes.keuze", "!wijzig oordeel", "!wijzig governance.status", "!wijzig pilot.ritme", "!pauze",
    "!uitleg", "!tempo kort", "!tempo volledig", "!overzicht", "!vraag", "!actie x @Bas morgen", "!gedaan 1",
    "!overzigt", "!antwoord foo", "stop", "!hercheck",
]  # fmt: skip
SIGNS = ["✅", "👍", "🟢", "🟠", "🔴", "⚪", "✍️", "❌"]


@pytest.mark.parametrize("seed", range(9))
def test_whatever_happens_there_is_one_message_an_event(tmp_path: Path, seed: int) -> None:
    """ "At most one message of the coach per event", in a long talk at random; no fault, and no answer twice."""
    chance = random.Random(seed)
    people = [("Anna",), ("Anna", "Bas"), ("Anna", "Bas", "Cem", "Dan")][seed % 3]
    chat = team(tmp_path, *people)
    for _ in range(60):
        who, number = chance.choice(people), chat.snapshot.room.messages
        place = chance.choice([number, number, max(1, number - 1), chance.randint(1, number)])
        match chance.randint(0, 9):
            case 0 | 1:
                chat.sign(who, chance.choice(SIGNS), place, removed=chance.random() < 0.2)
            case 2:
                chat.sign(who, chance.choice(["✍️", "❌"]), f"e{chance.randint(1, chat.count)}")
            case 3:
                chat.edit(who, f"e{chance.randint(1, chat.count)}", chance.choice(SAID))
            case 4 if chance.random() < 0.3:
                chat.redact(who, f"e{chance.randint(1, chat.count)}")
            case _:
                chat.say(who, chance.choice(SAID), to=place)
                assert chat.last
        assert len(chat.says()) <= 1
        assert all(said.kind != "error" for said in chat.says())
    numbers = [said.number for said in chat.says(chat.seen)]
    assert numbers == list(range(1, len(numbers) + 1))
