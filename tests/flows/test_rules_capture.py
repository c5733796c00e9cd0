"""rules.md, "What is for the coach": who is heard, ✍️ and ❌, and what is kept of the rest (nothing).

Decided before anything is stored, so these tests look at the rows.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.receiving import Receiver, people_of
from bot.transports.base import Change, Incoming, Message, Removal, Sign
from tests.chat import ROOM, Chat
from tests.flows.rules_rooms import alone, answer, go, rows, stored, team

SECRET = "Jansen is weer ziek"  # what nobody said to the coach


def _untouched(chat: Chat, do: object) -> bool:
    """Whether something leaves the database as it was, and is not answered."""
    before = stored(chat)
    do()  # type: ignore[operator]
    return stored(chat) == before and chat.last == []


# Room of one and group -----------------------------------------------------------------------------------------------


def test_in_a_room_of_one_every_plain_message_is_heard(tmp_path: Path) -> None:
    """ "Room of one (one member besides the coach): every plain message." """
    chat = alone(tmp_path)
    chat.say("Anna", "Dichtbij")
    chat.say("Anna", "Heel dichtbij", to=chat.event)
    assert chat.texts_of("pilot.naam") == ["Dichtbij", "Heel dichtbij"]


@pytest.mark.parametrize("text", [SECRET, "ok", "verder", "ja", "coach, weet jij?", "wow !", "!", "!!", "1. Dichtbij"])
def test_in_a_group_a_plain_message_leaves_no_trace(tmp_path: Path, text: str) -> None:
    """ "Anything else gets no row, no log, no answer." """
    chat = team(tmp_path)
    assert _untouched(chat, lambda: chat.say("Bas", text))


def test_what_is_not_for_the_coach_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """ "no log" """
    chat = team(tmp_path)
    with caplog.at_level(0):
        chat.say("Bas", SECRET)
    assert SECRET not in caplog.text


def test_a_reply_to_a_person_is_discussion(tmp_path: Path) -> None:
    """ "A reply to a person's message is discussion" """
    chat = team(tmp_path)
    answer(chat, "Dichtbij")
    said = chat.event
    assert _untouched(chat, lambda: chat.say("Bas", SECRET, to=said))
    assert _untouched(chat, lambda: chat.say("Bas", SECRET, to="e999"))
    assert _untouched(chat, lambda: chat.say("Bas", SECRET, thread=said))


def test_a_reply_to_a_person_in_a_questions_thread_is_an_answer(tmp_path: Path) -> None:
    """ "unless it stands in a question's thread" """
    chat = team(tmp_path)
    question = chat.asked
    chat.say("Anna", "Dichtbij", thread=question)
    chat.say("Bas", "Heel dichtbij", to=chat.event, thread=question)
    assert chat.texts_of("pilot.naam") == ["Dichtbij", "Heel dichtbij"]


@pytest.mark.parametrize("way", ["mention", "reply", "thread", "command"])
def test_what_is_heard_in_a_group(tmp_path: Path, way: str) -> None:
    """ "Group: a command; a mention; a reply to, or a thread message under, a message of the coach" """
    chat = team(tmp_path)
    match way:
        case "mention":
            chat.say("Bas", "@coach Dichtbij", mention=True)
        case "reply":
            chat.say("Bas", "Dichtbij", to=chat.asked)
        case "thread":
            chat.say("Bas", "Dichtbij", thread=chat.asked)
        case _:
            chat.say("Bas", "!antwoord Dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]
    assert [mark.key for mark in chat.marks()] == ["✍️"]


@pytest.mark.parametrize("text", ["@coach Dichtbij", "Dichtbij @coach", "@opschaalcoach: Dichtbij", "@Coach, Dichtbij"])
def test_the_mention_is_no_part_of_the_answer(tmp_path: Path, text: str) -> None:
    """ "the mention of the coach is stripped" """
    chat = team(tmp_path)
    chat.say("Bas", text, mention=True)
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_a_reaction_on_a_message_of_the_coach_is_heard(tmp_path: Path) -> None:
    """ "a reaction on a message of the coach" """
    chat = team(tmp_path)
    chat.sign("Bas", "✅", chat.asked)
    assert chat.position == "pilot.periode"


@pytest.mark.parametrize("key", ["✅", "👍", "😂", "🟢", "⏰", "❓", "❤️"])
def test_other_signs_on_peoples_messages_leave_no_trace(tmp_path: Path, key: str) -> None:
    """Of reactions on anybody's message only "✍️ or ❌" are for the coach."""
    chat = team(tmp_path)
    answer(chat, "Dichtbij")
    said = chat.event
    assert _untouched(chat, lambda: chat.sign("Anna", key, said))


