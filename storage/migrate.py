"""Brings a database to this version's schema.

Rule: each numbered file is one transaction together with its `user_version`, after a backup; an empty database, which
has nothing to go back to, gets all of them in one.

A database of a newer version, or of another program, is refused before anything is written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from storage.copying import copy_into
from storage.errors import Newer, NotADatabase, StorageError, explain

_FOLDER = Path(__file__).parent / "migrations"
_APPLICATION = 0x4F705363  # as in 0001_first.sql


@dataclass(frozen=True, slots=True)
class Migration:
    """The SQL that makes schema `number` of the one before it."""

    number: int
    sql: str


@cache
def migrations() -> tuple[Migration, ...]:
    """All of this version, in order. RuntimeError where a number is missing or double."""
    files = sorted(_FOLDER.glob("*.sql"))
    if [int(file.name[:4]) for file in files] != list(range(1, len(files) + 1)):
        raise RuntimeError("the migrations are not numbered 0001, 0002, ... without gaps")
    return tuple(Migration(int(file.name[:4]), file.read_text(encoding="utf-8")) for file in files)


def version(conn: sqlite3.Connection, path: Path, latest: int) -> int:
    """The schema number of a database, 0 for an empty one;

    only reads. Newer and NotADatabase where it is not for this version.
    """
    number: int = conn.execute("PRAGMA user_version").fetchone()[0]
    if number > latest:
        raise Newer(
            f"{path} was made by a newer version of the coach (schema {number}, this one knows {latest}): "
            "install that version, or give another path."
        )
    empty = conn.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None
    if number == 0 and empty:
        return 0
    if number < 1 or conn.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise NotADatabase(f"{path} is a database of another program: give another path.")
    return number


def migrate(conn: sqlite3.Connection, path: Path, steps: Sequence[Migration]) -> None:
    """Applies what is missing; leaves foreign_keys OFF. `conn` has isolation_level None and no open transaction.

    StorageError (with what the database was left as) where a step fails: that step is undone, the backup stays; of
    an empty database all is undone.
    """
    number = version(conn, path, steps[-1].number)
    missing = [step for step in steps if step.number > number]
    if not missing:
        return
    if number:
        _backup(conn, path, missing[0].number)
    # Off, or a step that makes a table anew would delete, with the old one, every row that refers to it.
    conn.execute("PRAGMA foreign_keys = OFF")
    # Each commit waits for the disk, and a database that is made is waited for.
    for together in [[step] for step in missing] if number else [missing]:
        _apply(conn, path, together)


def _apply(conn: sqlite3.Connection, path: Path, steps: Sequence[Migration]) -> None:
    """All of the steps, or none."""
    step = steps[0]
    try:
        conn.execute("BEGIN IMMEDIATE")
        for step in steps:
            for statement in _statements(step.sql):
                conn.execute(statement)
            conn.execute(f"PRAGMA user_version = {step.number}")
            if conn.execute("PRAGMA foreign_key_check").fetchone():
                raise sqlite3.IntegrityError("rows refer to what is not there")
        conn.execute("COMMIT")
    except sqlite3.Error as error:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise explain(error, path) or StorageError(
            f"Migration {step.number} of {path} failed ({error}): the database is as it was before migration "
            f"{steps[0].number}; go back to the version before, and report this."
        ) from error


def _statements(sql: str) -> Iterator[str]:
    """The statements of a file. `executescript` would commit what is open: the steps before it."""
    statement = ""
    for part in sql.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):  # not within a text, a comment or a trigger
            yield statement
            statement = ""
    yield statement  # what was not ended is a fault, or a comment


def _backup(conn: sqlite3.Connection, path: Path, number: int) -> None:
    """A whole copy as `path`.before-`number`, in place of one of an earlier attempt; without what is held back."""
    copy_into(conn, path.with_name(f"{path.name}.before-{number}"))
