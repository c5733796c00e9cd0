"""Who can read what: the coach closes what is its own, at every start, and speaks of what is the administrator's."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import modes
from bot.cli import main
from bot.reading import faults
from bot.settings import Settings, load_settings
from storage.writer import Writer
from tests.bot.process import is_one_clear_line, run

SECRET = "geheim-van-teams-1234"


@pytest.fixture(autouse=True)
def _mask() -> Iterator[None]:
    """Everything that is made is open, unless it is closed by whoever makes it."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody can get into; pytest's own are closed again by every other run of it."""
    with tempfile.TemporaryDirectory() as name:
        made = Path(name).resolve()
        made.chmod(0o755)
        if any(one.stat().st_mode & 0o011 != 0o011 for one in made.parents):
            pytest.skip(f"nobody else can get into {made.parent}")
        yield made


def written(folder: Path, *teams: str, proxy: str = "") -> Path:
    """A configuration; with [teams] where it has lines."""
    config = folder / "config.toml"
    lines = ["[storage]", 'path = "data/coach.db"', "[coach]", 'operator = "Gemeente Voorbeeld"']
    if teams:
        lines += ["[teams]", 'app_id = "a"', 'tenant_id = "t"', *teams]
    if proxy:
        lines += ["[matrix]", 'homeserver = "https://x.nl"', 'user_id = "@c:x.nl"', f'proxy = "{proxy}"']
    config.write_text("\n".join(lines) + "\n", "utf-8")
    config.chmod(0o644)
    return config


def loaded(config: Path) -> Settings:
    return load_settings(config, {})


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def made(settings: Settings) -> list[Path]:
    """All that the coach can have beside its database, each open to everybody."""
    await (await Writer.open(settings.storage.path)).close()
    data, store = settings.storage.path.parent, settings.matrix_store
    (data / "coach.files" / "kamer-1").mkdir(parents=True)
    (store / "keys").mkdir(parents=True)
    files = [
        *(data / f"coach.db{end}" for end in ("-wal", "-shm", ".lock", ".before-3")),
        data / "coach.files/kamer-1/2-canvas.pdf", store / "account.json", store / "signing.json", store / "keys/k.db",
    ]  # fmt: skip
    for file in files:
        file.touch()
    found = [settings.storage.path, *files, data / "coach.files", data / "coach.files/kamer-1", store, store / "keys"]
    for one in found:
        one.chmod(0o777 if one.is_dir() else 0o666)
    return found


async def test_what_is_its_own_is_closed_and_nothing_else_is_touched(folder: Path) -> None:
    settings = loaded(written(folder))
    own = await made(settings)
    other = settings.storage.path.with_name("notities.txt")
    other.touch(0o666)
    assert modes.mend(settings) == []
    assert {one.name: mode(one) for one in own} == {one.name: 0o700 if one.is_dir() else 0o600 for one in own}
    assert (mode(other), mode(folder / "config.toml")) == (0o666, 0o644)


def test_its_backups_are_closed_and_what_else_lies_there_is_not_touched(folder: Path) -> None:
    config = written(folder)
    config.write_text(config.read_text("utf-8").replace("[coach]", 'backup_folder = "kopie"\n[coach]'), "utf-8")
    kept = folder / "kopie"
    kept.mkdir(0o755)
    for name in ("coach-20261123T090000Z.db", "notities.txt", "ander-20261123T090000Z.db"):
        (kept / name).touch(0o644)
    assert modes.mend(loaded(config)) == []
    found = {one.name: mode(one) for one in [kept, *kept.iterdir()]}
    assert found == {
        "kopie": 0o755, "coach-20261123T090000Z.db": 0o600, "notities.txt": 0o644, "ander-20261123T090000Z.db": 0o644,
    }  # fmt: skip


async def test_a_mode_that_is_narrower_stays(folder: Path) -> None:
    settings = loaded(written(folder))
    await made(settings)
    settings.storage.path.chmod(0o400)
    modes.mend(settings)
    assert mode(settings.storage.path) == 0o400


async def test_what_a_link_points_at_is_not_touched(folder: Path) -> None:
    settings = loaded(written(folder))
    await made(settings)
    elsewhere = folder / "elders"
    elsewhere.touch(0o666)
    settings.storage.path.with_name("coach.db.link").symlink_to(elsewhere)
    (settings.matrix_store / "link").symlink_to(elsewhere)
    assert modes.mend(settings) == []
    assert mode(elsewhere) == 0o666


