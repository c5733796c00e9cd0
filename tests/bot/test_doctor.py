"""`check` as a doctor: each fault of a machine in a line that says how to mend it, and no word about what is well."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from bot import doctor
from bot.render import fonts
from bot.settings import load_settings
from bot.transports.matrix import account
from bot.transports.matrix.account import Account
from storage import rooms
from storage.migrate import migrate, migrations
from tests.bot.process import run

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MATRIX = '[matrix]\nhomeserver = "https://matrix.invalid"\nuser_id = "@coach:matrix.invalid"\n'


class Still(NamedTuple):
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


class Machine:
    """A configuration and a database, on a machine that a test spoils."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.db = folder / "data" / "coach.db"
        self.configure()

    def configure(self, storage: str = "", more: str = "") -> None:
        self.config.write_text(
            f'[storage]\npath = "data/coach.db"\n{storage}\n[coach]\noperator = "Gemeente Voorbeeld"\n{more}'
        )

    def make(self) -> None:
        self.db.parent.mkdir(mode=0o700)
        with closing(sqlite3.connect(self.db, isolation_level=None)) as conn:
            migrate(conn, self.db, migrations())
        self.db.chmod(0o600)

    def execute(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.db, isolation_level=None)) as conn:
            conn.execute(statement, values)

    def faults(self, at: datetime = NOW) -> list[str]:
        return doctor.faults(load_settings(self.config, {}), self.config, Still(at))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_that_is_well_gets_no_word(machine: Machine) -> None:
    assert machine.faults() == []
    machine.make()
    machine.configure('backup_folder = "backups/deep"')
    assert machine.faults() == []
    assert not (machine.folder / "backups").exists()  # it looks, and makes nothing
    assert run("check", "--offline", "--config", str(machine.config)).stdout == b"No faults found.\n"


def test_a_database_of_an_earlier_version_is_no_fault(machine: Machine) -> None:
    machine.db.parent.mkdir()
    with closing(sqlite3.connect(machine.db, isolation_level=None)) as conn:
        migrate(conn, machine.db, migrations()[:1])
    assert machine.faults() == []


@pytest.mark.parametrize("what", ["text", "newer", "folder"])
def test_a_database_that_can_not_be_used(machine: Machine, what: str) -> None:
    if what == "text":
        machine.db.parent.mkdir()
        machine.db.write_text("no database" * 50)
    elif what == "newer":
        machine.make()
        machine.execute(f"PRAGMA user_version = {migrations()[-1].number + 1}")
    else:
        machine.db.mkdir(parents=True)
    (found,) = machine.faults()
    assert found.startswith("[storage] path: ")


def test_a_clock_that_is_behind(machine: Machine) -> None:
    machine.make()
    last = int((NOW + timedelta(hours=1)).timestamp() * 1_000_000)
    with closing(sqlite3.connect(machine.db, isolation_level=None)) as conn:
        rooms.ensure(conn, "matrix", "!a")
    machine.execute("UPDATE room SET last_at = ?", last)
    (found,) = machine.faults()
    assert "set the clock" in found
    assert machine.faults(NOW + timedelta(hours=1)) == []
    assert "clock" in machine.faults(datetime(1970, 1, 1, tzinfo=UTC))[0]


def test_little_room_on_the_disk(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(machine.folder)._replace(free=doctor.LEAST_FREE - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    (found,) = machine.faults()
    assert "free 200 MB" in found
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=doctor.LEAST_FREE))
    assert machine.faults() == []


def test_a_folder_of_backups_that_is_a_file(machine: Machine) -> None:
    (machine.folder / "backups").write_text("mine")
    machine.configure('backup_folder = "backups"')
    (found,) = machine.faults()
    assert found.startswith("[storage] backup_folder: ")


def test_a_folder_that_this_user_may_not_write_in(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.make()
    machine.configure('backup_folder = "backups/deep"')
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) not in (machine.folder, machine.db))
    found = machine.faults()
    assert any("can't be written by this user: run the coach as its owner" in one for one in found)
    assert any(one.startswith("[storage] backup_folder: ") and "can't be made in" in one for one in found)


def test_a_backup_that_was_put_back_wants_a_new_device(machine: Machine) -> None:
    machine.make()
    machine.configure(more=MATRIX)
    machine.execute("INSERT INTO meta VALUES ('backup restored', ?)", NOW.isoformat())
    store = machine.db.parent / "matrix"
    store.mkdir(mode=0o700)
    assert machine.faults() == []  # no account at all is told of with the account
    for made, told in ((NOW - timedelta(days=1), 1), (NOW + timedelta(days=1), 0)):
        account.save(store, Account("https://matrix.invalid", "@coach:matrix.invalid", "D", "t", "i", made))
        assert len([one for one in machine.faults() if "opschaalcoach login" in one]) == told


def test_what_draws_is_looked_at(machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "folders", lambda: (tmp_path / "empty",))
    assert "no fonts" in machine.faults()[0]
    monkeypatch.setattr(doctor, "missing", lambda: ["typst"])
    assert "typst not installed" in machine.faults()[0]


def test_a_zone_that_is_not_known() -> None:
    assert "tzdata" in next(iter(doctor._zone("Europe/Nergens")))


def test_offline_leaves_the_network_out(machine: Machine) -> None:
    teams = '[teams]\napp_id = "a"\ntenant_id = "t"\nclient_secret = "x"\n'
    machine.configure(more=MATRIX + teams)
    machine.config.chmod(0o600)
    assert run("check", "--offline", "--config", str(machine.config)).stdout == b"No faults found.\n"
