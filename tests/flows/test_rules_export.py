"""rules.md, "Export, exactly", and the export of contract.md: JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.transports.base import People
from flows.conversation.events import Person
from flows.export import as_csv
from tests.chat import BOOK, ROOM, Chat
from tests.flows.answer_rooms import ROWS, at, one, team, vote

TEXT, ACTIONS, MULTI, PERIOD = "impact.noodzaak", "impact.acties", "routes.keuze", "pilot.periode"
STATUS, APPLIES, GRID, RHYTHM = "impact.status", "valkuilen.scope.geldt", "ingredienten.oordeel", "pilot.ritme"
ACTION_STEPS = [step.id for step in BOOK.steps.values() if step.kind == "actions"]
RATED = ("impact", "routes", "ingredienten", "valkuilen")


def table(chat: Chat) -> list[dict[str, str]]:
    """The rows of the CSV."""
    return list(csv.DictReader(io.StringIO(as_csv(BOOK, chat.snapshot, chat.now))))


def ended(folder: Path) -> Chat:
    """A room of one that walked to the end, with a status on the way."""
    chat = one(folder, STATUS)
    chat.say("Anna", "deels")
    at(chat, RHYTHM)
    chat.say("Anna", "elke maand")
    assert chat.position == "einde"
    return chat


# JSON ---------------------------------------------------------------------------------------------------------------


def test_a_new_room_has_every_step_of_the_book(tmp_path: Path) -> None:
    """Every step of the book is in `steps`, with `"applicable": true|false`; before anything was said."""
    chat = Chat(tmp_path)
    steps = chat.export["steps"]
    assert list(steps) == list(BOOK.order)
    assert {type(found["applicable"]) for found in steps.values()} == {bool}
    assert {found["state"] for found in steps.values()} == {"open"}


def test_applicable_follows_the_answers(tmp_path: Path) -> None:
    """`"applicable": true|false`: evaluated anew; an answer whose step stops applying is kept."""
    chat = one(tmp_path, MULTI)
    assert not chat.export["steps"]["routes.uit.invulling"]["applicable"]
    chat.say("Anna", "uit")
    chat.say("Anna", "naar Noord")
    assert chat.export["steps"]["routes.uit.invulling"]["applicable"]
    chat.say("Anna", f"!wijzig {MULTI}")
    chat.say("Anna", "in")
    found = chat.export["steps"]["routes.uit.invulling"]
    assert (found["applicable"], [item["text"] for item in found["items"]]) == (False, ["naar Noord"])


def test_the_short_pace_hides_no_step(tmp_path: Path) -> None:
    """Every step of the book is in `steps`; the pace is a filter of what is asked, and says nothing of applying."""
    chat = one(tmp_path)
    before = chat.export["steps"]
    chat.say("Anna", "!tempo kort")
    assert chat.export["steps"] == before


def test_applies_uses_status(tmp_path: Path) -> None:
    """`applies` uses `status`."""
    chat = one(tmp_path, APPLIES)
    chat.say("Anna", "ja")
    found = chat.export["steps"][APPLIES]
    assert (found["state"], found["status"], found["choices"], found["items"]) == ("answered", "ja", [], [])


@pytest.mark.parametrize("step", ["impact.acties", "strategie.acties", "canvas.eerst", "valkuilen.scope.acties"])
def test_actions_stand_only_in_actions(tmp_path: Path, step: str) -> None:
    """Actions stand only in `actions` (their `step` is the `.acties` step), and those steps have empty `items`."""
    chat = one(tmp_path, step)
    chat.say("Anna", "memo schrijven @Anna 15 januari 2027")
    export = chat.export
    assert export["actions"] == [
        {"number": 1, "text": "memo schrijven", "owner": "Anna", "due": "2027-01-15", "state": "open", "step": step}
    ]
    assert (export["steps"][step]["state"], export["steps"][step]["items"]) == ("answered", [])


def test_an_action_of_no_step(tmp_path: Path) -> None:
    """Actions: their `step` is the `.acties` step, or null."""
    chat = one(tmp_path)
    assert chat.position == "pilot.naam"
    chat.say("Anna", "!actie memo schrijven")
    (action,) = chat.export["actions"]
    assert (action["step"], action["owner"], action["due"]) == (None, None, None)


@pytest.mark.parametrize(
    ("step", "belongs"),
    [
        ("impact.outcome", "impact.acties"),
        ("ingredienten.governance.stand", "ingredienten.governance.acties"),
        ("valkuilen.partners.geldt", "valkuilen.partners.acties"),
        ("ingredienten.klaar", "ingredienten.acties"),
    ],
)
def test_an_action_belongs_to_the_acties_step_of_its_question(tmp_path: Path, step: str, belongs: str) -> None:
    """Actions: their `step` is the `.acties` step."""
    chat = one(tmp_path, step)
    chat.say("Anna", "!actie memo schrijven")
    assert [action["step"] for action in chat.export["actions"]] == [belongs]


def test_an_action_keeps_its_number_and_state(tmp_path: Path) -> None:
    """`actions`: number, text, owner, due, state (open, done, dropped), step."""
    chat = one(tmp_path, ACTIONS)
    chat.say("Anna", "- een\n- twee\n- drie")
    chat.say("Anna", "!gedaan 1")
    chat.say("Anna", "!vervalt 3")
    assert [(one["number"], one["text"], one["state"]) for one in chat.export["actions"]] == [
        (1, "een", "done"),
        (2, "twee", "open"),
        (3, "drie", "dropped"),
    ]


def test_no_action_step_ever_has_items(tmp_path: Path) -> None:
    """Those steps have empty `items`."""
    chat = one(tmp_path)
    for step in ("impact.acties", "routes.acties", "canvas.eerst"):
        at(chat, step)
        chat.say("Anna", "iets doen")
    assert all(chat.export["steps"][step]["items"] == [] for step in ACTION_STEPS)
    assert len(chat.export["actions"]) == 3


def test_the_first_round_is_made_at_the_end_of_the_first_walk(tmp_path: Path) -> None:
    """`rounds[0]` is made at the end of the first walk: not before, and once."""
    chat = one(tmp_path, STATUS)
    chat.say("Anna", "deels")
    assert chat.export["rounds"] == []
    at(chat, RHYTHM)
    assert chat.export["rounds"] == []
    chat.say("Anna", "elke maand")
    (made,) = chat.export["rounds"]
    assert made["number"] == 1
    assert made["statuses"]["impact"] == made["statuses"][STATUS] == "deels"
    at(chat, STATUS)
    chat.say("Anna", "voldoende")
    at(chat, RHYTHM)
    chat.say("Anna", "!verder")
    assert chat.position == "einde"
    assert chat.export["rounds"] == [made]


def test_the_keys_of_a_round(tmp_path: Path) -> None:
    """A round's keys: the four parts and every status and applies step."""
    (made,) = ended(tmp_path).export["rounds"]
    kinds = {step.id for step in BOOK.steps.values() if step.kind in ("status", "applies")}
    assert set(made["statuses"]) == {*RATED, *kinds}
    assert made["statuses"]["routes"] is None
    assert datetime.fromisoformat(made["at"]).tzinfo is not None


