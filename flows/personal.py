"""Personal data in what people write: a citizen service number (BSN), a telephone number, an e-mail address, a date of
birth.

Rule: found by its form, or by the words beside it; a number that says by itself that it is something else (money, a
date, the number of a firm) is none. Names are not looked for. The words come from every language's catalogue.

A BSN has nine digits. Eight are taken for one only beside its name: older numbers are written without their zero, but
so are those of the Chamber of Commerce.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from flows.catalogue import Catalogue, catalogues, load_catalogue

KINDS = BSN, PHONE, MAIL, BIRTH = ("bsn", "phone", "mail", "birth")


@dataclass(frozen=True, slots=True)
class Spotted:
    """One thing that was found: its kind, and how it stands in the text. It is shown to nobody."""

    kind: str
    text: str


def spot(text: str) -> tuple[Spotted, ...]:
    """What was found in a text, each once, by kind."""
    if text.isascii() and _SIGNS.search(text) is None:  # as most are: without one of these there is nothing
        return ()
    return spotter().look_at(plain(text))


@lru_cache
def spotter() -> Spotter:
    """What looks by the words of all languages: a room writes in more than one."""
    return Spotter(load_catalogue(language) for language in catalogues())


def passes_eleven(digits: str) -> bool:
    """Whether nine digits pass the test of a BSN: 9a + 8b + 7c + 6d + 5e + 4f + 3g + 2h - i divides by eleven."""
    if len(digits) != 9 or not digits.isdecimal() or set(digits) == {"0"}:
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 == 0


def plain(text: str) -> str:
    """A text for looking in: no case, one form of digits, dashes and blanks, and nothing between them that can't be
    seen."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(_plain(char) for char in text if unicodedata.category(char) not in _UNSEEN).casefold()


def _plain(char: str) -> str:
    if char in "\n\r\u2028\u2029":
        return "\n"
    if char.isspace():
        return " "
    if unicodedata.category(char) == "Pd" or char == "\u2212":
        return "-"
    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)


_SIGNS = re.compile(r"[\d@(\[]")
_UNSEEN = ("Cf", "Mn", "Me")


