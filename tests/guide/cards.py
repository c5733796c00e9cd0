"""Pictures of the coach's cards, as Microsoft's Agents Playground shows them in a real browser.

Rule: the coach is the one that runs, behind signed requests; only the edges of the page are cut off.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.homeserver.ports import free_port
from tests.transports.playground import BOT_NAME, GROUP_PLACE, PEOPLE, PERSONAL_PLACE, Person, Playground
from tests.transports.teams_room import APP, TeamsProcess
from tests.transports.teams_signer import Signer

# Where the messages stand on a page of 1280 by 1000.
_MESSAGES = (338, 49, 1280, 915)


@dataclass(frozen=True)
class Words:
    """What is typed and looked for, in a language."""

    speak: str | None  # the command that turns a chat to it
    question: str
    answer: str
    save: str
    vote: str
    goto: str
    says: str
    voted: str


WORDS = {
    "nl": Words(
        None, "Hoe heet jullie pilot?", "Jeugdhulp dichtbij, Wijk Oost", "Opslaan",
        "Hoe goed staat het onderdeel impact", "!ga impact.status", "deels", "1 stem",
    ),
    "en": Words(
        "!taal en", "What is your pilot called?", "Youth care close by, Wijk Oost", "Save",
        "How well does the part impact", "!goto impact.status", "partly", "1 vote",
    ),
}  # fmt: skip


async def draw(language: str, out: Path) -> None:
    """Draw the card of a question, and that of a vote, in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        playground_port, port = free_port(), free_port()
        service = f"http://127.0.0.1:{playground_port}/_connector"
        signer = await Signer(APP, service, f"http://127.0.0.1:{port}/api/messages").start()
        coach = TeamsProcess(Path(folder) / "coach", signer.issuer, port, openid_metadata_url=signer.metadata)
        playground = Playground(Path(folder) / "playground", signer.endpoint, service, playground_port)
        try:
            await playground.start()
            await coach.start()
            anna = await Person(playground).open()
            try:
                await _alone(anna, WORDS[language], Path(folder), out / "12-teams.png")
                await _together(anna, WORDS[language], Path(folder), out / "13-teams.png")
            finally:
                await anna.close()
        finally:
            await coach.close()
            await playground.stop()
            await signer.stop()


async def _alone(anna: Person, words: Words, folder: Path, out: Path) -> None:
    await anna.go(PERSONAL_PLACE)
    if words.speak is not None:
        await anna.send(words.speak)
        await anna.wait("English")
    await anna.send("!start")
    card = await anna.wait(words.question)
    await anna.fill(words.question, card["inputs"][0]["label"], words.answer)
    await anna.press(words.question, words.save)
    await anna.wait(words.answer)
    await _shot(anna, folder, out)


async def _together(anna: Person, words: Words, folder: Path, out: Path) -> None:
    await anna.go(GROUP_PLACE)
    for said in (words.speak, "!start", words.goto):
        if said is not None:
            await anna.send(said, mention=BOT_NAME)
    await anna.wait(words.vote)
    await anna.playground.says(PEOPLE[1], words.says)
    await anna.wait(words.voted)
    await _shot(anna, folder, out)


async def _shot(anna: Person, folder: Path, out: Path) -> None:
    page = folder / "page.png"
    await anna.screenshot(page)
    with Image.open(page) as whole:
        whole.convert("RGB").crop(_MESSAGES).quantize(256, dither=Image.Dither.NONE).save(out, optimize=True)
