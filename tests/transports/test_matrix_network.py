"""The way to the homeserver: https with an own certificate authority, and through a proxy.

Rule: what an administrator has to mend is one clear line that says how; `run` tries on, and goes on once the way is
open again.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.settings import SettingsError, load_settings
from tests.homeserver.proxy import Proxy
from tests.homeserver.relay import Relay
from tests.homeserver.synapse import Synapse
from tests.homeserver.tls import Authority, Terminator
from tests.homeserver.tunnel import Tunnel
from tests.transports.coach_process import CoachProcess
from tests.transports.fault_room import until
from tests.transports.matrix_room import CoachedRoom, House
from tests.transports.team import Team

NAME = "matrix.voorbeeld.test"  # known to no name server: only a proxy of the tests finds it
WAITING = "trying on"


class Site:
    """A homeserver behind TLS and proxies, and coaches that reach it in different ways."""

    def __init__(self, synapse: Synapse, team: Team, folder: Path, stack: AsyncExitStack) -> None:
        self.synapse = synapse
        self.team = team
        self.authority = Authority(folder)
        self._folder = folder
        self._stack = stack

    async def up(self, relay: Relay) -> None:
        """Start something that stands between, until the end of the test."""
        await relay.up()
        self._stack.push_async_callback(relay.down)

    async def tls(self, *names: str, expired: bool = False) -> Terminator:
        """The homeserver over https, with a certificate of the authority for these names."""
        certificate = self.authority.certificate(*(names or ("127.0.0.1",)), expired=expired)
        front = Terminator(self.synapse.port, certificate)
        await self.up(front)
        return front

    async def tunnel(self, **more: str) -> Tunnel:
        """A proxy that finds the homeserver by its name, over https, and by its own address, over http."""
        front = await self.tls(NAME)
        tunnel = Tunnel({NAME: front.port, "127.0.0.1": self.synapse.port}, **more)
        await self.up(tunnel)
        return tunnel

    async def coach(self, homeserver: str, **matrix: str) -> CoachProcess:
        """A coach of its own, that did not log in yet."""
        coach = CoachProcess(self._folder / "coach", homeserver, await self.team.account("coach"), **matrix)
        self._stack.push_async_callback(coach.close)
        return coach

    async def named(self, **matrix: str) -> CoachProcess:
        """One whose homeserver has a name and a certificate of the authority."""
        return await self.coach(f"https://{NAME}", ca_file=str(self.authority.file), **matrix)

    async def room(self, coach: CoachProcess) -> CoachedRoom:
        """An encrypted room with somebody, where the coach asked its first question."""
        return await House(coach, self.team, [await self.team.user("anna")]).room(1)


@pytest.fixture
async def site(synapse: Synapse, team: Team, tmp_path: Path) -> AsyncIterator[Site]:
    """A homeserver, and ways to it."""
    async with AsyncExitStack() as stack:
        yield Site(synapse, team, tmp_path, stack)


async def told(coach: CoachProcess, command: str = "login", *more: str, **environment: str) -> str:
    """The one line of a command that can't do its work."""
    secret = {"OPSCHAALCOACH_MATRIX__PASSWORD": coach.account.password} | environment
    code, out, err = await coach.command(command, "--config", str(coach.config), *more, **secret)
    said = out if command == "check" else err
    assert (code, out + err) == (1 if command == "check" else 2, said)
    assert len(said.splitlines()) == 1, said
    assert coach.account.password not in said
    return said


async def works(coach: CoachProcess, site: Site) -> CoachedRoom:
    """Log in, check, run, and talk; the room where that was."""
    assert "cross-signed" in await coach.login()
    assert await coach.check() == (0, "No faults found.\n")
    await coach.start()
    room = await site.room(coach)
    answer = await room.anna.reply(room.id, (await room.question("pilot.naam")).id, "Slim zoeken")
    await room.marked(answer)
    return room


# An own certificate authority ------------------------------------------------------------------------------------


async def test_https_with_an_own_authority(site: Site) -> None:
    front = await site.tls()
    coach = await site.coach(front.url, ca_file="../own-ca.pem")  # from the configuration file on
    await works(coach, site)
    assert front.came
    assert await coach.stop() == 0
    assert len(coach.said) == 2  # that it ran, and that it stopped


async def test_an_authority_that_the_machine_does_not_know(site: Site) -> None:
    front = await site.tls()
    coach = await site.coach(front.url)
    line = await told(coach)
    assert "certificate is not trusted" in line
    assert "[matrix] ca_file" in line
    assert not (coach.store / "account.json").exists()
    coach.configure(ca_file=str(site.authority.file))
    await coach.login()

    coach.configure()
    line = await told(coach, "check")
    assert "certificate is not trusted" in line
    assert "[matrix] ca_file" in line

    before = front.came
    await coach.start()
    await until(lambda: WAITING in coach.said[-1])
    assert "certificate is not trusted; set [matrix] ca_file" in coach.said[-1]
    assert front.came - before <= 6  # what it wants at the start, and three tries
    before, moment = front.came, time.monotonic()
    await until(lambda: front.came >= before + 2)
    assert time.monotonic() - moment > 0.5  # it takes its time: 1 to 2 seconds here, then 2 to 4
    assert await coach.stop() == 0
    assert len(coach.said) == 3


