"""`flows.conversation.text`: cleaned once at the door, escaped where it is quoted, split without loss."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from flows.conversation.text import (
    bare_words,
    clean,
    cut,
    fold,
    lines_as_items,
    one_line,
    paragraphs,
    quote,
    size,
    split,
)

ODD = "\u200b\u200d\u202e\u2066\ufeff\u0301\u0300\u0085\u2028\u00a0\u3000\x00\x07\ufdd0\r\n\t 😀✍️\U0001f3fdéẞİ"
ANY = st.one_of(st.text(max_size=80), st.text("ab " + ODD, max_size=30))
MARKUP = st.one_of(st.text(max_size=60), st.text("ab1 \n*_`~#+-=.)(>[]|!<&;:@/\\\"'", max_size=40))
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


# clean --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  een  \n  twee  ", "een\ntwee"),
        ("een\r\ntwee\rdrie", "een\ntwee\ndrie"),
        ("een\u2028twee", "een\ntwee"),
        ("een\ttwee\u00a0drie", "een twee drie"),
        ("een\n\n\n\ntwee", "een\n\ntwee"),
        ("e\u0301e\u0301n", "één"),
        ("a\u202eb\u2066c\u200bd\ufeffe", "abcde"),
        ("a\x00b\x07c", "abc"),
        ("👨\u200d👩\u200d👧 ✍️", "👨\u200d👩\u200d👧 ✍️"),
        ("\ud800x", "\ufffdx"),
        ("שלום עולם", "שלום עולם"),
        ("", ""),
    ],
)
def test_clean(text: str, kept: str) -> None:
    """Composed characters, `\\n` for line ends, no control, override or unpaired characters; trimmed."""
    assert clean(text) == kept


@settings(deadline=None)
@given(ANY)
@example("e\u200b\u0301")
@example("\u200be\x00\u0301 ")
@example("\n\u200b\n\u200b\nx")
def test_clean_is_idempotent(text: str) -> None:
    """Cleaned text is clean."""
    once = clean(text)
    assert clean(once) == once


@settings(deadline=None)
@given(ANY)
def test_clean_leaves_nothing_dangerous(text: str) -> None:
    """Nothing that makes a line read differently from what it says, and it can be written as UTF-8."""
    kept = clean(text)
    kept.encode("utf-8")
    assert not set(kept) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff\r\t\x00")
    assert all(char == "\n" or unicodedata.category(char) not in ("Cc", "Cs") for char in kept)
    assert kept == kept.strip()
    assert "\n\n\n" not in kept


# fold, bare_words, one_line, cut --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "plain"),
    [("  Één  TWEE ", "een twee"), ("Ingrediënten", "ingredienten"), ("STRASSE", "strasse"), ("straße", "strasse")],
)
def test_fold(text: str, plain: str) -> None:
    """No case, no accents, single blanks."""
    assert fold(text) == plain


@pytest.mark.parametrize(
    ("text", "plain"), [("Verder!", "verder"), ("ok...", "ok"), ("ja , ", "ja"), ("?", ""), ("a.b", "a.b")]
)
def test_bare_words(text: str, plain: str) -> None:
    """Trimmed, folded, without end punctuation."""
    assert bare_words(text) == plain


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(1, 40))
def test_cut_is_short_enough(text: str, length: int) -> None:
    """At most so many characters, on one line; what fits is not cut."""
    found = cut(text, length)
    assert len(found) <= length
    assert "\n" not in found
    if len(one_line(text)) <= length:
        assert found == one_line(text)
    else:
        assert found.endswith("…")
        assert one_line(text).startswith(found[:-1])


# lines_as_items -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("een", ["een"]), ("een\ntwee", ["een\ntwee"]), ("- een\n- twee", ["een", "twee"]), ("• een", ["een"]),
        ("1. een\n2) twee", ["een", "twee"]), ("-een\n-twee", ["een", "twee"]), ("1.een\n2.twee", ["een", "twee"]),
        ("120 gezinnen", ["120 gezinnen"]), ("1.5 fte", ["1.5 fte"]), ("2027 start", ["2027 start"]),
        ("kop:\n- een\n- twee", ["kop:", "een", "twee"]), ("- een\nvervolg\n- twee", ["een\nvervolg", "twee"]),
        ("- een\n\n- twee", ["een", "twee"]), ("", []), ("- 3 scholen", ["3 scholen"]),
    ],
)  # fmt: skip
def test_lines_as_items(text: str, items: list[str]) -> None:
    """Lines that begin with -, •, or a number followed by . or ) are an item each; a message without them is one."""
    assert lines_as_items(text) == items


@settings(deadline=None)
@given(st.lists(st.text("abc d2", min_size=1, max_size=10).map(clean).filter(bool), min_size=1, max_size=5))
def test_a_list_gives_its_items(items: list[str]) -> None:
    """Each line of a list is an item, as it was written."""
    assert lines_as_items("\n".join(f"- {item}" for item in items)) == items
    assert lines_as_items("\n".join(f"{place}) {item}" for place, item in enumerate(items, 1))) == items


# quote --------------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(MARKUP)
@example("&lt;b&gt;")
@example("&#64;room")
@example("a\n---")
@example("a\n===")
@example("1. a")
@example("+ a\n- b")
@example("![x](javascript:y)")
@example("<https://x.nl>")
@example("~~a~~")
@example("a|b\n-|-\n1|2")
@example("a\\")
def test_quote_is_never_markup(text: str) -> None:
    """A person's text inside the coach's Markdown: shown as it was written, never as markup or HTML."""
    written = clean(text)
    blocks = READER.parse(quote(written))
    assert {block.type for block in blocks} <= {"paragraph_open", "inline", "paragraph_close"}
    shown = []
    for block in blocks:
        if block.type == "inline":
            parts = block.children or []
            assert {part.type for part in parts} <= {"text", "text_special", "softbreak"}
            shown.append("".join("\n" if part.type == "softbreak" else part.content for part in parts))
    assert "\n\n".join(shown).replace("\u2060", "") == written.replace("\u2060", "")


@settings(deadline=None)
@given(MARKUP)
def test_quote_in_a_list_and_in_bold_is_never_markup(text: str) -> None:
    """Also behind the number of a list, as the coach quotes items: one item, one line, no other markup."""
    written = one_line(clean(text))
    types = [block.type for block in READER.parse(f"1. {quote(written)}")]
    inside = {"ordered_list_open", "list_item_open", "paragraph_open", "inline", "paragraph_close"}
    assert set(types) <= inside | {"list_item_close", "ordered_list_close"}
    assert types.count("list_item_open") == 1


@pytest.mark.parametrize("text", ["@room", "@Anna doet dit", "aan @here en @channel", "mail a@b.nl", "(@room)"])
def test_quote_mentions_nobody(text: str) -> None:
    """Never a mention: nothing follows an @ directly that could be a name."""
    quoted = quote(text)
    assert all(not after[:1].isalnum() for after in quoted.split("@")[1:])
    assert quoted.replace("\u2060", "").replace("\\", "") == text


@settings(deadline=None)
@given(MARKUP)
def test_quote_never_mentions(text: str) -> None:
    """Never a mention, whatever stands around the @."""
    assert all(not (after[:1].isalnum() or after[:1] == "_") for after in quote(clean(text)).split("@")[1:])


# split and paragraphs -----------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.integers(4, 60))
@example("a" * 40, 4)
@example("😀" * 20, 5)
@example("een twee\n" * 10, 12)
def test_split_loses_nothing(text: str, limit: int) -> None:
    """Parts of at most `limit` bytes that together are exactly the text."""
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(size(part) <= limit for part in parts)
    assert all(parts) or parts == [""]


def test_split_cuts_at_line_ends_and_blanks() -> None:
    """Cut at line ends where possible, else at blanks."""
    assert split("een twee\ndrie vier", 12) == ["een twee\n", "drie vier"]
    assert split("eentwee drievier", 12) == ["eentwee ", "drievier"]
    assert split("kort", 100) == ["kort"]


@settings(deadline=None)
@given(st.text("ab\n-1. ", max_size=60))
def test_paragraphs_only_add_blank_lines(text: str) -> None:
    """Markdown with a blank line around each list: nothing else changes."""
    assert [line for line in paragraphs(text).split("\n") if line.strip()] == [
        line for line in text.split("\n") if line.strip()
    ]
    assert paragraphs(paragraphs(text)) == paragraphs(text)
