"""The canvas as a picture (PNG): the whole, one part, or the rounds. Runs in the worker's process.

Rule: the same canvas gives the same bytes on every machine.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

# Layout: what the template draws, and how many pixels an inch (72 points).
SIZES = {
    "landscape": ("landscape", 72.0),  # 1600x1000: Matrix on a desktop, a document
    "small": ("landscape", 46.08),  # 1024x640: Teams
    "portrait": ("portrait", 72.0),  # 1080x1920: a phone
    "portrait-small": ("portrait", 38.4),  # 576x1024
    "trend": ("trend", 72.0),
}
COLOURS = 256


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, the words for who can't see it, and its size in pixels."""

    data: bytes
    alt: str
    width: int
    height: int


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height, as a PNG's header says."""
    width, height = struct.unpack_from(">LL", png, 16)
    return width, height


def draw(canvas: Mapping[str, Any], layout: str) -> bytes:
    """The PNG. `layout` is one of SIZES, or the id of a part with a status."""
    from bot.render import typesetting

    name, ppi = SIZES.get(layout, (layout, 72.0))
    return few_colours(typesetting.png("canvas", typesetting.showable(canvas), name, ppi))


def few_colours(png: bytes) -> bytes:
    """The picture in 256 colours, which is a third of the size; the flat colours stay exactly as they are."""
    with Image.open(io.BytesIO(png)) as full:
        reduced = full.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    reduced.save(out, "PNG", compress_level=6)
    return out.getvalue()
