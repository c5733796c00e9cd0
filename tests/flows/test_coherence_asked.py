"""coherence.md and rules.md: when a nudge or alarm is asked, what an answer to it becomes, and that it is never asked
twice.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.cards import SAVE
from flows.conversation.effects import Say
from flows.conversation.hearing import Capabilities
from tests.chat import Chat
from tests.flows.rules_rooms import alone, answer, asked_step, go, stored, team


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


# When -----------------------------------------------------------------------------------------------------------------


def test_it_is_asked_when_the_last_step_that_it_names_is_left(tmp_path: Path) -> None:
    """ "Evaluated when a step is left, once every step that the condition names has been left or passed" """
    chat = alone(tmp_path)
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v o v v v v v")
    assert chat.says()[0].kind == "question"  # no route was chosen
    go(chat, "routes.keuze")
    answer(chat, "op")  # governance was left before
    said = nudge(chat)
    assert (said.step, said.signs) == ("ingredienten.governance.acties", ("✅",))
    assert said.text.startswith("**Routes en ingrediënten:** Route Op vraagt steun van bestuurders")
    assert chat.position == "routes.keuze"


def test_nothing_is_asked_before_what_it_names_was_passed(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "op")
    assert asked_step(chat) == "routes.op.invulling"
    assert ids(chat) == []


def test_what_was_passed_by_without_an_answer_counts_where_the_condition_says_so(tmp_path: Path) -> None:
    """Number 1: governance "not voldoende or unasked"."""
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "op")
    go(chat, "valkuilen.scope.situaties")
    chat.say("Anna", "verder")
    assert "bestuurders" in nudge(chat).text


def test_of_several_the_lowest_goes_first_and_the_rest_wait_for_the_next_step(tmp_path: Path) -> None:
    """ "of several the lowest number goes first, the rest wait for the next step that is left" """
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "op, in, uit")
    go(chat, "routes.volgorde")
    answer(chat, "eerst in")
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v o v o v v o")
    assert "bestuurders" in nudge(chat).text  # 1
    chat.say("Anna", "verder")
    assert chat.says()[0].kind == "question"  # "at most one a question"
    chat.say("Anna", "verder")
    assert "gegevens" in nudge(chat).text  # 10; 2 waits for valkuilen.omstandigheden.welke
    chat.say("Anna", "verder")
    chat.say("Anna", "verder")
    assert chat.says()[0].kind == "question"


def test_it_is_never_asked_twice(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path))
    chat.say("Anna", "!verder")
    for _ in range(6):
        chat.say("Anna", "!verder")
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v d v v v v v")
    go(chat, "routes.keuze")
    answer(chat, "op")
    chat.say("Anna", "!verder")
    assert len(nudges(chat, "bestuurders")) == 1


def test_what_no_longer_holds_is_not_asked(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "op, uit")
    go(chat, "routes.volgorde")
    answer(chat, "eerst uit")
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v o v v v v o")
    assert "bestuurders" in nudge(chat).text
    chat.say("Anna", "!wijzig ingredienten.privacy.status")
    chat.say("Anna", "voldoende")
    for _ in range(4):
        chat.say("Anna", "!verder")
    assert nudges(chat, "gegevens") == []


def test_an_open_one_that_no_longer_holds_gives_way_to_the_next_question(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path))
    assert "bestuurders" in nudge(chat).text
    chat.say("Anna", "!wijzig governance.status")
    chat.say("Anna", "voldoende")
    assert asked_step(chat) == "ingredienten.samenwerking.stand"
    assert len(nudges(chat, "bestuurders")) == 1


def test_without_nudges_nothing_is_asked_and_what_holds_still_shows(tmp_path: Path) -> None:
    """ "`!instellingen duwtjes uit` turns them off" """
    chat = alone(tmp_path)
    chat.say("Anna", "!instellingen duwtjes uit")
    at_grid(chat)
    assert chat.says()[0].kind == "question"
    assert ids(chat) == ["steun"]
    chat.say("Anna", "!instellingen duwtjes aan")
    chat.say("Anna", "verder")
    assert "bestuurders" in nudge(chat).text


def test_who_recognises_this_goes_first(tmp_path: Path) -> None:
    """ "Herkent iedereen dit?" ... count as that one nudge and go first."""
    chat = alone(tmp_path)
    go(chat, "impact.output")
    answer(chat, "blije ouders")
    go(chat, "impact.input")
    answer(chat, "enthousiasme")
    chat.say("Anna", "verder")
    assert "Volgt het een uit het ander" in nudge(chat).text
    chat.say("Anna", "verder")
    assert chat.says()[0].kind == "question"
    chat.say("Anna", "verder")
    assert "tellen" in nudge(chat).text  # 16 before 17
    chat.say("Anna", "verder")
    chat.say("Anna", "verder")
    assert "Wie en wat hebben jullie" in nudge(chat).text


def test_in_the_short_pace_they_wait_for_the_end_of_the_part_two_at_most(tmp_path: Path) -> None:
    """ "in the short pace they wait for the end of the part, two at most" """
    chat = alone(tmp_path, "!tempo kort")
    go(chat, "impact.output")
    answer(chat, "blije ouders")
    chat.say("Anna", "verder")
    go(chat, "impact.input")
    answer(chat, "enthousiasme")
    found: list[tuple[str, str]] = []
    while chat.position != "routes.keuze":
        chat.say("Anna", "verder")
        found += [(chat.position, one.text) for one in chat.says() if one.kind == "nudge"]
    assert [position for position, _ in found] == ["impact.acties", "impact.acties"]
    assert "Volgt het een uit het ander" in found[1][1]
    while chat.position != "ingredienten.nodig":  # what waited comes at the end of the next part
        chat.say("Anna", "verder")
        found += [(chat.position, one.text) for one in chat.says() if one.kind == "nudge"]
    assert [position for position, _ in found[2:]] == ["routes.acties", "routes.acties"]
    assert "tellen" in found[2][1]
    assert "Wie en wat hebben jullie" in found[3][1]


def test_a_change_beside_the_walk_is_asked_about_when_it_is_done(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path), rows="v v v v v v v v")
    assert chat.says()[0].kind == "question"
    chat.say("Anna", "!wijzig governance.status")
    chat.say("Anna", "onvoldoende")
    assert "bestuurders" in nudge(chat).text
    chat.say("Anna", "!verder")
    assert asked_step(chat) == chat.position


def test_what_newly_applies_is_offered_before_its_absence_is_asked_about(tmp_path: Path) -> None:
    """Number 13 does not ask for an order while the question of the order is still to be offered."""
    chat = alone(tmp_path)
    go(chat, "routes.status")
    chat.say("Anna", "!wijzig routes.keuze")
    chat.say("Anna", "in, op")
    assert "kwamen" in nudge(chat).text
    assert nudges(chat, "Moet de ene klaar zijn") == []


def test_at_a_recheck_what_fits_no_more_is_asked_in_the_message_of_the_round(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path), rows="v v v v v v v v")
    chat.say("Anna", "!instellingen duwtjes uit")
    go(chat, "pilot.ritme")
    chat.say("Anna", "verder")
    assert chat.position == "einde"
    chat.say("Anna", "!wijzig governance.status")
    chat.say("Anna", "deels")
    chat.say("Anna", "!instellingen duwtjes aan")
    chat.say("Anna", "!hercheck")
    chat.say("Anna", "ja")
    said = nudge(chat)
    assert "Ronde 2 staat" in said.text
    assert "bestuurders" in said.text


# Answering ------------------------------------------------------------------------------------------------------------


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


# 14: an answer that changes after the statement -----------------------------------------------------------------------


def with_statement(chat: Chat) -> str:
    """The theory of change is filled and the statement accepted; the event of the outcome."""
    event = ""
    for step in ("impact", "outcome", "output", "activiteiten", "input"):
        go(chat, f"impact.{step}")
        answer(chat, f"minder werk voor {step}: geld")
        event = chat.event if step == "outcome" else event
    go(chat, "impact.statement")
    chat.sign("Anna", "✅", chat.asked)
    return event


CHANGED = "Er is iets veranderd bij outcome. Klopt de zin over jullie impact nog?"


def test_it_comes_with_the_edits_turn(tmp_path: Path) -> None:
    """ "14 comes with the edit's turn" """
    chat = team(tmp_path)
    event = with_statement(chat)
    position, asked = chat.position, chat.asked
    chat.edit("Anna", event, "minder werk voor scholen")
    assert CHANGED in nudge(chat).text
    assert nudge(chat).text.startswith("**Impact · impactstatement:**")
    assert "`!wijzig statement`" in nudge(chat).text
    assert (chat.position, chat.state("impact.statement")) == (position, "answered")  # "never reopens it"
    chat.sign("Bas", "✅", nudge(chat).number)
    assert chat.says() == []
    assert chat.asked == asked
    chat.edit("Anna", event, "nog minder werk voor scholen")
    assert chat.says() == []  # never twice


def test_alone_the_open_question_comes_again(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    event = with_statement(chat)
    step = chat.position
    chat.edit("Anna", event, "minder werk voor scholen")
    assert CHANGED in nudge(chat).text
    chat.say("Anna", "hij klopt nog, alleen korter")
    assert asked_step(chat) == step
    assert chat.texts_of("impact.status") == ["hij klopt nog, alleen korter"]


def test_a_change_by_command_is_asked_about_when_it_is_done(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    with_statement(chat)
    chat.say("Anna", "!wijzig outcome")
    chat.say("Anna", "1: minder werk voor scholen")
    assert chat.says() == []
    chat.say("Anna", "!verder")
    assert CHANGED in nudge(chat).text
    chat.say("Anna", "verder")
    assert asked_step(chat) == chat.position


@pytest.mark.parametrize("what", ["before", "same", "elsewhere", "off"])
def test_it_stays_silent(tmp_path: Path, what: str) -> None:
    chat = team(tmp_path)
    if what == "before":
        go(chat, "impact.outcome")
        answer(chat, "minder werk")
        chat.edit("Anna", chat.event, "minder werk voor scholen")
    else:
        event = with_statement(chat)
        if what == "same":
            chat.edit("Anna", event, "minder werk voor outcome: geld")
        elif what == "elsewhere":
            go(chat, "impact.verschil")
            answer(chat, "tellen")
            chat.edit("Anna", chat.event, "tellen en vragen")
        else:
            chat.say("Anna", "!instellingen duwtjes uit")
            chat.edit("Anna", event, "minder werk voor scholen")
    assert nudges(chat, "Klopt de zin") == []


@pytest.mark.parametrize("how", ["late reply", "removal", "❌"])
def test_more_or_less_of_an_answer_is_a_change_too(tmp_path: Path, how: str) -> None:
    chat = team(tmp_path)
    event = with_statement(chat)
    if how == "late reply":
        number = next(one.number for one in chat.says(chat.seen) if one.step == "impact.outcome")
        chat.say("Bas", "ouders bellen eerder", to=number)
    elif how == "removal":
        chat.redact("Anna", event)
    else:
        chat.sign("Bas", "❌", event)
    assert CHANGED in nudge(chat).text


# 19: what is not known at the end of a part ---------------------------------------------------------------------------


def test_unknowns_are_asked_about_together_where_the_part_ends(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "ingredienten.oordeel")
    answer(chat, "v ? v v v v v ?")
    go(chat, "ingredienten.acties")
    found = []
    for _ in range(4):
        chat.say("Anna", "verder")
        found += [one for one in chat.says() if one.kind == "nudge" and "dit weten jullie nog niet" in one.text]
    (said,) = found
    assert "- wensen en behoeften\n- privacy en gegevensdeling" in said.text
    assert "Wat hiervan willen jullie tijdens de pilot te weten komen?" in said.text
    assert said.step == "ingredienten.acties"


def test_a_reply_is_an_action_of_the_part(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "ingredienten.oordeel")
    answer(chat, "v ? v v v v v ?")
    go(chat, "ingredienten.acties")
    chat.say("Anna", "verder")
    while "dit weten jullie nog niet" not in chat.text:
        chat.say("Anna", "verder")
    chat.say("Anna", "enquête houden @Anna 15 januari 2027")
    (action,) = chat.export["actions"]
    assert (action["text"], action["step"]) == ("enquête houden", "ingredienten.acties")
    for _ in range(6):
        chat.say("Anna", "verder")
    assert len(nudges(chat, "dit weten jullie nog niet")) == 1


@pytest.mark.parametrize("word", ["nee", "weten we nog niet", "verder"])
def test_it_can_be_refused(tmp_path: Path, word: str) -> None:
    chat = alone(tmp_path)
    go(chat, "ingredienten.oordeel")
    answer(chat, "v ? v v v v v v")
    go(chat, "ingredienten.acties")
    chat.say("Anna", "verder")
    while "dit weten jullie nog niet" not in chat.text:
        chat.say("Anna", "verder")
    chat.say("Anna", word)
    assert chat.says()[0].kind == "question"
    assert chat.export["actions"] == []


def test_what_was_asked_about_together_is_not_asked_about_alone(tmp_path: Path) -> None:
    chat = alone(tmp_path, "!tempo kort")
    go(chat, "impact.verschil")
    chat.say("Anna", "!weetniet")
    while chat.position != "ingredienten.nodig":
        chat.say("Anna", "verder")
    assert len(nudges(chat, "dit weten jullie nog niet")) == 1
    assert nudges(chat, "Wie zoekt het uit") == []


def test_what_was_asked_about_at_once_is_not_asked_again(tmp_path: Path) -> None:
    """The offer of `!weetniet` ("Wie zoekt het uit?") is that question for that one."""
    chat = alone(tmp_path)
    go(chat, "routes.rol")
    chat.say("Anna", "!weetniet")
    assert "Wie zoekt het uit" in nudge(chat).text
    chat.say("Anna", "verder")
    go(chat, "routes.acties")
    for _ in range(4):
        chat.say("Anna", "verder")
    assert nudges(chat, "dit weten jullie nog niet") == []


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
