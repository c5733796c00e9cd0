"""A conversation that began under an older schema goes on as if nothing happened."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.migrate import migrate, migrations
from tests.bot.process import exported, message, of_type, run_lines, texts

OLD = Path(__file__).parents[1] / "storage" / "version_1.sql"


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
