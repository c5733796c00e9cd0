"""`/healthz` and `/metrics`: what they say of a coach that is well, of one that is not, and in which form."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot import health, running
from bot.backups import Backups
from bot.cli import UsageError
from bot.clock import SystemClock
from bot.health import Metric, Watch, as_text
from bot.serving import Service
from bot.settings import HealthSection, SettingsError, load_settings
from flows.conversation.effects import Say
from flows.conversation.events import Said
from storage import inbox, outbox, rooms
from tests.bot.outgoing import DEADLINE, NOON
from tests.bot.process import ROOT
from tests.bot.served_rooms import Rooms

NAME, LABEL = r"[a-zA-Z_:][a-zA-Z0-9_:]*", r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)")


def parsed(text: str) -> dict[str, float]:
    """Prometheus' text format, read strictly: every sample by its name and labels. Each metric has its help and its
    type once, before its samples, which stand together."""
    assert text.endswith("\n")
    found: dict[str, float] = {}
    told: list[str] = []
    lines = iter(text.removesuffix("\n").split("\n"))
    for line in lines:
        if head := re.fullmatch(rf"# HELP ({NAME}) ([^\n]+)", line):
            name = head[1]
            assert name not in told
            told.append(name)
            kind = re.fullmatch(rf"# TYPE {name} (gauge|counter)", next(lines))
            assert kind
            assert (kind[1] == "counter") == name.endswith("_total")
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        assert sample[1] == told[-1]
        assert line.rsplit(" ", 1)[0] not in found
        found[line.rsplit(" ", 1)[0].removeprefix("opschaalcoach_")] = float(sample[3])
    return found


class Watched:
    """A coach that is watched. `synced` is when its chat was heard of last."""

    def __init__(self, rooms_: Rooms) -> None:
        self.rooms = rooms_
        self.synced = NOON
        coach = rooms_.coach
        nothing = _nothing
        self.service = Service(coach, {}, nothing, nothing, lambda: self.synced)
        self.backups = Backups(rooms_.writer, rooms_.clock)
        self.watch = Watch(rooms_.writer, [self.service], self.backups, rooms_.clock)

    async def figures(self) -> dict[str, float]:
        return parsed(as_text(await self.watch.metrics()))


async def _nothing() -> None:
    """Nothing to do."""


@pytest.fixture
async def watched(path: Path) -> AsyncIterator[Watched]:
    team = await Rooms(path).start()
    yield Watched(team)
    await team.stop()


async def test_a_coach_that_is_well_says_so(watched: Watched) -> None:
    assert await watched.watch.reasons() == []


async def test_a_sync_that_is_long_ago_is_a_reason(watched: Watched) -> None:
    watched.rooms.clock.at = NOON + health.STALE
    assert await watched.watch.reasons() == []
    watched.rooms.clock.at += timedelta(seconds=1)
    assert await watched.watch.reasons() == ["matrix: nothing was heard of the homeserver for 361 seconds"]


async def test_a_database_that_can_not_be_written_is_a_reason(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watched.rooms.writer._connection.execute("PRAGMA query_only = ON")
    assert await watched.watch.reasons() == ["the database can't be written (Unwritable)"]
    await watched.rooms.writer._connection.execute("PRAGMA query_only = OFF")
    monkeypatch.setattr(health, "SLOWEST_WRITE", 0.0)
    assert await watched.watch.reasons() == ["the database took nothing for 0 seconds"]


async def test_the_figures_of_a_coach_at_work(watched: Watched, tmp_path: Path) -> None:
    team = watched.rooms
    await team.group("!a")
    await team.group("!b")
    await team.receive(team.put_out("!b"))
    team.clock.at += timedelta(minutes=10)
    before = await watched.figures()
    assert before['rooms{transport="matrix"}'] == 2
    assert before["rooms_parked"] == 1
    assert before['turns_total{transport="matrix"}'] >= 4
    assert before['sync_age_seconds{transport="matrix"}'] == int((team.clock.at - NOON).total_seconds())
    assert before["outbox_oldest_seconds"] == 0
    assert "backup_age_seconds" not in before
    real = team.path.stat().st_size
    assert before["database_bytes"] >= real

    def leave(conn: sqlite3.Connection) -> None:
        room = rooms.ensure(conn, "matrix", "!a")
        other = rooms.ensure(conn, "matrix", "!b")
        for number, (where, ago) in enumerate([(room, 60), (room, 30), (other, 9_000)]):
            at = team.clock.at - timedelta(seconds=ago)
            outbox.add(conn, where, f"key {number}", Say(900 + number, "info", None, "x"), at)
        outbox.aside(conn, outbox.add(conn, room, "key 9", Say(909, "info", None, "x"), team.clock.at))
        for number in range(3):
            inbox.add(conn, room, Said(f"new {number}", team.clock.at, "@anna:x", "x"), team.clock.at)

    await team.writer.run(leave)
    await watched.backups.make(tmp_path / "backup.db")
    team.clock.at += timedelta(seconds=5)
    after = await watched.figures()
    assert after["outbox_oldest_seconds"] == 65  # not that of the room that it was put out of
    assert after['outbox{state="pending"}'] == before['outbox{state="pending"}'] + 3
    assert after['outbox{state="aside"}'] == before['outbox{state="aside"}'] + 1
    assert after['inbox{state="waiting"}'] == 3
    assert after["backup_age_seconds"] == 5
    assert after["timers_due"] == before["timers_due"]


async def test_a_turn_that_fails_is_counted(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    team = watched.rooms
    await team.group("!a")
    monkeypatch.setattr(team.coach.turns, "_engine", None)
    await team.receive(team.message("!a", "!antwoord Jeugdhulp"))
    found = await watched.figures()
    assert found['turns_failed_total{transport="matrix"}'] == 1
    assert found['inbox{state="failed"}'] == 1


async def test_figures_hold_no_word_of_anybody(watched: Watched) -> None:
    await watched.rooms.group("!geheim:x")
    await watched.rooms.receive(watched.rooms.message("!geheim:x", "!antwoord geheim"))
    text = as_text(await watched.watch.metrics())
    assert "geheim" not in text
    assert "anna" not in text.lower()


def test_labels_are_escaped() -> None:
    text = as_text([Metric("x", "gauge", "X.", [((("a", 'b"\\\nc'),), 1.5)])])
    assert parsed(text) == {'x{a="b\\"\\\\\\nc"}': 1.5}


async def got(port: int, path: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, answer.headers.get("Content-Type", ""), await answer.text()


async def test_who_watches_asks_over_http(watched: Watched) -> None:
    section = HealthSection(listen="127.0.0.1:0")
    async with health.listening(section, watched.watch) as port:
        assert port is not None
        assert await got(port, "/healthz") == (
            200, "application/json; charset=utf-8", '{"status": "ok", "reasons": []}',
        )  # fmt: skip
        status, kind, text = await got(port, "/metrics")
        assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
        assert parsed(text)["uptime_seconds"] == 0
        watched.rooms.clock.at += timedelta(hours=1)
        status, _, text = await got(port, "/healthz")
        assert (status, "homeserver" in text) == (503, True)
        assert (await got(port, "/"))[0] == 404
        with pytest.raises(UsageError, match="listen"):
            async with health.listening(HealthSection(listen=f"127.0.0.1:{port}"), watched.watch):
                pass
    with pytest.raises(aiohttp.ClientConnectorError):
        await got(port, "/healthz")
    async with health.listening(None, watched.watch) as port:
        assert port is None


@pytest.mark.parametrize(
    ("health_", "fault"),
    [('listen = "0.0.0.0:9464"', "open_to_network"), ('listen = "10.0.0.3:9464"', "open_to_network"),
     ('listen = "coach.example.nl:9464"', "open_to_network"), ('listen = "9464"', "no address"), ("", "missing"),
     ('listen = "0.0.0.0:9464"\nopen_to_network = true', None), ('listen = "[::1]:9464"', None),
     ('listen = "localhost:9464"', None)],
)  # fmt: skip
def test_it_listens_on_this_machine_unless_the_configuration_says_otherwise(
    tmp_path: Path, health_: str, fault: str | None
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[storage]\npath = "x.db"\n[coach]\noperator = "x"\n[health]\n{health_}\n')
    if fault is None:
        assert load_settings(config, {}).health is not None
        return
    with pytest.raises(SettingsError, match=fault):
        load_settings(config, {})


async def test_every_alarm_is_about_a_figure_that_there_is(watched: Watched) -> None:
    rules = (ROOT / "deploy/prometheus-rules.yml").read_text("utf-8")
    names = {metric.name for metric in await watched.watch.metrics()}
    asked = set(re.findall(r"opschaalcoach_([a-z_]+)", rules))
    assert asked
    assert asked <= names


@pytest.mark.parametrize("guide", ["docs/operation.md", "docs/nl/beheer.md"])
async def test_the_guides_have_every_figure_and_every_alarm(watched: Watched, guide: str) -> None:
    text = (ROOT / guide).read_text("utf-8")
    rules = (ROOT / "deploy/prometheus-rules.yml").read_text("utf-8")
    names = {metric.name for metric in await watched.watch.metrics()}
    assert not {name for name in names if f"`{name}`" not in text and f"`{name}{{" not in text}
    alarms = set(re.findall(r"alert: Opschaalcoach(\w+)", rules))
    assert not {name for name in alarms if not re.search(rf"^\| .*\b{name}\b.* \|", text, re.M)}


async def test_who_asks_and_never_ends_does_not_hold_up_the_end(watched: Watched) -> None:
    stop = asyncio.Event()
    async with asyncio.timeout(DEADLINE):
        async with health.listening(HealthSection(listen="127.0.0.1:0"), watched.watch) as port:
            assert port is not None
            serving = asyncio.create_task(running.serve([watched.service], SystemClock(), stop))
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /metrics HTTP/1.1\r\n")  # and never the rest
            stop.set()
            await serving
        assert await reader.read() == b""
        writer.close()