class Spotter:
    """Finds personal data in a text, by the words of some languages."""

    def __init__(self, texts: Iterable[Catalogue]) -> None:
        texts = tuple(texts)
        bsn, other, money = _words(texts, "bsn"), _words(texts, "other"), _words(texts, "money")
        label, born, between = _words(texts, "label"), _words(texts, "born"), _words(texts, "between")
        months = sorted({name for one in texts for name in _months(one)}, key=len, reverse=True)
        nth = sorted({plain(name) for one in texts for name in one.phrases.ordinals}, key=len, reverse=True)
        date = _date("|".join(map(re.escape, months)), "|".join(map(re.escape, nth)), _words(texts, "of"))
        self._bsn = re.compile(rf"{_START}(?:{bsn})(?![^\W\d_])")
        self._other = re.compile(rf"{_START}(?:{other})[\s.:=#-]{{0,4}}(?:[a-z]{{2}}\s?)?$")
        self._money_before = re.compile(rf"(?:[{_MONEY}]|{_START}(?:{money}))\s?$")
        self._money_behind = re.compile(rf"\s?(?:,-|[{_MONEY}%]|(?:{money})(?![^\W\d_]))|,\d\d?(?!\d)")
        self._label = re.compile(rf"{_START}(?:{label})(?![^\W_])[\s:.,=()*_-]{{0,12}}{date}")
        self._born = re.compile(rf"{_START}(?:{born})(?![^\W_])([^\n.;!?]{{0,40}}?)(?<![\w-]){date}")
        self._born_behind = re.compile(
            rf"([^\n.;!?]{{0,12}})(?<![\w-]){date}[\s,*_()]{{1,3}}(?:[^\W\d_]{{2,4}}\s){{0,2}}(?:{born})(?![^\W_])"
        )
        self._called = re.compile(rf"{_START}(?:{_words(texts, 'called')})(?=[+(]?\d)")
        self._between = re.compile(rf"{_START}(?:{between})(?![^\W_])")
        self._at = re.compile(rf"@|\s?[(\[]\s?(?:{_words(texts, 'at')})\s?[)\]]\s?")

    def look_at(self, look: str) -> tuple[Spotted, ...]:
        """What is found in a text as `plain` gives it, each once, by kind."""
        look = self._called.sub(r"\g<0> ", look)
        phones = list(self._phones(look))
        found = [Spotted(BSN, one) for one in self._bsns(_without(look, phones))]
        found += [Spotted(PHONE, one) for one in phones]
        found += [Spotted(MAIL, one) for one in self._mails(look)]
        found += [Spotted(BIRTH, one) for one in self._births(look)]
        return tuple(dict.fromkeys(found))

    def _bsns(self, look: str) -> Iterator[str]:
        bare = _hide(look, _PAGES)
        for match in _NINE.finditer(bare):
            if passes_eleven(_digits(match[0])) and not self._is_else(bare, match):
                yield match[0]
        for name in self._bsn.finditer(look):  # any grouping, also in the address of a page
            behind = _BESIDE.match(look, name.end())
            if behind is not None and passes_eleven(_digits(behind[1]).rjust(9, "0")):
                yield behind[1]

    def _phones(self, look: str) -> Iterator[str]:
        bare = _hide(look, _PAGES, _ACCOUNTS)
        for pattern in (*_DUTCH, _ABROAD):
            for match in pattern.finditer(bare):
                long = pattern is not _ABROAD or _may_be_called(match[0])
                if long and not self._is_else(bare, match):
                    yield match[0]

    def _is_else(self, look: str, match: re.Match[str]) -> bool:
        """Whether a number is money, or one of those that stand behind their name."""
        before = look[max(match.start() - 32, 0) : match.start()]
        if self._money_before.search(before) or self._other.search(before):
            return True
        return self._money_behind.match(look, match.end()) is not None

    def _mails(self, look: str) -> Iterator[str]:
        for at in self._at.finditer(look):
            before = _LOCAL.search(look[max(at.start() - _LONGEST_LOCAL, 0) : at.start()])
            behind = _DOMAIN.match(look, at.end())
            if before is not None and behind is not None:
                yield f"{before[0]}{at[0]}{behind[0]}"

    def _births(self, look: str) -> Iterator[str]:
        for match in self._label.finditer(look):
            yield match[1]
        for pattern in (self._born, self._born_behind):
            for match in pattern.finditer(look):
                if not self._between.search(match[1]):
                    yield match[2]


def _words(languages: Iterable[Catalogue], name: str) -> str:
    """The words of all languages, the longest first, as part of a pattern."""
    found = {plain(word) for texts in languages for word in texts.words(f"personal.words.{name}")}
    ordered = sorted(found, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"\s{1,3}") for word in ordered)


def _months(texts: Catalogue) -> Iterator[str]:
    for names in (texts.calendar.months, texts.calendar.short_months, texts.calendar.typed_months):
        yield from map(plain, names)


def _date(months: str, nth: str, of: str) -> str:
    """The pattern of a whole date, one group: 12-3-2010, 2010-03-12, 20100312, 12 maart '10, March 12, 2010."""
    month, nth = rf"(?:{months})\.?", rf"(?:{nth})?"
    day, number, year = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:(?:19|20)\d\d|'?\d\d)"
    forms = (
        rf"{day}\s?[-/.]\s?{number}\s?[-/.]\s?{year}",
        rf"{number}/{day}/{year}",
        rf"(?:19|20)\d\d\s?[-/.]\s?{number}\s?[-/.]\s?{day}",
        r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",
        rf"{day}{nth}[\s-](?:(?:{of})\s)?{month}[\s,-]{{1,2}}{year}",
        rf"{month}\s{day}{nth},?\s{year}",
    )
    return rf"({'|'.join(forms)})(?!\d)"


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _without(look: str, phones: Iterable[str]) -> str:
    for one in phones:
        look = look.replace(one, "\x00" * len(one))
    return look


def _hide(look: str, *patterns: re.Pattern[str]) -> str:
    """The text with what matches taken out, all else in its place."""
    for pattern in patterns:
        look = pattern.sub(lambda match: "\x00" * len(match[0]), look)
    return look


