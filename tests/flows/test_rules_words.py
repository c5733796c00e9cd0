"""rules.md, "What is for the coach": words that mean something by themselves, questions back, replies to what was left,
and how the coach says that it listens.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.hearing import Capabilities
from tests.chat import Chat
from tests.flows.rules_rooms import alone, answer, asked_step, go, team, walk

# Words ---------------------------------------------------------------------------------------------------------------

NEXT = ["verder", "klaar", "volgende", "Verder", " KLAAR ", "volgende.", "verder!", "klaar...", "Verder?!"]
AGREE = ["ok", "ja", "eens", "akkoord", "klopt", "OK!", "Klopt.", " Ja "]
UNKNOWN = ["weet niet", "weet ik niet", "geen idee", "Weet ik niet.", "GEEN IDEE!", "weet  niet"]


@pytest.mark.parametrize("said", [*NEXT, *AGREE])
@pytest.mark.parametrize("way", ["one", "mention", "reply", "thread"])
def test_words_to_go_on(tmp_path: Path, said: str, way: str) -> None:
    """ "Addressed to the coach (or plain in a room of one), after trimming, case and end punctuation, exactly:
    `verder`, `klaar`, `volgende` = `!verder`; `ok`, `ja`, `eens`, `akkoord`, `klopt` = ✅" """
    chat = alone(tmp_path) if way == "one" else team(tmp_path)
    number = chat.asked
    match way:
        case "one":
            chat.say("Anna", said)
        case "mention":
            chat.say("Anna", f"@coach {said}", mention=True)
        case "reply":
            chat.say("Anna", said, to=number)
        case _:
            chat.say("Anna", said, thread=number)
    assert (asked_step(chat), chat.texts_of("pilot.naam")) == ("pilot.periode", [])


@pytest.mark.parametrize("said", UNKNOWN)
@pytest.mark.parametrize("step", ["impact.outcome", "impact.status", "impact.beoogd", "pilot.periode", "pilot.ritme"])
def test_words_for_not_knowing(tmp_path: Path, said: str, step: str) -> None:
    """ "`weet niet`, `weet ik niet`, `geen idee` = `!weetniet`" """
    chat = alone(tmp_path)
    go(chat, step)
    chat.say("Anna", said)
    assert chat.state(step) == "unknown"
    assert chat.texts_of(step) == []


@pytest.mark.parametrize("said", ["stop", "Stop!", " STOP. "])
@pytest.mark.parametrize("step", ["pilot.naam", "impact.status", "routes.keuze", "ingredienten.oordeel"])
def test_stop_is_a_pause(tmp_path: Path, said: str, step: str) -> None:
    """ "`stop` = `!pauze`" """
    chat = alone(tmp_path)
    go(chat, step)
    chat.say("Anna", said)
    assert chat.snapshot.room.paused_at is not None
    assert chat.position == step


MORE = ["verder kijken", "ja hoor", "ok dan", "we zijn klaar", "verder\nnog iets", "stop nu", "weet niet goed"]


@pytest.mark.parametrize("said", MORE)
def test_exactly_these_words(tmp_path: Path, said: str) -> None:
    """ "exactly": more than the word is an answer."""
    chat = alone(tmp_path)
    chat.say("Anna", said)
    assert chat.texts_of("pilot.naam") == [said]


def test_at_applies_ja_is_the_vote(tmp_path: Path) -> None:
    """ "(at *applies*, `ja` is the vote; where a word is also an answer of the step, it is the answer)" """
    chat = alone(tmp_path)
    go(chat, "valkuilen.scope.geldt")
    chat.say("Anna", "ja")
    assert chat.export["steps"]["valkuilen.scope.geldt"]["status"] == "ja"


def test_at_applies_in_a_group_ja_is_the_vote(tmp_path: Path) -> None:
    """The same by a reply: the vote of who said it, and the question stays open."""
    chat = team(tmp_path)
    go(chat, "valkuilen.scope.geldt")
    answer(chat, "Ja.", "Bas")
    assert [(vote.member, vote.word) for vote in chat.view.votes("valkuilen.scope.geldt")] == [("Bas", "ja")]


@pytest.mark.parametrize("said", ["ok", "akkoord", "klopt", "eens"])
def test_at_applies_the_other_words_are_no_vote(tmp_path: Path, said: str) -> None:
    """Only `ja` is an answer there."""
    chat = alone(tmp_path)
    go(chat, "valkuilen.scope.geldt")
    chat.say("Anna", said)
    assert chat.export["steps"]["valkuilen.scope.geldt"]["status"] is None


