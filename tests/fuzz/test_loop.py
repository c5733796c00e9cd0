"""The short part of what `make fuzz` does at length: made-up inputs for the whole coach, in three lives of it."""

from __future__ import annotations

from tests.fuzz import loop

LIFE = 300


def test_no_line_breaks_the_coach_and_no_answer_is_lost() -> None:
    found = loop.run(3 * LIFE, seed=7, a_life=LIFE)
    assert [one.inputs for one in found] == [LIFE, 2 * LIFE, 3 * LIFE]
    assert found[2].objects < found[1].objects * 1.01
