"""rules.md, "Taking an answer, by kind": the grid of eight ingredients, alone and in a group."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat import Chat
from tests.flows.answer_rooms import ROWS, TEAM, at, is_open, one, settled, status, team, vote

GRID = "ingredienten.oordeel"
WORDS = {"v": "voldoende", "d": "deels", "o": "onvoldoende", "?": "onbekend"}
SIX = "v d o o ? d v v"


def statuses(chat: Chat) -> str:
    """The eight statuses as letters, a dot where there is none."""
    letters = {word: letter for letter, word in WORDS.items()}
    return " ".join(letters.get(str(status(chat, row)), ".") for row in ROWS)


def asked_alone(chat: Chat) -> list[str]:
    """The rows that the walk will ask on their own."""
    return [row for row in ROWS if chat.view.wanted(row)]


# Reading, alone -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        SIX,
        "vdoo?dvv",
        "V D O O ? D V V",
        "v, d, o, o, ?, d, v, v",
        "v\nd\no\no\n?\nd\nv\nv",
        "voldoende deels onvoldoende onvoldoende onbekend deels voldoende voldoende",
        "v deels o onv ? d v vol",
        "🟢 🟠 🔴 🔴 ⚪ 🟠 🟢 🟢",
        "1 2 3 3 4 2 1 1",
    ],
)
def test_eight_letters_or_words_in_order(tmp_path: Path, message: str) -> None:
    """grid: eight letters or words in order ("v d o o ? d v v"); room of one: at once when complete."""
    chat = one(tmp_path, GRID)
    chat.say("Anna", message)
    assert statuses(chat) == SIX
    assert chat.state(GRID) == "answered"
    assert not is_open(chat, GRID)


@pytest.mark.parametrize(
    ("message", "letters"),
    [
        ("financiering onvoldoende", ". . . . o . . ."),
        ("Financiering: onvoldoende", ". . . . o . . ."),
        ("financiering onvoldoende\nprivacy v", ". . . . o . . v"),
        ("- wensen en behoeften deels\n- kennis ?", ". d . . . ? . ."),
        ("governance deels, waarde v", ". . d v . . . ."),
        ("tech o", ". . . . . . o ."),
        ("financiering v\nfinanciering o", ". . . . o . . ."),
    ],
)
def test_a_line_a_row(tmp_path: Path, message: str, letters: str) -> None:
    """grid: "financiering onvoldoende" a line; partial grids count for what they give."""
    chat = one(tmp_path, GRID)
    chat.say("Anna", message)
    assert is_open(chat, GRID)
    chat.say("Anna", "!verder")
    assert statuses(chat) == letters


def test_alone_it_goes_on_when_complete(tmp_path: Path) -> None:
    """grid: room of one: at once when complete, and not before."""
    chat = one(tmp_path, GRID)
    for row in ("samenwerking v", "wensen d\ngovernance o", "waarde o\nfinanciering ?\nkennis d", "technologie v"):
        chat.say("Anna", row)
        assert is_open(chat, GRID)
    chat.say("Anna", "privacy v")
    assert not is_open(chat, GRID)
    assert statuses(chat) == SIX


def test_alone_the_last_word_on_a_row_counts(tmp_path: Path) -> None:
    """A member's last vote counts, for each row."""
    chat = one(tmp_path, GRID)
    chat.say("Anna", "governance v")
    chat.say("Anna", "governance o")
    chat.say("Anna", "!verder")
    assert status(chat, "ingredienten.governance.status") == "onvoldoende"


@pytest.mark.parametrize("way", ["!verder", "✅", "!ga routes", "!overslaan"])
def test_a_partial_grid_counts_for_what_it_gives(tmp_path: Path, way: str) -> None:
    """Partial grids count for what they give, however the question is left."""
    chat = one(tmp_path, GRID)
    chat.say("Anna", "governance deels")
    if way == "✅":
        chat.sign("Anna", way, chat.asked)
    else:
        chat.say("Anna", way)
    assert statuses(chat) == ". . d . . . . ."
    assert chat.state(GRID) == "answered"


def test_what_is_left_of_a_grid_can_be_given_later(tmp_path: Path) -> None:
    """Partial grids count for what they give: a later reply adds to it, and the question's message shows it."""
    chat = one(tmp_path, GRID)
    number = chat.asked
    chat.say("Anna", "governance deels")
    chat.say("Anna", "!verder")
    chat.say("Anna", "financiering o", to=number)
    assert statuses(chat) == ". . d . o . . ."
    assert [edit.number for edit in chat.edits()] == [number]


# Exporting ----------------------------------------------------------------------------------------------------------


def test_oordeel_exports_answered_with_nothing_of_its_own(tmp_path: Path) -> None:
    """`ingredienten.oordeel` exports answered once any is set, with empty items and status null."""
    chat = one(tmp_path, GRID)
    assert chat.state(GRID) == "open"
    chat.say("Anna", "governance deels")
    chat.say("Anna", "!verder")
    found = chat.export["steps"][GRID]
    assert (found["state"], found["items"], found["status"], found["choices"]) == ("answered", [], None, [])


