"""The transcripts of the terminal, by real people in encrypted rooms: every message, edit and sign of the coach is the
one that the transcript has, and so is the export. First of them the NS case of the guide, in full.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transports import ns_case, ns_room
from tests.transports.ns_room import Playing, a_coach
from tests.transports.team import Team

WHOLE = pytest.mark.whole


# Beside the case: discussion (signs taken off, removals, somebody comes, others leave) and, in a room of one, mistakes
# (edits, near misses).
@pytest.mark.long
@pytest.mark.parametrize(
    "name", [pytest.param("ns_full_group", marks=WHOLE), "discussion", pytest.param("mistakes", marks=WHOLE)]
)
async def test_a_transcript_in_an_encrypted_room(name: str, team: Team, tmp_path: Path) -> None:
    case = ns_case.record(f"{name}.txt", tmp_path)
    people = await ns_room.cast(team, case)
    first = case.acts[0].incoming
    assert isinstance(first, ns_room.People)
    present = {person.id: people[person.id] for person in first.people}
    async with a_coach(team, tmp_path / "coach") as coach:
        room = await team.room(*present.values())
        await ns_room.invite(room, people["Anna"], coach.account.user_id, present)
        playing = Playing(room, coach.account, people, people["Anna"])
        await playing.play(case.acts)
        export = await coach.export(room)
        assert await coach.stop() == 0
        case.check_kept(coach.folder)
    assert ns_case.canvas(export) == ns_case.canvas(ns_case.lines_export(case.acts, tmp_path))
