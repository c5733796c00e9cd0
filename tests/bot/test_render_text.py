"""The coach's Markdown as HTML and as plain text. Rule: what people wrote is shown as they wrote it, and obeyed
nowhere."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.render.text import as_html, as_plain
from flows.conversation.text import clean, cut, quote

TAGS = {
    "p", "br", "strong", "em", "del", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "h1", "h2", "h3", "h4",
    "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


class Seen(HTMLParser):
    """What a client gets to see of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, *one) for one in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def is_safe(html: str) -> bool:
    seen = Seen(html)
    assert set(seen.tags) <= TAGS, html
    assert all((tag, name) == ("ol", "start") and value and value.isdigit() for tag, name, value in seen.attributes)
    return True


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[klik](javascript:alert(1))", "![x](https://e.nl/a.png)",
    "<https://e.nl>", "https://e.nl", "[a]: https://e.nl\n\n[a]", "<a href='https://e.nl'>x</a>", "<!-- x -->", "<?x?>",
    "<mx-reply>x</mx-reply>", "<p style='x'>", "&lt;b&gt;", "&#60;b&#62;", "<b", "```html\n<script>\n```", "`<b>`",
    "```js onload=x\nx\n```", "| a | b |\n|:-|-:|\n| <b> | [x](y) |", "7. a\n8. b", "99999999999. a", "# [x](y)",
    "~~a~~", "<details open><summary>x</summary></details>", "<span data-mx-color='#f00'>x</span>", "\x00<b>",
    "a\\\nb", "> <b>",
    "[x](https://matrix.to/#/@anna:x)", "</strong></p>", "***a** b*", "<svg/onload=x>",
    "<ol start=3 onclick=x><li>a</ol>",
    "@room", "@anna:example.nl",
]  # fmt: skip
PARTS = (
    st.sampled_from(HOSTILE) | st.text(max_size=30) | st.text(alphabet="*_`~#>-+=|[]()!<>&;:.1 \n\\ax\"'", max_size=30)
)
MARKDOWN = st.lists(PARTS | PARTS.map(quote), max_size=5).map(" ".join) | st.lists(PARTS, max_size=5).map("\n\n".join)


@given(MARKDOWN)
@settings(deadline=None)
def test_only_the_tags_of_our_own_markdown_get_out(markdown: str) -> None:
    assert is_safe(as_html(markdown))


@pytest.mark.parametrize("text", HOSTILE)
def test_html_and_links_in_a_text_are_no_links_and_no_html(text: str) -> None:
    assert is_safe(as_html(text))
    assert is_safe(as_html(quote(text)))


@pytest.mark.parametrize(
    "text", ["a <strong>b</strong>", "<p>a</p>", "<!-- a --> b", "a<br>b", "&lt;b>", "<ul><li>a</ul>"]
)
def test_html_in_a_text_is_shown_and_not_obeyed(text: str) -> None:
    for markdown in (text.replace("&", "\\&"), quote(text)):
        seen = Seen(as_html(markdown))
        assert (seen.tags, seen.text) == ([], text)


def shown(text: str) -> str:
    return text.replace("\u2060", "")


LINES = st.text(min_size=1, max_size=60) | st.text(
    alphabet="*_`~#>-+=|[]()!<>&;:.123 \\ax@\"'{}^$/", min_size=1, max_size=30
)


@given(LINES.map(clean).map(lambda text: cut(text, 200)).filter(bool))
@settings(deadline=None)
@example("&amp; &#60; &copy &nbsp;x")
@example("1. a")
@example("1) a")
@example("- a")
@example("+ a")
@example("--- ***")
@example("===")
@example("# a #")
@example("> a")
@example("~~a~~ ~ a")
@example("\\*a\\* \\")
@example("[a](b) ![a](b) <https://e.nl> a@b.nl @anna")
@example("| a | b |")
def test_a_quoted_line_reads_as_it_was_written(line: str) -> None:
    quoted = quote(line)
    assert shown(as_plain(quoted)) == line
    assert shown(Seen(as_html(quoted)).text) == line
    assert Seen(as_html(quoted)).tags == []


@given(LINES.map(clean).map(lambda text: cut(text, 80)).filter(bool))
@settings(deadline=None)
def test_a_quoted_line_in_a_list_reads_as_it_was_written(line: str) -> None:
    markdown = f"Genoteerd:\n\n- {quote(line)}\n- {quote(line)}"
    assert shown(as_plain(markdown)) == f"Genoteerd:\n\n- {line}\n- {line}"
    assert Seen(as_html(markdown)).tags == ["p", "ul", "li", "li"]


@given(st.lists(LINES.map(clean).filter(bool), min_size=2, max_size=4).map("\n".join))
@settings(deadline=None)
def test_no_quoted_text_becomes_markup_in_html(text: str) -> None:
    assert set(Seen(as_html(quote(text))).tags) <= {"p", "br"}


def test_a_mention_in_a_quoted_text_is_none() -> None:
    for form in (as_plain(quote("@room en @anna:x")), as_html(quote("@room en @anna:x"))):
        assert "@room" not in form
        assert "@anna" not in form
        assert shown(form) == "@room en @anna:x"


@pytest.mark.parametrize(
    ("markdown", "html", "plain"),
    [
        ("", "", ""),
        ("Dag", "Dag", "Dag"),
        ("Dag **team**", "Dag <strong>team</strong>", "Dag team"),
        ("een\ntwee", "een<br>\ntwee", "een\ntwee"),
        ("een\n\ntwee", "<p>een</p>\n<p>twee</p>", "een\n\ntwee"),
        ("`!verder` of *ok*", "<code>!verder</code> of <em>ok</em>", "!verder of ok"),
        ("~~weg~~", "<s>weg</s>", "weg"),
        ("Kies:\n\n- a\n- b\n\nKlaar", "<p>Kies:</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>Klaar</p>",
         "Kies:\n\n- a\n- b\n\nKlaar"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>', "3. a\n4. b"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>", "1. a\n2. b"),
        ("- a\n  - b\n  - c\n- d", None, "- a\n  - b\n  - c\n- d"),
        ("1. a\n   b", "<ol>\n<li>a<br>\nb</li>\n</ol>", "1. a\n   b"),
        ("## Kop\n\ntekst", "<h2>Kop</h2>\n<p>tekst</p>", "Kop\n\ntekst"),
        ("> citaat\n\nJa", "<blockquote>\n<p>citaat</p>\n</blockquote>\n<p>Ja</p>", "citaat\n\nJa"),
        ("```\na  b\n\nc\n```\n\nx", "<pre><code>a  b\n\nc\n</code></pre>\n<p>x</p>", "a  b\n\nc\n\nx"),
        ("[klik](https://e.nl)", "klik", "klik"),
        ("a < b & c", "a &lt; b &amp; c", "a < b & c"),
        ("&amp; &lt;", "&amp; &lt;", "& <"),
    ],
)  # fmt: skip
def test_our_own_markdown(markdown: str, html: str | None, plain: str) -> None:
    if html is not None:
        seen = as_html(markdown)
        assert "".join(seen.split()).replace("<br/>", "<br>") == "".join(html.split())
    assert "\n".join(line.rstrip() for line in as_plain(markdown).split("\n")) == plain


@given(MARKDOWN)
@settings(deadline=None)
def test_plain_text_has_no_blank_edges_and_never_fails(markdown: str) -> None:
    assert as_plain(markdown) == as_plain(markdown).strip()
