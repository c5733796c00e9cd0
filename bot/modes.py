"""Who can read the files of the coach. Rule: what is its own the coach closes, at every start; what is the
administrator's is only spoken of, with how to mend it.

A file counts as open where somebody else can get to it: it lets others read or write, and so do the folders above it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from bot.settings import Settings

_KINDS = (("its group", stat.S_IRGRP | stat.S_IWGRP, stat.S_IXGRP), ("everybody", stat.S_IROTH | stat.S_IWOTH, 1))
_FILE, _FOLDER = 0o600, 0o700


def mend(settings: Settings) -> list[str]:
    """Close what is the coach's own: the database and what lies beside it, its backups, and the keys. What could not be
    closed, a line each."""
    found = []
    for path, fit in own(settings):
        try:
            mode = stat.S_IMODE(path.lstat().st_mode)
            if mode & ~fit and not path.is_symlink():
                path.chmod(mode & fit)
        except FileNotFoundError:
            continue  # SQLite removed it meanwhile
        except OSError as error:
            found.append(
                f"{path} can be read by others (mode {mode:04o}) and could not be closed: {error.strerror}. "
                f"Make it the coach's own, then `chmod {fit:o} {path}`."
            )
    return found


def own(settings: Settings) -> Iterator[tuple[Path, int]]:
    """The files and folders that the coach made, each with the most that its mode may allow."""
    database, store = settings.storage.path, settings.matrix_store
    beside = (
        sorted(database.parent.glob(f"{_literal(database.name)}*")),
        [database.with_name(f"{database.stem}.files")],
        # In a folder that others may have files in too.
        sorted(kept.glob(f"{_literal(database.stem)}-*Z.db*")) if (kept := settings.storage.backup_folder) else [],
    )
    for top in [*chain(*beside), store]:
        if top.is_symlink():
            continue
        if top.is_dir():
            yield top, _FOLDER
            for inside in sorted(top.rglob("*")):
                yield inside, _FOLDER if inside.is_dir() else _FILE
        elif top.exists():
            yield top, _FILE


def faults(settings: Settings, config: Path) -> list[str]:
    """The administrator's files with secrets in them that others can get to, and those of the coach that it could not
    close itself, a line each."""
    found = [
        f"{path}: {who} can {what} it (mode {mode:04o}), and it holds a secret: `chmod 600 {path}`"
        for path in secret_files(settings, config)
        if (opened := _open_to(path)) is not None
        for who, what, mode in [opened]
    ]
    if os.geteuid() == 0:
        return found  # closes whatever it wants to
    for path, fit in own(settings):
        state = path.lstat()
        if stat.S_IMODE(state.st_mode) & ~fit and state.st_uid != os.geteuid():
            found.append(f"{path}: others can read it, and it is not this user's: run the coach as its owner")
    return found


def secret_files(settings: Settings, config: Path) -> list[Path]:
    """The administrator's files that hold a secret: those that the configuration names, and the configuration where one
    stands in it."""
    files = []
    teams, matrix = settings.teams, settings.matrix
    if teams is not None:
        files += [teams.client_secret_file, teams.certificate_key_file]
    if _holds_secret(config, settings):
        files.append(config)
    if matrix is not None and (login := os.environ.get("OPSCHAALCOACH_MATRIX__PASSWORD_FILE")):
        files.append(Path(login))
    return [file for file in files if file is not None and file.exists()]


def _holds_secret(config: Path, settings: Settings) -> bool:
    """Whether a secret stands in the configuration itself, rather than in the environment."""
    try:
        text = config.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    secrets = []
    if settings.teams is not None and settings.teams.client_secret is not None:
        secrets.append(settings.teams.client_secret.get_secret_value())
    if settings.matrix is not None and "@" in (settings.matrix.proxy or ""):
        secrets.append(str(settings.matrix.proxy))
    return any(secret in text for secret in secrets)


def _open_to(path: Path) -> tuple[str, str, int] | None:
    """Who besides its owner can get to a file, what they can do, and its mode; None where nobody can."""
    real = path.resolve()
    try:
        mode = stat.S_IMODE(real.stat().st_mode)
        above = [stat.S_IMODE(folder.stat().st_mode) for folder in real.parents]
    except OSError:
        return None
    for who, can, passes in reversed(_KINDS):
        if mode & can and all(one & passes for one in above):
            writes = mode & can & (stat.S_IWGRP | stat.S_IWOTH)
            return who, "write" if writes else "read", mode
    return None


def _literal(name: str) -> str:
    """A name as it is, in a pattern."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)
