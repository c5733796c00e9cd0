"""rules.md: `!wijzig` of any kind but text asks it afresh; the old value holds until the new one is settled.

And undoing: how each kind of answer is changed or taken away again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.chat import Chat
from tests.flows.answer_rooms import ROWS, TOC, at, choices, discussed, is_open, one, settled, status, team, vote

TEXT, ACTIONS, MULTI, PERIOD = "impact.noodzaak", "strategie.acties", "routes.keuze", "pilot.periode"
STATUS, APPLIES, GRID, RHYTHM = "impact.status", "valkuilen.scope.geldt", "ingredienten.oordeel", "pilot.ritme"
STATEMENT, OTHER = "impact.statement", "valkuilen.omstandigheden.welke"

# For each kind but text: what stands there, and what it becomes.
KINDS = [
    (PERIOD, "vanaf mei 2027", "vanaf juni 2027"),
    (RHYTHM, "elke maand", "elke 2 maanden"),
    (MULTI, "in, op", "uit"),
    (OTHER, "anders: een busje", "geld"),
    (STATUS, "deels", "onvoldoende"),
    (APPLIES, "ja", "nee"),
    (STATEMENT, "Wij helpen.", "Wij helpen eerder."),
    (GRID, "v d o o v d v v", "o o o o o o o o"),
    (ROWS[2], "deels", "voldoende"),
]
ELSEWHERE = "impact.vraagstuk"


def value(chat: Chat, step: str) -> dict[str, Any]:
    """What stands at a step and, for the grid, at its rows; and what the export says of the pilot."""
    steps = chat.export["steps"]
    return {**{one: steps[one] for one in (step, *ROWS)}, "pilot": chat.export["pilot"]}


def answered(folder: Path, step: str, text: str, people: tuple[str, ...]) -> Chat:
    """A room where the step is answered, standing elsewhere."""
    chat = one(folder) if len(people) == 1 else team(folder, people=people)
    if step in ROWS:
        chat.say("Anna", f"!wijzig {step}")
    else:
        at(chat, step)
    number = chat.asked
    for who in people:
        chat.say(who, text, to=number)
    for _ in range(2):
        if len(people) > 1 and chat.state(step) == "open":
            chat.sign("Anna", "✅", chat.asked)
    assert chat.state(step) == "answered"
    return at(chat, ELSEWHERE)


@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
@pytest.mark.parametrize(("step", "old", "new"), KINDS)
def test_it_is_asked_afresh_and_the_old_value_holds(
    tmp_path: Path, step: str, old: str, new: str, people: tuple[str, ...]
) -> None:
    """`!wijzig` of any kind but text asks it afresh; the old value holds until the new one is settled; then the team
    is back where it was.
    """
    chat = answered(tmp_path, step, old, people)
    before = value(chat, step)
    chat.say("Anna", f"!wijzig {step}")
    assert [(say.kind, say.step) for say in chat.says()] == [("question", step)]
    assert chat.position == ELSEWHERE
    assert value(chat, step) == before
    number = chat.asked
    givers = people[:1] if step in (PERIOD, RHYTHM) else people
    for who in givers:
        assert value(chat, step) == before
        chat.say(who, new, to=number)
    for _ in range(2):
        if len(people) > 1 and chat.snapshot.prompts():
            assert value(chat, step) == before
            chat.sign("Anna", "✅", chat.asked)
    (tmp_path / "fresh").mkdir()
    fresh = answered(tmp_path / "fresh", step, new, people)
    assert _shown(value(chat, step)) == _shown(value(fresh, step))
    assert chat.position == ELSEWHERE
    assert [(say.kind, say.step) for say in chat.says()] == [("question", ELSEWHERE)]


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    """A value without moments and events."""
    return {
        name: {**one, "items": [item["text"] for item in one["items"]]} if "items" in one else one
        for name, one in found.items()
    }


@pytest.mark.parametrize("way", ["!verder", "✅", "!ga routes.rol", "!overslaan"])
@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
@pytest.mark.parametrize(("step", "old", "new"), KINDS)
def test_left_without_a_new_value_the_old_one_stays(
    tmp_path: Path, step: str, old: str, new: str, people: tuple[str, ...], way: str
) -> None:
    """The old value holds until the new one is settled: none given, it stays; `!verder` returns to where the team
    was.
    """
    chat = answered(tmp_path, step, old, people)
    before = value(chat, step)
    chat.say("Anna", f"!wijzig {step}")
    if way == "✅":
        chat.sign("Anna", way, chat.asked)
    else:
        chat.say("Anna", way)
    assert _shown(value(chat, step)) == _shown(before)
    assert not is_open(chat, step)
    if not way.startswith("!ga"):
        assert chat.position == ELSEWHERE
        assert [say.step for say in chat.says()] == [ELSEWHERE]


def test_an_unreadable_new_value_leaves_the_old(tmp_path: Path) -> None:
    """The old value holds until the new one is settled: what can't be read settles nothing."""
    chat = answered(tmp_path, MULTI, "in, op", ("Anna",))
    chat.say("Anna", f"!wijzig {MULTI}")
    chat.say("Anna", "fiets")
    assert [say.kind for say in chat.says()] == ["help"]
    assert choices(chat, MULTI) == ["in", "op"]
    assert is_open(chat, MULTI)


