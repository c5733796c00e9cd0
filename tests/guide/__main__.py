"""`make guide`: draw the pictures of the guide for teams anew, by playing its scenes and the case of the guide.

`make guide ARGS=--show` prints what the scenes show, and writes nothing.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from bot.cli import main as command
from tests.chat import ROOM
from tests.guide import cards
from tests.guide.screen import SceneFailure, play
from tests.transcripts.script import Player
from tests.transports import playground

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PICTURES = ROOT / "docs" / "pictures"
SCENES = sorted((HERE / "scenes").glob("*/*.txt"))
# The case of the guide as it is played in a language, of which the canvas is drawn.
CASES = {"nl": "ns_full_group", "en": "ns_full_one_en"}


def main(arguments: list[str]) -> int:
    """Play everything; 1 where a scene does not show what it says."""
    show, failed = "--show" in arguments, 0
    wanted = [one for one in arguments if not one.startswith("-")]
    for scene in SCENES:
        if wanted and scene.stem not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                shown = asyncio.run(play(scene, Path(folder)))
            except SceneFailure as failure:
                print(failure, file=sys.stderr)
                failed = 1
                continue
        if show:
            print(f"===== {scene.parent.name}/{scene.stem}\n{shown.text}")
        else:
            (PICTURES / scene.parent.name).mkdir(parents=True, exist_ok=True)
            (PICTURES / scene.parent.name / f"{scene.stem}.svg").write_text(shown.svg, "utf-8")
    if not show and not wanted:
        reason = playground.why_not()
        if reason is not None:
            print(f"the pictures of cards stay as they are: {reason}")
        for language, case in CASES.items():
            failed |= canvas(case, PICTURES / language / "canvas.png")
            if reason is None:
                asyncio.run(cards.draw(language, PICTURES / language))
    return failed


def canvas(case: str, out: Path) -> int:
    """The canvas of a played case, drawn by the command."""
    with tempfile.TemporaryDirectory() as folder:
        chat = Player(ROOT / "tests" / "transcripts" / f"{case}.txt", Path(folder)).play()
        chat.conn.close()
        return command(["export", ROOM, "--db", str(chat.path), "--format", "png", "--out", str(out)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
