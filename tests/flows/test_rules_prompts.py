"""rules.md, "Where a room is" and "Messages": what the coach asks in place of the next question, and a pause."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.book.model import END
from tests.chat import Chat
from tests.flows.rules_rooms import alone, answer, asked_step, go, team, walk


def _nudged(folder: Path, people: tuple[str, ...] = ("Anna",)) -> tuple[Chat, int]:
    """A room where the nudge about the chain stands open, and the number of that nudge."""
    chat = alone(folder) if len(people) == 1 else team(folder, *people)
    go(chat, "impact.input")
    answer(chat, "een hulpverlener")
    chat.say("Anna", "!verder")
    (said,) = chat.says()
    assert (said.kind, said.step, chat.position) == ("nudge", "impact.status", "impact.input")
    return chat, said.number


def _offered(folder: Path, *people: str) -> tuple[Chat, int]:
    """A room that does not know an answer: the coach asks who finds it out."""
    chat = team(folder, *people) if people else alone(folder)
    go(chat, "impact.verschil")
    chat.say("Anna", "!weetniet")
    (said,) = chat.says()
    assert (said.kind, said.step, chat.position) == ("nudge", "impact.verschil", "impact.verschil")
    return chat, said.number


# Nudges and offers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["verder", "!verder", "ok", "klaar", "ja"])
def test_a_word_passes_a_nudge(tmp_path: Path, said: str) -> None:
    """ "A nudge or offer comes instead of the next question ... a reply, ✅ or `verder` brings the next question." """
    chat, _ = _nudged(tmp_path)
    chat.say("Anna", said)
    assert (asked_step(chat), chat.position) == ("impact.verschil", "impact.verschil")
    assert chat.texts_of("impact.status") == []


def test_a_tap_passes_a_nudge(tmp_path: Path) -> None:
    """ "✅ ... brings the next question" """
    chat, number = _nudged(tmp_path, ("Anna", "Bas"))
    chat.sign("Bas", "✅", number)
    assert asked_step(chat) == "impact.verschil"
    chat.sign("Anna", "✅", number)
    assert chat.last == []


def test_a_reply_to_a_nudge_is_kept_and_brings_the_next_question(tmp_path: Path) -> None:
    """ "a reply ... brings the next question" """
    chat, number = _nudged(tmp_path, ("Anna", "Bas"))
    chat.say("Bas", "de training leidt niet tot gesprekken", to=number)
    assert asked_step(chat) == "impact.verschil"
    assert chat.texts_of("impact.status") == ["de training leidt niet tot gesprekken"]
    assert [mark.key for mark in chat.marks()] == ["✍️"]


def test_in_a_room_of_one_a_plain_message_goes_to_the_nudge(tmp_path: Path) -> None:
    """ "In a room of one a plain message ... go[es] to the coach's latest message that still asks, prompt or
    question" """
    chat, _ = _nudged(tmp_path)
    chat.say("Anna", "de training leidt niet tot gesprekken")
    assert chat.texts_of("impact.status") == ["de training leidt niet tot gesprekken"]
    assert chat.position == "impact.verschil"


def test_in_a_group_a_reply_goes_to_what_it_replies_to(tmp_path: Path) -> None:
    """ "elsewhere a reply goes to what it replies to": to the question that was left, though a nudge asks."""
    chat = team(tmp_path)
    go(chat, "impact.input")
    question = chat.asked
    answer(chat, "een hulpverlener")
    chat.say("Anna", "!verder")
    assert [said.kind for said in chat.says()] == ["nudge"]
    chat.say("Bas", "een ruimte op school", to=question)
    assert chat.texts_of("impact.input") == ["een hulpverlener", "een ruimte op school"]
    assert (chat.says(), chat.position, len(chat.snapshot.prompts())) == ([], "impact.input", 1)


