"""What a running coach does when a command asks it over its control socket, by name.

Rule: a verb takes the request as it came, looks at each value itself, and gives what JSON can say. What is wrong with
the request is a UsageError.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.control import Verb
from storage.writer import Writer


def table(writer: Writer) -> dict[str, Verb]:
    """The verbs of a coach that holds a database."""

    async def rooms(_: Mapping[str, Any]) -> list[str]:
        from bot import reading

        return await asyncio.to_thread(reading.room_lines, writer.path)

    return {"rooms": rooms}
