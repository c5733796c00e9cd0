"""What a Matrix event says: messages, replies, threads, edits, signs, removals; and what nonsense a client may send.

Rule: no event of anybody ends the reading, for the same event would come again at every start.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.transports.base import Change, Message, Posted, Removal, Sign
from bot.transports.matrix import OWN
from bot.transports.matrix.reading import Me, read, text_of
from tests.bot.matrix_events import ANNA, AT, COACH, NAMED, ROOM, event, formatted, pill, replying, said, text

# Messages ---------------------------------------------------------------------------------------------------------


def test_a_message_is_what_was_said_by_whom_and_when() -> None:
    assert said(text("Hallo")) == Message(ROOM, "$1", AT, ANNA, "Hallo")


@pytest.mark.parametrize(("msgtype", "heard"), [("m.text", "Hallo"), ("m.emote", "Hallo"), ("m.image", "")])
def test_what_people_send_is_heard_and_a_picture_has_no_text(msgtype: str, heard: str) -> None:
    assert said({"msgtype": msgtype, "body": "Hallo"}).text == heard


@pytest.mark.parametrize(
    "content",
    [
        {"msgtype": "m.notice", "body": "x"},
        {"msgtype": "nl.other", "body": "x"},
        {"body": "x"},
        {},
        {"msgtype": ["m.text"], "body": "x"},
        {"msgtype": {}, "body": "x"},
    ],
)
def test_what_is_no_message_of_a_person_is_nothing(content: dict[str, Any]) -> None:
    assert read(event(content), ROOM, COACH) is None


def test_a_notice_that_names_the_coach_is_nothing() -> None:
    content = {"msgtype": "m.notice", "body": "@coach:example.nl", "m.mentions": {"user_ids": [COACH.id]}}
    assert read(event(content), ROOM, COACH) is None


@pytest.mark.parametrize("body", [7, None, ["a"], {"a": 1}, True])
def test_a_body_that_is_no_text_is_empty(body: Any) -> None:
    assert said({"msgtype": "m.text", "body": body}).text == ""


@pytest.mark.parametrize("kind", ["m.room.encrypted", "m.poll.start", "m.sticker", "m.room.topic", None, 7])
def test_events_of_other_kinds_are_nothing(kind: Any) -> None:
    assert read(event(text("Hallo"), kind), ROOM, COACH) is None


@pytest.mark.parametrize(
    "stamp", [None, "soon", [], {}, -1, 10**30, -(10**30), float("nan"), float("inf"), "9" * 5000, True]
)
def test_a_message_without_a_moment_is_still_heard(stamp: Any) -> None:
    found = read({**event(text("Hallo")), "origin_server_ts": stamp}, ROOM, COACH)
    assert isinstance(found, Message)
    assert found.at.tzinfo is UTC
    assert found.at.year in (1969, 1970)


# Replies and threads ----------------------------------------------------------------------------------------------


def test_a_reply_points_at_what_it_answers() -> None:
    found = said(text("Ja", **replying("$q")))
    assert (found.reply_to, found.thread) == ("$q", None)


@pytest.mark.parametrize(
    ("falling_back", "reply_to"), [(True, None), (False, "$q"), (None, "$q"), ("true", "$q"), (1, "$q")]
)
def test_in_a_thread_only_a_real_reply_points_at_a_message(falling_back: Any, reply_to: str | None) -> None:
    found = said(text("Ja", **replying("$q", rel_type="m.thread", event_id="$root", is_falling_back=falling_back)))
    assert (found.reply_to, found.thread) == (reply_to, "$root")


def test_outside_a_thread_nothing_falls_back() -> None:
    found = said(text("Ja", **replying("$q", is_falling_back=True)))
    assert (found.reply_to, found.thread) == ("$q", None)


@pytest.mark.parametrize("target", [7, None, "", [], {}])
def test_a_reply_to_nothing_points_at_nothing(target: Any) -> None:
    assert said(text("Ja", **replying(target))).reply_to is None


@pytest.mark.parametrize("relation", [7, None, "$q", ["$q"], {"m.in_reply_to": "$q"}, {"m.in_reply_to": ["$q"]}])
def test_a_relation_of_another_form_is_none(relation: Any) -> None:
    found = said(text("Ja", **{"m.relates_to": relation}))
    assert (found.reply_to, found.thread, found.text) == (None, None, "Ja")


@pytest.mark.parametrize(
    ("body", "heard"),
    [
        ("> <@coach:example.nl> Wat is het doel?\n\nMinder wachttijd", "Minder wachttijd"),
        ("> <@coach:example.nl> Wat is\n> het doel?\n> Echt?\n\nMinder\n\nwachttijd", "Minder\n\nwachttijd"),
        ("> * <@coach:example.nl> zwaait\n\nDag", "Dag"),
        ("> <@coach:example.nl> Wat is het doel?\nMinder wachttijd", "Minder wachttijd"),
        ("> wat een ander zei\n\nDaar ben ik het mee eens", "> wat een ander zei\n\nDaar ben ik het mee eens"),
        ("Ons doel:\n> <@anna:example.nl> minder", "Ons doel:\n> <@anna:example.nl> minder"),
    ],
)
def test_the_quote_that_older_clients_put_above_a_reply_is_left_out(body: str, heard: str) -> None:
    assert said(text(body, **replying("$q"))).text == heard


def test_a_quote_in_what_is_no_reply_stays() -> None:
    body = "> <@anna:example.nl> Wat is het doel?\n\nMinder wachttijd"
    assert said(text(body)).text == body


def test_whom_an_older_client_quotes_above_a_reply_is_not_named_by_it() -> None:
    quoted = (
        f"<mx-reply><blockquote>{pill('@bas:x', 'Bas')} {pill(COACH.id, 'Opschaalcoach')}: ja</blockquote></mx-reply>"
    )
    body = "> <@bas:x> Opschaalcoach: ja\n\nBas weet het"
    found = said(formatted(body, f"{quoted}Bas weet het", **replying("$q")))
    assert (found.text, found.mentioned) == ("Bas weet het", False)


def test_who_is_named_below_the_quote_is() -> None:
    quoted = f"<mx-reply><blockquote>{pill('@bas:x', 'Bas')} ja</blockquote></mx-reply>"
    found = said(
        formatted("> <@bas:x> ja\n\nAnna weet het", f"{quoted}{pill(ANNA, 'Anna')} weet het", **replying("$q"))
    )
    assert found.text == "@Anna weet het"


# Edits, signs, removals, own posts --------------------------------------------------------------------------------


def edit(new: Any, target: Any = "$0", **more: Any) -> dict[str, Any]:
    return text(
        "* nieuw", **{"m.new_content": new, "m.relates_to": {"rel_type": "m.replace", "event_id": target}}, **more
    )


def test_an_edit_has_the_new_text_and_the_message_it_changes() -> None:
    found = read(event(edit(text("nieuw"))), ROOM, COACH)
    assert found == Change(ROOM, "$1", AT, ANNA, "$0", "nieuw")


def test_the_pills_of_an_edit_are_those_of_its_new_text() -> None:
    new = formatted("Opschaalcoach: vraag Bas", f"{pill(COACH.id, 'Opschaalcoach')}: vraag {pill('@bas:x', 'Bas')}")
    found = read(event(edit(new)), ROOM, COACH)
    assert isinstance(found, Change)
    assert found.text == "@coach: vraag @Bas"


@pytest.mark.parametrize("new", [None, 7, "nieuw", [], {}, {"msgtype": "m.notice", "body": "x"}, {"msgtype": []}])
def test_an_edit_without_a_new_text_is_nothing(new: Any) -> None:
    assert read(event(edit(new)), ROOM, COACH) is None


@pytest.mark.parametrize("target", [None, 7, [], {}])
def test_an_edit_of_nothing_is_no_edit(target: Any) -> None:
    assert not isinstance(read(event(edit(text("nieuw"), target)), ROOM, COACH), Change)


def reaction(key: Any, target: Any = "$0", kind: Any = "m.annotation") -> dict[str, Any]:
    return event({"m.relates_to": {"rel_type": kind, "event_id": target, "key": key}}, "m.reaction")


def test_a_sign_says_which_and_on_what() -> None:
    assert read(reaction("✍️"), ROOM, COACH) == Sign(ROOM, "$1", AT, ANNA, "$0", "✍️")


@pytest.mark.parametrize(("key", "target", "kind"), [
    (7, "$0", "m.annotation"), ("✅", 7, "m.annotation"), ("✅", None, "m.annotation"), (None, "$0", "m.annotation"),
    ("✅", "$0", "m.reference"), ("✅", "$0", []), (["✅"], "$0", "m.annotation"),
])  # fmt: skip
def test_a_sign_of_another_form_is_nothing(key: Any, target: Any, kind: Any) -> None:
    assert read(reaction(key, target, kind), ROOM, COACH) is None


def test_a_sign_of_ten_thousand_letters_is_kept_short() -> None:
    found = read(reaction("x" * 10_000), ROOM, COACH)
    assert isinstance(found, Sign)
    assert len(found.key) <= 100


@pytest.mark.parametrize(("content", "more"), [
    ({"redacts": "$0"}, {}),  # room versions from 11 on
    ({}, {"redacts": "$0"}),  # before
    ({"redacts": "$0", "reason": "foutje"}, {"redacts": "$0"}),
])  # fmt: skip
def test_a_removal_names_its_message_in_either_form(content: Any, more: Any) -> None:
    found = read(event(content, "m.room.redaction", **more), ROOM, COACH)
    assert found == Removal(ROOM, "$1", AT, ANNA, "$0")


@pytest.mark.parametrize("target", [None, 7, [], {}, ["$0"]])
def test_a_removal_of_nothing_is_nothing(target: Any) -> None:
    assert read(event({"redacts": target}, "m.room.redaction"), ROOM, COACH) is None


def own(content: dict[str, Any], kind: str = "m.room.message") -> Any:
    return read(event(content, kind, COACH.id), ROOM, COACH)


def test_an_own_message_that_comes_by_is_known_by_its_key() -> None:
    assert own(text("Vraag", **{OWN: {"kind": "question", "key": "k1"}})) == Posted(ROOM, "$1", AT, "k1")


@pytest.mark.parametrize("content", [
    text("Vraag"),
    text("Vraag", **{OWN: {"key": 7}}),
    text("Vraag", **{OWN: "k1"}),
    {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$0", "key": "✅"}, OWN: {"key": "k1"}},
    {**edit(text("nieuw")), OWN: {"key": "k1"}},
])  # fmt: skip
def test_own_edits_signs_and_what_a_person_says_from_the_account_are_nothing(content: dict[str, Any]) -> None:
    assert own(content) is None


def test_a_key_in_somebody_elses_message_is_no_own_message() -> None:
    found = said(text("Vraag", **{OWN: {"kind": "question", "key": "k1"}}))
    assert found.text == "Vraag"


# Anything at all --------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        "m.text", "m.notice", "m.emote", "m.image", "m.thread", "m.replace", "m.annotation", "m.room.message",
        "m.reaction", "m.room.redaction", "m.room.encrypted", COACH.id, ANNA, "$0", "Bas", "@coach",
        "> <@anna:example.nl> x\n\nja", "[x](https://matrix.to/#/@anna:example.nl)", "<![foo[<a ", "<mx-reply><a>",
        pill(COACH.id, ""), pill(COACH.id, "Bas"), pill(ANNA, "*+("), "\ud800", "\x00", "✍️", "k1",
    ]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=20)
KEYS = st.sampled_from(
    [
        "msgtype", "body", "formatted_body", "format", "m.mentions", "user_ids", "m.relates_to", "m.in_reply_to",
        "event_id", "rel_type", "key", "is_falling_back", "m.new_content", "redacts", OWN, "kind",
    ]
)  # fmt: skip
JUNK = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=12
)
CONTENT = st.fixed_dictionaries(
    {},
    optional={
        "msgtype": WORDS | JUNK, "body": WORDS | st.text() | JUNK, "formatted_body": WORDS | st.text() | JUNK,
        "m.mentions": JUNK | st.fixed_dictionaries({"user_ids": JUNK | st.lists(WORDS)}),
        "m.relates_to": JUNK | st.fixed_dictionaries({}, optional={
            "rel_type": WORDS | JUNK, "event_id": WORDS | JUNK, "key": WORDS | JUNK, "is_falling_back": JUNK,
            "m.in_reply_to": JUNK | st.fixed_dictionaries({"event_id": WORDS | JUNK}),
        }),
        "m.new_content": JUNK | st.fixed_dictionaries(
            {"msgtype": WORDS, "body": WORDS | JUNK, "formatted_body": WORDS}
        ),
        "redacts": WORDS | JUNK, OWN: JUNK | st.fixed_dictionaries({"key": WORDS | JUNK}),
    },
)  # fmt: skip
EVENT = st.fixed_dictionaries(
    {"event_id": st.just("$1") | JUNK, "sender": st.sampled_from([ANNA, COACH.id]) | JUNK, "content": CONTENT | JUNK,
     "type": st.sampled_from(["m.room.message", "m.reaction", "m.room.redaction"]) | JUNK},
    optional={"origin_server_ts": JUNK, "redacts": JUNK, "state_key": JUNK},
)  # fmt: skip


@given(EVENT, st.sampled_from([COACH, NAMED, Me(COACH.id, "(")]))
@settings(deadline=None)
def test_nothing_that_a_client_sends_ends_the_reading(source: dict[str, Any], me: Me) -> None:
    found = read(source, ROOM, me)
    if found is None:
        return
    assert (found.room, found.id) == (ROOM, source["event_id"])
    texts = [getattr(found, name, "") for name in ("sender", "text", "target", "key")]
    texts += [getattr(found, name, None) or "" for name in ("reply_to", "thread")]
    assert all(isinstance(one, str) for one in texts)
    assert found.at.tzinfo is UTC


@given(st.text(alphabet="Bascoh @:()[]*+\\<>&/.#\n", max_size=60), st.text(alphabet="Bascoh @()[*\\", max_size=12))
@settings(deadline=None)
def test_what_people_wrote_comes_through_but_for_the_names_in_it(body: str, shown: str) -> None:
    found, _ = text_of(formatted(body, f'<a href="https://matrix.to/#/@bas:x">{shown.replace("<", "")}</a>'), COACH)
    assert found.replace("@", "") == body.replace("@", "")
