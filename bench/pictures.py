"""What looking costs: the overview in words, a picture anew and kept, the report; and a turn of other rooms meanwhile.

Rule: the worker has drawn something before, as in a coach that runs; what is drawn anew has another name each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

from bench import steps, table
from bench.team import Team
from bot.render.worker import Worker
from flows.canvas import Canvas, build
from flows.conversation import overview
from flows.conversation.draft import Draft
from flows.conversation.engine import Engine
from flows.conversation.snapshot import Snapshot
from flows.summary import summarise

TIMES = 30


def measure(engine: Engine) -> None:
    """Time a room at the end of a full walk, and print a table."""
    team = Team(engine, Snapshot("r1"))
    team.invite()
    while team.next():
        pass
    asyncio.run(_measure(engine, team))


async def _measure(engine: Engine, team: Team) -> None:
    setting, now = engine.setting, team.at
    canvas = build(summarise(setting.book, team.snapshot, now), setting.book, setting.texts)
    worker = Worker()
    numbers = iter(range(10_000))

    def named() -> Canvas:
        return {**canvas, "name": f"Pilot {next(numbers)}"}

    async def words() -> None:
        overview.short(Draft(setting, team.snapshot, now))

    async def model() -> None:
        build(summarise(setting.book, team.snapshot, now), setting.book, setting.texts)

    async def picture() -> None:
        await worker.picture(named())

    async def kept() -> None:
        await worker.picture(canvas)

    async def report() -> None:
        await worker.document(named(), "pdf")

    try:
        start = perf_counter()
        await kept()
        first = perf_counter() - start
        rows = [["the first picture, with the start of the worker", table.ms(first), ""]]
        done: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
            ("overview in words", words),
            ("canvas as data", model),
            ("picture, drawn anew", picture),
            ("picture, kept", kept),
            ("report as PDF", report),
        )
        for name, what in done:
            rows.append([name, *_row(await _timed(what))])
        rows.append(["a turn (engine.step) of another room", *_row(await _turns(engine))])
        drawing = asyncio.create_task(_draw(picture))
        rows.append(["the same, while pictures are drawn", *_row(await _turns(engine))])
        drawing.cancel()
        await asyncio.gather(drawing, return_exceptions=True)
    finally:
        await worker.close()
    table.show("Looking at a full room; milliseconds", ("", "p50", "p95"), rows)


def _row(times: list[float]) -> list[str]:
    return [table.ms(table.p50(times)), table.ms(table.p95(times))]


async def _timed(what: Callable[[], Awaitable[None]]) -> list[float]:
    times = []
    for _ in range(TIMES):
        start = perf_counter()
        await what()
        times.append(perf_counter() - start)
    return times


async def _draw(picture: Callable[[], Awaitable[None]]) -> None:
    while True:
        await picture()


async def _turns(engine: Engine) -> list[float]:
    """Turns of other rooms, one after the other on this event loop, each from when it could begin."""
    found = [case for case in steps.cases(engine) if case[0].startswith("answer")]
    times = []
    for _ in range(TIMES):
        for _, snapshot, event in found:
            start = perf_counter()
            await asyncio.sleep(0)  # what else waits for this loop goes first
            engine.step(snapshot, event)
            times.append(perf_counter() - start)
        await asyncio.sleep(0.01)
    return times
