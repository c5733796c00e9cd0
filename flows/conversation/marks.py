"""The signs that people and the coach put on messages. Rule: the same sign in any variant means the same."""

from __future__ import annotations

import re

TAKE = "✍"
BACK = "❌"
AGREE = "✅"
LATER = "⏰"
UNCLEAR = "❓"

_VARIANTS = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_SAME = {"👍": AGREE, "✔": AGREE, "☑": AGREE, "✖": BACK, "❎": BACK}

# What the coach shows when it noted a message, and when it read one that it may yet let go.
NOTED = "✍️"
HEARD = "💬"

STATUS_SIGNS = {"voldoende": "🟢", "deels": "🟠", "onvoldoende": "🔴", "onbekend": "⚪"}
# A pitfall that applies is the worse case, so it has the red sign.
APPLIES_SIGNS = {"ja": "🔴", "deels": "🟠", "nee": "🟢", "onbekend": "⚪"}


def bare(key: str) -> str:
    """A sign without variation selectors and skin tones."""
    plain = _VARIANTS.sub("", key).strip()
    return _SAME.get(plain, plain)


def signs_of(kind: str) -> dict[str, str]:
    """Which sign stands for which word, for a step of kind status or applies."""
    return APPLIES_SIGNS if kind == "applies" else STATUS_SIGNS
