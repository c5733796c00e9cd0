"""A room that was stored under an earlier version of the book. Rule: what was renamed goes on under its new name, what
vanished is kept and hidden, and a team whose step is gone is told where it goes on: nothing is reset or lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from flows.book import Book, load_book
from flows.book.model import BEGIN, END
from flows.conversation.effects import Say
from flows.conversation.engine import Engine
from flows.conversation.events import Event, Joined, Own, Person, Reacted, Said
from flows.conversation.hearing import Capabilities, Setting
from flows.conversation.snapshot import Snapshot
from flows.export import as_csv, as_json
from tests.chat import BOOK, TEXTS, Chat
from tests.flows.books import Break, apply_break, copy_book, rename_step, without_step

RENAMED = {
    "impact.outcome": "impact.effect",
    "impact.acties": "impact.stappen",
    "routes.keuze": "routes.gekozen",
    "ingredienten.oordeel": "ingredienten.rooster",
    "ingredienten.waarde.status": "ingredienten.meerwaarde.status",
    "valkuilen.scope.geldt": "valkuilen.scope.speelt",
}
GONE = ["impact.verschil", "routes.rol", "ingredienten.klaar", "valkuilen.partners.wrijving", "strategie.lastig"]


def newer(folder: Path, renamed: dict[str, str], gone: list[str]) -> Book:
    """The real book as its next version would be."""
    copy_book(folder)
    for step in gone:
        without_step(folder, step)
    for old, new in renamed.items():
        rename_step(folder, old, new)
    lines = "".join(f'\n"{old}" = "{new}"' for old, new in renamed.items())
    apply_break(folder, Break("book.toml", None, "[renamed]", f"[renamed]{lines}"))
    apply_break(folder, Break("book.toml", None, 'version = "1"', 'version = "2"'))
    return load_book(folder)


def room_folder(tmp_path: Path) -> Path:
    """A folder for the database, beside that of the next book."""
    folder = tmp_path / "room"
    folder.mkdir()
    return folder


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    """A room of one that started."""
    one = Chat(room_folder(tmp_path))
    one.say("Anna", "!start")
    return one


def at(chat: Chat, step: str) -> Chat:
    """The room at a step, with its question open."""
    chat.say("Anna", f"!ga {step}")
    assert chat.position == step
    return chat


def renewed(chat: Chat, tmp_path: Path, renamed: dict[str, str], gone: list[str]) -> Chat:
    """From now on the room is served with the next version of the book."""
    chat.book = newer(tmp_path / "newer", renamed, gone)
    return chat


# Finding the new name -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("renamed", "step", "found"),
    [
        ({}, "impact.outcome", "impact.outcome"),
        ({}, "impact.oud", None),
        ({"impact.oud": "impact.outcome"}, "impact.oud", "impact.outcome"),
        ({"impact.oud": "impact.outcome"}, "impact.ouder", None),
        ({"impact.ouder": "impact.oud", "impact.oud": "impact.outcome"}, "impact.ouder", "impact.outcome"),
        ({"impact.oud": "impact.nergens"}, "impact.oud", None),
        ({"impact.oud": "impact.ouder", "impact.ouder": "impact.oud"}, "impact.oud", None),
        ({"impact.oud": "impact.oud"}, "impact.oud", None),
    ],
)
def test_a_name_is_followed_through_every_version(renamed: dict[str, str], step: str, found: str | None) -> None:
    book = replace(BOOK, head=BOOK.head.model_copy(update={"renamed": renamed}))
    assert book.follow_rename(step) == found


# Where the team goes on -----------------------------------------------------------------------------------------------


def test_a_team_at_a_renamed_step_goes_on_there_and_is_told(chat: Chat, tmp_path: Path) -> None:
    at(chat, "impact.outcome").say("Anna", "ouders vragen eerder hulp")
    renewed(chat, tmp_path, {"impact.outcome": "impact.effect"}, [])
    chat.say("Anna", "leerkrachten bellen ons eerder")
    assert chat.position == "impact.effect"
    assert chat.texts_of("impact.effect") == ["ouders vragen eerder hulp", "leerkrachten bellen ons eerder"]
    assert "impact.effect" in chat.text
    assert chat.snapshot.room.version == "2"


def test_a_team_at_a_vanished_step_goes_on_and_is_told_where(chat: Chat, tmp_path: Path) -> None:
    at(chat, "impact.verschil").say("Anna", "een nulmeting")
    renewed(chat, tmp_path, {}, ["impact.verschil"])
    chat.say("Anna", "!vraag")
    assert chat.position in chat.book.steps
    assert chat.state(chat.position) == "open"
    assert chat.position in chat.text
    assert any(one.kind == "question" and one.step == chat.position for one in chat.says())
    assert [item.text for item in chat.snapshot.item.values()] == ["een nulmeting"]


def test_an_answer_to_a_question_that_vanished_is_no_answer_to_another(chat: Chat, tmp_path: Path) -> None:
    at(chat, "impact.verschil")
    renewed(chat, tmp_path, {}, ["impact.verschil"])
    chat.say("Anna", "een nulmeting")
    assert "een nulmeting" not in str(chat.export)
    assert chat.position in chat.says()[-1].text


def test_nothing_is_noted_at_a_step_whose_question_was_not_asked(chat: Chat, tmp_path: Path) -> None:
    """The first message after the change asks for something else; the second is no answer to what nobody saw."""
    at(at(chat, "routes.rol"), "routes.toekomst")
    renewed(chat, tmp_path, {}, ["routes.toekomst"])
    chat.say("Anna", "!overzicht")
    chat.say("Anna", "elke wijk in de stad")
    asked = {one.step for one in chat.seen if isinstance(one, Say) and one.kind == "question"}
    assert {item.step for item in chat.snapshot.item.values()} <= asked


def test_it_is_told_once(chat: Chat, tmp_path: Path) -> None:
    at(chat, "impact.outcome")
    renewed(chat, tmp_path, {"impact.outcome": "impact.effect"}, [])
    told = TEXTS("moved.line", step="impact.effect")
    chat.say("Anna", "!vraag")
    assert told in chat.text
    chat.say("Anna", "!vraag")
    assert told not in chat.text


def test_a_team_elsewhere_goes_on_where_it_was(chat: Chat, tmp_path: Path) -> None:
    at(chat, "impact.outcome").say("Anna", "ouders vragen eerder hulp")
    at(chat, "routes.toekomst")
    renewed(chat, tmp_path, {"impact.outcome": "impact.effect"}, ["impact.verschil"])
    chat.say("Anna", "elke wijk in de stad")
    assert chat.position == "routes.toekomst"
    assert chat.texts_of("impact.effect") == ["ouders vragen eerder hulp"]
    assert chat.texts_of("routes.toekomst") == ["elke wijk in de stad"]


@pytest.mark.parametrize("said", ["!verder", "!vraag", "!overzicht", "!vorige", "een antwoord", "!ga routes"])
@pytest.mark.parametrize("gone", ["routes.toekomst", "impact.verschil"])
def test_a_trail_to_a_vanished_step_ends(chat: Chat, tmp_path: Path, gone: str, said: str) -> None:
    """The room went back from a step that is gone now."""
    at(at(chat, gone), "impact.vraagstuk")
    renewed(chat, tmp_path, {}, [gone])
    chat.say("Anna", said)
    assert [one.kind for one in chat.says()] != ["error"]
    assert chat.position in chat.book.steps


@pytest.mark.parametrize("renamed", [{}, {"impact.verschil": "impact.meten"}], ids=["vanished", "renamed"])
def test_a_detour_to_a_step_that_changed_comes_back(chat: Chat, tmp_path: Path, renamed: dict[str, str]) -> None:
    at(chat, "impact.verschil").say("Anna", "een nulmeting")
    at(chat, "routes.toekomst").say("Anna", "!wijzig impact.verschil")
    renewed(chat, tmp_path, renamed, [] if renamed else ["impact.verschil"])
    chat.say("Anna", "!verder")
    assert [one.kind for one in chat.says()] == ["question"]
    assert chat.position == "routes.toekomst"
    assert chat.view.detour() is None


def test_an_offer_at_a_vanished_step_falls_away(chat: Chat, tmp_path: Path) -> None:
    at(chat, "impact.verschil").say("Anna", "!weetniet")
    assert chat.says()[-1].kind == "nudge"
    renewed(chat, tmp_path, {}, ["impact.verschil"])
    chat.say("Anna", "!verder")
    assert [one.kind for one in chat.says()] != ["error"]
    assert chat.position in chat.book.steps


def test_an_offer_at_a_renamed_step_stands(chat: Chat, tmp_path: Path) -> None:
    at(chat, "impact.outcome").say("Anna", "!weetniet")
    assert chat.says()[-1].kind == "nudge"
    renewed(chat, tmp_path, {"impact.outcome": "impact.effect"}, [])
    chat.say("Anna", "nulmeting doen @Anna 31 maart 2027")
    assert [action["text"] for action in chat.export["actions"]] == ["nulmeting doen"]
    assert chat.state("impact.effect") == "unknown"


def test_what_was_offered_once_is_not_offered_again_under_a_new_name(chat: Chat, tmp_path: Path) -> None:
    at(chat, "impact.outcome").say("Anna", "!weetniet")
    assert chat.says()[-1].kind == "nudge"
    at(chat, "routes.toekomst")
    renewed(chat, tmp_path, {"impact.outcome": "impact.effect"}, [])
    at(chat, "impact.effect").say("Anna", "!weetniet")
    assert [one.kind for one in chat.says()] == ["question"]


# What was said --------------------------------------------------------------------------------------------------------


def test_items_keep_their_author_and_their_message(chat: Chat, tmp_path: Path) -> None:
    at(chat, "impact.outcome").say("Anna", "ouders vragen eerder hulp")
    (before,) = chat.export["steps"]["impact.outcome"]["items"]
    event = chat.event
    at(chat, "routes.toekomst")
    renewed(chat, tmp_path, {"impact.outcome": "impact.effect"}, [])
    chat.say("Anna", "!vraag")
    assert chat.export["steps"]["impact.effect"]["items"] == [before]
    chat.edit("Anna", event, "ouders vragen veel eerder hulp")
    assert chat.texts_of("impact.effect") == ["ouders vragen veel eerder hulp"]


def test_choices_statuses_and_actions_go_along(chat: Chat, tmp_path: Path) -> None:
    at(chat, "routes.keuze").say("Anna", "in en op")
    at(chat, "impact.status").say("Anna", "deels")
    at(chat, "impact.acties").say("Anna", "nulmeting doen @Anna 31 maart 2027")
    at(chat, "valkuilen.scope.geldt").say("Anna", "ja")
    at(chat, "ingredienten.oordeel").say("Anna", "v d o o ? d v v")
    before = chat.export["steps"]
    renewed(chat, tmp_path, RENAMED, GONE)
    chat.say("Anna", "!overzicht")
    after = chat.export["steps"]
    for step, stood in before.items():
        if step not in GONE:
            assert after[RENAMED.get(step, step)] == stood, step
    assert [action["step"] for action in chat.export["actions"]] == ["impact.stappen"]
    assert chat.view.applicable("routes.in.invulling")
    assert not chat.view.applicable("routes.uit.invulling")


def test_what_stood_at_a_vanished_step_is_there_again_in_a_book_that_has_it(chat: Chat, tmp_path: Path) -> None:
    at(chat, "impact.verschil").say("Anna", "een nulmeting")
    at(chat, "routes.toekomst")
    renewed(chat, tmp_path, {}, ["impact.verschil"])
    chat.say("Anna", "!vraag")
    assert "een nulmeting" not in str(chat.export)
    chat.book = BOOK
    chat.say("Anna", "!vraag")
    assert chat.texts_of("impact.verschil") == ["een nulmeting"]


def test_a_vote_that_is_going_on_goes_on(tmp_path: Path) -> None:
    chat = Chat(room_folder(tmp_path), ("Anna", "Bas", "Çelik"))
    chat.say("Anna", "!start")
    at(chat, "valkuilen.scope.geldt")
    asked = chat.asked
    chat.sign("Anna", "🟠", asked)
    renewed(chat, tmp_path, {"valkuilen.scope.geldt": "valkuilen.scope.speelt"}, [])
    chat.sign("Bas", "🟠", asked)
    chat.sign("Çelik", "🟠", asked)
    chat.sign("Anna", "✅", chat.asked)
    assert chat.export["steps"]["valkuilen.scope.speelt"]["status"] == "deels"


def test_a_reply_to_a_question_under_its_old_name_is_its_answer(tmp_path: Path) -> None:
    """A reply belongs to the step of the message that it points at, also when the team has moved on."""
    chat = Chat(room_folder(tmp_path), ("Anna", "Bas"))
    chat.say("Anna", "!start")
    at(chat, "impact.outcome")
    asked = chat.asked
    at(chat, "routes.toekomst")
    renewed(chat, tmp_path, {"impact.outcome": "impact.effect"}, [])
    chat.say("Bas", "ouders vragen eerder hulp", to=asked)
    assert chat.texts_of("impact.effect") == ["ouders vragen eerder hulp"]
    assert chat.position == "routes.toekomst"


def test_a_tap_on_the_open_question_under_its_old_name_goes_on(tmp_path: Path) -> None:
    chat = Chat(room_folder(tmp_path), ("Anna", "Bas"))
    chat.say("Anna", "!start")
    at(chat, "impact.outcome")
    asked = chat.asked
    renewed(chat, tmp_path, {"impact.outcome": "impact.effect"}, [])
    chat.sign("Bas", "✅", asked)
    assert chat.position != "impact.effect"
    assert chat.says()


def test_two_steps_that_became_one_keep_what_both_had(chat: Chat, tmp_path: Path) -> None:
    at(chat, "impact.outcome").say("Anna", "ouders vragen eerder hulp")
    at(chat, "impact.verschil").say("Anna", "een nulmeting")
    at(chat, "routes.toekomst")
    folder = tmp_path / "newer"
    copy_book(folder)
    without_step(folder, "impact.verschil")
    apply_break(folder, Break("book.toml", None, "[renamed]", '[renamed]\n"impact.verschil" = "impact.outcome"'))
    apply_break(folder, Break("book.toml", None, 'version = "1"', 'version = "2"'))
    chat.book = load_book(folder)
    chat.say("Anna", "!vraag")
    assert sorted(chat.texts_of("impact.outcome")) == ["een nulmeting", "ouders vragen eerder hulp"]


# At every point of the walk -------------------------------------------------------------------------------------------

PEOPLE = ("Anna", "Bas")
ANSWERS = {
    "text": "wat wij erover zeggen",
    "actions": "memo schrijven @Anna 15 januari 2027",
    "multi": "1",
    "status": "onvoldoende",
    "applies": "ja",
    "grid": "v d o o ? d v v",
    "statement": "met veel mensen en middelen maken wij het verschil",
    "period": "1 september 2026 - 31 augustus 2027",
    "rhythm": "elke 6 weken",
}
OTHERS = {"status": "voldoende", "applies": "nee", "grid": "o d v o v d v v"}
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def engine(book: Book) -> Engine:
    return Engine(Setting(book, TEXTS, Capabilities(), "Gemeente Voorbeeld"))


def latest(snapshot: Snapshot) -> Own:
    """The message that asks: that of the latest prompt, else that of the latest question."""
    for prompt in reversed(snapshot.prompts()):
        if prompt.messages:
            kind = "question" if prompt.kind in ("spread", "settle") else "nudge"
            return Own(prompt.messages[-1], kind, prompt.step)
    asked = max(snapshot.asked.values(), key=lambda one: one.latest)
    return Own(asked.latest, "question", asked.step)


@cache
def walked(count: int) -> tuple[Snapshot, ...]:
    """A room of so many people at every step of a whole walk, and with every prompt. A text question is now and then
    not known, and each vote differs, so that offers, second rounds and proposals are among them."""
    one = engine(BOOK)
    people = tuple(Person(name, name) for name in PEOPLE[:count])
    room = one.step(Snapshot("r1"), Joined("e0", START, people)).snapshot
    rooms = [room]
    number = 0

    def do(event: Event) -> None:
        nonlocal room
        room = one.step(room, event).snapshot
        rooms.append(room)

    while room.room.position != END:
        number += 1
        moment = START + timedelta(minutes=number)
        assert number < 1_000, room.room.position
        if room.room.position == BEGIN:
            do(Said(f"e{number}", moment, "Anna", "!start"))
            continue
        own = latest(room)
        position = room.room.position
        if number % 7 == 0 or own.kind == "nudge" or any(one.kind in ("settle", "spread") for one in room.prompts()):
            do(Reacted(f"e{number}", moment, "Anna", "✅", own))
            continue
        step = BOOK.steps[position]
        text = "!weetniet" if number % 5 == 0 and step.kind == "text" else ANSWERS[step.kind]
        for place, who in enumerate(PEOPLE[:count]):
            if room.room.position == position:
                vote = OTHERS.get(step.kind, text) if place else text
                do(Said(f"e{number}.{place}", moment, who, vote, own))
        if room.room.position == position and latest(room) == own:
            do(Said(f"e{number}.9", moment, "Anna", "!verder"))
    seen = {(one.room.position, *(prompt.kind for prompt in one.prompts())): one for one in rooms}
    return tuple(seen.values())


def events(snapshot: Snapshot) -> list[Event]:
    at = START + timedelta(days=1)
    own = latest(snapshot) if snapshot.asked else Own(1, "welcome", None)
    said = [
        "!verder",
        "!vorige",
        "!vraag",
        "!overzicht",
        "!weetniet",
        "!uitleg",
        "nog een punt",
        "!wijzig impact.input",
    ]
    return [
        *(Said(f"n{place}", at, "Anna", text) for place, text in enumerate(said)),
        Said("n20", at, "Anna", "nog een punt", own),
        Reacted("n21", at, "Anna", "✅", own),
        Reacted("n22", at, "Anna", "🟠", own),
        Joined("n23", at, (Person("Anna", "Anna"), Person("Bas", "Bas"), Person("Çelik", "Çelik"))),
    ]


@pytest.fixture(scope="module")
def next_book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return newer(tmp_path_factory.mktemp("book") / "newer", RENAMED, GONE)


@pytest.mark.parametrize("count", [1, 2])
def test_at_every_point_of_the_walk_the_next_version_goes_on_and_loses_nothing(next_book: Book, count: int) -> None:
    rooms = walked(count)
    assert {one.kind for room in rooms for one in room.prompts()} >= ({"offer"} if count == 1 else {"settle", "spread"})
    one = engine(next_book)
    faults: dict[str, str] = {}
    for place, room in enumerate(rooms):
        position = room.room.position
        moved = position not in (BEGIN, END, *next_book.steps)
        for event in events(room):
            name = f"{position} ({place}), {getattr(event, 'text', None) or getattr(event, 'key', event)}"
            try:
                turn = one.step(room, event)
                _nothing_lost(room, turn.snapshot)
                assert turn.snapshot.room.position in (BEGIN, END, *next_book.steps)
                told = any(isinstance(effect, Say) and "vernieuwd" in effect.text for effect in turn.effects)
                assert told == moved, "told where it goes on"
                noted = [item.text for item in turn.snapshot.item.values() if item.id not in room.item]
                aside = isinstance(event, Said) and event.points_at is not None and event.points_at.step not in GONE
                assert aside or not (position in GONE and noted), "noted what was said to a question that is gone"
            except Exception as error:  # every point that fails is named, not the first alone
                faults[name] = f"{type(error).__name__}: {str(error).splitlines()[0][:80]}"
    assert not faults, f"{len(faults)} of them: {dict(list(faults.items())[:12])}"


def _nothing_lost(before: Snapshot, after: Snapshot) -> None:
    assert before.item.keys() <= after.item.keys()
    assert before.action.keys() <= after.action.keys()
    kept = {(item.id, item.step) for item in after.item.values()}
    assert {(item.id, RENAMED.get(item.step, item.step)) for item in before.item.values()} <= kept


def test_a_walk_that_was_stored_reads_the_same_before_and_after(next_book: Book) -> None:
    """Looking at a stored room with the next book, before any event, is no fault either."""
    for room in walked(1)[::5]:
        as_json(next_book, room, START, TEXTS.rhythm)
        as_csv(next_book, room, START)
