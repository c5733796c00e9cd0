"""`engine.step` alone, by what happens: no database, no event loop. Rule: the same snapshot and event again and again,
late in the walk, when a room holds most.
"""

from __future__ import annotations

import cProfile
import pstats
from time import perf_counter

from bench import table
from bench.team import Team
from flows.conversation.engine import Engine
from flows.conversation.events import Event, Reacted, Said
from flows.conversation.snapshot import Snapshot

TIMES = 300
PROFILED = 200
LINES = 30

Case = tuple[str, Snapshot, Event]


def cases(engine: Engine) -> list[Case]:
    """The last time that each thing happened in a full walk: what it is called, the room before it, and the event; and
    what anybody may say at any moment.
    """
    team = Team(engine, Snapshot("r1"))
    team.invite()
    last: dict[str, Case] = {}
    while True:
        before = team.snapshot
        done = team.next()
        if done is None:
            break
        last[done[0]] = (done[0], before, done[2])
    _, room, event = last["answer to text"]
    assert isinstance(event, Said)
    text = last["✅ on text"]
    assert isinstance(text[2], Reacted)
    asked = Said(event.id, event.at, event.sender, "!overzicht")
    late = Reacted(event.id, event.at, event.sender, "✅", text[2].own)
    return [*last.values(), ("!overzicht", room, asked), ("✅ on a question that was left", team.snapshot, late)]


def measure(engine: Engine) -> None:
    """Time every case, and a walk from begin to end, and print a table."""
    rows = []
    for name, snapshot, event in cases(engine):
        times = []
        for _ in range(TIMES):
            start = perf_counter()
            turn = engine.step(snapshot, event)
            times.append(perf_counter() - start)
        written = f"{len(turn.changes)} + {len(turn.effects)}"
        rows.append([name, table.us(table.p50(times)), table.us(table.p95(times)), written])
    rows.append(["a whole walk, an event", *_walk(engine), ""])
    title = "engine.step alone, three people, late in the walk; microseconds"
    table.show(title, ("", "p50", "p95", "changes + effects"), rows)


def _walk(engine: Engine) -> list[str]:
    team = Team(engine, Snapshot("r1"))
    events = [team.invite()[1]]
    while (done := team.next()) is not None:
        events.append(done[2])
    snapshot = Snapshot("r1")
    times = []
    for event in events:
        start = perf_counter()
        snapshot = engine.step(snapshot, event).snapshot
        times.append(perf_counter() - start)
    return [table.us(table.p50(times)), table.us(table.p95(times))]


def profile(engine: Engine) -> None:
    """Where the time of every case goes, by own time and with what it calls."""
    found = cases(engine)
    profiler = cProfile.Profile()
    profiler.enable()
    for _, snapshot, event in found:
        for _ in range(PROFILED):
            engine.step(snapshot, event)
    profiler.disable()
    stats = pstats.Stats(profiler).strip_dirs()
    print(f"\nengine.step, {len(found)} cases, {PROFILED} times each")
    stats.sort_stats("tottime").print_stats(LINES)
    stats.sort_stats("cumulative").print_stats(LINES)
