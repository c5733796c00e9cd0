"""The short part of fuzzing: every input that is kept, and some made of them, the same at every run.

`make fuzz` goes on where this ends.
"""

from __future__ import annotations

import random

import pytest

from tests.fuzz import corpora
from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS

MADE = {"conversation": 60, "cards": 60, "dates": 100, "text": 150}
USUAL = 500


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_kept_breaks_nothing(name: str) -> None:
    kept = corpora.load(name)
    assert kept
    for data in kept:
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_made_of_it_breaks_nothing(name: str) -> None:
    chance, of = random.Random(name), corpora.load(name)
    for _ in range(MADE.get(name, USUAL)):
        data = mutated(chance, of)
        try:
            TARGETS[name](data)
        except Exception as error:
            pytest.fail(f"{name} broke on {data!r}: {error!r}")


@pytest.mark.parametrize("name", TARGETS)
def test_a_kept_input_is_called_after_what_is_in_it(name: str) -> None:
    for file in (corpora.FOLDER / name).iterdir():
        assert file.name == corpora.name_of(file.read_bytes())


def test_the_same_seed_makes_the_same_inputs() -> None:
    of = corpora.load("matrix")
    one, other = random.Random(5), random.Random(5)
    assert [mutated(one, of) for _ in range(200)] == [mutated(other, of) for _ in range(200)]