def test_a_name_with_signs_of_a_pattern_is_that_name(folder: Path) -> None:
    config = written(folder)
    config.write_text(config.read_text("utf-8").replace("coach.db", "c[oa]*.db"), "utf-8")
    settings = loaded(config)
    settings.storage.path.parent.mkdir()
    for name in ("c[oa]*.db", "co-other.db"):
        (settings.storage.path.parent / name).touch(0o666)
    modes.mend(settings)
    assert [mode(settings.storage.path.parent / name) for name in ("c[oa]*.db", "co-other.db")] == [0o600, 0o666]


@pytest.mark.parametrize(
    ("its", "said"), [(0o600, None), (0o400, None), (0o640, "its group can read"), (0o604, "everybody can read"),
                      (0o644, "everybody can read"), (0o622, "everybody can write")]
)  # fmt: skip
@pytest.mark.parametrize("key", ["client_secret_file", "certificate_key_file"])
def test_an_open_secret_of_the_administrator_is_a_fault_and_stays_as_it_is(
    folder: Path, key: str, its: int, said: str | None
) -> None:
    secret = folder / "geheim"
    secret.write_text(SECRET, "utf-8")
    secret.chmod(its)
    also = ['certificate_file = "geheim.pem"'] if key == "certificate_key_file" else []
    config = written(folder, f'{key} = "geheim"', *also)
    found = modes.faults(loaded(config), config)
    assert [said in one and "chmod 600" in one and str(secret) in one for one in found if said] == [True] * bool(said)
    assert bool(found) == bool(said)
    assert SECRET not in str(found)
    modes.mend(loaded(config))
    assert mode(secret) == its


def test_a_secret_behind_a_closed_folder_is_closed(folder: Path) -> None:
    (folder / "secrets").mkdir(0o700)
    (folder / "secrets/teams").write_text(SECRET, "utf-8")
    (folder / "secrets/teams").chmod(0o644)
    config = written(folder, 'client_secret_file = "secrets/teams"')
    assert modes.faults(loaded(config), config) == []
    (folder / "secrets").chmod(0o750)
    assert "its group can read" in modes.faults(loaded(config), config)[0]


def test_a_configuration_with_a_secret_in_it_is_one(folder: Path) -> None:
    config = written(folder, f'client_secret = "{SECRET}"')
    (fault,) = modes.faults(loaded(config), config)
    assert str(config) in fault
    config.chmod(0o600)
    assert modes.faults(loaded(config), config) == []


def test_a_secret_in_the_environment_makes_no_secret_of_the_configuration(folder: Path) -> None:
    config = written(folder, 'listen = "127.0.0.1:3978"')
    settings = load_settings(config, {"OPSCHAALCOACH_TEAMS__CLIENT_SECRET": SECRET})
    assert modes.faults(settings, config) == []


def test_a_proxy_with_a_password_is_a_secret_too(folder: Path) -> None:
    config = written(folder, proxy="http://naam:wachtwoord9@proxy.nl:3128")
    assert len(modes.faults(loaded(config), config)) == 1
    config = written(folder, proxy="http://proxy.nl:3128")
    assert modes.faults(loaded(config), config) == []


def test_check_names_it(folder: Path) -> None:
    config = written(folder, proxy="http://naam:wachtwoord9@proxy.nl:3128")
    assert [one for one in faults(config, None) if "chmod 600" in one]


def test_run_mends_says_what_is_open_and_goes_on(folder: Path) -> None:
    config = written(folder, proxy="http://naam:wachtwoord9@proxy.nl:3128")
    data = folder / "data"
    data.mkdir()
    for name in ("coach.db", "coach.db.before-3"):
        (data / name).touch(0o666)
    done = run("run", "--config", str(config))  # ends right after: there was no login
    said = done.stderr.decode().splitlines()
    assert len(said) == 2
    assert "everybody can read" in said[0]
    assert "login" in said[1]
    assert done.returncode == 2
    assert [mode(data / name) for name in ("coach.db", "coach.db.before-3")] == [0o600, 0o600]


def test_the_command_makes_everything_for_its_user_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.umask(0o022)
    assert main(["steps"]) == 0
    assert os.umask(0o022) == 0o077
    capsys.readouterr()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make a file somebody else's")
async def test_what_is_somebody_elses_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = written(folder)
    await made(loaded(config))
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    found = modes.faults(loaded(config), config)
    assert found
    assert all("not this user's" in one and is_one_clear_line(one.encode()) for one in found)
