"""rules.md, "What is for the coach": ✍️ makes a message the answer, and what the transport remembers for that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.receiving import Present, Receiver, people_of
from bot.transports.base import Message, Sign
from tests.chat import ROOM
from tests.flows.rules_rooms import answer, go, rows, stored, team

SECRET = "Jansen is weer ziek"  # what nobody said to the coach


# ✍️ ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["✍️", "✍", "✍🏽", "✍🏿️", "✍🏻"])
def test_a_marked_message_becomes_the_answer_whoever_wrote_it(tmp_path: Path, key: str) -> None:
    """ "✍️ ... on anybody's message"; "✍, its variants and skin tones are the same mark" """
    chat = team(tmp_path)
    chat.say("Bas", "Dichtbij")
    said = chat.event
    chat.sign("Anna", key, said)
    (item,) = chat.export["steps"]["pilot.naam"]["items"]
    assert (item["text"], item["author"], item["event"]) == ("Dichtbij", "Bas", said)
    assert [(mark.target, mark.key) for mark in chat.marks()] == [(said, "✍️")]


def test_a_message_marked_by_two_is_taken_once(tmp_path: Path) -> None:
    """Two marks, one item."""
    chat = team(tmp_path, "Anna", "Bas", "Cem")
    chat.say("Bas", "Dichtbij")
    said = chat.event
    chat.sign("Anna", "✍️", said)
    chat.sign("Cem", "✍️", said)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_a_reply_that_was_taken_and_is_marked_too_is_taken_once(tmp_path: Path) -> None:
    """A mark on what was for the coach already changes nothing."""
    chat = team(tmp_path)
    answer(chat, "Dichtbij", "Bas")
    chat.sign("Anna", "✍️", chat.event)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_a_marked_reply_belongs_to_the_question_it_replies_to(tmp_path: Path) -> None:
    """ "belongs to the question it replies to or whose thread it stands in": a question about the step, now marked."""
    chat = team(tmp_path)
    first = chat.asked
    go(chat, "impact.outcome")
    for way in ("to", "thread"):
        chat.say("Bas", f"Dichtbij per {way}?", **{way: first})  # type: ignore[arg-type]
        assert [one.kind for one in chat.says()] == ["help"]
        chat.sign("Anna", "✍️", chat.event)
    assert chat.texts_of("pilot.naam") == ["Dichtbij per to?", "Dichtbij per thread?"]
    assert (chat.texts_of("impact.outcome"), chat.position) == ([], "impact.outcome")


def test_another_marked_message_belongs_to_the_question_open_when_the_mark_arrives(tmp_path: Path) -> None:
    """ "else to the question open when the mark arrives" """
    chat = team(tmp_path)
    chat.say("Bas", "ouders bellen eerder")
    said = chat.event
    go(chat, "impact.outcome")
    chat.sign("Anna", "✍️", said)
    assert (chat.texts_of("impact.outcome"), chat.texts_of("pilot.naam")) == (["ouders bellen eerder"], [])


def test_its_latest_text_is_taken(tmp_path: Path) -> None:
    """ "Its latest text is taken." """
    chat = team(tmp_path)
    chat.say("Bas", "Dichtbij")
    said = chat.event
    chat.edit("Bas", said, "Heel dichtbij")
    chat.sign("Anna", "✍️", said)
    assert chat.texts_of("pilot.naam") == ["Heel dichtbij"]


def test_an_edit_after_the_mark_is_followed(tmp_path: Path) -> None:
    """A marked message is a message that was taken: "an edit or removal of a message that was taken"."""
    chat = team(tmp_path)
    chat.say("Bas", "Dichtbij")
    said = chat.event
    chat.sign("Anna", "✍️", said)
    chat.edit("Bas", said, "Heel dichtbij")
    assert chat.texts_of("pilot.naam") == ["Heel dichtbij"]


def test_a_removal_after_the_mark_is_followed(tmp_path: Path) -> None:
    """Removal by the author or a moderator: the item goes, and its text with it."""
    chat = team(tmp_path)
    chat.say("Bas", SECRET)
    said = chat.event
    chat.sign("Anna", "✍️", said)
    assert SECRET in stored(chat)
    chat.redact("Bas", said)
    assert chat.texts_of("pilot.naam") == []
    assert SECRET not in stored(chat)


def test_a_mark_that_is_taken_off_takes_the_answer_back(tmp_path: Path) -> None:
    """ "a removed reaction takes its mark or vote back": the last one."""
    chat = team(tmp_path, "Anna", "Bas", "Cem")
    chat.say("Bas", "Dichtbij")
    said = chat.event
    chat.sign("Anna", "✍️", said)
    chat.sign("Cem", "✍️", said)
    chat.sign("Anna", "✍️", said, removed=True)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]
    chat.sign("Cem", "✍🏽", said, removed=True)
    assert chat.texts_of("pilot.naam") == []


def test_a_vote_can_be_marked(tmp_path: Path) -> None:
    """What somebody wrote becomes their vote, not that of who marked it."""
    chat = team(tmp_path)
    go(chat, "impact.status")
    chat.say("Bas", "deels")
    chat.sign("Anna", "✍️", chat.event)
    assert [(vote.member, vote.word) for vote in chat.view.votes("impact.status")] == [("Bas", "deels")]


# The memory ----------------------------------------------------------------------------------------------------------


def test_it_keeps_the_latest_200_messages(tmp_path: Path) -> None:
    """ "the transport keeps the latest 200 messages of a room in memory" """
    chat = team(tmp_path)
    events = []
    for number in range(201):
        chat.say("Bas", f"bericht {number}")
        events.append(chat.event)
    chat.sign("Anna", "✍️", events[0])
    assert (chat.texts_of("pilot.naam"), [one.kind for one in chat.says()]) == ([], ["help"])
    chat.sign("Anna", "✍️", events[1])
    assert chat.texts_of("pilot.naam") == ["bericht 1"]


@pytest.mark.parametrize(("hours", "there"), [(23, True), (25, False)])
def test_at_most_a_day(tmp_path: Path, hours: int, there: bool) -> None:
    """ "at most a day" """
    chat = team(tmp_path)
    chat.say("Bas", "Dichtbij")
    said = chat.event
    chat.wait(hours=hours)
    chat.sign("Anna", "✍️", said)
    assert (chat.texts_of("pilot.naam") == ["Dichtbij"]) is there
    assert (chat.says() == []) is there


def test_a_message_that_is_too_old_is_gone_from_memory(tmp_path: Path) -> None:
    """ "at most a day": not only unused, forgotten."""
    chat = team(tmp_path)
    chat.say("Bas", SECRET)
    said = chat.event
    chat.memory.forget_old(chat.now + timedelta(hours=25))
    assert chat.memory.find(ROOM, said, chat.now) is None


def test_never_on_disk(tmp_path: Path) -> None:
    """ "never on disk": not in the rows, not in the file, not in what lies beside it."""
    chat = team(tmp_path)
    chat.say("Bas", SECRET)
    chat.edit("Bas", chat.event, f"{SECRET} en moe")
    answer(chat, "Dichtbij")
    chat.conn.execute("VACUUM")
    assert all(SECRET.encode() not in file.read_bytes() for file in tmp_path.iterdir())


def test_after_a_restart_the_coach_asks_to_send_it_again(tmp_path: Path) -> None:
    """ "elsewhere the coach asks to send it again"; "After a restart the row holds only the mark" """
    chat = team(tmp_path)
    chat.say("Bas", SECRET)
    said = chat.event
    chat.memory = type(chat.memory)()
    chat.sign("Anna", "✍️", said)
    assert ([one.kind for one in chat.says()], chat.texts_of("pilot.naam")) == (["help"], [])
    assert SECRET not in stored(chat)
    chat.say("Bas", "Dichtbij", to=chat.asked)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_the_row_holds_only_the_mark(tmp_path: Path) -> None:
    """ "the row holds only the mark": the text is not in the inbox, also while it waits."""
    chat = team(tmp_path)
    chat.say("Bas", SECRET)
    mark = Sign(ROOM, "x1", chat.now, "Anna", chat.event, "✍️")
    Receiver("console", chat.memory).take(chat.conn, [mark], {ROOM: people_of(chat.snapshot)}, None)
    assert [row for row in rows(chat, "inbox") if "x1" in row]
    assert SECRET not in stored(chat)


def test_another_rooms_message_is_not_found(tmp_path: Path) -> None:
    """The memory is of one room: the same id in another room is another message."""
    chat = team(tmp_path)
    Receiver("console", chat.memory).take(
        chat.conn,
        [Message("r2", "x1", chat.now, "Eva", SECRET)],
        {"r2": Present(True, frozenset({"Eva", "Fee"}))},
        None,
    )
    chat.sign("Anna", "✍️", "x1")
    assert chat.texts_of("pilot.naam") == []
    assert SECRET not in stored(chat)
