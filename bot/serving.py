"""What serves one transport: a coach, and what brings it what happens.

Rule: what is wired is data here; `running` keeps it going.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot import VERSION
from bot.clock import Clock
from bot.coach import Coach
from bot.console import make_engine
from bot.pace import Pace
from bot.settings import Settings
from bot.transports.base import Transport
from flows.catalogue import load_catalogue
from storage import forgetting
from storage.backup import restored_at
from storage.writer import Writer


@dataclass(frozen=True, slots=True)
class Service:
    """A coach on one transport. `parts` are what goes on all the time besides posting and timers, by name; `caught_up`
    is set once it is known what people did while the coach was away; `stop` ends what brings things in, `close` lets
    go of the rest; `synced` is when the chat was last heard of (UTC), where the coach asks it all the time."""

    coach: Coach
    parts: Mapping[str, Callable[[], Awaitable[None]]]
    stop: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]
    synced: Callable[[], datetime | None] | None = None
    caught_up: asyncio.Event = field(default_factory=asyncio.Event)


async def _coach(
    settings: Settings, writer: Writer, transport: Transport, clock: Clock, *, careful: bool = False
) -> Coach:
    engine = make_engine(
        transport,
        settings.coach.operator,
        str(settings.storage.path),
        settings.coach.language,
        secret=await writer.run(forgetting.secret),
        months=settings.coach.keep_months,
        locked=frozenset(settings.storage.locked),
    )
    pace = Pace(settings.coach.messages_per_minute)
    return Coach(writer, engine, transport, clock, VERSION, pace, careful=careful)


async def _nothing() -> None:
    """Cancelling its parts is all there is to do."""


async def matrix(settings: Settings, config: Path, writer: Writer, clock: Clock) -> Service:
    """The coach in Matrix rooms. Raises UsageError or AccountError."""
    from bot.cli import UsageError
    from bot.transports.matrix import account
    from bot.transports.matrix.account import AccountError
    from bot.transports.matrix.client import restore
    from bot.transports.matrix.directs import Directs
    from bot.transports.matrix.doors import Doors
    from bot.transports.matrix.syncing import Sync
    from bot.transports.matrix.transport import MatrixTransport

    section, store = settings.matrix, settings.matrix_store
    assert section is not None  # noqa: S101 (the caller looked)
    again = f"Run `opschaalcoach login --config {config}`."
    known = account.load(store, config)
    if (known.homeserver, known.user_id) != (section.homeserver, section.user_id):
        raise UsageError(f"{config} names another account than the login. {again}")
    restored = await writer.run(restored_at)
    if restored is not None and known.made_at <= restored:
        raise UsageError(
            f"the database was put back from a backup at {restored:%Y-%m-%d %H:%M} UTC, after the last login: the "
            f"coach needs a new device. {again}"
        )
    try:
        client = restore(section, known, store)
    except AccountError as error:
        raise UsageError(f"{error} {again}") from None
    texts = load_catalogue(settings.coach.language)
    directs = Directs(client, writer, clock, texts)
    transport = MatrixTransport(client, clock, known.made_at, directs)
    coach = await _coach(settings, writer, transport, clock)
    doors = Doors(client, section, writer, coach.receive, texts, clock)
    sync = Sync(client, transport, coach, writer, doors, clock, directs, section.bots)
    return Service(coach, {"sync": sync.run}, _nothing, client.close, lambda: sync.synced_at, sync.caught_up)


async def teams(settings: Settings, writer: Writer, clock: Clock) -> Service:
    """The coach in Microsoft Teams, listening when this comes back. Raises UsageError or SettingsError."""
    from bot.cli import UsageError
    from bot.transports.teams.connector import Connector
    from bot.transports.teams.directs import Directs
    from bot.transports.teams.guard import Guard
    from bot.transports.teams.links import Links
    from bot.transports.teams.listening import Listening
    from bot.transports.teams.server import Server
    from bot.transports.teams.tokens import Tokens, cloud_of
    from bot.transports.teams.transport import TeamsTransport

    section, texts = settings.teams, load_catalogue(settings.coach.language)
    assert section is not None  # noqa: S101 (the caller looked)
    connector = Connector(Tokens(section), clock)
    links = Links(section.public_address, clock) if section.public_address is not None else None
    directs = Directs(connector, writer, clock, section.tenant_id)
    transport = TeamsTransport(connector, clock, texts, directs, links)
    coach = await _coach(settings, writer, transport, clock, careful=True)
    listening = Listening(coach, transport, connector, writer, clock, directs, reads_all=section.read_all)
    guard = Guard(section.app_id, cloud_of(section), clock)
    server = Server(guard, listening.take, links)
    await listening.recall()
    await guard.warm()
    try:
        await server.start(*section.host_port)
    except OSError as error:
        await connector.close()
        raise UsageError(f"cannot listen at {section.listen}: {error.strerror}. Change [teams] listen.") from None

    async def close() -> None:
        await listening.close()
        await connector.close()

    service = Service(coach, {"turns": listening.work}, server.stop, close)
    service.caught_up.set()  # what was missed, Teams brings again by itself
    return service
