"""The control socket: how a command asks the coach that is running. Rule: one line of JSON in, one line out, then it is
over; whoever is slow, silent or wrong costs nobody else anything.

A request is `{"verb": "rooms", ...}`; the answer `{"ok": true, "answer": ...}`, or `{"ok": false, "error": "..."}` with
one line for an administrator. The socket lies beside the database, for the user of the coach alone. It tells nothing
that this user can't read in the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.cli import UsageError
from storage.errors import StorageError

_log = logging.getLogger(__name__)

MOST_ASKED = 64 * 1024  # bytes of a request
MOST_ANSWERED = 64 * 1024 * 1024
MOST_CONNECTED = 100
MOST_AT_ONCE = 8  # requests that are being done; what comes above it is told to come back
SLOWEST_REQUEST = 10.0  # seconds that somebody may take to ask, or to take the answer
SLOWEST_ANSWER = 600.0  # seconds that a command waits for the coach to do what it asked
LONGEST_STOP = 20.0
_LONGEST_NAME = 100  # bytes of a socket's path; the system takes 107

Verb = Callable[[Mapping[str, Any]], Awaitable[object]]


class NotRunning(Exception):
    """No coach runs on this database, or none that answers."""


class AskedFault(UsageError):
    """The running coach could not do what it was asked; its own words."""


def socket_of(database: Path) -> Path:
    """Where the socket of the coach on a database lies. Of the real path, as the lock is."""
    real = database.resolve()
    return real.with_name(f"{real.name}.sock")


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name of a path that a socket takes: the folder by its open descriptor where the path is too long."""
    if len(os.fsencode(path)) <= _LONGEST_NAME:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


# The coach's side --------------------


@contextlib.asynccontextmanager
async def listening(database: Path, verbs: Mapping[str, Verb]) -> AsyncIterator[None]:
    """Answer what commands ask, for as long as it lasts. Only for who holds the database's lock: a socket that is there
    already is then of a process that is gone. Where no socket can be made, that is logged and nothing answers."""
    path = socket_of(database)
    try:
        made = _bound(path)
    except OSError as error:
        _log.warning("no control socket (%s): commands can't ask this coach", error.strerror or type(error).__name__)
        yield
        return
    control = _Control(verbs)
    server = await asyncio.start_unix_server(control.serve, sock=made, limit=MOST_ASKED)
    try:
        yield
    finally:
        server.close()
        await control.finish()
        with contextlib.suppress(OSError):
            path.unlink()


def _bound(path: Path) -> socket.socket:
    """A socket at a path, for this user alone."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        before = os.umask(0o177)  # from its first moment: nobody else gets in between
        try:
            with _short(path) as name:
                made.bind(name)
        finally:
            os.umask(before)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


class _Control:
    """Answers requests by a table of verbs."""

    def __init__(self, verbs: Mapping[str, Verb]) -> None:
        self._verbs = verbs
        self._serving: set[asyncio.Task[None]] = set()
        self._doing: set[asyncio.Task[object]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (asyncio started it)
        self._serving.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, TimeoutError):
            pass  # they went away, or don't listen
        except Exception as error:
            _log.error("control socket: %s", type(error).__name__)
        finally:
            self._serving.discard(task)
            writer.transport.abort()  # nothing, where it was closed

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._serving) > MOST_CONNECTED:
            answer = _BUSY
        else:
            async with asyncio.timeout(SLOWEST_REQUEST):
                try:
                    line = await reader.readuntil(b"\n")
                except asyncio.LimitOverrunError:
                    line = b""
                except asyncio.IncompleteReadError as error:
                    if not error.partial:
                        return
                    line = b""
            answer = await self._answer(line)
        writer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        async with asyncio.timeout(SLOWEST_REQUEST):
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    async def _answer(self, line: bytes) -> dict[str, object]:
        try:
            asked = json.loads(line)
            verb = self._verbs.get(asked["verb"])
        except (ValueError, TypeError, KeyError, RecursionError):
            return _fault(f"that is no request: send one line of JSON with a verb, at most {MOST_ASKED} bytes.")
        if len(self._doing) >= MOST_AT_ONCE:
            return _BUSY
        if verb is None:
            return _fault(f"this coach knows no such request; it knows: {', '.join(sorted(self._verbs))}.")
        # A task of its own: what was begun is finished when the coach stops.
        doing = asyncio.ensure_future(verb(asked))
        self._doing.add(doing)
        doing.add_done_callback(self._doing.discard)
        try:
            return {"ok": True, "answer": await doing}
        except (UsageError, StorageError) as error:
            return _fault(str(error))
        except Exception as error:
            _log.error("control socket: %s failed: %s", asked["verb"], type(error).__name__)
            return _fault("that failed by a fault of the coach: its log says where.")

    async def finish(self) -> None:
        """Finish what was begun; then whoever still asks is cut off."""
        if self._doing:
            await asyncio.wait(self._doing, timeout=LONGEST_STOP)
        tasks = [*self._doing, *self._serving]
        if self._serving:
            await asyncio.wait(self._serving, timeout=0.1)  # to take the answers
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _fault(text: str) -> dict[str, object]:
    return {"ok": False, "error": text}


_BUSY = _fault("the coach is busy with other requests: try again in a minute.")


# The command's side --------------------


def ask(database: Path, verb: str, *, patience: float = SLOWEST_ANSWER, **more: object) -> Any:
    """Ask the coach that runs on a database; its answer. Raises NotRunning where none does or it does not answer, and
    AskedFault where it can't do what was asked."""
    line = json.dumps({"verb": verb, **more}).encode() + b"\n"
    path = socket_of(database)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made, _short(path) as name:
            made.settimeout(SLOWEST_REQUEST)
            made.connect(name)
            made.sendall(line)
            made.settimeout(patience)
            said = json.loads(_read(made))
    except TimeoutError:
        raise NotRunning(f"the coach on {database} does not answer.") from None
    except (OSError, ValueError):
        raise NotRunning(f"no coach runs on {database}.") from None
    if not isinstance(said, dict) or not said.get("ok"):
        raise AskedFault(str(said.get("error")) if isinstance(said, dict) else "that was no answer.")
    return said.get("answer")


def _read(made: socket.socket) -> bytes:
    found = bytearray()
    while not found.endswith(b"\n"):
        part = made.recv(64 * 1024)
        if not part or len(found) > MOST_ANSWERED:
            raise ValueError("no whole answer")
        found += part
    return bytes(found)
