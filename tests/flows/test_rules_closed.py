"""A closed first round: who votes what is seen by nobody else, and is gone once it is closed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from flows.conversation.effects import Edit, Effect, Mark, Recall, Say
from flows.conversation.engine import Engine
from flows.conversation.events import Said, Unreachable
from flows.conversation.hearing import CARD, PRIVATE, Capabilities, Setting
from flows.conversation.marks import AGREE
from flows.conversation.snapshot import Snapshot
from tests.chat import BOOK, ROOM, TEXTS, Chat
from tests.flows.answer_rooms import ROWS, at, discussed, settled, status

STATUS, APPLIES, GRID = "impact.status", "valkuilen.scope.geldt", "ingredienten.oordeel"
FOUR = ("Anna", "Bas", "Çelik", "Dewi")
LETTERS = "v d o o ? d v v"


def closed(folder: Path, *people: str, how: str = PRIVATE, step: str | None = STATUS) -> Chat:
    """A group in which rounds are closed, at a step."""
    ways = Capabilities(ways="teams", cards=True, closed=CARD) if how == CARD else Capabilities(closed=how)
    chat = Chat(folder, people or FOUR, capabilities=ways)
    chat.say("Anna", "!start")
    chat.say("Anna", "!instellingen gesloten aan")
    return chat if step is None else at(chat, step)


def apart(chat: Chat, who: str) -> int:
    """The message in which somebody was asked alone."""
    return [one.number for one in chat.seen if isinstance(one, Say) and one.to == who and one.kind == "question"][-1]


def votes(chat: Chat, **words: str) -> list[Effect]:
    """Everybody answers their own message."""
    for who, word in words.items():
        chat.say(who, word, to=apart(chat, who))
    return chat.last


def open_to_all(effects: Iterable[Effect]) -> str:
    """All that everybody in the room can see of these effects."""
    seen = [one for one in effects if isinstance(one, Say | Edit | Mark) and getattr(one, "to", None) is None]
    return json.dumps([repr(one) for one in seen], ensure_ascii=False)


# The setting ----------------------------------------------------------------------------------------------------------


def test_it_is_off_by_default_and_a_vote_is_open(tmp_path: Path) -> None:
    chat = Chat(tmp_path, FOUR, capabilities=Capabilities(closed=PRIVATE, private=True))
    chat.say("Anna", "!start")
    at(chat, STATUS)
    (said,) = chat.says()
    assert said.signs == ("🟢", "🟠", "🔴", "⚪", AGREE)


def test_where_nobody_can_vote_unseen_it_is_not_turned_on(tmp_path: Path) -> None:
    chat = closed(tmp_path, how="", step=None)
    assert chat.text.startswith("Dat kan in deze chat niet")
    assert not chat.snapshot.room.closed
    chat.say("Anna", "!instellingen")
    assert "gesloten" not in chat.text


@pytest.mark.parametrize("ways", ["chat", "matrix", "teams", "terminal"])
def test_what_is_promised_is_said_when_it_is_turned_on(tmp_path: Path, ways: str) -> None:
    chat = Chat(tmp_path, FOUR, capabilities=Capabilities(ways=ways, closed=PRIVATE, private=True))
    chat.say("Anna", "!instellingen gesloten aan")
    assert TEXTS(f"closed.promise.{ways}") in chat.says()[-1].text
    assert "bewaar ik niet wie wat koos" in chat.says()[-1].text
    chat.say("Anna", "!instellingen gesloten uit")
    assert not chat.snapshot.room.closed
    assert "bewaar" not in chat.text


def test_a_bad_value_gets_one_line(tmp_path: Path) -> None:
    chat = closed(tmp_path, step=None)
    chat.say("Anna", "!instellingen gesloten soms")
    assert chat.text == "Kies `!instellingen gesloten aan` of `!instellingen gesloten uit`."


def test_a_vote_that_is_under_way_stays_as_it_began(tmp_path: Path) -> None:
    chat = Chat(tmp_path, FOUR, capabilities=Capabilities(closed=PRIVATE, private=True))
    chat.say("Anna", "!start")
    at(chat, STATUS)
    chat.sign("Bas", "🟢", chat.asked)
    chat.say("Anna", "!instellingen gesloten aan")
    chat.sign("Anna", "🟢", chat.asked)
    assert "2 stemmen" in chat.edits()[0].text
    (other,) = [tmp_path / "other"]
    other.mkdir()
    chat = closed(other)
    chat.say("Anna", "!instellingen gesloten uit")
    votes(chat, Anna="voldoende")
    assert not chat.edits()  # this round was promised to be closed


def test_one_person_votes_as_ever(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", step=None)
    at(chat, STATUS)
    chat.say("Anna", "deels")
    assert status(chat, STATUS) == "deels"


# Voting ---------------------------------------------------------------------------------------------------------------


def test_everybody_is_asked_alone_and_the_question_has_no_signs_to_vote_with(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    group, *alone = chat.says()
    assert (group.to, group.signs) == (None, (AGREE,))
    assert {one.to for one in alone} == set(FOUR)
    assert all((one.kind, one.step, one.signs, one.asks) == ("question", STATUS, (), True) for one in alone)


def test_nothing_of_a_vote_is_seen_before_the_last(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    for who in FOUR[:-1]:
        effects = votes(chat, **{who: "onvoldoende"})
        assert open_to_all(effects) == "[]"
        assert [(one.key, one.to) for one in chat.marks()] == [("✍️", who)]
    chat.say("Anna", "!vraag")
    assert "stem" not in chat.text.replace("stemmen", "").replace("stem je", "")
    assert "1" not in chat.text.split("·")[0]
    chat.say("Anna", "!overzicht")
    assert "onvoldoende" not in chat.text
    for form in ("json", "csv"):
        assert "onvoldoende" not in json.dumps(chat.export), form


def test_the_last_vote_shows_the_counts_to_all(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    votes(chat, Anna="voldoende", Bas="onvoldoende", Çelik="o", Dewi="3")
    (edited,) = chat.edits()
    assert "**4 stemmen: 🟢 1 · 🔴 3**" in edited.text
    assert chat.text.startswith("**Impact · status**\n4 stemmen: 🟢 1 · 🔴 3. De meningen verschillen.")
    assert chat.says()[0].to is None


def test_a_member_s_last_vote_counts(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", "Bas")
    votes(chat, Anna="voldoende")
    votes(chat, Anna="deels")
    votes(chat, Bas="deels")
    assert "ik noteer **deels** (2 stemmen)" in chat.text


def test_a_vote_follows_its_message(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", "Bas", "Çelik")
    votes(chat, Anna="voldoende")
    event = chat.event
    chat.edit("Anna", event, "onvoldoende")
    assert [vote.word for vote in chat.view.votes(STATUS)] == ["onvoldoende"]
    chat.edit("Anna", event, "tja")
    assert [one.to for one in chat.says()] == ["Anna"]
    chat.redact("Anna", event)
    assert not chat.view.votes(STATUS)
    assert open_to_all(chat.last) == "[]"


@pytest.mark.parametrize("text", ["weet niet", "?", "!weetniet", "!antwoord onbekend", "geen idee"])
def test_not_to_know_is_a_vote(tmp_path: Path, text: str) -> None:
    chat = closed(tmp_path)
    votes(chat, Bas=text)
    assert [(vote.member, vote.word) for vote in chat.view.votes(STATUS)] == [("Bas", "onbekend")]


def test_a_pitfall_and_the_grid_are_closed_too(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", "Bas", step=APPLIES)
    votes(chat, Anna="ja", Bas="ja")
    assert "ik noteer **ja** (2 stemmen)" in chat.text
    chat.sign("Anna", AGREE, chat.says()[0].number)
    at(chat, GRID)
    votes(chat, Anna=LETTERS)
    assert open_to_all(chat.last) == "[]"
    votes(chat, Bas=LETTERS)
    assert settled(chat)
    assert not chat.snapshot.vote


def test_not_to_know_any_of_the_grid(tmp_path: Path) -> None:
    chat = closed(tmp_path, step=GRID)
    votes(chat, Bas="weet niet")
    assert {vote.word for row in ROWS for vote in chat.view.votes(row)} == {"onbekend"}


def test_what_can_t_be_read_gets_one_line_alone_and_then_a_sign(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    votes(chat, Bas="misschien")
    (said,) = chat.says()
    assert (said.to, said.kind) == ("Bas", "help")
    votes(chat, Bas="toch wel")
    assert [(one.key, one.to) for one in chat.marks()] == [("❓", "Bas")]


def test_a_reply_alone_explains_and_does_nothing_else(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    votes(chat, Bas="!uitleg")
    assert [(one.to, one.kind) for one in chat.says()] == [("Bas", "help")]
    for command in ("!overzicht", "!verder", "!pauze", "!instellingen gesloten uit"):
        votes(chat, Bas=command)
        assert [one.to for one in chat.says()] == ["Bas"]
    assert chat.position == STATUS
    assert chat.snapshot.room.closed
    assert chat.snapshot.room.paused_at is None


# What all can see is no vote ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["onvoldoende", "!weetniet", "weet niet", "!antwoord deels", "namens @Anna: deels"])
def test_what_is_said_in_the_room_is_no_vote(tmp_path: Path, text: str) -> None:
    chat = closed(tmp_path)
    chat.say("Anna", "!sessie 45")
    at(chat, STATUS)
    group = chat.snapshot.asked[STATUS].latest
    chat.say("Bas", text, to=group)
    (said,) = chat.says()
    assert said.text.startswith("Dit telt niet als stem")
    assert not chat.view.votes(STATUS)
    chat.edit("Bas", chat.event, "voldoende")
    assert not chat.view.votes(STATUS)


def test_what_is_said_elsewhere_in_the_room_is_not_asked_about(tmp_path: Path) -> None:
    """Else the coach would say it again, and keep it till somebody answers."""
    chat = closed(tmp_path)
    told = next(one.number for one in chat.seen if isinstance(one, Say) and one.kind == "noted")
    chat.say("Bas", "onvoldoende", to=told)
    assert chat.text.startswith("Dit telt niet als stem")
    chat.say("Anna", "!pauze")
    chat.say("Çelik", "onvoldoende", mention=True)
    assert chat.text.startswith("Dit telt niet als stem")
    assert "onvoldoende" not in json.dumps([one.data for one in chat.snapshot.prompts()])


def test_a_sign_in_the_room_is_no_vote_and_is_not_kept(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    group = chat.snapshot.asked[STATUS].latest
    chat.sign("Bas", "🔴", group)
    assert chat.text.startswith("Dit telt niet als stem")
    chat.sign("Bas", "🟢", group)
    assert not chat.last
    chat.sign("Bas", "🔴", apart(chat, "Bas"))
    assert [one.to for one in chat.says()] == ["Bas"]
    assert not chat.view.votes(STATUS)
    assert chat.conn.execute("SELECT count(*) FROM sign").fetchone() == (0,)


def test_somebody_s_mark_makes_no_vote_of_what_was_said(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    chat.say("Bas", "onvoldoende wat mij betreft")
    chat.sign("Anna", "✍️", chat.event)
    assert chat.text.startswith("Dit telt niet als stem")
    votes(chat, Bas="onvoldoende")
    event = chat.event
    chat.sign("Anna", "✍️", event)
    chat.sign("Anna", AGREE, chat.snapshot.asked[STATUS].latest)
    chat.sign("Çelik", "✍️", event)  # after the round nobody can bring it back
    assert not any(vote.member == "Bas" for vote in chat.view.votes(STATUS))
    assert "onvoldoende" not in open_to_all(chat.last)


# Closing --------------------------------------------------------------------------------------------------------------


def test_anybody_rounds_off_with_what_has_come_in(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    votes(chat, Anna="deels", Bas="deels")
    chat.sign("Çelik", AGREE, chat.snapshot.asked[STATUS].latest)
    assert "ik noteer **deels** (2 stemmen)" in chat.text


def test_rounding_off_alone_is_not_done_by_a_sign_at_ones_own_message(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    votes(chat, Anna="deels")
    chat.sign("Bas", AGREE, apart(chat, "Bas"))
    assert not settled(chat)
    assert [one.to for one in chat.says()] == ["Bas"]


@pytest.mark.parametrize("way", ["proposal", "spread", "skip", "leave", "change"])
def test_who_voted_what_is_gone_once_it_is_closed(tmp_path: Path, way: str) -> None:
    chat = closed(tmp_path)
    other = "onvoldoende" if way == "spread" else "voldoende"
    votes(chat, Anna="voldoende", Bas=other, Çelik="voldoende")
    assert len(chat.snapshot.vote) == 3
    match way:
        case "skip":
            chat.say("Anna", "!overslaan")
        case "change":
            chat.say("Anna", f"!wijzig {STATUS}")
        case "leave":
            chat.say("Anna", "!overslaan")
        case _:
            chat.say("Anna", "!verder")
    assert not chat.snapshot.vote
    assert not [one for one in chat.snapshot.taken.values() if one.step == STATUS]
    said = [one.data.get("said") for one in chat.snapshot.prompts()]
    assert not any(said)
    assert discussed(chat) == (way == "spread")


def test_after_it_a_late_vote_is_answered_alone(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", "Bas")
    votes(chat, Anna="deels", Bas="deels")
    votes(chat, Bas="voldoende")
    assert [one.to for one in chat.says()] == ["Bas"]
    assert chat.text.startswith("Deze ronde is al dicht")
    assert not chat.snapshot.vote


def test_the_second_round_is_open_and_counts_alone(tmp_path: Path) -> None:
    """Else a changed count would tell what who chose now had chosen before."""
    chat = closed(tmp_path)
    votes(chat, Anna="voldoende", Bas="voldoende", Çelik="onvoldoende", Dewi="onvoldoende")
    message = chat.says()[0].number
    chat.sign("Bas", "🔴", message)
    (edited,) = chat.edits()
    assert "4 stemmen: 🟢 2 · 🔴 2" in edited.text
    assert "Nu: 1 stem" in edited.text
    for who in ("Anna", "Çelik", "Dewi"):
        chat.sign(who, "🔴", message)
    assert "ik noteer **onvoldoende** (4 stemmen)" in chat.says()[0].text


def test_without_a_second_vote_the_first_counts(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    votes(chat, Anna="voldoende", Bas="voldoende", Çelik="onvoldoende", Dewi="voldoende")
    chat.say("Anna", "!verder")
    assert "ik noteer **voldoende** (4 stemmen)" in chat.text


def test_a_card_of_the_round_is_no_vote_in_the_second(tmp_path: Path) -> None:
    chat = closed(tmp_path, how=CARD)
    group = chat.snapshot.asked[STATUS].latest
    for who, word in zip(FOUR, ("voldoende", "voldoende", "onvoldoende", "voldoende"), strict=True):
        chat.press(who, group, word)
    assert discussed(chat)
    chat.press("Anna", group, "onvoldoende", event="again")
    assert not chat.snapshot.vote


def test_rows_on_which_members_differ_are_asked_openly(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", "Bas", step=GRID)
    votes(chat, Anna="v v v v v v v v", Bas="o v v v v v v v")
    chat.sign("Anna", AGREE, chat.says()[0].number)
    (said,) = chat.says()
    assert said.step == ROWS[0]
    assert "🔴" in said.signs


def test_a_round_that_was_left_goes_on_when_it_is_asked_again(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    votes(chat, Anna="deels")
    at(chat, "impact.outcome")
    votes(chat, Bas="deels")
    assert open_to_all(chat.last) == "[]"
    chat.say("Anna", f"!ga {STATUS}")
    assert [one.to for one in chat.says()] == [None]  # who was asked is not asked again
    votes(chat, Çelik="deels", Dewi="deels")
    assert "ik noteer **deels** (4 stemmen)" in chat.text


def test_a_team_that_is_spread_out_closes_it_with_what_has_come_in(tmp_path: Path) -> None:
    chat = closed(tmp_path, step=None)
    chat.say("Anna", "!wijze gespreid")
    at(chat, STATUS)
    votes(chat, Anna="deels", Bas="deels")
    chat.wait(days=1)
    assert status(chat, STATUS) == "deels"
    assert not chat.snapshot.vote


# Who comes, leaves, or can't be asked ---------------------------------------------------------------------------------


def test_who_comes_is_asked_and_who_leaves_is_not_waited_for(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", "Bas", "Çelik")
    votes(chat, Anna="deels")
    chat.members("Anna", "Bas", "Çelik", "Dewi")
    assert [one.to for one in chat.says()] == [None, "Dewi"]  # and in the room, the offer to who comes later
    votes(chat, Bas="deels", Dewi="deels")
    chat.members("Anna", "Bas", "Dewi")
    assert "ik noteer **deels** (3 stemmen)" in chat.text


def test_who_left_the_team_votes_no_more(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", "Bas", "Çelik")
    chat.members("Anna", "Bas")
    votes(chat, Çelik="onvoldoende")
    assert [(one.to, one.kind) for one in chat.says()] == [("Çelik", "help")]
    assert not chat.snapshot.vote


def _unreachable(chat: Chat, member: str, snapshot: Snapshot) -> tuple[Snapshot, tuple[Effect, ...]]:
    engine = Engine(Setting(BOOK, TEXTS, chat.capabilities, "Gemeente Voorbeeld"))
    turn = engine.step(snapshot, Unreachable(f"u:{member}", chat.now, member))
    return turn.snapshot, turn.effects


def test_who_can_t_be_asked_is_not_waited_for_and_not_named(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", "Bas", "Çelik")
    votes(chat, Anna="deels", Bas="deels")
    _, effects = _unreachable(chat, "Çelik", chat.snapshot)
    (said,) = [one for one in effects if isinstance(one, Say)]
    assert said.text.startswith("Iemand van jullie kan ik niet apart bereiken.")
    assert "ik noteer **deels** (2 stemmen)" in said.text
    assert "Çelik" not in open_to_all(effects)


def test_that_somebody_can_t_be_asked_is_said_once_and_not_of_who_voted(tmp_path: Path) -> None:
    chat = closed(tmp_path)
    votes(chat, Anna="deels")
    snapshot, effects = _unreachable(chat, "Anna", chat.snapshot)
    assert not effects
    snapshot, effects = _unreachable(chat, "Bas", snapshot)
    assert len(effects) == 1
    snapshot, effects = _unreachable(chat, "Bas", snapshot)
    assert not effects
    _, effects = _unreachable(chat, "Çelik", snapshot)
    assert not effects
    assert snapshot.id == ROOM


def test_what_was_not_posted_yet_need_not_be_any_more(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", "Bas")
    snapshot = chat.snapshot
    asked = next(one.data["asked"] for one in snapshot.prompts() if one.kind == "closed")
    engine = Engine(Setting(BOOK, TEXTS, chat.capabilities, "Gemeente Voorbeeld"))
    turn = engine.step(snapshot, Said("x", chat.now, "Anna", "!overslaan"))
    assert [one.numbers for one in turn.effects if isinstance(one, Recall)] == [tuple(asked.values())]
    assert turn.erases


# On cards -------------------------------------------------------------------------------------------------------------


def test_on_a_card_nothing_is_said_alone_and_nothing_changes_until_it_is_closed(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", "Bas", "Çelik", how=CARD)
    (said,) = chat.says()
    card = chat.card(said.number)
    assert card is not None
    assert [button.value for button in card.buttons][:4] == ["voldoende", "deels", "onvoldoende", "onbekend"]
    for who, word in (("Anna", "deels"), ("Bas", "voldoende"), ("Bas", "deels")):
        (same,) = chat.press(who, said.number, word)
        assert isinstance(same, Edit)
        assert (same.text, same.card) == (said.text, card)
    chat.press("Çelik", said.number, "deels")
    assert "ik noteer **deels** (3 stemmen)" in chat.text
    assert "deels" not in repr(chat.snapshot.vote)


def test_the_grid_is_filled_in_on_the_card(tmp_path: Path) -> None:
    chat = closed(tmp_path, "Anna", "Bas", "Çelik", step=GRID, how=CARD)
    number = chat.says()[0].number
    picked = tuple(f"{row} voldoende" for row in range(1, 9))
    before = chat.says()[0].text
    for who, value, given in (("Anna", "save", picked), ("Bas", "unknown", ())):
        chat.press(who, number, value, picked=given)
        assert [one.text for one in chat.edits()] == [before]
        assert not chat.says()
    chat.press("Çelik", number, "save", text="", picked=())
    assert [one.kind for one in chat.says()] == ["help"]
    chat.press("Çelik", number, "save", picked=picked, event="second")
    assert settled(chat)


def test_what_is_typed_in_a_chat_with_cards_is_no_vote(tmp_path: Path) -> None:
    chat = closed(tmp_path, how=CARD)
    for _ in range(2):  # no sign can say it a second time
        chat.say("Bas", "onvoldoende", mention=True)
        assert chat.text.startswith("Dit telt niet als stem")
    assert not chat.snapshot.vote
