"""The form of the canvas: what picture, PDF, Word and PowerPoint show.

Rule: only strings, numbers, lists and objects of them, so that it can be sent, hashed and drawn without knowing the
conversation. A text that a picture may have to cut is there twice: `full`, and `short` on one line.
"""

from __future__ import annotations

from typing import TypedDict


class Sign(TypedDict):
    """A status: its word, the letter and the shape (circle, triangle, square, diamond, ring) that stand for it, and how
    good it is (`tone`: good, half, bad, unknown, none).
    """

    word: str
    letter: str
    shape: str
    tone: str


class Text(TypedDict):
    """A text in full, and on one line of at most 300 characters."""

    full: str
    short: str


class Note(TypedDict):
    """One thing that the team said: when, and by whom where that was asked for ("" else)."""

    full: str
    short: str
    date: str
    author: str


class Deed(TypedDict):
    """An action. `when` is its day in short, `due` in full; `stage` (word: `state`) is late, open, done or dropped."""

    number: int
    full: str
    short: str
    owner: str
    when: str
    due: str
    stage: str
    state: str
    place: str


class Tile(TypedDict):
    """One field of a part: a column of the Theory of Change, a route, an ingredient, a pitfall.

    `about` says what the field is in the guide; `marked` is 1 where the team chose it; `state` says what there is where
    `notes` is empty.
    """

    name: str
    about: str
    sign: Sign
    marked: int
    state: str
    notes: list[Note]


class Answer(TypedDict):
    """A question of the guide and what the team answered: a status, choices or a day (`value`), and notes."""

    title: str
    question: str
    kind: str
    state: str
    value: str
    sign: Sign
    notes: list[Note]
    actions: list[Deed]


class Saying(TypedDict):
    """What the team said at a question that is no field of its own, on one line."""

    title: str
    short: str


class Part(TypedDict):
    """A part of the guide. `form` is how its fields hang together: chain, choices, grid, pitfalls, or plain; `split`
    says that the team does not agree on its status ("" else), which `before` says too; `again` that the statement is
    to be looked at again, and why ("" else): its `short` begins with it.
    """

    id: str
    title: str
    about: str
    form: str
    rated: int
    sign: Sign
    before: str
    split: str
    brief: str
    statement: Text
    again: str
    tiles: list[Tile]
    others: list[Saying]
    answers: list[Answer]
    actions: list[Deed]
    trend: list[Sign]


class Column(TypedDict):
    """A round in the trend: R2, when it was, and whether it is how things stand today."""

    label: str
    date: str
    day: str
    now: int


class Row(TypedDict):
    """One status through the rounds."""

    name: str
    level: int
    signs: list[Sign]


class Gap(TypedDict):
    """A question without an answer."""

    part: str
    title: str
    question: str


class Misfit(TypedDict):
    """Answers that do not fit together: the parts that they are in, what the coach asked, and what the team said."""

    parts: str
    text: str
    said: list[str]


class Canvas(TypedDict):
    """The whole canvas of a room at one moment."""

    language: str
    labels: dict[str, str]
    fields: dict[str, str]
    name: str
    date: str
    stamp: str
    round: str
    facts: list[list[str]]
    parts: list[Part]
    sections: list[Part]
    actions: list[Deed]
    counts: str
    columns: list[Column]
    rows: list[Row]
    warned: str
    warnings: list[Misfit]
    unknowns: list[Gap]
    open: list[Gap]
    standing: str
    legend: list[Sign]
    pitfall_legend: list[Sign]
    source: str
    alts: dict[str, str]
