"""The templates' text, and a fingerprint of all that a picture is made of besides its canvas.

Rule: known without loading Typst, so that a cached picture costs no start of anything.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from bot.render import fonts

TEMPLATES = ("canvas", "report")


@cache
def template(name: str) -> str:
    """A template's source, with what all templates share before it."""
    folder = files("bot").joinpath("render", "templates")
    return "\n".join(folder.joinpath(f"{one}.typ").read_text("utf-8") for one in ("common", name))


@cache
def fingerprint() -> bytes:
    """Changes with any template or font. Raises ModuleNotFoundError where a font's package is not installed."""
    seen = hashlib.sha256()
    for name in TEMPLATES:
        seen.update(hashlib.sha256(template(name).encode()).digest())
    for path in fonts.paths():
        seen.update(hashlib.sha256(path.read_bytes()).digest())
    return seen.digest()
