"""`/healthz` and `/metrics`: whether the coach is well, for who watches over it. Rule: numbers and moments, no room by
name, nothing that was said; and on this machine only, unless the configuration says otherwise in so many words.

`/healthz` answers 200, or 503 with the reasons. `/metrics` is Prometheus' text format.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot import VERSION
from bot.backups import Backups
from bot.cli import UsageError
from bot.clock import Clock
from bot.serving import Service
from bot.settings import HealthSection
from storage import backup, figures, meta
from storage.errors import StorageError
from storage.figures import Figures
from storage.reader import open_reader
from storage.writer import Writer

if TYPE_CHECKING:
    from aiohttp import web

_log = logging.getLogger(__name__)

STALE = timedelta(minutes=6)  # a sync may take five
SLOWEST_WRITE = 10.0  # seconds
_LOOKED = "health looked"
_PREFIX = "opschaalcoach_"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure with a name: gauge or counter, what it is, and its values by their labels."""

    name: str
    kind: str
    help: str
    values: Sequence[tuple[Labels, float]]


class Watch:
    """Looks how the coach is. `services` are those that run by the time that it is asked."""

    def __init__(self, writer: Writer, services: Sequence[Service], backups: Backups, clock: Clock) -> None:
        self._writer = writer
        self._services = services
        self._backups = backups
        self._clock = clock
        self._started = clock.now()

    async def reasons(self) -> list[str]:
        """Why the coach is not well, a line each; none where it is."""
        ages = [(service.coach.transport, self._sync_age(service)) for service in self._services]
        found = [
            f"{name}: nothing was heard of the homeserver for {_seconds(age)} seconds"
            for name, age in ages
            if age is not None and age > STALE
        ]
        try:
            async with asyncio.timeout(SLOWEST_WRITE):
                now = self._clock.now().isoformat()
                await self._writer.run(lambda conn: meta.put(conn, _LOOKED, now))
        except TimeoutError:
            found.append(f"the database took nothing for {SLOWEST_WRITE:.0f} seconds")
        except (StorageError, RuntimeError) as error:
            found.append(f"the database can't be written ({type(error).__name__})")
        return found

    async def metrics(self) -> list[Metric]:
        """All figures. Raises StorageError where the database can't be read."""
        now = self._clock.now()
        found, latest = await asyncio.to_thread(_read, self._writer.path, now)
        real = self._writer.path.resolve()
        size = sum(_size(real.with_name(real.name + end)) for end in ("", "-wal"))
        rooms = [(_of("transport", name), float(count)) for name, count in found.rooms.items()]
        synced = [
            (_of("transport", service.coach.transport), float(_seconds(age)))
            for service in self._services
            if (age := self._sync_age(service)) is not None
        ]
        return [
            _one("info", "gauge", "The version that runs.", 1, _of("version", VERSION)),
            _one("uptime_seconds", "gauge", "How long it runs.", _seconds(now - self._started)),
            Metric("rooms", "gauge", "Rooms that it knows.", rooms),
            _one("rooms_parked", "gauge", "Rooms that it was put out of: nothing is posted there.", found.parked),
            Metric("turns_total", "counter", "Events that were dealt with since the start.", self._turns("done")),
            Metric("turns_failed_total", "counter", "Turns that failed since the start.", self._turns("failed")),
            Metric("inbox", "gauge", "Events that wait for their turn, or whose turn failed.", _by_state(found.inbox)),
            Metric("outbox", "gauge", "Messages by what they wait for, or set aside.", _by_state(found.outbox)),
            _one("outbox_oldest_seconds", "gauge", "How long the oldest message waits that may be posted; 0: none.",
                 0 if found.oldest is None else max(_seconds(now - found.oldest), 0)),
            _one("timers_due", "gauge", "Timers that are due and were not dealt with.", found.due),
            Metric("sync_age_seconds", "gauge", "How long ago it heard of the homeserver.", synced),
            Metric("backup_age_seconds", "gauge", "How long ago the latest backup was made that it knows of.",
                   [] if latest is None else [((), float(_seconds(now - latest)))]),
            _one("backups_failed_total", "counter", "Backups that failed since the start.", self._backups.failed),
            _one("database_bytes", "gauge", "The size of the database, and of its log of changes.", size),
        ]  # fmt: skip

    def _turns(self, what: str) -> list[tuple[Labels, float]]:
        return [
            (_of("transport", one.coach.transport), float(getattr(one.coach.turns, what))) for one in self._services
        ]

    def _sync_age(self, service: Service) -> timedelta | None:
        if service.synced is None:
            return None
        return self._clock.now() - (service.synced() or self._started)


def _read(path: Path, now: datetime) -> tuple[Figures, datetime | None]:
    with closing(open_reader(path)) as conn:
        conn.execute("BEGIN")
        return figures.read(conn, now), backup.latest(conn)


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


def _seconds(age: timedelta) -> int:
    return int(age.total_seconds())


def _of(label: str, value: str) -> Labels:
    return ((label, value),)


def _by_state(found: dict[str, int]) -> list[tuple[Labels, float]]:
    return [(_of("state", name), float(count)) for name, count in found.items()]


def _one(name: str, kind: str, told: str, value: float, labels: Labels = ()) -> Metric:
    return Metric(name, kind, told, [(labels, float(value))])


def as_text(metrics: Sequence[Metric]) -> str:
    """Figures in Prometheus' text format, version 0.0.4."""
    lines = []
    for metric in metrics:
        name = _PREFIX + metric.name
        lines += [f"# HELP {name} {metric.help}", f"# TYPE {name} {metric.kind}"]
        for labels, value in metric.values:
            inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
            lines.append(f"{name}{{{inside}}} {value:.15g}" if labels else f"{name} {value:.15g}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@contextlib.asynccontextmanager
async def listening(section: HealthSection | None, watch: Watch) -> AsyncIterator[int | None]:
    """Answer who watches, for as long as it lasts; at which port. Nothing where the configuration asks for none. Raises
    UsageError where it can't listen there."""
    if section is None:
        yield None
        return
    from aiohttp import web

    async def healthz(_: web.Request) -> web.Response:
        reasons = await watch.reasons()
        said = {"status": "unhealthy" if reasons else "ok", "reasons": reasons}
        return web.json_response(said, status=503 if reasons else 200)

    async def metrics(_: web.Request) -> web.Response:
        try:
            text = as_text(await watch.metrics())
        except StorageError as error:
            _log.error("no figures: %s", error)
            return web.Response(status=503)
        return web.Response(text=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app = web.Application(client_max_size=1024)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, *section.host_port)
        try:
            await site.start()
        except OSError as error:
            raise UsageError(f"cannot listen at {section.listen}: {error.strerror}. Change [health] listen.") from None
        port = int(runner.addresses[0][1])
        _log.info("health and figures at port %s", port)
        yield port
    finally:
        await runner.cleanup()
