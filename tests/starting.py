"""Processes of the coach for tests, quickly: a process in which all of it is loaded already forks, and the child is the
command. Rule: what the child does is the `main` of its module and nothing else, with arguments, environment, folder,
signals and streams as for a start from nothing.

Loading the modules is most of what a start costs, and hundreds of tests start one. What a start from nothing is
tested by has its own starts; with OPSCHAALCOACH_TESTS_EXEC=1 every start is one from nothing.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from subprocess import PIPE
from typing import Any

__all__ = ["PIPE", "Popen", "Process", "start"]

ROOT = Path(__file__).parents[1]
LOADED = (
    "aiosqlite", "bot.console", "bot.control", "bot.files", "bot.health", "bot.reading", "bot.running",
    "bot.safekeeping", "bot.serving", "bot.verbs", "flows.languages", "bot.transports.console.lines",
    "bot.transports.matrix.account", "bot.transports.matrix.transport",
)  # fmt: skip
COMMAND = "bot.cli"
TEAMS = ("bot.transports.teams.server", "bot.transports.teams.transport", "msal")
_MOST = 1 << 20  # bytes of a request
FROM_NOTHING = "OPSCHAALCOACH_TESTS_EXEC"  # set: every start is one from nothing
_AHEAD = "ahead"

# The test's side ------------------------------------------------------------------------------------------------------


def heed_signals() -> None:
    """A process that was started in the background ignores SIGINT, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Popen(subprocess.Popen[bytes]):
    """`subprocess.Popen` of the command with these arguments, forked where that can be. The clock of
    the coach is `ahead` by so many seconds; `teams` where it is to serve Teams; `module` whose `main` it is."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        ahead: float = 0.0,
        teams: bool = False,
        module: str = COMMAND,
        **more: Any,
    ) -> None:
        self._ahead, self._teams, self._module = ahead, teams, module
        self._status = -1
        self._forks = is_forked(more.get("env"))
        if not self._forks:
            what = ["tests.starting", _AHEAD, str(ahead)] if ahead else ["bot" if module == COMMAND else module]
            arguments = [sys.executable, "-m", *what, *arguments]
            more = {"preexec_fn": heed_signals, **more}
        super().__init__(list(arguments), **more)

    def _execute_child(self, *given: Any) -> None:
        if not self._forks:
            super()._execute_child(*given)  # type: ignore[misc]
            return
        (arguments, _, _, _, _, cwd, env, _, _, _, stdin, p2cwrite, c2pread, stdout, errread, stderr, *_) = given
        asked = {
            "arguments": arguments,
            "cwd": os.fspath(cwd or Path.cwd()),
            "env": dict(os.environ if env is None else env),
            "ahead": self._ahead,
            "module": self._module,
            "load": [self._module, *(TEAMS if self._teams else ())],
        }
        self._status, theirs = os.pipe()
        try:
            streams = [own if own != -1 else default for own, default in ((stdin, 0), (stdout, 1), (stderr, 2))]
            socket.send_fds(_starter(), [json.dumps(asked).encode()], [*streams, theirs])
        finally:
            os.close(theirs)
            self._close_pipe_fds(stdin, p2cwrite, c2pread, stdout, errread, stderr)  # type: ignore[attr-defined]
        self.pid = int(self._line())
        self._child_created = True

    def _line(self) -> bytes:
        found = b""
        while not found.endswith(b"\n"):
            more = os.read(self._status, 1)
            if not more:
                return b"-9\n"  # who forked it is gone, and so is it
            found += more
        return found

    def _ended(self) -> None:
        self.returncode = int(self._line())
        os.close(self._status)
        self._status = -1

    def _internal_poll(self, **more: Any) -> int | None:
        if not self._forks:
            return super()._internal_poll(**more)  # type: ignore[misc, no-any-return]
        if self.returncode is None and select.select([self._status], [], [], 0)[0]:
            self._ended()
        return self.returncode

    def _wait(self, timeout: float | None) -> int:
        if not self._forks:
            return super()._wait(timeout)  # type: ignore[misc, no-any-return]
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self._ended()
        return self.returncode

    async def ended(self) -> int:
        """Wait till it ended; its exit code."""
        if not self._forks:
            return await asyncio.to_thread(self.wait)
        if self.returncode is None:
            loop, done = asyncio.get_running_loop(), asyncio.Event()
            loop.add_reader(self._status, done.set)
            try:
                await done.wait()
            finally:
                loop.remove_reader(self._status)
            self._internal_poll()
        assert self.returncode is not None
        return self.returncode


class Process:
    """What of `asyncio.subprocess.Process` the tests use, of a forked process."""

    def __init__(self, popen: Popen, stdout: asyncio.StreamReader | None, stderr: asyncio.StreamReader | None) -> None:
        self._popen = popen
        self.pid = popen.pid
        self.stdout, self.stderr = stdout, stderr

    @property
    def returncode(self) -> int | None:
        return self._popen.poll()

    def send_signal(self, number: int) -> None:
        """Send it a signal; ProcessLookupError where it ended."""
        if self._popen.poll() is not None:
            raise ProcessLookupError
        self._popen.send_signal(number)

    async def wait(self) -> int:
        """Wait till it ended; its exit code."""
        return await self._popen.ended()

    async def communicate(self) -> tuple[bytes, bytes]:
        """All that it writes, and wait till it ended."""
        said = await asyncio.gather(*(_all(one) for one in (self.stdout, self.stderr)))
        await self.wait()
        return said[0], said[1]


async def _all(stream: asyncio.StreamReader | None) -> bytes:
    return b"" if stream is None else await stream.read()


async def start(
    *arguments: str,
    env: Mapping[str, str] | None = None,
    ahead: float = 0.0,
    teams: bool = False,
    module: str = COMMAND,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Process:
    """Start the command, or another `module`, with nothing to read; PIPE what is to be read of it. `env` is all of its
    environment."""
    popen = Popen(
        arguments, ahead=ahead, teams=teams, module=module, cwd=ROOT, env=env,
        stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
    )  # fmt: skip
    loop = asyncio.get_running_loop()
    readers: list[asyncio.StreamReader | None] = []
    for pipe in (popen.stdout, popen.stderr):
        reader = None
        if pipe is not None:
            reader = asyncio.StreamReader()
            await loop.connect_read_pipe(lambda reader=reader: asyncio.StreamReaderProtocol(reader), pipe)
        readers.append(reader)
    return Process(popen, *readers)


def is_forked(env: Mapping[str, str] | None = None) -> bool:
    """Whether a start may be a fork: not where the environment tells Python itself something else, nor elsewhere than
    on Linux."""
    if not hasattr(os, "pidfd_open"):
        return False
    own = {name: value for name, value in os.environ.items() if _is_pythons(name)}
    return not os.environ.get(FROM_NOTHING) and (env is None or own == {n: v for n, v in env.items() if _is_pythons(n)})


def _is_pythons(name: str) -> bool:
    return name == "LANG" or (name.startswith(("LC_", "PYTHON")) and name != "PYTHONDONTWRITEBYTECODE")


@cache
def _starter() -> socket.socket:
    """The process that forks, one for each process of tests; it ends with it."""
    own, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.starting", str(theirs.fileno())],
            cwd=ROOT, pass_fds=(theirs.fileno(),), start_new_session=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def end() -> None:
        own.close()
        process.wait()

    atexit.register(end)
    return own


# The side that forks --------------------------------------------------------------------------------------------------


def serve(own: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork for every request, and say how each ended. Comes back in the child alone, with what it was asked and its
    streams."""
    running: dict[int, tuple[int, int]] = {}  # a descriptor of the process: its id, and where its end is told
    with selectors.DefaultSelector() as selector:
        selector.register(own, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is own:
                    message, given, _, _ = socket.recv_fds(own, _MOST, 4)
                    if not message:
                        _end(running)
                    asked = json.loads(message)
                    for name in asked["load"]:
                        importlib.import_module(name)
                    pid = os.fork()
                    if not pid:
                        return asked, given[:3]
                    descriptor = os.pidfd_open(pid)
                    selector.register(descriptor, selectors.EVENT_READ)
                    running[descriptor] = (pid, given[3])
                    for one in given[:3]:
                        os.close(one)
                    os.write(given[3], f"{pid}\n".encode())
                else:
                    descriptor = int(key.fd)
                    selector.unregister(descriptor)
                    _tell(descriptor, *running.pop(descriptor))


def _tell(descriptor: int, pid: int, status: int) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(descriptor)
    with contextlib.suppress(BrokenPipeError):
        os.write(status, f"{code}\n".encode())
    os.close(status)


def _end(running: Mapping[int, tuple[int, int]]) -> None:
    for pid, _ in running.values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    os._exit(0)


def become(asked: Mapping[str, Any], streams: Sequence[int]) -> None:
    """Be the process that was asked for, up to its first line."""
    for number, one in enumerate(streams):
        os.dup2(one, number)
    os.closerange(3, 1 << 12)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv = ["opschaalcoach", *asked["arguments"]]
    sys.stdin, sys.stdout, sys.stderr = (_stream(number) for number in range(3))
    if asked["ahead"]:
        _put_clock(asked["ahead"])


def _stream(number: int) -> io.TextIOWrapper:
    was = (sys.__stdin__, sys.__stdout__, sys.__stderr__)[number]
    assert was is not None
    raw = open(number, "rb" if number == 0 else "wb", closefd=False)  # noqa: SIM115 (it is as old as the process)
    errors = "backslashreplace" if number == 2 else was.errors
    return io.TextIOWrapper(raw, was.encoding, errors, line_buffering=number == 2 or raw.isatty())


def _put_clock(ahead: float) -> None:
    """A reminder comes only in working hours, and a test at any time."""
    from datetime import timedelta

    from bot import clock

    now, more = clock.SystemClock.now, timedelta(seconds=ahead)
    clock.SystemClock.now = lambda self: now(self) + more  # type: ignore[method-assign]


def _main() -> int:
    module = COMMAND
    if sys.argv[1] == _AHEAD:
        _put_clock(float(sys.argv[2]))
        sys.argv = ["opschaalcoach", *sys.argv[3:]]
    else:
        for name in LOADED:
            importlib.import_module(name)
        gc.collect()
        gc.freeze()  # what is shared with the children stays shared
        asked, streams = serve(socket.socket(fileno=int(sys.argv[1])))
        become(asked, streams)
        module = asked["module"]
    return int(importlib.import_module(module).main())


if __name__ == "__main__":
    sys.exit(_main())