def test_a_late_reply_to_a_nudge_belongs_to_its_step(tmp_path: Path) -> None:
    """ "A reply ... belongs to the step of the message it points at, also when the team has moved on: it is added
    there, marked, and the position stays." """
    chat, number = _nudged(tmp_path, ("Anna", "Bas"))
    chat.sign("Anna", "✅", number)
    chat.say("Bas", "de training leidt niet tot gesprekken", to=number)
    assert chat.texts_of("impact.status") == ["de training leidt niet tot gesprekken"]
    assert [mark.key for mark in chat.marks()] == ["✍️"]
    assert chat.position == "impact.verschil"


def test_a_late_reply_to_an_offer_is_an_action(tmp_path: Path) -> None:
    """The same: what the offer asked for was who finds it out."""
    chat, number = _offered(tmp_path, "Anna", "Bas")
    chat.sign("Anna", "✅", number)
    chat.say("Bas", "nulmeting doen @Bas 31 maart 2027", to=number)
    assert [(one["text"], one["owner"], one["due"]) for one in chat.export["actions"]] == [
        ("nulmeting doen", "Bas", "2027-03-31")
    ]
    assert (chat.state("impact.verschil"), chat.position) == ("unknown", "impact.statement")


def test_a_nudge_comes_once(tmp_path: Path) -> None:
    """ "at most one a question", and once."""
    chat, _ = _nudged(tmp_path)
    chat.say("Anna", "verder")
    go(chat, "impact.input")
    chat.say("Anna", "verder")
    assert [said.kind for said in chat.says()] == ["question"]


def test_nothing_to_show_no_nudge(tmp_path: Path) -> None:
    """The row is shown "after five": where nothing is filled in there is nothing to ask about."""
    chat = alone(tmp_path)
    go(chat, "impact.input")
    chat.say("Anna", "!verder")
    assert asked_step(chat) == "impact.verschil"


def test_at_most_one_a_question(tmp_path: Path) -> None:
    """ "Nudges and offers: kind `nudge` with the step's id, before the next question; at most one a question" """
    chat = alone(tmp_path)
    go(chat, "impact.output")
    chat.say("Anna", "tien gesprekken")
    go(chat, "impact.input")
    chat.say("Anna", "!weetniet")  # the chain is due, and an offer
    assert [said.kind for said in chat.says()] == ["nudge"]
    chat.say("Anna", "verder")
    assert [said.kind for said in chat.says()] == ["question"]
    chat.say("Anna", "verder")  # what waited comes when the next question is left
    assert [(said.kind, said.step) for said in chat.says()] == [("nudge", "impact.input")]
    assert chat.position == "impact.verschil"


def test_in_kort_they_wait_for_the_end_of_the_part_two_at_most(tmp_path: Path) -> None:
    """ "in the short pace they wait for the end of the part, two at most" """
    chat = alone(tmp_path, "!tempo kort")
    go(chat, "impact.vraagstuk")
    kinds: list[str] = []
    while chat.position != "impact.acties":
        chat.say("Anna", "!weetniet")
        kinds += [said.kind for said in chat.says()]
    assert "nudge" not in kinds
    ends: list[str] = []
    while chat.position == "impact.acties":
        chat.say("Anna", "!verder")
        ends += [said.kind for said in chat.says()]
    assert ends == ["nudge", "nudge", "question"]


def test_an_offer_takes_an_action(tmp_path: Path) -> None:
    """An offer is answered with what, who and when; then the next question."""
    chat, _ = _offered(tmp_path)
    chat.say("Anna", "nulmeting doen @Anna 31 maart 2027")
    assert asked_step(chat) == "impact.statement"
    assert [(one["text"], one["due"], one["step"]) for one in chat.export["actions"]] == [
        ("nulmeting doen", "2027-03-31", "impact.acties")
    ]


@pytest.mark.parametrize("said", ["verder", "ok", "nee", "niemand", "!overslaan", "weet niet"])
def test_an_offer_can_be_passed(tmp_path: Path, said: str) -> None:
    """✅ is no; it stays a known unknown."""
    chat, _ = _offered(tmp_path)
    chat.say("Anna", said)
    assert asked_step(chat) == "impact.statement"
    assert (chat.state("impact.verschil"), chat.export["actions"]) == ("unknown", [])


