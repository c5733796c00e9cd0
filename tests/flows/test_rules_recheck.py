"""Rules "Re-check": when it comes, what one tap does, which replies name a part, and the walk through what was named.
A room of one and a group of four, the room read from SQLite between all messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.marks import AGREE, LATER, UNCLEAR
from tests.chat import BOOK, Chat
from tests.flows.recheck_rooms import (
    FOUR,
    ONE,
    PARTS,
    agree,
    answer,
    asked_for,
    asking,
    ended,
    go_on,
    kinds_of,
    put_off,
    rounds,
    steps_of,
    until,
)

LOOK = "2027-01-04"  # six weeks after the walk
BOTH = pytest.mark.parametrize("people", [ONE, FOUR], ids=["one", "four"])


@pytest.fixture(params=[ONE, FOUR], ids=["one", "four"])
def chat(request: pytest.FixtureRequest, tmp_path: Path) -> Chat:
    """A room whose re-check was just asked."""
    return asked_for(ended(tmp_path, request.param), LOOK)


def walk_out(chat: Chat) -> None:
    """Go on until nothing stands open any more."""
    for _ in range(40):
        if chat.view.focus() is None:
            return
        go_on(chat)
    raise AssertionError("the re-check does not end")


# When it comes ------------------------------------------------------------------------------------------------------


@BOTH
def test_it_comes_by_the_rhythm_at_nine_and_shows_part_by_part_how_it_stands(
    people: tuple[str, ...], tmp_path: Path
) -> None:
    chat = ended(tmp_path, people)
    assert until(chat, "2027-01-03") == []
    (said,) = chat.says(until(chat, LOOK))
    assert said.kind == "recheck"
    assert said.signs == (AGREE, LATER)
    assert said.mentions == ()
    assert "(ronde 2)" in said.text
    for line in ("🟠 Impact: deels", "⚪ Routes: nog open", "⚪ Ingrediënten: nog open", "⚪ Valkuilen: nog open"):
        assert line in said.text
    assert chat.snapshot.room.position == "einde"


def test_what_was_done_since_the_last_round_is_counted(tmp_path: Path) -> None:
    chat = ended(tmp_path)
    for text in ("memo @Anna 1 mei 2027", "nulmeting @Anna 1 juni 2027", "brief @Anna 2 juni 2027"):
        chat.say("Anna", f"!actie {text}")
    chat.say("Anna", "!gedaan 1 2")
    (said,) = chat.says(until(chat, LOOK))
    assert "Acties sinds de vorige ronde: 2 klaar. Nog open: 1." in said.text
    agree(chat)
    (said,) = chat.says(until(chat, "2027-02-15"))
    assert "Acties sinds de vorige ronde: 0 klaar. Nog open: 1." in said.text


@pytest.mark.parametrize(
    ("rhythm", "free", "day"),
    [
        ("elke 6 weken", None, "2027-01-04"),
        ("elke 5 weken", None, "2026-12-28"),
        ("elke 5 weken", "28 december 2026", "2026-12-29"),
        ("elke 5 weken", "24 december 2026 - 3 januari 2027", "2027-01-04"),
        ("elke eerste maandag van de maand", None, "2026-12-07"),
        ("elk kwartaal", None, "2027-02-23"),
        ("elke maand", None, "2026-12-23"),
    ],
)
def test_a_look_on_a_free_day_comes_on_the_working_day_after_it(
    rhythm: str, free: str | None, day: str, tmp_path: Path
) -> None:
    chat = ended(tmp_path, rhythm=rhythm)
    if free is not None:
        chat.say("Anna", f"!instellingen vrij {free}")
    asked_for(chat, day)


def test_second_christmas_day_is_free_for_a_look(tmp_path: Path) -> None:
    chat = ended(tmp_path, rhythm="elke maand")
    chat.wait(days=2)  # 25 november
    chat.say("Anna", "!hercheck")
    chat.say("Anna", "ok")
    asked_for(chat, "2026-12-28")  # the 25th and 26th are Christmas, then a weekend


def test_a_look_on_the_day_of_a_digest_comes_the_next_day(tmp_path: Path) -> None:
    chat = ended(tmp_path, FOUR)
    chat.say("Anna", "!actie memo schrijven @Bas 4 januari 2027")
    chat.wait(days=40)
    (digest,) = chat.says(until(chat, LOOK))
    assert digest.kind == "reminder"
    asked_for(chat, "2027-01-05")


def test_no_look_without_a_rhythm_but_the_closing_round(tmp_path: Path) -> None:
    chat = ended(tmp_path, rhythm="geen")
    assert chat.wait(days=280) == []
    (said,) = chat.says(chat.wait(days=2))  # 31 augustus 2027
    assert said.kind == "recheck"
    assert "De pilot loopt af" in said.text


def test_neither_rhythm_nor_end_is_silence(tmp_path: Path) -> None:
    assert ended(tmp_path, end=None, rhythm="geen").wait(days=600) == []


def test_a_room_that_is_paused_is_not_asked(tmp_path: Path) -> None:
    chat = ended(tmp_path)
    chat.say("Anna", "!pauze")
    assert chat.wait(days=100) == []
    chat.say("Anna", "!verder")
    (said,) = chat.says(chat.wait(days=1))
    assert said.kind == "recheck"


def test_before_the_end_there_is_no_look(tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=FOUR)
    chat.say("Anna", "!start")
    chat.say("Anna", "!ga pilot.periode")
    answer(chat, "1 september 2026 - 1 december 2026")
    chat.say("Anna", "!ritme elke week")
    assert chat.wait(days=60) == []


# By hand ------------------------------------------------------------------------------------------------------------


@BOTH
def test_by_hand_before_the_end_it_points_to_change(people: tuple[str, ...], tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=people)
    chat.say("Anna", "!hercheck")
    assert "!start" in chat.text
    chat.say("Anna", "!start")
    for text in ("!hercheck", "!hercheck routes"):
        chat.say("Anna", text)
        assert "!wijzig" in chat.text
        assert kinds_of(chat.last) == ["help"]
    assert rounds(chat) == 0


@BOTH
def test_by_hand_it_asks_at_once_and_one_tap_makes_the_round(people: tuple[str, ...], tmp_path: Path) -> None:
    chat = ended(tmp_path, people)
    chat.say("Anna", "!hercheck")
    assert kinds_of(chat.last) == ["recheck"]
    agree(chat)
    assert rounds(chat) == 2
    assert "maandag 4 januari 2027" in chat.text


@BOTH
@pytest.mark.parametrize("text", ["!hercheck impact", "!recheck impact.", "!hercheck de impact"])
def test_by_hand_with_a_part_it_is_walked_at_once(people: tuple[str, ...], text: str, tmp_path: Path) -> None:
    chat = ended(tmp_path, people)
    chat.say("Anna", text)
    assert steps_of(chat.last) == ["pilot.wijziging"]
    walk_out(chat)
    assert rounds(chat) == 2


def test_by_hand_with_something_else_is_a_line_of_help(tmp_path: Path) -> None:
    chat = ended(tmp_path)
    chat.say("Anna", "!hercheck fietsen")
    assert kinds_of(chat.last) == ["help"]
    assert chat.snapshot.prompts() == []


def test_by_hand_in_the_middle_shows_the_question_again(tmp_path: Path) -> None:
    chat = ended(tmp_path)
    chat.say("Anna", "!hercheck impact")
    chat.say("Anna", "!hercheck")
    assert steps_of(chat.last) == ["pilot.wijziging"]
    assert len(chat.snapshot.prompts()) == 2


def test_by_hand_and_not_answered_the_rhythm_still_asks(tmp_path: Path) -> None:
    chat = ended(tmp_path)
    chat.wait(days=10)
    chat.say("Anna", "!hercheck")
    assert chat.wait(days=20) == []
    asked_for(chat, LOOK)
    asked_for(chat, "2027-01-11")  # and goes on as the rhythm's own


def test_by_hand_with_something_already_asked_there_is_one_look(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path), LOOK)
    chat.say("Anna", "!hercheck")
    assert [prompt.kind for prompt in chat.snapshot.prompts()] == ["recheck"]
    chat.say("Anna", "ok")
    assert rounds(chat) == 2


# One tap ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["ok", "verder", "!verder", "klopt", "Ja.", "👍", "akkoord"])
def test_a_word_says_that_all_of_it_holds(text: str, tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path), LOOK)
    chat.say("Anna", text)
    assert rounds(chat) == 2
    assert "Ronde 2" in chat.text
    assert "maandag 15 februari 2027" in chat.text


@pytest.mark.parametrize("way", ["ok", "verder", "!verder", "tap", "thumb"])
def test_in_a_group_anybody_says_so_once(way: str, tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path, FOUR), LOOK)
    number = asking(chat).number
    for who in ("Çelik", "Dewi"):
        if way in ("tap", "thumb"):
            chat.sign(who, AGREE if way == "tap" else "👍", number)
        elif way == "!verder":
            chat.say(who, way)
        else:
            chat.say(who, way, to=number)
    assert rounds(chat) == 2


def test_the_round_keeps_every_part_status_and_pitfall(chat: Chat) -> None:
    agree(chat)
    steps = {step.id for step in BOOK.steps.values() if step.kind in ("status", "applies")}
    (first, second) = chat.export["rounds"]
    assert set(second["statuses"]) == set(first["statuses"]) == {*PARTS, *steps}
    assert second["statuses"]["impact"] == second["statuses"]["impact.status"] == "deels"
    assert second["statuses"]["valkuilen.scope.geldt"] is None
    assert second["at"] == chat.now.isoformat().replace("+00:00", "Z") or second["at"]


def test_after_the_tap_there_is_nothing_open_and_a_second_tap_does_nothing(chat: Chat) -> None:
    number = asking(chat).number
    agree(chat)
    assert chat.snapshot.prompts() == []
    assert chat.position == "einde"
    assert chat.sign("Anna", AGREE, number) == []
    assert chat.sign("Anna", LATER, number) == []
    assert rounds(chat) == 2


def test_the_next_look_counts_from_the_round(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path), LOOK)
    chat.wait(days=3)
    chat.say("Anna", "ok")  # 7 januari
    assert "donderdag 18 februari 2027" in chat.text
    asked_for(chat, "2027-02-18")


# Later --------------------------------------------------------------------------------------------------------------


def test_later_is_a_week_later_and_then_as_if_for_the_first_time(chat: Chat) -> None:
    put_off(chat)
    assert "maandag 11 januari 2027" in chat.text
    assert kinds_of(chat.last) == ["noted"]
    asked_for(chat, "2027-01-11")
    assert "klopt het nog" in chat.says()[0].text
    put_off(chat)
    asked_for(chat, "2027-01-18")
    agree(chat)
    assert rounds(chat) == 2


@pytest.mark.parametrize("text", ["later", "Volgende week.", "nu niet"])
def test_later_in_words(text: str, chat: Chat) -> None:
    answer(chat, text)
    assert "11 januari" in chat.text
    assert chat.marks() == []


@pytest.mark.parametrize("text", ["!overslaan", "!skip"])
def test_skipping_is_next_week(text: str, chat: Chat) -> None:
    chat.say("Anna", text)
    assert "11 januari" in chat.text
    assert rounds(chat) == 1


def test_two_who_put_it_off_put_it_off_once(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path, FOUR), LOOK)
    number = asking(chat).number
    assert kinds_of(chat.sign("Anna", LATER, number)) == ["noted"]
    assert chat.sign("Bas", LATER, number) == []


def test_who_put_it_off_may_still_tap(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path, FOUR), LOOK)
    number = asking(chat).number
    chat.sign("Anna", LATER, number)
    chat.sign("Bas", AGREE, number)
    assert rounds(chat) == 2
    assert until(chat, "2027-01-25") == []


def test_the_day_that_is_told_is_a_working_day(tmp_path: Path) -> None:
    chat = ended(tmp_path, rhythm="elke 4 weken")
    asked_for(chat, "2026-12-21")
    chat.say("Anna", "!instellingen vrij 28 december 2026")
    put_off(chat)
    assert "dinsdag 29 december 2026" in chat.text
    asked_for(chat, "2026-12-29")


def test_what_was_put_off_stands_in_the_way_of_nothing(tmp_path: Path) -> None:
    chat = ended(tmp_path)
    chat.say("Anna", "!ga impact.outcome")
    asked_for(chat, LOOK)
    chat.say("Anna", "later")
    chat.say("Anna", "leerkrachten bellen eerder")
    assert chat.texts_of("impact.outcome") == ["leerkrachten bellen eerder"]


# What is no answer --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["geen idee wat dit is eigenlijk", "governance", "nee", "impact en de rest", "12"])
def test_nonsense_gets_a_line_of_help_once_a_person(text: str, chat: Chat) -> None:
    number = asking(chat).number
    answer(chat, text)
    assert kinds_of(chat.last) == ["help"]
    for part in PARTS:
        assert f"`{part}`" in chat.text
    answer(chat, text, on=number)
    assert [mark.key for mark in chat.marks()] == [UNCLEAR]
    assert chat.says() == []
    assert rounds(chat) == 1
    answer(chat, "impact", on=number)
    assert steps_of(chat.last) == ["pilot.wijziging"]


def test_everybody_gets_the_line_once_and_at_the_next_look_again(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path, FOUR), LOOK)
    number = asking(chat).number
    for who in FOUR:
        assert kinds_of(chat.say(who, "tja", to=number)) == ["help"]
    chat.sign("Anna", AGREE, number)
    asked_for(chat, "2027-02-15")
    assert kinds_of(chat.say("Anna", "tja", to=asking(chat).number)) == ["help"]


def test_after_it_was_put_off_the_line_of_help_comes_again(chat: Chat) -> None:
    answer(chat, "tja")
    put_off(chat)
    asked_for(chat, "2027-01-11")
    answer(chat, "tja")
    assert kinds_of(chat.last) == ["help"]


@pytest.mark.parametrize("text", ["weet niet", "!weetniet", "geen idee"])
def test_not_knowing_is_no_yes(text: str, chat: Chat) -> None:
    answer(chat, text)
    assert kinds_of(chat.last) == ["help"]
    assert rounds(chat) == 1


def test_the_question_once_more(chat: Chat) -> None:
    first = asking(chat).number
    chat.say("Anna", "!vraag")
    assert kinds_of(chat.last) == ["recheck"]
    assert "(ronde 2)" in chat.text
    if len(chat.people) > 1:
        chat.sign("Bas", AGREE, first)
    else:
        chat.say("Anna", "ok")
    assert rounds(chat) == 2


def test_a_discussion_in_a_group_is_none_of_its_business(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path, FOUR), LOOK)
    for text in ("impact", "ok", "later", "klopt nog wel toch?"):
        assert chat.say("Bas", text) == []
    assert rounds(chat) == 1
