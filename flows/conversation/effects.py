"""What the coach wants to be seen in the room. Rule: an effect is data; carrying it out is bot's.

Timers and everything that is kept are changes (`snapshot.Put`, `snapshot.Drop`), not effects.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Button:
    """A button: the `value` that comes back, and what stands on it. What was filled in goes along where it `saves`."""

    value: str
    label: str
    saves: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: the `value` that comes back, and what is shown."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a message that can be shown as a row of a table: the line as it stands in the text, and its cells."""

    text: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What stands under a message for people to fill in and press, where the transport has cards.

    `field` is what an empty field for text shows ("": no field; over several `lines`); one of `options`, or `many`,
    can be chosen, with `rows` one for each row (as "row option"). `people` are those to whom something can be given.
    `table` are the lines of the text that are better shown as a table.
    """

    buttons: tuple[Button, ...] = ()
    field: str = ""
    lines: bool = False
    options: tuple[Option, ...] = ()
    many: bool = False
    rows: tuple[Option, ...] = ()
    people: tuple[Option, ...] = ()
    table: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Say:
    """Post a message. `number` is its number in the room, `text` Markdown; `signs` are put on it for people to tap;
    `to` is given where only one person may see it. `asks` where it wants an answer though its kind doesn't say so.
    `card` is there only where the transport has cards."""

    number: int
    kind: str
    step: str | None
    text: str
    reply_to: str | None = None
    mentions: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    to: str | None = None
    asks: bool = False
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Change the text of an own message, and its card. `kind` and `step` are those of that message."""

    number: int
    kind: str
    step: str | None
    text: str
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Put a sign on a person's message, or take it off; `to` is given where only that person sees the message."""

    target: str
    key: str
    removed: bool = False
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Scrub:
    """Take what somebody removed out of the own messages about a step, also out of what they said earlier."""

    step: str
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attach:
    """Post a file that belongs to message `number`: the room's canvas, as it stands when the file is made.

    `form` is the kind of file (one of FORMS); `view` what of the canvas: "" the whole, a part's id (or that
    `upright`), or one of VIEWS;
    `authors` whether a document says who said what. `kind` and `step` are those of the message, as is `reply_to`; `to`
    is given where only one person may see it. In the view MINE it is what the room has `about` a person instead.
    """

    number: int
    kind: str
    step: str | None
    form: str
    view: str = ""
    authors: bool = False
    reply_to: str | None = None
    about: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Recall:
    """Messages to one person, by number, that need not be posted any more where they were not posted yet."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Erase:
    """Everything of the room is erased, for good; the message of this turn is the last one. After it the coach is
    silent there until it is asked to begin anew."""


Effect = Say | Edit | Mark | Scrub | Attach | Recall | Erase

# The kinds of file: those that are drawn, and those that are only written.
DRAWN = ("pdf", "docx", "pptx", "png")
WRITTEN = ("csv", "ics", "json")
FORMS = (*DRAWN, *WRITTEN)

# Ways to look at the whole: a picture for a phone, the rounds, the canvas as one large sheet (PDF).
PORTRAIT, TREND, POSTER = "portrait", "trend", "a3"
VIEWS = {"png": (PORTRAIT, TREND), "pdf": (POSTER,)}
MINE = "mine"
_UPRIGHT = f"-{PORTRAIT}"


def upright(part: str) -> str:
    """The view of a part for a phone."""
    return part + _UPRIGHT


def seen_part(view: str) -> str:
    """The part that a view shows, where it shows one: lying or for a phone."""
    return view.removesuffix(_UPRIGHT)


# Kinds that ask something of people, so that they notify; the rest does not.
ASKING = frozenset({"question", "nudge", "reminder", "recheck"})

# What nobody asked for at that moment: it waits for what answers somebody.
UNASKED = frozenset({"reminder", "recheck"})
