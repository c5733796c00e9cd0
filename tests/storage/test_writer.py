"""A unit of work is wholly there or not at all: whoever is cancelled, whatever the disk does, whoever else comes."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import resource
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from storage import meta
from storage.errors import Locked, Newer, NotADatabase, StorageError, Unwritable
from storage.reader import open_reader
from storage.writer import Writer

ROOT = Path(__file__).parents[2]


def keys(conn: sqlite3.Connection) -> set[str]:
    return {key for (key,) in conn.execute("SELECT key FROM meta")}


def put_files(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def bytes_in(folder: Path) -> dict[str, bytes]:
    """The files of a folder but for the -shm, which is memory and not data."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.endswith("-shm")}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def set_mode(path: Path, bits: int) -> None:
    path.chmod(bits)


def fill(conn: sqlite3.Connection) -> None:
    """Far more than the limits below leave room for, in two halves."""
    meta.put(conn, "first half", "x" * 100_000)
    meta.put(conn, "second half", "x" * 1_000_000)


async def test_a_unit_gives_what_its_work_returns(writer: Writer, path: Path) -> None:
    assert writer.path == path
    assert await writer.run(lambda conn: conn.execute("SELECT 7").fetchone()) == (7,)
    await writer.run(lambda conn: meta.put(conn, "a", "1"))
    with closing(open_reader(path)) as reader:
        assert meta.get(reader, "a") == "1"


async def test_the_connection_is_set_up_to_lose_nothing(writer: Writer) -> None:
    def work(conn: sqlite3.Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "trusted_schema", "busy_timeout")
        return {name: conn.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    assert await writer.run(work) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
        "busy_timeout": 5000,
    }
    assert logging.getLogger("aiosqlite").level == logging.WARNING


class Stop(BaseException):
    """Not an Exception: `except Exception` lets it through."""


@pytest.mark.parametrize("error", [ValueError("ours"), Stop(), asyncio.CancelledError()], ids=repr)
async def test_an_exception_undoes_the_unit(writer: Writer, error: BaseException) -> None:
    def work(conn: sqlite3.Connection) -> None:
        meta.put(conn, "half", "1")
        raise error

    caught: BaseException | None = None
    try:
        await writer.run(work)
    except type(error) as same:
        caught = same
    assert type(caught) is type(error)
    assert not writer._connection.in_transaction  # which would keep others from writing
    assert await writer.run(keys) == set()
    await writer.run(lambda conn: meta.put(conn, "next", "1"))
    assert await writer.run(keys) == {"next"}


async def test_a_fault_of_ours_stays_what_it_is(writer: Writer) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await writer.run(lambda conn: conn.execute("SELECT * FROM absent"))


async def test_cancelled_tasks_leave_all_or_nothing(writer: Writer) -> None:
    chance = random.Random(4)
    done: list[int] = []

    async def one(number: int) -> None:
        def work(conn: sqlite3.Connection) -> None:
            meta.put(conn, f"{number} first", "1")
            meta.put(conn, f"{number} second", "1")
            if number % 10 == 3:
                raise ValueError("a fault in the middle of others")

        with suppress(ValueError):
            await writer.run(work)
            done.append(number)

    for start in range(0, 200, 50):
        tasks = [asyncio.ensure_future(one(start + number)) for number in range(50)]
        while any(not task.done() for task in tasks):
            if chance.random() < 0.4:
                chance.choice(tasks).cancel()
            # Lets other tasks and the thread's answers in; how far each unit is by then differs.
            await asyncio.sleep(0)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} <= {type(None), asyncio.CancelledError}

    found = await writer.run(keys)
    firsts = {key.split()[0] for key in found if key.endswith("first")}
    assert firsts == {key.split()[0] for key in found if key.endswith("second")}
    assert {str(number) for number in done} <= firsts
    assert not any(number.endswith("3") for number in firsts)
    assert len(done) < len(range(200)) * 0.9  # some were really cancelled


