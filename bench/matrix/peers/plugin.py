"""A maubot plugin that does what the coach does first: it keeps what somebody wrote and puts ✍️ on it. Rule: as little
as such a plugin can be, written as maubot's own examples are.
"""

from __future__ import annotations

from maubot import MessageEvent, Plugin
from maubot.handlers import event
from mautrix.types import EventType
from mautrix.util.async_db import Connection, UpgradeTable

upgrades = UpgradeTable(version_table_name="marker_version")


@upgrades.register(description="what people wrote")
async def first(conn: Connection) -> None:
    """The one table."""
    await conn.execute(
        "CREATE TABLE said (event TEXT PRIMARY KEY, room TEXT NOT NULL, sender TEXT NOT NULL, body TEXT)"
    )


class Marker(Plugin):
    """Marks what people write."""

    @event.on(EventType.ROOM_MESSAGE)
    async def said(self, evt: MessageEvent) -> None:
        """Keep a message, then mark it."""
        if evt.sender == self.client.mxid:
            return
        row = (evt.event_id, evt.room_id, evt.sender, evt.content.body)
        await self.database.execute("INSERT INTO said (event, room, sender, body) VALUES ($1, $2, $3, $4)", *row)
        await evt.react("✍️")

    @classmethod
    def get_db_upgrade_table(cls) -> UpgradeTable:
        """How its table is made."""
        return upgrades
