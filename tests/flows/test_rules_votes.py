"""rules.md, "Votes in a group": voting, closing, the proposal, the second round, and agreeing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat import Chat
from tests.flows.answer_rooms import at, discussed, is_open, one, settled, status, team, vote

STATUS, APPLIES = "impact.status", "valkuilen.scope.geldt"
FOUR = ("Anna", "Bas", "Cem", "Dirk")
FIVE = (*FOUR, "Eva")


def proposed(chat: Chat) -> str:
    """What the open proposal would note."""
    (prompt,) = [one for one in chat.snapshot.prompts() if one.kind == "settle"]
    return str(prompt.data["word"])


# Reading and counting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "given", "word"),
    [
        (STATUS, "voldoende", "voldoende"),
        (STATUS, "v", "voldoende"),
        (STATUS, "d", "deels"),
        (STATUS, "o", "onvoldoende"),
        (STATUS, "?", "onbekend"),
        (STATUS, "Onv.", "onvoldoende"),
        (STATUS, "3", "onvoldoende"),
        (APPLIES, "ja", "ja"),
        (APPLIES, "n", "nee"),
        (APPLIES, "deels", "deels"),
        (APPLIES, "1", "ja"),
        (APPLIES, "?", "onbekend"),
    ],
)
def test_alone_a_word_settles_at_once(tmp_path: Path, step: str, given: str, word: str) -> None:
    """status, applies: word, prefix v d o ?; room of one: at once. At *applies*, `ja` is the vote."""
    chat = one(tmp_path, step)
    chat.say("Anna", given)
    assert status(chat, step) == word
    assert not is_open(chat, step)


@pytest.mark.parametrize(
    ("step", "sign", "word"),
    [
        (STATUS, "🟢", "voldoende"),
        (STATUS, "🟠", "deels"),
        (STATUS, "🔴", "onvoldoende"),
        (STATUS, "⚪", "onbekend"),
        (STATUS, "⚪️", "onbekend"),
        (APPLIES, "🔴", "ja"),
        (APPLIES, "🟢", "nee"),
    ],
)
def test_alone_a_reaction_settles_at_once(tmp_path: Path, step: str, sign: str, word: str) -> None:
    """status, applies: a vote each (reaction); room of one: at once."""
    chat = one(tmp_path, step)
    chat.sign("Anna", sign, chat.asked)
    assert status(chat, step) == word


def test_the_coach_puts_the_signs_on_its_question(tmp_path: Path) -> None:
    """The coach puts ✅ (and on votes 🟢 🟠 🔴 ⚪) on its own questions."""
    chat = team(tmp_path, STATUS)
    assert set(chat.says()[-1].signs) == {"🟢", "🟠", "🔴", "⚪", "✅"}


def test_a_members_last_vote_counts(tmp_path: Path) -> None:
    """A member's last vote counts, by word and by sign alike."""
    chat = team(tmp_path, STATUS)
    number = chat.asked
    vote(chat, Anna="voldoende", Bas="onvoldoende")
    chat.say("Bas", "voldoende", to=number)
    chat.sign("Anna", "🟠", number)
    assert {one.member: one.word for one in chat.view.votes(STATUS)} == {"Anna": "deels", "Bas": "voldoende"}


def test_the_votes_of_a_group_settle_nothing_by_themselves(tmp_path: Path) -> None:
    """Votes in a group: nothing stands at the step before it is agreed."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="deels", Bas="deels", Cem="deels")
    assert (chat.state(STATUS), status(chat, STATUS)) == ("open", None)


def test_whoever_votes_while_it_is_open_counts(tmp_path: Path) -> None:
    """Whoever votes while it is open counts: also who came in halfway."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="deels", Bas="deels")
    chat.members(*FOUR)
    assert not settled(chat)
    chat.say("Dirk", "voldoende", to=chat.asked)
    assert not settled(chat)
    chat.say("Cem", "voldoende", to=chat.asked)
    assert settled(chat)
    assert len(chat.view.votes(STATUS)) == 4