def test_an_edit_or_removal_of_what_was_not_taken_leaves_no_trace(tmp_path: Path) -> None:
    """ "an edit or removal of a message that was taken", and of no other."""
    chat = team(tmp_path)
    chat.say("Bas", "iets anders")
    said = chat.event
    assert _untouched(chat, lambda: chat.edit("Bas", said, SECRET))
    assert _untouched(chat, lambda: chat.redact("Bas", said))
    assert _untouched(chat, lambda: chat.edit("Bas", "e999", SECRET))


def test_an_edit_or_removal_of_what_was_taken_is_heard(tmp_path: Path) -> None:
    """ "an edit or removal of a message that was taken" """
    chat = team(tmp_path)
    answer(chat, "Dichtbij", "Bas")
    said = chat.event
    chat.edit("Bas", said, "Heel dichtbij")
    assert chat.texts_of("pilot.naam") == ["Heel dichtbij"]
    chat.redact("Bas", said)
    assert chat.texts_of("pilot.naam") == []
    assert "ichtbij" not in stored(chat)


def _deliver(chat: Chat, *incoming: Incoming) -> None:
    """One delivery, before any turn."""
    people = {ROOM: people_of(chat.snapshot)}
    Receiver("console", chat.memory).take(chat.conn, list(incoming), people, None)


def test_a_message_counts_as_taken_within_the_same_delivery(tmp_path: Path) -> None:
    """ "A message counts as taken ... from its inbox ... row on, and within the same delivery" """
    chat = alone(tmp_path)
    _deliver(
        chat,
        Message(ROOM, "x1", chat.now, "Anna", "Dichtbij"),
        Change(ROOM, "x2", chat.now, "Anna", "x1", "Heel dichtbij"),
    )
    chat.wait(seconds=1)
    chat.say("Anna", "!vraag")
    assert chat.texts_of("pilot.naam") == ["Heel dichtbij"]


def test_the_coachs_message_counts_from_its_outbox_row_on(tmp_path: Path) -> None:
    """ "or as the coach's, from its inbox or outbox row on": it need not be posted yet."""
    chat = team(tmp_path)
    go(chat, "impact.outcome")
    chat.conn.execute("UPDATE outbox SET state = 0, payload = '{}'")
    _deliver(chat, Message(ROOM, "x1", chat.now, "Bas", "ouders bellen", f"m{chat.asked}"))
    assert [row for row in rows(chat, "inbox") if "x1" in row]


def test_a_removal_wipes_what_waits(tmp_path: Path) -> None:
    """ "a removal also wipes a payload that waits or failed, and the memory for ✍️" """
    chat = alone(tmp_path)
    _deliver(chat, Message(ROOM, "x1", chat.now, "Anna", SECRET))
    assert SECRET in stored(chat)
    _deliver(chat, Removal(ROOM, "x2", chat.now, "Anna", "x1"))
    assert SECRET not in stored(chat)
    chat.say("Anna", "!vraag")
    assert chat.texts_of("pilot.naam") == []


