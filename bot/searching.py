"""Looks for texts in files, byte by byte, in a process of its own: `python -m bot.searching`, JSON in and out.

Rule: a process that has a database open must not open its file again by another way: closing that would let go of
SQLite's locks. What is looked for comes by the pipe and goes with the process; only numbers come back.
"""

from __future__ import annotations

import asyncio
import json
import mmap
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_WORK = 40 * 1024**3  # bytes times texts: beyond it fewer texts are looked for, spread over all of them


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: how many files and bytes were read, how many texts looked for, and which of these (by
    their place) stand in which file."""

    files: int
    size: int
    texts: int
    hits: tuple[tuple[int, str], ...]


def files_of(places: Iterable[Path]) -> list[Path]:
    """The files that are at these places now, and in them where they are folders."""
    found: set[Path] = set()
    for place in places:
        found |= {one for one in place.rglob("*") if one.is_file()} if place.is_dir() else {place}
    return sorted(one for one in found if one.is_file() and not one.is_symlink())


def search(places: Sequence[Path], texts: Sequence[str]) -> Found:
    """Look for texts in all files at these places; as they are written, and as JSON writes them."""
    files = files_of(places)
    total = sum(_size(one) for one in files)
    most = max(1, MOST_WORK // max(total, 1))
    step = max(1, -(-len(texts) // most))
    wanted = [(place, _forms(texts[place])) for place in range(0, len(texts), step)]
    hits: list[tuple[int, str]] = []
    for file in files:
        try:
            with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
                hits += [(place, str(file)) for place, forms in wanted if any(data.find(one) >= 0 for one in forms)]
        except (OSError, ValueError):  # gone meanwhile, or empty
            continue
    return Found(len(files), total, len(wanted), tuple(hits))


def _forms(text: str) -> set[bytes]:
    plain, escaped = json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]
    return {one.encode("utf-8", "replace") for one in (text, plain, escaped)}


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


async def search_apart(places: Sequence[Path], texts: Sequence[str]) -> Found:
    """The same, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.searching", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    given = json.dumps({"places": [str(one.absolute()) for one in places], "texts": list(texts)})
    said, _ = await process.communicate(given.encode("utf-8", "replace"))
    if process.returncode != 0:
        raise RuntimeError("the search ended early")
    found = json.loads(said)
    return Found(found["files"], found["size"], found["texts"], tuple((one[0], one[1]) for one in found["hits"]))


def main() -> None:
    """Read what is to be searched, and write what was found."""
    given = json.loads(sys.stdin.buffer.read())
    found = search([Path(one) for one in given["places"]], given["texts"])
    said = {"files": found.files, "size": found.size, "texts": found.texts, "hits": [list(one) for one in found.hits]}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
