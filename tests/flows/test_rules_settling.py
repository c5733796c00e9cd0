"""rules.md, "Votes in a group": views, agreeing and not agreeing, copies of a question, and the coach's own
proposals.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat import Chat
from tests.flows.answer_rooms import at, discussed, is_open, one, settled, status, stored, team, vote

STATUS, APPLIES = "impact.status", "valkuilen.scope.geldt"
GRID, NEEDED = "ingredienten.oordeel", "ingredienten.nodig"
PITFALLS = tuple(f"valkuilen.{name}.geldt" for name in ("scope", "samenhang", "omstandigheden", "partners"))


def differing(folder: Path) -> Chat:
    """A group in its second round, whose outcome would be voldoende."""
    chat = team(folder, STATUS)
    vote(chat, Anna="v", Bas="v", Cem="o")
    assert discussed(chat)
    return chat


def proposing(folder: Path, step: str = STATUS) -> Chat:
    """A group with a proposal before it: deels."""
    chat = team(folder, step)
    vote(chat, Anna="deels", Bas="deels", Cem="deels")
    assert settled(chat)
    return chat


def disagreed(chat: Chat, step: str = STATUS) -> bool:
    """Whether the export says that the team did not agree."""
    return bool(chat.export["steps"][step].get("disagreed", False))


# Views --------------------------------------------------------------------------------------------------------------


def test_views_are_kept_when_the_team_does_not_agree(tmp_path: Path) -> None:
    """Replies to the spread message are views: stored on *niet eens*, as the items."""
    chat = differing(tmp_path)
    number = chat.asked
    chat.say("Cem", "ik mis de cijfers", to=number)
    assert [mark.target for mark in chat.marks()] == [chat.event]
    chat.say("Anna", "de lijn is helder", thread=number)
    chat.sign("Bas", "✅", number)
    chat.say("Cem", "niet eens", to=chat.asked)
    assert status(chat, STATUS) == "voldoende"
    assert disagreed(chat)
    items = chat.export["steps"][STATUS]["items"]
    assert [(item["text"], item["author"]) for item in items] == [
        ("ik mis de cijfers", "Cem"),
        ("de lijn is helder", "Anna"),
    ]


def test_views_are_no_items_before_that(tmp_path: Path) -> None:
    """Views are stored only on *niet eens*."""
    chat = differing(tmp_path)
    chat.say("Cem", "ik mis de cijfers", to=chat.asked)
    assert chat.texts_of(STATUS) == []
    assert chat.state(STATUS) == "open"


@pytest.mark.parametrize("answer", ["ja", "✅", "deels"])
def test_views_are_dropped_at_settling(tmp_path: Path, answer: str) -> None:
    """Views: else dropped at settling; nothing of them stays."""
    chat = differing(tmp_path)
    chat.say("Cem", "ik mis de kwartaalcijfers", to=chat.asked)
    chat.sign("Bas", "✅", chat.asked)
    if answer == "✅":
        chat.sign("Bas", "✅", chat.asked)
    else:
        chat.say("Bas", answer, to=chat.asked)
    assert chat.state(STATUS) == "answered"
    assert chat.texts_of(STATUS) == []
    assert "kwartaalcijfers" not in stored(chat)


def test_a_view_is_no_vote(tmp_path: Path) -> None:
    """Whoever doesn't vote again keeps their vote: giving a view changes no vote."""
    chat = differing(tmp_path)
    before = {one.member: one.word for one in chat.view.votes(STATUS)}
    for who in chat.people:
        chat.say(who, "dat zit zo en zo", to=chat.asked)
    assert {one.member: one.word for one in chat.view.votes(STATUS)} == before
    assert not settled(chat)


def test_views_skipped_are_dropped(tmp_path: Path) -> None:
    """Views are stored only on *niet eens*: not where the vote is skipped."""
    chat = differing(tmp_path)
    chat.say("Cem", "ik mis de kwartaalcijfers", to=chat.asked)
    chat.say("Bas", "!overslaan")
    assert chat.state(STATUS) == "skipped"
    assert "kwartaalcijfers" not in stored(chat)


