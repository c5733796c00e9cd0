"""A tap on a reminder, a reply to it, and a word right after it: whose action is done, or a week later."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from flows.conversation.effects import Say
from flows.conversation.hearing import Capabilities
from tests.chat import START, Chat
from tests.flows.rules_rooms import alone, team

# START is Monday 23 November 2026, ten o'clock in Amsterdam.
ON_THE_DAY = {"days": 3, "hours": 23, "minutes": 30}  # Friday 27 November, past nine
WHICH_DONE = "Welke actie is klaar?"
WHICH_LATER = "Welke actie schuift een week op?"


def remind(chat: Chat, *actions: str) -> Say:
    """Keep these actions, all due on Friday 27 November, and wait for the reminder of that day."""
    for text in actions:
        chat.say("Anna", f"!actie {text} 27 november 2026")
    chat.wait(**ON_THE_DAY)
    early, said = chat.says()  # three days before, on the day
    assert (early.kind, said.kind) == ("reminder", "reminder")
    return said


def due(chat: Chat, number: int) -> date | None:
    return chat.snapshot.action[number].due


def state(chat: Chat, number: int) -> str:
    return chat.snapshot.action[number].state


# A tap ----------------------------------------------------------------------------------------------------------------


def test_a_tap_closes_the_tappers_own_action(tmp_path: Path) -> None:
    chat = team(tmp_path)
    said = remind(chat, "memo @Anna", "brief @Bas")
    chat.sign("Bas", "✅", said.number)
    assert "**brief**" in chat.text
    assert chat.text.startswith("Klaar: actie ")
    assert [state(chat, 1), state(chat, 2)] == ["open", "done"]
    chat.sign("Bas", "✅", said.number)  # nothing of his is left: which one?
    assert chat.text.startswith(WHICH_DONE)
    chat.sign("Anna", "👍", said.number)
    assert state(chat, 1) == "done"
    chat.sign("Anna", "✅", said.number)
    assert chat.says() == []


def test_a_clock_puts_the_tappers_own_action_off_for_a_week(tmp_path: Path) -> None:
    chat = team(tmp_path)
    said = remind(chat, "memo @Anna", "brief @Bas")
    chat.sign("Anna", "⏰️", said.number)
    assert "vrijdag 4 december 2026" in chat.text
    assert due(chat, 1) == date(2026, 12, 4)
    assert due(chat, 2) == date(2026, 11, 27)


def test_two_taps_of_the_clock_are_one_week(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    said = remind(chat, "memo @Anna")
    chat.sign("Anna", "⏰", said.number)
    chat.sign("Anna", "⏰", said.number)
    assert chat.says() == []
    assert due(chat, 1) == date(2026, 12, 4)
    chat.sign("Anna", "✅", said.number)  # done all the same
    assert state(chat, 1) == "done"


def test_a_clock_does_not_undo_a_later_date(tmp_path: Path) -> None:
    chat = team(tmp_path)
    said = remind(chat, "memo @Anna", "brief @Anna")
    chat.say("Anna", "!uitstel 1 18 december 2026")
    chat.sign("Anna", "⏰", said.number)  # the other one is left
    assert [due(chat, 1), due(chat, 2)] == [date(2026, 12, 18), date(2026, 12, 4)]


def test_a_clock_on_what_was_late_counts_from_today(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    remind(chat, "memo @Anna")
    chat.wait(days=10)  # Monday 7 December has passed
    late = chat.says()[-1]
    assert "Stond voor 27 november 2026" in late.text
    today = date(2026, 12, 7)
    chat.sign("Anna", "⏰", late.number)
    assert due(chat, 1) == today + timedelta(days=7)


@pytest.mark.parametrize(("key", "question", "end"), [("✅", WHICH_DONE, "done"), ("⏰", WHICH_LATER, "open")])
def test_with_several_own_actions_it_asks_which(tmp_path: Path, key: str, question: str, end: str) -> None:
    chat = team(tmp_path)
    said = remind(chat, "memo @Anna", "brief @Anna", "zaal @Bas")
    chat.sign("Anna", key, said.number)
    (asked,) = chat.says()
    assert asked.text == f"{question}\n\n- 1. memo\n- 2. brief\n\nBeantwoord dit bericht met het nummer: 1, 2."
    assert asked.asks
    chat.say("Anna", "3", to=asked.number)
    assert chat.text == "Beantwoord dit bericht met het nummer: 1, 2."
    assert [state(chat, 1), state(chat, 2), state(chat, 3)] == ["open", "open", "open"]
    chat.say("Anna", "2", to=asked.number)
    assert "**brief**" in chat.text
    assert [state(chat, 1), state(chat, 2), state(chat, 3)] == ["open", end, "open"]
    assert [due(chat, 1), due(chat, 3)] == [date(2026, 11, 27)] * 2
    assert (due(chat, 2) == date(2026, 12, 4)) is (key == "⏰")


@pytest.mark.parametrize("key", ["✅", "⏰"])
def test_a_tap_of_who_has_none_asks_which(tmp_path: Path, key: str) -> None:
    chat = team(tmp_path, "Anna", "Bas", "Chris")
    said = remind(chat, "memo @Anna", "zaal")
    chat.sign("Chris", key, said.number)
    assert "1, 2." in chat.text
    assert [state(chat, 1), state(chat, 2)] == ["open", "open"]
    assert [due(chat, 1), due(chat, 2)] == [date(2026, 11, 27)] * 2


def test_somebody_elses_only_action_is_not_closed_by_a_tap(tmp_path: Path) -> None:
    chat = team(tmp_path)
    said = remind(chat, "memo @Anna")
    chat.sign("Bas", "✅", said.number)
    assert state(chat, 1) == "open"
    assert chat.text.startswith(WHICH_DONE)


def test_alone_nobodys_only_action_is_closed_by_a_tap(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    said = remind(chat, "memo @Dirk")
    chat.sign("Anna", "✅", said.number)
    assert state(chat, 1) == "done"


def test_what_was_taken_back_is_not_asked_about(tmp_path: Path) -> None:
    chat = team(tmp_path)
    said = remind(chat, "memo @Anna", "brief @Anna")
    chat.sign("Bas", "❌", chat.snapshot.action[2].event or "")
    chat.sign("Anna", "✅", said.number)
    assert "**memo**" in chat.text
    assert state(chat, 1) == "done"


def test_a_tap_on_the_second_of_a_reminder_that_was_cut_in_two(tmp_path: Path) -> None:
    chat = alone(tmp_path, capabilities=Capabilities(longest=400))
    for number in range(1, 6):
        chat.say("Anna", f"!actie {'heel veel woorden ' * 6}{number} @Dirk 27 november 2026")
    chat.say("Anna", "!actie memo @Anna 27 november 2026")
    chat.wait(**ON_THE_DAY)
    early, *_ = [place for place, one in enumerate(chat.says()) if one.signs]
    parts = chat.says()[early + 1 :]
    assert len(parts) > 1
    assert [one.signs for one in parts] == [()] * (len(parts) - 1) + [("✅", "⏰")]
    for part in (parts[-1], parts[0]):  # the last one carries the signs; each is the reminder
        chat.sign("Anna", "⏰", part.number)
        assert due(chat, 6) == date(2026, 12, 4)


def test_taking_a_sign_off_a_reminder_does_nothing(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    said = remind(chat, "memo @Anna")
    chat.sign("Anna", "✅", said.number, removed=True)
    assert (chat.says(), state(chat, 1)) == ([], "open")


def test_other_signs_on_a_reminder_do_nothing(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    said = remind(chat, "memo @Anna")
    for key in ("🟢", "❤️", "❌", "✍️"):
        chat.sign("Anna", key, said.number)
        assert (chat.last, state(chat, 1)) == ([], "open")


# Words ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["gedaan", "Klaar!", "af.", "ok", "ja", "✅", "@coach klaar", "@coach gedaan"])
def test_a_reply_that_says_that_it_is_done(tmp_path: Path, text: str) -> None:
    chat = team(tmp_path)
    said = remind(chat, "memo @Anna", "brief @Bas")
    chat.say("Bas", text, to=said.number, mention="@coach" in text)
    assert [state(chat, 1), state(chat, 2)] == ["open", "done"]


@pytest.mark.parametrize("text", ["later", "Volgende week.", "nu niet", "⏰"])
def test_a_reply_that_says_later(tmp_path: Path, text: str) -> None:
    chat = team(tmp_path)
    said = remind(chat, "memo @Anna", "brief @Bas")
    chat.say("Anna", text, to=said.number)
    assert [due(chat, 1), due(chat, 2)] == [date(2026, 12, 4), date(2026, 11, 27)]


@pytest.mark.parametrize("text", ["bijna", "2", "Bas doet het", "is dit wel nodig?"])
def test_another_reply_gets_a_line_of_help_about_the_own_action(tmp_path: Path, text: str) -> None:
    chat = team(tmp_path)
    said = remind(chat, "memo @Anna", "brief @Bas")
    before = chat.snapshot
    chat.say("Bas", text, to=said.number)
    assert chat.text == "Is het klaar? Typ `!gedaan 2`. Meer tijd nodig? Typ `!uitstel 2 volgende week`."
    assert chat.snapshot.action == before.action
    assert chat.snapshot.item == before.item
    chat.say("Bas", "!gedaan 2", to=said.number)
    assert state(chat, 2) == "done"
    chat.say("Bas", text, to=said.number)
    assert "!gedaan 1" in chat.text


def test_a_reply_when_nothing_is_left_is_answered(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    said = remind(chat, "memo @Anna")
    chat.say("Anna", "!gedaan 1")
    chat.say("Anna", "klaar", to=said.number)
    assert "**memo**" in chat.text
    chat.redact("Anna", chat.snapshot.action[1].event or "")
    chat.say("Anna", "klaar", to=said.number)
    assert "1" in chat.text


def test_alone_ok_right_after_a_reminder_is_about_the_reminder(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    remind(chat, "memo @Anna")
    place = chat.position
    chat.say("Anna", "ok")
    assert (state(chat, 1), chat.position) == ("done", place)
    chat.say("Anna", "ok")  # and the next is about the question again
    assert chat.position != place


def test_alone_an_answer_after_a_reminder_is_an_answer(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    remind(chat, "memo @Anna")
    chat.say("Anna", "NS-pilot")
    assert chat.texts_of("pilot.naam") == ["NS-pilot"]
    chat.say("Anna", "verder")
    assert chat.position == "pilot.periode"
    assert state(chat, 1) == "open"


def test_in_a_group_ok_is_never_about_the_reminder_by_itself(tmp_path: Path) -> None:
    chat = team(tmp_path)
    remind(chat, "memo @Anna")
    chat.say("Anna", "ok", mention=True)
    assert state(chat, 1) == "open"


def test_an_older_reminder_can_still_be_tapped(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    first = remind(chat, "memo @Anna")
    chat.wait(days=20)
    assert len(chat.says()) == 3
    chat.sign("Anna", "✅", first.number)
    assert state(chat, 1) == "done"
    assert "reminder" in {prompt.kind for prompt in chat.snapshot.prompts()}


def test_only_the_latest_reminders_are_kept(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    first = remind(chat, "memo @Anna")
    chat.wait(days=70)
    assert len([prompt for prompt in chat.snapshot.prompts() if prompt.kind == "reminder"]) == 5
    chat.sign("Anna", "✅", first.number)
    assert (chat.last, state(chat, 1)) == ([], "open")


# Beside the walk ------------------------------------------------------------------------------------------------------


def test_a_reminder_leaves_the_open_question_open(tmp_path: Path) -> None:
    chat = team(tmp_path)
    question = chat.asked
    said = remind(chat, "memo @Anna")
    chat.sign("Anna", "✅", said.number)
    chat.say("Bas", "NS-pilot", to=question)
    assert chat.texts_of("pilot.naam") == ["NS-pilot"]
    chat.sign("Bas", "✅", question)
    assert chat.position == "pilot.periode"


def test_before_the_start_actions_are_reminded_of_too(tmp_path: Path) -> None:
    chat = team(tmp_path, start=None)
    said = remind(chat, "memo @Anna")
    chat.sign("Anna", "✅", said.number)
    assert state(chat, 1) == "done"


def test_an_action_kept_on_its_last_day_is_not_reminded_of_that_day(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Anna", "!actie memo @Anna 23 november 2026")
    chat.wait(days=6)
    assert chat.says() == []
    chat.wait(days=1)
    assert chat.now > datetime(2026, 11, 30, 8, tzinfo=START.tzinfo)
    assert "Stond voor 23 november 2026" in chat.text


def test_in_a_pause_nothing_is_planned(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Anna", "!actie memo @Anna 27 november 2026")
    before = chat.snapshot.timer
    assert set(before) == {"digest", "keep"}
    chat.say("Anna", "!pauze")
    assert set(chat.snapshot.timer) == {"keep"}  # what is paused runs out too, and is told so
    chat.say("Anna", "!verder")
    assert chat.snapshot.timer == before


def test_within_the_window_a_room_has_its_own_moment(tmp_path: Path) -> None:
    chat = team(tmp_path, capabilities=Capabilities(window=900))
    chat.say("Anna", "!actie memo @Anna 27 november 2026")
    first = chat.snapshot.timer["digest"].due
    nine = datetime(2026, 11, 24, 8, tzinfo=START.tzinfo)
    assert timedelta(0) <= first - nine < timedelta(minutes=15)
    # The very second of this room, as every version must have it: a restart or an upgrade moves nobody.
    assert first - nine == timedelta(seconds=341)


def test_hours_shorter_than_the_window_still_let_it_speak(tmp_path: Path) -> None:
    chat = team(tmp_path, capabilities=Capabilities(window=900))
    chat.say("Anna", "!instellingen uren 9-9:01")
    assert remind(chat, "memo @Anna").kind == "reminder"


# Settings -------------------------------------------------------------------------------------------------------------


def test_free_days_are_never_lost_in_silence(tmp_path: Path) -> None:
    chat = team(tmp_path)
    for number in range(30):
        day = date(2027, 1, 5) + timedelta(days=7 * number)
        chat.say("Anna", f"!instellingen vrij {day}")
        assert chat.text.startswith("Aangepast")
    kept = chat.snapshot.room.free
    assert len(kept) == 30
    chat.say("Anna", "!instellingen vrij 24 december 2026")
    assert chat.text.startswith("Schrijf een dag of een periode")
    assert chat.snapshot.room.free == kept
    chat.say("Anna", "!instellingen vrij 5 januari 2027")  # one that is there already
    assert chat.snapshot.room.free == kept
    chat.now += timedelta(days=60)  # what has passed makes room
    chat.say("Anna", "!instellingen vrij 24 december 2027")
    assert chat.text.startswith("Aangepast")
    assert chat.snapshot.room.free[0] == "2027-01-26"
    assert chat.snapshot.room.free[-1] == "2027-12-24"
    chat.say("Anna", "!instellingen vrij geen")
    assert chat.snapshot.room.free == ()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("9-17", "09:00-17:00"),
        ("8.30 - 16.30", "08:30-16:30"),
        ("13 tot 17 uur", "13:00-17:00"),
        ("0:00–23:59", "00:00-23:59"),
    ],
)
def test_hours_that_are_read(tmp_path: Path, said: str, kept: str) -> None:
    chat = team(tmp_path)
    chat.say("Anna", f"!instellingen uren {said}")
    assert chat.snapshot.room.hours == kept
    assert kept.replace("-", " - ") in chat.text


@pytest.mark.parametrize("said", ["17-9", "9-9", "9-24", "9", "9-25", "negen tot vijf", "9:60-17", "-1-5", "9-17-18"])
def test_hours_that_are_refused(tmp_path: Path, said: str) -> None:
    chat = team(tmp_path)
    chat.say("Anna", f"!instellingen uren {said}")
    assert chat.text.startswith("Schrijf")
    assert chat.snapshot.room.hours == "09:00-17:00"


@pytest.mark.parametrize(
    "said", ["31 februari 2027", "ooit", "5 januari 2027 - 1 januari 2027", "2026-2030", "vanaf 1 mei 2027"]
)
def test_free_days_that_are_refused(tmp_path: Path, said: str) -> None:
    chat = team(tmp_path)
    chat.say("Anna", f"!instellingen vrij {said}")
    assert chat.text.startswith("Schrijf een dag of een periode")
    assert chat.snapshot.room.free == ()
