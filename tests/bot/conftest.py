"""A data folder, and a coach on JSON lines in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.process import Served


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "coach.db"


@pytest.fixture
async def served(path: Path) -> AsyncIterator[Served]:
    served = await Served(path).start()
    yield served
    await served.stop()
