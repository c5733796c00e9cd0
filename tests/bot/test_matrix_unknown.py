"""Rooms that the client does not know yet: asked for soon, and not over and over where the homeserver is away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.transports.matrix.unknown import LATEST, SOON, Unknown

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def tries(unknown: Unknown, hours: float) -> list[float]:
    """After how many seconds it is tried, where it is tried as soon as it may."""
    found = [0.0]
    while (waited := found[-1] + unknown.wait("!a", NOON + timedelta(seconds=found[-1]))) < hours * 3_600:
        found.append(waited)
    return found


def test_what_was_joined_just_now_is_tried_soon() -> None:
    unknown = Unknown()
    assert tries(unknown, 1 / 3_600) == [0, SOON, 2 * SOON, 3 * SOON]


def test_while_the_homeserver_is_away_it_is_tried_a_few_times_a_minute_at_most() -> None:
    found = tries(Unknown(), 12)
    assert 12 * 3_600 / LATEST <= len(found) < 12 * 3_600 / LATEST + 50


@given(st.floats(1, 86_400))
def test_it_goes_on_soon_after_the_room_is_there(back: float) -> None:
    late = next(one for one in tries(Unknown(), 25) if one >= back) - back
    assert late <= min(max(back / 4, SOON), LATEST) + 1e-6


def test_a_room_that_was_found_begins_anew_and_each_room_has_its_own() -> None:
    unknown = Unknown()
    unknown.wait("!a", NOON)
    later = NOON + timedelta(minutes=10)
    assert (unknown.wait("!a", later), unknown.wait("!b", later)) == (LATEST, SOON)
    unknown.found("!a")
    assert unknown.wait("!a", later) == SOON
