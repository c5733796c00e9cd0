"""rules.md, "Taking an answer, by kind", the table: what is read, and when it goes on.

The kind `multi` is in `test_rules_choices`, votes in `test_rules_votes`, the grid in `test_rules_grid`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.answer_rooms import TEAM, TOC, at, is_open, one, stored, team

TEXT, ACTIONS = "impact.noodzaak", "routes.acties"
PERIOD, RHYTHM, STATEMENT = "pilot.periode", "pilot.ritme", "impact.statement"


def with_toc(chat, *, without: str | None = None):
    """The room with its Theory of Change filled in, but for one column."""
    for number, step in enumerate(TOC):
        if step != without:
            at(chat, step)
            chat.say(chat.people[0], f"!antwoord kolom{number}")
    return chat


# text, actions ------------------------------------------------------------------------------------------------------


def test_text_each_message_is_an_item(tmp_path: Path) -> None:
    """text: each message an item."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "te veel meldingen")
    chat.say("Anna", "lange wachttijden\nen veel doorverwijzen")
    assert chat.texts_of(TEXT) == ["te veel meldingen", "lange wachttijden\nen veel doorverwijzen"]


@pytest.mark.parametrize(
    ("message", "items"),
    [
        ("- een\n- twee", ["een", "twee"]),
        ("• een\n• twee", ["een", "twee"]),
        ("1. een\n2. twee", ["een", "twee"]),
        ("1) een\n2) twee", ["een", "twee"]),
        ("10. tien\n11. elf", ["tien", "elf"]),
        ("- een\n2) twee\n• drie", ["een", "twee", "drie"]),
        ("120 gezinnen", ["120 gezinnen"]),
        ("- 120 gezinnen\n- 3 scholen", ["120 gezinnen", "3 scholen"]),
        ("2 scholen\n3 wijken", ["2 scholen\n3 wijken"]),
        ("1.5 fte", ["1.5 fte"]),
        ("-5 procent", ["-5 procent"]),
        ("wel-niet\nja-nee", ["wel-niet\nja-nee"]),
        ("- een\n-\n- twee", ["een", "twee"]),
    ],
)
def test_text_lines_that_are_items(tmp_path: Path, message: str, items: list[str]) -> None:
    """text: lines that begin with -, •, or a number followed by . or ) are an item each ("120 gezinnen" keeps its
    number).
    """
    chat = one(tmp_path, TEXT)
    chat.say("Anna", message)
    assert chat.texts_of(TEXT) == items


@pytest.mark.parametrize(
    "message", ["@coach het wijkteam belt", "het wijkteam belt @coach", "@Coach: het wijkteam belt"]
)
def test_text_the_mention_is_stripped(tmp_path: Path, message: str) -> None:
    """text: the mention of the coach is stripped."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", message, mention=True)
    assert chat.texts_of(TEXT) == ["het wijkteam belt"]


def test_actions_the_mention_is_stripped_and_the_owner_stays(tmp_path: Path) -> None:
    """actions: the mention of the coach is stripped, that of a person is the owner."""
    chat = team(tmp_path, ACTIONS)
    chat.say("Bas", "@coach memo schrijven @Anna", mention=True)
    (action,) = chat.export["actions"]
    assert (action["text"], action["owner"]) == ("memo schrijven", "Anna")


@pytest.mark.parametrize("step", [TEXT, ACTIONS])
def test_text_and_actions_go_on_at_verder(tmp_path: Path, step: str) -> None:
    """text, actions: goes on on `!verder`, not before."""
    chat = one(tmp_path, step)
    chat.say("Anna", "iets doen")
    assert is_open(chat, step)
    assert not chat.says()
    chat.say("Anna", "!verder")
    assert not is_open(chat, step)
    assert chat.state(step) == "answered"


@pytest.mark.parametrize("step", [TEXT, ACTIONS])
def test_text_and_actions_go_on_at_a_tap(tmp_path: Path, step: str) -> None:
    """text, actions: goes on on ✅."""
    chat = team(tmp_path, step)
    chat.say("Bas", "iets doen", to=chat.asked)
    assert is_open(chat, step)
    chat.sign("Cem", "✅", chat.asked)
    assert not is_open(chat, step)


def test_text_items_come_from_several_people(tmp_path: Path) -> None:
    """text: items may come from several people."""
    chat = team(tmp_path, TEXT)
    number = chat.asked
    for who in TEAM:
        chat.say(who, f"punt van {who}", to=number)
    items = chat.export["steps"][TEXT]["items"]
    assert [(item["text"], item["author"]) for item in items] == [(f"punt van {who}", who) for who in TEAM]


def test_actions_each_line_is_an_action(tmp_path: Path) -> None:
    """actions: lines that begin with - are an item each, of several people."""
    chat = team(tmp_path, ACTIONS)
    number = chat.asked
    chat.say("Anna", "- memo schrijven @Bas 15 januari 2027\n- wethouder bellen", to=number)
    chat.say("Cem", "zaal huren @Cem", to=number)
    assert [(one["number"], one["text"], one["owner"], one["due"]) for one in chat.export["actions"]] == [
        (1, "memo schrijven", "Bas", "2027-01-15"),
        (2, "wethouder bellen", None, None),
        (3, "zaal huren", "Cem", None),
    ]


def test_a_taken_message_is_marked(tmp_path: Path) -> None:
    """text: the coach puts ✍️ on each message that it took."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "te veel meldingen")
    assert [(mark.target, mark.removed) for mark in chat.marks()] == [(chat.event, False)]
    assert chat.marks()[0].key.startswith("✍")