_MONEY = "€$£"
_START = r"(?<![^\W_])"  # no letter or digit before it

# What has numbers in it that are none of these: addresses of pages, bank accounts.
_PAGES = re.compile(rf"{_START}(?:https?://|www\.)\S+")
_ACCOUNTS = re.compile(rf"{_START}[a-z]{{2}}\d\d\s?[a-z]{{4}}(?:\s?\d){{7,14}}(?!\d)")

# BSN ------------------------------------------------------------------------------------------------------------------

_GROUPS = ((3, 3, 3), (4, 2, 3), (3, 2, 4), (2, 3, 4), (4, 5), (5, 4), (2, 2, 2, 3))
_GROUPED = "|".join(
    sign.join(rf"\d{{{size}}}" for size in sizes) for sizes in _GROUPS for sign in (" ", r"\.", "-", " - ")
)
# Not in the middle of a longer number, of a date or behind a comma.
_NINE = re.compile(
    rf"{_START}(?<!\d[/-])(?<!(?<!\d)\d[.,])(?<!\+)(?:\d{{9}}|{_GROUPED})(?![^\W_])(?!\.\d)(?!\s?[/-]\s?\d)"
)
_BESIDE = re.compile(r"[^\d\n]{0,24}?(\d(?:[ .-]?\d){7,8})(?![^\W_])")

# Telephone ------------------------------------------------------------------------------------------------------------

_GAP = r"[ ./-]{0,3}"
_NO_DATE = r"(?!\d\d\s?[-/. ]\s?\d\d?\s?[-/. ]\s?(?:19|20)\d\d(?!\d))"
_FRONT = rf"{_START}(?<!\d[.,/:-])"
_DUTCH = (
    # 06-12345678, +31 (0)6 1234 5678, 0031 6 12345678, 31612345678
    re.compile(rf"{_FRONT}{_NO_DATE}\(?0[ -]?6\)?{_GAP}\d(?:{_GAP}\d){{7}}(?!\d)"),
    re.compile(rf"{_FRONT}\(?(?:\+|00){_GAP}31\)?{_GAP}(?:\(0\)|0)?{_GAP}[1-9](?:{_GAP}\d){{8}}(?!\d)"),
    re.compile(rf"{_FRONT}316\d{{8}}(?!\d)"),
    # An area code and a number, ten digits together. 0800, 0900 and the like are nobody's own.
    re.compile(rf"{_FRONT}0(?:[1-57]\d|8[4-8])\d{{7}}(?!\d)"),
    re.compile(rf"{_FRONT}\(?0(?:[1-57]\d|8[4-8])\)?[ ./-]{{1,3}}\d(?:[ .-]?\d){{6}}(?!\d)"),
    re.compile(rf"{_FRONT}\(?0[1-57]\d\d\)?[ ./-]{{1,3}}\d(?:[ .-]?\d){{5}}(?!\d)"),
)
# Country codes that were given out.
_COUNTRY = (
    r"(?:1|7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|2[1-69]\d|3[578]\d|42\d|5[09]\d|6[789]\d|8[058]\d|9[679]\d)"
)
_ABROAD = re.compile(rf"{_FRONT}\(?(?:\+ ?|00 ?){_COUNTRY}\)?{_GAP}(?:\(0\))?{_GAP}\d(?:{_GAP}\d){{6,11}}(?!\d)")
_THOUSANDS = re.compile(r"\+? ?\d{1,3}(?:(?:\.\d{3}){2,}|(?: \d{3})*(?: 000)+)")


def _may_be_called(number: str) -> bool:
    """Whether a number with a country in front is long enough, and no large number with a plus."""
    digits = _digits(number).removeprefix("00")
    least = 11 if digits[0] in "17" else 9
    return least <= len(digits) <= 15 and _THOUSANDS.fullmatch(number) is None


# E-mail ---------------------------------------------------------------------------------------------------------------

_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]*[\w]$")
_DOMAIN = re.compile(r"\w(?:[\w-]{0,62})(?:\.[\w-]{1,63}){0,8}?\.[^\W\d_]{2,24}(?![\w-])")
_LONGEST_LOCAL = 64
