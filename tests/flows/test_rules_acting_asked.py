"""What the coach asks about an action: who does it and when, once; and after it is closed, whether what it was about is
to be looked at again.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.effects import Say
from tests.chat import Chat
from tests.flows.rules_rooms import alone, go, stored, team, walk
from tests.flows.test_rules_acting import act, action, kept

GRID = "ingredienten.oordeel"


def noted(chat: Chat, line: str = "memo schrijven") -> int:
    """An action by Anna without all of who and when; the number of the message that asks."""
    act(chat, line)
    (said,) = chat.says()
    assert (said.kind, said.asks, said.signs) == ("noted", True, ("✅",))
    return said.number


def nudges(chat: Chat) -> list[Say]:
    """All questions about an action that came in the walk."""
    return [one for one in chat.says(chat.seen) if one.kind == "nudge" and "Actie " in one.text]


def leave(chat: Chat) -> None:
    """Leave the question that stands open, by a tap on it."""
    chat.sign("Anna", "✅", chat.asked)


# Asked at once --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "asked", "not_asked"),
    [("memo", ["Wie", "wanneer"], []), ("memo @Bas", ["Wanneer"], ["Wie"]), ("memo eind maart", ["Wie"], ["anneer"])],
)
def test_what_is_missing_is_asked(tmp_path: Path, line: str, asked: list[str], not_asked: list[str]) -> None:
    """ "An action without owner or date is asked about once." """
    chat = team(tmp_path)
    noted(chat, line)
    assert all(word in chat.text for word in asked)
    assert not any(word in chat.text for word in not_asked)


@pytest.mark.parametrize(
    ("reply", "owner", "due"),
    [
        ("@Bas", "Bas", None), ("Bas", "Bas", None), ("ik", "Bas", None), ("eind maart", None, "2027-03-31"),
        ("Bas eind maart", "Bas", "2027-03-31"), ("@Bas vóór 15 januari", "Bas", "2027-01-15"),
        ("eind maart, @Anna", "Anna", "2027-03-31"), ("Wethouder Jansen eind maart", "Wethouder Jansen", "2027-03-31"),
        ("@Bas zsm", "Bas", None),
    ],
)  # fmt: skip
def test_a_reply_completes_it(tmp_path: Path, reply: str, owner: str | None, due: str | None) -> None:
    """The reply says who, when or both; it is said back and marked. What is missing then is not asked again."""
    chat = team(tmp_path)
    number = noted(chat)
    chat.say("Bas", reply, to=number)
    assert kept(chat) == [("memo schrijven", owner, due)]
    (said,) = chat.says()
    assert (said.kind, said.asks) == ("noted", False)
    assert owner is None or owner in said.text
    assert due is None or "2027" in said.text
    assert [(one.target, one.key) for one in chat.marks()] == [(chat.event, "✍️")]


def test_a_reply_in_two_parts(tmp_path: Path) -> None:
    """First who, then when, each as a reply to the coach's latest message about it, or to the first."""
    for place in (0, 1):
        chat = team(tmp_path / str(place) if (tmp_path / str(place)).mkdir() is None else tmp_path)
        numbers = [noted(chat)]
        chat.say("Bas", "Bas", to=numbers[0])
        numbers.append(chat.says()[0].number)
        chat.say("Bas", "eind maart", to=numbers[place])
        assert kept(chat) == [("memo schrijven", "Bas", "2027-03-31")]


@pytest.mark.parametrize(
    ("reply", "told"),
    [("leerkrachten bellen eerder", "naam of datum"), ("zsm", "zsm"), ("Bas 31 februari", "31 februari")],
)
def test_a_reply_that_says_neither(tmp_path: Path, reply: str, told: str) -> None:
    """One line of help; the action stays as it was and can still be completed."""
    chat = team(tmp_path)
    number = noted(chat)
    chat.say("Bas", reply, to=number)
    assert ([one.kind for one in chat.says()], kept(chat)) == (["help"], [("memo schrijven", None, None)])
    assert told in chat.text
    chat.say("Anna", "Bas", to=number)
    assert kept(chat) == [("memo schrijven", "Bas", None)]


def test_a_tap_means_not_known_yet(tmp_path: Path) -> None:
    """✅: the message shows it, the walk does not move, and a second tap does nothing."""
    chat = team(tmp_path)
    number = noted(chat)
    chat.sign("Bas", "✅", number)
    assert (chat.says(), [one.number for one in chat.edits()]) == ([], [number])
    assert "Wie" not in chat.edits()[0].text
    assert "memo schrijven" in chat.edits()[0].text
    assert chat.position == "pilot.naam"
    chat.sign("Anna", "✅", number)
    assert chat.last == []


