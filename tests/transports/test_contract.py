"""What holds on every transport: the same checks, run on each of them.

What people do differs (a reply, a card), what comes of it may not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.transports.talks import TALKS, Talk

WELCOME = "Ik ben de opschaalcoach"


@pytest.fixture(params=sorted(TALKS))
async def talk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Talk]:
    # Only Matrix needs a homeserver: the others don't wait for one.
    synapse = request.getfixturevalue("synapse") if request.param == "matrix" else None
    async with TALKS[request.param](tmp_path, synapse) as found:
        yield found


def answered(canvas: dict[str, Any]) -> dict[str, Any]:
    """What stands at the steps that are not open: state, and who said what."""
    return {
        step: (found["state"], [(item["text"], item["author"]) for item in found["items"]])
        for step, found in canvas["steps"].items()
        if found["state"] != "open"
    }


async def test_the_welcome_is_said_once(talk: Talk) -> None:
    await talk.invite()
    await talk.invite()
    await talk.restart()
    await talk.invite()
    assert sum(WELCOME in text for text in await talk.said()) == 1


async def test_a_walk_leads_to_the_same_canvas(talk: Talk) -> None:
    await talk.invite()
    await talk.begin()
    await talk.answer("Anna", "Pilot Vroeg Erbij")
    await talk.go_on("Bas")
    await talk.command("Bas", "!ga impact.vraagstuk")
    await talk.answer("Bas", "Wachtlijsten in de zorg")
    await talk.answer("Anna", "- te laat\n- te duur")
    await talk.restart()
    await talk.answer("Bas", "Te ver weg")
    await talk.go_on("Anna")
    await talk.command("Anna", "!overslaan")
    found = answered(await talk.export())
    assert found.pop("impact.vraagstuk") == (
        "answered",
        [("Wachtlijsten in de zorg", "Bas"), ("te laat", "Anna"), ("te duur", "Anna"), ("Te ver weg", "Bas")],
    )
    assert [state for state, _ in found.values()] == ["answered", "skipped"]


async def test_what_comes_again_counts_once(talk: Talk) -> None:
    await talk.invite()
    await talk.begin()
    await talk.command("Anna", "!ga impact.vraagstuk")
    await talk.answer("Bas", "Wachtlijsten")
    await talk.again()
    await talk.restart()
    await talk.again()
    assert answered(await talk.export()) == {"impact.vraagstuk": ("answered", [("Wachtlijsten", "Bas")])}


async def test_what_is_not_for_the_coach_leaves_no_trace(talk: Talk) -> None:
    await talk.invite()
    await talk.begin()
    before = len(await talk.said())
    await talk.chat("Bas", "De schaatsbaan is bevroren")
    assert len(await talk.said()) == before
    await talk.answer("Bas", "Wachtlijsten")
    kept = talk.kept()
    assert b"Wachtlijsten" in kept
    assert b"schaatsbaan" not in kept


async def test_an_action_is_kept_with_who_and_when(talk: Talk) -> None:
    await talk.invite()
    await talk.begin()
    await talk.command("Anna", "!actie memo schrijven @Bas 15 januari 2030")
    (action,) = (await talk.export())["actions"]
    assert (action["text"], action["owner"], action["due"]) == ("memo schrijven", "Bas", "2030-01-15")
    await talk.command("Bas", "!gedaan 1")
    (action,) = (await talk.export())["actions"]
    assert action["state"] == "done"
