"""The report as a Word file that people can go on with: headings, lists, tables with header rows.

Rule: the same content in the same order as the PDF; language tags and alt texts are set, so that spelling and screen
readers work.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from bot.render import office
from bot.render.office import fit

WIDTH = 170.0  # millimetres between the margins
Json = Mapping[str, Any]


def write(canvas: Json) -> bytes:
    """The file."""
    return _Writer(canvas).write()


class _Writer:
    def __init__(self, canvas: Json) -> None:
        self.canvas = canvas
        self.labels = canvas["labels"]
        self.file: Document = docx.Document()

    def write(self) -> bytes:
        self._prepare()
        canvas, labels = self.canvas, self.labels
        self.file.add_heading(fit(canvas["name"]), 0)
        sub = "  ·  ".join(one for one in (labels["subtitle"], canvas["date"], canvas["round"]) if one)
        self._quiet(sub)
        self._standing()
        for part in canvas["sections"]:
            self._part(part)
        self._warnings()
        self._gaps(labels["unknowns"], canvas["unknowns"])
        self.file.add_heading(labels["all_actions"], 1)
        self._actions(canvas["actions"], with_place=True)
        self._rounds()
        self._gaps(labels["open"], canvas["open"])
        self.file.add_heading(labels["source"], 1)
        self.file.add_paragraph(fit(canvas["source"]))
        self._quiet(labels["how"])
        out = io.BytesIO()
        self.file.save(out)
        return out.getvalue()

    # The whole ------------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        section = self.file.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(20)
        section.top_margin = section.bottom_margin = Mm(20)
        language = office.LANGUAGES[self.canvas["language"]]
        for name in ("Normal", "Title", "Heading 1", "Heading 2", "List Bullet"):
            style = self.file.styles[name]
            style.font.name = "Calibri"
            own = style.element.get_or_add_rPr()
            for tag in own.findall(qn("w:rFonts")):
                for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                    tag.attrib.pop(qn(f"w:{theme}"), None)
            if name != "Normal" and name != "List Bullet":
                style.font.color.rgb = RGBColor.from_string(office.BRAND)
        self.file.styles["Normal"].font.size = Pt(10.5)
        defaults = self.file.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
        for own in (defaults, self.file.styles["Normal"].element.get_or_add_rPr()):
            if own is not None:
                for old in own.findall(qn("w:lang")):
                    own.remove(old)
                tag = OxmlElement("w:lang")
                tag.set(qn("w:val"), language)
                own.append(tag)
        about = self.file.core_properties
        about.title = fit(f"{self.labels['canvas']} {self.canvas['name']}")[:255]
        about.author = about.last_modified_by = self.labels["made"]
        about.language = language
        about.comments = ""
        about.created = about.modified = datetime.fromisoformat(self.canvas["stamp"]).replace(tzinfo=None)

    def _standing(self) -> None:
        labels = self.labels
        self.file.add_heading(labels["standing"], 1)
        rows = [
            (part["title"], office.status_text(part["sign"]), part["before"] or "–", part["brief"] or "–")
            for part in self.canvas["parts"]
        ]
        head = (labels["part"], labels["status"], labels["was"], labels["brief"])
        table = self._table(head, rows, (32, 40, 38, 60), labels["standing"])
        for place, part in enumerate(self.canvas["parts"], 1):
            self._tint(table.cell(place, 1), part["sign"])
        for part in self.canvas["parts"]:
            if part["statement"]["full"]:
                paragraph = self.file.add_paragraph()
                paragraph.add_run(f"{labels['statement']}: ").bold = True
                self._run(paragraph, part["statement"]["full"])
                if part["again"]:
                    paragraph.add_run(f" ({part['again']})").italic = True
        for name, value in self.canvas["facts"]:
            paragraph = self.file.add_paragraph(style="List Bullet")
            paragraph.add_run(f"{fit(name)}: ").bold = True
            self._run(paragraph, value)
        self._quiet(f"{self.canvas['standing']} · {self.canvas['counts']}")

    def _part(self, part: Json) -> None:
        labels = self.labels
        self.file.add_heading(fit(part["title"]), 1)
        if part["rated"]:
            paragraph = self.file.add_paragraph()
            run = paragraph.add_run(office.status_text(part["sign"]))
            run.bold = True
            run.font.color.rgb = RGBColor.from_string(office.WORDS[part["sign"]["tone"]])
            if part["before"]:
                paragraph.add_run(f"  {part['before']}")
        if part["form"] in ("grid", "pitfalls", "choices"):
            rows = []
            for tile in part["tiles"]:
                needed = f" ({labels['needed']})" if tile["marked"] and part["form"] != "choices" else ""
                rows.append((tile["name"], office.sign_of(part, tile, labels), tile["about"] + needed))
            head = (self.canvas["fields"][part["form"]], labels["status"], labels["about"])
            table = self._table(head, rows, (50, 42, 78), part["title"])
            if part["form"] != "choices":
                for place, tile in enumerate(part["tiles"], 1):
                    self._tint(table.cell(place, 1), tile["sign"])
        if not part["answers"] and not part["tiles"]:
            self._quiet(labels["none"])
        for answer in part["answers"]:
            self._answer(answer)

    def _answer(self, answer: Json) -> None:
        self.file.add_heading(fit(answer["title"]), 2)
        self._quiet(answer["question"]).paragraph_format.keep_with_next = True
        if answer["state"]:
            self.file.add_paragraph().add_run(answer["state"]).bold = True
        if answer["value"]:
            is_status = answer["kind"] in ("status", "applies")
            said = f"[{answer['sign']['letter']}] {answer['value']}" if is_status else answer["value"]
            self.file.add_paragraph().add_run(fit(said)).bold = True
        for note in answer["notes"]:
            paragraph = self.file.add_paragraph(style="List Bullet")
            self._run(paragraph, note["full"])
            if told := office.behind(note):
                run = paragraph.add_run(f"  – {fit(told)}")
                run.font.size = Pt(8.5)
                run.font.color.rgb = RGBColor.from_string(office.MUTED)
        if answer["actions"]:
            self._actions(answer["actions"], with_place=False)

    # Tables -----------------------------------------------------------------------------------------------------------

    def _actions(self, deeds: Sequence[Json], *, with_place: bool) -> None:
        labels = self.labels
        if not deeds:
            self._quiet(labels["no_actions"])
            return
        head = [labels[name] for name in ("number", "what", "who", "when", "state")]
        widths = [12.0, 62.0, 26.0, 32.0, 18.0, 20.0] if with_place else [12.0, 76.0, 30.0, 34.0, 18.0]
        rows = []
        for deed in deeds:
            row = [str(deed["number"]), deed["full"], deed["owner"] or labels["nobody"]]
            row += [deed["due"] or labels["no_date"], deed["state"]]
            rows.append([*row, deed["place"]] if with_place else row)
        head += [labels["place"]] if with_place else []
        self._table(head, rows, widths, labels["all_actions"], small=True)

    def _rounds(self) -> None:
        columns, labels = self.canvas["columns"], self.labels
        if len(columns) < 2:
            return
        self.file.add_heading(labels["rounds"], 1)
        head = [labels["part"], *(f"{column['label']}\n{column['date']}" for column in columns)]
        rows = [
            [f"{'   ' * row['level']}{row['name']}", *(office.status_text(sign) for sign in row["signs"])]
            for row in self.canvas["rows"]
        ]
        each = (WIDTH - 44) / len(columns)
        table = self._table(head, rows, [44, *([each] * len(columns))], labels["rounds"], small=True)
        for place, row in enumerate(self.canvas["rows"], 1):
            for column, sign in enumerate(row["signs"], 1):
                self._tint(table.cell(place, column), sign)

    def _warnings(self) -> None:
        labels = self.labels
        if self.canvas["warnings"]:
            self.file.add_heading(labels["coherence"], 1)
            head = (labels["part"], labels["question"], labels["decided"])
            rows = [(one["parts"], one["text"], "\n".join(one["said"]) or "–") for one in self.canvas["warnings"]]
            self._table(head, rows, (34, 76, 60), labels["coherence"], small=True)

    def _gaps(self, title: str, gaps: Sequence[Json]) -> None:
        if gaps:
            self.file.add_heading(title, 1)
            head = (self.labels["part"], self.labels["what"], self.labels["question"])
            rows = [(gap["part"], gap["title"], gap["question"]) for gap in gaps]
            self._table(head, rows, (30, 50, 90), title, small=True)

    def _table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        about: str,
        *,
        small: bool = False,
    ) -> Table:
        table: Table = self.file.add_table(len(rows) + 1, len(head))
        table.style = "Table Grid"
        table.autofit = False
        table.alignment = WD_TABLE_ALIGNMENT.LEFT
        for tag, text in (("w:tblCaption", about), ("w:tblDescription", ", ".join(head))):
            described = OxmlElement(tag)
            described.set(qn("w:val"), fit(text.replace("\n", " ")))
            table._tbl.tblPr.append(described)
        header = OxmlElement("w:tblHeader")
        header.set(qn("w:val"), "true")
        table.rows[0]._tr.get_or_add_trPr().append(header)
        table._tbl.tblPr.append(_borders())
        for column, width in enumerate(widths):
            table.columns[column].width = Mm(width)
        for place, row in enumerate((head, *rows)):
            kept = OxmlElement("w:cantSplit")
            table.rows[place]._tr.get_or_add_trPr().insert(0, kept)
            for column, (text, width) in enumerate(zip(row, widths, strict=True)):
                cell = table.rows[place].cells[column]
                cell.width = Mm(width)
                paragraph = cell.paragraphs[0]
                paragraph.paragraph_format.space_after = Pt(1)
                self._run(paragraph, text)
                for run in paragraph.runs:
                    run.bold = place == 0 or None
                    run.font.size = Pt(9) if small else Pt(10)
                if place == 0:
                    self._fill(cell, office.PALE)
        self.file.add_paragraph().paragraph_format.space_after = Pt(2)
        return table

    def _tint(self, cell: _Cell, sign: Json) -> None:
        self._fill(cell, office.FILLS[sign["tone"]])
        for run in cell.paragraphs[0].runs:
            run.font.color.rgb = RGBColor.from_string(office.WORDS[sign["tone"]])

    def _fill(self, cell: _Cell, colour: str) -> None:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:color"), "auto")
        shade.set(qn("w:fill"), colour)
        cell._tc.get_or_add_tcPr().append(shade)

    # Text --------------------------------------------------------------------------------------------------------

    def _run(self, paragraph: Paragraph, text: str) -> None:
        """A person's text: its own line ends stay line ends."""
        for place, line in enumerate(fit(text).split("\n")):
            if place:
                paragraph.add_run().add_break()
            paragraph.add_run(line)

    def _quiet(self, text: str) -> Paragraph:
        paragraph = self.file.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(3)
        run = paragraph.add_run(fit(text))
        run.font.size = Pt(9)
        run.font.color.rgb = RGBColor.from_string(office.MUTED)
        return paragraph


def _borders() -> BaseOxmlElement:
    """Light lines between the rows."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "D3DAE6")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    return borders