@pytest.mark.parametrize("reply", ["ok", "nee", "later", "verder"])
def test_words_that_mean_not_known_yet(tmp_path: Path, reply: str) -> None:
    chat = team(tmp_path)
    number = noted(chat)
    chat.say("Bas", reply, to=number)
    assert (kept(chat), chat.position) == ([("memo schrijven", None, None)], "pilot.naam")
    assert [one.number for one in chat.edits()] == [number]


def test_in_a_group_no_idea_is_about_the_action(tmp_path: Path) -> None:
    """A reply belongs to what it replies to: the question that stands open does not become unknown by it."""
    chat = team(tmp_path)
    number = noted(chat)
    chat.say("Bas", "geen idee", to=number)
    assert (chat.state("pilot.naam"), chat.position) == ("open", "pilot.naam")
    assert [one.number for one in chat.edits()] == [number]


def test_a_question_back_is_told_how_to_answer(tmp_path: Path) -> None:
    """It is about the action, not about the step that stands open: that one is not explained."""
    chat = team(tmp_path)
    chat.say("Bas", "Wie is daar goed in?", to=noted(chat))
    assert [one.kind for one in chat.says()] == ["help"]
    assert "naam of datum" in chat.text


def test_a_look_does_not_break_into_a_detour(tmp_path: Path) -> None:
    chat = rated(team(tmp_path))
    act(chat, "governance: memo @Bas eind maart")
    chat.say("Anna", "!wijzig pilot.naam")
    chat.say("Anna", "!gedaan 1")
    assert not chat.says()[0].asks


def test_in_a_group_the_walk_goes_on_beside_it(tmp_path: Path) -> None:
    """Nothing waits for it: a tap on the open question, `!verder` and a reply do what they do without it."""
    chat = team(tmp_path)
    question = chat.asked
    number = noted(chat)
    chat.say("Bas", "Dichtbij", to=question)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]
    chat.sign("Bas", "✅", question)
    assert chat.position == "pilot.periode"
    chat.say("Anna", "!verder")
    assert chat.position == "pilot.betrokkenen"
    chat.say("Bas", "Bas eind maart", to=number)
    assert kept(chat) == [("memo schrijven", "Bas", "2027-03-31")]


def test_a_late_reply_completes_it_too(tmp_path: Path) -> None:
    """After a tap, after `!ga` and after another action was asked about."""
    chat = team(tmp_path)
    number = noted(chat)
    chat.sign("Bas", "✅", number)
    chat.say("Bas", "Bas", to=number)
    go(chat, "routes.rol")
    noted(chat, "nog iets")
    chat.say("Anna", "eind maart", to=number)
    assert kept(chat)[0] == ("memo schrijven", "Bas", "2027-03-31")
    assert chat.position == "routes.rol"


