"""The commands of the chat: one table with name, alias, and which `!hulp` lists first; and reading one from a text.

Rule: what is not in the table does not exist for the people in the room, and no text names it. Case and accents don't
matter.
What each does is in `doing`.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from flows.catalogue import Catalogue
from flows.conversation.text import clean, fold


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, its English alias, and whether `!hulp` explains it at once."""

    name: str
    alias: str
    first: bool = False


TABLE = (
    Command("start", "start", first=True),
    Command("antwoord", "answer", first=True),
    Command("verder", "next", first=True),
    Command("vorige", "back"),
    Command("overslaan", "skip", first=True),
    Command("weetniet", "unknown", first=True),
    Command("ga", "goto"),
    Command("wijzig", "change", first=True),
    Command("pauze", "pause"),
    Command("vraag", "question"),
    Command("uitleg", "explain", first=True),
    Command("voorbeeld", "example", first=True),
    Command("tempo", "pace"),
    Command("overzicht", "overview", first=True),
    Command("acties", "actions", first=True),
    Command("actie", "action"),
    Command("gedaan", "done"),
    Command("uitstel", "postpone"),
    Command("vervalt", "drop"),
    Command("overdragen", "handover"),
    Command("afwezig", "away"),
    Command("hercheck", "recheck"),
    Command("ritme", "rhythm"),
    Command("export", "export"),
    Command("sessie", "session"),
    Command("wijze", "mode"),
    Command("taal", "language"),
    Command("instellingen", "settings"),
    Command("privacy", "privacy", first=True),
    Command("mijngegevens", "mydata"),
    Command("vergeetmij", "forgetme"),
    Command("wis", "erase"),
    Command("hulp", "help", first=True),
)
_BY_NAME = {name: command for command in TABLE for name in (command.alias, command.name)}


def find(name: str) -> Command | None:
    """The command with this name or alias, or None."""
    return _BY_NAME.get(fold(name))


def shown(name: str, texts: Catalogue) -> str:
    """How a command is called where these texts are read; the name itself where it is none."""
    command = find(name)
    if command is None:
        return name
    return command.alias if texts("help.names") == "alias" else command.name


def near(name: str) -> str | None:
    """The name that was probably meant, or None."""
    found = difflib.get_close_matches(fold(name), list(_BY_NAME), n=1, cutoff=0.7)
    return found[0] if found else None


def split(text: str) -> tuple[str, str] | None:
    """A text in the form of a command, known or not: its name as typed and what stands behind it; None where it is
    none.
    """
    match = re.match(r"^!\s?([^\W\d_][\w-]*)[ \t]*\n?(.*)$", clean(text), re.DOTALL)
    return None if match is None else (match[1], match[2].strip())


def read(text: str) -> tuple[str, str] | None:
    """A text as a command of the table: its name there and what stands behind it; None where it is no known command."""
    said = split(text)
    command = find(said[0]) if said is not None else None
    return None if said is None or command is None else (command.name, said[1])


def has_form(text: str) -> bool:
    """Whether a text has the form of a command, known or not."""
    return split(text) is not None