def test_a_choice_over_the_limit_leaves_the_old(tmp_path: Path) -> None:
    """A union over a limit is not closed: the old value holds."""
    chat = answered(tmp_path, "strategie.keuze", "groei", ("Anna", "Bas"))
    chat.say("Anna", "!wijzig strategie.keuze")
    number = chat.asked
    chat.say("Anna", "franchise", to=number)
    chat.say("Bas", "configuratie", to=number)
    chat.sign("Anna", "✅", number)
    assert is_open(chat, "strategie.keuze")
    assert choices(chat, "strategie.keuze") == ["groei"]


def test_removing_one_choice(tmp_path: Path) -> None:
    """`3 weg` removes a choice whoever made it: at `!wijzig` from what stands there."""
    chat = answered(tmp_path, MULTI, "in, op, diep", ("Anna", "Bas"))
    chat.say("Bas", f"!wijzig {MULTI}")
    chat.say("Bas", "zonder op", to=chat.asked)
    chat.sign("Bas", "✅", chat.asked)
    assert choices(chat, MULTI) == ["in", "diep"]


def test_voting_afresh_differs_again(tmp_path: Path) -> None:
    """`!wijzig` asks it afresh: earlier votes don't count, a second round is on offer again, the old outcome holds."""
    chat = answered(tmp_path, STATUS, "deels", ("Anna", "Bas"))
    chat.say("Anna", f"!wijzig {STATUS}")
    assert chat.view.votes(STATUS) == []
    vote(chat, Anna="v", Bas="o")
    assert discussed(chat)
    chat.sign("Bas", "✅", chat.asked)
    assert settled(chat)
    assert status(chat, STATUS) == "deels"
    chat.sign("Bas", "✅", chat.asked)
    assert status(chat, STATUS) == "onvoldoende"


def test_going_elsewhere_halfway_leaves_the_old(tmp_path: Path) -> None:
    """The old value holds until the new one is settled: votes that were not settled settle nothing."""
    chat = answered(tmp_path, STATUS, "deels", ("Anna", "Bas"))
    chat.say("Anna", f"!wijzig {STATUS}")
    vote(chat, Anna="v")
    chat.say("Bas", "!ga routes.rol")
    assert status(chat, STATUS) == "deels"
    assert chat.state(STATUS) == "answered"


