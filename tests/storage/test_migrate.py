"""A schema change is whole or not at all, with a backup; a reader never meets a schema it doesn't know."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from storage import gaps, inbox, invites, meta, outbox, rooms, signs, undecrypted
from storage.codec import moment
from storage.errors import Locked, Newer, NotADatabase, StorageError
from storage.migrate import Migration, migrate, migrations
from storage.reader import open_reader
from storage.writer import Writer

FIRST = migrations()
NEXT = FIRST[-1].number + 1
GOOD = Migration(NEXT, "CREATE TABLE extra (a TEXT) STRICT; INSERT INTO extra VALUES ('x');")
BROKEN = Migration(NEXT, "CREATE TABLE extra (a TEXT) STRICT; DELETE FROM meta; INSERT INTO nothing VALUES (1);")
# A row of a room that there is not.
ORPHAN = "INSERT INTO once VALUES (1, 'x', 'done', '[]');"


@pytest.fixture
async def conn(path: Path) -> AsyncIterator[sqlite3.Connection]:
    """A database of this version with a room and a word in it."""
    writer = await Writer.open(path)
    await writer.run(lambda conn: meta.put(conn, "word", "kept"))
    await writer.run(lambda conn: rooms.ensure(conn, "matrix", "!a"))
    await writer.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        yield conn


def number(conn: sqlite3.Connection) -> int:
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


def tables(conn: sqlite3.Connection) -> set[str]:
    return {name for (name,) in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def test_a_new_database_gets_the_latest_schema_and_no_backup(tmp_path: Path) -> None:
    path = tmp_path / "coach.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        migrate(conn, path, FIRST)
        assert number(conn) == FIRST[-1].number
        migrate(conn, path, FIRST)
    assert [file.name for file in tmp_path.iterdir()] == ["coach.db"]


def test_an_empty_database_gets_all_steps_or_none(tmp_path: Path) -> None:
    path = tmp_path / "coach.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        with pytest.raises(StorageError, match=f"Migration {NEXT} .*syntax error.* before migration 1;"):
            migrate(conn, path, [*FIRST, BROKEN])
        assert not conn.in_transaction
        assert number(conn) == 0
        assert tables(conn) == set()
        with pytest.raises(StorageError, match=f"Migration {NEXT} .*refer"):
            migrate(conn, path, [*FIRST, Migration(NEXT, ORPHAN), Migration(NEXT + 1, "DELETE FROM once")])
        assert tables(conn) == set()
        migrate(conn, path, [*FIRST, GOOD])
        assert number(conn) == NEXT
        assert "extra" in tables(conn)
    assert [file.name for file in tmp_path.iterdir()] == ["coach.db"]


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        (
            "CREATE TABLE a (x TEXT);\nINSERT INTO a VALUES ('b; c') -- to be; or not\n;/* or; so */\n-- the end;",
            ["b; c"],
        ),
        ("CREATE TABLE a (x TEXT); INSERT INTO a VALUES ('last')", ["last"]),
        (
            "CREATE TABLE a (x TEXT); CREATE TRIGGER t AFTER INSERT ON a WHEN new.x = 'b' BEGIN "
            "INSERT INTO a VALUES ('c'); INSERT INTO a VALUES ('d'); END; INSERT INTO a VALUES ('b');",
            ["b", "c", "d"],
        ),
    ],
    ids=["signs", "unended", "trigger"],
)
def test_a_step_is_read_statement_by_statement(conn: sqlite3.Connection, path: Path, sql: str, kept: list[str]) -> None:
    migrate(conn, path, [*FIRST, Migration(NEXT, sql)])
    assert [x for (x,) in conn.execute("SELECT x FROM a")] == kept


@pytest.mark.parametrize(
    "end", ["INSERT INTO meta VALUES ('a", "CREATE TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1;"]
)
def test_a_step_that_breaks_off_fails(conn: sqlite3.Connection, path: Path, end: str) -> None:
    with pytest.raises(StorageError, match=f"Migration {NEXT} .* failed"):
        migrate(conn, path, [*FIRST, Migration(NEXT, f"{GOOD.sql} {end}")])
    assert "extra" not in tables(conn)


def test_a_migration_keeps_a_backup_of_before(conn: sqlite3.Connection, path: Path) -> None:
    backup = path.with_name(f"coach.db.before-{NEXT}")
    backup.write_text("of an attempt that failed")
    migrate(conn, path, [*FIRST, GOOD])
    assert number(conn) == NEXT
    assert "extra" in tables(conn)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert not list(path.parent.glob("*.part*"))
    with closing(open_reader(backup)) as before:
        assert number(before) == NEXT - 1
        assert "extra" not in tables(before)
        assert meta.get(before, "word") == "kept"


def test_a_migration_that_fails_leaves_the_old_database(conn: sqlite3.Connection, path: Path) -> None:
    with pytest.raises(StorageError, match=f"Migration {NEXT} .* failed"):
        migrate(conn, path, [*FIRST, BROKEN])
    assert not conn.in_transaction
    assert number(conn) == NEXT - 1
    assert "extra" not in tables(conn)
    assert meta.get(conn, "word") == "kept"
    with closing(open_reader(path.with_name(f"coach.db.before-{NEXT}"))) as before:
        assert meta.get(before, "word") == "kept"
    migrate(conn, path, [*FIRST, GOOD])
    assert number(conn) == NEXT


def test_what_went_before_a_failing_migration_stays(conn: sqlite3.Connection, path: Path) -> None:
    with pytest.raises(StorageError):
        migrate(conn, path, [*FIRST, GOOD, Migration(NEXT + 1, "nonsense")])
    assert number(conn) == NEXT
    assert "extra" in tables(conn)


def test_a_table_made_anew_keeps_the_rows_that_refer_to_it(conn: sqlite3.Connection, path: Path) -> None:
    conn.execute("PRAGMA foreign_keys = ON")
    conn.execute("INSERT INTO once VALUES (1, 'x', 'done', '[]')")
    anew = Migration(
        NEXT,
        "CREATE TABLE room_new (id INTEGER PRIMARY KEY) STRICT; INSERT INTO room_new SELECT id FROM room;"
        "DROP TABLE room; ALTER TABLE room_new RENAME TO room;",
    )
    migrate(conn, path, [*FIRST, anew])
    assert conn.execute("SELECT count(*) FROM once").fetchone() == (1,)


def test_a_migration_that_leaves_rows_without_their_room_fails(conn: sqlite3.Connection, path: Path) -> None:
    conn.execute("INSERT INTO once VALUES (1, 'x', 'done', '[]')")
    with pytest.raises(StorageError, match="refer"):
        migrate(conn, path, [*FIRST, Migration(NEXT, "DELETE FROM room")])
    assert conn.execute("SELECT count(*) FROM room").fetchone() == (1,)


def test_no_room_for_a_backup_and_nothing_is_changed(conn: sqlite3.Connection, path: Path) -> None:
    path.with_name(f"coach.db.before-{NEXT}").mkdir()
    with pytest.raises(StorageError):
        migrate(conn, path, [*FIRST, GOOD])
    assert number(conn) == NEXT - 1
    assert not list(path.parent.glob("*.part*"))


async def test_a_writer_refuses_while_another_program_holds_a_transaction(conn: sqlite3.Connection, path: Path) -> None:
    writer = await Writer.open(path)
    try:
        await writer.run(lambda own: own.execute("SELECT 1"))
        conn.execute("BEGIN IMMEDIATE")
        # Not to wait the five seconds: the pragma needs a unit, and a unit needs the lock that is taken.
        await writer._connection.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(Locked, match="another program"):
            await writer.run(lambda own: meta.put(own, "a", "1"))
        conn.execute("ROLLBACK")
        await writer.run(lambda own: meta.put(own, "a", "1"))
    finally:
        await writer.close()


async def test_a_reader_reads_while_a_coach_writes_and_writes_nothing(writer: Writer, path: Path) -> None:
    with closing(open_reader(path)) as reader:
        await writer.run(lambda conn: rooms.ensure(conn, "matrix", "!a"))
        assert [line.external for line in rooms.listing(reader)] == ["!a"]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            meta.put(reader, "a", "1")
        reader.execute("BEGIN")
        assert rooms.find(reader, "matrix", "!b") is None
        await writer.run(lambda conn: rooms.ensure(conn, "matrix", "!b"))
        assert rooms.find(reader, "matrix", "!b") is None  # one moment
        reader.execute("COMMIT")
        assert rooms.find(reader, "matrix", "!b") is not None


def test_a_reader_refuses_what_it_does_not_know(conn: sqlite3.Connection, path: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database at"):
        open_reader(tmp_path / "missing.db")
    assert not (tmp_path / "missing.db").exists()
    (tmp_path / "text").write_text("Beste team" * 100)
    with pytest.raises(NotADatabase):
        open_reader(tmp_path / "text")
    (tmp_path / "empty").touch()
    with pytest.raises(StorageError, match="older schema"):
        open_reader(tmp_path / "empty")
    conn.execute(f"PRAGMA user_version = {NEXT}")
    with pytest.raises(Newer):
        open_reader(path)


# From the first schema --------------------------------------------------------------------------------------------

LAST = 1_794_821_400_000_000  # the moment of the last row of version_1.sql


@pytest.fixture
def old(path: Path) -> Path:
    """A database as the coach with schema 1 left it."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        migrate(conn, path, FIRST[:1])
        conn.executescript(Path(__file__).with_name("version_1.sql").read_text("utf-8"))
    return path


