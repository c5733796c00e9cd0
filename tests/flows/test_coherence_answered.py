"""coherence.md and rules.md: what an answer to a nudge or alarm becomes, and where what does not fit is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.cards import SAVE
from flows.conversation.effects import Say
from flows.conversation.hearing import Capabilities
from tests.chat import Chat
from tests.flows.coherence_chats import at_grid, ids, nudge, nudges
from tests.flows.rules_rooms import alone, answer, asked_step, go, stored, team


@pytest.mark.parametrize("how", ["✅", "!verder", "ok"])
def test_a_tap_says_that_the_team_knows_and_that_is_kept(tmp_path: Path, how: str) -> None:
    """ "skippable with one tap (✅ = "weten we", kept)" """
    chat = at_grid(alone(tmp_path))
    number = nudge(chat).number
    chat.sign("Anna", "✅", number) if how == "✅" else chat.say("Anna", how)
    assert asked_step(chat) == "ingredienten.samenwerking.stand"
    assert chat.export["alarms"] == [{"id": "steun", "text": chat.export["alarms"][0]["text"], "decided": []}]
    chat.say("Anna", "!overzicht ingredienten")
    assert "Daarover: weten we" in chat.text


@pytest.mark.parametrize("how", ["!overslaan", "!weetniet"])
def test_skipping_it_says_nothing(tmp_path: Path, how: str) -> None:
    chat = at_grid(alone(tmp_path))
    chat.say("Anna", how)
    assert asked_step(chat) == "ingredienten.samenwerking.stand"
    assert list(chat.export["alarms"][0]) == ["id", "text"]


@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
def test_what_the_team_decides_is_kept_with_it(tmp_path: Path, people: tuple[str, ...]) -> None:
    """ "weten we, want ..." (a reply) is kept as a decision"""
    chat = at_grid(team(tmp_path, *people) if len(people) > 1 else alone(tmp_path), rows="v v v v v v v v")
    if len(people) > 1:
        chat.say("Anna", "!verder")
        chat.sign("Anna", "✅", chat.asked)
    chat.say("Anna", "!wijzig governance.status")
    for who in people:
        chat.say(who, "onvoldoende", to=chat.asked)
    if len(people) > 1:
        chat.sign("Anna", "✅", chat.asked)
    said = nudge(chat)
    chat.say("Anna", "Weten we, want de wethouder doet mee", to=said.number)
    assert [mark.target for mark in chat.marks()] == [chat.event]
    assert chat.export["actions"] == []
    (alarm,) = chat.export["alarms"]
    assert [item["text"] for item in alarm["decided"]] == ["Weten we, want de wethouder doet mee"]
    assert not any("Weten we" in text for step in chat.book.order for text in chat.texts_of(step))
    chat.say("Anna", "!overzicht routes")
    assert "Daarover: Weten we, want de wethouder doet mee" in chat.text


def test_an_action_is_kept_as_one_where_it_was_asked_for(tmp_path: Path) -> None:
    """ "A reply that is an action becomes an action where the text asks for an action" """
    chat = at_grid(alone(tmp_path))
    chat.say("Anna", "gesprek met de wethouder @Anna 15 januari 2027")
    (action,) = chat.export["actions"]
    assert (action["text"], action["owner"], action["step"]) == (
        "gesprek met de wethouder", "Anna", "ingredienten.governance.acties",
    )  # fmt: skip
    assert chat.text.startswith("Actie 1: **gesprek met de wethouder**")
    assert "hoort bij governance" in chat.text
    chat.say("Anna", "!overzicht ingredienten")
    assert "Daarover: Actie 1: **gesprek met de wethouder**" in chat.text


def test_who_does_it_and_when_is_asked_after_the_next_question(tmp_path: Path) -> None:
    """At most one a question: number 18 comes when the next step is left."""
    chat = at_grid(alone(tmp_path))
    chat.say("Anna", "memo schrijven")
    assert chat.says()[0].kind == "question"
    chat.say("Anna", "verder")
    assert "Wie doet dit, en wanneer is het klaar" in nudge(chat).text


def test_what_does_not_fit_goes_before_who_does_an_action(tmp_path: Path) -> None:
    """The lowest number first: 1 before 18."""
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "op")
    go(chat, "strategie.acties")
    answer(chat, "memo schrijven")
    chat.say("Anna", "verder")
    assert "bestuurders" in nudge(chat).text
    chat.say("Anna", "verder")
    assert chat.says()[0].kind == "question"
    chat.say("Anna", "verder")
    assert "Wie doet dit, en wanneer is het klaar" in nudge(chat).text


def test_a_date_that_can_not_be_is_asked_again(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path))
    chat.say("Anna", "memo schrijven @Anna 31 februari 2027")
    assert chat.says()[0].kind == "help"
    assert chat.export["actions"] == []
    chat.say("Anna", "memo schrijven @Anna 15 februari 2027")
    assert len(chat.export["actions"]) == 1


def test_the_first_step_for_one_ingredient_stands_under_it(tmp_path: Path) -> None:
    """Number 15: after its answer the alarm no longer holds."""
    chat = alone(tmp_path)
    go(chat, "ingredienten.nodig")
    answer(chat, "governance")
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v o v v v v v")
    go(chat, "ingredienten.acties")
    chat.say("Anna", "verder")
    if "Herken" in nudge(chat).text:
        chat.say("Anna", "verder")
        chat.say("Anna", "verder")
    assert "governance. Wat is de eerste stap" in nudge(chat).text
    assert ids(chat) == ["stap"]
    chat.say("Anna", "memo schrijven @Anna 15 februari 2027")
    assert chat.export["actions"][0]["step"] == "ingredienten.governance.acties"
    assert ids(chat) == []


@pytest.mark.parametrize(
    ("step", "thin", "more"),
    [("impact.output", "blije ouders", "dat meten we elk half jaar"), ("impact.input", "veel energie", "2 fte")],
)
def test_a_reply_to_a_thin_answer_is_more_of_that_answer(tmp_path: Path, step: str, thin: str, more: str) -> None:
    chat = alone(tmp_path)
    go(chat, step)
    answer(chat, thin)
    chat.say("Anna", "verder")
    if "Volgt" in nudge(chat).text:
        chat.say("Anna", "verder")
        chat.say("Anna", "verder")
    assert nudge(chat).step == step
    chat.say("Anna", more)
    assert chat.texts_of(step) == [thin, more]
    assert chat.says()[0].kind == "question"
    assert any(edit.step == step and more in edit.text for edit in chat.edits())
    assert chat.export["alarms"] == []


def test_a_late_reply_is_kept_too(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path))
    number = nudge(chat).number
    chat.say("Anna", "verder")
    chat.say("Anna", "weten we, want het college besloot al", to=number)
    assert [item["text"] for item in chat.export["alarms"][0]["decided"]] == ["weten we, want het college besloot al"]
    assert chat.texts_of("ingredienten.samenwerking.stand") == []


def test_a_decision_follows_its_message(tmp_path: Path) -> None:
    """An edit changes it, ❌ takes it back, a removal erases it."""
    chat = at_grid(alone(tmp_path))
    chat.say("Anna", "weten we, want Piet Jansen belt")
    event = chat.event

    def decided() -> list[str]:
        return [item["text"] for item in chat.export["alarms"][0].get("decided", [])]

    chat.edit("Anna", event, "weten we, want het bestuur belt")
    assert decided() == ["weten we, want het bestuur belt"]
    assert "Piet" not in stored(chat)
    chat.sign("Anna", "❌", event)
    assert decided() == []
    chat.sign("Anna", "❌", event, removed=True)
    assert decided() == ["weten we, want het bestuur belt"]
    chat.redact("Anna", event)
    assert decided() == []
    assert "het bestuur belt" not in stored(chat)


def test_nobody_talks_of_it_when_it_no_longer_holds(tmp_path: Path) -> None:
    """ "An alarm whose condition no longer holds is no longer shown." What was said about it is there when it does."""
    chat = at_grid(alone(tmp_path))
    chat.say("Anna", "weten we, want de wethouder doet mee")
    chat.say("Anna", "!wijzig governance.status")
    chat.say("Anna", "voldoende")
    assert chat.export["alarms"] == []
    chat.say("Anna", "!overzicht")
    assert "Samenhang" not in chat.text
    chat.say("Anna", "!wijzig governance.status")
    chat.say("Anna", "deels")
    assert len(chat.export["alarms"][0]["decided"]) == 1
    assert len(nudges(chat, "bestuurders")) == 1


def test_the_short_overview_counts_them(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path), routes="op, uit", rows="v v o v v v v o")
    chat.say("Anna", "!overzicht")
    assert "**Samenhang:** 2 waarschuwingen · **Nog open:**" in chat.text
    chat.say("Anna", "!wijzig privacy.status")
    chat.say("Anna", "voldoende")
    chat.say("Anna", "!overzicht")
    assert "**Samenhang:** 1 waarschuwing ·" in chat.text


def test_the_strategy_question_shows_them(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path))
    go(chat, "strategie.samenhang")
    assert "**Samenhang:** 1 waarschuwing" in chat.text
    assert "Route Op vraagt steun" in chat.text


# On cards, and for a team that is not there at the same time ----------------------------------------------------------

CARDS = Capabilities(ways="teams", marks=False, cards=True)


def test_a_card_has_a_field_and_a_button_that_says_weten_we(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path, capabilities=CARDS))
    number = nudge(chat).number
    card = chat.card(number)
    assert card is not None
    assert card.field
    assert any(button.value == "✅" and "Weten we" in button.label for button in card.buttons)
    chat.press("Anna", number, SAVE, text="weten we, want het college besloot al")
    assert [item["text"] for item in chat.export["alarms"][0]["decided"]] == ["weten we, want het college besloot al"]


def test_the_button_is_kept_as_known(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path, capabilities=CARDS))
    chat.press("Anna", nudge(chat).number, "✅")
    assert chat.export["alarms"][0]["decided"] == []


def test_a_team_that_is_spread_out_gets_one_with_its_next_questions(tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=("Anna", "Bas"))
    chat.say("Anna", "!wijze gespreid")
    chat.say("Anna", "!start")
    go(chat, "routes.keuze")
    chat.say("Anna", "op", to=chat.asked)
    chat.say("Anna", "!verder")
    go(chat, "ingredienten.oordeel")
    for who in chat.people:
        chat.say(who, "v v o v v v v v", to=chat.asked)
    found: list[Say] = []
    for _ in range(10):
        chat.wait(days=1)
        found += [one for one in chat.says() if "bestuurders" in one.text and one.kind == "nudge"]
    assert len(found) == 1
    assert ids(chat) == ["steun"]
    chat.say("Bas", "weten we, want de wethouder doet mee", to=found[0].number)
    assert [item["text"] for item in chat.export["alarms"][0]["decided"]] == ["weten we, want de wethouder doet mee"]