def test_a_row_of_the_grid_is_changed_on_its_own(tmp_path: Path) -> None:
    """The eight are set through the grid, asked on their own on `!wijzig`; the others stay."""
    chat = answered(tmp_path, GRID, "v d o o v d v v", ("Anna", "Bas"))
    chat.say("Anna", "!wijzig governance.status")
    vote(chat, Anna="deels", Bas="deels")
    chat.sign("Anna", "✅", chat.asked)
    found = [status(chat, row) for row in ROWS]
    assert found[2] == "deels"
    assert found[3] == "onvoldoende"
    assert chat.position == ELSEWHERE


def test_a_part_of_the_grid_changed_afresh_leaves_the_rest(tmp_path: Path) -> None:
    """Partial grids count for what they give: changing one row through the grid leaves the other seven."""
    chat = answered(tmp_path, GRID, "v d o o v d v v", ("Anna",))
    chat.say("Anna", f"!wijzig {GRID}")
    chat.say("Anna", "governance v")
    chat.say("Anna", "!verder")
    letters = "".join(str(status(chat, row))[0] for row in ROWS)
    assert letters == "vdvovdvv"


def test_text_is_numbered_and_not_asked_afresh(tmp_path: Path) -> None:
    """Of any kind but text: text keeps its items, "2: nieuwe tekst" and "2 weg" change them."""
    chat = one(tmp_path, TEXT)
    for text in ("een", "twee", "drie"):
        chat.say("Anna", text)
    at(chat, ELSEWHERE)
    chat.say("Anna", f"!wijzig {TEXT}")
    assert chat.texts_of(TEXT) == ["een", "twee", "drie"]
    chat.say("Anna", "2: TWEE")
    assert chat.texts_of(TEXT) == ["een", "TWEE", "drie"]
    chat.say("Anna", "1 weg")
    chat.say("Anna", "vier")
    assert chat.texts_of(TEXT) == ["TWEE", "drie", "vier"]
    chat.say("Anna", "9 weg")
    assert chat.texts_of(TEXT) == ["TWEE", "drie", "vier"]
    chat.say("Anna", "!verder")
    assert chat.position == ELSEWHERE


def test_actions_are_changed_by_their_number(tmp_path: Path) -> None:
    """`!wijzig`: the items come numbered ("2: nieuwe tekst", "2 weg", any other text is added): actions too."""
    chat = one(tmp_path, ACTIONS)
    chat.say("Anna", "memo schrijven")
    chat.say("Anna", "zaal huren")
    at(chat, ELSEWHERE)
    chat.say("Anna", f"!wijzig {ACTIONS}")
    chat.say("Anna", "2: zaal reserveren @Anna 15 januari 2027")
    chat.say("Anna", "1 weg")
    chat.say("Anna", "koffie zetten")
    found = {one["number"]: (one["text"], one["state"]) for one in chat.export["actions"]}
    assert found.get(1, ("", "dropped"))[1] == "dropped"
    assert found[2] == ("zaal reserveren", "open")
    assert found[3] == ("koffie zetten", "open")


def test_the_statement_can_become_the_frame(tmp_path: Path) -> None:
    """statement: asked afresh, ✅ takes nothing in place of own words that stand there."""
    chat = one(tmp_path)
    for number, step in enumerate(TOC):
        at(chat, step)
        chat.say("Anna", f"kolom{number}")
    at(chat, STATEMENT)
    chat.say("Anna", "Eigen woorden.")
    at(chat, ELSEWHERE)
    chat.say("Anna", f"!wijzig {STATEMENT}")
    chat.say("Anna", "!verder")
    assert chat.texts_of(STATEMENT) == ["Eigen woorden."]


def test_after_a_change_the_question_shows_the_new_value(tmp_path: Path) -> None:
    """When a question is left, its message is edited: the detour's own question shows what stands there now."""
    chat = answered(tmp_path, PERIOD, "vanaf mei 2027", ("Anna",))
    chat.say("Anna", f"!wijzig {PERIOD}")
    number = chat.asked
    chat.say("Anna", "vanaf juni 2027")
    assert [(edit.number, "1 juni 2027" in edit.text) for edit in chat.edits()] == [(number, True)]
