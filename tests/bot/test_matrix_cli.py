"""`run`, `login` and `check` where the configuration, the account or the terminal is not right: one clear line on
standard error, exit 2, no traceback, and no connection."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.transports.matrix import account
from bot.transports.matrix.account import Account
from storage.writer import Writer
from tests.bot.process import is_one_clear_line, run

# Nothing listens there.
MATRIX = '[matrix]\nhomeserver = "http://127.0.0.1:9"\nuser_id = "@coach:example.nl"\n'
CLEAN = {key: "" for key in os.environ if key.startswith("OPSCHAALCOACH_")}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(f'[storage]\npath = "data/coach.db"\n[coach]\noperator = "X"\n{MATRIX}')
    return file


def said(command: str, config: Path, *more: str, given: bytes = b"", **environment: str) -> str:
    """What a command says that can't do its work."""
    done = run(command, "--config", str(config), *more, given=given, environment=CLEAN | environment)
    assert (done.returncode, done.stdout) == (2, b""), done
    assert is_one_clear_line(done.stderr), done.stderr
    return done.stderr.decode()


@pytest.mark.parametrize("command", ["run", "login"])
def test_without_a_matrix_section(config: Path, command: str) -> None:
    config.write_text(config.read_text().replace(MATRIX, ""))
    assert "[matrix]" in said(command, config)
    assert not (config.parent / "data").exists()


@pytest.mark.parametrize("command", ["run", "login"])
def test_a_fault_of_the_configuration(config: Path, command: str) -> None:
    config.write_text(config.read_text().replace("http://127.0.0.1:9", "http://matrix.example.nl"))
    assert "[matrix] homeserver" in said(command, config)


@pytest.mark.parametrize("command", ["run", "login"])
def test_without_a_configuration(tmp_path: Path, command: str) -> None:
    assert "none.toml" in said(command, tmp_path / "none.toml")
    done = run(command)
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)
    assert b"--config" in done.stderr


def test_run_before_login_says_to_log_in(config: Path) -> None:
    assert f"opschaalcoach login --config {config}" in said("run", config)


def keep(config: Path, **changes: object) -> Path:
    """An account as `login` leaves it, but for its keys; its store."""
    store = config.parent / "data" / "matrix"
    account.ready_folder(store)
    account.ready_folder(account.keys_folder(store))
    made = datetime(2026, 11, 23, tzinfo=UTC)
    account.save(store, Account("http://127.0.0.1:9", "@coach:example.nl", "DEVICE", "token", "identity", made))
    file = store / "account.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    return store


def test_run_without_the_keys_of_its_device(config: Path) -> None:
    keep(config)
    assert "login --config" in said("run", config)


def test_run_with_an_account_that_cannot_be_read(config: Path) -> None:
    (keep(config) / "account.json").write_text("{")
    told = said("run", config)
    assert "account.json" in told
    assert "login --config" in told


@pytest.mark.parametrize("key", ["homeserver", "user_id"])
def test_run_with_the_account_of_another_configuration(config: Path, key: str) -> None:
    store = keep(config, **{key: "@ander:example.nl"})
    (account.keys_folder(store) / "x").write_bytes(b"x")
    assert "another account" in said("run", config)


@pytest.mark.parametrize("content", [b"", b"geen database" * 100])
def test_run_with_keys_that_cannot_be_read(config: Path, content: bytes) -> None:
    store = keep(config)
    (account.keys_folder(store) / "@coach:example.nl_DEVICE.db").write_bytes(content)
    assert "keys" in said("run", config)


def test_run_with_keys_that_cannot_be_read_says_what_to_do(config: Path) -> None:
    store = keep(config)
    (account.keys_folder(store) / "@coach:example.nl_DEVICE.db").write_bytes(b"geen database" * 100)
    assert "login --config" in said("run", config)


# Login ------------------------------------------------------------------------------------------------------------


def test_login_without_a_terminal_or_a_password_says_how(config: Path) -> None:
    for arguments in ([], ["--new-signing-keys"]):
        told = said("login", config, *arguments, given=b"geheim\n")
        assert "OPSCHAALCOACH_MATRIX__PASSWORD" in told


def test_login_with_a_token_and_no_terminal_says_how(config: Path) -> None:
    assert "OPSCHAALCOACH_MATRIX__ACCESS_TOKEN" in said("login", config, "--token")


@pytest.mark.parametrize("key", ["PASSWORD_FILE", "ACCESS_TOKEN_FILE"])
def test_login_with_a_file_that_is_not_there(config: Path, key: str) -> None:
    told = said("login", config, **{f"OPSCHAALCOACH_MATRIX__{key}": str(config.parent / "none")})
    assert f"OPSCHAALCOACH_MATRIX__{key}" in told


def test_login_with_an_empty_password_file_asks(config: Path) -> None:
    file = config.parent / "secret"
    file.write_text("\n")
    assert "no terminal" in said("login", config, OPSCHAALCOACH_MATRIX__PASSWORD_FILE=str(file))


@pytest.mark.parametrize("how", [{"PASSWORD": "geheim"}, {"ACCESS_TOKEN": "geheim"}])
def test_login_where_no_homeserver_answers_leaves_the_old_device(config: Path, how: dict[str, str]) -> None:
    store = keep(config)
    (account.keys_folder(store) / "old.db").write_bytes(b"old")
    before = (store / "account.json").read_text()
    told = said("login", config, **{f"OPSCHAALCOACH_MATRIX__{key}": value for key, value in how.items()})
    assert "cannot be reached" in told
    assert "geheim" not in told
    assert (store / "account.json").read_text() == before
    assert (account.keys_folder(store) / "old.db").read_bytes() == b"old"


async def test_login_while_a_coach_runs_is_refused_before_anything_is_asked(config: Path) -> None:
    writer = await Writer.open(config.parent / "data" / "coach.db")
    try:
        assert "running" in said("login", config, OPSCHAALCOACH_MATRIX__PASSWORD="geheim")
        assert not (config.parent / "data" / "matrix").exists()
    finally:
        await writer.close()


def test_login_where_the_store_cannot_be_made(config: Path) -> None:
    config.write_text(config.read_text() + 'store = "config.toml/matrix"\n')
    assert "cannot be made" in said("login", config, OPSCHAALCOACH_MATRIX__PASSWORD="geheim")


def test_login_with_certificates_that_are_none(config: Path) -> None:
    config.write_text(config.read_text() + 'ca_file = "config.toml"\n')
    assert "ca_file" in said("login", config, OPSCHAALCOACH_MATRIX__PASSWORD="geheim")


# Check ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_account", [False, True])
def test_check_names_what_is_wrong_with_the_account(config: Path, has_account: bool) -> None:
    if has_account:
        (keep(config) / "account.json").write_text("{")
    done = run("check", "--config", str(config), environment=CLEAN)
    assert (done.returncode, done.stderr) == (1, b"")
    (line,) = done.stdout.decode().splitlines()
    assert line.startswith("[matrix] ")
    assert "login --config" in line
