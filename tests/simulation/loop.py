"""An event loop on the time of a world. Rule: time stands still while anything can run, and then goes to the next
moment at which something happens, in the loop or outside of it.

No socket is waited for. What the product does in threads is done in place, at a moment that the world decides.
"""

from __future__ import annotations

import asyncio
import ctypes
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from tests.simulation.world import Stuck, World


class _Jump(selectors.DefaultSelector):
    """Where the loop waits: time goes on."""

    world: World

    def select(self, timeout: float | None = None) -> list[Any]:
        world = self.world
        if timeout is not None and timeout <= 0:
            world.happen()
            return []
        outside = world.next_at()
        if timeout is None and outside is None:
            raise Stuck
        until = min(one for one in (outside, None if timeout is None else world.time + timeout) if one is not None)
        world.time = max(world.time, until)
        world.happen()
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """One life of a coach runs in one of these."""

    def __init__(self, world: World) -> None:
        selector = _Jump()
        selector.world = world
        self._world = world
        super().__init__(selector)
        self.set_exception_handler(self._failed)
        self.set_task_factory(self._held)
        self._tasks: set[asyncio.Task[Any]] = set()

    def time(self) -> float:
        """Seconds since the beginning of the world."""
        return self._world.time

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Do in place, a little later, what would be done in a thread."""
        future = self.create_future()

        def work() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func(*args))
            except Exception as error:
                future.set_exception(error)

        self.call_later(0.002, work)
        return future

    def _held(self, loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop, **more)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What asyncio would print: the product lets nothing of that happen."""
        self._world.fail(f"{context.get('message')}: {context.get('exception')!r}")

    def bury(self) -> None:
        """Leave what is left of a coach that is gone: nothing of it runs on, not even to clean up after itself."""
        tasks = [*self._tasks]
        if tasks:
            for task in tasks:
                task._log_destroy_pending = False  # type: ignore[attr-defined]
            # Python would close a coroutine that nobody holds, and with that run its clean-up: so it is held for ever.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object([*tasks, [*self._ready], [*self._scheduled]]))  # type: ignore[attr-defined]
        self._ready.clear()  # type: ignore[attr-defined]
        self._scheduled.clear()  # type: ignore[attr-defined]
        self.close()
