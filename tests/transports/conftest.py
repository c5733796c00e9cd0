"""One homeserver for each test process, new people for each test."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.homeserver.synapse import Synapse, SynapseError
from tests.transports.js_client import why_not
from tests.transports.matrix_room import house
from tests.transports.node_process import why_not as why_no_node
from tests.transports.playground import why_not as why_no_playground
from tests.transports.team import Team

MEMORY = Path("/dev/shm")  # a disk in memory, where there is one
ENOUGH = 2 * 1024**3

__all__ = ["browser", "house", "manifest_schema", "node", "synapse", "team"]


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """A running homeserver without rate limits, shared by the tests: one that restarts it must leave it running."""
    fault = None
    with contextlib.ExitStack() as stack:
        folder = tmp_path_factory.mktemp("synapse")
        if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
            # Its commits are most of what the tests wait for, and none of it is kept.
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="synapse-", dir=MEMORY)))
        try:
            synapse = Synapse(folder).launch()
        except SynapseError as error:
            fault = str(error)
        if fault is not None:  # outside the except: one line, not the same line twice
            pytest.fail(fault, pytrace=False)
        yield synapse
        synapse.end()


@pytest.fixture
async def team(synapse: Synapse, tmp_path: Path) -> AsyncIterator[Team]:
    """Makes people for this test."""
    team = Team(synapse, tmp_path / "people")
    yield team
    await team.close()


@pytest.fixture(scope="session")
def node() -> None:
    """Asks for node and the independent client; skips with the reason without them, and fails where CI is set."""
    _asks(why_not())


@pytest.fixture(scope="session")
def browser() -> None:
    """Asks for node, the Agents Playground and Chromium, likewise."""
    _asks(why_no_playground())


@pytest.fixture(scope="session")
def manifest_schema() -> None:
    """Asks for Microsoft's schema of the manifest, likewise."""
    _asks(why_no_node("the schema of the Teams manifest", "@microsoft/app-manifest"))


def _asks(reason: str | None) -> None:
    if reason is not None and os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    if reason is not None:
        pytest.skip(reason)