# Akkoord? -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["ja", "Ja.", "ok", "akkoord", "✅", "!verder"])
@pytest.mark.parametrize("step", [STATUS, APPLIES])
def test_agreeing(tmp_path: Path, word: str, step: str) -> None:
    """ "Ik noteer ... Akkoord?": `ja` and ✅ agree (at applies too)."""
    chat = proposing(tmp_path, step)
    if word == "✅":
        chat.sign("Bas", word, chat.asked)
    else:
        chat.say("Bas", word, to=chat.asked)
    assert status(chat, step) == "deels"
    assert chat.state(step) == "answered"
    assert not disagreed(chat, step)
    assert not is_open(chat, step)


@pytest.mark.parametrize(
    ("step", "word", "outcome"),
    [
        (STATUS, "onvoldoende", "onvoldoende"),
        (STATUS, "v", "voldoende"),
        (STATUS, "1", "voldoende"),
        (STATUS, "3", "onvoldoende"),
        (STATUS, "?", "onbekend"),
        (STATUS, "!weetniet", "onbekend"),
        (STATUS, "🔴", "onvoldoende"),
        (STATUS, "⚪", "onbekend"),
        (APPLIES, "nee", "nee"),
        (APPLIES, "1", "ja"),
        (APPLIES, "🔴", "ja"),
    ],
)
def test_settling_otherwise(tmp_path: Path, step: str, word: str, outcome: str) -> None:
    """A status word, number or button settles otherwise."""
    chat = proposing(tmp_path, step)
    if word in "🔴⚪":
        chat.sign("Bas", word, chat.asked)
    else:
        chat.say("Bas", word, to=chat.asked)
    assert status(chat, step) == outcome
    assert not disagreed(chat, step)
    assert not is_open(chat, step)


@pytest.mark.parametrize("word", ["niet eens", "Niet eens.", "oneens"])
def test_not_agreeing_keeps_the_proposal(tmp_path: Path, word: str) -> None:
    """`niet eens` keeps the proposal with `"disagreed": true` and the views as items (there are none here)."""
    chat = proposing(tmp_path)
    chat.say("Bas", word, to=chat.asked)
    assert status(chat, STATUS) == "deels"
    assert disagreed(chat)
    assert chat.texts_of(STATUS) == []
    assert chat.state(STATUS) == "answered"


def test_agreeing_says_nothing_of_disagreement(tmp_path: Path) -> None:
    """`"disagreed": true` only after `niet eens`; a later vote that is agreed on takes it away."""
    chat = proposing(tmp_path)
    chat.say("Bas", "niet eens", to=chat.asked)
    at(chat, STATUS)
    vote(chat, Anna="v", Bas="v", Cem="v")
    chat.sign("Bas", "✅", chat.asked)
    assert status(chat, STATUS) == "voldoende"
    assert not disagreed(chat)


def test_the_outcome_stands_under_the_question(tmp_path: Path) -> None:
    """When a question is left its message is edited: with the outcome, also that the team did not agree."""
    chat = proposing(tmp_path)
    question = chat.snapshot.asked[STATUS].latest
    chat.say("Bas", "niet eens", to=chat.asked)
    (text,) = [edit.text for edit in chat.edits() if edit.number == question]
    assert "deels" in text
    assert "niet" in text


def test_spread_and_settling_messages_are_questions_of_the_step(tmp_path: Path) -> None:
    """Spread and settling messages are kind `question` with the step's id."""
    chat = differing(tmp_path)
    assert [(say.kind, say.step) for say in chat.says()] == [("question", STATUS)]
    chat.sign("Bas", "✅", chat.asked)
    assert [(say.kind, say.step) for say in chat.says()] == [("question", STATUS)]


