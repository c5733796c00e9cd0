"""What the worker's process does for one task. Rule: strings in, bytes out; nothing is kept between two tasks but the
fonts.
"""

from __future__ import annotations

import json

from bot.render import document, picture


def make(what: str, how: str, canvas: str) -> bytes:
    """A picture (`how` its layout, @, and the most pixels of a side) or a document (its form) of a canvas in JSON."""
    data = json.loads(canvas)
    if what != "picture":
        return document.write(data, how)
    layout, _, widest = how.partition("@")
    return picture.draw(data, layout, int(widest))
