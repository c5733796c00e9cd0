"""A database on a real disk for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import rooms
from storage.writer import Writer

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "coach.db"


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    writer = await Writer.open(path)
    yield writer
    await writer.close()


@pytest.fixture
async def room(writer: Writer) -> int:
    return await writer.run(lambda conn: rooms.ensure(conn, "console", "!kamer"))


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def later() -> datetime:
    return NOON + timedelta(minutes=5)
