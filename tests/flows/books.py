"""Books to test with: copies of the real one with something changed. Rule: a change that finds nothing to change fails,
so that no test goes stale in silence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flows.book import BookError, load_book
from flows.book.load import books_folder

REAL = books_folder().joinpath("opschalen", "nl")
STEP = "[[step]]\n"


@dataclass(frozen=True)
class Break:
    """In `file`, within the step `step` (or the whole file), `old` becomes `new` once."""

    file: str
    step: str | None
    old: str
    new: str


def copy_book(folder: Path) -> Path:
    """The real book as files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in REAL.iterdir():
        if entry.name.endswith(".toml"):
            (folder / entry.name).write_text(entry.read_text("utf-8"), "utf-8")
    return folder


def apply_break(folder: Path, change: Break) -> None:
    """Change one place of a copied book."""
    path = folder / change.file
    text = path.read_text("utf-8")
    if change.step is None:
        assert change.old in text, f"{change.file} has no {change.old!r}"
        path.write_text(text.replace(change.old, change.new, 1), "utf-8")
        return
    blocks = text.split(STEP)
    (place,) = [number for number, block in enumerate(blocks) if block.startswith(f'id = "{change.step}"\n')]
    assert change.old in blocks[place], f"{change.step} has no {change.old!r}"
    blocks[place] = blocks[place].replace(change.old, change.new, 1)
    path.write_text(STEP.join(blocks), "utf-8")


def without_line(folder: Path, file: str, step: str, key: str) -> None:
    """Take the (one-line) text `key` of a step away."""
    path = folder / file
    blocks = path.read_text("utf-8").split(STEP)
    (place,) = [number for number, block in enumerate(blocks) if block.startswith(f'id = "{step}"\n')]
    blocks[place], count = re.subn(rf'^{key} = ".*"\n', "", blocks[place], count=1, flags=re.MULTILINE)
    assert count, f"{step} has no {key} on one line"
    path.write_text(STEP.join(blocks), "utf-8")


def without_step(folder: Path, step: str) -> None:
    """Take a whole step away."""
    path = folder / f"{step.split('.')[0]}.toml"
    blocks = path.read_text("utf-8").split(STEP)
    kept = [block for block in blocks if not block.startswith(f'id = "{step}"\n')]
    assert len(kept) == len(blocks) - 1, f"no step {step}"
    path.write_text(STEP.join(kept), "utf-8")


def rename_step(folder: Path, old: str, new: str) -> None:
    """Call a step otherwise, wherever it is named."""
    count = 0
    for path in sorted(folder.glob("*.toml")):
        text, times = re.subn(rf"(?<![a-z.]){re.escape(old)}(?![a-z.])", new, path.read_text("utf-8"))
        count += times
        path.write_text(text, "utf-8")
    assert count, f"no step {old}"


def faults_of(folder: Path) -> list[str]:
    """What loading a book names; nothing where it loads."""
    try:
        load_book(folder)
    except BookError as error:
        return error.faults
    return []
