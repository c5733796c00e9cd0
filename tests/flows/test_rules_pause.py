"""rules.md, "Where a room is": a pause, and that nothing addressed to the coach goes unanswered."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from flows.book.model import BEGIN, END
from tests.chat import Chat
from tests.flows.rules_rooms import alone, answer, asked_step, go, stored, team


def _paused(folder: Path, *people: str, at: str = "pilot.naam") -> Chat:
    chat = team(folder, *people) if people else alone(folder)
    if at != "pilot.naam":
        go(chat, at)
    chat.say("Anna", "!pauze")
    assert chat.snapshot.room.paused_at is not None
    return chat


def _resumed(chat: Chat) -> bool:
    return chat.snapshot.room.paused_at is None


COMMANDS = ["!overzicht", "!vraag", "!acties", "!actie memo schrijven", "!gedaan 1", "!uitleg", "!voorbeeld", "!hulp",
            "!privacy", "!instellingen", "!instellingen tempo kort", "!tempo kort", "!vorige", "!overslaan",
            "!weetniet", "!pauze", "!onbekend", "!hercheck"]  # fmt: skip


@pytest.mark.parametrize("said", COMMANDS)
def test_commands_work_without_resuming(tmp_path: Path, said: str) -> None:
    """ "`!pauze`: ... commands work without resuming" """
    chat = _paused(tmp_path, at="impact.outcome")
    chat.say("Anna", said)
    assert len(chat.says()) == 1
    assert not _resumed(chat)


@pytest.mark.parametrize("said", ["!start", "!verder", "!ga routes", "!wijzig outcome"])
def test_these_resume(tmp_path: Path, said: str) -> None:
    """ "`!start !verder !ga !wijzig` resume." """
    chat = _paused(tmp_path, at="impact.outcome")
    chat.say("Anna", said)
    assert _resumed(chat)
    assert asked_step(chat) in ("impact.outcome", "routes.aannemelijk")


def test_verder_after_a_pause_repeats_the_question(tmp_path: Path) -> None:
    """Resuming is no answer: the question stands there again, with where the team was."""
    chat = _paused(tmp_path, at="impact.outcome")
    chat.wait(days=3)
    chat.say("Anna", "verder")
    assert (asked_step(chat), chat.position, chat.state("impact.outcome")) == (
        "impact.outcome", "impact.outcome", "open",
    )  # fmt: skip
    assert "23 november" in chat.text


def test_antwoord_resumes_and_is_taken(tmp_path: Path) -> None:
    """ "`!antwoord`, a reply to a question and a vote resume and are taken." """
    chat = _paused(tmp_path)
    chat.say("Anna", "!antwoord Dichtbij")
    assert (chat.texts_of("pilot.naam"), _resumed(chat)) == (["Dichtbij"], True)


@pytest.mark.parametrize("people", [(), ("Anna", "Bas")])
def test_a_reply_to_a_question_resumes_and_is_taken(tmp_path: Path, people: tuple[str, ...]) -> None:
    """ "a reply to a question ... resume[s] and [is] taken" """
    chat = _paused(tmp_path, *people)
    answer(chat, "Dichtbij")
    assert (chat.texts_of("pilot.naam"), _resumed(chat)) == (["Dichtbij"], True)


@pytest.mark.parametrize("way", ["sign", "word"])
def test_a_vote_resumes_and_is_taken(tmp_path: Path, way: str) -> None:
    """ "and a vote resume and are taken" """
    chat = _paused(tmp_path, "Anna", "Bas", at="impact.status")
    if way == "sign":
        chat.sign("Bas", "🟠", chat.asked)
    else:
        answer(chat, "deels", "Bas")
    assert ([vote.word for vote in chat.view.votes("impact.status")], _resumed(chat)) == (["deels"], True)


def test_a_plain_message_in_a_room_of_one_comes_back_as_a_question(tmp_path: Path) -> None:
    """ "A plain message in a room of one resumes and comes back as "Is dit jullie antwoord? ✅"." """
    chat = _paused(tmp_path)
    chat.say("Anna", "Dichtbij")
    (said,) = chat.says()
    assert (said.kind, said.step, said.signs) == ("nudge", "pilot.naam", ("✅",))
    assert (chat.texts_of("pilot.naam"), _resumed(chat)) == ([], True)


@pytest.mark.parametrize("said", ["ja", "ok", "✅"])
def test_yes_takes_it(tmp_path: Path, said: str) -> None:
    """✅: it is noted, as what that message said."""
    chat = _paused(tmp_path)
    chat.say("Anna", "Dichtbij")
    event = chat.event
    if said == "✅":
        chat.sign("Anna", "✅", chat.says()[0].number)
    else:
        chat.say("Anna", said)
    (item,) = chat.export["steps"]["pilot.naam"]["items"]
    assert (item["text"], item["author"], item["event"]) == ("Dichtbij", "Anna", event)
    chat.say("Anna", "en dichterbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij", "en dichterbij"]


@pytest.mark.parametrize("said", ["nee", "verder", "!verder"])
def test_no_drops_it(tmp_path: Path, said: str) -> None:
    """Not the answer: nothing is noted, nor kept, and the question stands there again."""
    chat = _paused(tmp_path)
    chat.say("Anna", "Jansen is ziek")
    chat.say("Anna", said)
    assert (asked_step(chat), chat.texts_of("pilot.naam")) == ("pilot.naam", [])
    assert "Jansen" not in stored(chat)


def test_its_latest_text_is_noted(tmp_path: Path) -> None:
    """ "Edit by the author: the item follows": also while the coach still asks whether it is one."""
    chat = _paused(tmp_path)
    chat.say("Anna", "Dichtbij")
    chat.edit("Anna", chat.event, "Heel dichtbij")
    chat.say("Anna", "ja")
    assert chat.texts_of("pilot.naam") == ["Heel dichtbij"]


def test_what_was_removed_meanwhile_is_not_noted(tmp_path: Path) -> None:
    """ "Removal by the author ...: the item goes": also while the coach still asks; and its text goes with it."""
    chat = _paused(tmp_path)
    chat.say("Anna", "Jansen is ziek")
    chat.redact("Anna", chat.event)
    assert "Jansen" not in stored(chat)
    chat.say("Anna", "ja")
    assert chat.texts_of("pilot.naam") == []


def test_a_pause_with_a_nudge_open(tmp_path: Path) -> None:
    """ "A plain message in a room of one resumes and comes back": whatever stands open, it is not taken unasked."""
    chat = alone(tmp_path)
    go(chat, "impact.input")
    chat.say("Anna", "een hulpverlener")
    chat.say("Anna", "verder")
    assert [said.kind for said in chat.says()] == ["nudge"]
    chat.say("Anna", "!pauze")
    chat.say("Anna", "de training klopt niet")
    assert _resumed(chat)
    assert chat.texts_of("impact.status") == []
    assert len(chat.says()) == 1


def test_pausing_before_the_start_and_at_the_end(tmp_path: Path) -> None:
    """A pause is possible anywhere; `!start` begins, and at einde says where it is."""
    chat = alone(tmp_path, None)
    chat.say("Anna", "!pauze")
    assert chat.position == BEGIN
    chat.say("Anna", "!start")
    assert (asked_step(chat), _resumed(chat)) == ("pilot.naam", True)
    go(chat, "pilot.ritme")
    chat.say("Anna", "geen")
    chat.say("Anna", "!pauze")
    chat.say("Anna", "!start")
    assert (chat.position, len(chat.says()), _resumed(chat)) == (END, 1, True)


def test_what_is_deleted_after_a_day_is_so_in_a_pause_too(tmp_path: Path) -> None:
    """A pause holds reminders, not the deletion that was promised."""
    chat = alone(tmp_path)
    chat.say("Anna", "Jansen is ziek")
    chat.sign("Anna", "❌", chat.event)
    chat.say("Anna", "!pauze")
    chat.wait(hours=25)
    assert (chat.says(), "Jansen" in stored(chat)) == ([], False)


# Nothing goes unanswered ----------------------------------------------------------------------------------------------

PLACES = ["begin", "pilot.naam", "pilot.periode", "impact.beoogd", "impact.statement", "impact.status", "impact.acties",
          "ingredienten.oordeel", "valkuilen.scope.geldt", "pilot.ritme", "einde"]  # fmt: skip
ADDRESSED = ["hallo", "", "?", "???", "Wat bedoel je?", "ja", "nee", "verder", "stop", "weet niet", "1", "99", "- ",
             "!nietbestaand", "!antwoord", "!ga", "!wijzig", "!gedaan", "!uitstel 1 morgen", "!hercheck", "!export",
             "✅", "x" * 20_000]  # fmt: skip


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("way", ["one", "mention", "reply"])
@pytest.mark.parametrize("place", PLACES)
def test_nothing_addressed_to_the_coach_goes_unanswered(tmp_path: Path, place: str, way: str, paused: bool) -> None:
    """ "Nothing addressed to the coach goes unanswered." """
    chat = Chat(tmp_path, people=("Anna",) if way == "one" else ("Anna", "Bas"))
    if place != "begin":
        chat.say("Anna", "!start")
        go(chat, "pilot.ritme" if place == "einde" else place)
    if place == "einde":
        answer(chat, "geen")
    assert chat.position == place
    if paused:
        chat.say("Anna", "!pauze")
    room = chat.conn
    for text in ADDRESSED:
        chat.conn = sqlite3.connect(":memory:", isolation_level=None)  # each from the same moment on
        room.backup(chat.conn)
        to = chat.snapshot.room.messages if way == "reply" else None
        chat.say("Anna", text, to=to, mention=way == "mention")
        assert chat.last, text[:20]
        assert len(chat.says()) <= 1, text[:20]
        assert all(said.kind != "error" for said in chat.says()), text[:20]
        chat.conn.close()
    chat.conn = room
