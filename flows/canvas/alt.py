"""What a picture of the canvas shows, in words, for who can't see it.

Rule: at most as long as one can listen to; everything in full stands in the documents.
"""

from __future__ import annotations

from flows.canvas.form import Canvas, Deed, Part, Tile
from flows.catalogue import Catalogue
from flows.conversation.effects import seen_part
from flows.conversation.text import cut, tell_nobody

LONGEST = 1800
FIRST_ACTIONS = 3


WHOLE, TREND = "canvas", "trend"


def alt_text(canvas: Canvas, layout: str = WHOLE) -> str:
    """The words for a picture: of one part (its id), of the rounds ("trend"), else of the whole canvas."""
    return canvas["alts"].get(seen_part(layout), canvas["alts"][WHOLE])


def alts(canvas: Canvas, texts: Catalogue) -> dict[str, str]:
    """The words for every picture of the canvas."""
    names = [WHOLE, *([TREND] if canvas["columns"] else []), *(part["id"] for part in canvas["parts"])]
    return {name: _words(canvas, texts, name) for name in names}


def caption(canvas: Canvas, layout: str = WHOLE) -> str:
    """A line to stand under a picture: what it is of, and each status that it shows; the rest is in its words."""
    named = f"{canvas['labels']['canvas']}: {canvas['name']}, {canvas['date']}"
    found = [f"{named}, {canvas['round']}" if canvas["round"] else named]
    if layout == TREND:
        found.append(canvas["labels"]["trend"])
    else:
        shown = [part for part in canvas["parts"] if part["id"] == seen_part(layout)] or canvas["parts"]
        found += [
            ": ".join([part["title"], ", ".join(filter(None, [part["sign"]["word"], part["split"]]))]) for part in shown
        ]
    return tell_nobody(". ".join(found) + ".")


def _words(canvas: Canvas, texts: Catalogue, layout: str) -> str:
    named = f"{canvas['labels']['canvas']}: {canvas['name']}, {canvas['date']}"
    lines = [texts("canvas.alt.head", what=named, round=f", {canvas['round']}" if canvas["round"] else "")]
    part = next((part for part in canvas["parts"] if part["id"] == layout), None)
    if layout == TREND:
        lines += _rounds(canvas)
    elif part is not None:
        lines += [_part(part, texts), *_tiles(part, texts), _deeds(part["actions"], texts)]
    else:
        lines += [_part(part, texts) for part in canvas["parts"]]
        lines += [f"{name}: {value}." for name, value in canvas["facts"]]
        warned = f"{canvas['warned'][:1].upper()}{canvas['warned'][1:]}." if canvas["warned"] else ""
        lines += [warned, _deeds(canvas["actions"], texts), f"{canvas['standing']}."]
    return cut(" ".join(line for line in lines if line), LONGEST)


def _part(part: Part, texts: Catalogue) -> str:
    said = f"{part['title']}: {part['sign']['word']}"
    if part["before"]:
        said += f" ({part['before']})"
    found = [said, *([part["brief"][:1].upper() + part["brief"][1:]] if part["brief"] else [])]
    if part["statement"]["short"]:
        found.append(cut(part["statement"]["short"], 200))
    if part["form"] in ("grid", "pitfalls"):
        rated = [f"{tile['name']} {tile['sign']['word']}" for tile in part["tiles"] if tile["sign"]["tone"] != "none"]
        found += [", ".join(rated)] if rated else []
    return ". ".join(one.rstrip(".") for one in found) + "."


def _tiles(part: Part, texts: Catalogue) -> list[str]:
    return [f"{tile['name']}: {_said(tile)}." for tile in part["tiles"]]


def _said(tile: Tile) -> str:
    return "; ".join(cut(note["short"], 100) for note in tile["notes"][:2]).rstrip(".") or tile["state"]


def _deeds(deeds: list[Deed], texts: Catalogue) -> str:
    waiting = [deed for deed in deeds if deed["stage"] in ("open", "late")]
    if not waiting:
        return texts("canvas.label.no_actions")
    shown = []
    for deed in waiting[:FIRST_ACTIONS]:
        behind = [one for one in (deed["owner"], deed["when"], deed["state"] if deed["stage"] == "late" else "") if one]
        shown.append(cut(deed["short"], 80) + (f" ({', '.join(behind)})" if behind else ""))
    return texts("canvas.alt.actions", n=len(waiting), first="; ".join(shown))


def _rounds(canvas: Canvas) -> list[str]:
    found = []
    for row in canvas["rows"]:
        if not row["level"]:
            steps = zip(canvas["columns"], row["signs"], strict=True)
            said = ", ".join(f"{column['label']} {sign['word']}" for column, sign in steps)
            found.append(f"{row['name']}: {said}.")
    return found