# statement ----------------------------------------------------------------------------------------------------------


def test_statement_own_words_alone_go_on_at_once(tmp_path: Path) -> None:
    """statement: own words go on at once in a room of one."""
    chat = one(tmp_path, STATEMENT)
    chat.say("Anna", "Wij helpen gezinnen eerder.")
    assert chat.texts_of(STATEMENT) == ["Wij helpen gezinnen eerder."]
    assert not is_open(chat, STATEMENT)


def test_statement_own_words_in_a_group_wait_for_a_tap(tmp_path: Path) -> None:
    """statement: on ✅ in a group (the latest counts)."""
    chat = team(tmp_path, STATEMENT)
    number = chat.asked
    chat.say("Anna", "Wij helpen gezinnen.", to=number)
    chat.say("Bas", "Wij helpen gezinnen eerder.", to=number)
    assert is_open(chat, STATEMENT)
    chat.sign("Cem", "✅", number)
    items = chat.export["steps"][STATEMENT]["items"]
    assert [(item["text"], item["author"]) for item in items] == [("Wij helpen gezinnen eerder.", "Bas")]
    assert not is_open(chat, STATEMENT)


@pytest.mark.parametrize("people", [("Anna",), TEAM])
def test_statement_a_tap_takes_the_frame_as_shown(tmp_path: Path, people: tuple[str, ...]) -> None:
    """statement: ✅ for the frame as shown."""
    chat = with_toc(team(tmp_path, people=people))
    at(chat, STATEMENT)
    shown = chat.text
    chat.sign("Anna", "✅", chat.asked)
    (text,) = chat.texts_of(STATEMENT)
    assert all(f"kolom{number}" in text for number in range(5))
    assert text in shown
    assert chat.state(STATEMENT) == "answered"


@pytest.mark.parametrize("missing", TOC)
@pytest.mark.parametrize("word", ["!verder", "✅"])
def test_statement_with_an_empty_column_there_is_nothing_to_accept(tmp_path: Path, missing: str, word: str) -> None:
    """statement: with a ToC column empty there is nothing to accept, and ✅ and `!verder` leave it open."""
    chat = with_toc(one(tmp_path), without=missing)
    at(chat, STATEMENT)
    if word == "✅":
        chat.sign("Anna", "✅", chat.asked)
    else:
        chat.say("Anna", word)
    assert chat.state(STATEMENT) == "open"
    assert not is_open(chat, STATEMENT)


def test_statement_verder_takes_the_proposal(tmp_path: Path) -> None:
    """`!verder` without an answer: statement takes the proposal."""
    chat = with_toc(one(tmp_path))
    at(chat, STATEMENT)
    chat.say("Anna", "!verder")
    assert chat.state(STATEMENT) == "answered"


