"""The command with every logger there is at its lowest level. Rule: nothing else is changed."""

from __future__ import annotations

import logging
import sys

from bot import cli


def main() -> int:
    """Run it."""
    logging.Logger.isEnabledFor = lambda self, level: True  # type: ignore[method-assign, misc]
    sys.argv[0] = "opschaalcoach"
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
