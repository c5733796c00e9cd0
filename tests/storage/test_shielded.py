"""Who asked goes away: the work goes on, and what goes wrong with it is in the log."""

from __future__ import annotations

import asyncio

import pytest

from storage.shielded import shielded

SECRET = "what somebody wrote"


async def asked(work: asyncio.Future[int]) -> asyncio.Task[int]:
    """Somebody who waits for it."""
    task = asyncio.create_task(shielded(work, "the work"))
    await asyncio.sleep(0)
    return task


async def test_what_it_gives_or_raises_is_the_callers(caplog: pytest.LogCaptureFixture) -> None:
    work, failing = (asyncio.get_running_loop().create_future() for _ in range(2))
    first, second = await asked(work), await asked(failing)
    work.set_result(7)
    failing.set_exception(ValueError(SECRET))
    assert await first == 7
    with pytest.raises(ValueError, match=SECRET):
        await second
    assert caplog.messages == []


async def test_a_caller_that_goes_away_does_not_stop_it(caplog: pytest.LogCaptureFixture) -> None:
    work: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = await asked(work)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not work.cancelled()
    work.set_exception(ValueError(SECRET))
    await asyncio.sleep(0)
    assert caplog.messages == ["the work failed after its caller was cancelled: ValueError"]


async def test_work_that_is_cancelled_itself_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    work: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = await asked(work)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert caplog.messages == []