# period -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "start", "end"),
    [
        ("1 september 2026 - 31 augustus 2027", "2026-09-01", "2027-08-31"),
        ("1-9-2026 tot 31-8-2027", "2026-09-01", "2027-08-31"),
        ("2026-09-01 t/m 2027-08-31", "2026-09-01", "2027-08-31"),
        ("september 2026 - augustus 2027", "2026-09-01", "2027-08-31"),
        ("januari 2027 tot en met februari 2028", "2027-01-01", "2028-02-29"),
        ("vanaf mei 2027", "2027-05-01", None),
        ("tot juli 2027", None, "2027-07-31"),
        ("1 mei 2027 - onbekend", "2027-05-01", None),
        ("weten we niet", None, None),
        ("Weten we niet.", None, None),
    ],
)
def test_period_reads(tmp_path: Path, message: str, start: str | None, end: str | None) -> None:
    """period: "1 september 2026 - 31 augustus 2027", months, one open end, "weten we niet"; at once."""
    chat = one(tmp_path, PERIOD)
    chat.say("Anna", message)
    pilot = chat.export["pilot"]
    assert (pilot["start"], pilot["end"]) == (start, end)
    assert not is_open(chat, PERIOD)
    assert chat.state(PERIOD) == ("answered" if start or end else "unknown")


@pytest.mark.parametrize("people", [("Anna",), TEAM])
def test_period_goes_on_at_once_and_is_read_back(tmp_path: Path, people: tuple[str, ...]) -> None:
    """period: at once, read back: in full, on the question's own message."""
    chat = team(tmp_path, PERIOD, people=people)
    number = chat.asked
    chat.say("Anna", "1-9-2026 - aug 2027", to=number)
    (edit,) = chat.edits()
    assert edit.number == number
    assert "1 september 2026" in edit.text
    assert "31 augustus 2027" in edit.text
    assert [say.kind for say in chat.says()] == ["question"]


@pytest.mark.parametrize(
    "message", ["31 februari 2027 - mei 2027", "mei 2027 - april 2027", "binnenkort", "vanaf januari 0000"]
)
def test_period_unreadable_or_impossible_is_not_taken(tmp_path: Path, message: str) -> None:
    """period: what can't be read, or is no date, gets a line of help and nothing noted."""
    chat = one(tmp_path, PERIOD)
    chat.say("Anna", message)
    assert [say.kind for say in chat.says()] == ["help"]
    assert chat.state(PERIOD) == "open"
    assert is_open(chat, PERIOD)


# rhythm -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "rhythm"),
    [
        ("elke 6 weken", "elke 6 weken"),
        ("elke maand", "elke maand"),
        ("geen", "geen"),
        ("Elke zes weken.", "elke 6 weken"),
    ],
)
def test_rhythm_reads(tmp_path: Path, message: str, rhythm: str) -> None:
    """rhythm: "elke 6 weken", "elke maand", "geen"; at once, read back."""
    chat = one(tmp_path, RHYTHM)
    number = chat.asked
    chat.say("Anna", message)
    assert chat.export["pilot"]["rhythm"] == rhythm
    assert any(edit.number == number and rhythm in edit.text for edit in chat.edits())


@pytest.mark.parametrize("way", ["✅", "!verder", "verder", "ok"])
def test_rhythm_takes_the_proposal(tmp_path: Path, way: str) -> None:
    """rhythm: ✅ takes the proposal; `!verder` without an answer takes the proposal."""
    chat = one(tmp_path, RHYTHM)
    if way == "✅":
        chat.sign("Anna", way, chat.asked)
    else:
        chat.say("Anna", way)
    assert chat.export["pilot"]["rhythm"] == "elke 6 weken"
    assert not is_open(chat, RHYTHM)


def test_nothing_else_of_the_chat_is_stored(tmp_path: Path) -> None:
    """Group: anything else gets no row, no log, no answer."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "zullen we zo lunchen")
    assert chat.last == []
    assert chat.state(TEXT) == "open"
    assert "lunchen" not in stored(chat)
