"""A backup is whole while the coach writes, and putting one back loses nothing that was there."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from flows.conversation.held import KIND
from flows.conversation.snapshot import Prompt, Put
from storage import backup, copying, meta, rooms
from storage.errors import Locked, Newer, NotADatabase, StorageError, Unwritable
from storage.migrate import migrate, migrations
from storage.reader import open_reader
from storage.writer import Writer


async def keep(writer: Writer, word: str) -> None:
    await writer.run(lambda conn: meta.put(conn, "word", word))


def word(path: Path) -> str | None:
    with closing(open_reader(path)) as conn:
        return meta.get(conn, "word")


@pytest.fixture
async def made(path: Path, tmp_path: Path, noon: datetime) -> Path:
    """A backup with the word "then" and a room, of a database that says "now"."""
    writer = await Writer.open(path)
    await keep(writer, "then")
    await writer.run(lambda conn: rooms.ensure(conn, "matrix", "!a"))
    backup.back_up(path, tmp_path / "backup.db", noon)
    await keep(writer, "now")
    await writer.close()
    return tmp_path / "backup.db"


async def test_a_backup_is_the_database_at_a_moment_for_this_user_alone(
    writer: Writer, tmp_path: Path, noon: datetime
) -> None:
    await keep(writer, "kept")
    await writer.run(lambda conn: rooms.ensure(conn, "matrix", "!a"))
    out = tmp_path / "backup.db"
    done = backup.back_up(writer.path, out, noon)
    await keep(writer, "later")
    assert (done.rooms, done.size, done.taken) == (1, out.stat().st_size, noon)
    assert word(out) == "kept"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert not [one for one in os.listdir(tmp_path) if one != "data" and one != "backup.db"]  # noqa: PTH208


async def test_what_was_deleted_is_in_no_byte_of_a_backup(writer: Writer, tmp_path: Path, noon: datetime) -> None:
    await keep(writer, "geheimpje" * 500)
    await keep(writer, "x")
    backup.back_up(writer.path, tmp_path / "backup.db", noon)
    assert b"geheimpje" not in (tmp_path / "backup.db").read_bytes()


async def test_what_is_held_back_is_in_no_byte_of_a_backup(
    writer: Writer, room: int, tmp_path: Path, noon: datetime
) -> None:
    """Also a part of the prompt's data that is larger than a page."""
    held = Prompt(1, KIND, "impact.vraagstuk", (1,), {"event": "e1", "held": {"text": "geheimpje" * 1_000}})
    await writer.run(lambda conn: rooms.save(conn, room, [Put(held)]))
    backup.back_up(writer.path, tmp_path / "backup.db", noon)
    assert b"geheimpje" not in (tmp_path / "backup.db").read_bytes()
    assert await writer.run(lambda conn: rooms.load(conn, room).prompt)
    backup.put_back(tmp_path / "backup.db", tmp_path / "new.db", noon)
    with closing(open_reader(tmp_path / "new.db")) as conn:
        assert not rooms.load(conn, room).prompt


async def test_backups_taken_while_the_coach_writes_are_each_whole(
    writer: Writer, tmp_path: Path, noon: datetime
) -> None:
    stop = asyncio.Event()

    async def write() -> int:
        count = 0
        while not stop.is_set():
            count += 1

            def both(conn: sqlite3.Connection, count: int = count) -> None:
                meta.put(conn, "left", f"{count}")
                meta.put(conn, "filler", "x" * 5_000)
                meta.put(conn, "right", f"{count}")

            await writer.run(both)
        return count

    writing = asyncio.create_task(write())
    try:
        for number in range(5):
            out = tmp_path / f"{number}.db"
            await asyncio.to_thread(backup.back_up, writer.path, out, noon)
            with closing(open_reader(out)) as conn:
                assert meta.get(conn, "left") == meta.get(conn, "right")
                assert copying.fault(conn) is None
    finally:
        stop.set()
        assert await writing > 5


