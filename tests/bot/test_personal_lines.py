"""Personal data on JSON lines, with the real loop and database: while it is held only the database has it, and after
that no file has.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot.process import AT, Line, Served, clock, edit, members, message, of_type, redact, sign

SECRET = "0687654321"
TEXT = f"Bel Sam op {SECRET}"


def files(path: Path) -> bytes:
    """All that stands in the database, its log and what lies beside it."""
    return b"".join(one.read_bytes() for one in sorted(path.parent.rglob("*")) if one.is_file())


async def held(served: Served) -> str:
    """A text of Anna that is held; the coach's message about it."""
    await served.send(members("e0", "Anna", "Bas") | {"at": AT}, message("e1", "!start"))
    out = of_type(await served.send(message("e2", "!ga impact.outcome")), "message")
    out = of_type(await served.send(message("e3", TEXT, reply_to=out[-1]["id"])), "message")
    assert [(line["kind"], line["step"]) for line in out] == [("nudge", "impact.outcome")]
    assert SECRET not in str(out)
    assert SECRET.encode() in files(served.path)
    return str(out[0]["id"])


ENDS: dict[str, Callable[[str], Line]] = {
    "a day": lambda number: clock("2026-11-24T10:01:00+01:00"),
    "a cross on it": lambda number: sign("e4", number, "❌", "Bas"),
    "a cross on the message": lambda number: sign("e4", "e3", "❌", "Bas"),
    "a tick": lambda number: sign("e4", number, "✅", "Bas"),
    "a word": lambda number: message("e4", "weg ermee", "Bas", reply_to=number),
    "written anew": lambda number: message("e4", "Bel Sam", reply_to=number),
    "edited": lambda number: edit("e4", "e3", "Bel Sam"),
    "edited to something else": lambda number: edit("e4", "e3", "Mail sam@voorbeeld.nl"),
    "removed": lambda number: redact("e4", "e3"),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("restarts", [False, True])
async def test_when_it_went_no_file_has_it(served: Served, end: str, restarts: bool) -> None:
    number = await held(served)
    if restarts:
        await served.restart()
    out = await served.send(ENDS[end](number))
    assert [line for line in out if line["type"] in ("edit", "message")]
    assert SECRET not in str(out)
    assert SECRET.encode() not in files(served.path)


async def test_no_log_has_it(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    number = await held(served)
    await served.send(message("e4", f"Bel dan {SECRET}", reply_to=number))
    await served.send(clock("2026-11-25T10:01:00+01:00"))
    assert SECRET not in caplog.text
