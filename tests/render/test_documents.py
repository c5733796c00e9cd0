"""PDF, Word and PowerPoint: every answer in full, usable without seeing, and openable by another program."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pptx
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from bot.render import document, fonts, office
from tests.render.cases import CASES, Case, empty, full, hostile, ns, outdated

FORMS = document.FORMS
_made: dict[tuple[str, str], bytes] = {}


def made(name: str, form: str) -> bytes:
    """A document of a case, made once."""
    if (name, form) not in _made:
        _made[name, form] = document.write(CASES[name]().canvas(), form)
    return _made[name, form]


def bare(text: str) -> str:
    """Text without blanks, breaks and what is not drawn, as programs differ in them."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(
        one for one in text if not one.isspace() and unicodedata.category(one) not in ("Cc", "Cf", "Mn", "Me")
    )


def missing(case: Case, text: str, shown: Any = lambda one: one) -> list[str]:
    """The answers and alarms that are not in a text."""
    found = bare(text)
    return [answer for answer in [*case.answers(), *case.warnings()] if bare(shown(answer)) not in found]


def is_drawable(text: str) -> bool:
    """Whether a reader of PDFs gives a text back as it was put in: not where letters run to the left, or where what
    stands there is a box or made of several signs.
    """
    directions = {unicodedata.bidirectional(one) for one in text}
    return not directions & {"R", "AL"} and fonts.showable(text) == text and not any(ord(one) > 0xFFFF for one in text)


def words(data: bytes, form: str) -> str:
    """Everything that a document says, without blanks."""
    if form == "pdf":
        return bare("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))
    if form == "docx":
        return bare("\n".join(one.text for one in docx.Document(io.BytesIO(data)).paragraphs))
    slides = pptx.Presentation(io.BytesIO(data)).slides
    return bare("\n".join(one.text_frame.text for slide in slides for one in slide.shapes if one.has_text_frame))


@pytest.mark.parametrize("form", ["pdf", "docx", "pptx"])
def test_a_statement_that_is_older_than_its_answers_is_marked(form: str) -> None:
    mark = bare("(kijk nog eens, want later veranderd: outcome)")
    assert mark in words(document.write(outdated().canvas(), form), form)
    assert mark not in words(made("ns", form), form)


# PDF ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("form", ["pdf", "a3"])
def test_a_pdf_passes_the_build_for_archives_and_screen_readers(name: str, form: str) -> None:
    reader = PdfReader(io.BytesIO(made(name, form)))
    about = reader.trailer["/Root"]
    assert about["/MarkInfo"]["/Marked"]
    assert about["/Lang"] == CASES[name]().canvas()["language"]
    assert "/StructTreeRoot" in about
    metadata = about["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1" in metadata
    assert "<pdfaid:part>2" in metadata
    assert CASES[name]().canvas()["name"][:20] in str(reader.metadata.title)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")
@pytest.mark.parametrize("name", CASES)
def test_pdftotext_finds_every_answer(name: str, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(made(name, "pdf"))
    done = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    # A page's foot comes between two halves of an answer that goes on to the next page.
    text = re.sub(r"[^\n]*\n?\d+ / \d+\s*\f", "", done.stdout.decode())
    lost = [answer for answer in missing(CASES[name](), text) if is_drawable(answer)]
    assert [answer for answer in lost if not in_pieces(answer, done.stdout.decode())] == []


def in_pieces(answer: str, text: str) -> bool:
    """Whether an answer is there over two pages, with the foot or the head of a page in between."""
    found, wanted = bare(text), bare(answer)
    return any(wanted[:cut] in found and wanted[cut:] in found for cut in range(10, len(wanted) - 10))


def test_every_answer_has_its_date_and_no_author() -> None:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(made("full", "pdf"))).pages)
    notes = sum(len(answer["notes"]) for part in full().canvas()["sections"] for answer in part["answers"])
    assert len(re.findall(r"–\d{1,2}(?:augustus|september|oktober|november)2026", bare(text))) == notes > 80
    assert "Bas, " not in text
    named = document.write(full().canvas(authors=True), "pdf")
    assert "Bas, " in "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(named)).pages)


def test_what_no_font_has_is_a_box_and_the_reader_is_told() -> None:
    assert fonts.showable("漢 a\u0303 \x00\x1b é 🎉 مرحبا") == "□ a\u0303  é 🎉 مرحبا"
    last = PdfReader(io.BytesIO(made("hostile", "pdf"))).pages[-1].extract_text()
    assert "Een □ staat voor" in last
    assert "Een □" not in PdfReader(io.BytesIO(made("ns", "pdf"))).pages[-1].extract_text()


@pytest.mark.parametrize("name", CASES)
def test_code_in_an_answer_is_shown_not_run(name: str) -> None:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(made(name, "pdf"))).pages)
    assert "root:" not in text
    if name == "hostile":
        assert '#eval("1+1")' in text
        assert "<script>alert" in text


# Word -----------------------------------------------------------------------------------------------------------------


