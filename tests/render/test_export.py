"""`opschaalcoach export` for pictures and documents; and a CSV in a spreadsheet program."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from bot.cli import main
from flows.export import as_csv
from tests.bot.process import AT, is_one_clear_line, message, run_lines
from tests.chat import BOOK
from tests.render.cases import HOSTILE, hostile

BEGINNINGS = {"png": b"\x89PNG", "pdf": b"%PDF-1.", "docx": b"PK\x03\x04", "pptx": b"PK\x03\x04"}


@pytest.fixture
def filled(path: Path) -> Path:
    """A database with one room in it."""
    run_lines(path, message("e1", "!start", at=AT), message("e2", "Jeugdhulp dichtbij"), message("e3", "verder"))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "coach.db"


@pytest.mark.parametrize("form", BEGINNINGS)
def test_an_export_is_a_file_of_its_kind_for_its_owner_alone(filled: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"canvas.{form}"
    assert main(["export", "r1", "--db", str(filled), "--format", form, "--out", str(out)]) == 0
    assert out.read_bytes().startswith(BEGINNINGS[form])
    assert out.stat().st_mode & 0o777 == 0o600


def test_a_picture_goes_to_standard_output_as_it_is(filled: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", "r1", "--db", str(filled), "--format", "png", "--out", "-"]) == 0
    sys.stdout.flush()
    assert Image.open(io.BytesIO(capfdbinary.readouterr().out)).size == (1600, 1000)


@pytest.mark.parametrize(
    ("form", "view", "size"),
    [
        ("png", "portrait", (1080, 1920)),
        ("png", "routes", (1600, 1000)),
        ("png", "routes-portrait", (1080, 1920)),
        ("pdf", "a3", None),
    ],
)
def test_a_view_is_what_was_asked(filled: Path, tmp_path: Path, form: str, view: str, size: tuple[int, int]) -> None:
    out = tmp_path / "canvas"
    assert main(["export", "r1", "--db", str(filled), "--format", form, "--view", view, "--out", str(out)]) == 0
    if size is None:
        page = PdfReader(out).pages[0].mediabox
        assert (round(page.width), round(page.height)) == (1191, 842)  # A3, lying, in points
    else:
        with Image.open(out) as picture:
            assert picture.size == size


@pytest.mark.parametrize(
    ("form", "view", "words"),
    [
        (
            "png",
            "onzin",
            "png has no view 'onzin'; it has: portrait, trend, impact, routes, ingredienten, valkuilen, "
            "impact-portrait, routes-portrait, ingredienten-portrait, valkuilen-portrait.",
        ),
        ("pdf", "routes", "pdf has no view 'routes'; it has: a3."),
        ("csv", "a3", "csv has no view 'a3'; it has: none."),
        ("png", "trend", "A trend needs two rounds."),
    ],
)
def test_a_view_that_there_is_not_is_one_clear_line(
    filled: Path, capsys: pytest.CaptureFixture[str], form: str, view: str, words: str
) -> None:
    assert main(["export", "r1", "--db", str(filled), "--format", form, "--view", view, "--out", "-"]) == 2
    said = capsys.readouterr().err
    assert is_one_clear_line(said.encode())
    assert words in said


def test_names_stand_in_it_only_where_they_are_asked_for(filled: Path, tmp_path: Path) -> None:
    texts = []
    for place, more in enumerate(([], ["--names"])):
        out = tmp_path / str(place)
        assert main(["export", "r1", "--db", str(filled), "--format", "pdf", "--out", str(out), *more]) == 0
        texts.append("".join(page.extract_text() for page in PdfReader(out).pages))
    assert ["Anna" in text for text in texts] == [False, True]


def test_what_is_not_installed_is_one_clear_line(
    filled: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.render import fonts, sources

    monkeypatch.setattr(fonts, "_PACKAGES", ("fontpkg_not_there",))
    fonts.folders.cache_clear()
    fonts.paths.cache_clear()
    sources.fingerprint.cache_clear()
    try:
        assert main(["export", "r1", "--db", str(filled), "--format", "pdf", "--out", "-"]) == 2
    finally:
        fonts.folders.cache_clear()
        fonts.paths.cache_clear()
        sources.fingerprint.cache_clear()
    said = capsys.readouterr().err
    assert is_one_clear_line(said.encode())
    assert "fontpkg_not_there is not installed: pip install 'opschaalcoach[documents]'" in said


def test_the_terminal_starts_without_what_draws() -> None:
    code = (
        "import sys, bot.reading, bot.console, bot.render.worker\n"
        "print([name for name in ('typst', 'PIL', 'docx', 'pptx', 'lxml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


SOFFICE = shutil.which("soffice")


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_a_spreadsheet_runs_no_formula_of_a_csv(tmp_path: Path) -> None:
    text = as_csv(BOOK, hostile().snapshot, hostile().now)
    assert "=1+1" in HOSTILE
    (tmp_path / "canvas.csv").write_text(text + '"=1+1",,,,,"=40+2",,\r\n', "utf-8", newline="")
    command = [str(SOFFICE), "--headless", f"-env:UserInstallation=file://{tmp_path}/home", "--convert-to"]
    form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    done = subprocess.run(
        [*command, form, "--infilter=CSV:44,34,76,1", "--outdir", str(tmp_path / "out"), str(tmp_path / "canvas.csv")],
        capture_output=True, check=True, timeout=180,
    )  # fmt: skip
    if not (tmp_path / "out" / "canvas.csv").exists():
        pytest.skip(f"this LibreOffice has no spreadsheet program: {done.stderr.decode()[:200]}")
    rows = list(csv.reader(io.StringIO((tmp_path / "out" / "canvas.csv").read_text("utf-8"))))
    assert rows[-1][0] == "2"  # the line added above: here a formula is run, so the check is one
    cells = [cell for row in rows[:-1] for cell in row]
    assert sum("=1+1" in cell for cell in cells) > 5
    assert not any(cell == "2" or cell.startswith("2 (") for cell in cells)