def test_a_removal_wipes_what_failed(tmp_path: Path) -> None:
    """The same for a payload that is kept because its turn failed."""
    chat = alone(tmp_path)
    _deliver(chat, Message(ROOM, "x1", chat.now, "Anna", SECRET))
    chat.conn.execute("UPDATE inbox SET state = 2, version = 'test' WHERE event = 'x1'")
    chat.redact("Anna", "x1")
    assert SECRET not in stored(chat)


def test_a_removal_wipes_the_memory_for_marks(tmp_path: Path) -> None:
    """ "and the memory for ✍️" """
    chat = team(tmp_path)
    chat.say("Bas", SECRET)
    said = chat.event
    chat.redact("Bas", said)
    chat.sign("Anna", "✍️", said)
    assert (chat.texts_of("pilot.naam"), [one.kind for one in chat.says()]) == ([], ["help"])


# How many are there --------------------------------------------------------------------------------------------------


def test_the_coach_says_how_it_listens_at_every_change(tmp_path: Path) -> None:
    """ "at every change from one to more or back the coach says once how it listens" """
    chat = alone(tmp_path)
    said = []
    for names in ("Anna", "Anna Bas", "Anna Bas Cem", "Bas Cem", "Bas", "Bas", "Bas Dan"):
        chat.members(*names.split())
        said.append([one.kind for one in chat.says()])
    assert said == [[], ["info"], [], [], ["info"], [], ["info"]]


def test_a_newcomers_first_message_is_judged_by_the_group_rules(tmp_path: Path) -> None:
    """ "before anything is judged the new way; a newcomer's first message is judged by the group rules" """
    chat = Chat(tmp_path, people=())
    chat.say("Anna", "!start")
    chat.say("Bas", SECRET)
    assert [one.kind for one in chat.says()] == ["info"]
    assert SECRET not in stored(chat)
    assert _untouched(chat, lambda: chat.say("Anna", SECRET))
    chat.say("Cem", "Dichtbij", to=chat.asked)
    assert (chat.texts_of("pilot.naam"), chat.says()) == (["Dichtbij"], [])


def test_the_number_of_people_decides_from_then_on(tmp_path: Path) -> None:
    """ "The number of joined people (bots not counted) decides" """
    chat = alone(tmp_path)
    chat.say("Anna", "Dichtbij")
    chat.members("Anna", "Bas")
    assert _untouched(chat, lambda: chat.say("Anna", SECRET))
    chat.members("Bas")
    chat.say("Bas", "Heel dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij", "Heel dichtbij"]


@pytest.mark.parametrize("place", ["begin", "einde"])
def test_at_begin_or_einde_a_plain_message_gets_a_line_of_help(tmp_path: Path, place: str) -> None:
    """ "At begin or einde a plain message in a room of one gets one line of help." """
    chat = alone(tmp_path, None)
    if place == "einde":
        chat.say("Anna", "!start")
        go(chat, "pilot.ritme")
        chat.say("Anna", "geen")
    assert chat.position == place
    chat.say("Anna", "Dichtbij")
    assert [one.kind for one in chat.says()] == ["help"]
    assert "\n" not in chat.text
    assert rows(chat, "item") == [] or place == "einde"
    assert chat.texts_of("pilot.naam") == []


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
    _deliver(chat, Sign(ROOM, "x1", chat.now, "Anna", chat.event, "✍️"))
    assert SECRET not in stored(chat)


def test_another_rooms_message_is_not_found(tmp_path: Path) -> None:
    """The memory is of one room: the same id in another room is another message."""
    chat = team(tmp_path)
    Receiver("console", chat.memory).take(
        chat.conn, [Message("r2", "x1", chat.now, "Eva", SECRET)], {"r2": (True, frozenset({"Eva", "Fee"}))}, None
    )
    chat.sign("Anna", "✍️", "x1")
    assert chat.texts_of("pilot.naam") == []
    assert SECRET not in stored(chat)
