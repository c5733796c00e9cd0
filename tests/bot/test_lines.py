"""JSON lines in and out, exactly as the contract and the rules say, in process and through the real command."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows.export import as_json
from storage import rooms
from tests.bot.process import (
    AT,
    Line,
    Served,
    clock,
    edit,
    exported,
    members,
    message,
    of_type,
    redact,
    run_lines,
    sign,
    texts,
)
from tests.chat import BOOK, TEXTS

LATER = "2026-11-24T10:00:00+01:00"
STEP = "pilot.naam"
LONGEST_LINE = 1024 * 1024


async def canvas(served: Served, room: str = "r1") -> dict[str, Any]:
    """A room's canvas as its rows say."""

    def read(conn: Any) -> dict[str, Any]:
        row = rooms.find(conn, "console", room)
        assert row is not None
        return as_json(BOOK, rooms.load(conn, row), served.clock.now(), TEXTS.rhythm)

    return await served.writer.run(read)


async def begun(served: Served, *people: str) -> str:
    """A room that was started; the id of the first question."""
    out = await served.send(members("e0", *(people or ("Anna",))) | {"at": AT}, message("e1", "!start"))
    return str(of_type(out, "message")[-1]["id"])


# What comes out --------------------


async def test_done_comes_last_and_once_for_every_line(served: Served) -> None:
    for line in (message("e1", "hoi"), message("e2", "!start"), message("e3", "Dichtbij"), message("e4", "verder")):
        out = await served.send(line)
        assert [one["type"] for one in out].count("done") == 1
        assert out[-1] == {"type": "done", "id": line["id"]}


async def test_what_done_stands_for_is_stored_before_it(served: Served) -> None:
    await begun(served)
    await served.send(message("e3", "Dichtbij"))
    assert texts(await canvas(served), STEP) == ["Dichtbij"]


async def test_a_question_has_all_fields_and_its_step(served: Served) -> None:
    await served.send(message("e1", "hoi", at=AT))
    (question,) = of_type(await served.send(message("e2", "!start")), "message")
    assert question["text"]
    assert {key: value for key, value in question.items() if key != "text"} == {
        "type": "message", "id": "m2", "room": "r1", "kind": "question", "step": STEP,
        "reply_to": None, "mentions": [], "at": AT,
    }  # fmt: skip


async def test_an_edit_carries_the_id_kind_and_step_of_its_message(served: Served) -> None:
    question = await begun(served)
    await served.send(message("e2", "Dichtbij"))
    (changed,) = of_type(await served.send(message("e3", "verder")), "edit")
    assert "Dichtbij" in changed.pop("text")
    assert changed == {
        "type": "edit", "id": question, "room": "r1", "target": question, "kind": "question", "step": STEP,
    }  # fmt: skip


async def test_a_sign_of_the_coach_has_no_id_and_says_when_it_is_taken_off(served: Served) -> None:
    await begun(served)
    noted = {"type": "reaction", "room": "r1", "target": "e2", "key": "✍️"}
    assert noted in await served.send(message("e2", "Dichtbij"))
    assert noted | {"removed": True} in await served.send(sign("e3", "e2", "❌"))


async def test_ids_count_from_m1_in_every_room(served: Served) -> None:
    out = await served.send(
        message("e1", "hoi"),
        message("e1", "hoi", room="r2"),
        message("e2", "!start"),
        message("e2", "!start", room="r2"),
    )
    found = [(one["room"], one["id"]) for one in of_type(out, "message")]
    assert found == [("r1", "m1"), ("r2", "m1"), ("r1", "m2"), ("r2", "m2")]


# Seen before, and starting again --------------------


@pytest.mark.parametrize("again", [False, True])
async def test_a_line_seen_before_leads_to_done_and_nothing_else(served: Served, again: bool) -> None:
    await begun(served)
    await served.send(message("e2", "Dichtbij"))
    before = await canvas(served)
    if again:
        await served.restart()
    assert await served.send(message("e2", "Anders", at=LATER)) == [{"type": "done", "id": "e2"}]
    assert (await canvas(served)) == before  # the clock did not move either


async def test_the_same_id_in_another_room_is_another_line(served: Served) -> None:
    await served.send(message("e1", "hoi"))
    assert of_type(await served.send(message("e1", "hoi", room="r2")), "message")


async def test_a_restart_goes_on_where_it_was_and_repeats_nothing(served: Served) -> None:
    await begun(served)
    assert await served.restart() == []
    out = await served.send(message("e2", "Dichtbij"), message("e3", "verder"))
    assert [one["id"] for one in of_type(out, "message")] == ["m3"]
    assert of_type(out, "message")[0]["at"] == AT
    assert texts(await canvas(served), STEP) == ["Dichtbij"]


