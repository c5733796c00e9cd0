"""What proves to Microsoft who the coach is: read at the start, told to nobody, a clear line where it is missing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.settings import SettingsError, TeamsSection
from bot.transports.teams.rates import Rates
from bot.transports.teams.tokens import FOR_TESTS, Tokens, cloud_of
from tests.chat import START

LOCAL = {"openid_metadata_url": "http://127.0.0.1:1/v1/openidconfiguration", "token_issuer": "http://127.0.0.1:1"}


def section(**keys: Any) -> TeamsSection:
    return TeamsSection(app_id="app", tenant_id="tenant", **keys)


def test_each_way_to_prove_it_is_taken(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush\n", encoding="utf-8")
    for keys in (
        {"client_secret_file": secret},
        {"client_secret": "hush"},
        {"managed_identity": True},
        {"certificate_file": secret, "certificate_key_file": secret},
    ):
        Tokens(section(**keys))


@pytest.mark.parametrize("content", [None, "", "  \n"])
def test_a_secret_that_is_not_there_is_said(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Tokens(section(client_secret_file=file))
    (fault,) = caught.value.faults
    assert str(file) in fault


async def test_an_issuer_for_tests_gets_nothing_that_counts_elsewhere(tmp_path: Path) -> None:
    assert cloud_of(section(client_secret="hush", **LOCAL)).token_issuer == LOCAL["token_issuer"]
    assert cloud_of(section(client_secret="hush")).token_issuer == "https://api.botframework.com"
    assert await Tokens(section(client_secret="hush", **LOCAL)).get() == FOR_TESTS


# How fast ---------------------------------------------------------------------------------------------------------


def posts(rates: Rates, room: str, count: int, every: float = 0.0, start: float = 0.0) -> list[float]:
    """How long each of so many posts must wait, one every so many seconds."""
    return [rates.take(room, START + timedelta(seconds=start + place * every)) for place in range(count)]


def test_seven_a_second_in_a_conversation() -> None:
    rates = Rates()
    assert posts(rates, "a", 8) == [0.0] * 7 + [1.0]
    assert rates.take("b", START) == 0.0
    assert rates.take("a", START + timedelta(seconds=0.75)) == 0.25
    assert rates.take("a", START + timedelta(seconds=1)) == 0.0


def test_sixty_in_half_a_minute() -> None:
    waits = posts(Rates(), "a", 61, every=0.25)
    assert waits[:60] == [0.0] * 60
    assert waits[60] == 15.0


def test_eighteen_hundred_an_hour() -> None:
    waits = posts(Rates(), "a", 1801, every=1.0)
    assert waits[:1800] == [0.0] * 1800
    assert waits[1800] == 1800.0


def test_fifty_a_second_in_all_and_who_waits_does_not_count() -> None:
    rates = Rates()
    assert [rates.take(str(place), START) for place in range(51)] == [0.0] * 50 + [1.0]
    assert [rates.take("x", START) for _ in range(100)] == [1.0] * 100
    assert rates.take("x", START + timedelta(seconds=1)) == 0.0
