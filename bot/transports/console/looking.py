"""Pictures in the terminal itself. Rule: only where the terminal says that it shows real pictures (Sixel, or Kitty's
protocol); blocks of colour can't be read.
"""

from __future__ import annotations

import io
import sys

from rich.console import RenderableType

from bot.transports.base import Picture

WIDEST = 100  # columns: some terminals leave out what is wider than a thousand pixels


def visible(picture: Picture, columns: int) -> RenderableType | None:
    """The picture as this terminal of so many columns shows it; None where it shows none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    try:
        # Asks the terminal, when it is first imported: so only once there is something to show.
        from textual_image.renderable import Image, SixelImage, TGPImage
    except ImportError:
        return None
    if Image is SixelImage or Image is TGPImage:
        return Image(io.BytesIO(picture.data), width=min(columns, WIDEST), height="auto")
    return None
