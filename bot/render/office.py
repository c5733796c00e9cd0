"""What the Word file and the slides share: colours, and text that an XML file can hold.

Rule: a person's text is put in as text, never as markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

BRAND, INK, MUTED, PALE, WHITE = "154273", "12203A", "48556A", "E3ECF7", "FFFFFF"
# Behind a status, and its word: as in the pictures.
FILLS = {"good": "E6F4EA", "half": "FFF3D9", "bad": "FCE9EA", "unknown": "EEF1F5", "none": "F8FAFC"}
WORDS = {"good": "0F5526", "half": "6B3F00", "bad": "7D0A11", "unknown": "3C4757", "none": "5A6778"}
SIGNS = {"good": "1A7A39", "half": "F5A81C", "bad": "B5121B", "unknown": "FFFFFF", "none": "FFFFFF"}
EDGES = {"good": "0F5526", "half": "8A5200", "bad": "7D0A11", "unknown": "5A6778", "none": "A9B4C4"}
LANGUAGES = {"nl": "nl-NL", "en": "en-GB"}
_UNFIT = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def fit(text: str) -> str:
    """The text without what XML can't hold."""
    return _UNFIT.sub("", text)


def status_text(sign: Mapping[str, Any], before: str = "") -> str:
    """A status in words, its letter first: [D] deels."""
    return f"[{sign['letter']}] {before}{sign['word']}"


def sign_of(part: Mapping[str, Any], tile: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """The status of a field in words."""
    if part["form"] == "choices":
        return labels["chosen"] if tile["marked"] else str(tile["state"])
    is_pitfall = part["form"] == "pitfalls" and tile["sign"]["tone"] != "none"
    return status_text(tile["sign"], f"{labels['apply']}: " if is_pitfall else "")


def behind(note: Mapping[str, Any]) -> str:
    """Who said it and when, as far as that is told."""
    return ", ".join(one for one in (note["author"], note["date"]) if one)