def test_a_vote_of_somebody_whom_the_list_does_not_have_counts(tmp_path: Path) -> None:
    """Whoever votes while it is open counts."""
    chat = team(tmp_path, STATUS)
    vote(chat, Gast="voldoende", Anna="deels", Bas="voldoende")
    assert {one.member for one in chat.view.votes(STATUS)} == {"Gast", "Anna", "Bas"}
    assert not settled(chat)
    vote(chat, Cem="deels")
    assert settled(chat)
    assert len(chat.view.votes(STATUS)) == 4


def test_who_left_is_not_waited_for_and_their_vote_stays(tmp_path: Path) -> None:
    """Who left is not waited for, their vote stays."""
    chat = team(tmp_path, STATUS, people=FOUR)
    vote(chat, Anna="deels", Bas="deels", Dirk="voldoende")
    chat.members("Anna", "Bas", "Cem")
    assert not settled(chat)
    chat.say("Cem", "voldoende", to=chat.asked)
    assert settled(chat)
    assert len(chat.view.votes(STATUS)) == 4
    assert proposed(chat) == "deels"


def test_the_last_one_missing_leaves(tmp_path: Path) -> None:
    """Who left is not waited for: their leaving closes the vote."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="deels", Bas="deels")
    chat.members("Anna", "Bas")
    assert settled(chat)


@pytest.mark.parametrize("word", ["!verder", "✅"])
def test_a_vote_survives_that_the_room_becomes_one_of_one(tmp_path: Path, word: str) -> None:
    """Who left is not waited for, their vote stays: going on closes the vote, and doesn't lose it."""
    chat = team(tmp_path, STATUS, people=("Anna", "Bas"))
    vote(chat, Anna="deels")
    chat.members("Anna")
    if word == "✅":
        chat.sign("Anna", word, chat.asked)
    else:
        chat.say("Anna", word)
    if settled(chat):
        chat.say("Anna", "ja")
    assert status(chat, STATUS) == "deels"


def test_a_removed_reaction_takes_back_only_the_vote_it_made(tmp_path: Path) -> None:
    """A removed reaction takes back only the vote it made."""
    chat = team(tmp_path, STATUS)
    number = chat.asked
    chat.sign("Anna", "🟢", number)
    chat.sign("Anna", "🔴", number)
    chat.sign("Anna", "🟢", number, removed=True)
    assert {one.member: one.word for one in chat.view.votes(STATUS)} == {"Anna": "onvoldoende"}
    chat.sign("Anna", "🔴", number, removed=True)
    assert chat.view.votes(STATUS) == []


def test_a_removed_reaction_leaves_the_vote_made_by_a_word(tmp_path: Path) -> None:
    """A removed reaction takes back only the vote it made."""
    chat = team(tmp_path, STATUS)
    number = chat.asked
    chat.sign("Anna", "🟢", number)
    chat.say("Anna", "voldoende", to=number)
    chat.sign("Anna", "🟢", number, removed=True)
    assert {one.member: one.word for one in chat.view.votes(STATUS)} == {"Anna": "voldoende"}


def test_somebody_elses_removed_reaction_takes_nothing_back(tmp_path: Path) -> None:
    """A removed reaction takes back only the vote it made."""
    chat = team(tmp_path, STATUS)
    chat.sign("Anna", "🟢", chat.asked)
    chat.sign("Bas", "🟢", chat.asked, removed=True)
    assert [one.member for one in chat.view.votes(STATUS)] == ["Anna"]


# What the message shows ---------------------------------------------------------------------------------------------


def test_below_four_voters_the_message_shows_only_how_many(tmp_path: Path) -> None:
    """The message shows how many voted; below four voters no spread."""
    chat = team(tmp_path, STATUS, people=FIVE)
    number = chat.asked
    for count, who in enumerate(("Anna", "Bas", "Cem"), 1):
        chat.sign(who, ("🟢", "🔴", "🟢")[count - 1], number)
        (edit,) = chat.edits()
        assert edit.number == number
        assert f"{count} stem" in edit.text
        assert "🔴 1" not in edit.text
        assert "🟢 1" not in edit.text
        assert "🟢 2" not in edit.text
        assert chat.says() == []


