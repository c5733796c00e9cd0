"""What the coach asks at once about an action: who does it, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.effects import Say
from flows.conversation.hearing import Capabilities
from tests.chat import Chat
from tests.flows.rules_rooms import alone, go, stored, team
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


def test_at_the_terminal_a_sentence_begins_with_a_capital(tmp_path: Path) -> None:
    chat = Chat(tmp_path, capabilities=Capabilities(ways="terminal"))
    chat.say("Anna", "!start")
    chat.say("Anna", "!actie memo schrijven")
    assert '"@Bas eind maart". Een lege regel = weten we nog niet' in chat.text


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