def rows_of(conn: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables of the first schema, by its own columns."""
    with closing(sqlite3.connect(":memory:")) as first:
        first.executescript(FIRST[0].sql)
        columns = {name: [one[1] for one in first.execute(f"PRAGMA table_info({name!r})")] for name in tables(first)}
    found = {}
    for name, names in columns.items():
        listed = ", ".join(f'"{one}"' for one in names)
        found[name] = sorted(conn.execute(f'SELECT {listed} FROM "{name}"').fetchall(), key=repr)
    return found


@pytest.mark.parametrize("steps", [FIRST[:2], FIRST], ids=["second", "latest"])
def test_a_database_of_the_first_schema_keeps_every_row(old: Path, steps: tuple[Migration, ...]) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as conn:
        before = rows_of(conn)
        assert sum(map(len, before.values())) > 30
        migrate(conn, old, steps)
        assert number(conn) == steps[-1].number
        assert rows_of(conn) == before
        assert conn.execute('SELECT DISTINCT "rank" FROM outbox').fetchall() == [(0,)]
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with closing(sqlite3.connect(old.with_name("coach.db.before-2"))) as backup:
        assert number(backup) == 1
        assert rows_of(backup) == before
    assert not list(old.parent.glob("*.before-3"))  # one backup, of before the first step


async def test_after_the_first_schema_what_waited_goes_on_and_a_transport_keeps_what_it_must(old: Path) -> None:
    writer = await Writer.open(old)

    def work(conn: sqlite3.Connection) -> None:
        now = moment(LAST)
        room, out = rooms.find(conn, "console", "r1"), rooms.find(conn, "console", "r2")
        assert room is not None
        assert out is not None
        snapshot = rooms.load(conn, room)
        assert (snapshot.room.position, sorted(snapshot.member)) == ("impact.status", ["Anna", "Bas"])
        assert [one.event.id for one in inbox.pending(conn, 50, "console", [])] == ["e8"]
        assert [row.key for row in outbox.heads(conn, now, 9, "console")] == ["wacht"]
        outbox.resume(conn, out)
        assert [row.key for row in outbox.heads(conn, now, 9, "console")] == ["wacht", "ook"]
        signs.add(conn, room, "$1", signs.Put("m5", "🟢", "Anna"))
        assert signs.take(conn, room, "$1") is not None
        for kept in (invites.pending, gaps.pending, undecrypted.pending):
            assert kept(conn, "matrix") == []

    try:
        await writer.run(work)
    finally:
        await writer.close()


def test_a_second_step_that_fails_leaves_the_first_schema(old: Path) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as conn:
        conn.execute("CREATE TABLE gap (x INTEGER) STRICT")  # by somebody else
        before = rows_of(conn)
        with pytest.raises(StorageError, match="Migration 2"):
            migrate(conn, old, FIRST)
        assert number(conn) == 1
        assert rows_of(conn) == before
        assert not {"sign", "invite", "undecrypted"} & tables(conn)
        conn.execute("DROP TABLE gap")
        migrate(conn, old, FIRST)
        assert rows_of(conn) == before


def test_a_path_with_signs_that_mean_something_in_a_uri(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=rwc&x#y %41.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        migrate(conn, path, FIRST)
    with closing(open_reader(path)) as reader:
        assert rooms.listing(reader) == []
