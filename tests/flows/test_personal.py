"""Personal data in a text: what is found, and what is left alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.personal import BIRTH, BSN, MAIL, PHONE, passes_eleven, plain, spot, spotter
from tests.chat import LANGUAGES
from tests.flows.texts import ALL_TEXTS


def kinds(text: str) -> list[str]:
    return list(dict.fromkeys(one.kind for one in spot(text)))


BSNS = (
    "123456782",
    "111222333",
    "000000012",
    "BSN: 123456782",
    "bsn123456782",
    "BSN's 123456782 en nog een",
    "burgerservicenummer is 123.456.782",
    "123.456.782",
    "123-456-782",
    "123 456 782",
    "1234.56.782",
    "12 34 56 782",
    "123 456 782 is van Sam",
    "(123456782)",
    "**123456782**",
    "nr-123456782.",
    "111222333,123456782",
    "https://zaak.voorbeeld.nl/?bsn=123456782",
    "sofinummer 12345672",
    "BSN 1234 5672",
    "bsn is 1 2 3 4 5 6 7 8 2",
    "１２３４５６７８２",
    "١٢٣٤٥٦٧٨٢",
    "123\u200b456\u200b782",
    "123\u00ad456\u2060782",
    "123\u00a0456\u202f782",
    "123–456–782",
)
PHONES = (
    "0612345678",
    "06-12345678",
    "06 12 34 56 78",
    "06 - 1234 5678",
    "(06) 12345678",
    "06.12.34.56.78",
    "06/12345678",
    "06–12345678",
    "+31612345678",
    "+31 6 1234 5678",
    "+31 612 345 678",
    "+31 (0)6 12345678",
    "(+31) 6 12345678",
    "(+31)612345678",
    "tel0612345678",
    "T0612345678",
    "0 6 1 2 3 4 5 6 7 8",
    "(+32) 475 12 34 56",
    "+31 (0) 6 12345678",
    "0031 6 12345678",
    "31612345678",
    "010-1234567",
    "(010) 123 45 67",
    "0201234567",
    "0512-123456",
    "0512 12 34 56",
    "088-1234567",
    "088 123 45 67",
    "+31 20 123 4567",
    "+32 475 12 34 56",
    "+49 1512 3456789",
    "+44 20 7946 0958",
    "0049 30 123456",
    "+1 212 555 0123",
    "tel:0612345678",
    "bel 06-12345678, of 06-87654321",
    "0612345678,0687654321",
)
MAILS = (
    "anna@voorbeeld.nl",
    "Anna.de-Vries+x@sub.voorbeeld.co.uk.",
    "<anna@voorbeeld.nl>",
    "mailto:anna@voorbeeld.nl",
    "https://voorbeeld.nl/?mail=anna@voorbeeld.nl",
    "anna (at) voorbeeld.nl",
    "anna [apenstaartje] voorbeeld.nl",
    "anna＠voorbeeld.nl",
    "anna\u200b@voorbeeld.nl",
    "zoë@gemeente-noord.nl",
)
BIRTHS = (
    "geboren op 12 maart 2010",
    "Sam is geboren in Utrecht op 12 maart 2010",
    "geboren te Rotterdam, 12-3-2010",
    "geb. 12-3-2010",
    "geb 12/3/10",
    "geb. d.d. 12-3-2010",
    "12-3-2010 (geboren)",
    "born 12/31/2010",
    "geb.: 12-3-2010",
    "Sam (geb. 12 mrt '10)",
    "geboortedatum 12-03-2010",
    "Geboortedatum: 2010-03-12",
    "geboortedatum\n12.3.2010",
    "geb.datum 20100312",
    "12 maart 2010 geboren",
    "op 12-3-2010 is hij geboren",
    "born March 12, 2010",
    "born on the 12th of March 2010",
    "DOB 12.03.2010",
    "date of birth: 12 Mar 2010",
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [(text, kind) for kind, texts in ((BSN, BSNS), (PHONE, PHONES), (MAIL, MAILS), (BIRTH, BIRTHS)) for text in texts],
)
def test_it_is_found_and_nothing_else_is(text: str, kind: str) -> None:
    assert kinds(text) == [kind]
    assert kinds(f"Overleg: {text}\nDaarna verder.") == [kind]


def test_all_of_them_in_one_text() -> None:
    text = "Sam, geb. 12-3-2010, BSN 123456782, 06-12345678, sam@voorbeeld.nl"
    assert kinds(text) == [BSN, PHONE, MAIL, BIRTH]


LEFT_ALONE = (
    "123456789",  # does not pass the test
    "000000000",
    "12345672",  # eight digits without their name: so has a firm
    "KvK 12345672",
    "RSIN 123456782",
    "btw-nummer NL123456782B01",
    "btw-id: 123456782",
    "NL91 ABNA 0417 1643 00",
    "NL91ABNA0417164300",
    "€ 123.456.782",
    "€123456782",
    "123456782 euro",
    "123.456.782 inwoners",
    "123456782,-",
    "123456782,50",
    "123456782%",
    "0,123456782",
    "1234567821",
    "1.123.456.782",
    "2026-123456782",
    "https://voorbeeld.nl/nieuws/123456782",
    "artikelnummer 123456782",
    "artikelnummer 0612345678",
    "ISBN 978-90-12-34567-8",
    "€ 1.250.000 in 2026-2027",
    "van 10.000 naar 12.000 cliënten",
    "+5% en +150.000.000",
    "+ 12 000 000 000",
    "+31 procent",
    "1 september 2026 - 31 augustus 2027",
    "1-9-2026 - 31-8-2027",
    "06-12-2026",
    "06-12-2026 14.00 uur",
    "06-12-2026 10 00",
    "01-02-2026 10 00",
    "20260612",
    "2026-06-12T10:00",
    "artikel 2.3.2 Wmo 2015, artikel 8.1.1 lid 3 Jeugdwet",
    "https://wetten.overheid.nl/BWBR0035362/2026-01-01",
    "Stb. 2014, 280",
    "postcode 1234 AB, huisnummer 56",
    "0800-2000 (Veilig Thuis), 0900-1450, 112, 113 en 14 010",
    "GM0363 en CBS-code 0363",
    "actie bellen met de wijk 15 januari",
    "bellen 15 januari 2027",
    "kinderen geboren vóór 1 januari 2015",
    "kinderen die geboren zijn na 1 januari 2020",
    "geboren tussen 1-1-2015 en 31-12-2018",
    "born before 1 January 2015",
    "Sinds 1 januari 2026 zijn er 12 kinderen geboren",
    "pasgeborenen per 1 januari 2026",
    "geboortedatum opvragen 15 januari 2027",
    "geboren in 2010",
    "geboren. Daarna start op 12-3-2026",
    "gebouw 12-3-2026",
    "een gebied, 12 maart 2026",
    "@anna:voorbeeld.nl doet dit",
    "@Anna en @Bas.",
    "Anna@wijkteam",
    "v d o o ? d v v",
    "1, 3 en 5",
    "1 2 3 4 5 6 7 8",
    "Jan de Vries",
)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_it_is_left_alone(text: str) -> None:
    assert not spot(text)
    assert not spot(f"Overleg: {text}\nDaarna verder.")


@pytest.mark.parametrize("code", list(LANGUAGES.by_code))
def test_nothing_in_the_guide_is_personal(code: str) -> None:
    """Nor in what the coach says of itself."""
    assert not {place: found for place, text in ALL_TEXTS[code].items() if (found := spot(text))}


def _passing(number: int) -> str:
    """Nine digits that pass, from any number: the last is worked out."""
    while True:
        first = f"{number % 10**8:08}"
        last = sum(weight * int(digit) for weight, digit in zip(range(9, 1, -1), first, strict=True)) % 11
        if last < 10 and first + str(last) != "0" * 9:
            return first + str(last)
        number += 1


words = st.text("abcdefghij ", max_size=20).map(lambda text: re.sub(r"\s+", " ", text))


@given(st.integers(0, 10**8 - 1), words, words)
def test_what_passes_is_found_wherever_it_stands(number: int, before: str, behind: str) -> None:
    digits = _passing(number)
    assert passes_eleven(digits)
    assert BSN in kinds(f"{before} {digits} {behind}")
    assert BSN in kinds(f"{before} {digits[:3]}.{digits[3:6]}.{digits[6:]} {behind}")


@given(st.integers(0, 10**8 - 1), st.integers(1, 9))
def test_one_wrong_digit_does_not_pass(number: int, wrong: int) -> None:
    """What the test is for: of nine digits with one changed, none passes."""
    digits = _passing(number)
    for place in range(9):
        other = digits[:place] + str((int(digits[place]) + wrong) % 10) + digits[place + 1 :]
        assert not passes_eleven(other)


def test_one_number_in_eleven_passes() -> None:
    """What the coach says of it."""
    count = sum(passes_eleven(f"{number:09}") for number in range(100_000_000, 100_110_000))
    assert abs(count - 10_000) < 50


@given(
    st.integers(10_000_000, 99_999_999), st.lists(st.sampled_from(["", " ", "-", ".", " - "]), min_size=9, max_size=9)
)
def test_a_mobile_number_is_found_however_it_is_grouped(number: int, gaps: list[str]) -> None:
    rest = "".join(gap + digit for gap, digit in zip(gaps[1:], str(number), strict=True))
    for front in ("06", "+31 6", "+316", "0031 6", "+31 (0)6"):
        text = f"bel {front}{rest} nu"
        if not re.search(r"06\s?[-. ]+\d\d?[-. ]+(19|20)\d\d", text):  # that is a date
            assert PHONE in kinds(text), text


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text: str) -> None:
    for one in spot(text):
        assert one.text in plain(text)


@given(st.dates(), st.integers(1, 9_999_999), st.integers(1900, 2100))
def test_dates_amounts_and_years_are_no_personal_data(day: object, amount: int, year: int) -> None:
    dotted = f"{amount:,}".replace(",", ".")
    text = f"Vanaf {day:%d-%m-%Y} is er € {dotted} voor {year}-{year + 1}, voor {amount} euro, {day:%Y-%m-%d}."
    assert not spot(text)


@pytest.mark.parametrize(
    "text",
    ["1" * 16_000, "12 " * 5_000, "a@" * 8_000, "x@" + "a." * 8_000, "geb. " * 3_000, "+31 " * 4_000, "( " * 8_000],
)
def test_a_long_text_does_not_make_it_count_for_ever(text: str) -> None:
    """It would not come back in a test's time if the work grew with the square of the length."""
    assert spot(text) == () or spot(text)


@given(st.text(st.characters(codec="ascii", exclude_characters="0123456789@([")))
def test_without_a_digit_an_at_or_a_bracket_there_is_nothing(text: str) -> None:
    """What `spot` does not look at."""
    assert spotter().look_at(plain(text)) == ()
