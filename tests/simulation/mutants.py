"""Deliberate faults: the coach with one promise broken, which the simulation must see. Rule: each replaces one place of
the product, for as long as a seed is played, and does the wrong thing that a tired programmer would do there.

Each names seeds in which it was seen, to begin with; what the product does decides which those are, so others are
played too, up to MOST. `python -m tests.simulation --mutant NAME` looks for more.
"""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from unittest.mock import patch

from bot.delivery import Delivery
from bot.receiving import Receiver
from bot.transports.base import Deferred
from bot.transports.matrix import client as client_module
from bot.transports.matrix import transport as transport_module
from bot.transports.matrix.client import MatrixClient
from bot.transports.matrix.syncing import Sync
from bot.transports.matrix.transport import MatrixTransport
from bot.turns import Turns
from flows.conversation.events import TimerDue
from storage import gaps, inbox, meta, outbox

MOST = 40  # seeds in which a deliberate fault must be seen


@dataclass(frozen=True)
class Mutant:
    """A deliberate fault: what is broken, where, and the seeds that see it."""

    name: str
    broken: str
    seeds: tuple[int, ...]
    patches: Callable[[], list[Any]]

    def tries(self) -> list[int]:
        """The seeds to play, in this order, until one sees it."""
        return list(dict.fromkeys((*self.seeds, *range(MOST))))

    @contextmanager
    def __call__(self, story: object) -> Iterator[None]:
        with ExitStack() as stack:
            for one in self.patches():
                stack.enter_context(one)
            yield


def _token_saved_first() -> list[Any]:
    take = Sync._take

    async def first(self: Sync, response: Any, since: str | None) -> None:
        await self._writer.run(lambda conn: meta.put(conn, self._token_key, response.next_batch))
        await take(self, response, since)

    return [patch.object(Sync, "_take", first)]


def _no_dedupe() -> list[Any]:
    add, again = inbox.add, itertools.count()

    def each(conn: sqlite3.Connection, room: int, event: Any, at: Any) -> bool:
        if add(conn, room, event, at) or isinstance(event, TimerDue):
            return True
        return add(conn, room, replace(event, id=f"{event.id}~{next(again)}"), at)

    return [patch.object(inbox, "add", each)]


def _reminder_in_two_transactions() -> list[Any]:
    """The timer is put off in one transaction, what it says is put in line in the next."""
    keep, run = Turns._keep, Turns.run
    later: list[tuple[Any, ...]] = []

    def half(self: Turns, conn: sqlite3.Connection, arrival: Any, turn: Any, cause: str) -> None:
        if isinstance(arrival.event, TimerDue) and turn.effects:
            later.append((arrival, replace(turn, changes=()), cause))
            turn = replace(turn, effects=())
        keep(self, conn, arrival, turn, cause)

    def both(self: Turns, conn: sqlite3.Connection) -> int:
        count = run(self, conn)
        if count == 0:
            for arrival, turn, cause in later:
                keep(self, conn, arrival, turn, cause)
            later.clear()
        return max(count, 50 * bool(later))

    def forgotten(self: Turns, *args: Any, **more: Any) -> None:
        later.clear()  # a new process knows nothing of it
        init(self, *args, **more)

    init = Turns.__init__
    return [patch.object(Turns, "_keep", half), patch.object(Turns, "run", both),
            patch.object(Turns, "__init__", forgotten)]  # fmt: skip


def _no_gap_fill() -> list[Any]:
    async def nothing(self: Sync, gap: Any) -> None:
        await self._writer.run(partial(gaps.drop, transport="matrix", room=gap.room))

    return [patch.object(Sync, "_fill_one", nothing)]


def _marked_sent_before_sending() -> list[Any]:
    room = Delivery._room

    async def first(self: Delivery, number: int, rows: list[Any]) -> None:
        for row, target in rows:
            await self._note([(row, None)])
            await room(self, number, [(row, target)])

    return [patch.object(Delivery, "_room", first)]


