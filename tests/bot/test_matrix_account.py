"""What `login` leaves behind: for its owner only, whole or not at all; and what `run` says where it is not right."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.transports.matrix import account
from bot.transports.matrix.account import Account, AccountError, keys_folder, ready_folder, signing_file, write_secret
from bot.transports.matrix.crosssigning import Seeds

KNOWN = Account("https://x.nl", "@coach:x.nl", "DEVICE", "syt_geheim", "identity", datetime(2026, 11, 23, tzinfo=UTC))
CONFIG = Path("config.toml")


@pytest.fixture(autouse=True)
def open_handed() -> Iterator[None]:
    """A process that by itself would let everybody read what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder with an account and keys."""
    store = tmp_path / "matrix"
    ready_folder(store)
    ready_folder(keys_folder(store))
    (keys_folder(store) / "keys.db").write_bytes(b"x")
    account.save(store, KNOWN)
    return store


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_account_comes_back_as_it_was(store: Path) -> None:
    assert account.load(store, CONFIG) == KNOWN


def test_what_is_kept_is_for_its_owner_only(store: Path) -> None:
    Seeds.make().save(signing_file(store))
    assert [mode(path) for path in (store, keys_folder(store))] == [0o700, 0o700]
    assert [mode(store / "account.json"), mode(signing_file(store))] == [0o600, 0o600]
    assert sorted(path.name for path in store.iterdir()) == ["account.json", "keys", "signing.json"]


def test_what_others_could_read_is_closed_to_them(store: Path) -> None:
    for path, wrong in ((store, 0o755), (store / "account.json", 0o644), (keys_folder(store), 0o777)):
        path.chmod(wrong)
    ready_folder(store)
    ready_folder(keys_folder(store))
    account.save(store, KNOWN)
    assert [mode(path) for path in (store, keys_folder(store), store / "account.json")] == [0o700, 0o700, 0o600]


def test_every_folder_that_is_made_is_for_its_owner_only(tmp_path: Path) -> None:
    ready_folder(tmp_path / "a" / "b" / "c")
    assert [mode(tmp_path / name) for name in ("a", "a/b", "a/b/c")] == [0o700] * 3


def test_a_folder_that_was_there_above_it_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o755)
    ready_folder(tmp_path / "a" / "b")
    assert mode(tmp_path / "a") == 0o755


def test_no_token_is_shown() -> None:
    assert "geheim" not in f"{KNOWN!r} {KNOWN}"


# Written whole or not at all ----------------------------------------------------------------------------------------


def test_what_an_earlier_attempt_left_is_no_hindrance_and_no_way_in(tmp_path: Path) -> None:
    file, part, target = tmp_path / "account.json", tmp_path / "account.json.part", tmp_path / "elsewhere"
    file.write_text("old")
    part.symlink_to(target)
    write_secret(file, "new")
    assert (file.read_text(), target.exists(), part.exists()) == ("new", False, False)


@pytest.mark.parametrize("text", ["x" * 100, "\ud800"])
def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path, text: str) -> None:
    file = tmp_path / "account.json"
    file.write_text("old")
    (tmp_path / "account.json.part").mkdir()
    with pytest.raises((AccountError, UnicodeEncodeError)) as caught:
        write_secret(file, text)
    assert file.read_text() == "old"
    assert str(file) in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(AccountError, match="cannot be made"):
        ready_folder(tmp_path / "file" / "matrix")


# Read -------------------------------------------------------------------------------------------------------------


def spoiled(**changes: Any) -> str:
    values = {"homeserver": "https://x.nl", "user_id": "@c:x", "device_id": "D", "access_token": "t", "identity": "i"}
    values |= {"made_at": "2026-11-23T00:00:00+00:00"} | changes
    return json.dumps({key: value for key, value in values.items() if value is not ...})


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "7", "null", '"x"', "{}", "\x00", spoiled(made_at="toen"), spoiled(made_at=7),
        spoiled(made_at=...), spoiled(user_id=...), spoiled(more="x"),
    ],
)  # fmt: skip
def test_an_account_that_cannot_be_read_says_what_to_do(store: Path, text: str) -> None:
    (store / "account.json").write_text(text)
    with pytest.raises(AccountError) as caught:
        account.load(store, CONFIG)
    said = str(caught.value)
    assert "\n" not in said
    assert "account.json" in said
    assert "opschaalcoach login --config config.toml" in said


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_an_account_of_another_kind_says_what_to_do(store: Path, content: bytes | None) -> None:
    (store / "account.json").unlink()
    if content is None:
        (store / "account.json").mkdir()
    else:
        (store / "account.json").write_bytes(content)
    with pytest.raises(AccountError, match="cannot be read"):
        account.load(store, CONFIG)


@pytest.mark.parametrize("gone", ["folder", "files"])
def test_keys_that_are_gone_are_missed(store: Path, gone: str) -> None:
    (keys_folder(store) / "keys.db").unlink()
    if gone == "folder":
        keys_folder(store).rmdir()
    with pytest.raises(AccountError, match=r"keys .* are gone"):
        account.load(store, CONFIG)


def test_without_an_account_it_says_to_log_in(tmp_path: Path) -> None:
    with pytest.raises(AccountError, match=r"no device .* login --config config\.toml"):
        account.load(tmp_path / "none", CONFIG)


# The seeds that sign ------------------------------------------------------------------------------------------------


def test_seeds_come_back_as_they_were_and_are_new_each_time(tmp_path: Path) -> None:
    one, file = Seeds.make(), tmp_path / "signing.json"
    assert Seeds.load(file) is None
    one.save(file)
    assert Seeds.load(file) == one
    assert len({one.master, one.self_signing, one.user_signing, *vars_of(Seeds.make())}) == 6


def vars_of(seeds: Seeds) -> tuple[bytes, bytes, bytes]:
    return seeds.master, seeds.self_signing, seeds.user_signing


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "7", '{"master": "AAAA", "self_signing": "AAAA", "user_signing": "AAAA"}',
             '{"master": 7, "self_signing": 7, "user_signing": 7}', '{"master": "é"}']
)  # fmt: skip
def test_seeds_that_cannot_be_read_are_never_replaced_in_silence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "signing.json"
    file.write_text(text)
    with pytest.raises(AccountError, match=r"signing\.json cannot be read"):
        Seeds.load(file)
    assert file.read_text() == text
