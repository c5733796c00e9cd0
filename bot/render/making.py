"""What the worker's process does for one task. Rule: strings in, bytes out; nothing is kept between two tasks but the
fonts.
"""

from __future__ import annotations

import json

from bot.render import document, picture


def make(what: str, how: str, canvas: str) -> bytes:
    """A picture (`how` its layout) or a document (its form) of a canvas in JSON."""
    data = json.loads(canvas)
    return picture.draw(data, how) if what == "picture" else document.write(data, how)
