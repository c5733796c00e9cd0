"""What `login` leaves on the disk after a real login: for its owner only, whatever was there before."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.transports.matrix import account
from tests.homeserver.synapse import Synapse
from tests.transports.coach_process import CoachProcess
from tests.transports.team import Team


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
async def coach(synapse: Synapse, team: Team, tmp_path: Path) -> CoachProcess:
    """A coach with an account, that did not log in yet."""
    return CoachProcess(tmp_path / "coach", synapse.url, await team.account("coach"))


def is_closed(coach: CoachProcess) -> bool:
    """Whether all that login made is for its owner only."""
    store = coach.store
    assert [mode(one) for one in (coach.db.parent, store, store / "keys")] == [0o700] * 3
    assert [mode(one) for one in (coach.db, store / "account.json", store / "signing.json")] == [0o600] * 3
    assert sorted(one.name for one in store.iterdir()) == ["account.json", "keys", "signing.json"]
    assert [one for one in (store / "keys").iterdir() if one.stat().st_size]
    return True


async def test_what_login_leaves_is_for_its_owner_only(coach: CoachProcess) -> None:
    said = await coach.login()
    assert is_closed(coach)
    first = account.load(coach.store, coach.config)
    assert first.device_id in said
    kept = [one.read_text("utf-8") for one in coach.store.glob("*.json")]
    assert not any(coach.account.password in text for text in [*kept, coach.config.read_text("utf-8"), said])
    assert first.access_token not in said

    for one in (coach.store / "account.json", coach.store / "signing.json"):
        one.chmod(0o644)
    coach.store.chmod(0o755)
    (coach.store / "keys").chmod(0o755)
    await coach.login()
    second = account.load(coach.store, coach.config)
    assert second.device_id != first.device_id
    assert [mode(coach.store), mode(coach.store / "keys"), mode(coach.store / "account.json")] == [0o700, 0o700, 0o600]


async def test_seeds_that_others_could_read_are_closed_by_a_login(coach: CoachProcess) -> None:
    await coach.login()
    file = coach.store / "signing.json"
    before = file.read_text("utf-8")
    file.chmod(0o644)
    await coach.login()
    assert (mode(file), file.read_text("utf-8")) == (0o600, before)


async def test_login_with_a_wrong_password_leaves_no_account(coach: CoachProcess) -> None:
    code, out, err = await coach.command(
        "login", "--config", str(coach.config), OPSCHAALCOACH_MATRIX__PASSWORD="verkeerd"
    )
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "verkeerd" not in err
    assert not (coach.store / "account.json").exists()


async def test_login_while_the_coach_runs_is_refused_and_the_coach_goes_on(coach: CoachProcess) -> None:
    await coach.login()
    before = (coach.store / "account.json").read_text("utf-8")
    await coach.start()
    try:
        code, out, err = await coach.command(
            "login", "--config", str(coach.config), OPSCHAALCOACH_MATRIX__PASSWORD=coach.account.password
        )
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert "stop it first" in err
        assert (coach.store / "account.json").read_text("utf-8") == before
        assert await coach.stop() == 0
    finally:
        await coach.close()
