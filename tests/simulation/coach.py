"""One life of the coach after another: the real services, on a simulated disk and wire.

Rule: what is swapped is what the machine gives (time, chance, threads, files that are drawn, the sockets); all that the
coach does by itself is the product's own.
"""

from __future__ import annotations

import asyncio
import functools
import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import storage.writer
from bot import coach as coach_module
from bot import delivery, running, serving
from bot.files import Files
from bot.serving import Service
from bot.settings import CoachSection, MatrixSection, Settings, StorageSection
from bot.timekeeping import keep_time
from bot.transports.base import File, Picture
from bot.transports.matrix import account, polling, syncing
from bot.transports.matrix import client as client_module
from bot.transports.matrix.account import Account
from flows.catalogue import load_catalogue
from flows.languages import load_languages
from storage.errors import StorageError
from storage.writer import Writer
from tests.simulation.disk import Disk
from tests.simulation.homeserver import COACH
from tests.simulation.loop import VirtualLoop
from tests.simulation.world import Crash, World

IDLE = 7_200.0  # seconds: nobody's night is cut in minutes here
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
KNOWN = Account("https://matrix.example.nl", COACH, "DEVICE", "secret", "identity", LONG_AGO)


@contextmanager
def simulated(world: World, disk: Disk, restore: Callable[..., Any] | None = None) -> Iterator[None]:
    """What the machine gives is the world's, for as long as this lasts."""
    chance = SimpleNamespace(Random=lambda: world.chance("jitter"), random=world.chance("pause").random)
    languages, catalogue = once(load_languages), once(load_catalogue)
    with ExitStack() as stack:
        for target, name, value in (
            (storage.writer, "aiosqlite", SimpleNamespace(connect=disk.connect)),
            (coach_module, "random", chance),
            (syncing, "random", chance),
            (polling, "SLOWEST_SYNC", 2 * IDLE + 300),
            (delivery, "LONGEST_SLEEP", IDLE),
            (running, "keep_time", functools.partial(keep_time, longest=IDLE)),
            (client_module, "restore", restore),
            (Files, "_drawn", _drawn),
            ("bot.console", "load_languages", languages),
            (serving, "load_catalogue", catalogue),
        ):
            if value is not None:
                place = f"{target}.{name}" if isinstance(target, str) else None
                stack.enter_context(patch(place, value) if place else patch.object(target, name, value))
        yield


@functools.cache
def once(load: Callable[..., Any]) -> Callable[..., Any]:
    return functools.cache(load)


async def _drawn(files: Files, canvas: Any, wanted: Any, name: str, widest: tuple[int, int]) -> File:
    """A picture that nobody drew: the process that draws is no part of this."""
    await asyncio.sleep(0.5)
    shown = Picture(b"png", 10, 10)
    small = shown if widest[1] else None
    return File(name, "image/png", b"png", "alt", "caption", shown, small)


def settings_for(folder: Path) -> tuple[Settings, Path]:
    """A configuration, and an account as `login` leaves it."""
    matrix = MatrixSection(homeserver=KNOWN.homeserver, user_id=COACH, allowed_servers=["example.nl"])
    settings = Settings(
        storage=StorageSection(path=folder / "coach.db"),
        coach=CoachSection(operator="Gemeente Voorbeeld"),
        matrix=matrix,
    )
    keys = account.keys_folder(settings.matrix_store)
    keys.mkdir(parents=True, exist_ok=True)
    (keys / "keys.db").write_bytes(b"x")
    account.save(settings.matrix_store, KNOWN)
    return settings, folder / "config.toml"


@dataclass
class Coaches:
    """The coach's process, and those after it. `wake` makes its services; `ended` is called whenever one is gone."""

    world: World
    disk: Disk
    wake: Callable[[Writer], Any]
    number: int = 0
    running: bool = False

    def __post_init__(self) -> None:
        self._stop: Callable[[], None] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    @property
    def life(self) -> int:
        """Which one is there; 0 for none."""
        return self.number if self.running else 0

    def crash(self, life: int, why: str) -> None:
        """The process is gone, if it is still that one."""
        if self.running and life == self.number:
            self.world.note("crash", why)
            raise Crash

    def stop(self) -> None:
        """Tell it to stop, as SIGTERM does."""
        if self._stop is not None:
            self._stop()

    def live(self) -> str:
        """One life: until it is told to stop ("stopped"), is gone ("gone"), or can't start ("refused")."""
        self.number += 1
        self.running = True
        self.world.note("start", self.number)
        loop = self.loop = VirtualLoop(self.world)
        random.seed(f"{self.world.seed} {self.number}")  # what others draw
        self._writer: Writer | None = None
        how = "stopped"
        try:
            loop.run_until_complete(self._main())
        except Crash:
            how = "gone"
        except StorageError as error:
            self.world.note("refused", type(error).__name__)
            how = "refused"
        except BaseException:
            loop.bury()
            raise
        finally:
            self.running = False
            self._stop = None
        loop.bury()
        self.world.note("end", self.number, how)
        if how == "stopped":
            self.disk.closed()
        else:
            self.disk.drop()
        if self._writer is not None:
            with suppress(OSError):
                os.close(self._writer._lock)  # the end of a process lets go of it
        return how

    async def _main(self) -> None:
        stop = asyncio.Event()
        writer = await Writer.open(self.disk.path)
        self._writer = writer
        self._stop = stop.set
        service: Service = await self.wake(writer)
        try:
            await running.serve([service], self.world, stop)  # type: ignore[arg-type]
            await service.coach.close()
        finally:
            await service.close()
            await writer.close()
        self._writer = None