def words_of(data: bytes) -> str:
    """All text of a Word file."""
    file = docx.Document(io.BytesIO(data))
    return "\n".join(one.text or "" for one in file.element.body.iter(qn("w:t")))


def fit(text: str) -> str:
    return office.fit(text)


@pytest.mark.parametrize("name", CASES)
def test_a_word_file_has_every_answer(name: str) -> None:
    assert missing(CASES[name](), words_of(made(name, "docx")), fit) == []


def test_a_word_file_can_be_read_without_seeing_it() -> None:
    file = docx.Document(io.BytesIO(made("full", "docx")))
    assert file.core_properties.language == "nl-NL"
    styles = file.styles.element.xml
    assert 'w:lang w:val="nl-NL"' in styles
    for table in file.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblDescription")) is not None
        assert not table.autofit
    headings = [one.style.name for one in file.paragraphs if one.style.name.startswith(("Title", "Heading"))]
    assert headings[:2] == ["Title", "Heading 1"]
    assert set(headings) == {"Title", "Heading 1", "Heading 2"}


# PowerPoint -----------------------------------------------------------------------------------------------------------


def frames(data: bytes) -> Iterator[str]:
    """All text of the slides."""
    for slide in pptx.Presentation(io.BytesIO(data)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            if shape.has_table:
                for row in shape.table.rows:
                    yield from (cell.text_frame.text for cell in row.cells)


@pytest.mark.parametrize("name", CASES)
def test_the_slides_have_every_answer(name: str) -> None:
    text = "\n".join(frames(made(name, "pptx")))
    assert [one for one in missing(CASES[name](), text, fit) if not in_pieces(one, text)] == []


def test_a_part_is_one_slide_of_native_shapes() -> None:
    slides = list(pptx.Presentation(io.BytesIO(made("ns", "pptx"))).slides)
    titles = [slide.shapes.title.text_frame.text for slide in slides]
    assert titles[1:6] == [
        "Hoe staat het ervoor",
        "Impact: deels",
        "Routes: deels",
        "Ingrediënten: onvoldoende",
        "Valkuilen: deels",
    ]
    for slide in slides[2:6]:
        assert [shape.has_table for shape in slide.shapes].count(True) == 1
    assert not any(shape.shape_type == 13 for slide in slides for shape in slide.shapes)  # 13: a picture


def test_slides_can_be_read_without_seeing_them() -> None:
    for slide in pptx.Presentation(io.BytesIO(made("full", "pptx"))).slides:
        assert slide.shapes.title.text_frame.text
        for shape in slide.shapes:
            if shape.has_table:
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr")
                assert shape.table.first_row
        assert 'lang="nl-NL"' in slide._element.xml


def test_no_slide_is_fuller_than_it_is_high() -> None:
    """What does not fit goes on: the rows of each table are guessed to end on the slide."""
    from bot.render import slides

    for name in CASES:
        for slide in pptx.Presentation(io.BytesIO(made(name, "pptx"))).slides:
            for shape in slide.shapes:
                if shape.has_table and len(shape.table.rows) > 2:
                    widths = [column.width / 36_000 for column in shape.table.columns]
                    rows = [[cell.text_frame.text for cell in row.cells] for row in shape.table.rows]
                    assert sum(slides._height(row, widths) for row in rows) < slides.HIGH - 30


# Other programs -------------------------------------------------------------------------------------------------------

SOFFICE = shutil.which("soffice")


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")
@pytest.mark.whole
def test_libreoffice_opens_word_and_powerpoint_with_every_answer(tmp_path: Path) -> None:
    wanted = {f"{name}.{form}": CASES[name]() for name in CASES for form in ("docx", "pptx")}
    for file in wanted:
        name, _, form = file.partition(".")
        (tmp_path / f"{name}-{form}.{form}").write_bytes(made(name, form))
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    for form in ("docx", "pptx"):
        files = sorted(tmp_path.glob(f"*.{form}"))
        command = [str(SOFFICE), "--headless", home, "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, files)]
        subprocess.run(command, capture_output=True, check=True, timeout=300)
    for file, case in wanted.items():
        path = tmp_path / f"{file.replace('.', '-')}.pdf"
        done = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
        text = done.stdout.decode()
        lost = [one for one in missing(case, text, fit) if is_drawable(one) and not in_pieces(one, text)]
        assert lost == [], file


@pytest.mark.parametrize("form", ["docx", "pptx"])
def test_an_office_file_holds_no_code_and_no_outside_links(form: str) -> None:
    with zipfile.ZipFile(io.BytesIO(made("hostile", form))) as packed:
        for name in packed.namelist():
            assert "vba" not in name.lower()
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in packed.read(name)


def test_the_cases_are_what_they_should_be() -> None:
    assert empty().answers() == []
    assert len(ns().answers()) > 80
    assert min(len(one) for one in full().answers() if one.startswith("We ")) >= 600
    assert (len(full().snapshot.action), len(full().snapshot.round)) == (25, 6)
    assert len(hostile().answers()) > 80