async def test_the_error_of_a_unit_that_nobody_waits_for_is_logged(
    writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    def work(conn: sqlite3.Connection) -> None:
        raise ValueError("GEHEIM")

    task = asyncio.ensure_future(writer.run(work))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await writer.run(keys)
    await asyncio.sleep(0)
    assert "ValueError" in caplog.text
    assert "GEHEIM" not in caplog.text


async def test_close_waits_for_what_is_under_way(path: Path) -> None:
    writer = await Writer.open(path)
    units = [asyncio.ensure_future(writer.run(partial(meta.put, key=f"{n}", value="1"))) for n in range(5)]
    await asyncio.sleep(0)
    await asyncio.gather(writer.close(), writer.close())
    await asyncio.gather(*units)
    with pytest.raises(RuntimeError, match="closed"):
        await writer.run(keys)
    with closing(open_reader(path)) as reader:
        assert keys(reader) == {"0", "1", "2", "3", "4"}


async def test_files_and_folders_are_for_this_user_alone(path: Path) -> None:
    mask = os.umask(0)
    try:
        writer = await Writer.open(path.parent / "deeper" / path.name)
        await writer.run(lambda conn: meta.put(conn, "a", "1"))
    finally:
        os.umask(mask)
    folder = writer.path.parent
    modes = {one.name: mode(one) for one in [path.parent, folder, *folder.iterdir()]}
    await writer.close()
    assert modes == {
        "data": 0o700,
        "deeper": 0o700,
        "coach.db": 0o600,
        "coach.db-wal": 0o600,
        "coach.db-shm": 0o600,
        "coach.db.lock": 0o600,
    }


async def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    await (await Writer.open(path)).close()
    set_mode(path, 0o644)
    set_mode(path.parent, 0o755)
    await (await Writer.open(path)).close()
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o755  # not ours: perhaps a home folder


OPENS = """
import asyncio, pathlib, sys
from storage.errors import StorageError
from storage.writer import Writer
try:
    asyncio.run(Writer.open(pathlib.Path(sys.argv[1])))
except StorageError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("by_link", [False, True], ids=["same path", "symbolic link"])
async def test_a_second_process_is_refused_and_the_first_goes_on(writer: Writer, path: Path, by_link: bool) -> None:
    other = path
    if by_link:
        other = path.parent.parent / "link.db"
        other.symlink_to(path)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OPENS, str(other), env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=-1, stderr=-1
    )
    out, err = await asyncio.wait_for(process.communicate(), 20)
    assert out.decode().startswith("Locked "), err.decode()
    assert err == b""
    await writer.run(lambda conn: meta.put(conn, "a", "1"))
    assert await writer.run(keys) == {"a"}


async def test_a_second_writer_in_this_process_is_refused_until_the_first_closes(writer: Writer, path: Path) -> None:
    with pytest.raises(Locked, match="in use by another coach"):
        await Writer.open(path)
    await writer.close()
    await (await Writer.open(path)).close()


@pytest.mark.parametrize("crashed", [False, True], ids=["closed", "in the WAL only"])
async def test_a_newer_database_is_refused_untouched(path: Path, crashed: bool, tmp_path: Path) -> None:
    await (await Writer.open(path)).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        newer.execute("PRAGMA user_version = 99")
        if not crashed:
            newer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        # Copied while open: the files as a kill leaves them.
        left = bytes_in(path.parent)
    assert bool(left["coach.db-wal"]) == crashed
    copied = tmp_path / "copy" / path.name
    put_files(copied.parent, left)

    with pytest.raises(Newer, match="newer version of the coach"):
        await Writer.open(copied)
    after = bytes_in(copied.parent)
    assert {name: after[name] for name in left} == left
    with pytest.raises(Newer):  # and no lock stays behind
        await Writer.open(copied)


async def test_a_newer_database_of_another_make_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "coach.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE t (a)")
        conn.execute("PRAGMA user_version = 9999")
        conn.commit()
    before = path.read_bytes()
    with pytest.raises(Newer):
        await Writer.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"Beste team,\n" * 500, b"x", b"SQLite format 3\0" + b"\xff" * 4080])
async def test_a_file_that_is_something_else_is_refused_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "brief.txt"
    path.write_bytes(content)
    with pytest.raises(NotADatabase, match=r"brief\.txt"):
        await Writer.open(path)
    assert path.read_bytes() == content


async def test_a_database_of_another_program_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    for version in (0, 1):
        with closing(sqlite3.connect(path)) as conn:
            conn.execute("CREATE TABLE IF NOT EXISTS t (a)")
            conn.execute(f"PRAGMA user_version = {version}")
            conn.commit()
        before = path.read_bytes()
        with pytest.raises(NotADatabase, match="another program"):
            await Writer.open(path)
        assert path.read_bytes() == before


async def test_a_damaged_database_is_refused(path: Path) -> None:
    await (await Writer.open(path)).close()
    content = bytes_in(path.parent)[path.name]
    put_files(path.parent, {path.name: content[:100] + b"\xff" * (len(content) - 100)})
    with pytest.raises(NotADatabase):
        await Writer.open(path)


async def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "coach.db"
    path.touch()
    await (await Writer.open(path)).close()
    with closing(open_reader(path)) as reader:
        assert keys(reader) == set()


async def test_a_path_that_can_not_be_written(tmp_path: Path) -> None:
    put_files(tmp_path, {"file": b""})
    with pytest.raises(Unwritable, match="can't be written"):
        await Writer.open(tmp_path / "file" / "coach.db")
    with pytest.raises(NotADatabase, match="is not a file"):
        await Writer.open(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to what is read-only")
async def test_a_read_only_file_or_folder(path: Path) -> None:
    await (await Writer.open(path)).close()
    set_mode(path.parent, 0o500)
    try:
        with pytest.raises(Unwritable):
            await Writer.open(path.with_name("new.db"))
    finally:
        set_mode(path.parent, 0o700)
    set_mode(path, 0o400)
    with pytest.raises(Unwritable):
        await Writer.open(path)


async def test_a_connection_that_turns_read_only(writer: Writer) -> None:
    await writer._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(Unwritable, match="write access"):
        await writer.run(lambda conn: meta.put(conn, "a", "1"))
    await writer._connection.execute("PRAGMA query_only = OFF")
    await writer.run(lambda conn: meta.put(conn, "b", "1"))
    assert await writer.run(keys) == {"b"}


async def test_a_full_disk_in_the_middle_of_a_unit(writer: Writer) -> None:
    pages = await writer.run(lambda conn: conn.execute("PRAGMA page_count").fetchone()[0])
    await writer.run(lambda conn: conn.execute(f"PRAGMA max_page_count = {pages + 40}").fetchall())
    with pytest.raises(Unwritable, match="No space left"):
        await writer.run(fill)
    assert await writer.run(keys) == set()
    await writer.run(lambda conn: meta.put(conn, "small", "1"))
    await writer.run(lambda conn: conn.execute("PRAGMA max_page_count = 100000").fetchall())
    await writer.run(fill)
    assert await writer.run(keys) == {"small", "first half", "second half"}


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """The system itself refuses what goes beyond, as a full disk does (Python ignores its signal)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_disk_that_refuses_to_write(writer: Writer, path: Path) -> None:
    await writer.run(lambda conn: meta.put(conn, "before", "1"))
    with file_size_limit(path.with_name("coach.db-wal").stat().st_size + 200_000), pytest.raises(Unwritable):
        await writer.run(fill)
    assert await writer.run(keys) == {"before"}
    await writer.run(fill)
    assert await writer.run(lambda conn: conn.execute("PRAGMA integrity_check").fetchone()) == ("ok",)


async def test_a_database_that_can_not_be_made_for_lack_of_space(path: Path) -> None:
    with file_size_limit(4096), pytest.raises(Unwritable):
        await Writer.open(path)
    await (await Writer.open(path)).close()  # once there is space


async def test_messages_are_one_line(path: Path) -> None:
    put_files(path.parent, {path.name: b"x"})
    with pytest.raises(StorageError) as caught:
        await Writer.open(path)
    assert "\n" not in str(caught.value)