async def test_what_could_not_be_written_out_comes_after_a_restart(served: Served) -> None:
    await begun(served)

    def gone(_: Line) -> None:
        raise BrokenPipeError

    served.transport.write = gone  # type: ignore[method-assign]
    with pytest.raises(BrokenPipeError):
        await served.send(message("e2", "Dichtbij"))
    assert [one["key"] for one in await served.restart()] == ["✍️"]
    assert texts(await canvas(served), STEP) == ["Dichtbij"]


# The clock --------------------


@pytest.mark.parametrize("at", ["2019-03-01T08:00:00+01:00", AT, "2090-07-01T08:00:00+02:00"])
async def test_the_first_moment_counts_whatever_it_is(served: Served, at: str) -> None:
    await served.send(message("e1", "hoi"))
    out = await served.send(message("e2", "!start", at=at), message("e3", "!vraag"))
    assert {datetime.fromisoformat(one["at"]) for one in of_type(out, "message")} == {datetime.fromisoformat(at)}


async def test_only_lines_with_a_moment_move_the_clock_and_never_back(served: Served) -> None:
    await served.send(message("e1", "!start", at=LATER))
    for line in (message("e2", "!vraag"), message("e3", "!vraag", at=AT), message("e4", "!vraag", at=LATER)):
        (said,) = of_type(await served.send(line), "message")
        assert said["at"] == LATER


async def test_the_clock_goes_on_after_a_restart(served: Served) -> None:
    await served.send(clock(LATER))
    await served.restart()
    (welcome,) = of_type(await served.send(message("e1", "hoi", at=AT)), "message")
    assert welcome["at"] == LATER


@pytest.mark.parametrize(
    "at", [AT, "2026-11-23T09:00:00Z", "2026-11-23T09:00:00.250000+00:00", "2026-11-23T04:00-05:00"]
)
async def test_a_clock_line_is_done_under_its_moment_as_written(served: Served, at: str) -> None:
    assert await served.send(clock(at)) == [{"type": "done", "id": at}]
    assert await served.send(clock(at) | {"id": "c1"}) == [{"type": "done", "id": at}]


@pytest.mark.parametrize(
    ("at", "back"), [("2026-11-24T09:59:59+01:00", ["Dichtbij"]), ("2026-11-24T10:00:00+01:00", [])]
)
async def test_a_timer_fires_up_to_and_including_the_moment_of_the_line(
    served: Served, at: str, back: list[str]
) -> None:
    await begun(served)
    await served.send(message("e2", "Dichtbij"), sign("e3", "e2", "❌"), message("e4", "!vraag"))
    assert texts(await canvas(served), STEP) == []
    await served.send(clock(at), sign("e5", "e2", "❌", removed=True))
    assert texts(await canvas(served), STEP) == back


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-05:00"])
async def test_a_moment_at_the_edge_of_time_is_an_error_and_no_more(served: Served, at: str) -> None:
    out = await served.send(message("e1", "hoi", at=at), message("e2", "hoi", at=AT))
    assert out[0]["type"] == "error"
    assert [one["at"] for one in of_type(out, "message")] == [AT]


# Lines that can't be read --------------------

GOOD = json.dumps(message("bad", "x"))


@pytest.mark.parametrize(
    "line",
    [
        b"x", b"{", b"[]", b"null", b"12", b'"message"', b"\xff\xfe", b'{"type":"message"}', b"{}", b"[" * 100_000,
        b'{"a":' + b"9" * 5_000 + b"}", GOOD.encode() + b"}", json.dumps({"type": "wave", "id": "bad"}).encode(),
        json.dumps({"type": None, "id": "bad", "room": "r1"}).encode(),
        *(json.dumps({key: value for key, value in message("bad", "x").items() if key != gone}).encode()
          for gone in ("type", "id", "room", "sender", "text")),
        *(json.dumps(message("bad", "x") | wrong).encode()
          for wrong in ({"id": ""}, {"id": 7}, {"room": None}, {"sender": []}, {"text": None}, {"text": 5},
                        {"mentions": "coach"}, {"at": "gisteren"}, {"at": "2026-11-23T10:00:00"}, {"at": 1_700_000_000},
                        {"at": "1700000000"}, {"reply_to": 4})),
        *(json.dumps({key: value for key, value in edit("bad", "e1", "x").items() if key != gone}).encode()
          for gone in ("id", "room", "sender", "target", "text")),
        *(json.dumps({key: value for key, value in sign("bad", "e1", "✅").items() if key != gone}).encode()
          for gone in ("id", "room", "sender", "target", "key")),
        *(json.dumps({key: value for key, value in redact("bad", "e1").items() if key != gone}).encode()
          for gone in ("id", "room", "sender", "target")),
        json.dumps({"type": "members", "id": "bad", "room": "r1"}).encode(),
        json.dumps({"type": "members", "id": "bad", "room": "r1", "members": "Anna"}).encode(),
        b'{"type":"clock"}', b'{"type":"clock","at":null}', b'{"type":"clock","at":""}',
    ],
)  # fmt: skip
async def test_a_malformed_line_is_one_error_and_the_next_is_read(served: Served, line: bytes) -> None:
    error, *rest = await served.send(line, message("e2", "hoi"))
    assert (error["type"], error.get("line")) == ("error", 1)
    assert error["message"].strip()
    assert "\n" not in error["message"]
    assert rest[-1] == {"type": "done", "id": "e2"}
    assert of_type(rest, "error") == []


