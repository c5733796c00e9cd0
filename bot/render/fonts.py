"""The fonts that pictures and PDFs are set in, and which characters they have.

Rule: fonts come with packages or lie beside this file, with their licences; none of the system's are looked at, so that
every machine makes the same picture.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

_PACKAGES = ("fontpkg_inter", "fontpkg_noto_sans_arabic")
_LEFT_OUT = ("Cc", "Mn", "Me")
MISSING = "□"  # stands for a character that no font has
# What joins or varies the signs beside it, and is not drawn itself.
_UNSEEN = {0x0A, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFE0E, 0xFE0F, *range(0xE0020, 0xE0080)}
_CONTROLS = {*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0)}  # some fonts map them to an empty glyph
_PRIVATE = range(0xE000, 0xF900)  # a PDF for archives may not hold them


@cache
def folders() -> tuple[Path, ...]:
    """The folders with the fonts. Raises ModuleNotFoundError, with the package's name, where one is not installed."""
    found = [Path(str(files("bot").joinpath("render", "fonts")))]
    for name in _PACKAGES:
        spec = find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
        found.append(Path(spec.submodule_search_locations[0]) / "files")
    return tuple(found)


@cache
def paths() -> tuple[Path, ...]:
    """The font files."""
    return tuple(path for folder in folders() for path in sorted(folder.glob("*.ttf")))


@cache
def covered() -> frozenset[int]:
    """The characters that at least one font has."""
    found: set[int] = set(_UNSEEN)
    for path in paths():
        found |= _characters(path.read_bytes())
    return frozenset(found - {*_PRIVATE, *_CONTROLS})


def showable(text: str) -> str:
    """The text with a box for every character that no font has; controls and unknown accents are left out."""
    known = covered()
    if known.issuperset(map(ord, text)):
        return text
    return "".join(one if ord(one) in known else _instead(one) for one in text)


def _instead(one: str) -> str:
    return "" if unicodedata.category(one) in _LEFT_OUT else MISSING


def _characters(data: bytes) -> set[int]:
    """The characters that a font's table `cmap` maps to a glyph (formats 4 and 12)."""
    count = struct.unpack_from(">H", data, 4)[0]
    tables = {data[12 + 16 * n : 16 + 16 * n]: struct.unpack_from(">L", data, 20 + 16 * n)[0] for n in range(count)}
    start = tables[b"cmap"]
    found: set[int] = set()
    for number in range(struct.unpack_from(">H", data, start + 2)[0]):
        table = start + struct.unpack_from(">L", data, start + 8 + 8 * number)[0]
        form = struct.unpack_from(">H", data, table)[0]
        if form == 12:
            for group in range(struct.unpack_from(">L", data, table + 12)[0]):
                first, last, _ = struct.unpack_from(">LLL", data, table + 16 + 12 * group)
                found.update(range(first, last + 1))
        elif form == 4:
            double = struct.unpack_from(">H", data, table + 6)[0]
            segments = f">{double // 2}H"
            lasts = struct.unpack_from(segments, data, table + 14)
            firsts = struct.unpack_from(segments, data, table + 16 + double)
            for first, last in zip(firsts, lasts, strict=True):
                found.update(range(first, last + 1))
    return found - {0xFFFF}
