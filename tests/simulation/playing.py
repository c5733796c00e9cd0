"""Playing seeds, with and without a deliberate fault, in this process or one of its own. Rule: what is here can be sent
to another process by name.
"""

from __future__ import annotations

import gc
import time

from tests.simulation import connector
from tests.simulation.connector import TEAMS_MUTANTS
from tests.simulation.mutants import MUTANTS
from tests.simulation.story import Report, play

PLAYS = {"matrix": play, "teams": connector.play}
ALL_MUTANTS = {**MUTANTS, **TEAMS_MUTANTS}


def played(work: tuple[int, str, str | None]) -> tuple[str, Report, float]:
    """Play one; the chat, what came of it, and the seconds of the processor that it took."""
    seed, chat, mutant = work
    gc.collect()
    begun = time.process_time()
    report = PLAYS[chat](seed, None if mutant is None else ALL_MUTANTS[mutant])
    report.trace = ""
    return chat, report, time.process_time() - begun


def seen_in(name: str) -> int | None:
    """The first seed that sees a deliberate fault."""
    mutant, chat = ALL_MUTANTS[name], "teams" if name in TEAMS_MUTANTS else "matrix"
    return next((seed for seed in mutant.tries() if PLAYS[chat](seed, mutant).fault is not None), None)
