"""Issue F, points 5 and 7: what is enough to scale up is told in words, and what speaks for and against each strategy
stands under the question; the team chooses.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat import BOOK, Chat
from tests.flows.coherence_rooms import room, view
from tests.flows.rules_rooms import alone, answer, go

STAND = "De stand voor opschalen"


def rated(chat: Chat, needed: str = "governance, financiering, kennis, privacy", rows: str = "v v v v d o ? v") -> Chat:
    """What is needed and how it stands; the room is at the end of the part."""
    if needed:
        go(chat, "ingredienten.nodig")
        answer(chat, needed)
    go(chat, "ingredienten.oordeel")
    answer(chat, rows)
    go(chat, "ingredienten.acties")
    return chat


def stand(text: str) -> list[str]:
    """The lines about what is enough."""
    return [line for line in text.split("\n") if line.startswith("- ") and ":" in line]


# Readiness ------------------------------------------------------------------------------------------------------------


def test_where_the_part_ends_it_is_told_what_is_enough(tmp_path: Path) -> None:
    chat = rated(alone(tmp_path))
    chat.say("Anna", "verder")
    (said,) = chat.says()
    assert said.kind == "nudge"  # one message: with "Herken je dit beeld?"
    block, _, rest = said.text.partition("\n\n**")
    assert block.startswith(f"**{STAND}.** Van wat jullie nodig hebben")
    assert stand(block) == [
        "- genoeg: governance, privacy en gegevensdeling",
        "- nog niet genoeg: financiering (deels), kennis en vaardigheden (onvoldoende)",
    ]
    assert "Herken je dit beeld" in rest
    assert "technologie" not in block  # it is not among what the team needs


def test_it_is_told_once(tmp_path: Path) -> None:
    chat = rated(alone(tmp_path))
    chat.say("Anna", "verder")
    go(chat, "ingredienten.acties")
    for _ in range(4):
        chat.say("Anna", "verder")
    assert sum(STAND in one.text for one in chat.says(chat.seen)) == 1


@pytest.mark.parametrize("start", ["!start", "!tempo kort"])
def test_without_nudges_it_comes_with_the_next_question(tmp_path: Path, start: str) -> None:
    chat = alone(tmp_path, start)
    chat.say("Anna", "!instellingen duwtjes uit")
    rated(chat)
    chat.say("Anna", "verder")
    (said,) = chat.says()
    assert said.kind == "question"
    assert said.text.startswith(f"**{STAND}.**")


def test_while_nothing_is_rated_nothing_is_told(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "ingredienten.acties")
    chat.say("Anna", "verder")
    assert STAND not in chat.text
    chat.say("Anna", "!overzicht ingredienten")
    assert STAND not in chat.text


def test_where_nobody_said_what_is_needed_all_eight_are_told(tmp_path: Path) -> None:
    chat = rated(alone(tmp_path), needed="")
    chat.say("Anna", "!overzicht ingredienten")
    assert f"**{STAND}.** Volgens jullie zelf is:" in chat.text
    assert "- nog niet bekend: technologie en systemen" in chat.text


def test_what_was_not_rated_is_said_to_be_so(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "ingredienten.oordeel")
    answer(chat, "governance voldoende")
    chat.say("Anna", "verder")
    chat.say("Anna", "!overzicht ingredienten")
    assert "- genoeg: governance\n" in chat.text
    assert "- nog niet beoordeeld: samenwerking, wensen en behoeften, waarde" in chat.text


def test_the_risks_that_the_team_takes_are_told_in_its_words(tmp_path: Path) -> None:
    """ "which risks the team said it takes": at its question, and as its answer to alarm 11."""
    chat = alone(tmp_path)
    go(chat, "ingredienten.risicobereidheid")
    answer(chat, "We beginnen zonder subsidie.")
    rated(chat)
    go(chat, "ingredienten.status")
    answer(chat, "voldoende")
    while "Nemen jullie dit risico bewust" not in chat.text:
        chat.say("Anna", "verder")
    chat.say("Anna", "ja, de financiering regelt de provincie")
    chat.say("Anna", "!overzicht ingredienten")
    expected = "- over risico's zeiden jullie: We beginnen zonder subsidie; ja, de financiering regelt de provincie"
    assert expected in chat.text
    chat.say("Anna", "!wijzig ingredienten.status")
    chat.say("Anna", "deels")  # the alarm no longer holds
    chat.say("Anna", "!overzicht ingredienten")
    assert "- over risico's zeiden jullie: We beginnen zonder subsidie\n" in chat.text


def test_what_was_said_about_another_alarm_is_no_risk(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "op")
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v o v v v v v")
    chat.say("Anna", "weten we, want de wethouder doet mee")
    chat.say("Anna", "!overzicht ingredienten")
    assert STAND in chat.text
    assert "over risico's" not in chat.text
    assert "Daarover: weten we, want de wethouder doet mee" in chat.text


def test_every_round_tells_it(tmp_path: Path) -> None:
    chat = rated(alone(tmp_path))
    chat.say("Anna", "!instellingen duwtjes uit")
    go(chat, "pilot.ritme")
    chat.say("Anna", "verder")
    assert chat.position == "einde"
    chat.say("Anna", "!wijzig financiering.status")
    chat.say("Anna", "voldoende")
    chat.say("Anna", "!hercheck")
    chat.say("Anna", "ja")
    assert "Ronde 2 staat" in chat.text
    assert "- genoeg: governance, financiering, privacy en gegevensdeling" in chat.text
    assert "- nog niet genoeg: kennis en vaardigheden (onvoldoende)" in chat.text
    assert not any(char in chat.text for char in "%/")  # words only


# The strategies -------------------------------------------------------------------------------------------------------

# the reason's text: (a room in which it holds, rooms in which it does not)
REASONS = {
    "jullie willen naar meer plekken (Uit)": (["routes.keuze = uit"], [["routes.keuze = in"], []]),
    "mensen, kennis en geld zijn voldoende": (
        ["ingredienten.kennis.status = voldoende", "ingredienten.financiering.status = voldoende"],
        [["ingredienten.kennis.status = voldoende"], ["ingredienten.financiering.status = voldoende"], []],
    ),
    "kennis en vaardigheden zijn nog niet voldoende": (
        ["ingredienten.kennis.status = deels"], [["ingredienten.kennis.status = voldoende"], []],
    ),
    "financiering is nog niet voldoende": (
        ["ingredienten.financiering.status = onbekend"], [["ingredienten.financiering.status = voldoende"], []],
    ),
    "jullie willen naar plekken die erop lijken (Uit)": (["routes.keuze = uit"], [["routes.keuze = voorbij"], []]),
    "de samenhang is goed in beeld (valkuil 2 speelt niet)": (
        ["valkuilen.samenhang.geldt = nee"], [["valkuilen.samenhang.geldt = deels"], []],
    ),
    "jullie aanpak leunt op deze plek (valkuil 2)": (
        ["valkuilen.samenhang.geldt = ja"], [["valkuilen.samenhang.geldt = nee"], []],
    ),
    "een ander domein (Voorbij) vraagt meer dan kleine aanpassingen": (
        ["routes.keuze = voorbij"], [["routes.keuze = uit"], []],
    ),
    "jullie aanpak past bij deze plek of groep (valkuil 1 of 2)": (
        ["valkuilen.scope.geldt = deels"],
        [["valkuilen.scope.geldt = nee", "valkuilen.samenhang.geldt = nee"], []],
    ),
    "in een ander domein (Voorbij) past niet elk element": (["routes.keuze = voorbij"], [["routes.keuze = in"], []]),
    "elke plek kiest samen wat past, en samenwerking is nog niet voldoende": (
        ["ingredienten.samenwerking.status = deels"], [["ingredienten.samenwerking.status = voldoende"], []],
    ),
    "jullie willen het vastleggen (In of Op)": (["routes.keuze = op, uit"], [["routes.keuze = uit"], []]),
    "geld of regels zijn nu tijdelijk geregeld": (
        ["valkuilen.omstandigheden.welke = regelruimte"],
        [["valkuilen.omstandigheden.welke = koplopers"], []],
    ),
    "jullie kozen niet voor In of Op": (["routes.keuze = uit"], [["routes.keuze = in"], ["routes.keuze = op"], []]),
    "governance is nog niet voldoende": (
        ["ingredienten.governance.status = onvoldoende"], [["ingredienten.governance.status = voldoende"], []],
    ),
}  # fmt: skip


def test_every_reason_is_tested() -> None:
    assert sorted(reason.form.text for reason in BOOK.reasons) == sorted(REASONS)
    assert {(reason.form.choice, reason.form.side) for reason in BOOK.reasons} == {
        (choice.word, side) for choice in BOOK.steps["strategie.keuze"].form.choices for side in ("for", "against")
    }


@pytest.mark.parametrize("text", REASONS)
def test_a_reason_holds_where_the_answers_say_so(text: str) -> None:
    (reason,) = [one for one in BOOK.reasons if one.form.text == text]
    holding, silent = REASONS[text]
    assert reason.condition.holds(view(room(holding)))
    assert not any(reason.condition.holds(view(room(lines))) for lines in silent)


def test_the_question_tells_what_speaks_for_and_against_each(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "uit")
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v o v v d v v")
    go(chat, "strategie.keuze")
    lines = chat.text.split("\n")
    assert (
        "- **Groei**: ervoor: jullie willen naar meer plekken (Uit) · ertegen: kennis en vaardigheden zijn nog niet "
        "voldoende"
    ) in lines
    assert "- **Configuratie**: daarover zeggen jullie antwoorden nog niets" in lines
    assert any(line.startswith("- **Institutionaliseren**: ertegen: jullie kozen niet voor In of Op") for line in lines)
    assert len([line for line in lines if line.startswith("- **")]) == 4
    assert not chat.export["steps"]["strategie.keuze"]["choices"]  # the team chooses
    chat.say("Anna", "!uitleg")
    assert "- **Groei**: ervoor: jullie willen naar meer plekken (Uit)" in chat.text


def test_while_the_answers_say_nothing_there_is_no_such_list(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "strategie.keuze")
    assert "ertegen" not in chat.text


def test_no_other_question_has_it(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "uit")
    for step in ("routes.keuze", "valkuilen.omstandigheden.welke", "strategie.samenhang"):
        go(chat, step)
        assert "ervoor:" not in chat.text
