"""Slides for a steering group: the whole, one or more a part, the actions, the rounds, what is not known yet.

Rule: native shapes and tables that people can change; a text is never cut: what does not fit goes on to a next slide.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pptx
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.slide import Slide
from pptx.text.text import TextFrame
from pptx.util import Emu, Mm, Pt

from bot.render import office
from bot.render.office import fit

WIDE, HIGH = 338.7, 190.5  # millimetres, 16:9
MARGIN = 14.0
ROOM = 128.0  # millimetres of height for a table under the title
LONGEST = 900  # characters of one text in a cell; longer goes on in the next row
_SHAPES = {
    "circle": MSO_SHAPE.OVAL,
    "triangle": MSO_SHAPE.ISOSCELES_TRIANGLE,
    "square": MSO_SHAPE.RECTANGLE,
    "diamond": MSO_SHAPE.DIAMOND,
    "ring": MSO_SHAPE.OVAL,
}
Json = Mapping[str, Any]
Cell = str | Mapping[str, Any]  # a text, or a status


def write(canvas: Json) -> bytes:
    """The file."""
    return _Slides(canvas).write()


class _Slides:
    def __init__(self, canvas: Json) -> None:
        self.canvas = canvas
        self.labels = canvas["labels"]
        self.language = office.LANGUAGES[canvas["language"]]
        self.file = pptx.Presentation()
        self.file.slide_width, self.file.slide_height = Mm(WIDE), Mm(HIGH)

    def write(self) -> bytes:
        canvas, labels = self.canvas, self.labels
        self._front()
        self._standing()
        for part in canvas["parts"]:
            self._one(part)
        self._actions(labels["all_actions"], canvas["actions"])
        self._rounds(labels["trend"], [row for row in canvas["rows"] if not row["level"]])
        self._warnings()
        self._gaps(labels["unknowns"], canvas["unknowns"])
        self._slide(labels["annex"], dark=True)
        for part in canvas["sections"]:
            self._part(part)
        self._rounds(labels["rounds"], canvas["rows"])
        self._gaps(labels["open"], canvas["open"])
        self._table_slides(labels["source"], (labels["source"],), [(canvas["source"],), (labels["how"],)], (310,))
        about = self.file.core_properties
        about.title = fit(f"{labels['canvas']} {canvas['name']}")[:255]
        about.author = about.last_modified_by = labels["made"]
        about.language = self.language
        about.created = about.modified = datetime.fromisoformat(canvas["stamp"]).replace(tzinfo=None)
        out = io.BytesIO()
        self.file.save(out)
        return out.getvalue()

    # Slides -----------------------------------------------------------------------------------------------------------

    def _slide(self, title: str, *, dark: bool = False) -> Slide:
        slide: Slide = self.file.slides.add_slide(self.file.slide_layouts[5])
        band = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Mm(0), Mm(0), Mm(WIDE), Mm(HIGH if dark else 24))
        band.fill.solid()
        band.fill.fore_color.rgb = _colour(office.BRAND)
        band.line.fill.background()
        band.name = "band"
        slide.shapes._spTree.remove(band._element)
        slide.shapes._spTree.insert(2, band._element)
        heading = slide.shapes.title
        if heading is None:
            raise ValueError("This layout has no title.")
        heading.left, heading.top = Mm(MARGIN), Mm(56 if dark else 3)
        heading.width, heading.height = Mm(WIDE - 2 * MARGIN), Mm(50 if dark else 18)
        heading.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM if dark else MSO_ANCHOR.MIDDLE
        self._text(heading.text_frame, title, 36 if dark else 26, office.WHITE, bold=True)
        return slide

    def _front(self) -> None:
        canvas, labels = self.canvas, self.labels
        slide = self._slide(_cut(canvas["name"], 160), dark=True)
        lines = ["  ·  ".join(one for one in (labels["canvas"], canvas["date"], canvas["round"]) if one)]
        lines += [f"{name}: {value}" for name, value in canvas["facts"]]
        self._box(slide, "\n".join(lines), 110, 50, 18, "D6E3F3")

    def _standing(self) -> None:
        canvas, labels = self.canvas, self.labels
        slide = self._slide(labels["standing"])
        each = (WIDE - 2 * MARGIN - 3 * 6) / 4
        for place, part in enumerate(canvas["parts"]):
            left = MARGIN + place * (each + 6)
            tone = part["sign"]["tone"]
            card = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, Mm(left), Mm(34), Mm(each), Mm(72))
            card.adjustments[0] = 0.06
            card.fill.solid()
            card.fill.fore_color.rgb = _colour(office.FILLS[tone])
            card.line.color.rgb = _colour(office.EDGES[tone])
            card.name = part["title"]
            frame = card.text_frame
            frame.word_wrap = True
            frame.vertical_anchor = MSO_ANCHOR.TOP
            frame.margin_top = Mm(24)
            self._text(frame, part["title"], 20, office.BRAND, bold=True)
            self._add(frame, part["sign"]["word"], 16, office.WORDS[tone], bold=True)
            for line in (part["before"], part["brief"]):
                if line:
                    self._add(frame, line, 12, office.INK)
            self._sign(slide, part["sign"], left + 5, 39, 16)
        stated = next((part for part in canvas["parts"] if part["statement"]["full"]), None)
        again = f"\n({stated['again']})" if stated is not None and stated["again"] else ""
        statement = "" if stated is None else stated["statement"]["full"] + again
        if statement and len(statement) <= LONGEST:
            self._box(slide, statement, 114, 46, 16 if len(statement) < 400 else 12, office.INK)
        self._box(slide, f"{canvas['standing']} · {canvas['counts']}", 168, 10, 13, office.MUTED)

    def _one(self, part: Json) -> None:
        """A part on one slide, its texts cut; the annex has them in full."""
        labels = self.labels
        length = max(1000 // max(len(part["tiles"]), 1), 90)
        rows: list[tuple[Cell, ...]] = []
        for tile in part["tiles"]:
            needed = f" ({labels['needed']})" if tile["marked"] and part["form"] == "grid" else ""
            said = "; ".join(note["short"] for note in tile["notes"]) or tile["state"]
            row: list[Cell] = [tile["name"] + needed]
            if part["form"] in ("grid", "pitfalls"):
                row.append({**tile["sign"], "said": office.sign_of(part, tile, labels)})
            elif part["form"] == "choices":
                row.append(office.sign_of(part, tile, labels))
            rows.append((*row, _cut(said, length)))
        has_status = part["form"] != "chain"
        head = [self.canvas["fields"][part["form"]], *([labels["status"]] if has_status else []), labels["said"]]
        widths = (74, 56, 180) if has_status else (60, 250)
        title = f"{part['title']}: {part['sign']['word']}"
        slide = self._slide(f"{title} ({part['before']})" if part["before"] else title)
        self._sign(slide, part["sign"], WIDE - MARGIN - 16, 4, 16)
        size = next(one for one in (18, 16, 14, 13, 12) if one == 12 or _heights(rows, widths, one) < ROOM)
        self._table(slide, head, rows, widths, part["title"], size)
        if part["brief"]:
            self._box(slide, part["brief"], 174, 10, 13, office.MUTED)

    def _part(self, part: Json) -> None:
        labels = self.labels
        title = f"{part['title']}: {part['sign']['word']}" if part["rated"] else part["title"]
        if part["form"] in ("grid", "pitfalls", "choices"):
            is_choice = part["form"] == "choices"
            rows: list[tuple[Cell, ...]] = []
            for tile in part["tiles"]:
                needed = f" ({labels['needed']})" if tile["marked"] and not is_choice else ""
                said = office.sign_of(part, tile, labels)
                status: Cell = said if is_choice else {**tile["sign"], "said": said}
                rows.append((tile["name"] + needed, status, tile["about"]))
            head = (self.canvas["fields"][part["form"]], labels["status"], labels["about"])
            self._table_slides(title, head, rows, (90, 60, 160), sign=part["sign"] if part["rated"] else None)
        told = [(answer["title"], _said(answer)) for answer in part["answers"] if answer["kind"] != "actions"]
        told = [(name, text) for name, text in told if text]
        if told or not part["tiles"]:
            rows = [tuple(row) for row in told] or [("–", labels["none"])]
            self._table_slides(
                title,
                (labels["question"], labels["said"]),
                rows,
                (80, 230),
                sign=part["sign"] if part["rated"] else None,
            )
        if part["actions"]:
            self._actions(f"{part['title']}: {labels['all_actions'].lower()}", part["actions"])

    def _actions(self, title: str, deeds: Sequence[Json]) -> None:
        labels = self.labels
        head = [labels[name] for name in ("number", "what", "who", "when", "state")]
        rows = [
            (str(deed["number"]), deed["full"], deed["owner"] or labels["nobody"], deed["due"] or labels["no_date"],
             deed["state"])
            for deed in deeds
        ]  # fmt: skip
        self._table_slides(title, head, rows or [("–", labels["no_actions"], "", "", "")], (16, 150, 54, 60, 30))

    def _rounds(self, title: str, shown: Sequence[Json]) -> None:
        columns = self.canvas["columns"]
        if len(columns) < 2:
            return
        head = [self.labels["part"], *(f"{column['label']}\n{column['date']}" for column in columns)]
        rows: list[tuple[Cell, ...]] = []
        for row in shown:
            signs = [{**sign, "said": office.status_text(sign)} for sign in row["signs"]]
            rows.append((f"{'   ' * row['level']}{row['name']}", *signs))
        each = (310 - 70) / len(columns)
        self._table_slides(title, head, rows, [70, *([each] * len(columns))])

    def _warnings(self) -> None:
        labels = self.labels
        if self.canvas["warnings"]:
            head = (labels["part"], labels["question"], labels["decided"])
            rows = [(one["parts"], one["text"], "\n".join(one["said"]) or "–") for one in self.canvas["warnings"]]
            self._table_slides(labels["coherence"], head, rows, (60, 140, 110))

    def _gaps(self, title: str, gaps: Sequence[Json]) -> None:
        if gaps:
            head = (self.labels["part"], self.labels["what"], self.labels["question"])
            rows = [(gap["part"], gap["title"], gap["question"]) for gap in gaps]
            self._table_slides(title, head, rows, (50, 80, 180))

    # Tables -----------------------------------------------------------------------------------------------------------

    def _table_slides(
        self,
        title: str,
        head: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        widths: Sequence[float],
        sign: Json | None = None,
    ) -> None:
        """A table over as many slides as its texts need."""
        pages = list(_pages([piece for row in rows for piece in _pieces(row)], widths))
        for number, page in enumerate(pages, 1):
            slide = self._slide(f"{title} ({number}/{len(pages)})" if len(pages) > 1 else title)
            if sign is not None:
                self._sign(slide, sign, WIDE - MARGIN - 16, 4, 16)
            self._table(slide, head, page, widths, title)

    def _table(
        self,
        slide: Slide,
        head: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        widths: Sequence[float],
        about: str,
        size: float = 12,
    ) -> None:
        frame = slide.shapes.add_table(
            len(rows) + 1, len(head), Mm(MARGIN), Mm(30), Mm(sum(widths)), Mm(8 * (len(rows) + 1))
        )
        frame.name = fit(about)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", fit(f"{about}: {', '.join(head)}".replace("\n", " ")))
        table = frame.table
        table.first_row = True
        for column, width in enumerate(widths):
            table.columns[column].width = Mm(width)
        for place, row in enumerate((head, *rows)):
            for column, value in enumerate(row):
                cell = table.cell(place, column)
                cell.margin_top = cell.margin_bottom = Mm(1.2)
                cell.fill.solid()
                tone = "" if isinstance(value, str) else value["tone"]
                fill = office.PALE if place == 0 else office.FILLS[tone] if tone else office.WHITE
                cell.fill.fore_color.rgb = _colour(fill)
                text = value if isinstance(value, str) else value["said"]
                colour = office.BRAND if place == 0 else office.WORDS[tone] if tone else office.INK
                self._text(cell.text_frame, text, size, colour, bold=place == 0 or bool(tone) or column == 0)

    # Shapes and text --------------------------------------------------------------------------------------------------

    def _sign(self, slide: Slide, sign: Json, left: float, top: float, size: float) -> None:
        shape = slide.shapes.add_shape(_SHAPES[sign["shape"]], Mm(left), Mm(top), Mm(size), Mm(size))
        shape.fill.solid()
        shape.fill.fore_color.rgb = _colour(office.SIGNS[sign["tone"]])
        shape.line.color.rgb = _colour(office.EDGES[sign["tone"]])
        shape.name = sign["word"]
        shape._element.nvSpPr.cNvPr.set("descr", fit(sign["word"]))
        frame = shape.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Emu(0)
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        frame.word_wrap = False
        dark = sign["tone"] in ("half", "unknown", "none")
        self._text(frame, sign["letter"], 18, office.INK if dark else office.WHITE, bold=True)
        frame.paragraphs[0].alignment = PP_ALIGN.CENTER

    def _box(self, slide: Slide, text: str, top: float, height: float, size: float, colour: str) -> None:
        frame = slide.shapes.add_textbox(Mm(MARGIN), Mm(top), Mm(WIDE - 2 * MARGIN), Mm(height)).text_frame
        frame.word_wrap = True
        self._text(frame, text, size, colour)

    def _text(self, frame: TextFrame, text: str, size: float, colour: str, *, bold: bool = False) -> None:
        """Fills a frame: a paragraph a line."""
        frame.clear()
        for place, line in enumerate(fit(text).split("\n")):
            self._add(frame, line, size, colour, bold=bold, first=place == 0)

    def _add(
        self, frame: TextFrame, line: str, size: float, colour: str, *, bold: bool = False, first: bool = False
    ) -> None:
        paragraph = frame.paragraphs[0] if first else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        run = paragraph.add_run()
        run.text = fit(line)
        run.font.size = Pt(size)
        run.font.bold = bold
        run.font.color.rgb = _colour(colour)
        run._r.get_or_add_rPr().set("lang", self.language)
        paragraph._p.get_or_add_endParaRPr().set("lang", self.language)


def _colour(name: str) -> RGBColor:
    colour: RGBColor = RGBColor.from_string(name)
    return colour


def _said(answer: Json) -> str:
    lines = [answer["value"] or answer["state"]] if answer["value"] or answer["state"] else []
    many = len(answer["notes"]) > 1
    for note in answer["notes"]:
        told = office.behind(note)
        lines.append(f"{'• ' if many else ''}{note['full']}{f' ({told})' if told else ''}")
    return "\n".join(lines)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _pieces(row: Sequence[Cell]) -> Iterator[tuple[Cell, ...]]:
    """A row with a text that is too long for a slide goes on in rows under it."""
    texts = [_split(value) if isinstance(value, str) else [value] for value in row]
    for place in range(max(map(len, texts))):
        yield tuple(one[place] if place < len(one) else "" for one in texts)


def _split(text: str) -> list[str]:
    found = []
    while len(text) > LONGEST:
        end = max(text.rfind(blank, LONGEST // 2, LONGEST) for blank in ("\n", " ")) + 1
        end = end if end > 0 else LONGEST
        found.append(text[:end].rstrip())
        text = text[end:]
    return [*found, text]


def _heights(rows: Sequence[Sequence[Cell]], widths: Sequence[float], size: float) -> float:
    return sum(_height(row, widths, size) for row in rows) + size


def _height(row: Sequence[Cell], widths: Sequence[float], size: float = 12) -> float:
    """About how high a row is, in millimetres, in letters of so many points."""
    most = 1
    for value, width in zip(row, widths, strict=True):
        text = value if isinstance(value, str) else value["said"]
        a_line = max(int((width - 5) / (size * 0.2)), 4)  # 5: what stays free at the sides
        most = max(most, sum(-(-max(len(line), 1) // a_line) for line in text.split("\n")))
    return most * size * 0.45 + 3.2


def _pages(rows: Sequence[Sequence[Cell]], widths: Sequence[float]) -> Iterator[list[Sequence[Cell]]]:
    page: list[Sequence[Cell]] = []
    used = 12.0
    for row in rows:
        height = _height(row, widths)
        if page and used + height > ROOM + 20:
            yield page
            page, used = [], 12.0
        page.append(row)
        used += height
    if page:
        yield page
