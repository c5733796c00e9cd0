"""Lets timers fire when they come due. Rule: it asks the clock, sleeps till the next one, and decides nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.clock import Clock
from bot.coach import Coach
from storage.errors import StorageError

LONGEST = 60.0


async def keep_time(coach: Coach, clock: Clock, longest: float = LONGEST) -> None:
    """Let timers fire when they come due, until it is cancelled."""
    while True:
        wait = longest
        with suppress(StorageError):  # a full disk is said where somebody is told; this tries again later
            await coach.fire(clock.now())
            due = await coach.next_due()
            if due is not None:
                wait = min(longest, max(1.0, (due - clock.now()).total_seconds()))
        await asyncio.sleep(wait)
