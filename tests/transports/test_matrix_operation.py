"""A coach as a service on a real homeserver: watched, asked, backed up, and stopped while others hang on to it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot import control
from tests.bot.test_health import got, parsed
from tests.homeserver.ports import free_port
from tests.transports.fault_room import until
from tests.transports.matrix_room import House, running
from tests.transports.team import Team


async def test_a_service_is_watched_asked_backed_up_and_stopped(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, folder = free_port(), tmp_path / "backups"
    for name, value in {
        "HEALTH__LISTEN": f"127.0.0.1:{port}",
        "LOG__FORMAT": "json",
        "STORAGE__BACKUP_FOLDER": str(folder),
    }.items():
        monkeypatch.setenv(f"OPSCHAALCOACH_{name}", value)
    async with running(team, team._folder / "coach") as coach:
        house = House(coach, team, await team.users("anna", "bas"))
        room = await house.room()
        await room.settled()
        assert await got(port, "/healthz") == (
            200, "application/json; charset=utf-8", '{"status": "ok", "reasons": []}',
        )  # fmt: skip
        figures = parsed((await got(port, "/metrics"))[2])
        assert figures['rooms{transport="matrix"}'] == 1
        assert figures['sync_age_seconds{transport="matrix"}'] < 60
        assert figures['turns_total{transport="matrix"}'] > 0
        (line,) = await asyncio.to_thread(control.ask, coach.db, "rooms")
        assert line.split("\t")[:2] == [room.id, "matrix"]
        await until(lambda: list(folder.glob("coach-*.db")))

        hanging = [
            await asyncio.open_unix_connection(control.socket_of(coach.db)),
            await asyncio.open_connection("127.0.0.1", port),
        ]
        hanging[1][1].write(b"GET /healthz HTTP/1.1\r\n")
        assert await coach.stop() == 0
        for _, writer in hanging:
            writer.close()
        assert not control.socket_of(coach.db).exists()
        said = [json.loads(one) for one in coach.said]
        assert said[-1]["text"] == "stopped: what was in hand is finished"
        assert {"at", "level", "logger", "text"} == set().union(*said)
