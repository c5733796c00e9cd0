"""`!wis`: a facilitator's, asked twice, the archive first; then nothing is left, and the coach is silent."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from flows.conversation.hearing import Capabilities
from storage import rooms
from tests.chat import ROOM, Chat

FILES = Capabilities(files=("pdf", "json"))
NOTED = "Leerkrachten bellen het wijkteam eerder"


def group(folder: Path, *, moderators: tuple[str, ...] = (), **values: object) -> Chat:
    chat = Chat(folder, people=("Anna", "Bas", "Celik"), moderators=moderators, capabilities=FILES, **values)
    chat.say("Anna", "!start")
    chat.say("Bas", NOTED, to=chat.asked)
    return chat


def code_of(chat: Chat) -> str:
    found = re.search(r"`!wis (\d{4})`", chat.text)
    assert found is not None
    return found[1]


def erase(chat: Chat, who: str = "Anna") -> None:
    chat.say(who, "!wis")
    chat.say(who, "!wis verder")
    chat.say(who, f"!wis {code_of(chat)}")


def is_erased(chat: Chat) -> bool:
    return rooms.find(chat.conn, "console", ROOM) is None


def test_it_takes_two_confirmations_and_one_last_message(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!wis")
    for what in ("antwoorden", "Terughalen kan niet", "ook die van mij", "reservekopieën", "archief", "`!wis verder`"):
        assert what in chat.text
    chat.say("Anna", "!wis verder")
    code = code_of(chat)
    assert not is_erased(chat)
    chat.say("Anna", f"!wis {code}")
    assert "is gewist" in chat.text
    assert NOTED not in chat.text
    assert is_erased(chat)


def test_after_it_the_coach_is_silent_until_it_is_started_anew(tmp_path: Path) -> None:
    chat = group(tmp_path)
    erase(chat)
    before = chat.says(chat.seen)[-1].number
    for said in ("hallo", "!overzicht", "!wis", "@coach wat weet je nog?", "!start maar niet"):
        assert chat.say("Bas", said, mention=True) == []
    assert chat.sign("Bas", "✍️", chat.event) == []
    assert chat.sign("Bas", "✅", 2) == []
    assert chat.members("Anna", "Bas") == []
    assert is_erased(chat)
    chat.say("Bas", "!start")
    assert [one.kind for one in chat.says()] == ["welcome", "question"]
    assert chat.says()[0].number == before + 1
    assert chat.texts_of("pilot.naam") == []
    assert chat.say("Anna", "wij praten maar wat") == []  # who is there is known: it is a group
    assert chat.snapshot.room.facilitator == "Bas"


def test_a_reply_to_what_was_said_before_is_nothing(tmp_path: Path) -> None:
    chat = group(tmp_path)
    asked = chat.asked
    erase(chat)
    chat.say("Anna", "!start")
    assert chat.say("Bas", NOTED, to=asked) == []
    assert chat.sign("Bas", "✅", asked) == []


def test_a_start_of_before_it_does_not_begin_anew(tmp_path: Path) -> None:
    """Something that comes late, as after a gap."""
    chat = group(tmp_path)
    erase(chat)
    later, chat.now = chat.now, chat.now.replace(hour=1)
    assert chat.say("Bas", "!start") == []
    chat.now = later
    assert chat.say("Bas", "!start") != []


def test_somebody_else_can_not_begin_it(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Bas", "!wis")
    assert "is voor wie de coach hier startte" in chat.text
    assert not chat.snapshot.prompt or all(one.kind != "erase" for one in chat.snapshot.prompts())


def test_somebody_else_can_not_confirm_it(tmp_path: Path) -> None:
    chat = group(tmp_path, moderators=("Celik",))
    chat.say("Anna", "!wis")
    chat.say("Celik", "!wis verder")
    assert "Alleen wie `!wis` begon" in chat.text
    chat.say("Anna", "!wis verder")
    code = code_of(chat)
    chat.say("Celik", f"!wis {code}")
    assert "Alleen wie `!wis` begon" in chat.text
    chat.say("Bas", f"!wis {code}")
    assert "is voor wie" in chat.text
    assert not is_erased(chat)


def test_nobody_confirms_for_another(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!sessie 45")
    chat.say("Anna", "!wis")
    chat.say("Anna", "!wis verder")
    code = code_of(chat)
    chat.say("Bas", f"namens @Anna: !wis {code}")
    assert not is_erased(chat)
    assert "is voor wie" in chat.text


@pytest.mark.parametrize("said", ["nee", "Nee!", "stop"])
@pytest.mark.parametrize("stage", [1, 2])
def test_a_plain_no_leaves_it_and_is_no_answer(tmp_path: Path, stage: int, said: str) -> None:
    chat = Chat(tmp_path, capabilities=FILES)
    chat.say("Anna", "!start")
    chat.say("Anna", "!wis")
    if stage == 2:
        chat.say("Anna", "!wis verder")
    chat.say("Anna", said)
    assert chat.text == "Oké, ik wis niets."
    assert chat.texts_of("pilot.naam") == []
    assert chat.snapshot.room.paused_at is None
    chat.say("Anna", "!wis verder")
    assert "Begin met `!wis`" in chat.text


def test_in_a_group_a_plain_no_is_a_reply_of_who_began(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!wis")
    asked = chat.says()[0].number
    assert chat.say("Anna", "nee") == []  # said to the others
    chat.say("Bas", "nee", to=asked)
    assert "Oké" not in "".join(one.text for one in chat.says())
    assert [one for one in chat.snapshot.prompts() if one.kind == "erase"]
    chat.say("Anna", "nee", to=asked)
    assert chat.text == "Oké, ik wis niets."


def test_a_no_to_what_was_asked_later_is_that(tmp_path: Path) -> None:
    chat = Chat(tmp_path, capabilities=FILES)
    chat.say("Anna", "!start")
    chat.say("Anna", "!wis")
    chat.say("Anna", "!overzigt")
    chat.say("Anna", "nee")
    assert "Oké, ik wis niets." not in [one.text for one in chat.says()]
    chat.say("Anna", "!wis verder")
    code_of(chat)


def test_the_archive_is_offered_once_to_who_is_alone(tmp_path: Path) -> None:
    chat = Chat(tmp_path, capabilities=FILES)
    chat.say("Anna", "!start")
    chat.say("Anna", "!wis")
    assert chat.text.count("!export pdf") == 1


def test_a_moderator_who_did_not_start_can(tmp_path: Path) -> None:
    chat = group(tmp_path, moderators=("Celik",))
    erase(chat, "Celik")
    assert is_erased(chat)


def test_who_is_no_moderator_any_more_can_not_confirm(tmp_path: Path) -> None:
    chat = group(tmp_path, moderators=("Celik",))
    chat.say("Celik", "!wis")
    chat.say("Celik", "!wis verder")
    code = code_of(chat)
    chat.members("Anna", "Bas", "Celik", moderators=())
    chat.say("Celik", f"!wis {code}")
    assert not is_erased(chat)


def test_where_no_facilitator_is_left_only_the_operator_erases(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.members("Bas", "Celik")
    chat.say("Bas", "!wis")
    assert "Gemeente Voorbeeld" in chat.text
    assert not is_erased(chat)


@pytest.mark.parametrize("minutes", [11, 60 * 24])
def test_it_is_over_after_ten_minutes(tmp_path: Path, minutes: float) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!wis")
    chat.wait(minutes=minutes)
    assert not [one for one in chat.snapshot.prompts() if one.kind == "erase"]
    chat.say("Anna", "!wis verder")
    assert "Begin met `!wis`" in chat.text
    chat.say("Anna", "!wis")
    chat.say("Anna", "!wis verder")
    code = code_of(chat)
    chat.wait(minutes=minutes)
    chat.say("Anna", f"!wis {code}")
    assert not is_erased(chat)


def test_it_is_over_also_where_no_timer_came(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!wis")
    chat.say("Anna", "!wis verder")
    code = code_of(chat)
    chat.now += timedelta(minutes=11)
    chat.say("Anna", f"!wis {code}")
    assert not is_erased(chat)


@pytest.mark.parametrize("said", ["!wis 0000", "!wis verder", "!wis ja", "!wis alles", "!wis 12345"])
def test_nothing_but_the_number_erases(tmp_path: Path, said: str) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!wis")
    chat.say("Anna", "!wis verder")
    code = code_of(chat)
    chat.say("Anna", said)
    assert code in chat.text
    assert not is_erased(chat)


def test_the_number_alone_is_no_first_step(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!wis")
    chat.say("Anna", "!wis verder")
    code = code_of(chat)
    chat.say("Anna", "!wis")
    chat.say("Anna", f"!wis {code}")
    assert not is_erased(chat)


@pytest.mark.parametrize("said", ["!wis stop", "!wis nee", "!wis niet nu"])
def test_it_can_be_left(tmp_path: Path, said: str) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!wis")
    chat.say("Anna", said)
    assert "Oké" in chat.text
    chat.say("Anna", "!wis verder")
    assert "Begin met `!wis`" in chat.text


def test_a_tap_gives_the_archive_once_and_only_to_who_began(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!wis")
    number = chat.says()[-1].number
    assert chat.says()[-1].signs == ("✅",)
    assert chat.sign("Bas", "✅", number) == []
    chat.sign("Anna", "✅", number)
    assert [one.form for one in chat.files()] == ["pdf"]
    assert chat.sign("Anna", "✅", number) == []
    chat.say("Anna", "!wis verder")  # it goes on where it was
    assert code_of(chat)


def test_alone_it_is_erased_as_well_and_a_plain_message_erases_nothing(tmp_path: Path) -> None:
    chat = Chat(tmp_path, capabilities=FILES)
    chat.say("Anna", "!start")
    chat.say("Anna", NOTED)
    chat.say("Anna", "!wis")
    chat.say("Anna", "!wis verder")
    code = code_of(chat)
    chat.say("Anna", code)
    assert not is_erased(chat)
    chat.say("Anna", f"!wis {code}")
    assert is_erased(chat)
    assert chat.say("Anna", "hallo") == []


def test_where_no_file_can_be_posted_the_operator_is_named(tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=("Anna", "Bas"))
    chat.say("Anna", "!start")
    chat.say("Anna", "!wis")
    assert "vraag het aan Gemeente Voorbeeld" in chat.text
    assert chat.says()[-1].signs == ()


def test_the_open_question_is_not_disturbed(tmp_path: Path) -> None:
    chat = group(tmp_path)
    asked = chat.asked
    chat.say("Anna", "!wis")
    chat.say("Bas", "en nog iets dat wij willen", to=asked)
    assert len(chat.texts_of("pilot.naam")) == 2 or chat.position != "pilot.naam"
    chat.say("Anna", "!wis verder")
    assert code_of(chat)


def test_a_locked_room_is_not_erased(tmp_path: Path) -> None:
    chat = group(tmp_path, locked=frozenset({ROOM}))
    chat.say("Anna", "!wis")
    assert "op slot" in chat.text
    chat.say("Anna", "!wis verder")
    assert not is_erased(chat)


def test_what_waited_in_the_same_delivery_goes_with_the_room(tmp_path: Path) -> None:
    """Erased in the middle of a batch of turns: nothing that came behind it brings the room back."""
    from bot.receiving import Receiver, people_of
    from bot.transports.base import Message

    chat = group(tmp_path)
    chat.say("Anna", "!wis")
    chat.say("Anna", "!wis verder")
    code = code_of(chat)
    batch = [
        Message(ROOM, "b1", chat.now, "Bas", f"!antwoord {NOTED} nog eens"),
        Message(ROOM, "b2", chat.now, "Anna", f"!wis {code}"),
        Message(ROOM, "b3", chat.now, "Bas", f"!antwoord {NOTED} te laat"),
    ]
    Receiver("console", chat.memory).take(chat.conn, batch, {ROOM: people_of(chat.snapshot)}, None)
    said = [one.text for one in chat.says(chat.settle()) if one.kind != "noted"]
    assert len(said) == 1
    assert "is gewist" in said[0]
    assert is_erased(chat)
    assert chat.conn.execute("SELECT count(*) FROM inbox").fetchone() == (0,)
