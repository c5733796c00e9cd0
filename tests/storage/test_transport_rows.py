"""What is kept for a transport: signs, invitations, gaps, messages that could not be read, rooms on hold, and whose
line is next."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from flows.conversation.effects import Edit, Effect, Mark, Say
from flows.conversation.events import Joined, Own, Person, Said
from flows.conversation.snapshot import Member, Put
from storage import conversations, gaps, inbox, invites, outbox, rooms, signs, undecrypted
from storage.conversations import Reference
from storage.gaps import Gap
from storage.invites import Invite
from storage.undecrypted import Waiting
from storage.writer import Writer

PUT = signs.Put("$q", "✅", "@anna:x")


def other(conn: sqlite3.Connection, external: str = "!b", transport: str = "matrix") -> int:
    return rooms.ensure(conn, transport, external)


# Signs ------------------------------------------------------------------------------------------------------------


async def test_a_sign_is_known_by_its_id_until_it_is_taken_off(writer: Writer, room: int) -> None:
    def work(conn: sqlite3.Connection) -> None:
        second = other(conn)
        signs.add(conn, room, "$1", PUT)
        signs.add(conn, room, "$2", signs.Put("$r", "✍️", "@bas:x"))
        signs.add(conn, second, "$1", signs.Put("$s", "❌", "@cor:x"))
        assert signs.take(conn, room, "$none") is None
        assert signs.take(conn, second, "$2") is None
        assert signs.take(conn, room, "$1") == PUT
        assert signs.take(conn, room, "$1") is None
        assert signs.take(conn, second, "$1") == signs.Put("$s", "❌", "@cor:x")
        assert signs.take(conn, room, "$2") == signs.Put("$r", "✍️", "@bas:x")

    await writer.run(work)


async def test_a_sign_that_comes_again_is_what_it_was(writer: Writer, room: int) -> None:
    def work(conn: sqlite3.Connection) -> signs.Put | None:
        signs.add(conn, room, "$1", PUT)
        signs.add(conn, room, "$1", replace(PUT, sender="@mallory:x"))
        return signs.take(conn, room, "$1")

    assert await writer.run(work) == PUT


async def test_the_signs_of_a_room_go_with_it(writer: Writer, room: int) -> None:
    def work(conn: sqlite3.Connection) -> list[tuple[int]]:
        signs.add(conn, room, "$1", PUT)
        conn.execute("DELETE FROM room")
        return conn.execute("SELECT count(*) FROM sign").fetchall()

    assert await writer.run(work) == [(0,)]


# Invitations ------------------------------------------------------------------------------------------------------


async def test_invitations_wait_the_oldest_first_until_they_are_answered(
    writer: Writer, noon: datetime, later: datetime
) -> None:
    young, old = Invite("!a", "@anna:x", None, later), Invite("!b", "@bas:x", "!old", noon)

    def work(conn: sqlite3.Connection) -> None:
        invites.add(conn, "matrix", young)
        invites.add(conn, "matrix", old)
        invites.add(conn, "teams", replace(young, inviter="@cor:x"))
        assert invites.pending(conn, "matrix") == [old, young]
        invites.drop(conn, "matrix", "!a")
        invites.drop(conn, "matrix", "!none")
        assert invites.pending(conn, "matrix") == [old]
        assert invites.pending(conn, "teams") == [replace(young, inviter="@cor:x")]

    await writer.run(work)


@pytest.mark.parametrize(
    ("first", "second", "follows"), [(None, "!old", "!old"), ("!old", None, "!old"), ("!old", "!older", "!older")]
)
async def test_a_second_invitation_takes_the_place_and_keeps_which_room_it_follows(
    writer: Writer, noon: datetime, later: datetime, first: str | None, second: str | None, follows: str
) -> None:
    def work(conn: sqlite3.Connection) -> list[Invite]:
        invites.add(conn, "matrix", Invite("!a", "@anna:x", first, noon))
        invites.add(conn, "matrix", Invite("!a", "@bas:x", second, later))
        return invites.pending(conn, "matrix")

    (found,) = await writer.run(work)
    assert (found.inviter, found.follows) == ("@bas:x", follows)


# Gaps -------------------------------------------------------------------------------------------------------------


async def test_a_gap_that_grows_begins_where_it_began(writer: Writer) -> None:
    def work(conn: sqlite3.Connection) -> None:
        gaps.add(conn, "matrix", Gap("!a", "s1", "s2"))
        gaps.add(conn, "matrix", Gap("!b", "s5", "s6"))
        gaps.add(conn, "matrix", Gap("!a", "s3", "s4"))
        gaps.add(conn, "teams", Gap("!a", "t1", "t2"))
        assert sorted(gaps.pending(conn, "matrix"), key=lambda gap: gap.room) == [
            Gap("!a", "s1", "s4"), Gap("!b", "s5", "s6"),
        ]  # fmt: skip
        gaps.drop(conn, "matrix", "!a")
        assert gaps.pending(conn, "matrix") == [Gap("!b", "s5", "s6")]
        assert gaps.pending(conn, "teams") == [Gap("!a", "t1", "t2")]

    await writer.run(work)


# Messages that could not be read ------------------------------------------------------------------------------------


async def test_what_could_not_be_read_waits_for_its_key(writer: Writer, noon: datetime, later: datetime) -> None:
    young, old = Waiting("!a", "$2", later), Waiting("!b", "$1", noon)

    def work(conn: sqlite3.Connection) -> None:
        for waiting in (young, old, replace(young, at=noon), replace(young, room="!b")):
            undecrypted.add(conn, "matrix", waiting)
        undecrypted.add(conn, "teams", young)
        assert undecrypted.pending(conn, "matrix") == [old, young, replace(young, room="!b")]
        undecrypted.drop(conn, "matrix", young)
        assert undecrypted.pending(conn, "matrix") == [old, replace(young, room="!b")]
        assert undecrypted.pending(conn, "teams") == [young]

    await writer.run(work)


# The outbox -------------------------------------------------------------------------------------------------------


def say(number: int, kind: str = "question") -> Say:
    return Say(number, kind, None, "tekst")


def keys(rows: list[outbox.Row]) -> list[str]:
    return [row.key for row in rows]


@pytest.mark.parametrize(
    ("effect", "rank"),
    [
        (say(1, "reminder"), 1), (say(1, "recheck"), 1), (say(1, "question"), 0), (say(1, "nudge"), 0),
        (say(1, "welcome"), 0), (say(1, "info"), 0), (Edit(1, "reminder", None, "x"), 0), (Mark("$1", "✍️"), 0),
    ],
)  # fmt: skip
async def test_what_is_said_unasked_comes_after_answers(
    writer: Writer, noon: datetime, effect: Effect, rank: int
) -> None:
    def work(conn: sqlite3.Connection) -> list[tuple[int]]:
        outbox.add(conn, other(conn), "k", effect, noon)
        return conn.execute('SELECT "rank" FROM outbox').fetchall()

    assert await writer.run(work) == [(rank,)]


async def test_heads_are_by_rank_and_then_by_age_and_not_of_rooms_at_work(writer: Writer, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        one, two, three = (other(conn, name) for name in ("!1", "!2", "!3"))
        outbox.add(conn, one, "reminder", say(1, "reminder"), noon)
        outbox.add(conn, one, "behind it", say(2), noon)
        outbox.add(conn, two, "answer", say(1), noon)
        outbox.add(conn, three, "later answer", say(1), noon)
        assert keys(outbox.heads(conn, noon, 9, "matrix")) == ["answer", "later answer", "reminder"]
        assert keys(outbox.heads(conn, noon, 1, "matrix")) == ["answer"]
        assert keys(outbox.heads(conn, noon, 9, "matrix", [two])) == ["later answer", "reminder"]
        assert keys(outbox.heads(conn, noon, 9, "matrix", [one, two, three])) == []

    await writer.run(work)


async def test_heads_are_of_one_transport(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        outbox.add(conn, room, "console", say(1), noon)
        outbox.add(conn, other(conn, "!kamer"), "matrix", say(1), noon)
        assert keys(outbox.heads(conn, noon, 9, "matrix")) == ["matrix"]
        assert keys(outbox.heads(conn, noon, 9, "console")) == ["console"]
        assert keys(outbox.heads(conn, noon, 9)) == ["console", "matrix"]

    await writer.run(work)


async def test_the_heads_are_found_by_index(writer: Writer, noon: datetime) -> None:
    values = {"now": 0, "limit": 1, "transport": "matrix", "busy": "[]"}
    plan = await writer.run(lambda conn: conn.execute(f"EXPLAIN QUERY PLAN {outbox._HEADS}", values).fetchall())
    assert any("outbox_head" in step[3] for step in plan), plan
    binds = ("matrix", "[]")[: outbox._NEXT.count("?")]
    plan = await writer.run(lambda conn: conn.execute(f"EXPLAIN QUERY PLAN {outbox._NEXT}", binds).fetchall())
    assert any("outbox_head" in step[3] for step in plan), plan


async def test_the_next_that_may_go_is_the_earliest_head(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        minute = timedelta(minutes=1)
        assert outbox.next_due(conn, "matrix") is None
        outbox.add(conn, room, "console", say(1), noon)
        assert outbox.next_due(conn, "matrix") is None
        one, two = other(conn, "!1"), other(conn, "!2")
        first = outbox.add(conn, one, "1", say(1), noon)
        outbox.add(conn, one, "behind it", say(2), noon)
        second = outbox.add(conn, two, "2", say(1), noon)
        outbox.defer(conn, first, noon + 2 * minute, 1)
        outbox.defer(conn, second, noon + minute, 1)
        assert outbox.next_due(conn, "matrix") == noon + minute
        outbox.park(conn, two)
        assert outbox.next_due(conn, "matrix") == noon + 2 * minute  # not of the row behind it
        outbox.resume(conn, two)
        assert outbox.next_due(conn, "matrix") == noon + minute
        outbox.sent(conn, second, "$2", two, 1)
        outbox.aside(conn, first)
        due = outbox.next_due(conn, "matrix")
        assert due is not None
        assert due < noon  # at once

    await writer.run(work)


async def test_an_own_message_that_comes_by_is_known_before_the_answer_to_sending_it(
    writer: Writer, room: int, noon: datetime
) -> None:
    def work(conn: sqlite3.Connection) -> None:
        second = other(conn)
        row = outbox.add(conn, room, "k1", say(1), noon)
        outbox.add(conn, room, "k2", say(2), noon)
        outbox.seen(conn, second, "k1", "$elsewhere")
        outbox.seen(conn, room, "unknown", "$x")
        assert [outbox.external_of(conn, room, number) for number in (1, 2)] == [None, None]
        outbox.seen(conn, room, "k1", "$1")
        outbox.seen(conn, room, "k1", "$again")  # the first holds
        assert [outbox.external_of(conn, room, number) for number in (1, 2)] == ["$1", None]
        assert outbox.own(conn, room, "$1") is not None
        assert keys(outbox.of_room(conn, room)) == ["k1", "k2"]  # still to be noted as sent
        outbox.sent(conn, row, "$1", room, 1)
        assert keys(outbox.of_room(conn, room)) == ["k2"]

    await writer.run(work)


# The inbox --------------------------------------------------------------------------------------------------------


async def test_what_waits_is_of_one_transport_and_not_of_rooms_on_hold(
    writer: Writer, room: int, noon: datetime
) -> None:
    def work(conn: sqlite3.Connection) -> None:
        one, two = other(conn, "!1"), other(conn, "!2")
        for place, number in enumerate((one, room, two, one, two)):
            inbox.add(conn, number, Said(f"${place}", noon, "@anna:x", "dag"), noon)

        def waiting(*arguments: object) -> list[str]:
            return [one.event.id for one in inbox.pending(conn, *arguments)]  # type: ignore[arg-type]

        assert waiting() == ["$0", "$1", "$2", "$3", "$4"]
        assert waiting(50, "matrix") == ["$0", "$2", "$3", "$4"]
        assert waiting(50, "console") == ["$1"]
        assert waiting(50, "matrix", [one]) == ["$2", "$4"]
        assert waiting(1, "matrix", {one: "why"}) == ["$2"]
        assert waiting(2, "matrix") == ["$0", "$2"]
        assert waiting(50, "matrix", [one, two]) == []

    await writer.run(work)


async def test_rows_on_hold_that_cannot_be_read_take_nobodys_place(writer: Writer, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> list[str]:
        one, two = other(conn, "!1"), other(conn, "!2")
        for place in range(6):
            inbox.add(conn, one, Said(f"${place}", noon, "@anna:x", "dag"), noon)
        conn.execute("UPDATE inbox SET payload = '{}' WHERE event IN ('$0', '$1', '$3')")
        inbox.add(conn, two, Said("$last", noon, "@anna:x", "dag"), noon)
        return [arrival.event.id for arrival in inbox.pending(conn, 4, "matrix")]

    assert await writer.run(work) == ["$2", "$4", "$5", "$last"]


async def test_what_waits_is_found_by_index(writer: Writer) -> None:
    values = {"last": 0, "transport": "matrix", "held": "[]", "slow": "[]", "wanted": 50}
    plan = await writer.run(lambda conn: conn.execute(f"EXPLAIN QUERY PLAN {inbox._PENDING}", values).fetchall())
    assert any("inbox_waiting" in step[3] for step in plan), plan


# Rooms ------------------------------------------------------------------------------------------------------------


async def test_a_room_goes_on_under_another_id_with_all_it_has(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        rooms.save(conn, room, [Put(Member("@anna:x", "Anna"))])
        outbox.add(conn, room, "k", say(1), noon)
        rooms.move(conn, room, "!nieuw")
        assert rooms.find(conn, "console", "!kamer") is None
        assert rooms.find(conn, "console", "!nieuw") == room
        snapshot = rooms.load(conn, room)
        assert (snapshot.id, list(snapshot.member)) == ("!nieuw", ["@anna:x"])
        (row,) = outbox.of_room(conn, room)
        assert (row.external_room, row.key) == ("!nieuw", "k")
        assert rooms.ensure(conn, "console", "!kamer") != room  # a new one

    await writer.run(work)


async def test_a_room_goes_on_under_no_id_that_another_has(writer: Writer, room: int) -> None:
    await writer.run(lambda conn: other(conn, "!b", "console"))
    with pytest.raises(sqlite3.IntegrityError):
        await writer.run(lambda conn: rooms.move(conn, room, "!b"))
    assert await writer.run(lambda conn: rooms.find(conn, "console", "!kamer")) == room


async def test_who_is_present_is_known_of_every_room_of_a_transport(writer: Writer, room: int) -> None:
    def work(conn: sqlite3.Connection) -> dict[str, dict[str, tuple[str, bool]]]:
        one = other(conn, "!1")
        other(conn, "!empty")
        rooms.save(conn, room, [Put(Member("@x", "X", present=True))])
        rooms.save(conn, one, [
            Put(Member("@anna:x", "Anna", moderator=True, present=True)),
            Put(Member("@bas:x", "Bas", present=True)),
            Put(Member("@weg:x", "Weg", moderator=True, present=False)),
        ])  # fmt: skip
        return rooms.present(conn, "matrix")

    assert await writer.run(work) == {"!1": {"@anna:x": ("Anna", True), "@bas:x": ("Bas", False)}, "!empty": {}}


async def test_a_room_is_parked_till_it_is_resumed(writer: Writer, room: int) -> None:
    def work(conn: sqlite3.Connection) -> None:
        second = other(conn)
        found = [rooms.is_parked(conn, room)]
        for step in (outbox.park, outbox.park, outbox.resume):
            step(conn, room)
            found.append(rooms.is_parked(conn, room))
        assert found == [False, True, True, False]
        outbox.park(conn, second)
        assert not rooms.is_parked(conn, room)

    await writer.run(work)


async def test_events_of_people_are_kept_apart_by_room(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        event = Joined("$p", noon, (Person("@anna:x", "Anna"),))
        assert inbox.add(conn, room, event, noon)
        assert inbox.add(conn, other(conn), event, noon)
        assert not inbox.add(conn, room, event, noon)

    await writer.run(work)


# Teams ------------------------------------------------------------------------------------------------------------

PLACE = Reference("https://smba.example/emea/", "tenant", "28:app", "groupChat")


async def test_where_answers_go_is_what_was_said_last(writer: Writer, room: int) -> None:
    def work(conn: sqlite3.Connection) -> None:
        conversations.put(conn, "teams", "19:a", PLACE)
        conversations.put(conn, "teams", "19:b", PLACE)
        moved = replace(PLACE, service="https://smba.example/amer/")
        conversations.put(conn, "teams", "19:a", moved)
        outbox.park(conn, other(conn, "19:b", "teams"))
        assert conversations.known(conn, "teams") == {"19:a": (moved, False), "19:b": (PLACE, True)}
        assert conversations.known(conn, "matrix") == {}

    await writer.run(work)


async def test_a_message_is_known_by_its_keys_in_its_own_room_only(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        second = other(conn)
        outbox.add(conn, room, "k1", Say(1, "question", "s", "x"), noon)
        outbox.add(conn, room, "k2", Edit(1, "question", "s", "y"), noon)
        outbox.add(conn, room, "k3", Mark("$1", "✅"), noon)
        own = Own(1, "question", "s")
        assert [outbox.own_key(conn, room, key) for key in ("k1", "k2", "k3", "k4")] == [own, own, None, None]
        assert outbox.own_key(conn, second, "k1") is None

    await writer.run(work)


async def test_what_was_being_posted_is_known_until_it_is_over(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        rows = [outbox.add(conn, room, f"k{n}", Say(n, "info", None, "x"), noon) for n in (1, 2, 3)]
        for row in rows:
            outbox.begin(conn, row)
        outbox.sent(conn, rows[0], "$1", room, 1)
        outbox.defer(conn, rows[1], noon, 1)
        (transport,) = conn.execute("SELECT transport FROM room WHERE id = ?", (room,)).fetchone()
        assert [row.key for row in outbox.begun(conn, transport)] == ["k3"]
        assert outbox.begun(conn, "another") == []

    await writer.run(work)
