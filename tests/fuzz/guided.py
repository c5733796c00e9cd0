"""One target, fed with inputs that are guided by what the earlier ones reached (atheris, libFuzzer).

Rule: a process of its own, for libFuzzer ends it. What reached something new is kept in the folder of finds; what broke
the target under `crashes/`, and then the exit code is not 0.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["flows", "bot", "storage"]):
    from tests.fuzz import targets

from tests.fuzz import corpora
from tests.fuzz.mutate import LONGEST, mutated


def main(target: str, seconds: int, seed: int, finds: Path) -> None:
    """Feed a target for a while; does not come back."""
    of = corpora.load(target)
    crashes = finds / "crashes" / target
    for folder in (finds / target, crashes):
        folder.mkdir(parents=True, exist_ok=True)

    def made(data: bytes, longest: int, chosen: int) -> bytes:
        # Half by our own words and by JSON values, half by bits and bytes.
        if chosen & 1:
            return bytes(atheris.Mutate(data, longest))
        return mutated(random.Random(chosen), [data, *of])[:longest]

    options = [
        f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-seed={seed}", f"-artifact_prefix={crashes}/",
        "-print_final_stats=1", "-verbosity=0", "-timeout=20", str(finds / target), str(corpora.FOLDER / target),
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options], targets.TARGETS[target], custom_mutator=made)
    atheris.Fuzz()


if __name__ == "__main__":
    name, seconds, seed, finds = sys.argv[1:]
    main(name, int(seconds), int(seed), Path(finds))
