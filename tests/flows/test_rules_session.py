"""`!sessie`: what fits in the time, how it ends, what is said then, and what is left for afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.receiving import APART
from flows.conversation.events import TimerDue
from flows.conversation.marks import AGREE
from storage import inbox, rooms
from tests.chat import BOOK, ROOM, Chat
from tests.flows.rules_rooms import alone, answer, go, team
from tests.flows.spaced_rooms import number_of, open_ones, spread_out, to


def meeting(folder: Path, *names: str, minutes: int = 45) -> Chat:
    """A group in which a meeting is the first thing that is asked for."""
    chat = team(folder, *(names or ("Anna", "Bas", "Çelik")), start=None)
    chat.say("Anna", f"!sessie {minutes}")
    return chat


def goes_on(chat: Chat) -> bool:
    return "session" in chat.snapshot.timer


# Beginning ------------------------------------------------------------------------------------------------------------


def test_a_meeting_begins_with_what_fits_and_the_first_question_in_one_message(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    (said,) = chat.says()
    assert (said.kind, said.step) == ("question", "pilot.naam")
    assert said.text.startswith("**Sessie van 45 minuten**, tot 10:45.")
    steps = chat.snapshot.timer["session"].data["steps"]
    assert sum(BOOK.minutes_for(step) for step in steps) <= 45
    following = chat.view.open_steps()[len(steps)]
    assert sum(BOOK.minutes_for(step) for step in (*steps, following)) > 45
    assert f"ongeveer {len(steps)} vragen" in said.text


def test_what_fits_follows_the_pace_and_the_place(tmp_path: Path) -> None:
    chat = team(tmp_path, "Anna", "Bas", start="!tempo kort")
    go(chat, "routes.keuze")
    chat.say("Bas", "!sessie 10")
    steps = chat.snapshot.timer["session"].data["steps"]
    assert steps[0] == "routes.keuze"
    assert all(BOOK.steps[step].depth == "kern" for step in steps)
    assert chat.says()[0].step == "routes.keuze"


@pytest.mark.parametrize("text", ["5", "9", "241", "nul", "-10", "45 bananen", "5 uur", "1000", "vier", "45,5"])
def test_a_bad_time_gets_one_line_and_begins_nothing(tmp_path: Path, text: str) -> None:
    chat = team(tmp_path)
    chat.say("Anna", f"!sessie {text}")
    assert chat.text == "Schrijf het zo: `!sessie 45`. Dat zijn minuten: van 10 tot en met 240."
    assert not goes_on(chat)


@pytest.mark.parametrize(
    ("text", "minutes"), [("10", 10), ("45 min", 45), ("90 minuten", 90), ("2 uur", 120), ("240", 240)]
)
def test_a_time_is_read(tmp_path: Path, text: str, minutes: int) -> None:
    chat = team(tmp_path)
    chat.say("Anna", f"!session {text}")
    assert chat.snapshot.timer["session"].data["minutes"] == minutes


def test_sessie_alone_says_what_is_going_on(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Anna", "!sessie")
    assert chat.text.startswith("Er loopt geen sessie.")
    chat.say("Anna", "!sessie stop")
    assert chat.text.startswith("Er loopt geen sessie.")
    chat.say("Anna", "!sessie 30")
    answer(chat, "Buurtbus")
    chat.wait(minutes=20)
    chat.say("Bas", "!sessie")
    assert "nog 10 min. Er is 1 vraag besproken." in chat.text


def test_another_time_moves_the_end(tmp_path: Path) -> None:
    chat = meeting(tmp_path, minutes=20)
    chat.wait(minutes=14)
    chat.say("Anna", "!sessie 30")
    assert "tot 10:44" in chat.text
    assert not chat.wait(minutes=20)
    assert goes_on(chat)
    chat.wait(minutes=11)
    assert not goes_on(chat)


def test_at_the_end_of_the_guide_there_is_nothing_to_meet_for(tmp_path: Path) -> None:
    chat = team(tmp_path, start="!tempo kort")
    for _ in range(200):
        if chat.position == "einde":
            break
        chat.say("Anna", "!overslaan")
    chat.say("Anna", "!sessie 45")
    assert chat.text.startswith("Er staan geen vragen meer open")
    assert not goes_on(chat)


def test_at_the_end_with_open_questions_the_first_of_them_is_asked(tmp_path: Path) -> None:
    chat = team(tmp_path, start="!tempo kort")
    for _ in range(200):
        if chat.position == "einde":
            break
        chat.say("Anna", "!verder")
    chat.say("Anna", "!sessie 45")
    assert chat.says()[0].step == chat.view.open_steps()[0]
    assert goes_on(chat)


# Ending ---------------------------------------------------------------------------------------------------------------


def test_it_warns_once_and_ends_on_time_with_one_message_each(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    assert not chat.wait(minutes=39)
    (warning,) = chat.wait(minutes=2)
    assert warning.text.startswith("Nog 5 minuten.")  # type: ignore[union-attr]
    (end,) = chat.wait(minutes=5)
    assert end.text.startswith("**De sessie is klaar** (10:00 tot 10:45)")  # type: ignore[union-attr]
    assert not goes_on(chat)
    assert not chat.wait(hours=5)


def test_a_short_meeting_is_not_interrupted_by_a_warning(tmp_path: Path) -> None:
    chat = meeting(tmp_path, minutes=15)
    (only,) = chat.wait(minutes=16)
    assert only.text.startswith("**De sessie is klaar**")  # type: ignore[union-attr]


def test_the_end_says_what_was_decided_what_is_open_and_what_is_left(tmp_path: Path) -> None:
    chat = team(tmp_path, "Anna", "Bas", "Çelik", "Dewi")
    answer(chat, "Buurtbus")
    chat.say("Anna", "!verder")
    answer(chat, "1 mei 2026 - 1 mei 2027")
    chat.wait(minutes=1)
    chat.say("Anna", "!sessie 20")
    go(chat, "impact.outcome")
    answer(chat, "Ouderen gaan vaker de deur uit", "Bas")
    chat.say("Anna", "!verder")
    chat.say("Anna", "!weetniet")
    chat.say("Anna", "!actie folder maken @Bas eind maart")
    go(chat, "impact.status")
    for who, word in (("Anna", "voldoende"), ("Bas", "onvoldoende")):
        answer(chat, word, who)
    chat.say("Anna", "!verder")
    chat.say("Anna", "!verder")
    answer(chat, "niet eens", "Bas")
    chat.say("Anna", "!sessie stop")
    text = chat.text
    assert "- Impact · outcome: Ouderen gaan vaker de deur uit" in text
    assert "**Weten we nog niet:** Impact · output" in text
    assert "**Niet eens:** Impact · status" in text
    assert "**Nieuw:** 1 actie" in text
    decided = text[text.index("**Besloten:**") : text.index("**Niet eens:**")]
    assert "Buurtbus" not in text  # that was before
    assert "Pilot · periode" not in text
    assert "Impact · status" not in decided
    assert "**Blijft liggen:** Pilot · betrokkenen" in text


def test_a_meeting_in_which_nothing_was_decided_says_so(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    chat.say("Bas", "!sessie stop")
    assert "**Besloten:** nog niets." in chat.text


def test_a_question_that_does_not_fit_any_more_ends_it(tmp_path: Path) -> None:
    chat = meeting(tmp_path, minutes=15)
    go(chat, "impact.outcome")
    chat.wait(minutes=13)
    answer(chat, "Ouderen gaan vaker de deur uit")
    asked = chat.asked
    chat.sign("Bas", AGREE, asked)
    assert chat.text.startswith("**De sessie is klaar** (10:00 tot 10:13)")
    assert chat.position == "impact.outcome"
    chat.sign("Bas", AGREE, chat.says()[0].number)
    assert chat.says()[0].kind == "question"
    assert not goes_on(chat)


def test_the_end_of_the_guide_ends_it_in_the_same_message(tmp_path: Path) -> None:
    chat = team(tmp_path, start="!tempo kort")
    for _ in range(200):
        if len(chat.view.open_steps(BOOK.order[BOOK.index(chat.position) + 1 :])) == 0:
            break
        chat.say("Anna", "!verder")
    chat.say("Anna", "!sessie 45")
    for _ in range(5):
        if chat.position == "einde":
            break
        chat.say("Anna", "!verder")
    assert chat.text.startswith("**De sessie is klaar**")
    assert "Jullie zijn door alle vragen heen." in chat.text
    assert not goes_on(chat)


# What is left ---------------------------------------------------------------------------------------------------------


def ended(folder: Path) -> Chat:
    chat = meeting(folder, minutes=10)
    answer(chat, "Buurtbus")
    chat.sign("Bas", AGREE, chat.asked)
    chat.wait(minutes=11)
    return chat


@pytest.mark.parametrize("way", ["sign", "word", "command", "reply"])
def test_what_was_parked_is_taken_up_by(tmp_path: Path, way: str) -> None:
    chat = ended(tmp_path)
    end = chat.says()[0].number
    match way:
        case "sign":
            chat.sign("Bas", AGREE, end)
        case "word":
            chat.say("Bas", "verder", mention=True)
        case "command":
            chat.say("Bas", "!verder")
        case _:
            chat.say("Bas", "ja", to=end)
    (said,) = chat.says()
    assert (said.kind, said.step) == ("question", "pilot.periode")
    assert chat.state("pilot.periode") == "open"
    chat.sign("Çelik", AGREE, end)  # the offer is gone
    assert not chat.last


def test_what_was_parked_may_wait(tmp_path: Path) -> None:
    chat = ended(tmp_path)
    chat.say("Bas", "nee", to=chat.says()[0].number)
    assert chat.text.startswith("Oké, dat komt later.")
    chat.say("Bas", "!verder")
    assert chat.position == "pilot.betrokkenen"  # now it leaves the question, as ever


def test_another_reply_to_the_offer_gets_one_line(tmp_path: Path) -> None:
    chat = ended(tmp_path)
    chat.say("Bas", "tja", to=chat.says()[0].number)
    assert chat.text == "Zeg `ja` of `verder`."


def test_the_open_question_is_answered_as_ever_after_the_end(tmp_path: Path) -> None:
    chat = ended(tmp_path)
    chat.say("Bas", "1 mei 2026 - 1 mei 2027", to=number_of(chat, "pilot.periode"))
    assert chat.state("pilot.periode") == "answered"
    assert chat.position == "pilot.betrokkenen"


def test_one_person_who_was_typing_when_the_time_was_up_is_heard(tmp_path: Path) -> None:
    chat = alone(tmp_path, "!sessie 10")
    assert "namens" not in chat.says()[-1].text
    chat.wait(minutes=11)
    chat.say("Anna", "Buurtbus")
    assert chat.texts_of("pilot.naam") == ["Buurtbus"]


def test_one_person_says_ja_to_the_offer_and_leaves_nothing(tmp_path: Path) -> None:
    chat = alone(tmp_path, "!sessie 10")
    chat.wait(minutes=11)
    chat.say("Anna", "ja")
    assert chat.position == "pilot.naam"
    assert chat.says()[0].step == "pilot.naam"


def test_questions_that_came_up_between_are_parked_too(tmp_path: Path) -> None:
    chat = team(tmp_path, start="!tempo kort")
    go(chat, "routes.keuze")
    chat.say("Anna", "!sessie 30")
    answer(chat, "in")
    chat.sign("Bas", AGREE, chat.asked)
    chat.say("Anna", "!sessie stop")
    offer = chat.snapshot.prompts()[-1]
    assert offer.kind == "parked"
    assert "routes.in.invulling" in offer.data["steps"]
    assert "routes.keuze" not in offer.data["steps"]


# What it withstands ---------------------------------------------------------------------------------------------------


def test_a_pause_does_not_end_it_and_the_end_is_told_in_the_pause(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    chat.say("Anna", "!pauze")
    assert "De sessie loopt door tot 10:45." in chat.text
    assert goes_on(chat)
    (end,) = chat.wait(minutes=46)  # no warning in a pause
    assert end.text.startswith("**De sessie is klaar**")  # type: ignore[union-attr]
    assert chat.snapshot.room.paused_at is not None
    chat.say("Anna", "!verder")
    assert chat.text.startswith("Welkom terug.")


def test_a_meeting_ends_a_pause(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Anna", "!pauze")
    chat.say("Anna", "!sessie 45")
    assert chat.snapshot.room.paused_at is None


def test_going_elsewhere_does_not_end_it(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    go(chat, "routes")
    assert goes_on(chat)
    chat.say("Anna", "!sessie stop")
    parked = chat.snapshot.prompts()[-1].data["steps"]
    assert "pilot.naam" in parked
    assert chat.position.startswith("routes.")
    assert chat.position in parked  # it stands open


def test_an_end_that_was_missed_is_told_later_and_never_at_night(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    chat.wait(minutes=41)
    chat.now = chat.now.replace(hour=23)  # the coach was down
    due = chat.snapshot.timer["session"].due
    room = rooms.find(chat.conn, "console", ROOM)
    assert room is not None
    inbox.add(chat.conn, room, TimerDue(f"{APART}timer:session:late", chat.now, "session", due), chat.now)
    assert not chat.settle()
    (end,) = chat.wait(hours=12)
    assert "later dan gepland" in end.text  # type: ignore[union-attr]
    assert "23 november 2026" in end.text  # type: ignore[union-attr]


# A team that is spread out over the week ------------------------------------------------------------------------------


def test_a_team_that_is_spread_out_meets_and_goes_on_spread_out(tmp_path: Path) -> None:
    chat = to(spread_out(tmp_path), "impact.outcome", "impact.output")
    chat.say("Bas", "Ouderen gaan vaker de deur uit", to=number_of(chat, "impact.outcome"))
    before = open_ones(chat)
    chat.say("Anna", "!sessie 45")
    (said,) = chat.says()
    assert "Na de sessie gaat het weer gespreid." in said.text
    assert said.step == before[0]
    assert open_ones(chat) == [before[0]]
    assert chat.texts_of("impact.outcome") == ["Ouderen gaan vaker de deur uit"]
    chat.say("Anna", "!verder")
    assert len(open_ones(chat)) == 1  # one at a time
    chat.say("Anna", "!sessie stop")
    assert "Het gaat weer gespreid: de volgende vragen komen dinsdag 24 november 2026." in chat.text
    assert chat.snapshot.room.mode == "gespreid"
    assert [one.step for one in chat.says(chat.wait(days=1))]


def test_votes_that_were_given_wait_for_the_meeting(tmp_path: Path) -> None:
    chat = to(spread_out(tmp_path), "impact.outcome", "impact.status")
    chat.sign("Bas", "🟢", number_of(chat, "impact.status"))
    chat.say("Anna", "!sessie 45")
    assert [vote.word for vote in chat.view.votes("impact.status")] == ["voldoende"]
    assert chat.state("impact.status") == "open"


@pytest.mark.parametrize(
    ("mode", "words"), [("gespreid", "Na de sessie gaat het gespreid"), ("samen", "Ook na de sessie")]
)
def test_the_mode_chosen_in_a_meeting_is_for_after_it(tmp_path: Path, mode: str, words: str) -> None:
    chat = meeting(tmp_path)
    chat.say("Anna", f"!wijze {mode}")
    assert words in chat.text
    assert chat.snapshot.room.mode == "samen"
    chat.say("Anna", "!sessie stop")
    assert chat.snapshot.room.mode == mode
