"""coherence.md and rules.md: when a nudge or alarm is asked, and that it is never asked twice."""

from __future__ import annotations

from pathlib import Path

from tests.flows.coherence_chats import at_grid, ids, nudge, nudges
from tests.flows.rules_rooms import alone, answer, asked_step, go


def test_it_is_asked_when_the_last_step_that_it_names_is_left(tmp_path: Path) -> None:
    """ "Evaluated when a step is left, once every step that the condition names has been left or passed" """
    chat = alone(tmp_path)
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v o v v v v v")
    assert chat.says()[0].kind == "question"  # no route was chosen
    go(chat, "routes.keuze")
    answer(chat, "op")  # governance was left before
    said = nudge(chat)
    assert (said.step, said.signs) == ("ingredienten.governance.acties", ("✅",))
    assert said.text.startswith("**Routes en ingrediënten:** Route Op vraagt steun van bestuurders")
    assert chat.position == "routes.keuze"


def test_nothing_is_asked_before_what_it_names_was_passed(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "op")
    assert asked_step(chat) == "routes.op.invulling"
    assert ids(chat) == []


def test_what_was_passed_by_without_an_answer_counts_where_the_condition_says_so(tmp_path: Path) -> None:
    """Number 1: governance "not voldoende or unasked"."""
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "op")
    go(chat, "valkuilen.scope.situaties")
    chat.say("Anna", "verder")
    assert "bestuurders" in nudge(chat).text


def test_of_several_the_lowest_goes_first_and_the_rest_wait_for_the_next_step(tmp_path: Path) -> None:
    """ "of several the lowest number goes first, the rest wait for the next step that is left" """
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "op, in, uit")
    go(chat, "routes.volgorde")
    answer(chat, "eerst in")
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v o v o v v o")
    assert "bestuurders" in nudge(chat).text  # 1
    chat.say("Anna", "verder")
    assert chat.says()[0].kind == "question"  # "at most one a question"
    chat.say("Anna", "verder")
    assert "gegevens" in nudge(chat).text  # 10; 2 waits for valkuilen.omstandigheden.welke
    chat.say("Anna", "verder")
    chat.say("Anna", "verder")
    assert chat.says()[0].kind == "question"


def test_it_is_never_asked_twice(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path))
    chat.say("Anna", "!verder")
    for _ in range(6):
        chat.say("Anna", "!verder")
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v d v v v v v")
    go(chat, "routes.keuze")
    answer(chat, "op")
    chat.say("Anna", "!verder")
    assert len(nudges(chat, "bestuurders")) == 1


def test_what_no_longer_holds_is_not_asked(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    answer(chat, "op, uit")
    go(chat, "routes.volgorde")
    answer(chat, "eerst uit")
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v o v v v v o")
    assert "bestuurders" in nudge(chat).text
    chat.say("Anna", "!wijzig ingredienten.privacy.status")
    chat.say("Anna", "voldoende")
    for _ in range(4):
        chat.say("Anna", "!verder")
    assert nudges(chat, "gegevens") == []


def test_an_open_one_that_no_longer_holds_gives_way_to_the_next_question(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path))
    assert "bestuurders" in nudge(chat).text
    chat.say("Anna", "!wijzig governance.status")
    chat.say("Anna", "voldoende")
    assert asked_step(chat) == "ingredienten.samenwerking.stand"
    assert len(nudges(chat, "bestuurders")) == 1


def test_without_nudges_nothing_is_asked_and_what_holds_still_shows(tmp_path: Path) -> None:
    """ "`!instellingen duwtjes uit` turns them off" """
    chat = alone(tmp_path)
    chat.say("Anna", "!instellingen duwtjes uit")
    at_grid(chat)
    assert chat.says()[0].kind == "question"
    assert ids(chat) == ["steun"]
    chat.say("Anna", "!instellingen duwtjes aan")
    chat.say("Anna", "verder")
    assert "bestuurders" in nudge(chat).text


def test_who_recognises_this_goes_first(tmp_path: Path) -> None:
    """ "Herkent iedereen dit?" ... count as that one nudge and go first."""
    chat = alone(tmp_path)
    go(chat, "impact.output")
    answer(chat, "blije ouders")
    go(chat, "impact.input")
    answer(chat, "enthousiasme")
    chat.say("Anna", "verder")
    assert "Volgt het een uit het ander" in nudge(chat).text
    chat.say("Anna", "verder")
    assert chat.says()[0].kind == "question"
    chat.say("Anna", "verder")
    assert "tellen" in nudge(chat).text  # 16 before 17
    chat.say("Anna", "verder")
    chat.say("Anna", "verder")
    assert "Wie en wat hebben jullie" in nudge(chat).text


def test_in_the_short_pace_they_wait_for_the_end_of_the_part_two_at_most(tmp_path: Path) -> None:
    """ "in the short pace they wait for the end of the part, two at most" """
    chat = alone(tmp_path, "!tempo kort")
    go(chat, "impact.output")
    answer(chat, "blije ouders")
    chat.say("Anna", "verder")
    go(chat, "impact.input")
    answer(chat, "enthousiasme")
    found: list[tuple[str, str]] = []
    while chat.position != "routes.keuze":
        chat.say("Anna", "verder")
        found += [(chat.position, one.text) for one in chat.says() if one.kind == "nudge"]
    assert [position for position, _ in found] == ["impact.acties", "impact.acties"]
    assert "Volgt het een uit het ander" in found[1][1]
    while chat.position != "ingredienten.nodig":  # what waited comes at the end of the next part
        chat.say("Anna", "verder")
        found += [(chat.position, one.text) for one in chat.says() if one.kind == "nudge"]
    assert [position for position, _ in found[2:]] == ["routes.acties", "routes.acties"]
    assert "tellen" in found[2][1]
    assert "Wie en wat hebben jullie" in found[3][1]


def test_a_change_beside_the_walk_is_asked_about_when_it_is_done(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path), rows="v v v v v v v v")
    assert chat.says()[0].kind == "question"
    chat.say("Anna", "!wijzig governance.status")
    chat.say("Anna", "onvoldoende")
    assert "bestuurders" in nudge(chat).text
    chat.say("Anna", "!verder")
    assert asked_step(chat) == chat.position


def test_what_newly_applies_is_offered_before_its_absence_is_asked_about(tmp_path: Path) -> None:
    """Number 13 does not ask for an order while the question of the order is still to be offered."""
    chat = alone(tmp_path)
    go(chat, "routes.status")
    chat.say("Anna", "!wijzig routes.keuze")
    chat.say("Anna", "in, op")
    assert "kwamen" in nudge(chat).text
    assert nudges(chat, "Moet de ene klaar zijn") == []


def test_at_a_recheck_what_fits_no_more_is_asked_in_the_message_of_the_round(tmp_path: Path) -> None:
    chat = at_grid(alone(tmp_path), rows="v v v v v v v v")
    chat.say("Anna", "!instellingen duwtjes uit")
    go(chat, "pilot.ritme")
    chat.say("Anna", "verder")
    assert chat.position == "einde"
    chat.say("Anna", "!wijzig governance.status")
    chat.say("Anna", "deels")
    chat.say("Anna", "!instellingen duwtjes aan")
    chat.say("Anna", "!hercheck")
    chat.say("Anna", "ja")
    said = nudge(chat)
    assert "Ronde 2 staat" in said.text
    assert "bestuurders" in said.text