def test_from_four_voters_on_the_message_shows_the_spread(tmp_path: Path) -> None:
    """The spread as counts from four voters on."""
    chat = team(tmp_path, STATUS, people=FIVE)
    number = chat.asked
    for who, sign in zip(FOUR, ("🟢", "🔴", "🟢", "🟠"), strict=True):
        chat.sign(who, sign, number)
    (edit,) = chat.edits()
    assert edit.number == number
    assert "4 stemmen" in edit.text
    assert all(part in edit.text for part in ("🟢 2", "🟠 1", "🔴 1"))
    assert "Anna" not in edit.text


def test_a_vote_that_is_taken_back_is_no_longer_counted(tmp_path: Path) -> None:
    """The message shows how many voted, also after a removed reaction."""
    chat = team(tmp_path, STATUS)
    number = chat.asked
    chat.sign("Anna", "🟢", number)
    chat.sign("Bas", "🟢", number)
    chat.sign("Bas", "🟢", number, removed=True)
    assert ["1 stem" in edit.text for edit in chat.edits()] == [True]


def test_the_second_round_and_the_proposal_keep_three_votes_to_a_count(tmp_path: Path) -> None:
    """The spread as counts from four voters on (below that only the outcome): also in the messages that follow."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="voldoende", Bas="onvoldoende", Cem="voldoende")
    assert discussed(chat)
    assert all(part not in chat.text for part in ("🟢 2", "🔴 1"))
    chat.sign("Anna", "✅", chat.asked)
    assert all(part not in chat.text for part in ("🟢 2", "🔴 1"))


# Closing and the proposal -------------------------------------------------------------------------------------------


def test_it_closes_when_all_members_have_voted(tmp_path: Path) -> None:
    """It closes when all members have voted."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="deels", Bas="deels")
    assert not settled(chat)
    assert chat.says() == []
    vote(chat, Cem="deels")
    assert [(say.kind, say.step) for say in chat.says()] == [("question", STATUS)]
    assert settled(chat)


@pytest.mark.parametrize("word", ["!verder", "✅", "@coach verder", "@coach ok"])
def test_it_closes_on_a_tap_or_verder(tmp_path: Path, word: str) -> None:
    """It closes on ✅/`!verder`."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="deels")
    if word == "✅":
        chat.sign("Cem", word, chat.asked)
    else:
        chat.say("Cem", word, mention=word.startswith("@"))
    assert settled(chat)
    assert proposed(chat) == "deels"


@pytest.mark.parametrize(
    ("step", "words", "outcome"),
    [
        (STATUS, "d d v", "deels"),
        (STATUS, "v v d", "voldoende"),
        (STATUS, "v d", "deels"),
        (STATUS, "d o", "onvoldoende"),
        (STATUS, "v v d d", "deels"),
        (STATUS, "? ? ? v", "voldoende"),
        (STATUS, "? ? d v", "deels"),
        (STATUS, "? ? ?", "onbekend"),
        (APPLIES, "ja deels", "ja"),
        (APPLIES, "deels nee", "deels"),
        (APPLIES, "nee nee deels", "nee"),
        (APPLIES, "? ? nee", "nee"),
        (APPLIES, "? ?", "onbekend"),
    ],
)
def test_the_proposal(tmp_path: Path, step: str, words: str, outcome: str) -> None:
    """Proposal: most votes; a tie: the lower (applies: ja is the lowest); onbekend only where nothing else was
    given.
    """
    given = words.split(" ")
    people = FIVE[: len(given)]
    chat = team(tmp_path, step, people=people)
    vote(chat, **dict(zip(people, given, strict=True)))
    assert proposed(chat) == outcome
    chat.sign("Anna", "✅", chat.asked)
    assert status(chat, step) == outcome


# The second round ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "words", "offered"),
    [
        (STATUS, "v o", True),
        (STATUS, "v d o", True),
        (STATUS, "v d", False),
        (STATUS, "d o", False),
        (STATUS, "v ?", False),
        (APPLIES, "ja nee", True),
        (APPLIES, "ja deels", False),
        (APPLIES, "nee deels ?", False),
    ],
)
def test_when_opinions_differ(tmp_path: Path, step: str, words: str, offered: bool) -> None:
    """Spread (voldoende and onvoldoende, or ja and nee, both present): one new round on offer."""
    given = words.split(" ")
    people = FIVE[: len(given)]
    chat = team(tmp_path, step, people=people)
    number = chat.asked
    vote(chat, **dict(zip(people, given, strict=True)))
    assert discussed(chat) == offered
    assert settled(chat) != offered
    (say,) = chat.says()
    assert (say.kind, say.step) == ("question", step)
    assert say.number > number


def test_a_tap_closes_to_a_second_round_too(tmp_path: Path) -> None:
    """Spread: a second round is on offer however the vote closed."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="v", Bas="o")
    chat.sign("Bas", "✅", chat.asked)
    assert discussed(chat)


