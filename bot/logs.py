"""The log. Rule: what people wrote, their names and every secret stay out of it, whatever level it has.

Our own lines hold ids and kinds, and go out as they are. Of what a library says only where it said it goes out: its
texts hold whatever it was handed. Of an error the kind and the places go out, never its text.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TextIO

Form = Literal["text", "json"]
Level = Literal["debug", "info", "warning", "error"]

OURS = ("bot", "storage", "flows")
TOLD = "opschaalcoach"  # what the command itself has to say
_PLACES = 5


def set_up(level: Level = "warning", form: Form = "text") -> None:
    """Log to standard error, in lines of text or of JSON, from a level on."""
    handler = _Stderr()
    handler.setFormatter(_AsJson() if form == "json" else _AsText())
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one.formatter, _Safe)]:
        root.removeHandler(old)
    root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger(TOLD).setLevel(logging.INFO)
    sys.excepthook = _unhandled


def tell(text: str, *, level: int = logging.INFO) -> None:
    """Something for who runs the command: that it runs, what it misses."""
    logging.getLogger(TOLD).log(level, "%s", text)


def places_of(error: BaseException) -> str:
    """The kind of an error and the places that it came by, the last first; never its text."""
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    places = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
    return " < ".join([type(error).__name__, *places])


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what is standard error by then."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


class _Safe(logging.Formatter):
    """Says of a record what may be said."""

    def said(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        top = record.name.split(".")[0]
        text = record.getMessage() if top in (*OURS, TOLD) else f"at {_short(record.pathname)}:{record.lineno}"
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None:
            text += f" ({places_of(error)})"
        return " ".join(text.split("\n"))


class _AsText(_Safe):
    def format(self, record: logging.LogRecord) -> str:
        if record.name == TOLD:
            return f"{TOLD}: {self.said(record)}"
        return f"{_at(record)} {record.levelname.lower()} {record.name}: {self.said(record)}"


class _AsJson(_Safe):
    def format(self, record: logging.LogRecord) -> str:
        found = {
            "at": _at(record), "level": record.levelname.lower(), "logger": record.name, "text": self.said(record),
        }  # fmt: skip
        return json.dumps(found, ensure_ascii=False)


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _short(path: str) -> str:
    """The last two parts of a path."""
    return "/".join(path.replace("\\", "/").split("/")[-2:])


def _unhandled(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    """What nobody caught: a fault of ours, told like any other line."""
    logging.getLogger(OURS[0]).critical("stopped by a fault: %s", places_of(error.with_traceback(place)))
