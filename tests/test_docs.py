"""What the documents point at is there: the tests that they name, and the files that they link to."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from storage.migrate import migrate, migrations

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LINK = re.compile(r"(?<!`)\[[^\]`]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda one: one.name)
def test_the_tests_that_a_page_names_are_there(page: Path) -> None:
    for file, name in NAMED.findall(page.read_text("utf-8")):
        source = ROOT / file
        assert source.is_file(), file
        assert re.search(rf"^(async )?def {name}\(", source.read_text("utf-8"), re.MULTILINE), f"{file}::{name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda one: one.name)
def test_the_files_that_a_page_links_to_are_there(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if not re.match(r"[a-z]+:|#", target):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_the_threat_model_names_a_test_for_each_input() -> None:
    table = (ROOT / "docs/threat-model.md").read_text("utf-8").partition("| input |")[2].splitlines()[2:]
    rows = [line for line in table if line.startswith("|")]
    assert len(rows) > 20
    assert [row for row in rows if not NAMED.search(row)] == []


@pytest.mark.parametrize("page", ["docs/privacy.md", "docs/nl/privacy.md"])
def test_every_table_is_in_the_privacy_pages(page: str, tmp_path: Path) -> None:
    """What is kept is told table by table: a new one must be told of too."""
    conn = sqlite3.connect(tmp_path / "coach.db", isolation_level=None)
    migrate(conn, tmp_path / "coach.db", migrations())
    tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()}
    conn.close()
    told = set(re.findall(r"`(\w+)`", (ROOT / page).read_text("utf-8")))
    assert len(tables) > 20
    assert not tables - told