def test_alarms_are_empty(tmp_path: Path) -> None:
    """`alarms` is [] until there are any."""
    assert ended(tmp_path).export["alarms"] == []


def test_the_frame_of_the_export(tmp_path: Path) -> None:
    """contract.md, JSON export: the keys, and what they hold."""
    chat = ended(tmp_path)
    export = chat.export
    assert set(export) == {
        "format", "room", "exported_at", "book", "pilot", "steps", "parts", "actions", "rounds", "alarms",
    }  # fmt: skip
    assert (export["format"], export["room"]) == ("opschaalcanvas/1", ROOM)
    assert export["book"] == {"id": "opschalen", "version": "1", "language": "nl"}
    assert set(export["pilot"]) == {"name", "start", "end", "rhythm"}
    assert {part: found["status"] for part, found in export["parts"].items()} == {
        "impact": "deels", "routes": None, "ingredienten": None, "valkuilen": None,
    }  # fmt: skip
    assert datetime.fromisoformat(export["exported_at"]).utcoffset() is not None
    assert json.loads(json.dumps(export)) == export


def test_the_pilot(tmp_path: Path) -> None:
    """contract.md, JSON export: the pilot's name, start, end and rhythm."""
    chat = one(tmp_path)
    assert chat.export["pilot"] == {"name": None, "start": None, "end": None, "rhythm": None}
    chat.say("Anna", "Jeugdhulp dichtbij")
    at(chat, PERIOD)
    chat.say("Anna", "1 september 2026 - 31 augustus 2027")
    at(chat, RHYTHM)
    chat.say("Anna", "elke 6 weken")
    assert chat.export["pilot"] == {
        "name": "Jeugdhulp dichtbij", "start": "2026-09-01", "end": "2027-08-31", "rhythm": "elke 6 weken",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("say", "state"),
    [("te veel", "answered"), ("!weetniet", "unknown"), ("!overslaan", "skipped"), ("!verder", "open")],
)
def test_the_four_states(tmp_path: Path, say: str, state: str) -> None:
    """contract.md: `state` is answered, unknown, skipped or open."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", say)
    assert chat.state(TEXT) == state


def test_an_item_names_its_author_moment_and_event(tmp_path: Path) -> None:
    """contract.md: in exports `author` is the name shown and `author_id` the transport's id; `at` has its offset."""
    chat = Chat(tmp_path, people=())
    chat.send(People(ROOM, chat.event_id(), chat.now, (Person("@anna:x.nl", "Anna"), Person("@bas:x.nl", "Bas"))))
    chat.say("@anna:x.nl", "!start")
    moment = chat.now
    chat.say("@bas:x.nl", "Jeugdhulp dichtbij", to=chat.asked)
    (item,) = chat.export["steps"]["pilot.naam"]["items"]
    assert {name: item[name] for name in ("text", "author", "author_id", "event")} == {
        "text": "Jeugdhulp dichtbij", "author": "Bas", "author_id": "@bas:x.nl", "event": chat.event,
    }  # fmt: skip
    assert datetime.fromisoformat(item["at"]) == moment
    assert item["at"].endswith("+01:00")


