"""`opschaalcoach run`: serves the transports that the configuration names, until it is told to stop.

Rule: one process, one database, a coach each; what is in hand is finished first; a fault of ours or a full disk stops a
part for a moment, never the whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

from bot import control, health, logs, minding, modes, serving, verbs
from bot.backups import Backups
from bot.cli import UsageError, needs
from bot.clock import SystemClock
from bot.files import missing
from bot.health import Watch
from bot.serving import Service
from bot.settings import Settings
from bot.timekeeping import keep_time
from bot.transports.matrix.account import AccountError
from storage.errors import StorageError
from storage.writer import Writer

_log = logging.getLogger(__name__)

Parts = Mapping[str, Callable[[], Awaitable[None]]]

AFTER_FAULT = 5.0  # seconds
LONGEST_STOP = 20.0


async def run(settings: Settings, config: Path) -> int:
    """Serve until SIGTERM or SIGINT; the exit code. Raises AccountError where the homeserver doesn't know the coach."""
    if settings.matrix is None and settings.teams is None:
        raise UsageError(f"{config} names no transport: add a [matrix] or a [teams] section, see config.example.toml.")
    clock = SystemClock()
    for fault in [*modes.mend(settings), *modes.faults(settings, config)]:
        logs.tell(fault, level=logging.WARNING)
    writer = await Writer.open(settings.storage.path)
    services: list[Service] = []
    try:
        if settings.matrix is not None:
            with needs("matrix"):
                services.append(await serving.matrix(settings, config, writer, clock))
        if settings.teams is not None:
            with needs("teams"):
                services.append(await serving.teams(settings, writer, clock))
        if absent := missing():
            said = f"no pictures and documents: {absent[0]} is not installed; pip install 'opschaalcoach[documents]'"
            logs.tell(said, level=logging.WARNING)
        stop = told_to_stop()
        kept = settings.storage
        every = timedelta(hours=kept.backup_every)
        backups = Backups(writer, clock, kept.backup_folder, every, kept.backups_kept)
        coaches = [one.coach for one in services]
        watch = Watch(writer, services, backups, clock)
        async with (
            control.listening(writer.path, verbs.table(writer, backups, coaches)),
            health.listening(settings.health, watch),
        ):
            logs.tell("running; stop with Ctrl-C or SIGTERM")
            minding.tell("READY=1")
            try:
                await serve(services, clock, stop, {"backups": backups.run, "signs of life": minding.live})
            except AccountError as error:
                raise UsageError(f"{error}. Run `opschaalcoach login --config {config}`.") from None
        logs.tell("stopped: what was in hand is finished")
        for service in services:
            await service.coach.close()
    finally:
        for service in services:
            await service.close()
        await writer.close()
    return 0


def told_to_stop() -> asyncio.Event:
    """What is set on SIGTERM or SIGINT, from now on."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def serve(services: list[Service], clock: SystemClock, stop: asyncio.Event, beside: Parts | None = None) -> None:
    """Serve until it is told to stop; then what brings things in stops first, and what is being posted is finished.
    `beside` is what goes on besides serving; where that ends, serving goes on."""
    besides = [asyncio.create_task(_steadily(name, work)) for name, work in (beside or {}).items()]
    stopping = asyncio.create_task(stop.wait())
    delivering = [asyncio.create_task(_steadily("delivery", service.coach.deliver)) for service in services]
    for service in services:
        await _steadily("start", service.coach.start)
    parts = [
        *delivering,
        *(
            asyncio.create_task(_steadily(name, work))
            for service in services
            for name, work in (*service.parts.items(), ("timers", _timers(service, clock)))
        ),
    ]
    try:
        await asyncio.wait([stopping, *parts], return_when=asyncio.FIRST_COMPLETED)
    finally:
        minding.tell("STOPPING=1")
        stopping.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_STOP):
                for service in services:
                    await service.stop()
        parts += besides
        for part in reversed(parts):
            part.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_STOP):
                await asyncio.wait(parts)
    ended = [part.exception() for part in parts if part.done() and not part.cancelled()]
    for error in ended:
        if error is not None:
            raise error


def _timers(service: Service, clock: SystemClock) -> Callable[[], Awaitable[None]]:
    """Timers, once it is known what people did while the coach was away: nobody is reminded of what is done."""

    async def work() -> None:
        await service.caught_up.wait()
        await keep_time(service.coach, clock)

    return work


async def _steadily(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do a part of the work, and begin it again where a fault of ours or the disk ended it. What an administrator has
    to mend ends it for good."""
    while True:
        try:
            await work()
        except AccountError:
            raise
        except StorageError as error:
            _log.error("%s: %s", name, error)
        except Exception as error:
            _log.error("%s stopped by a fault: %s", name, logs.places_of(error))
        else:
            return
        await asyncio.sleep(AFTER_FAULT)