def test_two_taps_on_a_proposal_make_one_step(tmp_path: Path) -> None:
    """✅ works only on the message whose prompt is still open: a second tap does nothing."""
    chat = proposing(tmp_path)
    number = chat.asked
    chat.sign("Bas", "✅", number)
    after = (chat.position, chat.snapshot.prompts())
    chat.sign("Cem", "✅", number)
    assert chat.last == []
    assert (chat.position, chat.snapshot.prompts()) == after


def test_a_late_vote_changes_nothing(tmp_path: Path) -> None:
    """Whoever votes while it is open counts: after settling a tap on the question does nothing, a word is told so."""
    chat = proposing(tmp_path)
    question = chat.snapshot.asked[STATUS].latest
    chat.sign("Bas", "✅", chat.asked)
    chat.sign("Bas", "🔴", question)
    assert chat.last == []
    chat.say("Bas", "onvoldoende", to=question)
    assert [say.kind for say in chat.says()] == ["help"]
    assert status(chat, STATUS) == "deels"


# Copies -------------------------------------------------------------------------------------------------------------


def test_every_copy_can_be_tapped(tmp_path: Path) -> None:
    """After `!vraag` every copy can be tapped until the step is left; the latest is edited."""
    chat = team(tmp_path, STATUS)
    first = chat.asked
    chat.say("Anna", "!vraag")
    second = chat.asked
    assert second > first
    chat.sign("Anna", "🟢", first)
    assert [edit.number for edit in chat.edits()] == [second]
    chat.sign("Bas", "🟢", second)
    assert {one.member for one in chat.view.votes(STATUS)} == {"Anna", "Bas"}
    chat.sign("Cem", "✅", first)
    assert settled(chat)


def test_every_copy_of_a_proposal_can_be_tapped(tmp_path: Path) -> None:
    """After `!vraag` every copy can be tapped until the step is left: of the proposal too."""
    chat = proposing(tmp_path)
    first = chat.asked
    chat.say("Anna", "!vraag")
    assert chat.asked > first
    chat.sign("Bas", "✅", first)
    assert status(chat, STATUS) == "deels"


def test_every_copy_of_a_second_round_can_be_tapped(tmp_path: Path) -> None:
    """After `!vraag` every copy can be tapped until the step is left; the latest is edited."""
    chat = differing(tmp_path)
    first = chat.asked
    chat.say("Anna", "!vraag")
    second = chat.asked
    chat.sign("Bas", "🟠", first)
    assert {one.member: one.word for one in chat.view.votes(STATUS)}["Bas"] == "deels"
    assert [edit.number for edit in chat.edits()] == [second]


def test_no_copy_can_be_tapped_once_the_step_is_left(tmp_path: Path) -> None:
    """Every copy can be tapped until the step is left."""
    chat = team(tmp_path, STATUS)
    first = chat.asked
    chat.say("Anna", "!vraag")
    second = chat.asked
    chat.say("Anna", "!overslaan")
    for number in (first, second):
        chat.sign("Bas", "🟢", number)
        assert chat.last == []
    assert chat.state(STATUS) == "skipped"


# The coach's own proposals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("needed", "letters", "proposal"),
    [
        ("governance, financiering", "v v d v v o v v", "deels"),
        ("governance, financiering", "o o v o v o o o", "voldoende"),
        ("governance, financiering", "v v v v ? v v v", "deels"),
        ("governance, financiering", "v v o v ? v v v", "onvoldoende"),
        ("governance, financiering", "v v d v ? v v v", "deels"),
        ("governance", "? ? v ? ? ? ? ?", "voldoende"),
        (None, "v v v v v v v d", "deels"),
        (None, "v v v v v v v v", "voldoende"),
        (None, "v v v v v v v ?", "deels"),
        (None, "v o v v v v v ?", "onvoldoende"),
    ],
)
def test_proposal_for_the_ingredients(tmp_path: Path, needed: str | None, letters: str, proposal: str) -> None:
    """ingrediënten, the lowest known status among `ingredienten.nodig` (else all eight), never voldoende with an
    onbekend among them. Room of one: ✅ takes it.
    """
    chat = one(tmp_path, NEEDED)
    if needed is not None:
        chat.say("Anna", needed)
    at(chat, GRID)
    chat.say("Anna", letters)
    at(chat, "ingredienten.status")
    assert f"**{proposal}**" in chat.text
    chat.sign("Anna", "✅", chat.asked)
    assert status(chat, "ingredienten.status") == proposal