def test_who_left_is_still_named(tmp_path: Path) -> None:
    """contract.md: `author` is the name shown, also of somebody who left."""
    chat = team(tmp_path, TEXT)
    chat.say("Cem", "te veel meldingen", to=chat.asked)
    chat.members("Anna", "Bas")
    assert [item["author"] for item in chat.export["steps"][TEXT]["items"]] == ["Cem"]


def test_votes_that_are_not_settled_are_not_exported(tmp_path: Path) -> None:
    """`status` is what the team settled: an open vote and its voters are nowhere in it."""
    chat = team(tmp_path, STATUS)
    before = _without_moment(chat.export)
    vote(chat, Anna="deels", Bas="voldoende")
    assert _without_moment(chat.export) == before


def _without_moment(export: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in export.items() if name != "exported_at"}


def test_the_export_changes_nothing(tmp_path: Path) -> None:
    """Exporting reads: twice the same, but for the moment."""
    chat = ended(tmp_path)
    assert _without_moment(chat.export) == _without_moment(chat.export)


# CSV ----------------------------------------------------------------------------------------------------------------


def test_the_columns(tmp_path: Path) -> None:
    """CSV columns: step, kind, state, status, choices, text, author, at."""
    chat = one(tmp_path)
    first = as_csv(BOOK, chat.snapshot, chat.now).splitlines()[0]
    assert first == "step,kind,state,status,choices,text,author,at"


def test_every_step_has_a_row(tmp_path: Path) -> None:
    """CSV: every step of the book, in its order, with its kind and state."""
    rows = table(one(tmp_path))
    assert [row["step"] for row in rows] == list(BOOK.order)
    assert [row["kind"] for row in rows] == [BOOK.steps[step].kind for step in BOOK.order]
    assert {row["state"] for row in rows} == {"open"}


def test_a_row_an_item(tmp_path: Path) -> None:
    """CSV: a row an item, with its text, author and moment."""
    chat = team(tmp_path, TEXT)
    for who in ("Anna", "Bas"):
        chat.say(who, f'van "{who}"; en,\nmeer', to=chat.asked)
    rows = [row for row in table(chat) if row["step"] == TEXT]
    assert [(row["state"], row["text"], row["author"]) for row in rows] == [
        ("answered", f'van "{who}"; en,\nmeer', who) for who in ("Anna", "Bas")
    ]
    assert all(datetime.fromisoformat(row["at"]).tzinfo for row in rows)


def test_choices_and_statuses(tmp_path: Path) -> None:
    """CSV columns status and choices."""
    chat = one(tmp_path, MULTI)
    chat.say("Anna", "in, op")
    at(chat, GRID)
    chat.say("Anna", "v d o o ? d v v")
    rows = {row["step"]: row for row in table(chat)}
    assert rows[MULTI]["choices"] == "in, op"
    assert [rows[row]["status"] for row in ROWS[:3]] == ["voldoende", "deels", "onvoldoende"]
    assert (rows[GRID]["state"], rows[GRID]["status"]) == ("answered", "")


@pytest.mark.parametrize("text", ["=1+1", "+31 procent", "-5 procent", "@SUM(A1)", " =1+1", "\t=1+1"])
def test_no_cell_is_a_formula(tmp_path: Path, text: str) -> None:
    """CSV: what a spreadsheet would take for a formula stands there as text."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", f"!antwoord {text}")
    (row,) = [row for row in table(chat) if row["step"] == TEXT]
    assert row["text"].lstrip()[0] not in "=+-@\t\r"
    assert text.strip() in row["text"]


def test_a_formula_as_a_name(tmp_path: Path) -> None:
    """CSV: no cell is a formula: the author's name neither."""
    chat = Chat(tmp_path, people=())
    chat.send(People(ROOM, chat.event_id(), chat.now, (Person("a", '=HYPERLINK("x")'),)))
    chat.say("a", "!start")
    chat.say("a", "een naam")
    assert table(chat)[0]["author"].startswith("'=")


def test_what_was_taken_back_is_in_no_export(tmp_path: Path) -> None:
    """❌ hides an item, an action, a choice: in JSON and CSV alike."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "geheimzinnig woord")
    chat.sign("Anna", "❌", chat.event)
    at(chat, ACTIONS)
    chat.say("Anna", "geheimzinnig memo")
    chat.sign("Anna", "❌", chat.event)
    assert "geheimzinnig" not in json.dumps(chat.export)
    assert "geheimzinnig" not in as_csv(BOOK, chat.snapshot, chat.now)