def _no_order() -> list[Any]:
    """What has to wait does not hold up what comes after it."""
    room = Delivery._room

    async def each(self: Delivery, number: int, rows: list[Any]) -> None:
        for one in rows:
            await room(self, number, [one])

    return [patch.object(Delivery, "_room", each)]


def _retry_after_ignored() -> list[Any]:
    judge = client_module.judge

    def deaf(status: int, code: str, retry_after_ms: int | None, *, room: bool = False) -> None:
        try:
            judge(status, code, retry_after_ms, room=room)
        except Deferred:
            raise Deferred from None

    return [patch.object(client_module, "judge", deaf), patch.object(transport_module, "judge", deaf)]


def _no_look_after_a_day() -> list[Any]:
    return [patch.object(MatrixTransport, "_in_doubt", lambda self, row: False)]


def _transaction_made_at_send_time() -> list[Any]:
    send = MatrixClient.room_send

    async def anew(self: MatrixClient, room: str, kind: str, content: Mapping[str, Any], key: str, **more: Any) -> Any:
        return await send(self, room, kind, content, f"{random.random()}", **more)

    return [patch.object(MatrixClient, "room_send", anew)]


def _discussion_kept() -> list[Any]:
    """What people write among themselves is put in the inbox, to be judged in its turn."""
    remember = Receiver._events

    def all_of_it(self: Receiver, known: Any, one: Any, people: Any) -> Any:
        found = remember(self, known, one, people)
        text = getattr(one, "text", None)
        if not found and text:
            meta.put(known._conn, f"seen {one.room}", json.dumps(text))
        return found

    return [patch.object(Receiver, "_events", all_of_it)]


def _quiet_forgotten() -> list[Any]:
    """Who was told to wait waits; the other rooms go on."""
    defer = Delivery._defer

    async def alone(self: Delivery, row: Any, error: Deferred) -> None:
        await defer(self, row, Deferred(error.seconds, everywhere=False, tried=error.tried))

    return [patch.object(Delivery, "_defer", alone), patch.object(MatrixTransport, "_note_quiet", lambda *_: None)]


def _key_by_number() -> list[Any]:
    """The key is that of the outbox row: another one whenever the turn is done again."""
    add, numbers = outbox.add, itertools.count()

    def numbered(conn: sqlite3.Connection, room: int, key: str, *more: Any) -> int:
        return add(conn, room, f"{key[:30]}{next(numbers):010d}", *more)

    return [patch.object(outbox, "add", numbered)]


MUTANTS = {
    one.name: one
    for one in (
        Mutant("token-first", "the sync token is saved before its events are", (4,), _token_saved_first),
        Mutant("no-dedupe", "an event that comes again is done again", (1,), _no_dedupe),
        Mutant(
            "reminder-in-two", "a timer and its words are two transactions", (57, 31), _reminder_in_two_transactions
        ),
        Mutant("no-gap-fill", "what a limited sync left out is not fetched", (0,), _no_gap_fill),
        Mutant("sent-first", "a message is marked sent before it is sent", (0,), _marked_sent_before_sending),
        Mutant("no-order", "a message that must wait lets later ones pass", (3,), _no_order),
        Mutant("no-retry-after", "the wait that the homeserver asks is ignored", (7,), _retry_after_ignored),
        Mutant("no-look", "after a day the own message is not looked for", (2,), _no_look_after_a_day),
        Mutant("txn-at-send", "a transaction id is made at every attempt", (0,), _transaction_made_at_send_time),
        Mutant("discussion-kept", "what is not for the coach is stored", (0,), _discussion_kept),
        Mutant("quiet-here-only", "one room waits as asked, the others don't", (24,), _quiet_forgotten),
        Mutant("key-by-row", "a turn that is done again has other keys", (1,), _key_by_number),
    )
}
