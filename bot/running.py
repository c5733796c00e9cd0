"""`opschaalcoach run`: serves the transports that the configuration names, until it is told to stop.

Rule: what is in hand is finished first; a fault of ours or a full disk stops a part for a moment, never the whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot import VERSION
from bot.cli import UsageError
from bot.clock import SystemClock
from bot.coach import Coach
from bot.console import LANGUAGE, make_engine
from bot.files import missing
from bot.pace import Pace
from bot.settings import Settings
from bot.timekeeping import keep_time
from bot.transports.matrix import account
from bot.transports.matrix.account import AccountError
from bot.transports.matrix.client import restore
from bot.transports.matrix.doors import Doors
from bot.transports.matrix.syncing import Sync
from bot.transports.matrix.transport import MatrixTransport
from flows.catalogue import load_catalogue
from storage.errors import StorageError
from storage.writer import Writer

_log = logging.getLogger(__name__)

AFTER_FAULT = 5.0  # seconds
LONGEST_STOP = 20.0


async def run(settings: Settings, config: Path) -> int:
    """Serve until SIGTERM or SIGINT; the exit code. Raises AccountError where the homeserver doesn't know the coach."""
    if settings.matrix is None:
        raise UsageError(f"{config} names no transport: add a [matrix] section, see config.example.toml.")
    store = settings.matrix_store
    clock = SystemClock()
    known = account.load(store, config)
    if (known.homeserver, known.user_id) != (settings.matrix.homeserver, settings.matrix.user_id):
        raise UsageError(f"{config} names another account than the login. Run `opschaalcoach login --config {config}`.")
    try:
        client = restore(settings.matrix, known, store)
    except AccountError as error:
        raise UsageError(f"{error} Run `opschaalcoach login --config {config}`.") from None
    writer = await Writer.open(settings.storage.path)
    try:
        transport = MatrixTransport(client, clock, known.made_at)
        engine = make_engine(transport, settings.coach.operator, str(settings.storage.path))
        coach = Coach(writer, engine, transport, clock, VERSION, Pace(settings.coach.messages_per_minute))
        doors = Doors(client, settings.matrix, writer, coach.receive, load_catalogue(LANGUAGE), clock)
        sync = Sync(client, transport, coach, writer, doors, clock, settings.matrix.bots)
        if absent := missing():
            said = f"no pictures and documents: {absent[0]} is not installed; pip install 'opschaalcoach[documents]'"
            print(f"opschaalcoach: {said}", file=sys.stderr)
        print("opschaalcoach: running; stop with Ctrl-C or SIGTERM", file=sys.stderr, flush=True)
        await _serve(coach, sync, clock)
        await coach.close()
    except AccountError as error:
        raise UsageError(f"{error}. Run `opschaalcoach login --config {config}`.") from None
    finally:
        await client.close()
        await writer.close()
    return 0


async def _serve(coach: Coach, sync: Sync, clock: SystemClock) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    delivering = asyncio.create_task(_steadily("delivery", coach.deliver))
    await _steadily("start", coach.start)
    parts = [
        delivering,
        asyncio.create_task(_steadily("sync", sync.run)),
        asyncio.create_task(_steadily("timers", lambda: _keep_time(coach, sync, clock))),
    ]
    try:
        await asyncio.wait([stopping, *parts], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        for part in reversed(parts):
            part.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_STOP):
                await asyncio.wait(parts)
    for part in parts:
        if part.done() and not part.cancelled() and (error := part.exception()) is not None:
            raise error


async def _keep_time(coach: Coach, sync: Sync, clock: SystemClock) -> None:
    """Timers, once it is known what people did while the coach was away: nobody is reminded of what is done."""
    await sync.caught_up.wait()
    await keep_time(coach, clock)


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
            _log.error("%s stopped by a fault: %s", name, fault_of(error))
        else:
            return
        await asyncio.sleep(AFTER_FAULT)


def fault_of(error: BaseException) -> str:
    """The kind of an error and the place that raised it; never its text, which may hold what people wrote."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return type(error).__name__
    return f"{type(error).__name__} in {place.tb_frame.f_code.co_qualname}:{place.tb_lineno}"