@pytest.mark.parametrize("field", ["id", "room", "sender", "text", "reply_to", "thread", "target", "key", "mentions"])
async def test_half_a_character_in_any_field_stops_nothing(served: Served, field: str) -> None:
    await begun(served)
    kind = sign if field in ("target", "key") else message
    line = kind("e2", "m2", "✅") if kind is sign else message("e2", "x")
    line[field] = ["\ud800"] if field == "mentions" else "a\ud83d"
    out = await served.send(line, message("e3", "Dichtbij"))
    assert out[-1] == {"type": "done", "id": "e3"}
    assert "Dichtbij" in texts(await canvas(served), STEP)


async def test_an_error_is_one_line_whatever_the_line_said(served: Served) -> None:
    (error,) = await served.send({**message("e1", "x"), "type": "mes\nsage\x1b[31m"})
    assert error["type"] == "error"
    assert error["message"].isprintable()


async def test_an_error_counts_the_lines_as_they_were_given(served: Served) -> None:
    out = await served.send(b"x", b"", message("e1", "hoi"), b"x")
    assert [one["line"] for one in of_type(out, "error")] == [1, 4]


async def test_a_malformed_line_moves_no_clock(served: Served) -> None:
    await served.send(clock(AT), json.dumps({"type": "message", "id": "e1", "room": "r1", "at": LATER}).encode())
    (welcome,) = of_type(await served.send(message("e2", "hoi")), "message")
    assert welcome["at"] == AT


@pytest.mark.parametrize("size", [LONGEST_LINE + 1, LONGEST_LINE + 2, 3 * LONGEST_LINE])
async def test_a_huge_line_is_one_error_and_the_next_is_read(served: Served, size: int) -> None:
    out = await served.send(b"x" * size, message("e2", "hoi"))
    assert [one["type"] for one in out] == ["error", "message", "reaction", "done"]


async def test_line_ends_of_windows_and_a_last_line_without_one_are_read(path: Path) -> None:
    out = run_lines(path, json.dumps(message("e1", "hoi")).encode() + b"\r")
    assert out[-1] == {"type": "done", "id": "e1"}


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\u200b", "\x00\x07"])
async def test_empty_text_gets_help(served: Served, text: str) -> None:
    await begun(served)
    (help_line,) = of_type(await served.send(message("e2", text)), "message")
    assert (help_line["kind"], help_line["reply_to"]) == ("help", "e2")
    assert (await canvas(served))["steps"][STEP]["state"] == "open"


# People, edits and signs --------------------


async def test_without_a_members_line_those_who_spoke_are_the_members(served: Served) -> None:
    await served.send(message("e1", "!start"), message("e2", "Dichtbij"))
    out = await served.send(message("e3", "hoi allemaal", sender="Bas"))
    assert [one["kind"] for one in of_type(out, "message")] == ["info"]  # how it listens now; not what he said
    await served.send(message("e4", "gewoon gesprek"))
    assert texts(await canvas(served), STEP) == ["Dichtbij"]


@pytest.mark.parametrize("event", ["spoke:Bas", "timer:purge:e2:x"])
async def test_an_id_of_any_form_stands_in_nobodys_way(served: Served, event: str) -> None:
    await served.send(message(event, "hoi"), message("e2", "!start"), message("e3", "hoi", sender="Bas"))
    await served.send(message("e4", "gewoon gesprek"))
    assert texts(await canvas(served), STEP) == []


async def test_a_members_line_says_who_is_there(served: Served) -> None:
    question = await begun(served, "Anna", "Bas")
    await served.send(message("e2", "gewoon gesprek"), message("e3", "Dichtbij", reply_to=question))
    assert texts(await canvas(served), STEP) == ["Dichtbij"]
    await served.send(members("e4", "Anna"), message("e5", "Wijk Oost"))
    assert texts(await canvas(served), STEP) == ["Dichtbij", "Wijk Oost"]


