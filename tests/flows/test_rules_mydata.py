"""`!mijngegevens`: everything about who asks, to them alone. `!vergeetmij`: authorship goes, what was noted stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.files import Files
from flows import mydata
from flows.conversation.effects import Say
from flows.conversation.engine import Engine
from flows.conversation.events import Said, Unreachable
from flows.conversation.hearing import PRIVATE, Capabilities
from storage import forgetting, inbox, outbox, rooms
from tests.chat import BOOK, ROOM, TEXTS, Chat

CAN = Capabilities(files=("pdf", "json"), closed=PRIVATE, private=True)
MINE = "Ouders vragen veel eerder hulp"
NAME = "Wilhelmina-Bas"  # a name that stands nowhere else


def group(folder: Path, capabilities: Capabilities = CAN) -> Chat:
    """Bas did all that one can do in a room."""
    chat = Chat(folder, people=("Anna", NAME, "Celik"), capabilities=capabilities)
    chat.say("Anna", "!start")
    chat.say(NAME, "Jeugdhulp dichtbij", to=chat.asked)
    chat.say("Anna", "!ga impact.outcome")
    chat.say(NAME, "Ouders vragen eerder hulp", to=chat.asked)
    chat.edit(NAME, chat.event, "Ouders vragen veel eerder hulp")
    chat.say("Celik", "Leerkrachten bellen eerder", to=chat.asked)
    chat.sign(NAME, "❌", chat.event)
    chat.sign(NAME, "❌", f"e{chat.count - 1}", removed=True)
    chat.say(NAME, f"!actie memo schrijven @{NAME} 1 mei 2027")
    chat.say("Anna", f"!actie gat dichten @{NAME} 1 juni 2027")
    chat.say("Celik", "discussie")
    chat.sign(NAME, "✍️", chat.event)
    chat.say("Anna", "!ga routes.keuze")
    chat.say(NAME, "in, op", to=chat.asked)
    chat.say("Anna", "!verder")
    chat.say("Anna", "!ga impact.status")
    chat.sign(NAME, "🟢", chat.asked)
    chat.say(NAME, "!afwezig tot 15 januari")
    chat.say("Celik", "!actie taart kopen @Anna 3 mei 2027")
    chat.sign(NAME, "❌", chat.event)
    return chat


def in_files(chat: Chat, text: str) -> list[str]:
    """Where a text stands in the rows, by table."""
    found = []
    for (table,) in chat.conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        rows = chat.conn.execute(f'SELECT * FROM "{table}"').fetchall()
        found += [f"{table}: {row}" for row in rows if any(text in str(value) for value in row)]
    return found


# What is kept about me ------------------------------------------------------------------------------------------------


def test_it_comes_to_who_asks_alone(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say(NAME, "!mijngegevens")
    (said,) = chat.says()
    assert said.to == NAME
    for what in (NAME, "Ouders vragen veel eerder hulp", "memo schrijven", "gat dichten", "Routes", "doet mee"):
        assert what in said.text
    assert "Leerkrachten" not in said.text
    (file,) = chat.files()
    assert (file.to, file.about, file.form) == (NAME, NAME, "json")


def test_the_file_has_all_of_it(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say(NAME, "!mijngegevens")
    (wanted,) = chat.files()
    row = rooms.find(chat.conn, "console", ROOM)
    assert row is not None
    more = forgetting.of_person(chat.conn, "console", row, NAME)
    files = Files(BOOK, TEXTS)
    made = files.mine(chat.snapshot, str(wanted.about), chat.now, more)
    assert made.name == "mijngegevens-2026-11-23.json"
    found = json.loads(made.data)
    assert found["format"] == mydata.FORMAT
    assert found["person"]["away_until"]
    assert {one["text"] for one in found["answers"]} >= {"Jeugdhulp dichtbij", "Ouders vragen veel eerder hulp"}
    assert [one["words"] for one in found["choices"]] == [["in", "op"]]
    assert [one["word"] for one in found["open_votes"]] == ["voldoende"]
    assert {one["number"]: one["yours_to_do"] for one in found["actions"]} == {1: True, 2: True}
    assert found["signs_on_messages"]
    assert found["signs"]
    assert found["messages_to_you_alone"]
    assert "Leerkrachten" not in made.data.decode()


def test_every_row_that_names_somebody_is_in_their_data(tmp_path: Path) -> None:
    """Whatever names a person in a snapshot shows in what they get."""
    chat = group(tmp_path)
    found = json.dumps(mydata.as_json(chat.snapshot, NAME, chat.now), ensure_ascii=False)
    for one in chat.snapshot.taken.values():
        if NAME in (one.author, *one.marks, *one.hidden_by):
            assert f'"{one.event}"' in found
    for item in chat.snapshot.item.values():
        assert (item.text in found) == (item.author == NAME)


def test_alone_it_is_said_in_the_room(tmp_path: Path) -> None:
    chat = Chat(tmp_path, capabilities=CAN)
    chat.say("Anna", "!start")
    chat.say("Anna", "Jeugdhulp dichtbij")
    chat.say("Anna", "!mijngegevens")
    (said,) = chat.says()
    assert said.to is None
    assert "startte de coach hier" in said.text
    assert chat.files() == []  # it fits in the message


def test_where_nobody_can_be_told_alone_it_says_how(tmp_path: Path) -> None:
    chat = group(tmp_path, Capabilities(ways="teams", files=("json",), closed="card", cards=True))
    chat.say(NAME, "!mijngegevens")
    assert "Gemeente Voorbeeld" in chat.text
    assert "Jeugdhulp" not in chat.text
    assert chat.files() == []


def test_in_matrix_the_room_hears_where_it_comes(tmp_path: Path) -> None:
    chat = group(tmp_path, Capabilities(ways="matrix", files=("json",), closed=PRIVATE, private=True))
    chat.say(NAME, "!mijngegevens")
    alone, room = chat.says()
    assert (alone.to, room.to) == (NAME, None)
    assert "Jeugdhulp" not in room.text


TEAMS = Capabilities(ways="teams", files=("json",), cards=True, closed="card", private=True)


def test_in_teams_it_comes_alone_though_closed_votes_go_by_card(tmp_path: Path) -> None:
    chat = group(tmp_path, TEAMS)
    chat.say(NAME, "!mijngegevens")
    alone, room = chat.says()
    assert (alone.to, room.to, alone.card) == (NAME, None, None)
    assert "Jeugdhulp" in alone.text
    assert "Jeugdhulp" not in room.text
    assert "een chat met mij alleen" in room.text
    assert [one.to for one in chat.files()] == [NAME]


def test_what_does_not_fit_where_no_file_can_come_is_asked_for(tmp_path: Path) -> None:
    chat = group(tmp_path, Capabilities(ways="teams", cards=True, closed="card", private=True))
    chat.say(NAME, "!mijngegevens")
    assert "Alles zien? Vraag het aan Gemeente Voorbeeld." in chat.says()[0].text
    assert chat.files() == []


def unreachable(chat: Chat, who: str, kind: str = "info") -> tuple[Say, ...]:
    """What is said where somebody could not be told something alone."""
    turn = Engine(chat.setting).step(chat.snapshot, Unreachable(f"u:{who}", chat.now, who, kind))
    return tuple(one for one in turn.effects if isinstance(one, Say))


@pytest.mark.parametrize(("ways", "how"), [("teams", "Voeg mij in Teams toe"), ("matrix", "neem mijn uitnodiging aan")])
def test_who_can_t_be_reached_alone_hears_in_the_room_what_to_do(tmp_path: Path, ways: str, how: str) -> None:
    chat = group(tmp_path, Capabilities(ways=ways, files=("json",), private=True))
    chat.say(NAME, "!mijngegevens")
    (said,) = unreachable(chat, NAME)
    assert how in said.text
    assert f"@{NAME}" in said.text
    assert "Gemeente Voorbeeld" in said.text
    assert "Jeugdhulp" not in said.text
    assert (said.to, said.mentions, "\n" in said.text) == (None, (NAME,), False)
    assert unreachable(chat, NAME, kind="") == ()  # its file: the room heard it
    chat.members("Anna", "Celik")
    assert unreachable(chat, NAME) == ()  # who left


def test_what_is_said_to_that_message_is_kept_nowhere(tmp_path: Path) -> None:
    chat = group(tmp_path, TEAMS)
    chat.say(NAME, "!mijngegevens")
    number = chat.says()[0].number
    before = chat.export["steps"]
    chat.say(NAME, "dat klopt niet", to=number)
    (said,) = chat.says()
    assert said.to == NAME
    assert "Dat bericht was alleen voor jou" in said.text
    chat.say(NAME, "!mijngegevens", to=number)
    assert [one.to for one in chat.says()] == [NAME]  # who asks there, is told there
    assert chat.export["steps"] == before
    assert in_files(chat, "klopt niet") == []


def test_nobody_asks_for_another(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!sessie 45")
    chat.say("Celik", f"namens @{NAME}: !mijngegevens")
    assert all("Ouders" not in one.text for one in chat.says())
    assert all(one.to in (None, "Celik") for one in chat.says())


# Forget me ------------------------------------------------------------------------------------------------------------


def forget(chat: Chat, who: str = NAME) -> None:
    chat.say(who, "!vergeetmij")
    assert "Dit blijft" in chat.text
    chat.say(who, "!vergeetmij ja")


def test_name_and_id_are_gone_and_the_answers_stay(tmp_path: Path) -> None:
    chat = group(tmp_path)
    before = chat.export
    assert in_files(chat, NAME)
    forget(chat)
    assert NAME not in chat.text
    assert in_files(chat, NAME) == []
    assert chat.texts_of("impact.outcome") == [MINE, "Leerkrachten bellen eerder", "discussie"]
    assert chat.export["steps"]["routes.keuze"]["choices"] == before["steps"]["routes.keuze"]["choices"] == ["in", "op"]
    assert [(one["text"], one["owner"]) for one in chat.export["actions"]] == [
        ("memo schrijven", None), ("gat dichten", None),
    ]  # fmt: skip
    first, second, _ = chat.export["steps"]["impact.outcome"]["items"]
    assert (first["author"], first["author_id"], first["event"]) == (None, None, None)
    assert (second["author"], second["event"] is None) == ("Celik", False)


def test_events_that_lead_to_somebody_are_gone(tmp_path: Path) -> None:
    chat = group(tmp_path)
    events = [one.event for one in chat.snapshot.taken.values() if one.author == NAME]
    assert events
    forget(chat)
    known = {event for (event,) in chat.conn.execute("SELECT event FROM inbox UNION SELECT event FROM taken")}
    assert not known & set(events)


def test_open_votes_drop_and_the_message_shows_it(tmp_path: Path) -> None:
    chat = group(tmp_path)
    assert [one.member for one in chat.snapshot.vote.values()] == [NAME]
    forget(chat)
    assert chat.snapshot.vote == {}
    assert chat.edits()


def test_a_group_stays_a_group(tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=("Anna", NAME), capabilities=CAN)
    chat.say("Anna", "!start")
    forget(chat)
    assert chat.say("Anna", "wij praten maar wat") == []
    chat.members("Anna", NAME)  # the transport tells who is there
    assert in_files(chat, NAME) == []
    assert chat.say("Anna", "wij praten maar wat") == []


def test_who_says_something_again_takes_part_as_somebody_new(tmp_path: Path) -> None:
    chat = group(tmp_path)
    forget(chat)
    chat.say("Anna", "!ga impact.outcome")
    chat.say(NAME, "Buren helpen elkaar", to=chat.asked)
    items = chat.export["steps"]["impact.outcome"]["items"]
    assert [one["author"] for one in items] == [None, "Celik", "Celik", NAME]
    assert len(chat.snapshot.people()) == 3
    chat.members("Anna", NAME, "Celik")
    assert len(chat.snapshot.people()) == 3


def test_removing_a_message_later_still_takes_what_it_said(tmp_path: Path) -> None:
    chat = group(tmp_path)
    said = next(one.event for one in chat.snapshot.item.values() if one.text == "Ouders vragen veel eerder hulp")
    forget(chat)
    chat.edit(NAME, str(said), "heel iets anders")
    assert "heel iets anders" not in chat.texts_of("impact.outcome")
    chat.redact(NAME, str(said))
    assert chat.texts_of("impact.outcome") == ["Leerkrachten bellen eerder", "discussie"]


def test_a_cross_later_takes_it_back_too(tmp_path: Path) -> None:
    chat = group(tmp_path)
    said = next(one.event for one in chat.snapshot.item.values() if one.text == "Ouders vragen veel eerder hulp")
    forget(chat)
    chat.sign("Anna", "❌", str(said))
    assert chat.texts_of("impact.outcome") == ["Leerkrachten bellen eerder", "discussie"]


def test_what_comes_again_is_not_taken_again(tmp_path: Path) -> None:
    from bot.receiving import Receiver, people_of
    from bot.transports.base import Message

    chat = group(tmp_path)
    said = next(one.event for one in chat.snapshot.item.values() if one.text == "Ouders vragen veel eerder hulp")
    forget(chat)
    chat.say("Anna", "!ga impact.output")
    again = Message(ROOM, str(said), chat.now, NAME, "!antwoord nog eens hetzelfde")
    Receiver("console", chat.memory).take(chat.conn, [again], {ROOM: people_of(chat.snapshot)}, None)
    chat.settle()
    assert in_files(chat, "nog eens hetzelfde") == []


def test_it_takes_a_word_of_the_same_person(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say(NAME, "!vergeetmij ja")
    assert "Begin met" in chat.text
    chat.say(NAME, "!vergeetmij")
    chat.say("Anna", "!vergeetmij ja")
    assert "Begin met" in chat.text
    chat.wait(minutes=11)
    chat.say(NAME, "!vergeetmij ja")
    assert "Begin met" in chat.text
    chat.say(NAME, "!vergeetmij")
    chat.say(NAME, "!vergeetmij nee")
    assert "blijft zoals het is" in chat.text
    assert NAME in chat.snapshot.member


def test_two_people_can_be_asked_at_once(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say(NAME, "!vergeetmij")
    chat.say("Celik", "!vergeetmij")
    chat.say(NAME, "!vergeetmij ja")
    chat.say("Celik", "!vergeetmij ja")
    assert in_files(chat, NAME) == in_files(chat, "Celik") == []


def test_the_facilitator_is_told_what_that_means_and_nobody_inherits(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!vergeetmij")
    assert "alleen wie deze chat beheert" in chat.text
    chat.say("Anna", "!vergeetmij ja")
    assert chat.snapshot.room.facilitator is None
    chat.say(NAME, "!wis")
    assert "Gemeente Voorbeeld" in chat.text


def test_a_message_that_waits_names_nobody_any_more(tmp_path: Path) -> None:
    from flows.conversation.effects import Mark, Say

    chat = group(tmp_path)
    row = rooms.find(chat.conn, "console", ROOM)
    assert row is not None
    said = next(str(one.event) for one in chat.snapshot.taken.values() if one.author == NAME)
    waiting = [
        Say(90, "reminder", None, f"Vandaag: 1. memo · @{NAME}", reply_to=said, mentions=(NAME, "Anna")),
        Say(91, "info", None, "voor jou", to=NAME), Mark(said, "✍️"),
    ]  # fmt: skip
    for place, effect in enumerate(waiting):
        outbox.add(chat.conn, row, f"waits {place}", effect, chat.now)
    outbox_rows = "SELECT payload FROM outbox WHERE payload IS NOT NULL"
    chat.conn.execute("UPDATE room SET parked = 1")
    forget_quietly(chat)
    payloads = [json.loads(one) for (one,) in chat.conn.execute(outbox_rows)]
    assert all(
        NAME not in json.dumps(one) and said not in json.dumps(one).replace('"', " ").split() for one in payloads
    )
    kept: dict[str, Any] = next(one for one in payloads if one.get("number") == 90)
    assert kept["text"] == "Vandaag: 1. memo · iemand"
    assert (kept["mentions"], kept["reply_to"]) == (["Anna"], None)


def forget_quietly(chat: Chat) -> None:
    chat.say(NAME, "!vergeetmij")
    chat.say(NAME, "!vergeetmij ja")


def test_a_failed_turn_keeps_nothing_of_somebody(tmp_path: Path) -> None:
    chat = group(tmp_path)
    row = rooms.find(chat.conn, "console", ROOM)
    assert row is not None
    inbox.add(chat.conn, row, Said("f1", chat.now, NAME, "geheim van Bas"), chat.now)
    inbox.fail(chat.conn, chat.conn.execute("SELECT max(id) FROM inbox").fetchone()[0], "old")
    forget(chat)
    assert in_files(chat, "geheim van Bas") == []


@pytest.mark.parametrize("listed", [True, False])
def test_alone_one_can_be_forgotten_too(tmp_path: Path, listed: bool) -> None:
    chat = Chat(tmp_path, people=(NAME,) if listed else (), capabilities=CAN)
    chat.say(NAME, "!start")
    chat.say(NAME, "Jeugdhulp dichtbij")
    forget(chat)
    assert in_files(chat, NAME) == []
    assert chat.texts_of("pilot.naam") == ["Jeugdhulp dichtbij"]
    chat.say(NAME, "verder")
    assert chat.says()


def test_what_is_held_back_of_somebody_goes_with_them(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!ga impact.output")
    chat.say(NAME, "bel 06-12345678 voor meer", to=chat.asked)
    held = [one for one in chat.snapshot.prompts() if one.kind == "personal"]
    assert held
    told = json.dumps(mydata.as_json(chat.snapshot, NAME, chat.now))
    assert "06-12345678" not in told  # it is in no file: only that it is held is told
    assert '"found": ["phone"]' in told
    assert "06-12345678" not in json.dumps(mydata.as_json(chat.snapshot, "Anna", chat.now))
    forget(chat)
    assert in_files(chat, "06-12345678") == in_files(chat, NAME) == []