@pytest.mark.parametrize(
    ("words", "with_action", "proposal"),
    [
        (("nee", "nee", "nee", "nee"), (), "voldoende"),
        (("ja", "nee", "nee", "nee"), (), "onvoldoende"),
        (("ja", "nee", "nee", "nee"), (0,), "deels"),
        (("ja", "ja", "nee", "nee"), (0,), "onvoldoende"),
        (("ja", "ja", "nee", "nee"), (0, 1), "deels"),
        (("deels", "nee", "nee", "nee"), (), "deels"),
        (("nee", "nee", "nee", "?"), (), "deels"),
    ],
)
def test_proposal_for_the_pitfalls(
    tmp_path: Path, words: tuple[str, ...], with_action: tuple[int, ...], proposal: str
) -> None:
    """valkuilen, voldoende if all are nee, onvoldoende if a *ja* has no action, else deels."""
    chat = one(tmp_path)
    for place, (step, word) in enumerate(zip(PITFALLS, words, strict=True)):
        at(chat, step)
        chat.say("Anna", word)
        if place in with_action:
            at(chat, step.replace(".geldt", ".acties"))
            chat.say("Anna", "iets afspreken")
    at(chat, "valkuilen.status")
    assert f"**{proposal}**" in chat.text
    chat.say("Anna", "ja")
    assert status(chat, "valkuilen.status") == proposal


def test_alone_verder_does_not_take_the_proposal(tmp_path: Path) -> None:
    """Room of one: ✅ takes it, `verder` doesn't."""
    chat = one(tmp_path, GRID)
    chat.say("Anna", "v v v v v v v v")
    at(chat, "ingredienten.status")
    chat.say("Anna", "verder")
    assert chat.state("ingredienten.status") == "open"
    assert not is_open(chat, "ingredienten.status")


def test_a_tap_with_nothing_to_propose_leaves_it_open(tmp_path: Path) -> None:
    """Room of one: ✅ takes the proposal; where there is none the step stays open."""
    chat = one(tmp_path, "ingredienten.status")
    chat.sign("Anna", "✅", chat.asked)
    assert chat.state("ingredienten.status") == "open"


def test_in_a_group_the_proposal_is_shown_after_the_votes(tmp_path: Path) -> None:
    """Group: shown after the votes."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna="v v o v v v v v", Bas="v v o v v v v v", Cem="v v o v v v v v")
    chat.sign("Anna", "✅", chat.asked)
    at(chat, "ingredienten.status")
    assert "**onvoldoende**" not in chat.text
    chat.say("Anna", "v", to=chat.asked)
    assert all("**onvoldoende**" not in edit.text for edit in chat.edits())
    chat.sign("Anna", "✅", chat.asked)
    assert "**onvoldoende**" in chat.text
    assert "**voldoende**" in chat.text
    chat.sign("Anna", "✅", chat.asked)
    assert status(chat, "ingredienten.status") == "voldoende"


def test_the_pitfalls_an_action_counts_for_its_own_pitfall(tmp_path: Path) -> None:
    """onvoldoende if a *ja* has no action: an action elsewhere is none of its own."""
    chat = one(tmp_path)
    for step in PITFALLS:
        at(chat, step)
        chat.say("Anna", "ja" if step == PITFALLS[0] else "nee")
    at(chat, "valkuilen.acties")
    chat.say("Anna", "iets afspreken")
    at(chat, "valkuilen.status")
    assert "**onvoldoende**" in chat.text
