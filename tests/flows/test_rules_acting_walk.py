"""What the coach asks in the walk about an action: who does it and when, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.rules_rooms import go, team, walk
from tests.flows.test_rules_acting import act, kept
from tests.flows.test_rules_acting_asked import leave, noted, nudges


def test_a_step_that_is_left_asks_about_its_first_incomplete_action(tmp_path: Path) -> None:
    """ "An action without owner or date is asked about once": one nudge in place of the next question, by a tap on."""
    chat = team(tmp_path)
    go(chat, "canvas.eerst")
    chat.say("Anna", "- een @Bas eind maart\n- twee\n- drie", to=chat.asked)
    leave(chat)
    (said,) = chat.says()
    assert (said.kind, said.step, chat.position) == ("nudge", "canvas.eerst", "canvas.eerst")
    assert "**twee**" in said.text
    chat.say("Bas", "Bas, vrijdag over 2 weken", to=said.number)
    assert kept(chat)[1] == ("twee", "Bas", "2026-12-11")
    assert chat.says()[0].kind == "question"
    assert "vrijdag 11 december 2026" in chat.says()[0].text
    walk(chat)
    assert len(nudges(chat)) == 1


def test_the_next_time_it_asks_about_the_next(tmp_path: Path) -> None:
    """Once an action: the step is left a second time, and the action that was not asked about yet is next."""
    chat = team(tmp_path)
    for _ in range(3):
        go(chat, "canvas.eerst")
        if not kept(chat):
            chat.say("Anna", "- een\n- twee", to=chat.asked)
        leave(chat)
        if chat.says()[0].kind == "nudge":
            chat.sign("Bas", "✅", chat.says()[0].number)
    assert [text in one.text for one, text in zip(nudges(chat), ("**een**", "**twee**"), strict=True)] == [True, True]


@pytest.mark.parametrize("said", ["✅", "!verder"])
def test_it_can_be_passed(tmp_path: Path, said: str) -> None:
    chat = team(tmp_path)
    go(chat, "canvas.eerst")
    chat.say("Anna", "memo", to=chat.asked)
    leave(chat)
    number = chat.says()[0].number
    (chat.sign("Bas", said, number) if said == "✅" else chat.say("Bas", said))
    assert (chat.says()[0].kind, chat.position) == ("question", "pilot.ritme")
    chat.say("Bas", "Bas eind maart", to=number)
    assert kept(chat) == [("memo", "Bas", "2027-03-31")]
    assert chat.position == "pilot.ritme"


def test_an_unreadable_reply_leaves_it_open(tmp_path: Path) -> None:
    chat = team(tmp_path)
    go(chat, "canvas.eerst")
    chat.say("Anna", "memo", to=chat.asked)
    leave(chat)
    number = chat.says()[0].number
    chat.say("Bas", "dat weten we later pas echt", to=number)
    assert ([one.kind for one in chat.says()], chat.position) == (["help"], "canvas.eerst")
    chat.sign("Bas", "✅", number)
    assert chat.position == "pilot.ritme"


def test_complete_actions_are_not_asked_about(tmp_path: Path) -> None:
    chat = team(tmp_path)
    go(chat, "canvas.eerst")
    chat.say("Anna", "memo @Bas eind maart", to=chat.asked)
    chat.say("Anna", "plan", to=chat.asked)
    chat.say("Anna", "!vervalt 2")
    leave(chat)
    assert chat.says()[0].kind == "question"


def test_what_was_asked_at_once_is_not_asked_again(tmp_path: Path) -> None:
    chat = team(tmp_path)
    go(chat, "canvas.eerst")
    chat.sign("Bas", "✅", noted(chat))
    leave(chat)
    assert chat.says()[0].kind == "question"


def test_without_nudges_nothing_is_asked(tmp_path: Path) -> None:
    """`!instellingen duwtjes uit`: how to add it later is told."""
    chat = team(tmp_path)
    chat.say("Anna", "!instellingen duwtjes uit")
    act(chat, "memo")
    assert (chat.says()[0].asks, chat.says()[0].signs) == (False, ())
    assert "`!uitstel 1 eind maart`" in chat.text
    go(chat, "canvas.eerst")
    chat.say("Anna", "plan", to=chat.asked)
    leave(chat)
    assert chat.says()[0].kind == "question"


@pytest.mark.parametrize("begun", [True, False])
def test_in_a_pause_and_before_the_start_it_waits_for_the_walk(tmp_path: Path, begun: bool) -> None:
    """Commands work then and nothing is asked; the walk asks it."""
    chat = team(tmp_path, start="!start" if begun else None)
    if begun:
        chat.say("Anna", "!pauze")
    act(chat, "memo")
    assert not chat.says()[0].asks
    chat.say("Anna", "!start")
    assert nudges(chat) == []
    leave(chat)
    assert [one.step for one in nudges(chat)] == ["pilot.naam"]
    chat.say("Bas", "@Bas eind maart", to=nudges(chat)[0].number)
    assert kept(chat) == [("memo", "Bas", "2027-03-31")]


def test_the_one_who_finds_it_out_is_asked_when_the_next_question_is_left(tmp_path: Path) -> None:
    """An offer is a question's one nudge; the next one is for the action that was its answer."""
    chat = team(tmp_path)
    go(chat, "routes.rol")
    chat.say("Anna", "!weetniet")
    chat.say("Bas", "nulmeting doen", to=chat.says()[0].number)
    assert (chat.says()[0].kind, nudges(chat)) == ("question", [])
    leave(chat)
    assert [one.step for one in nudges(chat)] == ["routes.acties"]
    assert "nulmeting doen" in chat.text


