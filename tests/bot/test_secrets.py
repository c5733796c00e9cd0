"""No secret is shown by what holds it, and no answer or token gets into a log, however much is logged."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.entering import _secret
from bot.logs import places_of
from bot.settings import SettingsError, load_settings
from bot.transports.matrix.account import Account
from bot.transports.matrix.crosssigning import Seeds
from bot.transports.matrix.login import Proof
from bot.transports.teams.tokens import Tokens
from tests.bot.process import Served, edit, members, message, redact, sign

SECRET = "geheim-9f2c"
CONFIG = f"""
[storage]
path = "coach.db"
[coach]
operator = "Gemeente Voorbeeld"
[matrix]
homeserver = "https://x.nl"
user_id = "@c:x.nl"
proxy = "http://naam:{SECRET}@proxy.nl:3128"
[teams]
app_id = "a"
tenant_id = "t"
client_secret = "{SECRET}"
"""


def shown(one: object) -> str:
    """Everything that a log or an error page may make of it."""
    return f"{one} {one!r} {vars(one) if hasattr(one, '__dict__') and not hasattr(one, 'model_dump') else ''}"


def test_settings_show_no_secret(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    settings = load_settings(tmp_path / "config.toml", {})
    assert SECRET not in shown(settings) + shown(settings.teams) + shown(settings.matrix)
    assert settings.matrix is not None
    assert SECRET in str(settings.matrix.proxy)


@pytest.mark.parametrize(
    "wrong",
    [f'client_secret = ["{SECRET}"]', f'client_secret = "{SECRET}"\nclient_secret_file = "{SECRET}"',
     f'client_secret = "{SECRET}"\nlisten = 7', f'clientsecret = "{SECRET}"', f'client_secret = {SECRET}'],
)  # fmt: skip
def test_faults_of_a_configuration_show_no_secret(tmp_path: Path, wrong: str) -> None:
    text = CONFIG.replace(f'client_secret = "{SECRET}"', wrong).replace(f"naam:{SECRET}@", "")
    (tmp_path / "config.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError) as raised:
        load_settings(tmp_path / "config.toml", {})
    assert SECRET not in str(raised.value)
    assert SECRET not in "".join(traceback.format_exception(raised.value, chain=True))


def test_a_proxy_that_is_none_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG.replace("http://naam", "ftp://naam"), "utf-8")
    with pytest.raises(SettingsError) as raised:
        load_settings(tmp_path / "config.toml", {})
    assert SECRET not in str(raised.value)


def test_what_the_coach_is_known_by_shows_nothing() -> None:
    seed = SECRET.encode().ljust(32, b"x")
    made = datetime(2026, 11, 23, tzinfo=UTC)
    found = [
        Account("https://x.nl", "@c:x.nl", "D", SECRET, "i", made),
        Seeds(seed, seed, seed), Proof(password=SECRET), Proof(access_token=SECRET),
    ]  # fmt: skip
    assert [one for one in found if SECRET in f"{one} {one!r} {[one]}"] == []


def test_tokens_show_no_secret(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    teams = load_settings(tmp_path / "config.toml", {}).teams
    assert teams is not None
    assert SECRET not in repr(Tokens(teams))


def test_a_fault_of_ours_is_logged_without_what_was_in_it() -> None:
    with pytest.raises(ValueError, match=SECRET) as raised:
        raise ValueError(SECRET)
    assert SECRET not in places_of(raised.value)


def test_a_password_from_a_file_that_can_not_be_read_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "wachtwoord"
    file.write_bytes(b"\xff" + SECRET.encode())
    monkeypatch.setenv("OPSCHAALCOACH_MATRIX__PASSWORD_FILE", str(file))
    with pytest.raises(Exception, match="cannot be read") as raised:
        _secret("PASSWORD")
    assert SECRET not in "".join(traceback.format_exception(raised.value))


async def test_no_answer_is_in_any_log(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await served.send(
        members("e0", "Anna", "Bas"), message("e1", "!start"), message("e2", SECRET, reply_to="m2"),
        edit("e3", "e2", f"{SECRET} anders"), sign("e4", "e2", "✍️", sender="Bas"),
        message("e5", f"!actie {SECRET} @Bas"),
        message("e6", f"!{SECRET}"), message("e7", f"!ga {SECRET}"), redact("e8", "e2"), f'{{"{SECRET}"'.encode(),
        message("e9", "!overzicht"), message("e10", SECRET * 4000, reply_to="m2"),
    )  # fmt: skip
    assert SECRET not in caplog.text


async def test_a_turn_that_fails_is_logged_without_what_was_said(
    served: Served, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.conversation import speaking

    def break_down(d: object, event: object) -> None:
        raise ValueError(f"{event}")

    await served.send(message("e1", "!start"))
    monkeypatch.setattr(speaking, "said", break_down)
    await served.send(message("e2", SECRET))
    assert "turn failed" in caplog.text
    assert SECRET not in caplog.text
