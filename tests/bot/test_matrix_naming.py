"""Whom a Matrix message names, the coach or others: by pill, by id, by name, or by the list of who is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.transports.base import People
from bot.transports.matrix.reading import Me, person_of, pills, read
from flows.conversation.events import Person
from tests.bot.matrix_events import ANNA, COACH, NAMED, event, formatted, pill, replying, said, text
from tests.chat import ROOM as CHAT_ROOM
from tests.chat import Chat

# Naming the coach -------------------------------------------------------------------------------------------------

TO_COACH = {"m.mentions": {"user_ids": [COACH.id]}}


@pytest.mark.parametrize(
    ("content", "heard"),
    [
        (formatted("Opschaalcoach: ja", f"{pill(COACH.id, 'Opschaalcoach')}: ja"), "@coach: ja"),
        (formatted("Opschaalcoach ja", f"{pill('%40coach%3Aexample.nl', 'Opschaalcoach')} ja"), "@coach ja"),
        (formatted("coach ja", f"{pill('u/coach:example.nl', 'coach', 'matrix:')} ja"), "@coach ja"),
        (formatted("coach ja", f"{pill('u/coach:example.nl?action=chat', 'coach', 'matrix:')} ja"), "@coach ja"),
        (formatted("coach ja", f"{pill(COACH.id + '?via=example.nl', 'coach')} ja"), "@coach ja"),
        (formatted("ja Opschaal coach", f"ja {pill(COACH.id, 'Opschaal <b>coach</b>')}"), "ja @coach"),
        (formatted("@coach:example.nl ja", f"{pill(COACH.id, 'Opschaalcoach')} ja"), "@coach ja"),
        (formatted("a (b) [c]* ja", f"{pill(COACH.id, 'a (b) [c]*')} ja"), "@coach ja"),
        (formatted("De coach: ja, coach", f"{pill(COACH.id, 'De coach')}: ja, coach"), "@coach: ja, coach"),
        (formatted("Opschaalcoach ja", pill(COACH.id.upper(), "x") + pill(COACH.id, "")), "Opschaalcoach ja"),
        (text("@coach:example.nl ja"), "@coach ja"),
        (text("@coach:example.nl: ja"), "@coach: ja"),
        (text("@coach ja", **TO_COACH), "@coach ja"),
        (text("@coach:example.nl ja", **TO_COACH), "@coach ja"),
        (formatted("[@coach:example.nl](https://matrix.to/#/@coach:example.nl) ja",
                   f"{pill(COACH.id, '@coach:example.nl')} ja", **TO_COACH), "@coach ja"),
        (formatted("[De coach](https://matrix.to/#/%40coach:example.nl) ja",
                   f"{pill(COACH.id, 'De coach')} ja", **TO_COACH), "@coach ja"),
        (formatted('<a data-mention-type="user" href="https://matrix.to/#/@coach:example.nl">De coach</a> ja',
                   f"{pill(COACH.id, 'De coach')} ja", **TO_COACH), "@coach ja"),
    ],
)  # fmt: skip
def test_the_coach_is_named_by_a_pill_its_id_or_the_list_of_who_is_named(content: dict[str, Any], heard: str) -> None:
    found = said(content)
    assert (found.text, found.mentioned) == (heard, True)


@pytest.mark.parametrize("body", ["Opschaalcoach: ja", "@Opschaalcoach: ja"])
def test_the_name_that_the_coach_shows_is_known_where_the_list_names_it(body: str) -> None:
    found = said(text(body, **TO_COACH), NAMED)
    assert (found.text, found.mentioned) == ("@coach: ja", True)


@pytest.mark.parametrize("body", ["@Opschaalcoach ja", "@opschaalcoach ja"])
def test_the_name_that_the_coach_shows_may_be_typed_with_an_at(body: str) -> None:
    assert said(text(body, **{"m.mentions": {}}), NAMED).text == "@coach ja"
    assert not said(text(body.removeprefix("@"), **{"m.mentions": {}}), NAMED).mentioned


@pytest.mark.parametrize("name", ["C++ (bot)", "coach.*", "\\d+", "opschaal: coach"])
def test_a_name_of_signs_is_no_pattern(name: str) -> None:
    found = said(text(f"hoi {name}, en xcoach2 of 42", **TO_COACH), Me(COACH.id, name))
    assert found.text == "hoi @coach, en xcoach2 of 42"


@pytest.mark.parametrize(
    "content",
    [
        text("de coach zei dat"),
        text("@coaching:example.nl ja"),
        text("Opschaalcoaches"),
        formatted("Bas weet het", f"{pill('@bas:x', 'Bas')} weet het"),
        formatted("kijk hier", pill(COACH.id, "hier", "https://example.nl/#/")),
        formatted("kijk hier", pill(COACH.id, "hier", "https://matrix.to.example.nl/#/")),
        text("ja", **{"m.mentions": {"user_ids": ["@bas:x"], "room": True}}),
        text("ja", **{"m.mentions": {"room": True}}),
        text("ja", **{"m.mentions": [COACH.id]}),
        text("ja", **{"m.mentions": {"user_ids": COACH.id}}),
    ],
)
def test_what_does_not_name_the_coach_is_not_for_it(content: dict[str, Any]) -> None:
    assert not said(content, NAMED).mentioned


def test_in_a_reply_the_list_alone_names_nobody() -> None:
    # Clients name there whoever the answered message named.
    assert not said(text("dat denk ik ook", **replying("$q"), **TO_COACH), NAMED).mentioned
    assert said(text("Opschaalcoach, dat denk ik ook", **replying("$q"), **TO_COACH), NAMED).mentioned
    assert said(text("dat denk ik ook", **TO_COACH), NAMED).mentioned
    falling = replying("$q", rel_type="m.thread", event_id="$root", is_falling_back=True)
    assert said(text("dat denk ik ook", **falling, **TO_COACH), NAMED).mentioned


# Naming others ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "heard"),
    [
        (formatted("!actie bel Bas", f"!actie bel {pill('@bas:x', 'Bas')}"), "!actie bel @Bas"),
        (formatted("!actie bel @Bas", f"!actie bel {pill('@bas:x', 'Bas')}"), "!actie bel @Bas"),
        (formatted("!actie bel @Bas", f"!actie bel {pill('@bas:x', '@Bas')}"), "!actie bel @Bas"),
        (formatted("Bas en Bas", f"{pill('@bas:x', 'Bas')} en {pill('@bas:x', 'Bas')}"), "@Bas en @Bas"),
        (formatted("@Bas en Bas", f"{pill('@bas:x', 'Bas')} en {pill('@bas:x', 'Bas')}"), "@Bas en @Bas"),
        (formatted("Anna Maria en Anna", f"{pill('@m:x', 'Anna Maria')} en {pill('@a:x', 'Anna')}"),
         "@Anna Maria en @Anna"),
        (formatted("Bas, coach, Dina", f"{pill('@b:x', 'Bas')}, {pill(COACH.id, 'coach')}, {pill('@d:x', 'Dina')}"),
         "@Bas, @coach, @Dina"),
        (formatted("vraag B(as)+? nu", f"vraag {pill('@bas:x', 'B(as)+?')} nu"), "vraag @B(as)+? nu"),
        (formatted(r"vraag \1 nu", f"vraag {pill('@bas:x', chr(92) + '1')} nu"), r"vraag @\1 nu"),
        (formatted("vraag Bas & Co", f"vraag {pill('@bas:x', 'Bas &amp; Co')}"), "vraag @Bas & Co"),
        (formatted("McBas, Basje en Bas", f"McBas, Basje en {pill('@bas:x', 'Bas')}"), "McBas, Basje en @Bas"),
        (formatted("vraag het", f"vraag {pill('@bas:x', 'Bas')}"), "vraag het"),
        (formatted("vraag het", f"vraag {pill('@bas:x', '')}"), "vraag het"),
        (formatted("kijk op Plein", f"kijk op {pill('plein', 'Plein', 'https://example.nl/')}"), "kijk op Plein"),
        (formatted("[Bas](https://matrix.to/#/@bas:x) belt", f"{pill('@bas:x', 'Bas')} belt"), "@Bas belt"),
        (text("zie [het plan](https://example.nl/a) en [x](y)"), "zie [het plan](https://example.nl/a) en [x](y)"),
        (text('zie <a href="https://example.nl">het plan</a>'), 'zie <a href="https://example.nl">het plan</a>'),
    ],
)  # fmt: skip
def test_a_pill_of_somebody_is_their_name_with_an_at(content: dict[str, Any], heard: str) -> None:
    assert said(content).text == heard


BAS = Person("@b.devries:example.nl", "Bas de Vries (+B)")


def owner_of(tmp_path: Path, content: dict[str, Any]) -> str | None:
    """Who an action is for, where somebody named Bas in it."""
    chat = Chat(tmp_path, people=())
    chat.send(People(CHAT_ROOM, "p1", chat.now, (BAS, Person(ANNA, "Anna"))))
    chat.say(ANNA, "!start")
    found = read(event(content), CHAT_ROOM, COACH)
    assert found is not None
    chat.send(found)
    (action,) = chat.export["actions"]
    assert action["text"] == "bel de wijk"
    return action["owner"]  # type: ignore[no-any-return]


def test_an_action_for_a_pill_is_for_that_person(tmp_path: Path) -> None:
    named = formatted(f"!actie bel de wijk {BAS.name}", f"!actie bel de wijk {pill(BAS.id, BAS.name)}")
    assert owner_of(tmp_path, named) == BAS.name


def test_an_action_for_a_pill_that_shows_an_id_is_for_that_person(tmp_path: Path) -> None:
    link = f"[{BAS.id}](https://matrix.to/#/{BAS.id})"  # as Element X has it
    named = formatted(f"!actie bel de wijk {link}", f"!actie bel de wijk {pill(BAS.id, BAS.id)}")
    assert owner_of(tmp_path, named) == BAS.name


@pytest.mark.parametrize(
    ("link", "person"),
    [
        ("https://matrix.to/#/@bas:example.nl", "@bas:example.nl"),
        ("https://matrix.to/#/%40bas%3Aexample.nl", "@bas:example.nl"),
        ("https://matrix.to/#/@bas:example.nl:8448?via=a", "@bas:example.nl:8448"),
        ("matrix:u/bas:example.nl", "@bas:example.nl"),
        ("matrix:u/bas:example.nl?action=chat", "@bas:example.nl"),
        ("matrix:r/plein:example.nl", None),
        ("https://matrix.to/#/!room:example.nl/$event", None),
        ("https://matrix.to/#/#plein:example.nl", None),
        ("https://matrix.to/#/@bas", None),
        ("https://example.nl/https://matrix.to/#/@bas:example.nl", None),
        ("", None),
        ("%", None),
    ],
)
def test_a_link_names_a_person_or_nobody(link: str, person: str | None) -> None:
    assert person_of(link) == person


@pytest.mark.parametrize(
    "html",
    [
        7,
        None,
        [],
        "",
        "<![foo[<a href=x>y</a>",
        "<a",
        "<a href",
        "<!--<a",
        "</a>",
        "<a></a></a>",
        "<a><a><a>",
        "\x00<a ",
    ],
)
def test_malformed_html_has_no_pills(html: Any) -> None:
    assert pills(html) == []


def test_no_more_pills_are_read_than_a_message_may_need() -> None:
    assert 0 < len(pills(pill(ANNA, "Anna") * 1000)) <= 100