def test_an_offer_that_was_answered_in_full_is_not_asked_about(tmp_path: Path) -> None:
    chat = team(tmp_path)
    go(chat, "routes.rol")
    chat.say("Anna", "!weetniet")
    chat.say("Bas", "nulmeting doen @Bas eind maart", to=chat.says()[0].number)
    leave(chat)
    assert nudges(chat) == []


def test_in_the_short_pace_it_waits_for_the_end_of_the_part(tmp_path: Path) -> None:
    """ "in the short pace they wait for the end of the part, two at most" """
    chat = team(tmp_path, start="!tempo kort")
    act(chat, "een @Bas")
    chat.sign("Bas", "✅", chat.says()[0].number)
    chat.say("Anna", "!weetniet")
    assert chat.says()[0].kind == "question"
    while not [one for one in chat.says() if one.kind == "nudge"]:
        chat.say("Anna", "!verder")
    offer = chat.says()[0]
    assert (offer.step, chat.position) == ("pilot.naam", "pilot.periode")
    chat.say("Bas", "nulmeting doen", to=offer.number)
    (said,) = chat.says()
    assert said.kind == "nudge"
    assert "Actie 2" in said.text
    chat.sign("Bas", "✅", said.number)
    assert chat.says()[0].kind == "question"


def test_it_is_asked_no_more_where_it_was_completed_meanwhile(tmp_path: Path) -> None:
    chat = team(tmp_path)
    go(chat, "routes.rol")
    chat.say("Anna", "!weetniet")
    chat.say("Bas", "nulmeting doen", to=chat.says()[0].number)
    chat.say("Bas", "!overdragen 1 @Bas eind maart")
    leave(chat)
    assert nudges(chat) == []


def test_an_action_that_is_closed_while_it_is_asked_about(tmp_path: Path) -> None:
    """The nudge stands in place of the next question, which still comes."""
    chat = team(tmp_path)
    go(chat, "canvas.eerst")
    chat.say("Anna", "memo", to=chat.asked)
    event = chat.event
    leave(chat)
    number = chat.says()[0].number
    chat.say("Bas", "!gedaan 1")
    chat.redact("Anna", event)
    chat.say("Bas", "!vraag")
    assert chat.says()[0].kind == "nudge"
    chat.sign("Bas", "✅", number)
    assert chat.position == "pilot.ritme"
