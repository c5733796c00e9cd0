"""`python -m bot` is the command `opschaalcoach`."""

import sys

from bot.cli import main

sys.exit(main())
