"""The process that draws: it never holds up the coach, survives nothing silently, and keeps rooms apart."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import typst

from bot.render.worker import RenderError, Worker
from flows.canvas import Canvas
from tests.render import tasks
from tests.render.cases import empty, full, hostile, ns


@asynccontextmanager
async def working(*arguments: Any, **settings: Any) -> AsyncIterator[Worker]:
    worker = Worker(*arguments, **settings)
    try:
        yield worker
    finally:
        await worker.close()


def canvas(name: str = "x") -> Canvas:
    return {**empty().canvas(), "name": name}  # type: ignore[typeddict-item]


async def process_of(worker: Worker, name: str, form: str = "echo") -> int:
    return int((await worker.document(canvas(name), form)).split()[0])


async def test_one_process_does_all_and_it_is_not_the_coachs() -> None:
    async with working(tasks.echo) as worker:
        seen = {await process_of(worker, str(number)) for number in range(3)}
    assert len(seen) == 1
    assert os.getpid() not in seen


async def test_the_process_begins_anew_after_many_tasks() -> None:
    async with working(tasks.echo, most_tasks=2) as worker:
        seen = [await process_of(worker, str(number)) for number in range(5)]
    assert seen[0] == seen[1] != seen[2] == seen[3] != seen[4]


async def test_a_task_that_hangs_is_ended_and_the_next_one_is_done() -> None:
    async with working(tasks.moody, limit=30) as worker:
        first = await process_of(worker, "a")
        worker._limit = 0.05
        with pytest.raises(RenderError, match=r"took longer than 0\.05 seconds"):
            await worker.document(canvas(), "hang")
        worker._limit = 30
        assert await process_of(worker, "b") != first
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


async def test_a_process_that_dies_is_an_error_and_the_next_task_is_done() -> None:
    async with working(tasks.moody) as worker:
        with pytest.raises(RenderError, match="stopped before it was done"):
            await worker.document(canvas(), "die")
        assert await process_of(worker, "b")


async def test_a_fault_is_one_line_without_any_answer() -> None:
    async with working(tasks.moody) as worker:
        with pytest.raises(RenderError) as fault:
            await worker.document(canvas("geheim antwoord"), "fail")
    assert str(fault.value) == "The document (fail) could not be made: ValueError."


async def test_the_coach_goes_on_meanwhile() -> None:
    async with working(tasks.moody, limit=30) as worker:
        await process_of(worker, "a")
        worker._limit = 1.0
        drawing = asyncio.create_task(worker.document(canvas(), "hang"))
        turns = 0
        while not drawing.done():
            await asyncio.sleep(0)
            turns += 1
        with pytest.raises(RenderError):
            await drawing
    assert turns > 1_000


async def test_what_was_made_is_kept_by_its_content() -> None:
    async with working(tasks.echo) as worker:
        first = await worker.document(canvas("a"), "echo")
        worker._most_tasks = 0  # the next task would be done by another process
        assert await worker.document(canvas("a"), "echo") == first
        later: Canvas = {**canvas("a"), "stamp": "2027-01-01T00:00:00+01:00"}  # type: ignore[typeddict-item]
        assert await worker.document(later, "echo") == first
        assert await worker.document(canvas("b"), "echo") != first
        assert await worker.document(canvas("a"), "other") != first


async def test_no_more_is_kept_than_so_many_bytes() -> None:
    async with working(tasks.moody, cache_bytes=25, most_tasks=1) as worker:
        first = await worker.document(canvas("a"), "x")
        assert await worker.document(canvas("a"), "x") == first
        for name in ("b", "c"):
            await worker.document(canvas(name), "x")
        assert await worker.document(canvas("a"), "x") != first


async def test_what_there_is_no_picture_of_is_said_at_once() -> None:
    async with working(tasks.moody) as worker:
        for layout, words in (("round", "no picture called 'round'"), ("trend", "needs two rounds")):
            with pytest.raises(RenderError, match=words):
                await worker.picture(empty().canvas(), layout)
        assert worker._process is None


async def test_a_picture_is_as_large_as_was_asked() -> None:
    async with working() as worker:
        picture = await worker.picture(ns().canvas())
        small = await worker.picture(ns().canvas(), widest=1024)
        part = await worker.picture(full().canvas(), "routes", widest=800)
    assert (picture.width, picture.height) == (1600, 1000)
    assert (small.width, small.height) == (1024, 640)
    assert (part.width, part.height) == (800, 500)
    assert picture.data.startswith(b"\x89PNG")


async def test_a_picture_is_the_same_bytes_each_time() -> None:
    found = []
    for _ in range(2):
        async with working() as worker:
            found.append((await worker.picture(hostile().canvas())).data)
    assert found[0] == found[1]


# Two rooms ------------------------------------------------------------------------------------------------------------

ROOMS = {name: f"Pilot {name}" for name in ("Waterlelie", "Korenbloem")}


def text_of(pdf: bytes) -> str:
    from io import BytesIO

    from pypdf import PdfReader

    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


async def test_two_rooms_at_the_same_time_never_show_each_others_text() -> None:
    async with working() as worker:
        names = list(ROOMS.values()) * 3
        made = [worker.document({**canvas(name), "date": str(place)}, "a3") for place, name in enumerate(names)]  # type: ignore[typeddict-item]
        found = [text_of(one) for one in await asyncio.gather(*made)]
    for text, name in zip(found, names, strict=True):
        assert name in text
        assert all(other == name or other not in text for other in names)


def test_typst_itself_shows_the_other_rooms_text_where_no_inputs_are_given() -> None:
    """Why `typesetting` passes inputs on every call: by default Typst keeps those of the call before."""
    compiler = typst.Compiler()
    source = b'#sys.inputs.at("data", default: "")'

    def drawn(**inputs: Any) -> Any:
        return compiler.compile(input=source, format="svg", **inputs)

    first = drawn(sys_inputs={"data": "Waterlelie"})
    assert drawn() == first
    assert drawn(sys_inputs={}) != first


def test_a_template_gets_the_inputs_of_its_own_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with our own code: take the inputs away from the second call, and it shows the first room."""
    from bot.render import typesetting

    pages = [typesetting.pdf("canvas", canvas(name), "a3", 0) for name in ROOMS.values()]
    assert [[name in text_of(page) for name in ROOMS.values()] for page in pages] == [[True, False], [False, True]]

    class Forgetful:
        def compile(self, **given: Any) -> Any:
            if ROOMS["Korenbloem"] in given["sys_inputs"]["data"]:
                del given["sys_inputs"]
            return compiler.compile(**given)

    compiler = typesetting._compiler()
    monkeypatch.setattr(typesetting, "_compiler", Forgetful)
    pages = [typesetting.pdf("canvas", canvas(name), "a3", 0) for name in ROOMS.values()]
    assert [[name in text_of(page) for name in ROOMS.values()] for page in pages] == [[True, False], [True, False]]
