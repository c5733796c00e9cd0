"""How the tests are spread over processes."""

from __future__ import annotations

import os


def pytest_xdist_auto_num_workers() -> int:
    """Two processes a core: the tests of transports mostly wait, for programs to start and for answers to be late."""
    return 2 * (os.cpu_count() or 1)
