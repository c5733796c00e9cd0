"""What a running coach does when a command asks it over its control socket, by name.

Rule: a verb takes the request as it came, looks at each value itself, and gives what JSON can say. What is wrong with
the request is a UsageError.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.backups import Backups
from bot.cli import UsageError
from bot.coach import Coach
from bot.control import Verb
from storage.writer import Writer


def table(writer: Writer, backups: Backups, coaches: Sequence[Coach] = ()) -> dict[str, Verb]:
    """The verbs of the coaches that hold a database, one a transport."""

    async def rooms(_: Mapping[str, Any]) -> list[str]:
        from bot import reading

        return await asyncio.to_thread(reading.room_lines, writer.path)

    async def backup(asked: Mapping[str, Any]) -> dict[str, int]:
        out, replace = asked.get("out"), asked.get("replace", False)
        if not isinstance(out, str) or not Path(out).is_absolute() or not isinstance(replace, bool):
            raise UsageError("say where the backup goes, by a whole path.")
        made = await backups.make(Path(out), replace=replace)
        return {"rooms": made.rooms, "size": made.size}

    async def erase(asked: Mapping[str, Any]) -> dict[str, object]:
        from bot import removing

        room, transport = asked.get("room"), asked.get("transport")
        if not isinstance(room, str) or not isinstance(transport, str | None):
            raise UsageError("say which room is to be erased.")
        lines, is_clean = await removing.by_coach(coaches, writer, room, transport, locked=asked.get("locked") is True)
        return {"lines": lines, "clean": is_clean}

    return {"backup": backup, "rooms": rooms, "erase": erase}
