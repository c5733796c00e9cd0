"""What the coach says, as activities of Teams: plain text, or an Adaptive Card where there is something to press.

Rule: pure; which buttons there are was decided by the conversation. A card is of version 1.5, says what older clients
do instead, and stays under Teams' limit. What comes back from a button carries kind, step and key of the message.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from bot.transports.base import File
from bot.transports.teams import OWN
from flows.catalogue import Catalogue
from flows.conversation.effects import Attach, Button, Card, Edit, Line, Option, Say
from flows.conversation.text import cut, one_line

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
MOST_BYTES = 25_000
MOST_PICTURE = 1_000_000
_ROW = 4  # buttons beside each other
_FEW = 12  # options that are all shown at once
_LONGEST_FIELD = 8_000
_SUMMARY = 120
_LIST = re.compile(r"\A\s*(?:[-•]|\d{1,3}\.)\s")
_SHORTEST = 500


def message(
    effect: Say | Edit, key: str, texts: Catalogue, mentions: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A message, or what one is changed into; `mentions` are the names of those who are told of it, by id."""
    text, entities = _mentioned(effect.text, mentions or {})
    activity: dict[str, Any] = {"type": "message", "summary": _summary(effect.text)}
    if effect.card is None:
        activity |= {"text": text, "textFormat": "markdown"}
        return activity | ({"entities": entities} if entities else {})
    drawn = _fitting(effect, effect.card, text, entities, key, texts)
    return activity | {"attachments": [{"contentType": CARD_TYPE, "content": drawn}]}


def picture(file: File) -> dict[str, Any]:
    """A picture, as an image in the message."""
    address = f"data:{file.mime};base64,{base64.b64encode(file.data).decode()}"
    attachment = {"contentType": file.mime, "contentUrl": address, "name": file.name}
    text = file.caption or file.alt or file.name
    return {"type": "message", "text": text, "summary": _summary(text), "attachments": [attachment]}


def link(wanted: Attach, file: File, address: str, texts: Catalogue) -> dict[str, Any]:
    """A document, as a link to where it can be fetched for a while."""
    text = texts("card.link", name=file.name, address=address)
    return {"type": "message", "text": text, "textFormat": "markdown", "summary": _summary(file.name)}


