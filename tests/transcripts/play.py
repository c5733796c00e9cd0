"""Prints a transcript as a conversation, with all that the coach says in full, so that a person can read it.

`python -m tests.transcripts.play tests/transcripts/discussion.txt [...]`; files without a folder are looked for here.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.transcripts.script import Player, TranscriptFailure

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    """Play the files that are named, all of them where none is; 1 where one is not as it says."""
    paths = [Path(name) if Path(name).exists() else HERE / name for name in names] or sorted(HERE.glob("*.txt"))
    failed = 0
    for path in paths:
        print(f"===== {path.name} =====")
        with tempfile.TemporaryDirectory() as folder:
            player = Player(path, Path(folder), print)
            try:
                player.play()
            except TranscriptFailure as failure:
                failed = 1
                print(f"!!!!! {failure}", file=sys.stderr)
            print(f"===== {path.name}: {player.happened} of people, {len(player.said)} of the coach =====")
            player.chat.conn.close()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
