"""Which tests are run, in which order, and how many at a time.

Rule: `make test` stays under ten minutes on two cores; what takes longest at the real thing, and of which others show a
part, is marked `whole` and run where OPSCHAALCOACH_TESTS_WHOLE is set, as `.ci/run` does, or where it is asked for by
name.
"""

from __future__ import annotations

import gc
import os

import pytest

WHOLE = bool(os.environ.get("OPSCHAALCOACH_TESTS_WHOLE"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest ones first, so that nobody waits for them at the end."""
    asked = {argument.partition("::")[0].rpartition("/")[2] for argument in config.invocation_params.args}
    left = [] if WHOLE else [one for one in items if _is_whole(one) and one.path.name not in asked]
    if left:
        items[:] = [one for one in items if one not in left]
        config.hook.pytest_deselected(items=left)
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def _is_whole(item: pytest.Item) -> bool:
    return item.get_closest_marker("whole") is not None


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay till the end: nobody needs to look through them for rubbish again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a good part of the tests waits for servers."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 1
