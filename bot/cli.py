"""The command line. Rule: a fault of use or configuration is one clear line on standard error and exit 2, never a
traceback.

Only the standard library is imported here, so that `--help` is there at once.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

_PATIENCE = 20.0  # seconds that a running coach may take over what can be read without it
TRANSPORTS = ("console", "matrix", "teams")
FORMATS = ("json", "csv", "ics", "png", "pdf", "docx", "pptx")


class UsageError(Exception):
    """Something that was asked can't be done as it was asked; says what to do."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, like every other fault of use."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no more than ASCII still gets its answer
    os.umask(os.umask(0o077) | 0o077)  # whatever is made from now on is for this user only
    try:
        chosen = _parser().parse_args(arguments)
        return int(chosen.run(chosen))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away: nobody is left to tell
        return 0
    except Exception as error:
        if not _is_expected(error):
            raise
        print(f"opschaalcoach: {error}", file=sys.stderr)
        return 2


def _is_expected(error: Exception) -> bool:
    if isinstance(error, UsageError):
        return True
    if "bot.transports.matrix.account" in sys.modules:
        from bot.transports.matrix.account import AccountError

        if isinstance(error, AccountError):
            return True
    from bot.settings import SettingsError
    from flows.book.load import BookError
    from storage.errors import StorageError

    return isinstance(error, StorageError | SettingsError | BookError)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="opschaalcoach", description="A coach in a team's own chat that helps a pilot scale up, step by step."
    )
    _console_options(parser)
    commands = parser.add_subparsers(metavar="COMMAND")

    console = commands.add_parser("console", help="a room in this terminal (the default)")
    _console_options(console)

    run = commands.add_parser("run", help="serve the chats that the configuration names")
    run.add_argument("--config", type=Path, required=True, metavar="FILE")
    run.set_defaults(run=_run)

    login = commands.add_parser("login", help="give the coach a device on its Matrix homeserver, once")
    login.add_argument("--config", type=Path, required=True, metavar="FILE")
    login.add_argument("--token", action="store_true", help="paste an access token instead of a password")
    login.add_argument(
        "--new-signing-keys", action="store_true", help="replace cross-signing keys that this coach does not know"
    )
    login.set_defaults(run=_login)

    steps = commands.add_parser("steps", help="the steps of the guide in order, as TSV")
    steps.set_defaults(run=_steps)

    rooms = commands.add_parser("rooms", help="a line a room: id, transport, pilot, step, last activity")
    rooms.add_argument("--db", type=Path, required=True, metavar="FILE")
    rooms.set_defaults(run=_rooms)

    export = commands.add_parser("export", help="one room's canvas as a file")
    export.add_argument("room", metavar="ROOM")
    export.add_argument("--db", type=Path, required=True, metavar="FILE")
    export.add_argument("--format", choices=FORMATS, required=True)
    export.add_argument(
        "--view",
        default="",
        metavar="VIEW",
        help="png: portrait, trend or a part (routes); pdf: a3, one large sheet",
    )
    export.add_argument("--names", action="store_true", help="pdf, docx, pptx: say who said what")
    export.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="where to write it, - for standard output"
    )
    export.set_defaults(run=_export)

    erase = commands.add_parser("erase", help="erase a room for good")
    erase.add_argument("room", metavar="ROOM")
    erase.add_argument("--db", type=Path, required=True, metavar="FILE")
    erase.add_argument("--yes", action="store_true", help="it can't be undone; without this nothing is erased")
    erase.add_argument("--locked", action="store_true", help="also where the room is locked, because it had to be kept")
    erase.add_argument("--transport", choices=TRANSPORTS, help="where two rooms are called the same")
    erase.add_argument(
        "--store", type=Path, metavar="DIR", help="the coach's Matrix keys, where they are not beside the database"
    )
    erase.set_defaults(run=_erase)

    package = commands.add_parser("teams-package", help="the app package to upload to Microsoft Teams")
    package.add_argument("--config", type=Path, required=True, metavar="FILE")
    package.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write it, a .zip")
    package.add_argument(
        "--read-all", action="store_true", help="ask for every message of the chats and channels that it is in"
    )
    package.add_argument(
        "--app-version", metavar="1.2.3", help="Teams takes a changed package only under another version"
    )
    package.set_defaults(run=_teams_package)

    backup = commands.add_parser("backup", help="a whole copy of a database, also while the coach runs")
    backup.add_argument("--db", type=Path, required=True, metavar="FILE")
    backup.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write it")
    backup.add_argument("--replace", action="store_true", help="also where that file is there already")
    backup.set_defaults(run=_backup)

    restore = commands.add_parser("restore", help="put a backup back, while the coach is stopped")
    restore.add_argument("--from", dest="source", type=Path, required=True, metavar="FILE", help="the backup")
    restore.add_argument(
        "--db", type=Path, required=True, metavar="FILE", help="the database that it takes the place of"
    )
    restore.set_defaults(run=_restore)

    check = commands.add_parser("check", help="name every fault in configuration, machine, accounts and books")
    check.add_argument("--config", type=Path, metavar="FILE")
    check.add_argument("--books", type=Path, metavar="DIR")
    check.add_argument("--offline", action="store_true", help="leave out what needs the network")
    check.set_defaults(run=_check)
    return parser