async def test_a_backup_never_takes_the_place_of_anything_unasked(
    writer: Writer, tmp_path: Path, noon: datetime
) -> None:
    out = tmp_path / "backup.db"
    out.write_text("mine")
    with pytest.raises(StorageError, match="--replace"):
        backup.back_up(writer.path, out, noon)
    assert out.read_text() == "mine"
    backup.back_up(writer.path, out, noon, replace=True)
    assert word(out) is None
    for own in [writer.path, *(writer.path.with_name(writer.path.name + end) for end in ("-wal", "-shm", ".lock"))]:
        with pytest.raises(StorageError, match="itself"):
            backup.back_up(writer.path, own, noon, replace=True)
    with pytest.raises(StorageError, match="folder"):
        backup.back_up(writer.path, tmp_path, noon, replace=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_can_not_be_written(writer: Writer, tmp_path: Path, noon: datetime) -> None:
    (tmp_path / "shut").mkdir(mode=0o500)
    with pytest.raises(Unwritable):
        backup.back_up(writer.path, tmp_path / "shut" / "backup.db", noon)


async def test_a_backup_that_fails_leaves_what_was_there(writer: Writer, tmp_path: Path, noon: datetime) -> None:
    out = tmp_path / "nowhere" / "backup.db"
    with pytest.raises(Unwritable):
        backup.back_up(writer.path, out, noon)
    out = tmp_path / "backup.db"
    out.write_text("the former one")
    with pytest.raises(sqlite3.OperationalError), closing(sqlite3.connect(writer.path)) as conn:
        copying.copy_into(conn, out, lambda copy: copy.execute("nonsense"))
    assert out.read_text() == "the former one"
    assert not (tmp_path / "backup.db.part").exists()


def test_a_database_of_an_earlier_schema_can_be_backed_up_and_put_back(
    path: Path, tmp_path: Path, noon: datetime
) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        migrate(conn, path, migrations()[:1])
    backup.back_up(path, tmp_path / "backup.db", noon)
    path.unlink()
    backup.put_back(tmp_path / "backup.db", path, noon)
    with closing(open_reader(path, older=True)) as conn:
        assert conn.execute("PRAGMA user_version").fetchone() == (1,)
        assert backup.restored_at(conn) == noon


async def test_putting_back_keeps_what_was_there_and_marks_what_comes(
    path: Path, made: Path, later: datetime, noon: datetime
) -> None:
    done = backup.put_back(made, path, later)
    assert done.former is not None
    assert {file.name for file in path.parent.iterdir()} == {"coach.db", "coach.db.lock", done.former.name}
    assert word(path) == "then"
    assert word(done.former) == "now"
    assert done.backup.taken == noon
    for file in (path, done.former):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with closing(open_reader(path)) as conn:
        assert backup.restored_at(conn) == later
    with closing(open_reader(made)) as conn:
        assert backup.restored_at(conn) is None
    writer = await Writer.open(path)
    await writer.close()


async def test_rooms_that_were_erased_since_the_backup_are_named(path: Path, made: Path, later: datetime) -> None:
    writer = await Writer.open(path)
    await writer.run(lambda conn: conn.execute("DELETE FROM room"))
    await writer.run(lambda conn: rooms.ensure(conn, "matrix", "!new"))
    await writer.close()
    assert backup.put_back(made, path, later).back == ("!a",)
    assert backup.put_back(made, path, later + timedelta(seconds=1)).back == ()


def test_a_backup_is_put_back_on_a_machine_that_had_none(made: Path, tmp_path: Path, later: datetime) -> None:
    new = tmp_path / "new" / "coach.db"
    assert backup.put_back(made, new, later).former is None
    assert word(new) == "then"
    assert stat.S_IMODE(new.parent.stat().st_mode) == 0o700


async def test_what_an_end_that_nobody_wanted_left_in_the_log_is_kept_too(
    path: Path, made: Path, later: datetime
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
        meta.put(conn, "word", "only in the log")
        left = {end: path.with_name(path.name + end).read_bytes() for end in ("-wal",)}
    for end, data in left.items():
        path.with_name(path.name + end).write_bytes(data)
    done = backup.put_back(made, path, later)
    assert word(path) == "then"
    assert done.former is not None
    assert word(done.former) == "only in the log"


def test_a_database_that_is_damaged_is_put_aside_with_its_log(path: Path, made: Path, later: datetime) -> None:
    path.write_bytes(b"rubbish")
    path.with_name("coach.db-wal").write_bytes(b"a log of it")
    done = backup.put_back(made, path, later)
    assert word(path) == "then"
    assert done.former is not None
    assert done.former.read_bytes() == b"rubbish"
    assert done.former.with_name(done.former.name + "-wal").read_bytes() == b"a log of it"


def test_a_link_to_the_database_stays_a_link(path: Path, made: Path, tmp_path: Path, later: datetime) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(path)
    backup.put_back(made, link, later)
    assert link.is_symlink()
    assert word(path) == "then"


async def test_nothing_is_put_back_while_a_coach_runs(path: Path, made: Path, later: datetime) -> None:
    writer = await Writer.open(path)
    with pytest.raises(Locked):
        backup.put_back(made, path, later)
    await writer.close()
    assert word(path) == "now"


def unfit(made: Path, how: str) -> None:
    """Make a backup unfit."""
    if how == "missing":
        made.unlink()
    elif how == "empty":
        made.write_bytes(b"")
    elif how == "text":
        made.write_text("no database at all")
    elif how == "damaged":
        data = bytearray(made.read_bytes())
        data[4096 : 4096 * 12] = b"\x55" * (4096 * 11)
        made.write_bytes(data)
    elif how == "cut":
        made.write_bytes(made.read_bytes()[:5000])
    else:
        with closing(sqlite3.connect(made, isolation_level=None)) as conn:
            if how == "newer":
                conn.execute(f"PRAGMA user_version = {migrations()[-1].number + 1}")
            elif how == "foreign":
                conn.execute("PRAGMA application_id = 1")
            elif how == "orphans":
                conn.execute("INSERT INTO once VALUES (99, 'x', 'done', '[]')")


@pytest.mark.parametrize(
    ("how", "error"),
    [("missing", StorageError), ("empty", NotADatabase), ("text", NotADatabase), ("damaged", NotADatabase),
     ("cut", NotADatabase), ("newer", Newer), ("foreign", NotADatabase), ("orphans", NotADatabase)],
)  # fmt: skip
def test_a_backup_that_is_not_fit_changes_nothing(
    path: Path, made: Path, later: datetime, how: str, error: type[StorageError]
) -> None:
    unfit(made, how)
    with pytest.raises(error):
        backup.put_back(made, path, later)
    assert {file.name for file in path.parent.iterdir()} == {"coach.db", "coach.db.lock"}
    assert word(path) == "now"


def test_the_database_itself_is_no_backup_of_it(path: Path, made: Path, later: datetime) -> None:
    with pytest.raises(StorageError, match="itself"):
        backup.put_back(path, path, later)
    assert word(path) == "now"
