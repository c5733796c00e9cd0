"""Text as people write it and as the coach shows it.

Rule: what comes in is cleaned once, at the door; what goes out is escaped where it is quoted.
"""

from __future__ import annotations

import re
import unicodedata

# Overrides and isolates can make a line read differently from what it says; the marks of right-to-left scripts stay.
_DANGEROUS = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB]
)
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_BULLET = re.compile(r"^\s*(?:[-•*–](?=\s|$|[^\W\d])|\d{1,3}[.)](?=\s|$|[^\W\d]))\s*")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>~|]|&(?=#|\w+;))")
_BLOCK = re.compile(r"^(\s*)([#+\-=]|\d+[.)])", re.MULTILINE)
_NUMBERED = re.compile(r"^(\s*)\\(\d+)([.)])", re.MULTILINE)
# Whatever `quote` changes has one of these in it.
_MEANT = re.compile(r"[\\`*_\[\]<>~|&@]|^\s*(?:[#+\-=]|\d+[.)])", re.MULTILINE)
_END = re.compile(r"[\s.!?,;:]+$")
# A joiner inside keeps clients from turning quoted text into a mention.
_MENTION = re.compile(r"@(?=\w)")


def clean(text: str) -> str:
    """Text as it is kept: composed characters, `\\n` for line ends, no control, override or unpaired characters;
    trimmed.
    """
    if text.isascii() and text.isprintable():  # one plain line, as most are: nothing else can be wrong with it
        return _SPACES.sub(" ", text).strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text).translate(_DANGEROUS)
    kept = text if text.replace("\n", "").isprintable() else _without_controls(text)
    lines = [_SPACES.sub(" ", line).strip() for line in kept.split("\n")]
    tidy = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return unicodedata.normalize("NFC", tidy)  # what was taken out may have stood between a letter and its accent


def _without_controls(text: str) -> str:
    return "".join(
        char if char == "\n" else " " if char == "\t" else "" if unicodedata.category(char) in ("Cc", "Cs") else char
        for char in text
    )


def fold(text: str) -> str:
    """Text for comparing: no case, no accents, single blanks."""
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(plain.split())


def bare_words(text: str) -> str:
    """Text for recognising a word: trimmed, folded, without end punctuation."""
    return _END.sub("", fold(text))


def size(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text.encode("utf-8", "replace"))


def lines_as_items(text: str) -> list[str]:
    """The items in a message: each line with a bullet or a number is one, with the lines under it; a message
    without them is one.
    """
    lines = text.split("\n")
    if not any(_BULLET.match(line) for line in lines):
        return [text] if text else []
    items: list[list[str]] = []
    for line in lines:
        bullet = _BULLET.match(line)
        if bullet:
            items.append([line[bullet.end() :]])
        elif items:
            items[-1].append(line)
        else:
            items.append([line])
    found = ["\n".join(item).strip() for item in items]
    return [item for item in found if item]


def says_something(text: str) -> bool:
    """Whether a text holds more than blanks and punctuation."""
    # Cn: what this Python does not know yet may be a new emoji.
    return any(unicodedata.category(char) == "Cn" or unicodedata.category(char)[0] not in "ZPC" for char in text)


def quote(text: str) -> str:
    """A person's text inside the coach's Markdown: shown as it was written, never as markup or a mention."""
    if _MEANT.search(text) is None:  # as most: nothing in it that means anything to Markdown
        return text
    escaped = _BLOCK.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", text))
    escaped = _NUMBERED.sub(r"\1\2\\\3", escaped)
    return tell_nobody(escaped)


def tell_nobody(text: str) -> str:
    """A person's text in which nobody and no room is mentioned any more, however a client reads it."""
    return _MENTION.sub("@\u2060", text)


_LISTED = re.compile(r"^(?:[-*] |\d+[.] |   )")


def paragraphs(text: str) -> str:
    """Markdown with a blank line around each list, so that every reader sees where it begins and ends."""
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and lines[-1].strip() and line.strip() and bool(_LISTED.match(line)) != bool(_LISTED.match(lines[-1])):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def one_line(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def cut(text: str, length: int) -> str:
    """At most `length` characters, on one line; what was cut shows as an ellipsis."""
    line = one_line(text)
    if len(line) <= length:
        return line
    head = line[:length].rpartition(" ")[0]
    # At a blank, unless that would cost too much of it.
    return (head if len(head) > length * 2 // 3 else line[: length - 1]).rstrip(" ,;:-") + "…"


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` bytes of UTF-8 that together are exactly `text`; cut at line ends where possible,
    else at blanks.
    """
    parts: list[str] = []
    rest = text
    while size(rest) > limit:
        head = rest.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
        for end in (head.rfind("\n") + 1, head.rfind(" ") + 1):
            if end > len(head) // 2:
                head = head[:end]
                break
        parts.append(head)
        rest = rest[len(head) :]
    return [*parts, rest]
