"""What the coach says as Matrix contents: whom they name, what they are, and that they fit in an event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nio import Api
from nio.crypto.sessions import OutboundGroupSession

from bot.transports.base import File, Picture
from bot.transports.matrix import OWN
from bot.transports.matrix.writing import Stored, edit, file, message, sign, sign_key
from flows.conversation.effects import Attach, Edit, Say
from flows.conversation.hearing import Capabilities
from flows.conversation.text import quote

STEP = "impact.doel"
KEY = "a" * 40
LARGEST = 60_000  # of the 65,536 bytes that an event may have: the rest is for what servers add
LONGEST = Capabilities().longest


def say(kind: str = "question", text: str = "Wat is het **doel**?", **more: Any) -> Say:
    return Say(1, kind, STEP, text, **more)


@pytest.mark.parametrize(
    ("effect", "msgtype"),
    [
        (say("question"), "m.text"), (say("nudge"), "m.text"), (say("reminder"), "m.text"), (say("recheck"), "m.text"),
        (say("info", asks=True), "m.text"), (say("welcome"), "m.notice"), (say("noted"), "m.notice"),
        (say("help"), "m.notice"), (say("overview"), "m.notice"), (say("error"), "m.notice"), (say("info"), "m.notice"),
    ],
)  # fmt: skip
def test_what_asks_is_a_text_and_the_rest_a_notice(effect: Say, msgtype: str) -> None:
    assert message(effect, KEY)["msgtype"] == msgtype


@pytest.mark.parametrize("kind", ["question", "info"])
def test_an_edit_is_of_the_type_of_its_message(kind: str) -> None:
    content = edit(Edit(1, kind, STEP, "x"), "$0", KEY)
    assert content["msgtype"] == content["m.new_content"]["msgtype"] == message(say(kind), KEY)["msgtype"]


def test_every_content_has_its_own_key_kind_and_step_and_a_sign_its_key_alone() -> None:
    own = {"kind": "question", "step": STEP, "key": KEY}
    changed = edit(Edit(1, "question", STEP, "x"), "$0", KEY)
    assert message(say(), KEY)[OWN] == changed[OWN] == changed["m.new_content"][OWN] == own
    assert sign("$0", "✅", KEY)[OWN] == {"key": KEY}


def test_every_content_names_nobody_unless_it_names_somebody() -> None:
    changed = edit(Edit(1, "question", STEP, "@room @anna:x"), "$0", KEY)
    for content in (message(say(text="@room, @anna:x"), KEY), changed, changed["m.new_content"], sign("$0", "✅", KEY)):
        assert content["m.mentions"] == {}
    assert message(say(mentions=("@anna:x", "@bas:x")), KEY)["m.mentions"] == {"user_ids": ["@anna:x", "@bas:x"]}


def test_a_text_has_a_plain_and_a_formatted_form() -> None:
    content = message(say(), KEY)
    assert content["body"] == "Wat is het doel?"
    assert (content["format"], content["formatted_body"]) == (
        "org.matrix.custom.html", "Wat is het <strong>doel</strong>?",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reply_to", "thread", "relation"),
    [
        (None, None, None),
        ("$q", None, {"m.in_reply_to": {"event_id": "$q"}}),
        ("$q", "$root", {"rel_type": "m.thread", "event_id": "$root", "is_falling_back": False,
                         "m.in_reply_to": {"event_id": "$q"}}),
        (None, "$root", {"rel_type": "m.thread", "event_id": "$root", "is_falling_back": True}),
    ],
)  # fmt: skip
def test_an_answer_goes_to_its_message_and_thread(reply_to: str | None, thread: str | None, relation: Any) -> None:
    assert message(say(reply_to=reply_to), KEY, thread).get("m.relates_to") == relation


def test_an_edit_replaces_its_message_and_says_so_to_clients_that_know_no_edits() -> None:
    content = edit(Edit(1, "question", STEP, "Wat is het **doel**?\n\n" + "x" * 500), "$0", KEY)
    assert content["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$0"}
    assert content["m.new_content"]["body"].startswith("Wat is het doel?\n\nxxx")
    assert content["body"].startswith("* Wat is het doel?")
    assert "\n" not in content["body"]
    assert len(content["body"]) <= 250
    assert "m.relates_to" not in content["m.new_content"]


def test_a_sign_is_an_annotation() -> None:
    relation = {"rel_type": "m.annotation", "event_id": "$0", "key": "🟢"}
    assert sign("$0", "🟢", KEY)["m.relates_to"] == relation


def test_signs_under_one_message_have_each_their_key_the_same_every_time() -> None:
    keys = [sign_key(KEY, place) for place in range(4)]
    assert len({KEY, *keys}) == 5
    assert keys == [sign_key(KEY, place) for place in range(4)]


# Sizes ------------------------------------------------------------------------------------------------------------


def sealed(content: dict[str, Any]) -> int:
    """The bytes of an event with this content in an encrypted room, as matrix-nio makes it."""
    inside = {"type": "m.room.message", "content": content, "room_id": "!" + "r" * 254}
    session = OutboundGroupSession()
    session.mark_as_shared()
    outside = {
        "algorithm": "m.megolm.v1.aes-sha2", "sender_key": "k" * 43, "session_id": "s" * 43, "device_id": "D" * 10,
        "ciphertext": session.encrypt(Api.to_json(inside)),
        "m.relates_to": content.get("m.relates_to"), OWN: content[OWN],
    }  # fmt: skip
    return len(json.dumps(outside))


def longest(piece: str) -> str:
    return piece * (LONGEST // len(piece.encode()))


PIECES = [
    "<", "&", "😀", "👩‍👩‍👧‍👦", "é", "€", "\n", "\n\nx", "x\n", '"', "\\\\", "- a\n", "1. a\n", "**a** ", "`a` ",
    "> a\n\n", "\u2060", quote("*<&"), "|a|\n", "# a\n", "a",
]  # fmt: skip
MIXED = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)


@given(MIXED)
@settings(deadline=None, max_examples=40)
@example("😀")
@example("<")
def test_the_longest_message_fits_in_an_encrypted_event(piece: str) -> None:
    full = say(
        text=longest(piece), reply_to="$" + "r" * 43, mentions=tuple(f"@{'u' * 40}{n}:example.nl" for n in range(5))
    )
    assert sealed(message(full, KEY, "$" + "t" * 43)) < LARGEST


@given(MIXED)
@settings(deadline=None, max_examples=40)
@example("😀")
@example("<")
@example("é**a** ")
def test_the_longest_edit_fits_in_an_encrypted_event(piece: str) -> None:
    assert sealed(edit(Edit(1, "question", STEP, longest(piece)), "$" + "r" * 43, KEY)) < LARGEST


@pytest.mark.parametrize("piece", ["😀", "<", '"'])
def test_what_is_too_large_goes_without_its_html_and_keeps_the_rest(piece: str) -> None:
    text = longest(piece)
    for content in (message(say(text=text), KEY), edit(Edit(1, "question", STEP, text), "$0", KEY)["m.new_content"]):
        assert content["body"] == text
        assert not {"format", "formatted_body"} & content.keys()
        assert {"msgtype", "m.mentions", OWN} <= content.keys()


def test_a_long_plain_text_keeps_its_html() -> None:
    assert "formatted_body" in message(say(text=longest("De wachttijd is korter. ")), KEY)


# Files ----------------------------------------------------------------------------------------------------------------

PICTURE = File(
    "canvas.png", "image/png", b"12345", "", "Zo staat het.", Picture(b"12345", 16, 10), Picture(b"12", 8, 5)
)
DOCUMENT = File("canvas.pdf", "application/pdf", b"123")
SHOWN = Attach(1, "overview", None, "png")
KEYS = {"v": "v2", "key": {"k": "x"}, "iv": "y", "hashes": {"sha256": "z"}}


def test_a_picture_has_a_line_a_name_a_size_and_a_small_one() -> None:
    content = file(SHOWN, PICTURE, Stored("mxc://a/b"), Stored("mxc://a/c"), KEY)
    assert (content["msgtype"], content["body"], content["filename"]) == ("m.image", "Zo staat het.", "canvas.png")
    assert content["info"] == {
        "mimetype": "image/png", "size": 5, "w": 16, "h": 10, "thumbnail_url": "mxc://a/c",
        "thumbnail_info": {"mimetype": "image/png", "size": 2, "w": 8, "h": 5},
    }  # fmt: skip
    assert content["url"] == "mxc://a/b"
    assert content["m.mentions"] == {}
    assert content[OWN] == {"kind": "overview", "step": None, "key": KEY}
    assert "m.relates_to" not in content


def test_where_a_file_is_encrypted_its_keys_stand_beside_its_address_and_no_plain_address() -> None:
    content = file(SHOWN, PICTURE, Stored("mxc://a/b", KEYS), Stored("mxc://a/c", KEYS), KEY, "$root")
    assert content["file"] == {**KEYS, "url": "mxc://a/b"}
    assert content["info"]["thumbnail_file"] == {**KEYS, "url": "mxc://a/c"}
    assert "url" not in content
    assert "thumbnail_url" not in content["info"]
    assert content["m.relates_to"] == {"rel_type": "m.thread", "event_id": "$root", "is_falling_back": True}


def test_a_document_is_a_file_under_its_own_name() -> None:
    content = file(SHOWN, DOCUMENT, Stored("mxc://a/b"), None, KEY)
    assert (content["msgtype"], content["body"], content["filename"]) == ("m.file", "canvas.pdf", "canvas.pdf")
    assert content["info"] == {"mimetype": "application/pdf", "size": 3}
