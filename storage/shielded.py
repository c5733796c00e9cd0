"""Work that goes on when who asked for it is gone. Rule: no error of it goes unseen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from functools import partial
from typing import TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)


async def shielded(work: Awaitable[T], called: str) -> T:
    """What it gives. A caller that is cancelled doesn't stop it: its error, which nobody else will see, goes into the
    log then, with what it is `called`."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(partial(_log_unseen, called))
        raise


def _log_unseen(called: str, task: asyncio.Future[T]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        # The kind alone: an error's own text may hold what people wrote.
        _log.error("%s failed after its caller was cancelled: %s", called, type(error).__name__)