def _console_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jsonl", action="store_true", help="JSON lines on standard input and output")
    parser.add_argument("--db", type=Path, metavar="FILE", help="the database (default: in your data folder)")
    parser.add_argument("--room", default="pilot", metavar="NAME", help="the room's name")
    parser.add_argument("--as", dest="people", action="append", default=[], metavar="NAME", help="who is in the room")
    parser.set_defaults(run=_console)


@contextlib.contextmanager
def _loading() -> Iterator[None]:
    """What is loaded within stays for as long as the process: the garbage collector, which would look through it again
    and again (a tenth of a start), looks there neither now nor later.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _console(chosen: argparse.Namespace) -> int:
    with _loading():
        import asyncio

        from bot import console, logs

    logs.set_up()
    path = chosen.db
    if path is None:
        from platformdirs import user_data_path

        path = user_data_path("opschaalcoach") / "coach.db"
    if chosen.jsonl:
        return asyncio.run(console.lines(path))
    people = list(dict.fromkeys(name.strip() for name in chosen.people if name.strip()))
    return asyncio.run(console.terminal(path, chosen.room, people))


def _run(chosen: argparse.Namespace) -> int:
    import asyncio

    from bot.settings import load_settings

    settings = load_settings(chosen.config)
    _as_its_owner(settings.storage.path)
    from bot import logs, running

    logs.set_up(settings.log.level, settings.log.format)

    return asyncio.run(running.run(settings, chosen.config))


def _login(chosen: argparse.Namespace) -> int:
    import asyncio

    from bot.settings import load_settings

    settings = load_settings(chosen.config)
    if settings.matrix is None:
        raise UsageError(f"{chosen.config} has no [matrix] section; see config.example.toml.")
    _as_its_owner(settings.storage.path)
    with needs("matrix"):
        from bot import entering
    asyncio.run(entering.login(settings, chosen.token, chosen.new_signing_keys))
    return 0


def _as_its_owner(db: Path) -> None:
    """Root makes nothing in the folder of another user: the coach, who runs as that user, could not open it."""
    import pwd

    folder = db.absolute().parent
    while not folder.exists():
        folder = folder.parent
    owner = folder.stat().st_uid
    if os.geteuid() != 0 or owner == 0:
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"#{owner}"
    raise UsageError(
        f"{folder} is of the user {name}, who could not open what root makes there: "
        f"run this as that user, with `sudo -u {name}` before it."
    )


@contextlib.contextmanager
def needs(extra: str) -> Iterator[None]:
    """Say which optional part of the installation is missing, where one is."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed: pip install 'opschaalcoach[{extra}]'") from None


