"""The pictures as they were when somebody looked at them. `python -m tests.render.test_pictures` makes them anew: look
at each before it is kept.

Rule: compared blurred and with a tolerance, for a version of Typst may move a letter by a fraction of a pixel.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat
from pypdf import PdfReader

from bot.render import picture, typesetting
from flows.conversation.effects import seen_part, upright
from tests.render.cases import CASES

GOLDEN = Path(__file__).parent / "golden"
LAYOUTS = {"small": ("landscape", 1024), "portrait-small": ("portrait", 1024)}
PARTS = ("impact", "routes", "ingredienten", "valkuilen")
SHEETS = {"full": (*PARTS, "trend"), "english": ("valkuilen",), "ns": tuple(map(upright, PARTS))}
MEAN, MOST = 0.5, 24  # of 255, of the blurred difference
ALL = [(name, layout) for name in CASES for layout in (*LAYOUTS, *SHEETS.get(name, ()))]


def drawn(name: str, layout: str) -> Image.Image:
    """A picture of a case; a sheet as small as the golden ones."""
    made = Image.open(io.BytesIO(picture.draw(CASES[name]().canvas(), *LAYOUTS.get(layout, (layout,))))).convert("RGB")
    if layout in LAYOUTS:
        return made
    smaller = made.resize((500, 800) if made.height > made.width else (800, 500), Image.Resampling.LANCZOS)
    return smaller.quantize(256, dither=Image.Dither.NONE).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> tuple[float, int]:
    """How much two pictures of one size differ: on average, and most at any place; blurred, so that a shift by less
    than a pixel counts little.
    """
    blurred = [image.filter(ImageFilter.GaussianBlur(3)) for image in (one, other)]
    found = ImageChops.difference(*blurred).convert("L")
    return ImageStat.Stat(found).mean[0], int(found.getextrema()[1])


@pytest.mark.parametrize(("name", "layout"), ALL)
def test_a_picture_looks_as_it_did(name: str, layout: str) -> None:
    with Image.open(GOLDEN / f"{name}-{layout}.png") as golden:
        kept = golden.convert("RGB")
    made = drawn(name, layout)
    assert made.size == kept.size
    mean, most = difference(made, kept)
    assert mean < MEAN, f"differs by {mean:.2f} on average"
    assert most < MOST, f"differs by {most} somewhere"


def test_a_wrong_status_is_seen() -> None:
    canvas = CASES["ns"]().canvas()
    before = Image.open(io.BytesIO(picture.draw(canvas, *LAYOUTS["small"]))).convert("RGB")
    canvas["parts"][2]["tiles"][0]["sign"] = canvas["legend"][0]
    after = Image.open(io.BytesIO(picture.draw(canvas, *LAYOUTS["small"]))).convert("RGB")
    assert difference(before, after)[1] >= MOST


def told(layout: str) -> str:
    """All that a picture of an empty room says, read from it as a PDF, without blanks."""
    made = typesetting.pdf("canvas", typesetting.showable(CASES["empty"]().canvas()), layout, 0)
    (page,) = PdfReader(io.BytesIO(made)).pages
    return "".join(page.extract_text().split())


@pytest.mark.parametrize("layout", ["landscape", "a3", *PARTS[1:], *map(upright, PARTS[1:])])
def test_what_the_method_says_of_a_field_stands_there_whole(layout: str) -> None:
    shown = told(layout)
    parts = [
        part
        for part in CASES["empty"]().canvas()["parts"]
        if layout in ("landscape", "a3") or part["id"] == seen_part(layout)
    ]
    about = [tile["about"] for part in parts for tile in part["tiles"] if tile["about"]]
    assert len(about) >= 4
    assert [text for text in about if "".join(text.split()) not in shown] == []


def test_pictures_are_small_files() -> None:
    for name in CASES:
        canvas = CASES[name]().canvas()
        assert len(picture.draw(canvas, "landscape")) < 220_000
        assert len(picture.draw(canvas, *LAYOUTS["small"])) < 115_000


@pytest.mark.parametrize(
    ("layout", "size"),
    [
        ("landscape", (1600, 1000)), ("small", (1024, 640)), ("impact", (1600, 1000)), ("trend", (1600, 1000)),
        ("portrait", (1080, 1920)), ("portrait-small", (576, 1024)), ("routes-portrait", (1080, 1920)),
    ],
)  # fmt: skip
def test_sizes(layout: str, size: tuple[int, int]) -> None:
    assert picture.size_of(picture.draw(CASES["full"]().canvas(), *LAYOUTS.get(layout, (layout,)))) == size


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for case, kind in ALL:
        drawn(case, kind).quantize(256, dither=Image.Dither.NONE).save(GOLDEN / f"{case}-{kind}.png", optimize=True)
    sys.exit(0)
