"""What is held back is in no copy of a database, and after it went in no byte of the database itself."""

from __future__ import annotations

import random
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from flows.conversation.events import Edited, Said
from flows.conversation.held import KIND
from flows.conversation.snapshot import Drop, Item, Once, Prompt, Put, Timer
from storage import backup, held, inbox, rooms, timers
from storage.migrate import Migration, migrate, migrations
from storage.writer import Writer

SECRET = "0612345678"


def prompt(number: int, text: str) -> Prompt:
    return Prompt(number, KIND, "impact.vraagstuk", (number,), {"event": f"e{number}", "held": {"text": text}})


async def test_a_copy_has_nothing_of_what_is_held(writer: Writer, room: int, tmp_path: Path, noon: datetime) -> None:
    other = Prompt(2, "nudge", "impact.vraagstuk", (2,), {"name": "x"})
    records = [prompt(1, SECRET), other, Once(f"{KIND}:1", "waiting", (1,)), Timer(f"{KIND}:1", noon, {"prompt": 1})]
    await writer.run(lambda conn: rooms.save(conn, room, [Put(one) for one in records]))
    copy = tmp_path / "copy.db"
    reader = sqlite3.connect(writer.path, isolation_level=None)
    reader.execute("VACUUM INTO ?", (str(copy),))
    reader.close()
    conn = sqlite3.connect(copy, isolation_level=None)
    assert held.leave_out_held(conn) == 1
    assert held.leave_out_held(conn) == 0
    conn.execute("VACUUM")
    found = rooms.load(conn, room)
    conn.close()
    assert found.prompts() == [other]
    assert f"{KIND}:1" in found.once  # so that its message can be answered
    assert f"{KIND}:1" in found.timer
    assert SECRET.encode() not in copy.read_bytes()


@pytest.mark.parametrize("state", ["waits", "failed", "unreadable"])
async def test_a_copy_has_nothing_of_what_had_no_turn_yet_and_might_be_held(
    writer: Writer, room: int, noon: datetime, state: str
) -> None:
    def add(conn: sqlite3.Connection) -> list[inbox.Arrival]:
        inbox.add(conn, room, Said("e1", noon, "Anna", f"Bel {SECRET}"), noon)
        inbox.add(conn, room, Edited("e2", noon, "Anna", "e0", "Mail sam@voorbeeld.nl"), noon)
        inbox.add(conn, room, Said("e3", noon, "Anna", "Bel het loket in 2026-2027"), noon)
        if state == "failed":
            inbox.fail(conn, 1, "1")
        elif state == "unreadable":
            conn.execute("UPDATE inbox SET payload = ? WHERE id = 1", (f"no JSON: {SECRET}",))
        return inbox.pending(conn)

    await writer.run(add)
    assert await writer.run(held.leave_out_held) == 2
    left = await writer.run(lambda conn: inbox.pending(conn))
    assert [one.event.id for one in left] == ["e3"]
    payloads = await writer.run(lambda conn: conn.execute("SELECT count(payload) FROM inbox").fetchone()[0])
    assert payloads == 1
    assert await writer.run(lambda conn: inbox.known(conn, room, "e1"))  # it is not taken for new when it comes again


def test_the_copy_before_a_migration_has_nothing_of_it(path: Path, noon: datetime) -> None:
    path.parent.mkdir(parents=True)
    conn = sqlite3.connect(path, isolation_level=None)
    migrate(conn, path, migrations())
    room = rooms.ensure(conn, "console", "x")
    rooms.save(conn, room, [Put(prompt(1, SECRET)), Put(Item(2, "impact.vraagstuk", "gewoon", "Anna", noon))])
    number = migrations()[-1].number + 1
    migrate(conn, path, [*migrations(), Migration(number, "CREATE TABLE later (id INTEGER) STRICT")])
    conn.close()
    copy = path.with_name(f"{path.name}.before-{number}")
    assert SECRET.encode() not in copy.read_bytes()
    assert b"gewoon" in copy.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert SECRET.encode() in path.read_bytes()


@pytest.mark.parametrize("seed", range(3))
async def test_after_it_went_no_byte_of_it_is_left(writer: Writer, room: int, seed: int, noon: datetime) -> None:
    """Texts of all sizes, among answers that come and go."""
    chance = random.Random(seed)
    secrets: list[str] = []
    live: list[Prompt] = []
    for number in range(1, 601, 2):
        secrets.append(f"geheim{seed}nr{number:04}")
        one = prompt(number, f"{secrets[-1]} " * chance.choice((1, 2, 8, 100, 800)))
        live.append(one)
        item = Item(number + 1, "impact.vraagstuk", "gewone tekst " * chance.randint(1, 40), "Anna", noon)
        changes = [Put(one), Put(item)]
        await writer.run(lambda conn, changes=changes: rooms.save(conn, room, changes))
        if chance.random() < 0.6:
            gone = live.pop(chance.randrange(len(live)))
            await writer.run(lambda conn, gone=gone: rooms.save(conn, room, [Drop(gone)]))
            if chance.random() < 0.3:
                assert await writer.scour()
    await writer.run(lambda conn: rooms.save(conn, room, [Drop(one) for one in live]))
    assert await writer.scour()
    found = b"".join(file.read_bytes() for file in writer.path.parent.iterdir())
    assert not [one for one in secrets if one.encode() in found]


async def test_it_goes_in_time_also_where_the_coach_was_put_out_of_the_room(
    writer: Writer, room: int, noon: datetime, later: datetime
) -> None:
    records = [Timer("digest", noon), Timer(f"{KIND}:1", later, {"prompt": 1})]
    await writer.run(lambda conn: rooms.save(conn, room, [Put(one) for one in records]))
    await writer.run(lambda conn: rooms.set_parked(conn, room, parked=True))
    assert await writer.run(lambda conn: timers.next_due(conn, "console")) == later
    due = await writer.run(lambda conn: timers.due(conn, "console", later + timedelta(hours=1)))
    assert [(number, timer.name) for number, timer in due] == [(room, f"{KIND}:1")]


async def test_a_backup_and_the_database_that_a_backup_replaced_have_nothing_of_it(path: Path, noon: datetime) -> None:
    writer = await Writer.open(path)
    room = await writer.run(lambda conn: rooms.ensure(conn, "console", "x"))
    await writer.run(lambda conn: rooms.save(conn, room, [Put(prompt(1, SECRET))]))
    target = path.parent / "backup.db"
    backup.back_up(path, target, noon)
    await writer.close()
    restored = backup.put_back(target, path, noon)
    assert restored.former is not None
    for file in (target, path, restored.former):
        assert SECRET.encode() not in file.read_bytes(), file