def _steps(chosen: argparse.Namespace) -> int:
    from flows.languages import load_languages

    book = load_languages().of("").book
    print("id\tkind\tdepth\twhen")
    for step in book.steps.values():
        print(f"{step.id}\t{step.kind}\t{step.depth}\t{step.form.when}")
    return 0


def _rooms(chosen: argparse.Namespace) -> int:
    from bot import control, reading

    try:
        lines = control.ask(chosen.db, "rooms", patience=_PATIENCE)
    except control.NotRunning:
        lines = reading.room_lines(chosen.db)
    for line in lines:
        print(line)
    return 0


def _export(chosen: argparse.Namespace) -> int:
    from bot import reading
    from storage.backup import files_of

    if chosen.out.resolve() in files_of(chosen.db):
        raise UsageError(f"{chosen.out} is the database itself. Name another file with --out.")
    data = reading.export(chosen.db, chosen.room, chosen.format, chosen.view, authors=chosen.names)
    if str(chosen.out) == "-":
        sys.stdout.buffer.write(data)
        return 0
    with _writing(chosen.out):
        chosen.out.touch(mode=0o600)
        chosen.out.write_bytes(data)
        chosen.out.chmod(0o600)
    return 0


def _erase(chosen: argparse.Namespace) -> int:
    if not chosen.yes:
        raise UsageError(
            f"this erases room '{chosen.room}' for good, and nothing brings it back: export it first, "
            "then give --yes to erase it."
        )
    if not chosen.db.is_file():
        raise UsageError(f"there is no database at {chosen.db}: check the path.")
    import asyncio

    from bot import removing

    lines, is_clean = asyncio.run(
        removing.remove(chosen.db, chosen.room, chosen.transport, locked=chosen.locked, store=chosen.store)
    )
    print("\n".join(lines))
    return 0 if is_clean else 1


@contextlib.contextmanager
def _writing(file: Path) -> Iterator[None]:
    """Say why a file cannot be written, where it can't."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}. Name another file with --out.") from None


def _backup(chosen: argparse.Namespace) -> int:
    from bot import safekeeping

    print(safekeeping.back_up(chosen.db, chosen.out, replace=chosen.replace))
    return 0


def _restore(chosen: argparse.Namespace) -> int:
    from bot import safekeeping

    _as_its_owner(chosen.db)
    for line in safekeeping.put_back(chosen.source, chosen.db):
        print(line)
    return 0


def _teams_package(chosen: argparse.Namespace) -> int:
    import re

    from bot import VERSION
    from bot.settings import load_settings
    from bot.transports.teams.package import manifest, package
    from flows.catalogue import load_catalogue
    from storage.backup import files_of

    version = ".".join(VERSION.split(".")[:3]) if chosen.app_version is None else chosen.app_version
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        raise UsageError(f"{version!r} is no version: give three numbers with --app-version, such as 1.2.3.")
    settings = load_settings(chosen.config)
    if settings.teams is None:
        raise UsageError(f"{chosen.config} has no [teams] section; see config.example.toml.")
    if chosen.out.resolve() in {chosen.config.resolve(), *files_of(settings.storage.path)}:
        raise UsageError(f"{chosen.out} is the coach's own. Name another file with --out.")
    texts = load_catalogue(settings.coach.language)
    made = package(manifest(settings.teams, settings.coach.operator, texts, version, read_all=chosen.read_all))
    if str(chosen.out) == "-":
        sys.stdout.buffer.write(made)
        return 0
    with _writing(chosen.out):
        chosen.out.write_bytes(made)
    return 0


def _check(chosen: argparse.Namespace) -> int:
    from bot import reading

    faults = reading.faults(chosen.config, chosen.books, offline=chosen.offline)
    for fault in faults:
        print(fault)
    if not faults:
        print("No faults found.")
    return 1 if faults else 0