@pytest.mark.parametrize("word", ["!verder", "✅", "@coach verder"])
def test_a_second_round_that_is_not_wanted(tmp_path: Path, word: str) -> None:
    """One new round on offer; then the proposal."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="v", Bas="v", Cem="o")
    if word == "✅":
        chat.sign("Bas", word, chat.asked)
    else:
        chat.say("Bas", word, mention=word.startswith("@"))
    assert proposed(chat) == "voldoende"


def test_whoever_does_not_vote_again_keeps_their_vote(tmp_path: Path) -> None:
    """One new round (whoever doesn't vote again keeps their vote), then the proposal."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="v", Bas="v", Cem="o")
    chat.say("Anna", "deels", to=chat.asked)
    chat.sign("Bas", "✅", chat.asked)
    assert {one.member: one.word for one in chat.view.votes(STATUS)} == {
        "Anna": "deels", "Bas": "voldoende", "Cem": "onvoldoende",
    }  # fmt: skip
    assert proposed(chat) == "onvoldoende"


def test_a_second_round_is_complete_when_everybody_voted_again(tmp_path: Path) -> None:
    """One new round: it closes when all members have voted again, also by signs on its own message."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="v", Bas="v", Cem="o")
    number = chat.asked
    chat.say("Anna", "d", to=number)
    chat.sign("Bas", "🟠", number)
    assert not settled(chat)
    chat.sign("Cem", "🔴", number)
    assert proposed(chat) == "deels"


def test_there_is_one_second_round(tmp_path: Path) -> None:
    """One new round on offer, then the proposal, also where opinions still differ."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="v", Bas="v", Cem="o")
    vote(chat, Anna="v", Bas="v", Cem="o")
    assert not discussed(chat)
    assert proposed(chat) == "voldoende"


def test_asked_again_later_there_is_a_second_round_again(tmp_path: Path) -> None:
    """Spread: one new round, for each vote that is held."""
    chat = team(tmp_path, STATUS, people=("Anna", "Bas"))
    for _ in range(2):
        vote(chat, Anna="v", Bas="o")
        assert discussed(chat)
        chat.sign("Anna", "✅", chat.asked)
        chat.sign("Anna", "✅", chat.asked)
        assert status(chat, STATUS) == "onvoldoende"
        at(chat, STATUS)


def test_the_teams_talk_is_not_stored(tmp_path: Path) -> None:
    """Only replies to the spread message are views: what people say to each other is not taken."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="v", Bas="v", Cem="o")
    chat.say("Cem", "ik mis nog de cijfers")
    assert chat.last == []
    chat.sign("Bas", "✅", chat.asked)
    chat.say("Bas", "niet eens", to=chat.asked)
    assert chat.texts_of(STATUS) == []
