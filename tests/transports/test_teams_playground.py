"""The coach in Microsoft's own Agents Playground, at its page in a real browser, behind signed requests: cards to fill
in and buttons to press, mentions in a group, and a restart in the middle.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import reading
from tests.homeserver.ports import free_port
from tests.transports.playground import BOT_NAME, GROUP_PLACE, PERSONAL_PLACE, Person, Playground
from tests.transports.teams_room import APP, TeamsProcess
from tests.transports.teams_signer import Signer

pytestmark = pytest.mark.usefixtures("browser")


@pytest.fixture
async def coach(tmp_path: Path) -> AsyncIterator[TeamsProcess]:
    """A coach that trusts the signer, and listens."""
    playground_port, port = free_port(), free_port()
    service = f"http://127.0.0.1:{playground_port}/_connector"
    signer = await Signer(APP, service, f"http://127.0.0.1:{port}/api/messages").start()
    coach = TeamsProcess(tmp_path / "coach", signer.issuer, port, openid_metadata_url=signer.metadata)
    playground = Playground(tmp_path / "playground", signer.endpoint, service, playground_port)
    try:
        await playground.start()
        await coach.start()
        coach.playground = playground  # type: ignore[attr-defined]
        yield coach
    finally:
        await coach.close()
        await playground.stop()
        await signer.stop()


@pytest.fixture
async def anna(coach: TeamsProcess) -> AsyncIterator[Person]:
    anna = await Person(coach.playground).open()  # type: ignore[attr-defined]
    yield anna
    await anna.close()


def names(coach: TeamsProcess) -> list[str]:
    """What the pilots of the rooms are called; a room without a name has "-"."""
    return [line.split("\t")[2] for line in reading.room_lines(coach.db)]


async def test_a_chat_alone_by_cards(coach: TeamsProcess, anna: Person, tmp_path: Path) -> None:
    await anna.go(PERSONAL_PLACE)
    await anna.send("!start")
    card = await anna.wait("Hoe heet jullie pilot?")
    assert card["card"]
    assert {"Opslaan", "Weet niet", "Overslaan", "Voorbeeld"} <= {one.strip("✅ ") for one in card["buttons"]}
    label = card["inputs"][0]["label"]
    await anna.fill("Hoe heet jullie pilot?", label, "Jeugdhulp dichtbij")
    await anna.press("Hoe heet jullie pilot?", "Opslaan")
    await anna.wait("Jeugdhulp dichtbij")
    await anna.screenshot(tmp_path / "card.png")
    assert "Jeugdhulp dichtbij" in names(coach)
    await anna.send("verder")
    await anna.wait("Van wanneer tot wanneer")
    await anna.send("!overzicht")
    await anna.wait("nog open")
    await anna.screenshot(tmp_path / "overview.png")


async def test_a_group_by_mentions_and_a_restart_in_the_middle(coach: TeamsProcess, anna: Person) -> None:
    await anna.go(GROUP_PLACE)
    await anna.send("onder ons gezegd")
    await anna.send("!start", mention=BOT_NAME)
    await anna.wait("Hoe heet jullie pilot?")
    await coach.stop()
    await coach.start()
    await anna.send("!antwoord Buurtbus Noord", mention=BOT_NAME)
    await anna.wait("Buurtbus Noord", author=BOT_NAME)
    assert "Buurtbus Noord" in names(coach)
    files = [one for one in coach.db.parent.glob("coach.db*") if one.is_file()]
    assert b"onder ons gezegd" not in b"".join(one.read_bytes() for one in files)


async def test_what_is_kept_about_somebody_comes_in_their_own_chat(coach: TeamsProcess, anna: Person) -> None:
    """Beside a pilot of her own there, which goes on."""
    await anna.go(PERSONAL_PLACE)
    await anna.send("!start")
    await anna.wait("Hoe heet jullie pilot?")
    await anna.send("Mijn eigen pilot")
    await anna.wait("Mijn eigen pilot")
    await anna.go(GROUP_PLACE)
    await anna.send("!start", mention=BOT_NAME)
    await anna.wait("Hoe heet jullie pilot?")
    await anna.send("!antwoord Buurtbus Noord", mention=BOT_NAME)
    await anna.wait("Buurtbus Noord")
    await anna.send("!mijngegevens", mention=BOT_NAME)
    await anna.wait("Ik stuur het je in een chat met mij alleen")
    assert not [one for one in await anna.messages() if "Wat ik over jou bewaar" in one["text"]]
    await anna.go(PERSONAL_PLACE)
    told = await anna.wait("Wat ik over jou bewaar")
    assert "Buurtbus Noord" in told["text"]
    await anna.send("verder")
    await anna.wait("Van wanneer tot wanneer", after=told["n"])
    assert {"Mijn eigen pilot", "Buurtbus Noord"} <= set(names(coach))