# Questions back ----------------------------------------------------------------------------------------------------

TWELVE = "een twee drie vier vijf zes zeven acht negen tien elf twaalf?"


@pytest.mark.parametrize("text", ["Wat bedoel je?", "hoezo?", TWELVE, "120 gezinnen?"])
@pytest.mark.parametrize("step", ["impact.outcome", "impact.acties", "impact.statement"])
def test_a_question_gets_the_explanation_and_is_not_noted(tmp_path: Path, text: str, step: str) -> None:
    """ "A single line of at most twelve words that ends in "?" gets the explanation of the step and is not noted (the
    coach says: zet ✍️ als dit een antwoord was)" """
    chat = team(tmp_path)
    go(chat, step)
    before = chat.export["steps"][step]
    answer(chat, text, "Bas")
    (said,) = chat.says()
    assert (said.kind, said.step, chat.position) == ("help", step, step)
    assert chat.book.steps[step].form.why in said.text
    assert "✍️" in said.text
    assert (chat.export["steps"][step], chat.export["actions"], chat.marks()) == (before, [], [])


def test_marked_it_is_the_answer(tmp_path: Path) -> None:
    """ "zet ✍️ als dit een antwoord was" """
    chat = team(tmp_path)
    go(chat, "impact.outcome")
    answer(chat, "Bellen ouders eerder?", "Bas")
    chat.sign("Bas", "✍️", chat.event)
    assert chat.texts_of("impact.outcome") == ["Bellen ouders eerder?"]


def test_in_a_room_of_one_the_way_that_it_names_works(tmp_path: Path) -> None:
    """Whichever way the coach names to note it after all, that way notes it."""
    chat = alone(tmp_path)
    go(chat, "impact.outcome")
    chat.say("Anna", "Bellen ouders eerder?")
    assert chat.texts_of("impact.outcome") == []
    if "!antwoord" in chat.text:
        chat.say("Anna", "!antwoord Bellen ouders eerder?")
    else:
        assert "✍️" in chat.text
        chat.sign("Anna", "✍️", chat.event)
    assert chat.texts_of("impact.outcome") == ["Bellen ouders eerder?"]


NO_QUESTION = [f"nul {TWELVE}", "Bellen ouders?\nEn wanneer?", "120?", "!antwoord Hoezo?", "Hoezo? Daarom."]


@pytest.mark.parametrize("text", NO_QUESTION)
def test_what_is_no_question_is_noted(tmp_path: Path, text: str) -> None:
    """ "single line", "at most twelve words", "ends in "?"", "messages with a letter in them" """
    chat = alone(tmp_path)
    go(chat, "impact.outcome")
    chat.say("Anna", text)
    assert chat.texts_of("impact.outcome") == [text.removeprefix("!antwoord ")]


@pytest.mark.parametrize("text", ["?", "???", "?!"])
def test_signs_alone_are_no_question_about_the_step(tmp_path: Path, text: str) -> None:
    """ "and for messages with a letter in them" """
    chat = alone(tmp_path)
    go(chat, "impact.outcome")
    chat.say("Anna", text)
    assert chat.last
    assert all(chat.book.steps["impact.outcome"].form.why not in said.text for said in chat.says())


READ = [
    ("impact.status", "?"),
    ("impact.status", "deels?"),
    ("routes.keuze", "in?"),
    ("ingredienten.oordeel", "v d o o ? d v ?"),
]


@pytest.mark.parametrize(("step", "text"), READ)
def test_what_reads_as_an_answer_is_the_answer(tmp_path: Path, step: str, text: str) -> None:
    """ "What reads as an answer of the step's kind is the answer." """
    chat = alone(tmp_path)
    go(chat, step)
    chat.say("Anna", text)
    assert chat.state(step) in ("answered", "unknown")


@pytest.mark.parametrize("step", ["impact.status", "routes.keuze", "pilot.periode", "ingredienten.oordeel"])
def test_elsewhere_a_question_is_an_answer_that_cannot_be_read(tmp_path: Path, step: str) -> None:
    """ "only for text, actions and statement": elsewhere one line of help."""
    chat = alone(tmp_path)
    go(chat, step)
    chat.say("Anna", "Wat bedoel je?")
    assert (chat.says()[0].kind, chat.state(step)) == ("help", "open")
    assert chat.book.steps[step].form.why not in chat.text