def _fitting(
    effect: Say | Edit, card: Card, text: str, entities: list[dict[str, Any]], key: str, texts: Catalogue
) -> dict[str, Any]:
    """The card, its text cut where it would be too large."""
    own = {OWN: {"kind": effect.kind, "step": effect.step, "key": key}}
    drawn = _drawn(card, text, entities, own, texts)
    while _size(drawn) > MOST_BYTES and len(text) > _SHORTEST + 1:
        text = text[: max(len(text) * 3 // 4, _SHORTEST)].rstrip() + "…"
        drawn = _drawn(card, text, entities, own, texts)
    return drawn


def _size(drawn: dict[str, Any]) -> int:
    return len(json.dumps(drawn).encode())


def _drawn(
    card: Card, text: str, entities: list[dict[str, Any]], own: Mapping[str, Any], texts: Catalogue
) -> dict[str, Any]:
    body = [*_with_table(text, card.table), *_inputs(card, texts)]
    for first in range(0, len(card.buttons), _ROW):
        row = [_action(one, own, first + place) for place, one in enumerate(card.buttons[first : first + _ROW])]
        body.append({"type": "ActionSet", "actions": row})
    drawn: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": _summary(text),
        "body": body,
        "msteams": {"width": "Full"},
    }
    if entities:
        drawn["msteams"]["entities"] = entities
    return drawn


def _blocks(text: str) -> list[dict[str, Any]]:
    """A text by its paragraphs; the lines of a list stay together. Cards know no code."""
    groups: list[list[str]] = []
    listed = False
    for line in text.replace("`", "").split("\n"):
        if not line.strip():
            listed = False
            continue
        is_list = _LIST.match(line) is not None or (listed and line.startswith("   "))
        if is_list and listed:
            groups[-1].append(line)
        else:
            groups.append([line])
        listed = is_list
    return [{"type": "TextBlock", "text": "\n".join(group), "wrap": True} for group in groups]


def _with_table(text: str, table: tuple[Line, ...]) -> list[dict[str, Any]]:
    """A text, with the lines that are one as a table; who can't see a table sees a list."""
    lines, shown = [line.text for line in table], text.split("\n")
    places = [place for place, line in enumerate(shown) if line in lines]
    if not places or len(places) != len(lines):
        return _blocks(text)
    first, last = places[0], places[-1]
    before, after = "\n".join(shown[:first]), "\n".join(shown[last + 1 :])
    return [*_blocks(before), _table(table), *_blocks(after)]


def _table(table: tuple[Line, ...]) -> dict[str, Any]:
    """A table, without the columns in which nothing stands."""
    shown = [place for place, cells in enumerate(zip(*(line.cells for line in table), strict=True)) if any(cells)]
    rows = [
        {
            "type": "TableRow",
            "cells": [
                {"type": "TableCell", "items": [{"type": "TextBlock", "text": line.cells[place], "wrap": True}]}
                for place in shown
            ],
        }
        for line in table
    ]
    listed = "\n".join(f"- {line.text}" for line in table)
    return {
        "type": "Table",
        "firstRowAsHeader": False,
        "columns": [{"width": 1} for _ in shown],
        "rows": rows,
        "fallback": {"type": "TextBlock", "text": listed, "wrap": True},
    }


def _inputs(card: Card, texts: Catalogue) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    common: dict[str, Any]
    if card.rows:
        choices = _choices(card.options)
        for row in card.rows:
            common = {"type": "Input.ChoiceSet", "style": "compact", "choices": choices}
            found.append(common | {"id": f"row{row.value}", "label": row.label, "placeholder": texts("card.choose")})
    elif card.options:
        style = "expanded" if len(card.options) <= _FEW else "compact"
        common = {"type": "Input.ChoiceSet", "id": "picked", "style": style, "isMultiSelect": card.many, "wrap": True}
        label = {} if card.many else {"label": texts("card.action")}
        found.append(common | {"choices": _choices(card.options), **label})
    if card.people:
        common = {"type": "Input.ChoiceSet", "id": "person", "style": "compact", "label": texts("card.person")}
        found.append(common | {"choices": _choices(card.people), "placeholder": texts("card.choose")})
    if card.field:
        common = {"type": "Input.Text", "id": "text", "isMultiline": card.lines, "maxLength": _LONGEST_FIELD}
        found.append(common | {"label": card.field, "placeholder": card.field})
    return found


def _choices(options: tuple[Option, ...]) -> list[dict[str, str]]:
    return [{"title": one.label, "value": one.value} for one in options]


def _action(button: Button, own: Mapping[str, Any], place: int) -> dict[str, Any]:
    """A button; a client that knows no Execute submits the same."""
    inputs = "auto" if button.saves else "none"
    common = {"title": button.label, "data": {**own, "value": button.value}, "associatedInputs": inputs}
    submit = {"type": "Action.Submit", "id": f"submit{place}", **common}
    return {"type": "Action.Execute", "id": f"execute{place}", "verb": "press", **common, "fallback": submit}


def _mentioned(text: str, mentions: Mapping[str, str]) -> tuple[str, list[dict[str, Any]]]:
    """The text with the people who are told of it mentioned as Teams wants it."""
    entities = []
    for person, name in mentions.items():
        shown = f"<at>{name}</at>"
        if f"@{name}" in text:
            text = text.replace(f"@{name}", shown)
            entities.append({"type": "mention", "text": shown, "mentioned": {"id": person, "name": name}})
    return text, entities


def _summary(text: str) -> str:
    """What a notification shows: the first line, without its markup."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return cut(one_line(re.sub(r"[*_`]|</?at>", "", first)), _SUMMARY)
