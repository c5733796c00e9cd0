"""In which order the tests are run, and how many at a time."""

from __future__ import annotations

import gc
import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest ones first, so that nobody waits for them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay till the end: nobody needs to look through them for rubbish again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a good part of the tests waits for servers."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 1
