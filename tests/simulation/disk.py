"""The disk of one seed: real SQLite, whose statements and commits fail, and after whose commits the coach may be gone.

Rule: what was committed is there after a crash, and nothing else. After a loss of power the database is as it was some
commits ago: a disk that lost its latest sectors. Only where the chat's position went back with it can nothing be lost
by that, so it is for Matrix alone.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.simulation.world import Crash, World

KEPT = 4  # how many states of before are kept


@dataclass
class Faults:
    """How often something fails: of statements, and of commits."""

    statement: float = 0.0
    commit: float = 0.0
    crash_before: float = 0.0
    crash_after: float = 0.0
    timers: float = 0.0  # of crashes after a commit that set or took away a timer
    keep: float = 0.02  # how often the state is kept, to go back to


class Raw(sqlite3.Connection):
    """A connection whose statements may fail."""

    disk: Disk

    def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:  # type: ignore[override]
        disk = self.disk
        if not disk.armed:
            return super().execute(sql, *more)
        if sql != "COMMIT":
            disk.before_statement(sql)
            return super().execute(sql, *more)
        disk.before_commit()
        found = super().execute(sql)
        disk.after_commit()
        return found

    def executemany(self, sql: str, *more: Any) -> sqlite3.Cursor:  # type: ignore[override]
        if self.disk.armed:
            self.disk.before_statement(sql)
        return super().executemany(sql, *more)


class Connection:
    """What aiosqlite gives, without its thread: units are done one after the other, each a moment after it was asked
    for."""

    def __init__(self, disk: Disk, raw: Raw) -> None:
        self._disk = disk
        self._conn = raw
        self._queue: deque[tuple[asyncio.Future[Any], Callable[[], Any]]] = deque()
        self._busy = False

    async def _execute(self, work: Callable[..., Any], *args: Any) -> Any:
        future = asyncio.get_running_loop().create_future()
        self._queue.append((future, partial(work, *args)))
        self._plan()
        return await future

    def _plan(self) -> None:
        if not self._busy and self._queue:
            self._busy = True
            world, life = self._disk.world, self._disk.life
            world.after(world.chance("hop").random() * 0.004, lambda: self._next(life))

    def _next(self, life: int) -> None:
        if life != self._disk.life:
            return  # the process is gone
        future, work = self._queue.popleft()
        self._disk.armed = True
        try:
            found = work()
        except Crash:
            raise
        except BaseException as error:
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(found)
        finally:
            self._disk.armed = False
        self._busy = False
        self._plan()

    async def close(self) -> None:
        await self._execute(self._conn.close)


class Disk:
    """The coach's data folder. `life` is which process has it."""

    def __init__(self, world: World, folder: Path, *, goes_back: bool) -> None:
        self.world = world
        self.path = folder / "coach.db"
        self.faults = Faults()
        self.life = 0
        self.armed = False
        self.commits = 0
        self._goes_back = goes_back
        self._kept: deque[tuple[int, float, bytes, bytes]] = deque(maxlen=KEPT)
        self._chance = world.chance("disk")
        self._timers = False  # whether this transaction changed one
        self._raw: Raw | None = None

    async def connect(self, path: Path, isolation_level: None = None) -> Connection:
        """In the place of aiosqlite.connect."""
        raw = sqlite3.connect(path, isolation_level=isolation_level, factory=Raw, check_same_thread=False)
        assert isinstance(raw, Raw)
        raw.disk = self
        self._raw = raw
        return Connection(self, raw)

    # While it runs ----------------------------------------------------------------------------------------------------

    def before_statement(self, sql: str) -> None:
        if sql[:6] in ("INSERT", "UPDATE", "DELETE"):
            self._timers = self._timers or "timer" in sql[:40]
            if self._chance.random() < self.faults.statement:
                self.world.note("disk", "full at", sql[:40])
                raise _refusal(sqlite3.SQLITE_FULL)

    def before_commit(self) -> None:
        drawn = self._chance.random()
        if drawn < self.faults.commit:
            self.world.note("disk", "commit fails")
            raise _refusal(sqlite3.SQLITE_IOERR)
        if drawn < self.faults.commit + self.faults.crash_before:
            self.world.note("crash", "before commit", self.commits + 1)
            raise Crash

    def after_commit(self) -> None:
        self.commits += 1
        drawn = self._chance.random()
        often, self._timers = self.faults.timers * self._timers, False
        if drawn < self.faults.crash_after + often:
            self.world.note("crash", "after commit", self.commits)
            raise Crash
        if self._goes_back and self._chance.random() < self.faults.keep:
            self._kept.append((self.commits, self.world.time, *self._files()))

    # When it is gone --------------------------------------------------------------------------------------------------

    def _files(self) -> tuple[bytes, bytes]:
        log = self.path.with_name("coach.db-wal")
        return self.path.read_bytes(), log.read_bytes() if log.exists() else b""

    def closed(self) -> None:
        """The process has ended, and closed it."""
        self.life += 1
        self._raw = None

    def drop(self) -> None:
        """The process is gone: only the files are left, as they are."""
        self.life += 1
        if self._raw is None:
            return
        files = self._files()
        self._leave()  # first, for the last connection that closes takes its log away by name
        self._write(*files)

    def go_back(self, longest: float) -> bool:
        """The power was lost: the database is as it was some commits ago, at most so many seconds; whether it is."""
        able = [one for one in self._kept if one[1] >= self.world.time - longest]
        if not able:
            return False
        commits, at, *files = self._chance.choice(able)
        self.world.note("power", f"back to commit {commits} of {self.commits}, {self.world.time - at:.0f} s ago")
        self._write(*files)
        # What came after it never was.
        self._kept = deque((one for one in self._kept if one[0] <= commits), maxlen=KEPT)
        return True

    def _leave(self) -> None:
        if self._raw is not None:
            with suppress(sqlite3.Error):
                self._raw.close()
            self._raw = None

    def _write(self, database: bytes, log: bytes) -> None:
        """New files of the same names: who still has the old ones open has nothing to do with these."""
        for name, data in (("", database), ("-wal", log), ("-shm", b""), (".lock", b"")):
            file = self.path.with_name(f"coach.db{name}")
            file.unlink(missing_ok=True)
            if data:
                file.write_bytes(data)
                file.chmod(0o600)


def _refusal(code: int) -> sqlite3.OperationalError:
    """What SQLite raises where the disk refuses."""
    error = sqlite3.OperationalError("the disk refuses")
    error.sqlite_errorcode = code
    return error