@pytest.mark.parametrize(
    ("names", "expired", "why"), [((), True, "expired"), (("elders.voorbeeld.test",), False, "another name")]
)
async def test_a_certificate_that_is_not_right(site: Site, names: tuple[str, ...], expired: bool, why: str) -> None:
    front = await site.tls(*names, expired=expired)
    line = await told(await site.coach(front.url, ca_file=str(site.authority.file)))
    assert why in line
    assert "ca_file" not in line  # that would not help


async def test_https_where_the_homeserver_speaks_http(site: Site) -> None:
    front = await Proxy(site.synapse.url).start()
    try:
        line = await told(await site.coach(front.url.replace("http:", "https:")))
    finally:
        await front.stop()
    assert "speaks no TLS" in line


async def test_a_ca_file_that_is_none(site: Site) -> None:
    coach = await site.coach(site.synapse.url)
    await coach.login()
    (coach.folder / "none.pem").write_text("geen certificaat")
    none, away = ("none.pem", "no file of certificates (PEM)"), ("away.pem", "cannot be read")
    for command, (file, why) in (("login", away), ("login", none), ("check", none), ("run", none)):
        coach.configure(ca_file=file)
        line = await told(coach, command)
        assert "[matrix] ca_file" in line
        assert why in line
        assert "login" not in line  # that would not help


# Through a proxy -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "refuses"), [("http", 0), ("socks5", 403)])
async def test_through_a_proxy_to_a_homeserver_with_an_own_authority(site: Site, scheme: str, refuses: int) -> None:
    tunnel = await site.tunnel()
    coach = await site.named(proxy=f"{scheme}://{tunnel.address}")
    room = await works(coach, site)
    assert set(tunnel.made) == {NAME}  # the coach can find that name in no other way: all went through
    # The proxy goes away, or it refuses; and it helps again.
    await tunnel.down()
    before, tunnel.refuses = tunnel.came, refuses
    if refuses:
        await tunnel.up()
    question = await room.question("pilot.naam")
    answer = await room.anna.reply(room.id, question.id, "Slimmer zoeken")
    await until(lambda: WAITING in coach.said[-1])
    assert ("the proxy does not let it through" if refuses else "the proxy cannot be reached") in coach.said[-1]
    assert tunnel.came - before <= 6  # three tries to read, and those to write
    tunnel.refuses = 0
    await tunnel.up()
    await room.marked(answer)
    assert await coach.stop() == 0
    assert len(coach.said) == 3
    await tunnel.down()
    assert "the proxy cannot be reached" in await told(coach, "check")


async def test_through_a_proxy_to_a_homeserver_over_http(site: Site) -> None:
    tunnel = await site.tunnel(password="beheer:geheim@1")
    coach = await site.coach(site.synapse.url, proxy=f"http://beheer:geheim%401@{tunnel.address}")
    said = await coach.login()
    assert tunnel.made
    assert len(tunnel.made) == tunnel.came
    assert "geheim@1" not in said
    coach.configure(proxy=f"http://beheer:geraden@{tunnel.address}")
    for command in ("login", "check"):
        line = await told(coach, command)
        assert "the proxy wants a name and a password" in line
        assert "geraden" not in line


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_does_not_help(site: Site, scheme: str) -> None:
    tunnel = await site.tunnel()
    coach = await site.named(proxy=f"{scheme}://{tunnel.address}")
    tunnel.refuses = 403
    assert "the proxy does not let it through" in await told(coach)
    tunnel.refuses, tunnel.mumbles = 0, True
    assert "the proxy" in await told(coach)
    await tunnel.down()
    assert "the proxy cannot be reached" in await told(coach)


# What the configuration takes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("homeserver", "https://matrix.example.nl/_matrix"), ("homeserver", "http://matrix.example.nl"),
        ("homeserver", "http://192.168.1.4:8008"), ("homeserver", "https://matrix.example.nl:99999"),
        ("homeserver", "https://coach:geheim@matrix.example.nl"), ("homeserver", "https://matrix.example.nl#x"),
        ("proxy", "http://proxy.example.nl"), ("proxy", "http://:3128"), ("proxy", "socks5://proxy.example.nl:0"),
        ("proxy", "socks5://proxy.example.nl:99999"), ("proxy", "https://proxy.example.nl:3128"),
        ("proxy", "http://coach:geheim@proxy.example.nl"),
    ],
)  # fmt: skip
def test_addresses_that_lead_nowhere(tmp_path: Path, key: str, value: str) -> None:
    file = tmp_path / "config.toml"
    values = {"homeserver": "https://matrix.example.nl", "user_id": "@coach:example.nl", key: value}
    lines = "\n".join(f'{name} = "{given}"' for name, given in values.items())
    file.write_text(f'[storage]\npath = "coach.db"\n[coach]\noperator = "X"\n[matrix]\n{lines}\n')
    with pytest.raises(SettingsError) as caught:
        load_settings(file, {})
    (fault,) = caught.value.faults
    assert f"[matrix] {key}" in fault
    assert 'such as "' in fault or "use https" in fault
    assert "geheim" not in fault
