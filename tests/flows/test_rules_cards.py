"""Cards: what a message has to fill in and to press, and what each button does. They are there only on a transport that
has them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.cards import DISAGREE, EXAMPLE, HAND_OVER, NO, SAVE, SHORT, SKIP, UNKNOWN
from flows.conversation.effects import Card, Edit, Say
from flows.conversation.events import Doubted
from flows.conversation.hearing import Capabilities
from flows.conversation.marks import AGREE, LATER
from storage import inbox, rooms
from tests.chat import BOOK, ROOM, TEXTS, Chat
from tests.flows.rules_rooms import alone, go, team, walk

CARDS = Capabilities(ways="teams", marks=False, cards=True)
TEXT, STATUS, MULTI, GRID = "impact.vraagstuk", "impact.status", "routes.keuze", "ingredienten.oordeel"


def values(card: Card | None) -> list[str]:
    assert card is not None
    return [button.value for button in card.buttons]


def shown(chat: Chat) -> Card | None:
    return chat.card(chat.asked)


def together(folder: Path, place: str, *names: str) -> Chat:
    chat = team(folder, *names, capabilities=CARDS)
    go(chat, place)
    assert chat.position == place
    return chat


# What a message has -----------------------------------------------------------------------------------------------


def test_without_cards_no_message_has_one(tmp_path: Path) -> None:
    chat = team(tmp_path)
    go(chat, STATUS)
    assert {one.card for one in chat.seen if isinstance(one, Say | Edit)} == {None}


def test_the_welcome_begins_long_or_short(tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=("Anna", "Bas"), capabilities=CARDS)
    assert values(chat.card(1)) == [AGREE, SHORT]
    chat.press("Anna", 1, SHORT)
    assert chat.snapshot.room.pace == "kort"
    assert chat.says()[-1].kind == "question"
    chat.press("Bas", 1, SHORT)  # it has begun
    assert chat.last == []


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (TEXT, [SAVE, AGREE, UNKNOWN, SKIP, EXAMPLE]),
        (MULTI, [SAVE, AGREE, UNKNOWN, SKIP, EXAMPLE]),
        (GRID, [SAVE, AGREE, UNKNOWN, SKIP, EXAMPLE]),
        (STATUS, ["voldoende", "deels", "onvoldoende", "onbekend", AGREE, SKIP, EXAMPLE]),
        ("valkuilen.scope.geldt", ["ja", "deels", "nee", "onbekend", AGREE, SKIP, EXAMPLE]),
    ],
)
def test_a_question_has_the_buttons_of_its_kind(tmp_path: Path, place: str, expected: list[str]) -> None:
    chat = together(tmp_path, place)
    assert values(shown(chat)) == expected


def test_a_question_has_what_its_kind_takes(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    card = shown(chat)
    assert card is not None
    assert card.field
    assert card.lines
    go(chat, MULTI)
    card = shown(chat)
    assert card is not None
    assert card.many
    assert [one.value for one in card.options] == [one.word for one in BOOK.steps[MULTI].form.choices]
    go(chat, GRID)
    card = shown(chat)
    assert card is not None
    assert [one.value for one in card.rows] == [str(n) for n in range(1, 9)]
    assert [one.value for one in card.options] == ["voldoende", "deels", "onvoldoende", "onbekend"]


def test_a_question_that_was_left_has_nothing_to_press(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    left = chat.asked
    chat.press("Anna", left, AGREE)
    assert chat.asked != left
    assert chat.card(left) is None
    assert chat.card(chat.asked) is not None


def test_a_sign_that_the_text_names_stands_on_its_button(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    card = shown(chat)
    assert card is not None
    labels = {button.value: button.label for button in card.buttons}
    assert (labels[AGREE], labels[SAVE]) == ("✅ Verder", "Opslaan")
    assert "✅ verder" in chat.says()[-1].text


# What a button does -----------------------------------------------------------------------------------------------


def test_what_was_filled_in_is_an_answer_and_the_card_shows_it(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    question = chat.asked
    chat.press("Bas", question, SAVE, "Wachtlijsten in de zorg")
    assert chat.texts_of(TEXT) == ["Wachtlijsten in de zorg"]
    (edit,) = chat.edits()
    assert (edit.number, chat.says()) == (question, [])
    assert "Wachtlijsten in de zorg" in edit.text
    assert SAVE in values(edit.card)


def test_the_same_press_is_one_answer(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    chat.press("Bas", chat.asked, SAVE, "Wachtlijsten", event="press")
    chat.press("Bas", chat.asked, SAVE, "Wachtlijsten", event="press")
    assert chat.texts_of(TEXT) == ["Wachtlijsten"]
    assert chat.last == []


def test_an_empty_field_gets_help(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    chat.press("Bas", chat.asked, SAVE, "  ")
    assert chat.text == TEXTS("trouble.empty")
    chat.press("Bas", chat.asked, SAVE, "  ")  # no sign would be seen: it is said again
    assert chat.text == TEXTS("trouble.empty")


def test_what_is_saved_on_a_question_that_was_left_is_added_there(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    question = chat.asked
    chat.press("Anna", question, SKIP)
    position = chat.position
    chat.press("Bas", question, SAVE, "Toch nog iets")
    assert chat.texts_of(TEXT) == ["Toch nog iets"]
    assert chat.position == position


@pytest.mark.parametrize(("value", "state"), [(UNKNOWN, "unknown"), (SKIP, "skipped")])
def test_a_question_is_left_as_not_known_or_skipped_once(tmp_path: Path, value: str, state: str) -> None:
    chat = together(tmp_path, TEXT)
    question = chat.asked
    chat.press("Anna", question, value)
    assert chat.state(TEXT) == state
    position = chat.position
    chat.press("Bas", question, value)  # the second to tap does not leave the next question
    assert (chat.last, chat.position) == ([], position)


def test_an_example_is_of_the_question_of_its_card(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    question = chat.asked
    chat.press("Anna", question, AGREE)
    chat.press("Bas", question, EXAMPLE)
    assert BOOK.steps[TEXT].form.title in chat.text


def test_votes_are_counted_on_the_card_and_the_last_holds(tmp_path: Path) -> None:
    chat = together(tmp_path, STATUS, "Anna", "Bas", "Cem")
    question = chat.asked
    chat.press("Anna", question, "voldoende")
    (edit,) = chat.edits()
    assert TEXTS.count("votes", 1) in edit.text
    assert "voldoende" in values(edit.card)
    chat.press("Anna", question, "deels")
    chat.press("Bas", question, "deels")
    chat.press("Cem", question, "deels")
    said = chat.says()[-1]
    assert values(said.card) == [AGREE, "voldoende", "deels", "onvoldoende", "onbekend", DISAGREE]
    chat.press("Anna", said.number, AGREE)
    assert chat.export["steps"][STATUS]["status"] == "deels"
    chat.press("Bas", said.number, AGREE)
    assert chat.last == []


def test_a_proposal_can_be_made_something_else_or_stay_disagreed(tmp_path: Path) -> None:
    chat = together(tmp_path, STATUS)
    for who in ("Anna", "Bas"):
        chat.press(who, chat.asked, "deels")
    chat.press("Bas", chat.asked, "onvoldoende")
    assert chat.export["steps"][STATUS]["status"] == "onvoldoende"
    go(chat, STATUS)
    for who in ("Anna", "Bas"):
        chat.press(who, chat.asked, "deels")
    chat.press("Bas", chat.asked, DISAGREE)
    found = chat.export["steps"][STATUS]
    assert (found["status"], found["disagreed"]) == ("deels", True)


def test_a_word_that_is_no_vote_of_the_step_is_nothing(tmp_path: Path) -> None:
    chat = together(tmp_path, STATUS)
    chat.press("Anna", chat.asked, "ja")
    assert chat.last == []


def test_chosen_words_and_own_words_go_together(tmp_path: Path) -> None:
    step = next(one for one in BOOK.steps.values() if one.kind == "multi" and one.form.other)
    chat = team(tmp_path, capabilities=CARDS)
    go(chat, step.id)
    word = next(one.word for one in step.form.choices if one.word not in (step.form.other, step.form.none))
    chat.press("Anna", chat.asked, SAVE, "Iets van onszelf", (word, str(step.form.other)))
    chat.press("Anna", chat.asked, AGREE)
    found = chat.export["steps"][step.id]
    assert set(found["choices"]) == {word, step.form.other}
    assert [item["text"] for item in found["items"]] == ["Iets van onszelf"]


def test_a_grid_is_filled_in_row_by_row(tmp_path: Path) -> None:
    chat = together(tmp_path, GRID)
    rows = tuple(f"{n} {'deels' if n == 3 else 'voldoende'}" for n in range(1, 9))
    for who in ("Anna", "Bas"):
        chat.press(who, chat.asked, SAVE, picked=rows)
    proposal = chat.says()[-1]
    assert values(proposal.card) == [AGREE, SAVE, DISAGREE]
    chat.press("Anna", proposal.number, AGREE)
    steps = chat.export["steps"]
    assert [steps[row]["status"] for row in BOOK.steps[GRID].form.rows].count("deels") == 1


def test_an_offer_is_answered_or_refused(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    chat.press("Anna", chat.asked, UNKNOWN)
    (offer,) = chat.says()
    assert values(offer.card) == [SAVE, AGREE]
    chat.press("Bas", offer.number, SAVE, "Nulmeting doen @Bas")
    assert [action["text"] for action in chat.export["actions"]] == ["Nulmeting doen"]
    chat.press("Bas", offer.number, AGREE)
    assert chat.last == []


def test_a_near_miss_is_done_or_not(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    chat.say("Anna", "!overzigt")
    asked = chat.says()[-1].number
    assert values(chat.card(asked)) == [AGREE, NO]
    chat.press("Bas", asked, NO)
    assert not chat.snapshot.prompts()
    for value in (NO, AGREE):
        chat.press("Bas", asked, value)
        assert chat.last == []


# Reminders and re-checks --------------------------------------------------------------------------------------------


def reminded(folder: Path, *actions: str) -> tuple[Chat, int]:
    chat = team(folder, capabilities=CARDS)
    for action in actions:
        chat.say("Anna", f"!actie {action}")
    chat.wait(days=8)
    return chat, [one for one in chat.seen if isinstance(one, Say) and one.kind == "reminder"][-1].number


def test_a_reminder_is_done_with_one_tap(tmp_path: Path) -> None:
    chat, number = reminded(tmp_path, "memo schrijven @Bas 1 december")
    card = chat.card(number)
    assert values(card) == [AGREE, LATER, HAND_OVER]
    assert card is not None
    assert card.options == ()
    assert [one.label for one in card.people] == ["Anna", "Bas"]
    chat.press("Bas", number, AGREE)
    assert chat.export["actions"][0]["state"] == "done"
    chat.press("Bas", number, LATER)
    assert chat.last == []


def test_of_several_actions_one_is_chosen_on_the_card(tmp_path: Path) -> None:
    chat, number = reminded(tmp_path, "memo schrijven @Bas 1 december", "bellen @Bas 1 december")
    card = chat.card(number)
    assert card is not None
    assert [one.value for one in card.options] == ["1", "2"]
    chat.press("Anna", number, LATER, picked=("2",))
    assert [one["due"] for one in chat.export["actions"]] == ["2026-12-01", "2026-12-08"]
    chat.press("Bas", number, LATER, picked=("2",))  # the same tap of somebody else
    assert chat.export["actions"][1]["due"] == "2026-12-08"


def test_an_action_is_handed_over_once(tmp_path: Path) -> None:
    chat, number = reminded(tmp_path, "memo schrijven @Bas 1 december")
    chat.press("Bas", number, HAND_OVER)
    assert chat.text == TEXTS("card.whom")
    chat.press("Bas", number, HAND_OVER, person="Anna")
    assert chat.export["actions"][0]["owner"] == "Anna"
    chat.press("Bas", number, HAND_OVER, person="Anna")
    assert chat.last == []
    chat.press("Bas", number, HAND_OVER, person="Mallory")
    assert chat.export["actions"][0]["owner"] == "Anna"


def test_a_recheck_is_one_tap_where_nothing_changed(tmp_path: Path) -> None:
    chat = alone(tmp_path, capabilities=CARDS)
    walk(chat)
    chat.say("Anna", "!hercheck")
    number = chat.says()[-1].number
    found = values(chat.card(number))
    assert (found[0], found[-1]) == (AGREE, LATER)
    assert "routes" in found
    chat.press("Anna", number, AGREE)
    rounds = len(chat.export["rounds"])
    chat.press("Anna", number, AGREE)
    assert len(chat.export["rounds"]) == rounds == 2


# The overview -------------------------------------------------------------------------------------------------------


def test_the_overview_has_its_statuses_as_a_table(tmp_path: Path) -> None:
    chat = together(tmp_path, STATUS)
    for who in ("Anna", "Bas"):
        chat.press(who, chat.asked, "deels")
    chat.press("Anna", chat.asked, AGREE)
    chat.say("Anna", "!overzicht")
    (said,) = chat.says()
    assert said.card is not None
    assert said.card.table[0].cells[:2] == ("🟠 deels", "Impact")
    assert len(said.card.table) == len([one for one in BOOK.parts.values() if one.status])
    assert all(line.text in said.text.split("\n") for line in said.card.table)
    chat.say("Anna", "!overzicht routes")
    assert chat.says()[0].card is None


# Who is there ------------------------------------------------------------------------------------------------------


def test_a_shared_room_is_a_group_also_with_one_person(tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=(), capabilities=CARDS)
    chat.members("Anna", shared=True)
    assert TEXTS("ways.teams.group.listens") in chat.text
    chat.say("Anna", "Zomaar iets")
    assert chat.last == []
    chat.press("Anna", 1, AGREE)
    go(chat, TEXT)
    chat.press("Anna", chat.asked, SAVE, "Wachtlijsten")
    assert chat.texts_of(TEXT) == ["Wachtlijsten"]


# What may have been missed ------------------------------------------------------------------------------------------


def doubt(chat: Chat, number: int) -> None:
    """Nobody knows whether the coach's message arrived."""
    room = rooms.find(chat.conn, "console", ROOM)
    assert room is not None
    inbox.add(chat.conn, room, Doubted(f"doubt {number}", chat.now, number), chat.now)
    assert chat.settle() == []


def test_the_next_message_says_once_which_may_have_been_missed(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    doubt(chat, chat.asked)
    missed = TEXTS("doubt.one", n=chat.asked)
    chat.press("Bas", chat.asked, EXAMPLE)
    assert chat.text.startswith(missed)
    chat.press("Bas", chat.asked, EXAMPLE)
    assert missed not in chat.text


def test_of_many_that_may_have_been_missed_the_first_are_named(tmp_path: Path) -> None:
    chat = together(tmp_path, TEXT)
    for number in range(1, 6):
        doubt(chat, number)
    chat.press("Bas", chat.asked, EXAMPLE)
    assert chat.text.startswith(TEXTS("doubt.more", numbers="1, 2, 3 en nog 2"))
