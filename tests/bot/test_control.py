"""The control socket: who may ask, what comes back, and that nobody who asks badly costs anybody anything."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot import control
from bot.cli import UsageError
from storage.errors import StorageError
from storage.writer import Writer
from tests.bot.process import DEADLINE, Running, members, message, run


@pytest.fixture
async def writer(path: Path) -> Any:
    writer = await Writer.open(path)
    yield writer
    await writer.close()


async def echo(asked: Mapping[str, Any]) -> object:
    return asked["word"]


async def wrong(asked: Mapping[str, Any]) -> object:
    raise {"use": UsageError("ask otherwise"), "disk": StorageError("no space"), "ours": KeyError("geheim")}[
        asked["how"]
    ]


VERBS = {"echo": echo, "wrong": wrong}


async def asked(path: Path, verb: str, **more: object) -> Any:
    return await asyncio.to_thread(control.ask, path, verb, patience=DEADLINE, **more)


async def raw(path: Path, data: bytes) -> dict[str, Any]:
    """The answer to bytes as they are."""
    reader, writer = await asyncio.open_unix_connection(control.socket_of(path))
    writer.write(data)
    writer.write_eof()
    async with asyncio.timeout(DEADLINE):
        line = await reader.readline()
    writer.close()
    found: dict[str, Any] = json.loads(line)
    return found


async def test_a_running_coach_answers_by_its_table(writer: Writer) -> None:
    async with control.listening(writer.path, VERBS):
        assert await asked(writer.path, "echo", word="één 🟢") == "één 🟢"
        assert await asked(writer.path, "echo", word=None) is None


async def test_the_socket_is_for_the_coachs_own_user_and_gone_after_it(writer: Writer) -> None:
    before = os.umask(0o022)
    os.umask(before)
    async with control.listening(writer.path, VERBS):
        place = control.socket_of(writer.path)
        assert place == writer.path.parent / "coach.db.sock"
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        assert os.umask(before) == before  # as it was
    assert not place.exists()
    with pytest.raises(control.NotRunning, match="no coach runs"):
        control.ask(writer.path, "echo")


async def test_a_name_of_the_database_by_another_way_is_the_same_socket(writer: Writer, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(writer.path)
    async with control.listening(writer.path, VERBS):
        assert await asked(link, "echo", word=1) == 1


async def test_the_socket_of_a_process_that_is_gone_is_replaced(writer: Writer) -> None:
    place = control.socket_of(writer.path)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place))
    with pytest.raises(control.NotRunning):
        control.ask(writer.path, "echo")
    async with control.listening(writer.path, VERBS):
        assert await asked(writer.path, "echo", word=1) == 1


async def test_a_file_of_that_name_stays_and_the_coach_runs_without(
    writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    place = control.socket_of(writer.path)
    place.write_text("mine")
    async with control.listening(writer.path, VERBS):
        with pytest.raises(control.NotRunning):
            control.ask(writer.path, "echo")
    assert place.read_text() == "mine"
    assert "no control socket" in caplog.text


async def test_a_path_longer_than_a_socket_takes(tmp_path: Path) -> None:
    path = tmp_path / ("een-lange-naam" * 8) / ("en-nog-een" * 8) / "coach.db"
    writer = await Writer.open(path)
    try:
        async with control.listening(path, VERBS):
            assert stat.S_IMODE(control.socket_of(path).stat().st_mode) == 0o600
            assert await asked(path, "echo", word=1) == 1
        assert not control.socket_of(path).exists()
    finally:
        await writer.close()


@pytest.mark.parametrize(("how", "said"), [("use", "ask otherwise"), ("disk", "no space"), ("ours", "its log")])
async def test_what_goes_wrong_is_one_line_and_never_a_text_of_ours(
    writer: Writer, caplog: pytest.LogCaptureFixture, how: str, said: str
) -> None:
    async with control.listening(writer.path, VERBS):
        with pytest.raises(control.AskedFault, match=said):
            await asked(writer.path, "wrong", how=how)
        with pytest.raises(control.AskedFault, match="echo, wrong"):
            await asked(writer.path, "format-disk")
        assert await asked(writer.path, "echo", word=1) == 1
    assert "geheim" not in caplog.text


GARBAGE = [
    b"\x00\xff\xfe", b"[]\n", b"{}\n", b'"rooms"\n', b'{"verb": 3}\n', b'{"verb": ["rooms"]}\n', b"null\n",
    b"[" * 50_000 + b"\n", b'{"verb": "echo"', b"x" * (control.MOST_ASKED * 3) + b"\n", b"GET / HTTP/1.1\r\n\r\n",
]  # fmt: skip


@pytest.mark.parametrize("data", GARBAGE)
async def test_garbage_gets_a_line_and_costs_nobody_else_anything(writer: Writer, data: bytes) -> None:
    async with control.listening(writer.path, VERBS):
        with contextlib.suppress(ConnectionError):  # too much: it hung up in the middle of it
            assert (await raw(writer.path, data))["ok"] is False
        assert await asked(writer.path, "echo", word=1) == 1


async def test_those_who_hang_hold_nobody_up_and_the_end_neither(writer: Writer) -> None:
    async with control.listening(writer.path, VERBS):
        silent = [await asyncio.open_unix_connection(control.socket_of(writer.path)) for _ in range(30)]
        silent[0][1].write(b'{"verb":')
        assert await asked(writer.path, "echo", word=1) == 1
        silent[1][1].transport.abort()
    for _, one in silent:
        one.close()


async def test_who_hangs_is_let_go_of(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "SLOWEST_REQUEST", 0.05)
    async with control.listening(writer.path, VERBS):
        reader, one = await asyncio.open_unix_connection(control.socket_of(writer.path))
        async with asyncio.timeout(DEADLINE):
            assert await reader.read() == b""
        one.close()


async def test_what_was_begun_is_finished_when_who_asked_is_gone_or_the_coach_stops(writer: Writer) -> None:
    began, may, done = asyncio.Event(), asyncio.Event(), list[str]()

    async def slow(_: Mapping[str, Any]) -> object:
        began.set()
        await may.wait()
        done.append("done")
        return None

    async with control.listening(writer.path, {"slow": slow}):
        _, one = await asyncio.open_unix_connection(control.socket_of(writer.path))
        one.write(b'{"verb": "slow"}\n')
        await began.wait()
        one.transport.abort()
        asyncio.get_running_loop().call_later(0.3, may.set)
    assert done == ["done"]


async def test_more_at_once_than_the_coach_does_are_told_to_come_back(writer: Writer) -> None:
    may = asyncio.Event()

    async def slow(_: Mapping[str, Any]) -> object:
        await may.wait()
        return None

    async with control.listening(writer.path, {"slow": slow, **VERBS}):
        many = []
        for _ in range(control.MOST_AT_ONCE):
            many.append(await asyncio.open_unix_connection(control.socket_of(writer.path)))
            many[-1][1].write(b'{"verb": "slow"}\n')
        async with asyncio.timeout(DEADLINE):
            while (await raw(writer.path, b'{"verb": "echo", "word": 1}\n'))["ok"]:
                pass
        may.set()
        for reader, one in many:
            assert json.loads(await reader.readline())["ok"] is True
            one.close()


def test_rooms_asks_the_coach_that_runs(path: Path) -> None:
    coach = Running(path)
    try:
        coach.send(members("e1", "Anna"))
        coach.send(message("e2", "!start"))
        assert control.ask(path, "rooms", patience=DEADLINE)[0].startswith("r1\tconsole\t")
        done = run("rooms", "--db", str(path))
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.startswith(b"r1\tconsole\t")
    finally:
        coach.stop()
    assert run("rooms", "--db", str(path)).stdout == done.stdout  # killed: its socket is there, and nobody answers
