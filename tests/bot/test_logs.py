"""The log: one line a record, ids and kinds, and nothing of anybody, at any level of any logger."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pytest

from bot import logs
from tests.bot.process import AT, DEADLINE, message, run
from tests.bot.process import command as process_of

SECRET = "geheim-4711"

ALL_LEVELS = "tests.bot.all_levels"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root, hook = [*logging.getLogger().handlers], sys.excepthook
    levels = {name: logging.getLogger(name).level for name in (*logs.OURS, logs.TOLD)}
    yield
    logging.getLogger().handlers, sys.excepthook = root, hook
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def failed() -> tuple[type[BaseException], BaseException, TracebackType | None]:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        return KeyError, error, error.__traceback__


def test_our_own_lines_go_out_with_their_moment_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info")
    logging.getLogger("bot.delivery").error("set aside: outbox row %s", 3)
    logging.getLogger("bot.delivery").debug("too much")
    logs.tell("running")
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("error bot.delivery: set aside: outbox row 3")
    assert second == "opschaalcoach: running"


def test_lines_of_json_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("debug", "json")
    logging.getLogger("bot.turns").debug("one\ntwo %s", "é")
    logs.tell("running")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["level"], first["logger"], first["text"]) == ("debug", "bot.turns", "one two é")
    assert first["at"].endswith("+00:00")
    assert second["text"] == "running"


@pytest.mark.parametrize("form", ["text", "json"])
def test_of_a_library_and_of_an_error_only_the_place_goes_out(
    capsys: pytest.CaptureFixture[str], form: logs.Form
) -> None:
    logs.set_up("debug", form)
    logging.getLogger("library.crypto").error("could not send %s", SECRET, exc_info=failed())
    logging.getLogger("botany").error(SECRET)
    logging.getLogger("bot.turns").error("failed", exc_info=failed())
    sys.excepthook(*failed())
    said = capsys.readouterr().err
    assert SECRET not in said
    assert len(said.splitlines()) == 4
    assert said.count("KeyError < bot/test_logs.py") == 3


def test_setting_it_up_again_says_nothing_twice(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    logs.set_up("info", "json")
    logs.tell("running")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_conversation_at_every_level_of_every_logger_leaves_no_word_in_the_log(path: Path) -> None:
    given = [
        message("e1", "!start", at=AT, sender=f"Anna {SECRET}"),
        message("e2", f"Jeugdhulp {SECRET}", sender=f"Anna {SECRET}"),
        {"type": "edit", "id": "e3", "room": "r1", "sender": f"Anna {SECRET}", "target": "e2", "text": SECRET},
        message("e4", f"!actie {SECRET} @{SECRET} morgen", sender=f"Anna {SECRET}"),
        message("e5", f"!{SECRET}", sender=f"Anna {SECRET}"),
        message("e6", "!overzicht", sender=f"Anna {SECRET}"),
        {"type": SECRET},
    ]
    how = process_of("console", "--jsonl", "--db", str(path))
    how["args"] = [sys.executable, "-m", ALL_LEVELS, *how["args"][3:]]
    lines = "".join(json.dumps(one) + "\n" for one in given)

    async def play() -> tuple[bytes, bytes]:
        process = await asyncio.create_subprocess_exec(
            *how["args"], cwd=how["cwd"], env=how["env"],
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(DEADLINE):
            return await process.communicate(lines.encode())

    out, err = asyncio.run(play())
    said = err.decode()
    assert SECRET.encode() in out
    assert SECRET not in said
    for name in ("aiosqlite", "asyncio", "bot.turns", "bot.delivery"):
        assert f" {name}: " in said, said


def test_the_configuration_chooses_level_and_form(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[storage]\npath = "x.db"\n[coach]\noperator = "x"\n[log]\nlevel = "loud"\nformat = "xml"\n')
    said = run("check", "--config", str(config)).stdout.decode()
    assert "[log] level" in said
    assert "[log] format" in said


def test_reading_a_log_needs_no_more_than_a_line_at_a_time() -> None:
    logs.set_up("info", "json")
    stream = io.StringIO()
    before, sys.stderr = sys.stderr, stream
    try:
        logging.getLogger("bot").error("%s", "a\nb\r\nc")
    finally:
        sys.stderr = before
    assert len(stream.getvalue().splitlines()) == 1
