"""The simulation, as one command.

    python -m tests.simulation                       200 seeds, the deliberate faults, a week, 100 real kills
    python -m tests.simulation --seed 7              one seed, with its trace
    python -m tests.simulation --seeds 0-999         more of them
    python -m tests.simulation --mutant no-order     which seeds see a deliberate fault
    python -m tests.simulation --week                a week with 200 rooms
    python -m tests.simulation --kills 10            real kills alone

Rule: it prints what was played and how long it took, and ends with 1 where something did not hold.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from multiprocessing import get_context

from tests.simulation import kills, week
from tests.simulation.connector import TEAMS_MUTANTS
from tests.simulation.playing import ALL_MUTANTS, PLAYS, played, seen_in
from tests.simulation.story import Report

SEEDS = range(200)
KILLS = 100
BATCH = 50  # kills of one database


def main() -> int:
    """Play what was asked; the exit code."""
    asked = _asked()
    begun = time.monotonic()
    if asked.seed is not None:
        good = _one(asked.seed, asked.chat, asked.mutant)
    elif asked.mutant is not None:
        good = _seen(asked.mutant, asked.seeds or range(40))
    elif asked.week:
        good = _week()
    elif asked.kills is not None:
        good = _killed(asked.kills)
    else:
        good = _many(asked.seeds or SEEDS, asked.jobs)
        if asked.seeds is None:
            good = _caught(asked.jobs) and good
            good = _week() and good
            good = _killed(KILLS) and good
    print(f"{time.monotonic() - begun:.0f} s in all")
    return 0 if good else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--seeds", type=_range)
    parser.add_argument("--chat", choices=PLAYS, default="matrix", help="of --seed")
    parser.add_argument("--mutant", choices=ALL_MUTANTS)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--week", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _one(seed: int, chat: str, mutant: str | None) -> bool:
    if mutant is not None:
        chat = "teams" if mutant in TEAMS_MUTANTS else "matrix"
    report = PLAYS[chat](seed, None if mutant is None else ALL_MUTANTS[mutant])
    print(report.trace)
    print(f"seed {seed} in {chat}: {report.fault or 'all held'}")
    return report.fault is None


def _over(works: list[tuple[int, str, str | None]], jobs: int) -> Iterator[tuple[str, Report, float]]:
    """Play these, in processes of their own: what is left of dropped coaches goes with them."""
    # Not ProcessPoolExecutor: on Python 3.11 it hangs where its processes are to end after so many tasks.
    with get_context("spawn").Pool(jobs, maxtasksperchild=25) as pool:
        yield from pool.imap(played, works)


def _many(seeds: Iterable[int], jobs: int) -> bool:
    """Play these seeds in every chat."""
    figures: Counter[str] = Counter()
    failed, seconds = [], 0.0
    works = [(seed, chat, None) for seed in seeds for chat in PLAYS if chat == "matrix" or seed % 4 == 0]
    for chat, report, took in _over(works, jobs):
        figures.update(report.figures)
        figures["seeds"] += 1
        seconds += took
        if report.fault is not None:
            failed.append(report)
            again = f"python -m tests.simulation --chat {chat} --seed {report.seed}"
            print(f"seed {report.seed} in {chat}: {report.fault}\n  {again}", flush=True)
    print(f"{figures.pop('seeds')} seeds, {seconds:.0f} s of the processor: " + _shown(figures))
    return not failed


def _shown(figures: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in figures.items())


def _caught(jobs: int) -> bool:
    """Every deliberate fault is seen in one of the seeds in which it must be."""
    begun = time.monotonic()
    with get_context("spawn").Pool(jobs, maxtasksperchild=4) as pool:
        found = dict(zip(ALL_MUTANTS, pool.map(seen_in, ALL_MUTANTS, chunksize=1), strict=True))
    for name, seed in found.items():
        if seed is None:
            print(f"the deliberate fault {name} was not seen: {ALL_MUTANTS[name].broken}")
    missed = [name for name, seed in found.items() if seed is None]
    told = ", ".join(f"{name} in {seed}" for name, seed in found.items() if seed is not None)
    print(
        f"{len(found) - len(missed)} of {len(found)} deliberate faults seen ({time.monotonic() - begun:.0f} s): {told}"
    )
    return not missed


def _seen(name: str, seeds: Iterable[int]) -> bool:
    seen = False
    chat = "teams" if name in TEAMS_MUTANTS else "matrix"
    for seed in seeds:
        _, report, took = played((seed, chat, name))
        if report.fault is not None:
            seen = True
            print(f"seed {seed} ({took:.1f} s): {report.fault}", flush=True)
    return seen


def _week() -> bool:
    begun = time.process_time()
    said = week.play()
    print(f"a week with {week.ROOMS} rooms: {said or 'flat'} ({time.process_time() - begun:.0f} s of the processor)")
    return said is None


def _killed(count: int) -> bool:
    """Kill the real process so many times, on a few databases."""
    begun = time.monotonic()
    said = [kills.matrix(min(BATCH, count - first), 1 + first) for first in range(0, count, BATCH)]
    wrong = [one for one in said if one is not None]
    held = wrong[0] if wrong else "nothing lost, nothing twice"
    print(f"{count} kills in matrix: {held} ({time.monotonic() - begun:.0f} s)")
    return not wrong


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # what is left of dropped coaches is not worth a clean-up
