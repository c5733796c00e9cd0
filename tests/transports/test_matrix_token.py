"""Logging in with an access token: on a homeserver that takes no passwords, and where the token is not what it should
be.

Rule: a try that fails leaves the coach that was there untouched, and the next try is not worse off for it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.homeserver.proxy import Proxy
from tests.homeserver.synapse import Synapse
from tests.transports.coach_process import CoachProcess
from tests.transports.matrix_room import House
from tests.transports.team import Team

LOGIN = "/_matrix/client/v3/login"
SERVICE = "dienst-token"


@pytest.fixture
async def closed(tmp_path: Path) -> AsyncIterator[Team]:
    """People on a homeserver that takes no passwords. A service of its own logs the coach in there."""
    synapse = Synapse(tmp_path / "synapse")
    file = synapse.folder / "service.yaml"
    users = [{"exclusive": False, "regex": "@coach.*"}]
    service = {"id": "x", "url": None, "as_token": SERVICE, "hs_token": "y", "sender_localpart": "dienst"}
    file.write_text(json.dumps(service | {"namespaces": {"users": users}}), encoding="utf-8")
    synapse.set_config(password_config={"enabled": False}, app_service_config_files=[str(file)])
    await synapse.start()
    team = Team(synapse, tmp_path / "people")
    yield team
    await team.close()
    await synapse.stop()


async def coach_of(team: Team, folder: Path, homeserver: str | None = None) -> CoachProcess:
    """A coach with an account, that did not log in yet."""
    return CoachProcess(folder / "coach", homeserver or team.synapse.url, await team.account("coach"))


async def entered(coach: CoachProcess, *more: str, token: str) -> tuple[int, str]:
    """Log in by a token: the exit code, and the lines that it said."""
    code, out, err = await coach.command(
        "login", "--config", str(coach.config), "--token", *more, OPSCHAALCOACH_MATRIX__ACCESS_TOKEN=token
    )
    assert token not in out + err
    assert (code, out, len(err.splitlines())) == (2, "", 1) or (code, err) == (0, "")
    return code, out + err


async def asked(synapse: Synapse, path: str, body: Mapping[str, object], token: str) -> str:
    """The access token that a request is answered with."""
    status, found = await synapse.request("POST", path, body, token=token)
    assert status == 200, found
    return str(found["access_token"])


async def test_a_homeserver_without_passwords(closed: Team, tmp_path: Path) -> None:
    synapse = closed.synapse
    coach = await coach_of(closed, tmp_path)
    code, _, err = await coach.command("login", "--config", str(coach.config), OPSCHAALCOACH_MATRIX__PASSWORD="geheim")
    assert code == 2
    assert "takes no passwords" in err
    assert "login with --token" in err

    # One that an administrator gets for somebody else has no device.
    path = f"/_synapse/admin/v1/users/{quote(coach.account.user_id)}/login"
    code, said = await entered(coach, token=await asked(synapse, path, {}, synapse.admin_token))
    assert code == 2
    assert "of no session" in said
    assert "issue-compatibility-token" in said

    code, said = await entered(coach, token=coach.account.token)  # as the admin API made it, with the account
    assert code == 0
    assert coach.account.device_id in said
    assert "cross-signed" in said
    assert await coach.check() == (0, "No faults found.\n")
    await coach.start()
    try:
        await House(coach, closed, [await closed.user("anna")]).room(1)
        assert await coach.stop() == 0
    finally:
        await coach.close()

    # Its seeds are gone: other ones would ask for a password, which nobody has here.
    (coach.store / "signing.json").unlink()
    body = {"type": "m.login.application_service", "identifier": {"type": "m.id.user", "user": coach.account.user_id}}
    token = await asked(synapse, LOGIN, body, SERVICE)
    code, said = await entered(coach, token=token)
    assert code == 2
    assert "login with --new-signing-keys" in said
    code, said = await entered(coach, "--new-signing-keys", token=token)  # the same token goes on being good
    assert code == 2
    assert "ask its administrator" in said


async def test_new_signing_keys_by_a_token_where_there_are_passwords(team: Team, tmp_path: Path) -> None:
    coach = await coach_of(team, tmp_path)
    await coach.login()
    (coach.store / "signing.json").unlink()
    code, said = await entered(coach, "--new-signing-keys", token=coach.account.token)
    assert code == 2
    assert "run login with the password" in said
    assert "cross-signed" in await coach.login("--new-signing-keys")


async def test_tokens_that_are_not_right(team: Team, tmp_path: Path) -> None:
    coach, other = await coach_of(team, tmp_path), await team.account("anders")
    for token, why in (("syt_verzonnen", "does not accept that access token"), (other.token, other.user_id)):
        code, said = await entered(coach, token=token)
        assert code == 2
        assert why in said
    assert not (coach.store / "account.json").exists()
    # One of a session that is in use: here its own.
    assert (await entered(coach, token=coach.account.token))[0] == 0
    kept = (coach.store / "account.json").read_text("utf-8")
    code, said = await entered(coach, token=coach.account.token)
    assert code == 2
    assert "has keys already" in said
    assert (coach.store / "account.json").read_text("utf-8") == kept
    assert await coach.check() == (0, "No faults found.\n")


@pytest.mark.parametrize("by_token", [False, True])
async def test_a_login_that_breaks_off_can_be_done_again(team: Team, tmp_path: Path, by_token: bool) -> None:
    proxy = await Proxy(team.synapse.url).start()
    try:
        coach = await coach_of(team, tmp_path, proxy.url)
        lost = proxy.lose_response("/keys/device_signing/upload", method="POST")
        token = coach.account.token if by_token else None
        more = {"ACCESS_TOKEN": token} if token else {"PASSWORD": coach.account.password}
        secret = {f"OPSCHAALCOACH_MATRIX__{name}": value for name, value in more.items()}
        code, _, err = await coach.command("login", "--config", str(coach.config), **secret)
        assert (code, lost.times) == (2, 0)
        assert "cannot be reached: no connection" in err
        assert not (coach.store / "account.json").exists()
        code, out, err = await coach.command("login", "--config", str(coach.config), **secret)
        assert (code, err) == (0, "")
        assert "cross-signed" in out
        assert (coach.account.device_id in out) is by_token
        assert sorted(one.name for one in coach.store.iterdir()) == ["account.json", "keys", "signing.json"]
    finally:
        await proxy.stop()