def test_a_row_alone_makes_oordeel_answered(tmp_path: Path) -> None:
    """`ingredienten.oordeel` exports answered once any is set, also through `!wijzig`."""
    chat = one(tmp_path)
    chat.say("Anna", "!wijzig governance.status")
    chat.say("Anna", "deels")
    assert status(chat, "ingredienten.governance.status") == "deels"
    assert chat.state(GRID) == "answered"


def test_the_eight_are_always_applicable(tmp_path: Path) -> None:
    """The eight statuses are always applicable, and the walk doesn't ask them by itself."""
    chat = one(tmp_path)
    assert all(chat.export["steps"][row]["applicable"] for row in ROWS)
    at(chat, GRID)
    chat.say("Anna", SIX)
    assert chat.position not in ROWS
    assert all(chat.export["steps"][row]["applicable"] for row in ROWS)


def test_a_row_of_onbekend_is_unknown(tmp_path: Path) -> None:
    """A vote settled on onbekend is unknown."""
    chat = one(tmp_path, GRID)
    chat.say("Anna", SIX)
    assert [chat.state(row) for row in ROWS].count("unknown") == 1
    assert chat.state("ingredienten.financiering.status") == "unknown"


# A group ------------------------------------------------------------------------------------------------------------


def test_a_group_closes_when_all_have_given_all(tmp_path: Path) -> None:
    """grid: per member; closes with one proposal for all eight."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna=SIX, Bas=SIX)
    assert not settled(chat)
    assert chat.says() == []
    vote(chat, Cem=SIX)
    (say,) = chat.says()
    assert (say.kind, say.step) == ("question", GRID)
    assert all(name in say.text for name in ("samenwerking", "wensen", "governance", "waarde"))
    assert all(name in say.text for name in ("financiering", "kennis", "technologie", "privacy"))
    assert statuses(chat) == ". . . . . . . ."
    chat.sign("Bas", "✅", chat.asked)
    assert statuses(chat) == SIX
    assert chat.state(GRID) == "answered"
    assert not is_open(chat, GRID)


@pytest.mark.parametrize("word", ["!verder", "✅"])
def test_a_group_closes_on_a_tap(tmp_path: Path, word: str) -> None:
    """It closes when all members have voted or on ✅/`!verder`; partial grids count for what they give."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna="governance d\nwaarde v", Bas="governance d")
    if word == "✅":
        chat.sign("Cem", word, chat.asked)
    else:
        chat.say("Cem", word)
    assert settled(chat)
    chat.sign("Cem", "✅", chat.asked)
    assert statuses(chat) == ". . d v . . . ."


def test_a_members_later_rows_are_added_to_their_own(tmp_path: Path) -> None:
    """grid: per member; a member's last vote counts, row by row."""
    chat = team(tmp_path, GRID, people=("Anna", "Bas"))
    vote(chat, Anna="v v v v v v v v", Bas="governance o")
    vote(chat, Anna="governance d")
    given = {(one.member, one.word) for one in chat.view.votes("ingredienten.governance.status")}
    assert given == {("Anna", "deels"), ("Bas", "onvoldoende")}
    assert [one.word for one in chat.view.votes("ingredienten.privacy.status")] == ["voldoende"]


def test_the_proposal_a_row(tmp_path: Path) -> None:
    """Proposal: most votes; a tie: the lower; onbekend only where nothing else was given; a row each."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna="v v d v ? ? v v", Bas="v d d d ? ? v v", Cem="v d o ? ? v v v")
    chat.sign("Bas", "✅", chat.asked)
    assert statuses(chat) == "v d d d ? v v v"


def test_only_rows_with_spread_are_asked_on_their_own(tmp_path: Path) -> None:
    """Only those with spread are asked on their own."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna="v v d v o v v v", Bas="v d o v o v v v", Cem="v o d v v v v v")
    assert settled(chat)
    chat.sign("Bas", "✅", chat.asked)
    wanted = ["ingredienten.wensen.status", "ingredienten.financiering.status"]
    assert asked_alone(chat) == wanted
    assert chat.position == wanted[0]
    assert [(say.kind, say.step) for say in chat.says()] == [("question", wanted[0])]
    assert statuses(chat) == "v . d v . v v v"


