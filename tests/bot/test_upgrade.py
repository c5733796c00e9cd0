"""A conversation that began under an older schema goes on as if nothing happened.

Rule: `tests/storage/versions` holds a database of every schema before this one, made by the coach of that time. Who
adds a migration adds one of the schema that it leaves.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.copying import fault
from storage.migrate import migrate, migrations
from tests.bot.process import exported, is_one_clear_line, message, of_type, run, run_lines, sign, texts

STORED = Path(__file__).parents[1] / "storage"
OLD = STORED / "version_1.sql"
VERSIONS = sorted(int(file.stem) for file in (STORED / "versions").glob("*.sql"))
LATEST = migrations()[-1].number


def test_a_conversation_under_the_first_schema_goes_on(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        migrate(conn, path, migrations()[:1])
        conn.executescript(OLD.read_text("utf-8"))
    out = run_lines(path, message("e9", "voldoende", "Bas", at="2026-11-16T10:31:00+01:00", reply_to="m4"))
    assert of_type(out, "reaction")[0]["target"] == "e8"  # what waited to be posted
    assert of_type(out, "done") == [{"type": "done", "id": "e9"}]
    canvas = exported(path)
    assert texts(canvas, "pilot.naam") == ["Jeugdhulp dichtbij"]
    assert [action["owner"] for action in canvas["actions"]] == ["Bas"]
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT count(*) FROM inbox WHERE state = 0").fetchone() == (0,)


def made(path: Path, version: int) -> None:
    """A database as the coach of that version left it."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.executescript((STORED / "versions" / f"{version}.sql").read_text("utf-8"))
        assert conn.execute("PRAGMA user_version").fetchone() == (version,)


def test_there_is_a_database_of_every_earlier_schema() -> None:
    assert [1, *VERSIONS] == list(range(1, LATEST))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_conversation_under_an_earlier_schema_goes_on(path: Path, version: int) -> None:
    made(path, version)
    known = run_lines(path, message("e3", "!antwoord Jeugdhulp dichtbij"))
    assert [one["type"] for one in known][-1:] == ["done"]
    assert texts(exported(path), "pilot.naam") == ["Jeugdhulp dichtbij"]  # once: it was known
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT member, word FROM vote").fetchall() == [("Anna", "voldoende")]
        # What a room has that its schema did not know of, is as in a new room.
        assert conn.execute("SELECT mode, picture, closed, shared, locked FROM room").fetchall() == [
            ("samen", "liggend", 0, 0, 0)
        ]
    out = run_lines(path, sign("e13", "m9", "🟢", "Bas"), sign("e14", "m9", "✅"), message("e15", "!verder"))
    assert len(of_type(out, "done")) == 3
    canvas = exported(path)
    assert canvas["parts"]["impact"]["status"] == "voldoende"  # Anna's vote was there, and Bas's was added
    assert texts(canvas, "impact.impact") == ["kinderen groeien veilig op"]
    assert (canvas["pilot"]["start"], canvas["pilot"]["end"]) == ("2026-09-01", "2027-08-31")
    assert [(one["text"], one["owner"], one["due"]) for one in canvas["actions"]] == [
        ("bel de wijk", "Bas", "2026-12-04")
    ]
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA user_version").fetchone() == (LATEST,)
        assert fault(conn) is None
    with closing(sqlite3.connect(path.with_name(f"coach.db.before-{version + 1}"))) as before:
        assert before.execute("PRAGMA user_version").fetchone() == (version,)
        assert before.execute("SELECT count(*) FROM vote").fetchone() == (1,)


def test_a_database_of_a_newer_version_is_refused_and_stays_as_it_is(path: Path) -> None:
    run_lines(path, message("e1", "!start"))
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute(f"PRAGMA user_version = {LATEST + 1}")
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    for command in (("console", "--jsonl"), ("rooms",), ("backup", "--out", str(path.parent / "x.db"))):
        done = run(command[0], "--db", str(path), *command[1:])
        assert done.returncode == 2
        assert is_one_clear_line(done.stderr)
        assert b"newer version" in done.stderr
    assert path.read_bytes() == before
