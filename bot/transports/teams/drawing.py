"""The two icons of the Teams package: stairs that go up, in a speech bubble. Rule: drawn here, kept as files beside
this one, so that making a package needs nothing that draws.

`python -m bot.transports.teams.drawing` draws them anew (Pillow, of the extra `documents`).
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from bot.transports.teams.package import COLOR, ICONS, OUTLINE

BRAND = (0x15, 0x42, 0x73)
WHITE = (255, 255, 255)
# Drawn larger and then made smaller: smooth edges.
SCALE = 8

Point = tuple[int, int]
Ink = tuple[int, int, int] | int


def color() -> Image.Image:
    """The icon in colour, 192 by 192. Teams rounds its corners, so the sign stays within the 120 in the middle."""
    image = Image.new("RGB", (192 * SCALE, 192 * SCALE), BRAND)
    draw = ImageDraw.Draw(image)
    draw.polygon([(x * SCALE, y * SCALE) for x, y in ((58, 120), (58, 158), (92, 128))], WHITE)
    draw.rounded_rectangle(_box(36, 36, 156, 134), 20 * SCALE, WHITE)
    _stairs(draw, BRAND, left=58, base=114, width=25, height=19)
    return image.resize((192, 192), Image.Resampling.BOX)


def outline() -> Image.Image:
    """The icon for where Teams colours it itself, 32 by 32: white lines on nothing."""
    ink = Image.new("L", (32 * SCALE, 32 * SCALE), 0)
    draw = ImageDraw.Draw(ink)
    draw.polygon([(x * SCALE, y * SCALE) for x, y in ((5, 22), (5, 31), (13, 24))], 255)
    draw.rounded_rectangle(_box(1, 2, 31, 26), 5 * SCALE, 255)
    draw.rounded_rectangle(_box(3, 4, 29, 24), 3 * SCALE, 0)
    _stairs(draw, 255, left=7, base=21, width=6, height=4)
    image = Image.new("RGBA", (32, 32), WHITE)  # every pixel white, also where nothing is seen of it
    image.putalpha(ink.resize((32, 32), Image.Resampling.BOX))
    return image


def _stairs(draw: ImageDraw.ImageDraw, ink: Ink, *, left: int, base: int, width: int, height: int) -> None:
    """Three steps up."""
    for step in range(3):
        start = left + width * step
        draw.rectangle(_box(start, base - height * (step + 1), start + width, base), ink)


def _box(left: int, top: int, right: int, bottom: int) -> list[Point]:
    """The corners on the larger drawing. Pillow colours the last pixel too."""
    return [(left * SCALE, top * SCALE), (right * SCALE - 1, bottom * SCALE - 1)]


def main(folder: Path = ICONS) -> None:
    """Draw both icons into a folder."""
    for name, image in ((COLOR, color()), (OUTLINE, outline())):
        image.save(folder / name, optimize=True)


if __name__ == "__main__":
    main()