@pytest.mark.parametrize("which", ["nudge", "offer"])
@pytest.mark.parametrize("by", ["!wijzig naam", "!vraag", "!overzicht", "!uitleg", "!overzigt"])
def test_a_prompt_is_there_still_after_something_else(tmp_path: Path, which: str, by: str) -> None:
    """ "beside it a stack of open prompts"; "`!verder` returns to where the team was": to the prompt that stood
    open.
    """
    chat, _ = _nudged(tmp_path) if which == "nudge" else _offered(tmp_path)
    position = chat.position
    chat.say("Anna", by)
    if by in ("!wijzig naam", "!overzigt"):
        chat.say("Anna", "!verder")
        assert [(said.kind, said.step) for said in chat.says()] == [
            ("nudge", "impact.status" if which == "nudge" else "impact.verschil")
        ]
    assert chat.position == position
    chat.say("Anna", "nulmeting doen")
    assert chat.position != position
    assert chat.texts_of("pilot.naam") == []
    if which == "offer":
        assert [one["text"] for one in chat.export["actions"]] == ["nulmeting doen"]
    else:
        assert chat.texts_of("impact.status") == ["nulmeting doen"]


def test_the_end_of_a_part_is_asked_once(tmp_path: Path) -> None:
    """ "At the end of a part: "Herkent iedereen dit? Zo niet: wat klopt niet?"" """
    chat = team(tmp_path)
    go(chat, "impact.vraagstuk")
    answer(chat, "te laat hulp")
    go(chat, "impact.acties")
    chat.say("Anna", "!verder")
    (said,) = chat.says()
    assert (said.kind, said.step, chat.position) == ("nudge", "impact.status", "impact.acties")
    assert "Herkent iedereen dit?" in said.text
    chat.say("Bas", "de doelgroep klopt niet", to=said.number)
    assert (asked_step(chat), chat.texts_of("impact.status")) == ("routes.aannemelijk", ["de doelgroep klopt niet"])


def test_the_chain_shows_the_whole_row(tmp_path: Path) -> None:
    """ "after five the whole row, with "Volgt het een uit het ander?"" """
    chat = alone(tmp_path)
    go(chat, "impact.impact")
    for text in ("veilig thuis", "eerder bellen", "tien gesprekken", "trainingen geven", "een hulpverlener"):
        chat.say("Anna", text)
        chat.say("Anna", "verder")
    assert [said.kind for said in chat.says()] == ["nudge"]
    places = [chat.text.index(text) for text in ("hulpverlener", "trainingen", "gesprekken", "eerder", "veilig")]
    assert places == sorted(places)
    assert "Volgt het een uit het ander?" in chat.text


@pytest.mark.parametrize(
    ("step", "right"),
    [("impact.outcome", "impact.impact"), ("impact.output", "impact.outcome"), ("impact.activiteiten", "impact.output"),
     ("impact.input", "impact.activiteiten")],
)  # fmt: skip
def test_under_a_toc_question_stands_the_column_to_its_right(tmp_path: Path, step: str, right: str) -> None:
    """ "Under a ToC question stands the column to its right as the team filled it" """
    chat = alone(tmp_path)
    go(chat, right)
    chat.say("Anna", "- kinderen thuis\n- minder ouders boos")
    go(chat, step)
    assert "kinderen thuis" in chat.text
    assert "ouders boos" in chat.text
    chat.say("Anna", f"!wijzig {right}")
    chat.say("Anna", "1 weg")
    chat.say("Anna", "verder")
    assert "kinderen thuis" not in chat.text
    assert "ouders boos" in chat.text


def test_without_it_nothing_stands_there(tmp_path: Path) -> None:
    """ "as the team filled it": not filled, not shown."""
    chat = alone(tmp_path)
    go(chat, "impact.outcome")
    assert " was:" not in chat.text


# Questions that came up
# ------------------------------------------------------------------------------------------------


def _grown(folder: Path, words: str = "in") -> Chat:
    """A room at routes.status in which a choice brought questions that lie before it; the offer stands open."""
    chat = alone(folder)
    go(chat, "routes.status")
    chat.say("Anna", "!wijzig routes.keuze")
    chat.say("Anna", words)
    assert chat.position == "routes.status"
    return chat


