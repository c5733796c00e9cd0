"""The coach's Markdown as safe HTML and as plain text.

Rule: HTML in a text is shown, never obeyed; only the tags of our own Markdown get out.
"""

from __future__ import annotations

from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"ol": {"start"}}


@cache
def _markdown() -> MarkdownIt:
    # A single line end is a line break: the coach's texts are written as they should look.
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def as_html(markdown: str) -> str:
    """HTML of the tags that chats allow, without links, images, styles or scripts. One paragraph alone has no tag of
    its own."""
    html = nh3.clean(_markdown().render(markdown), tags=_TAGS, attributes=_ATTRIBUTES).strip()
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        html = html.removeprefix("<p>").removesuffix("</p>")
    return html


def as_plain(markdown: str) -> str:
    """The text as it reads without markup, for clients and notifications that show no HTML."""
    lines: list[str] = []
    depth: list[int | None] = []  # the lists we are in: the next number, None for bullets
    lead = ""
    for token in _markdown().parse(markdown):
        if token.type == "ordered_list_open":
            depth.append(int(token.attrGet("start") or 1))
        elif token.type == "bullet_list_open":
            depth.append(None)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            depth.pop()
            if not depth:
                lines.append("")
        elif token.type == "list_item_open":
            number = depth[-1]
            lead = "  " * (len(depth) - 1) + ("- " if number is None else f"{number}. ")
            if number is not None:
                depth[-1] = number + 1
        elif token.type in ("fence", "code_block"):
            lines += [*token.content.rstrip("\n").split("\n"), ""]
        elif token.type == "inline":
            text = _inline(token.children or [])
            first, *rest = text.split("\n")
            lines += [lead + first, *(" " * len(lead) + line for line in rest)]
            lead = ""
        elif token.type in ("paragraph_close", "heading_close") and not depth:
            lines.append("")
    return "\n".join(lines).strip()


def _inline(tokens: list[Token]) -> str:
    parts = []
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        else:
            parts.append(token.content)
    return "".join(parts)
