"""Personal data in what people write: wherever a text is kept it is held back, for a day at most, and is nowhere else.

The forms that are found are in `test_personal`, the conversation about it in the transcripts `personal_*`.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows import mydata
from flows.conversation.cards import KEEP, NO, SAVE
from flows.conversation.effects import Edit, Say
from flows.conversation.hearing import CARD, Capabilities
from flows.conversation.held import KIND, pack, unpack
from flows.conversation.marks import AGREE, BACK
from flows.conversation.snapshot import Prompt
from flows.personal import spot
from storage import held, rooms
from tests.chat import Chat
from tests.flows.answer_rooms import at, one, team
from tests.flows.spaced_rooms import number_of, spread_out
from tests.flows.texts import OWN_TEXTS

TEXT, STATUS, MULTI, GRID = "impact.vraagstuk", "impact.status", "routes.keuze", "ingredienten.oordeel"
NUMBER = "06-87654321"
CARDS = Capabilities(ways="teams", marks=False, cards=True, closed=CARD)


def prompts(chat: Chat) -> list[Prompt]:
    return [one for one in chat.snapshot.prompts() if one.kind == KIND]


def kept(chat: Chat) -> str:
    """Every row of the database, but for what is held."""
    tables = [name for (name,) in chat.conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()]
    rows = [(table, row) for table in tables for row in chat.conn.execute(f'SELECT * FROM "{table}"').fetchall()]
    return json.dumps([[table, *row] for table, row in rows if not (table == "prompt" and KIND in row)], default=str)


def canvas(chat: Chat) -> dict[str, Any]:
    return {name: value for name, value in chat.export.items() if name != "exported_at"}


def seen(chat: Chat) -> str:
    """All that the coach said."""
    return "\n".join(one.text for one in chat.seen if isinstance(one, Say | Edit))


def is_held(chat: Chat) -> bool:
    """Whether the number is held, and stands nowhere else: in no row, no message, no export."""
    assert "87654321" not in re.sub(r"\W", "", kept(chat) + seen(chat) + json.dumps(chat.export))
    (prompt,) = prompts(chat)
    return "87654321" in json.dumps(prompt.data["held"]) and prompt.data["found"] == ["phone"]


# Every way in ---------------------------------------------------------------------------------------------------------

WAYS: dict[str, Callable[[Path], Chat]] = {}


def way(play: Callable[[Path], Chat]) -> Callable[[Path], Chat]:
    WAYS[play.__name__] = play
    return play


@way
def a_plain_message(folder: Path) -> Chat:
    chat = one(folder, TEXT)
    chat.say("Anna", f"Bel {NUMBER}")
    return chat


@way
def a_reply(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Bas", f"Bel {NUMBER}", to=chat.asked)
    return chat


@way
def a_message_in_a_thread(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Bas", f"Bel {NUMBER}", thread=chat.asked)
    return chat


@way
def a_mention(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Bas", f"@coach Bel {NUMBER}", mention=True)
    return chat


@way
def a_command(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Bas", f"!antwoord Bel {NUMBER}")
    return chat


@way
def a_mark(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Bas", f"Bel {NUMBER}")
    chat.sign("Anna", "✍️", chat.event)
    return chat


@way
def one_of_several_items(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Bas", f"- Ouders bellen\n- Bel {NUMBER}\n- Klaar", to=chat.asked)
    return chat


@way
def an_answer_on_a_card(folder: Path) -> Chat:
    chat = team_with_cards(folder, TEXT)
    chat.press("Bas", chat.asked, SAVE, f"Bel {NUMBER}")
    return chat


@way
def another_choice_on_a_card(folder: Path) -> Chat:
    chat = team_with_cards(folder, "pilot.ontbreekt")
    at(chat, "valkuilen.omstandigheden.welke")
    chat.press("Bas", chat.asked, SAVE, f"Bel {NUMBER}")
    return chat


@way
def another_choice(folder: Path) -> Chat:
    chat = team(folder, "valkuilen.omstandigheden.welke")
    chat.say("Bas", f"anders: bel {NUMBER}", to=chat.asked)
    return chat


@way
def an_edit(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Bas", "Bel het loket", to=chat.asked)
    chat.edit("Bas", chat.event, f"Bel {NUMBER}")
    return chat


@way
def an_action(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Bas", f"!actie Sam bellen op {NUMBER} @Anna vrijdag")
    return chat


@way
def an_action_that_is_edited(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Bas", "!actie Sam bellen @Anna vrijdag")
    chat.edit("Bas", chat.event, f"!actie Sam bellen op {NUMBER} @Anna vrijdag")
    return chat


@way
def an_action_handed_over(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Bas", "!actie Sam bellen @Anna vrijdag")
    chat.say("Bas", f"!overdragen 1 Sam {NUMBER}")
    return chat


@way
def who_does_an_action(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Bas", "!actie loket bellen")
    chat.say("Bas", f"Sam van {NUMBER}", to=chat.says()[-1].number)
    if not prompts(chat):  # that is nobody's name: nothing was kept, so nothing is held
        chat.say("Bas", f"!actie Sam van {NUMBER}")
    return chat


@way
def somebody_elses_words(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Anna", "!sessie 30")
    chat.say("Anna", f"namens @Bas: Bel {NUMBER}")
    return chat


@way
def a_view(folder: Path) -> Chat:
    chat = differ(folder)
    chat.say("Bas", f"Vraag {NUMBER}", to=chat.asked)
    return chat


@way
def why_somebody_does_not_agree(folder: Path) -> Chat:
    chat = differ(folder)
    chat.sign("Anna", AGREE, chat.asked)
    chat.say("Bas", f"niet eens: vraag {NUMBER}", to=chat.asked)
    return chat


@way
def a_changed_item(folder: Path) -> Chat:
    chat = one(folder, TEXT)
    chat.say("Anna", "Ouders bellen")
    chat.say("Anna", f"!wijzig {TEXT}")
    chat.say("Anna", f"1: Bel {NUMBER}")
    return chat


@way
def a_statement(folder: Path) -> Chat:
    chat = one(folder, "impact.statement")
    chat.say("Anna", f"Iedereen belt {NUMBER}")
    return chat


@way
def a_name(folder: Path) -> Chat:
    chat = one(folder, "pilot.naam")
    chat.say("Anna", f"Pilot {NUMBER}")
    return chat


@way
def a_command_that_is_not_there(folder: Path) -> Chat:
    """The coach asks whether another was meant, and would keep the rest for that."""
    chat = team(folder, TEXT)
    chat.say("Bas", f"!aktie Bel {NUMBER}")
    return chat


@way
def a_reply_to_no_question(folder: Path) -> Chat:
    chat = team(folder, TEXT)
    chat.say("Anna", "!privacy")
    chat.say("Bas", f"Bel {NUMBER}", to=chat.says()[-1].number)
    return chat


@way
def after_a_pause(folder: Path) -> Chat:
    chat = one(folder, TEXT)
    chat.say("Anna", "!pauze")
    chat.say("Anna", f"Bel {NUMBER}")
    return chat


@way
def a_team_that_is_spread_out(folder: Path) -> Chat:
    chat = spread_out(folder)
    chat.say("Bas", f"Pilot {NUMBER}", to=number_of(chat, "pilot.naam"))
    return chat


def team_with_cards(folder: Path, step: str) -> Chat:
    chat = Chat(folder, ("Anna", "Bas"), capabilities=CARDS)
    chat.say("Anna", "!start")
    return at(chat, step)


def differ(folder: Path) -> Chat:
    """A team that differs: the coach asks why."""
    chat = team(folder, STATUS)
    number = chat.asked
    for who, sign in (("Anna", "🟢"), ("Bas", "🔴"), ("Cem", "🟢")):
        chat.sign(who, sign, number)
    return chat


@pytest.mark.parametrize("name", WAYS)
def test_it_is_held_wherever_a_text_is_kept(name: str, tmp_path: Path) -> None:
    chat = WAYS[name](tmp_path)
    assert is_held(chat)
    assert [one.kind for one in chat.says()] == ["nudge"]
    chat.say("Anna", "!overzicht")
    chat.say("Anna", "!acties")
    assert is_held(chat)


@pytest.mark.parametrize("name", WAYS)
def test_after_a_day_nothing_of_it_is_left(name: str, tmp_path: Path) -> None:
    chat = WAYS[name](tmp_path)
    chat.wait(hours=23)
    assert is_held(chat)
    chat.wait(hours=1, minutes=1)
    assert prompts(chat) == []
    assert len([one for one in chat.says() if "dag voorbij" in one.text and "telefoonnummer" in one.text]) == 1
    assert "87654321" not in kept(chat) + seen(chat)
    assert b"87654321" not in chat.path.read_bytes()


@pytest.mark.parametrize("name", WAYS)
def test_on_purpose_it_is_kept_as_it_would_have_been(name: str, tmp_path: Path) -> None:
    chat = WAYS[name](tmp_path)
    number = prompts(chat)[0].messages[-1]
    writer = prompts(chat)[0].data["may"][0]
    chat.say(writer, "toch bewaren", to=number)
    assert prompts(chat) == []
    assert "87654321" in re.sub(r"[^\w]", "", kept(chat))
    assert any("Bewaard zoals" in one.text for one in chat.edits())


@pytest.mark.parametrize("name", [one for one in WAYS if one not in ("a_statement", "a_name", "an_action_handed_over")])
def test_written_anew_it_comes_where_it_would_have_come(name: str, tmp_path: Path) -> None:
    """As the same command, for the same person, at the same step."""
    chat = WAYS[name](tmp_path)
    prompt = prompts(chat)[0]
    before = canvas(chat)
    chat.say(prompt.data["may"][0], "Bel het loket nu", to=prompt.messages[-1])
    assert prompts(chat) == []
    assert "87654321" not in re.sub(r"\W", "", kept(chat) + seen(chat))
    if name == "a_view":
        assert any("Bel het loket nu" in json.dumps(one.data) for one in chat.snapshot.prompts())
    elif name in ("a_command_that_is_not_there", "a_reply_to_no_question"):  # asked back, as it would have been
        assert "loket" in kept(chat)
    else:
        assert canvas(chat) != before, chat.says()
        assert "loket nu" in json.dumps(canvas(chat))


def test_the_copy_of_a_database_has_nothing_of_it(tmp_path: Path) -> None:
    for name, play in WAYS.items():
        folder = tmp_path / name
        folder.mkdir()
        chat = play(folder)
        copy = folder / "copy.db"
        chat.conn.execute("VACUUM INTO ?", (str(copy),))
        conn = sqlite3.connect(copy, isolation_level=None)
        assert held.leave_out_held(conn) == 1
        conn.execute("VACUUM")
        room = rooms.find(conn, "console", "r1")
        assert room is not None
        assert not [one for one in rooms.load(conn, room).prompts() if one.kind == KIND]
        conn.close()
        assert b"87654321" not in copy.read_bytes()
        assert is_held(chat)


# What is done about it ------------------------------------------------------------------------------------------------


def two_held(folder: Path) -> tuple[Chat, int, int]:
    """Anna's text and Bas's, with the messages that ask about them."""
    chat = team(folder, TEXT)
    question = chat.asked
    chat.say("Anna", f"Bel {NUMBER}", to=question)
    first = chat.says()[-1].number
    chat.say("Bas", "Mail sam@voorbeeld.nl", to=question)
    return chat, first, chat.says()[-1].number


@pytest.mark.parametrize("sign", [BACK, AGREE])
def test_a_tap_throws_away_what_its_message_asked_about(tmp_path: Path, sign: str) -> None:
    """A tap that people give without reading keeps nothing."""
    chat, first, second = two_held(tmp_path)
    chat.sign("Cem", sign, first)
    assert [one.messages for one in prompts(chat)] == [(second,)]
    assert [one.number for one in chat.edits()] == [first]
    assert chat.texts_of(TEXT) == []
    chat.sign("Cem", sign, first)
    assert chat.last == []


def test_only_who_wrote_it_or_marked_it_can_keep_it(tmp_path: Path) -> None:
    chat, first, _ = two_held(tmp_path)
    chat.say("Bas", "toch bewaren", to=first)
    assert "Alleen wie dit schreef" in chat.text
    assert len(prompts(chat)) == 2
    chat.say("Anna", "Toch bewaren!", to=first)
    assert chat.texts_of(TEXT) == [f"Bel {NUMBER}"]
    chat.say("Cem", f"Vraag {NUMBER}")
    marked = chat.event
    chat.sign("Anna", "✍️", marked)
    chat.say("Anna", "toch bewaren", to=chat.says()[-1].number)
    assert chat.texts_of(TEXT) == [f"Bel {NUMBER}", f"Vraag {NUMBER}"]
    assert chat.export["steps"][TEXT]["items"][1]["author"] == "Cem"


def test_where_more_texts_of_somebody_wait_it_is_asked_which(tmp_path: Path) -> None:
    chat, _, _ = two_held(tmp_path)
    chat.say("Anna", "Bel 0612345678", to=chat.asked)
    chat.say("Anna", "@coach toch bewaren", mention=True)
    assert "meer dan één" in chat.text
    chat.say("Bas", "@coach toch bewaren", mention=True)
    assert chat.texts_of(TEXT) == ["Mail sam@voorbeeld.nl"]


def test_the_words_mean_nothing_where_nothing_was_held(tmp_path: Path) -> None:
    chat = team(tmp_path, TEXT)
    chat.say("Anna", "toch bewaren", to=chat.asked)
    assert chat.texts_of(TEXT) == ["toch bewaren"]


def test_written_anew_with_something_else_in_it_it_is_held_again(tmp_path: Path) -> None:
    chat, first, second = two_held(tmp_path)
    chat.say("Anna", "Bel 0612345678", to=first)
    assert [one.messages for one in prompts(chat)] == [(second,), (second + 1,)]
    assert chat.texts_of(TEXT) == []
    assert any(one.number == first and "gewist" in one.text for one in chat.edits())


def test_an_edit_that_still_has_it_does_not_make_the_day_longer(tmp_path: Path) -> None:
    chat = team(tmp_path, TEXT)
    chat.say("Anna", f"Bel {NUMBER}", to=chat.asked)
    event = chat.event
    chat.wait(hours=20)
    chat.edit("Anna", event, f"Bel Sam, {NUMBER}")
    assert chat.says() == []
    assert is_held(chat)
    chat.wait(hours=4, minutes=1)
    assert prompts(chat) == []


def test_what_is_said_later_to_its_message_is_an_answer_to_its_question(tmp_path: Path) -> None:
    chat = team(tmp_path, STATUS)
    chat.say("Anna", f"!actie Sam bellen, {NUMBER} @Anna vrijdag")
    number = prompts(chat)[0].messages[-1]
    chat.sign("Bas", BACK, number)
    chat.say("Bas", "deels", to=number)
    assert {vote.member: vote.word for vote in chat.snapshot.vote.values()} == {"Bas": "deels"}


def test_written_anew_a_change_is_that_change(tmp_path: Path) -> None:
    """ "1: ..." and "anders: ..." are so still."""
    chat = a_changed_item(tmp_path)
    chat.say("Anna", "Bel het loket")
    assert chat.texts_of(TEXT) == ["Bel het loket"]


def test_written_anew_another_choice_is_that_choice(tmp_path: Path) -> None:
    chat = another_choice(tmp_path)
    chat.say("Bas", "bel het loket", to=prompts(chat)[0].messages[-1])
    step = "valkuilen.omstandigheden.welke"
    assert chat.texts_of(step) == ["bel het loket"]
    chat.sign("Anna", AGREE, chat.asked)
    assert chat.export["steps"][step]["choices"] == ["anders"]


def test_written_anew_a_text_with_a_colon_is_what_was_written(tmp_path: Path) -> None:
    chat = team(tmp_path, TEXT)
    chat.say("Bas", f"Let op: bel {NUMBER}", to=chat.asked)
    chat.say("Bas", "bel het loket", to=prompts(chat)[0].messages[-1])
    assert chat.texts_of(TEXT) == ["bel het loket"]


def test_a_cross_takes_back_both_texts_of_a_changed_message(tmp_path: Path) -> None:
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "Bel het loket", to=chat.asked)
    event = chat.event
    chat.edit("Bas", event, f"Bel {NUMBER}")
    assert chat.texts_of(TEXT) == ["Bel het loket"]
    chat.sign("Anna", BACK, event)
    assert prompts(chat) == []
    assert chat.texts_of(TEXT) == []


def test_somebody_elses_edit_changes_nothing(tmp_path: Path) -> None:
    chat, _, _ = two_held(tmp_path)
    before = prompts(chat)
    chat.edit("Cem", chat.event, "Mail het loket")
    assert prompts(chat) == before


def test_in_a_room_of_one_the_next_message_is_about_it_till_something_else_is_asked(tmp_path: Path) -> None:
    chat = one(tmp_path, TEXT)
    chat.say("Anna", f"Bel {NUMBER}")
    chat.say("Anna", "Mail sam@voorbeeld.nl")  # something else, that is held too: neither takes the other's place
    assert len(prompts(chat)) == 2
    chat.say("Anna", "!ga impact.outcome")
    chat.say("Anna", "Ouders bellen eerder")
    assert len(prompts(chat)) == 2
    assert chat.texts_of("impact.outcome") == ["Ouders bellen eerder"]
    chat.say("Anna", "toch bewaren")
    assert "meer dan één" in chat.text


@pytest.mark.parametrize("word", ["nee", "weg ermee", "ok", "niet bewaren"])
def test_in_a_room_of_one_a_word_throws_it_away_and_the_question_comes_again(tmp_path: Path, word: str) -> None:
    chat = one(tmp_path, TEXT)
    chat.say("Anna", f"Bel {NUMBER}")
    chat.say("Anna", word)
    assert prompts(chat) == []
    assert [one.kind for one in chat.says()] == ["question"]
    assert chat.says()[0].text.startswith("Niet bewaard")
    assert chat.texts_of(TEXT) == []


def test_a_command_is_done_while_something_is_held(tmp_path: Path) -> None:
    chat = one(tmp_path, TEXT)
    chat.say("Anna", f"Bel {NUMBER}")
    chat.say("Anna", "!actie loket bellen @Anna vrijdag")
    assert len(chat.export["actions"]) == 1
    assert is_held(chat)
    chat.say("Anna", "weet niet")
    assert chat.state(TEXT) == "unknown"
    assert is_held(chat)


def test_no_text_that_is_not_kept_is_held(tmp_path: Path) -> None:
    chat = team(tmp_path, TEXT)
    for text in ("!hulp gedaan", "!uitleg", "moet ik 0612345678 bellen?", f"!gedaan 3 {NUMBER}"):
        chat.say("Bas", text, to=chat.asked)
        assert prompts(chat) == []
    chat.say("Bas", f"Bel {NUMBER}")  # discussion
    assert chat.last == []
    assert "87654321" not in kept(chat) + seen(chat)


def test_a_name_is_nothing_to_hold(tmp_path: Path) -> None:
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "Jan de Vries van de Dorpsstraat 12 belt in 2026 120 gezinnen")
    assert prompts(chat) == []


def test_what_is_told_of_somebody_is_that_a_text_is_held_and_not_the_text(tmp_path: Path) -> None:
    chat, _, _ = two_held(tmp_path)
    told = mydata.as_json(chat.snapshot, "Anna", chat.now)
    assert "87654321" not in json.dumps(told)
    assert [one["about_you"][0]["found"] for one in told["open_questions"]] == [["phone"]]


def test_who_marked_a_text_can_be_forgotten_and_its_writer_can_keep_it(tmp_path: Path) -> None:
    chat = team(tmp_path, TEXT)
    chat.say("Cem", f"Vraag {NUMBER}")
    event = chat.event
    chat.sign("Bas", "✍️", event)
    number = chat.says()[-1].number
    chat.say("Bas", "!vergeetmij")
    chat.say("Bas", "!vergeetmij ja")
    chat.say("Cem", "toch bewaren", to=number)
    assert chat.texts_of(TEXT) == [f"Vraag {NUMBER}"]


def test_before_the_start_an_action_is_held_too(tmp_path: Path) -> None:
    chat = Chat(tmp_path, ("Anna", "Bas"))
    chat.say("Anna", f"!actie Sam bellen op {NUMBER} @Bas vrijdag")
    assert is_held(chat)
    chat.say("Anna", "Sam bellen @Bas vrijdag", to=prompts(chat)[0].messages[-1])
    assert [one["text"] for one in chat.export["actions"]] == ["Sam bellen"]


# Cards ----------------------------------------------------------------------------------------------------------------


def test_a_card_offers_to_write_it_anew_to_throw_it_away_and_to_keep_it(tmp_path: Path) -> None:
    chat = an_answer_on_a_card(tmp_path)
    number = prompts(chat)[0].messages[-1]
    card = chat.card(number)
    assert card is not None
    assert [button.value for button in card.buttons] == [SAVE, NO, KEEP]
    assert card.field
    assert NUMBER not in str(card)
    chat.press("Anna", number, KEEP)
    assert "Alleen wie dit schreef" in chat.text
    chat.press("Bas", number, KEEP)
    assert chat.texts_of(TEXT) == [f"Bel {NUMBER}"]
    assert chat.card(number) is None


def test_on_a_card_it_is_thrown_away_or_written_anew(tmp_path: Path) -> None:
    chat = an_answer_on_a_card(tmp_path)
    chat.press("Anna", prompts(chat)[0].messages[-1], NO)
    assert prompts(chat) == []
    chat.press("Bas", chat.asked, SAVE, f"Bel {NUMBER}")
    chat.press("Bas", prompts(chat)[0].messages[-1], SAVE, "Bel het loket")
    assert chat.texts_of(TEXT) == ["Bel het loket"]


def test_a_grid_with_a_remark_in_it_is_no_grid_and_is_not_kept(tmp_path: Path) -> None:
    chat = team(tmp_path, GRID)
    chat.say("Bas", f"financiering onvoldoende, bel {NUMBER}", to=chat.asked)
    assert "87654321" not in kept(chat) + seen(chat)


# A backup that is put back --------------------------------------------------------------------------------------------


def restored(chat: Chat) -> int:
    """The room as a backup has it; the message that asked."""
    number = prompts(chat)[0].messages[-1]
    held.leave_out_held(chat.conn)
    return number


def test_what_a_backup_left_out_is_answered_kindly(tmp_path: Path) -> None:
    chat = a_reply(tmp_path)
    number = restored(chat)
    chat.say("Bas", "toch bewaren", to=number)
    assert "heb ik niet meer" in chat.text
    chat.sign("Bas", BACK, number)
    assert chat.last == []
    chat.say("Bas", "Bel het loket", to=number)
    assert chat.texts_of(TEXT) == ["Bel het loket"]
    chat.wait(hours=25)
    assert not [one for one in chat.says() if "keuze" in one.text]


@pytest.mark.parametrize("sign", [BACK, AGREE])
def test_a_tap_on_what_a_backup_left_out_is_answered_once(tmp_path: Path, sign: str) -> None:
    chat = a_reply(tmp_path)
    number = restored(chat)
    chat.sign("Bas", sign, number)
    assert "heb ik niet meer" in chat.text
    chat.sign("Bas", sign, number)
    assert chat.last == []


def test_a_button_on_what_a_backup_left_out_is_answered(tmp_path: Path) -> None:
    chat = an_answer_on_a_card(tmp_path)
    number = restored(chat)
    chat.press("Bas", number, KEEP)
    assert "heb ik niet meer" in chat.text


def test_where_nobody_asks_it_is_said_after_the_day(tmp_path: Path) -> None:
    chat = a_reply(tmp_path)
    restored(chat)
    chat.wait(hours=25)
    assert len([one for one in chat.says() if "Er is niets van bewaard" in one.text]) == 1


def test_an_edit_of_what_a_backup_left_out_is_taken(tmp_path: Path) -> None:
    chat = a_reply(tmp_path)
    event = chat.event
    restored(chat)
    chat.edit("Bas", event, "Bel het loket")
    assert chat.texts_of(TEXT) == ["Bel het loket"]


# What it is made of ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WAYS)
def test_an_event_is_the_same_after_it_was_data(name: str, tmp_path: Path) -> None:
    (prompt,) = prompts(WAYS[name](tmp_path))
    event = unpack(prompt.data["held"])
    assert unpack(json.loads(json.dumps(pack(event)))) == event


def test_the_coach_says_nothing_that_it_would_hold_itself() -> None:
    """Its own texts about it are no example of it."""
    assert not [text for texts in OWN_TEXTS.values() for text in texts.values() if spot(text)]