# Replies to what was left --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["to", "thread"])
@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
def test_a_reply_belongs_to_the_step_it_points_at(tmp_path: Path, way: str, people: tuple[str, ...]) -> None:
    """ "A reply or thread message belongs to the step of the message it points at, also when the team has moved on: it
    is added there, marked, and the position stays." """
    chat = team(tmp_path, *people) if len(people) > 1 else alone(tmp_path)
    first = chat.asked
    answer(chat, "Dichtbij")
    chat.say("Anna", "!verder")
    chat.say(people[-1], "Heel dichtbij", **{way: first})  # type: ignore[arg-type]
    assert chat.texts_of("pilot.naam") == ["Dichtbij", "Heel dichtbij"]
    assert ([mark.key for mark in chat.marks()], chat.says(), chat.position) == (["✍️"], [], "pilot.periode")
    assert [(edit.number, "Heel dichtbij" in edit.text) for edit in chat.edits()] == [(first, True)]


def test_a_reply_to_an_action_question_that_was_left_is_an_action(tmp_path: Path) -> None:
    """ "it is added there", by the kind of that step."""
    chat = team(tmp_path)
    go(chat, "impact.acties")
    first = chat.asked
    go(chat, "routes")
    chat.say("Bas", "nulmeting doen @Anna", to=first)
    assert [(one["text"], one["owner"], one["step"]) for one in chat.export["actions"]] == [
        ("nulmeting doen", "Anna", "impact.acties")
    ]


def test_a_reply_to_an_explanation_belongs_to_its_step(tmp_path: Path) -> None:
    """ "the step of the message it points at": also where that message only helped."""
    chat = team(tmp_path)
    chat.say("Anna", "!uitleg outcome")
    chat.say("Bas", "ouders bellen eerder", to=chat.says()[0].number)
    assert (chat.texts_of("impact.outcome"), chat.position) == (["ouders bellen eerder"], "pilot.naam")


@pytest.mark.parametrize("what", ["welcome", "!overzicht", "!privacy"])
def test_a_reply_to_a_message_without_a_step_is_not_lost(tmp_path: Path, what: str) -> None:
    """Nothing addressed to the coach goes unanswered, and what belongs to no question is not noted unasked."""
    chat = team(tmp_path)
    number = 1
    if what != "welcome":
        chat.say("Anna", what)
        number = chat.says()[0].number
    chat.say("Bas", "Dichtbij", to=number)
    assert chat.last
    assert chat.texts_of("pilot.naam") == []


# How it listens ------------------------------------------------------------------------------------------------------

# What a text would have to name for a way that a transport can't see.
ELSEWHERE = {
    "chat": ("/reageer", "/zet", "lege regel"),
    "terminal": ("Beantwoord dit bericht", "Beantwoorden op mijn vraag"),
}


@pytest.mark.parametrize("ways", ["chat", "terminal"])
@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
def test_no_text_names_a_way_that_the_transport_cannot_see(tmp_path: Path, ways: str, people: tuple[str, ...]) -> None:
    """ "The how-to line and the listening sentence come from the catalogue by the transport's capabilities ...: no text
    names a way that the transport can't see" """
    chat = Chat(tmp_path, people=people, capabilities=Capabilities(ways=ways))
    chat.say("Anna", "!tempo kort")
    for text in ("Dichtbij", "!weetniet", "!hulp", "!privacy", "Hoezo?", "!acties", "!actie x", "!overzigt", "!pauze"):
        chat.say("Anna", text)
    chat.say("Anna", "!verder")
    chat.say("Anna", "!wijzig naam")
    chat.members("Anna", "Bas", "Cem")
    chat.members("Anna")
    walk(chat)
    texts = [one.text for one in [*chat.says(chat.seen), *chat.edits(chat.seen)]]
    assert not [text for text in texts if any(way in text for way in ELSEWHERE[ways])]


def test_no_way_stands_in_a_book(tmp_path: Path) -> None:
    """ "never from a book" """
    chat = Chat(tmp_path)
    for step in chat.book.steps.values():
        form = step.form
        for text in (form.question, form.why, form.help, form.example):
            assert not any(way in text for way in ("✍", "✅", "/reageer", "Beantwoord", "!verder")), step.id