def test_a_row_on_its_own_is_one_round(tmp_path: Path) -> None:
    """Only those with spread are asked on their own, one round: no second one, then the proposal, then the next."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna="v v d v o v v v", Bas="v d o v o v v v", Cem="v o d v v v v v")
    chat.sign("Bas", "✅", chat.asked)
    vote(chat, Anna="v", Bas="v", Cem="o")
    assert settled(chat)
    chat.sign("Cem", "✅", chat.asked)
    assert status(chat, "ingredienten.wensen.status") == "voldoende"
    assert chat.position == "ingredienten.financiering.status"
    vote(chat, Anna="d", Bas="d", Cem="d")
    chat.sign("Cem", "✅", chat.asked)
    assert statuses(chat) == "v v d v d v v v"
    assert asked_alone(chat) == []


@pytest.mark.parametrize("command", ["!verder", "!overslaan"])
def test_a_row_on_its_own_can_be_passed(tmp_path: Path, command: str) -> None:
    """`!verder` without an answer leaves the step open, `!overslaan` makes it skipped: a row too; the walk goes on."""
    chat = team(tmp_path, GRID, people=("Anna", "Bas"))
    vote(chat, Anna="v v v v v v v v", Bas="v o v v v v v v")
    chat.sign("Bas", "✅", chat.asked)
    assert chat.position == "ingredienten.wensen.status"
    chat.say("Anna", command)
    assert chat.position != "ingredienten.wensen.status"
    assert chat.state("ingredienten.wensen.status") == ("open" if command == "!verder" else "skipped")


def test_what_should_be_otherwise(tmp_path: Path) -> None:
    """ "Akkoord?": a word settles otherwise: "governance deels" changes that row of the proposal and waits."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna=SIX, Bas=SIX, Cem=SIX)
    number = chat.asked
    chat.say("Bas", "governance deels", to=number)
    chat.sign("Cem", "✅", chat.asked)
    assert statuses(chat) == "v d d o ? d v v"


def test_not_agreeing_with_a_grid_is_kept(tmp_path: Path) -> None:
    """`niet eens` keeps the proposal with `"disagreed": true`."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna=SIX, Bas=SIX, Cem=SIX)
    chat.say("Bas", "niet eens", to=chat.asked)
    assert statuses(chat) == SIX
    assert any(chat.export["steps"][row].get("disagreed", False) for row in (*ROWS, GRID))


def test_not_agreeing_where_members_differ(tmp_path: Path) -> None:
    """`niet eens` keeps the proposal with `"disagreed": true`: the rows on which they differ are not lost."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna="v v v v v v v v", Bas="v o v v v v v v", Cem="v o v v v v v v")
    chat.say("Bas", "niet eens", to=chat.asked)
    row = "ingredienten.wensen.status"
    assert status(chat, row) == "onvoldoende"
    assert chat.export["steps"][row]["disagreed"] is True


def test_weetniet_in_a_group_is_that_members_vote(tmp_path: Path) -> None:
    """In a group `!weetniet` at a grid is that member's vote, on what they did not give yet."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna="v v v v v v v v", Bas="governance o")
    chat.say("Bas", "!weetniet")
    given = {row: {one.member: one.word for one in chat.view.votes(row)}.get("Bas") for row in ROWS}
    assert given.pop("ingredienten.governance.status") == "onvoldoende"
    assert set(given.values()) == {"onbekend"}
    assert not settled(chat)
    chat.say("Cem", "!weetniet")
    assert settled(chat)


def test_weetniet_alone_makes_it_unknown(tmp_path: Path) -> None:
    """`!weetniet` makes it unknown, each of the eight onbekend, with an offer of an action."""
    chat = one(tmp_path, GRID)
    chat.say("Anna", "!weetniet")
    assert statuses(chat) == "? ? ? ? ? ? ? ?"
    assert chat.state(GRID) == "unknown"
    assert [say.kind for say in chat.says()] == ["nudge"]


def test_weetniet_keeps_what_was_given(tmp_path: Path) -> None:
    """On a step that has answers `!weetniet` removes nothing: the rows that were given stand."""
    chat = one(tmp_path, GRID)
    chat.say("Anna", "governance deels")
    chat.say("Anna", "!weetniet")
    assert status(chat, "ingredienten.governance.status") == "deels"
    assert chat.state(GRID) == "answered"


def test_who_left_is_not_waited_for(tmp_path: Path) -> None:
    """Who left is not waited for, their vote stays: at a grid too."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna=SIX, Bas=SIX)
    chat.say("Cem", "governance v", to=chat.asked)
    chat.members("Anna", "Bas")
    assert settled(chat)
    assert len(chat.view.votes("ingredienten.governance.status")) == 3


@pytest.mark.parametrize("word", ["!verder", "✅"])
def test_a_grid_survives_that_the_room_becomes_one_of_one(tmp_path: Path, word: str) -> None:
    """Partial grids count for what they give, also when the others leave before it closed."""
    chat = team(tmp_path, GRID, people=("Anna", "Bas"))
    vote(chat, Anna=SIX)
    chat.members("Anna")
    if word == "✅":
        chat.sign("Anna", word, chat.asked)
    else:
        chat.say("Anna", word)
    if settled(chat):
        chat.say("Anna", "ja")
    assert statuses(chat) == SIX


def test_going_elsewhere_keeps_the_groups_votes(tmp_path: Path) -> None:
    """Partial grids count for what they give: leaving by `!ga` and coming back loses no member's votes."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna=SIX)
    chat.say("Bas", "!ga routes")
    chat.say("Bas", f"!ga {GRID}")
    vote(chat, Bas=SIX, Cem=SIX)
    assert settled(chat)
    assert len(chat.view.votes(ROWS[0])) == len(TEAM)
