"""`make fuzz`: look for inputs that break what reads them. `make fuzz ARGS="teams --seconds 600"`.

Guided by coverage where atheris is installed, else made of the inputs that are kept, without a guide. Exit 1 where
something broke: the input is named, and `python -m tests.fuzz --replay FILE TARGET` does it again.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import subprocess
import sys
import time
import traceback
from pathlib import Path

from tests.fuzz import corpora, loop, mutate
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]
FINDS = ROOT / ".fuzz"
SECONDS = 60


def main() -> int:
    """Feed the targets that were asked; the exit code."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join((*TARGETS, 'loop'))}; else all")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=loop.INPUTS, help="for the whole loop")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="one input, for one target")
    chosen = parser.parse_args()
    names = chosen.targets or [*TARGETS, "loop"]
    if unknown := [name for name in names if name not in (*TARGETS, "loop")]:
        parser.error(f"no such target: {', '.join(unknown)}")
    if chosen.replay is not None:
        TARGETS[names[0]](chosen.replay.read_bytes())
        return 0
    guided = importlib.util.find_spec("atheris") is not None
    if not guided:
        print("atheris is not here: inputs are made without a guide")
    broken = []
    for name in names:
        print(f"== {name}", flush=True)
        if name == "loop":
            fine = loop.report(chosen.inputs, chosen.seed)
        elif guided:
            fine = _guided(name, chosen.seconds, chosen.seed)
        else:
            fine = _unguided(name, chosen.seconds, chosen.seed)
        if not fine:
            broken.append(name)
    print(f"broken: {', '.join(broken)}" if broken else "nothing broke")
    return 1 if broken else 0


def _guided(name: str, seconds: int, seed: int) -> bool:
    command = [sys.executable, "-m", "tests.fuzz.guided", name, str(seconds), str(seed), str(FINDS)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def _unguided(name: str, seconds: int, seed: int) -> bool:
    chance, of = random.Random(seed), corpora.load(name)
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        data = mutate.mutated(chance, of)
        count += 1
        try:
            TARGETS[name](data)
        except Exception:
            traceback.print_exc()
            print(f"input: {corpora.keep(name, data, FINDS / 'crashes')}")
            return False
    print(f"{count} inputs")
    return True


if __name__ == "__main__":
    sys.exit(main())
