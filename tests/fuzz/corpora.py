"""The inputs that are kept: a folder a target, a file an input. Rule: a name is the hash of what is in it, so that the
same input is kept once, whoever found it."""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
LONGEST_NAME = 16


def name_of(data: bytes) -> str:
    """What an input is called."""
    return hashlib.sha256(data).hexdigest()[:LONGEST_NAME]


def load(target: str, folder: Path = FOLDER) -> list[bytes]:
    """The inputs of a target, in the order of their names."""
    return [file.read_bytes() for file in sorted((folder / target).glob("*")) if file.is_file()]


def keep(target: str, data: bytes, folder: Path = FOLDER) -> Path:
    """Keep an input; where."""
    file = folder / target / name_of(data)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file