@pytest.mark.parametrize(("words", "number"), [("in", "1 vraag"), ("in, op", "3 vragen")])
def test_what_newly_applies_before_the_position_is_offered(tmp_path: Path, words: str, number: str) -> None:
    """ "Open steps that newly apply before the position are offered once ("Er kwam 1 vraag bij. Nu? ✅")" """
    chat = _grown(tmp_path, words)
    (said,) = chat.says()
    assert (said.kind, said.step, said.signs) == ("nudge", "routes.in.invulling", ("✅",))
    assert number in said.text


@pytest.mark.parametrize("said", ["ja", "ok", "✅"])
def test_yes_goes_there_and_back(tmp_path: Path, said: str) -> None:
    """✅: now; and then on to where it was."""
    chat = _grown(tmp_path)
    chat.say("Anna", said)
    assert asked_step(chat) == "routes.in.invulling"
    chat.say("Anna", "vaste plek")
    chat.say("Anna", "verder")
    assert chat.position == "routes.status"


@pytest.mark.parametrize("said", ["verder", "nee", "later", "!overslaan"])
def test_later_is_not_offered_again_and_named_at_the_end(tmp_path: Path, said: str) -> None:
    """ "offered once ... and named at einde" """
    chat = _grown(tmp_path)
    chat.say("Anna", said)
    assert asked_step(chat) == "routes.status"
    number = chat.snapshot.room.messages
    go(chat, "pilot.ritme")
    chat.say("Anna", "geen")
    assert chat.position == END
    later = [one for one in chat.says(chat.seen) if one.number > number]
    assert not any("vraag bij" in one.text or "vragen bij" in one.text for one in later)
    assert "routes.in.invulling" in chat.view.open_steps()
    go(chat, "pilot.ritme")
    for step in [one for one in chat.view.open_steps() if one != "routes.in.invulling"]:
        go(chat, step)
        chat.say("Anna", "!overslaan")
    go(chat, "pilot.ritme")
    chat.say("Anna", "verder")
    walk(chat)
    assert "in.invulling" in chat.text


def test_what_applies_after_the_position_is_not_offered(tmp_path: Path) -> None:
    """Only "before the position": what lies ahead comes by itself."""
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    chat.say("Anna", "in, op")
    assert asked_step(chat) == "routes.in.invulling"


def test_a_question_that_no_longer_applies_is_not_gone_to(tmp_path: Path) -> None:
    """The choice went before ✅: there is nothing to go to."""
    chat = _grown(tmp_path)
    offer = chat.says()[0].number
    chat.say("Anna", "!wijzig routes.keuze")
    chat.say("Anna", "op")
    chat.sign("Anna", "✅", offer)
    assert chat.position == "routes.status"


# A near miss ---------------------------------------------------------------------------------------------------------


def test_a_near_miss_is_a_prompt(tmp_path: Path) -> None:
    """A command that is nearly right is answered with the command that was meant; ✅ does it, `verder` doesn't."""
    chat = alone(tmp_path)
    chat.say("Anna", "!overzigt")
    chat.say("Anna", "ja")
    assert [said.kind for said in chat.says()] == ["overview"]
    chat.say("Anna", "!overzigt")
    chat.say("Anna", "verder")
    assert asked_step(chat) == "pilot.naam"
    chat.say("Anna", "!overzigt")
    chat.say("Anna", "Dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


@pytest.mark.parametrize("mistake", ["!overzigt", "!ga status", "!gedaan 9"])
def test_a_mistake_that_was_let_be_does_not_hold_up_the_tap_on_the_question(tmp_path: Path, mistake: str) -> None:
    """✅ works on the message whose question is still open; "Bedoel je ...?" gives way to what is no answer to it."""
    chat = team(tmp_path)
    asked = chat.asked
    chat.say("Anna", mistake)
    chat.say("Bas", "Jeugdhulp dichtbij", to=asked)
    chat.sign("Bas", "✅", asked)
    assert [one.kind for one in chat.says()] == ["question"]
    assert chat.asked != asked