async def test_a_mention_is_for_the_coach(served: Served) -> None:
    await begun(served, "Anna", "Bas")
    await served.send(message("e2", "@coach Dichtbij", mentions=["coach"]))
    assert texts(await canvas(served), STEP) == ["Dichtbij"]


async def test_a_message_in_the_thread_of_a_question_is_an_answer(served: Served) -> None:
    question = await begun(served, "Anna", "Bas")
    await served.send(message("e2", "Dichtbij", thread=question))
    assert texts(await canvas(served), STEP) == ["Dichtbij"]


async def test_an_answer_follows_the_edit_and_the_removal_of_its_message(served: Served) -> None:
    await begun(served)
    await served.send(message("e2", "Dichtbij"), edit("e3", "e2", "Wijk Oost"))
    (item,) = (await canvas(served))["steps"][STEP]["items"]
    assert (item["text"], item["event"], item["author"]) == ("Wijk Oost", "e2", "Anna")
    await served.send(redact("e4", "e2"))
    assert texts(await canvas(served), STEP) == []


async def test_only_the_author_edits_and_the_author_or_a_moderator_removes(served: Served) -> None:
    await served.send(members("e0", "Anna", "Bas", "Cem", moderators=("Cem",)), message("e1", "!start"))
    await served.send(message("e2", "Dichtbij", reply_to="m2"))
    await served.send(edit("e3", "e2", "iets anders", sender="Bas"), redact("e4", "e2", sender="Bas"))
    assert texts(await canvas(served), STEP) == ["Dichtbij"]
    await served.send(redact("e5", "e2", sender="Cem"))
    assert texts(await canvas(served), STEP) == []


@pytest.mark.parametrize("event", ["e3", "e4"])
async def test_a_sign_taken_off_is_the_same_line_with_removed(served: Served, event: str) -> None:
    await begun(served, "Anna", "Bas")
    await served.send(message("e2", "Dichtbij"), sign("e3", "e2", "✍️", sender="Bas"))
    assert texts(await canvas(served), STEP) == ["Dichtbij"]
    off = sign(event, "e2", "✍️", sender="Bas", removed=True)
    await served.send(off)
    assert texts(await canvas(served), STEP) == []
    assert await served.send(off) == [{"type": "done", "id": event}]


@pytest.mark.parametrize(
    "line",
    [sign("e9", "m99", "✅"), sign("e9", "nooit", "❌"), edit("e9", "nooit", "x"), redact("e9", "nooit"),
     sign("e9", "m2", "🎉")],
)  # fmt: skip
async def test_a_line_about_an_unknown_message_leads_to_done_alone(served: Served, line: Line) -> None:
    await begun(served)
    assert await served.send(line) == [{"type": "done", "id": "e9"}]


async def test_after_a_restart_a_marked_message_must_be_sent_again(served: Served) -> None:
    await begun(served, "Anna", "Bas")
    await served.send(message("e2", "Dichtbij"))
    await served.restart()
    (said,) = of_type(await served.send(sign("e3", "e2", "✍️")), "message")
    assert said["kind"] == "help"
    assert texts(await canvas(served), STEP) == []


# The real command --------------------


def test_the_command_serves_lines_and_goes_on_where_it_was(path: Path) -> None:
    first = run_lines(path, message("e1", "hoi", at=AT), message("e2", "!start"), message("e3", "Dichtbij"), b"x")
    assert [one["id"] for one in of_type(first, "message")] == ["m1", "m2"]
    assert [one["line"] for one in of_type(first, "error")] == [4]
    again = run_lines(path, message("e3", "Anders"), message("e4", "verder"), clock(LATER))
    assert again[0] == {"type": "done", "id": "e3"}
    assert [(one["id"], one["at"]) for one in of_type(again, "message")] == [("m3", AT)]
    assert again[-1] == {"type": "done", "id": LATER}
    found = exported(path)
    assert texts(found, STEP) == ["Dichtbij"]
    assert found["exported_at"] == LATER


async def test_after_a_restart_a_line_that_comes_again_can_be_marked(served: Served) -> None:
    """The memory for ✍️ does not outlive the process; a line that is sent again brings its message back into it."""
    await begun(served, "Anna", "Bas")
    lines = [message("e2", "Wat is dit?", reply_to="m2"), message("e3", "Dichtbij", sender="Bas")]
    await served.send(*lines)
    await served.restart()
    assert await served.send(*lines[:1]) == [{"type": "done", "id": "e2"}]
    await served.send(*lines[1:], sign("e4", "e2", "✍️"), sign("e5", "e3", "✍️"))
    assert texts(await canvas(served), STEP) == ["Wat is dit?", "Dichtbij"]