@pytest.mark.parametrize("word", ["verder", "ok", "nee", "later", "geen idee", "!verder"])
def test_alone_a_word_passes_it(tmp_path: Path, word: str) -> None:
    """ "In a room of one a plain message, `ok` and `verder` go to the coach's latest message that still asks" """
    chat = alone(tmp_path)
    noted(chat)
    chat.say("Anna", word)
    assert [(one.kind, one.step) for one in chat.says()] == [("question", "pilot.naam")]
    chat.say("Anna", "Dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]
    assert kept(chat) == [("memo schrijven", None, None)]


def test_alone_a_plain_message_answers_it(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    noted(chat)
    chat.say("Anna", "Ouders vragen eerder om hulp")
    assert [one.kind for one in chat.says()] == ["help"]
    chat.say("Anna", "ik, eind maart")
    assert kept(chat) == [("memo schrijven", "Anna", "2027-03-31")]
    assert chat.texts_of("pilot.naam") == []
    chat.say("Anna", "Dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_alone_only_the_latest_is_asked(tmp_path: Path) -> None:
    """Somebody who notes three actions is not asked three times before the question comes again."""
    chat = alone(tmp_path)
    for line in ("een", "twee", "drie"):
        noted(chat, line)
    chat.say("Anna", "verder")
    assert chat.says()[0].kind == "question"


@pytest.mark.parametrize("completed", ["!gedaan 1", "!vervalt 1", "!uitstel 1 eind maart"])
def test_what_needs_no_answer_any_more(tmp_path: Path, completed: str) -> None:
    """A command closed it, or said what was missing: then nothing is asked."""
    chat = alone(tmp_path)
    noted(chat, "memo @Anna")
    chat.say("Anna", completed)
    chat.say("Anna", "Dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_a_closed_action_is_not_completed(tmp_path: Path) -> None:
    chat = team(tmp_path)
    number = noted(chat)
    chat.say("Anna", "!gedaan 1")
    chat.say("Bas", "eind maart", to=number)
    assert ([one.kind for one in chat.says()], kept(chat)) == (["help"], [("memo schrijven", None, None)])


def test_the_question_comes_again(tmp_path: Path) -> None:
    """`!vraag` in a room of one: what was asked last."""
    chat = alone(tmp_path)
    noted(chat)
    chat.say("Anna", "!vraag")
    assert "Wie doet dit" in chat.text
    chat.say("Anna", "ik")
    assert kept(chat) == [("memo schrijven", "Anna", None)]


# Edits and removals ---------------------------------------------------------------------------------------------------


def test_an_edited_message_is_followed_and_keeps_what_was_answered(tmp_path: Path) -> None:
    """The answer to the coach's question does not stand in the message: changing the message does not take it away."""
    chat = team(tmp_path)
    number = noted(chat)
    event = chat.event
    chat.say("Bas", "Bas eind maart", to=number)
    chat.edit("Anna", event, "!actie memo voor het MT schrijven")
    assert kept(chat) == [("memo voor het MT schrijven", "Bas", "2027-03-31")]
    assert (action(chat).owner, chat.says()[0].asks) == ("Bas", False)
    chat.edit("Anna", event, "!actie memo voor het MT schrijven @Anna")
    assert kept(chat) == [("memo voor het MT schrijven", "Anna", "2027-03-31")]


def test_an_edit_that_completes_it_ends_the_question(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    noted(chat)
    chat.edit("Anna", chat.event, "!actie memo schrijven @Anna eind maart")
    assert kept(chat) == [("memo schrijven", "Anna", "2027-03-31")]
    chat.say("Anna", "Dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_without_an_answer_an_edit_takes_the_owner_away(tmp_path: Path) -> None:
    chat = team(tmp_path)
    act(chat, "memo @Bas eind maart")
    chat.edit("Anna", chat.event, "!actie memo eind maart")
    assert kept(chat) == [("memo", None, "2027-03-31")]


@pytest.mark.parametrize("text", ["@Cem", "Cem eind april", "iets heel anders"])
def test_an_edited_answer_is_no_answer_of_a_step(tmp_path: Path, text: str) -> None:
    """What stood stays; nothing is noted at the question that was open, and no action is made of it."""
    chat = team(tmp_path)
    go(chat, "impact.acties")
    number = noted(chat)
    chat.say("Bas", "Bas", to=number)
    chat.edit("Bas", chat.event, text)
    assert (kept(chat), [one.kind for one in chat.says()]) == ([("memo schrijven", "Bas", None)], ["help"])


@pytest.mark.parametrize("late", [False, True])
def test_an_edited_answer_in_the_walk_is_no_action(tmp_path: Path, late: bool) -> None:
    """The nudge names the step of the actions; what answers it is not one of them, also when it comes late."""
    chat = team(tmp_path)
    go(chat, "canvas.eerst")
    chat.say("Anna", "memo", to=chat.asked)
    leave(chat)
    number = chat.says()[0].number
    if late:
        chat.sign("Anna", "✅", number)
    chat.say("Bas", "Bas", to=number)
    chat.edit("Bas", chat.event, "Cem doet het")
    assert (kept(chat), [one.kind for one in chat.says()]) == ([("memo", "Bas", None)], ["help"])


def test_a_removed_action_is_asked_about_no_more(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    act(chat, "geheimzinnig memo")
    chat.redact("Anna", chat.event)
    chat.say("Anna", "Dichtbij")
    assert (kept(chat), chat.texts_of("pilot.naam")) == ([], ["Dichtbij"])


def test_a_reply_about_a_removed_action(tmp_path: Path) -> None:
    chat = team(tmp_path)
    number = noted(chat, "geheimzinnig memo")
    event = chat.event
    chat.redact("Anna", event)
    chat.say("Bas", "eind maart", to=number)
    assert (kept(chat), [one.kind for one in chat.says()]) == ([], ["help"])
    assert "geheimzinnig" not in stored(chat)


# Asked in the walk ----------------------------------------------------------------------------------------------------


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


# Another look ---------------------------------------------------------------------------------------------------------


def rated(chat: Chat, letters: str = "v d o o ? d v v") -> Chat:
    """A room in which the eight ingredients have a status: samenwerking voldoende, governance onvoldoende."""
    go(chat, GRID)
    for name in chat.people:
        chat.say(name, letters, to=chat.asked)
    if len(chat.people) > 1:
        chat.say("Anna", "akkoord", to=chat.says()[0].number)
    assert chat.view.status_of("ingredienten.governance.status") == "onvoldoende"
    return chat


@pytest.mark.parametrize("command", ["!gedaan 1", "!vervalt 1", "!gedaan 1 2"])
def test_closing_offers_to_look_at_that_one_again(tmp_path: Path, command: str) -> None:
    """ "where an action belongs to an ingredient or pitfall, closing it offers to look at just that one again" """
    chat = rated(team(tmp_path))
    act(chat, "governance: memo @Bas eind maart", "plan @Bas eind maart")
    position = chat.position
    chat.say("Anna", command)
    (said,) = chat.says()
    assert (said.kind, said.asks, said.signs) == ("noted", True, ("✅",))
    assert "governance" in said.text.lower()
    assert "onvoldoende" in said.text
    chat.sign("Bas", "✅", said.number)
    assert [(one.kind, one.step) for one in chat.says()] == [("question", "ingredienten.governance.status")]
    for name in chat.people:
        chat.say(name, "deels", to=chat.asked)
    chat.say("Anna", "akkoord", to=chat.says()[0].number)
    assert chat.view.status_of("ingredienten.governance.status") == "deels"
    assert chat.position == position


@pytest.mark.parametrize("step", ["ingredienten.governance.stand", "ingredienten.governance.acties"])
def test_an_action_under_an_ingredient(tmp_path: Path, step: str) -> None:
    chat = rated(team(tmp_path))
    go(chat, step)
    act(chat, "memo @Bas eind maart")
    chat.say("Anna", "!gedaan 1")
    assert "onvoldoende" in chat.text
    assert chat.says()[0].asks


def test_an_action_under_a_pitfall(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "valkuilen.scope.geldt")
    chat.say("Anna", "ja")
    act(chat, "scope: memo @Anna eind maart")
    chat.say("Anna", "!gedaan 1")
    assert chat.says()[0].asks
    chat.say("Anna", "ja")
    assert [(one.kind, one.step) for one in chat.says()] == [("question", "valkuilen.scope.geldt")]


@pytest.mark.parametrize(
    "line", ["samenwerking: memo @Bas eind maart", "memo @Bas eind maart", "impact: memo @Bas eind maart"]
)
def test_nothing_to_look_at(tmp_path: Path, line: str) -> None:
    """What is voldoende already, and what belongs to no ingredient or pitfall."""
    chat = rated(team(tmp_path))
    go(chat, "impact.input")
    act(chat, line)
    chat.say("Anna", "!gedaan 1")
    assert [(one.kind, one.asks, one.signs) for one in chat.says()] == [("noted", False, ())]


def test_what_was_never_judged_is_not_looked_at_again(tmp_path: Path) -> None:
    chat = team(tmp_path)
    act(chat, "governance: memo @Bas eind maart")
    chat.say("Anna", "!gedaan 1")
    assert not chat.says()[0].asks


@pytest.mark.parametrize("before", ["!pauze", "!instellingen duwtjes uit"])
def test_not_in_a_pause_nor_without_nudges(tmp_path: Path, before: str) -> None:
    chat = rated(team(tmp_path))
    act(chat, "governance: memo @Bas eind maart")
    chat.say("Anna", before)
    chat.say("Anna", "!gedaan 1")
    assert (chat.says()[0].asks, action(chat).state) == (False, "done")


@pytest.mark.parametrize("word", ["nee", "verder", "ok"])
def test_alone_a_word_answers_it(tmp_path: Path, word: str) -> None:
    chat = rated(alone(tmp_path))
    act(chat, "governance: memo @Anna eind maart")
    asked = chat.asked
    chat.say("Anna", "!gedaan 1")
    chat.say("Anna", word)
    (said,) = chat.says()
    again = word == "ok"
    assert said.kind == "question"
    assert (said.step == "ingredienten.governance.status") is again
    assert said.number > asked


def test_anything_else_passes_it(tmp_path: Path) -> None:
    """A plain message in a room of one is for the question then, and a command does what it does."""
    chat = rated(alone(tmp_path))
    act(chat, "governance: memo @Anna eind maart", "governance: plan @Anna eind maart")
    step = chat.position
    chat.say("Anna", "!gedaan 1")
    chat.say("Anna", "wijkteam en scholen")
    assert chat.texts_of(step) == ["wijkteam en scholen"]
    chat.say("Anna", "!gedaan 2")
    number = chat.says()[0].number
    chat.say("Anna", "!acties")
    chat.sign("Anna", "✅", number)
    assert chat.last == []


def test_a_group_goes_on_beside_it(tmp_path: Path) -> None:
    chat = rated(team(tmp_path))
    act(chat, "governance: memo @Bas eind maart")
    chat.say("Anna", "!gedaan 1")
    number = chat.says()[0].number
    step = chat.position
    leave(chat)
    assert chat.position != step
    chat.sign("Bas", "✅", number)
    assert chat.says()[0].step == "ingredienten.governance.status"
