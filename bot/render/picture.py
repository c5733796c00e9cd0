"""The canvas as a picture (PNG): the whole, one part, or the rounds. Runs in the worker's process.

Rule: the same canvas gives the same bytes on every machine.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from typing import Any

from PIL import Image

from flows.conversation.effects import PORTRAIT

WHOLE = ("landscape", "portrait", "trend")  # the layouts of the whole; the others are of a part, by its id
# The longer side of what a template draws, in points: at 72 pixels an inch a point is a pixel.
_STANDING, _LYING = 1920, 1600
_INCH = 72.0
COLOURS = 256


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height, as a PNG's header says."""
    width, height = struct.unpack_from(">LL", png, 16)
    return width, height


def draw(canvas: Mapping[str, Any], layout: str, widest: int | None = None) -> bytes:
    """The PNG. `layout` is landscape (1600x1000), portrait (1080x1920), trend or a part with a status: its id, or
    that `upright`; `widest` how many pixels its longer side may have.
    """
    from bot.render import typesetting

    longer = _STANDING if layout.endswith(PORTRAIT) else _LYING
    ppi = _INCH * min(widest or longer, longer) / longer
    return few_colours(typesetting.png("canvas", typesetting.showable(canvas), layout, ppi))


def few_colours(png: bytes) -> bytes:
    """The picture in 256 colours, which is a third of the size; the flat colours stay exactly as they are."""
    with Image.open(io.BytesIO(png)) as full:
        reduced = full.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    reduced.save(out, "PNG", compress_level=6)
    return out.getvalue()
