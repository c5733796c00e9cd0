"""The configuration: what it takes, from the file and the environment, and every fault named in one line each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings, SettingsError, is_loopback, load_settings

MATRIX = {"homeserver": "https://matrix.example.nl", "user_id": "@coach:example.nl"}


def write(folder: Path, matrix: dict[str, Any] | None = None, **coach: Any) -> Path:
    """A configuration with a [matrix] section of these keys (None: without one)."""
    sections: dict[str, dict[str, Any]] = {"storage": {"path": "data/coach.db"}, "coach": {"operator": "X", **coach}}
    if matrix is not None:
        sections["matrix"] = matrix
    lines = [
        line
        for name, values in sections.items()
        for line in (f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
    ]
    file = folder / "config.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def load(folder: Path, matrix: dict[str, Any] | None = None, **environment: str) -> Settings:
    return load_settings(write(folder, matrix), environment)


def faults(folder: Path, matrix: dict[str, Any] | None = None, **environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(folder, matrix, **environment)
    assert all("\n" not in fault and "config.toml" in fault for fault in caught.value.faults)
    return caught.value.faults


# What it takes ----------------------------------------------------------------------------------------------------


def test_the_smallest_configuration(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.matrix is None
    assert settings.storage.path == tmp_path / "data" / "coach.db"
    assert settings.coach.messages_per_minute == 120
    assert settings.coach.language == "nl"


def test_the_language_of_rooms_that_chose_none(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, language="en"), {}).coach.language == "en"


@pytest.mark.parametrize("language", ["fr", "", "English", "NL"])
def test_a_language_that_there_is_no_book_of_is_a_fault(tmp_path: Path, language: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, language=language), {})
    (fault,) = caught.value.faults
    assert fault.endswith('[coach] language: is no language of the coach: use "nl" or "en"')


def test_the_smallest_matrix_section(tmp_path: Path) -> None:
    settings = load(tmp_path, MATRIX)
    matrix = settings.matrix
    assert matrix is not None
    assert (matrix.homeserver, matrix.user_id) == tuple(MATRIX.values())
    assert matrix.allowed_servers is None  # which is: the coach's own
    assert (matrix.allowed_users, matrix.bots, matrix.proxy, matrix.ca_file) == ([], [], None, None)
    assert settings.matrix_store == tmp_path / "data" / "matrix"


def test_paths_begin_at_the_configuration_and_whole_ones_stay(tmp_path: Path) -> None:
    settings = load(tmp_path, {**MATRIX, "store": "keys", "ca_file": "/etc/ssl/own.pem"})
    assert settings.matrix is not None
    assert (settings.matrix_store, settings.matrix.ca_file) == (tmp_path / "keys", Path("/etc/ssl/own.pem"))


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://matrix.example.nl/", "https://matrix.example.nl"),
        ("https://matrix.example.nl:8448", "https://matrix.example.nl:8448"),
        ("http://localhost:8008", "http://localhost:8008"),
        ("http://127.0.0.1:8008/", "http://127.0.0.1:8008"),
        ("http://[::1]:8008", "http://[::1]:8008"),
    ],
)
def test_addresses_of_homeservers(tmp_path: Path, given: str, address: str) -> None:
    matrix = load(tmp_path, {**MATRIX, "homeserver": given}).matrix
    assert matrix is not None
    assert matrix.homeserver == address


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False),
        ("localhost.example.nl", False), ("127.0.0.1.example.nl", False), ("", False), ("::", False),
    ],
)  # fmt: skip
def test_what_this_machine_itself_is(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("proxy", ["http://proxy.example.nl:3128", "socks5://127.0.0.1:9050", "socks4://p:1"])
def test_proxies(tmp_path: Path, proxy: str) -> None:
    matrix = load(tmp_path, {**MATRIX, "proxy": proxy}).matrix
    assert matrix is not None
    assert matrix.proxy == proxy


@pytest.mark.parametrize("given", [1, 60, 10_000])
def test_messages_a_minute(tmp_path: Path, given: int) -> None:
    assert load_settings(write(tmp_path, messages_per_minute=given), {}).coach.messages_per_minute == given


# The environment --------------------------------------------------------------------------------------------------


def test_the_environment_goes_over_the_file_key_by_key(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        MATRIX,
        OPSCHAALCOACH_STORAGE__PATH="elders/coach.db",
        OPSCHAALCOACH_COACH__MESSAGES_PER_MINUTE="30",
        OPSCHAALCOACH_MATRIX__USER_ID="@ander:example.nl",
    )
    assert settings.storage.path == tmp_path / "elders" / "coach.db"
    assert settings.coach.messages_per_minute == 30
    assert settings.coach.operator == "X"
    assert settings.matrix is not None
    assert (settings.matrix.user_id, settings.matrix.homeserver) == ("@ander:example.nl", MATRIX["homeserver"])


def test_the_environment_alone_makes_a_matrix_section(tmp_path: Path) -> None:
    given = {f"OPSCHAALCOACH_MATRIX__{key.upper()}": value for key, value in MATRIX.items()}
    matrix = load(tmp_path, **given).matrix
    assert matrix is not None
    assert matrix.user_id == MATRIX["user_id"]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("a.nl", ["a.nl"]), ("a.nl, b.nl ,c.nl", ["a.nl", "b.nl", "c.nl"]), ("", []), (" , ", []), ("a.nl,", ["a.nl"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["allowed_servers", "allowed_users", "bots"])
def test_lists_in_the_environment_have_commas(tmp_path: Path, key: str, given: str, names: list[str]) -> None:
    matrix = load(tmp_path, {**MATRIX, key: ["old"]}, **{f"OPSCHAALCOACH_MATRIX__{key.upper()}": given}).matrix
    assert getattr(matrix, key) == names


@pytest.mark.parametrize("key", ["PASSWORD", "PASSWORD_FILE", "ACCESS_TOKEN", "ACCESS_TOKEN_FILE"])
@pytest.mark.parametrize("matrix", [MATRIX, None])
def test_what_login_asks_for_is_no_key_of_the_configuration_and_is_not_kept(
    tmp_path: Path, key: str, matrix: dict[str, Any] | None
) -> None:
    settings = load(tmp_path, matrix, **{f"OPSCHAALCOACH_MATRIX__{key}": "geheim"})
    assert (settings.matrix is None) == (matrix is None)
    assert "geheim" not in repr(settings)


def test_a_password_in_the_file_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, {**MATRIX, "password": "geheim"})
    assert "[matrix] password" in fault
    assert "geheim" not in fault


def test_other_variables_are_left_alone(tmp_path: Path) -> None:
    given = {"OPSCHAALCOACH_TEST_SYNAPSE": "x", "OPSCHAALCOACH_": "x", "MATRIX__USER_ID": "x", "PATH": "x"}
    assert load(tmp_path, MATRIX, **given) == load(tmp_path, MATRIX)


def test_an_unknown_key_in_the_environment_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, MATRIX, OPSCHAALCOACH_MATRIX__HOMESEVER="https://x.nl")
    assert "homesever" in fault


# Faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("homeserver", "http://matrix.example.nl"), ("homeserver", "http://10.0.0.1:8008"),
        ("homeserver", "http://127.0.0.1.example.nl"), ("homeserver", "matrix.example.nl"), ("homeserver", ""),
        ("homeserver", "ftp://matrix.example.nl"), ("homeserver", "https://"), ("homeserver", "https://x.nl/_matrix"),
        ("homeserver", "https://x.nl?a=b"), ("homeserver", 7), ("homeserver", "https://[::1"),
        ("user_id", "coach"), ("user_id", "coach:example.nl"), ("user_id", "@coach"), ("user_id", "@:example.nl"),
        ("user_id", "@co ach:example.nl"), ("user_id", "@coach:"), ("user_id", "@coach:example.nl\n"), ("user_id", 7),
        ("allowed_servers", 7), ("allowed_users", [7]), ("bots", True),
        ("proxy", "proxy.example.nl"), ("proxy", "ftp://x"), ("store", 7), ("ca_file", []),
        ("homesever", "https://x.nl"), ("password", "x"), ("access_token", "x"),
    ],
)  # fmt: skip
def test_a_fault_of_the_matrix_section_is_named_with_its_place(tmp_path: Path, key: str, value: Any) -> None:
    found = faults(tmp_path, {**MATRIX, key: value})
    assert found
    assert all(f"[matrix] {key}" in fault for fault in found)


def test_an_address_that_is_not_encrypted_is_called_so(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, {**MATRIX, "homeserver": "http://matrix.example.nl"})
    assert "https" in fault


@pytest.mark.parametrize("missing", ["homeserver", "user_id"])
def test_what_a_matrix_section_must_have(tmp_path: Path, missing: str) -> None:
    (fault,) = faults(tmp_path, {key: value for key, value in MATRIX.items() if key != missing})
    assert f"[matrix] {missing}: is missing" in fault


@pytest.mark.parametrize("value", [0, -1, 10_001, "veel", 1.5])
def test_messages_a_minute_that_make_no_sense(tmp_path: Path, value: Any) -> None:
    with pytest.raises(SettingsError, match=r"\[coach\] messages_per_minute"):
        load_settings(write(tmp_path, messages_per_minute=value), {})


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, {"homeserver": "http://x.nl", "user_id": "coach", "kleur": "rood", "bots": 7})
    assert len(found) == 4


@pytest.mark.parametrize(
    "text", ['matrix = 3\n[storage]\npath="x"\n[coach]\noperator="x"\n', '[[matrix]]\nhomeserver="x"\n']
)
def test_a_matrix_section_that_is_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    for environment in ({}, {"OPSCHAALCOACH_MATRIX__USER_ID": "@coach:x"}):
        with pytest.raises(SettingsError, match=r"\[matrix\]"):
            load_settings(file, environment)


# Teams ------------------------------------------------------------------------------------------------------------

TEAMS = {"app_id": "app", "tenant_id": "tenant", "client_secret_file": "secrets/teams"}
LOCAL = {"openid_metadata_url": "http://127.0.0.1:1/v1/openidconfiguration", "token_issuer": "http://127.0.0.1:1"}


def teams_file(folder: Path, **keys: Any) -> Path:
    file = write(folder)
    lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items() if value is not None]
    file.write_text(file.read_text("utf-8") + "[teams]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return file


def teams_faults(folder: Path, **keys: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(teams_file(folder, **{**TEAMS, **keys}), {})
    assert all("\n" not in fault and "config.toml: [teams]" in fault for fault in caught.value.faults)
    return caught.value.faults


def test_the_smallest_teams_section_listens_on_this_machine_only_and_reads_what_is_addressed_to_it(
    tmp_path: Path,
) -> None:
    teams = load_settings(teams_file(tmp_path, **TEAMS), {}).teams
    assert teams is not None
    assert (teams.app_id, teams.tenant_id, teams.client_secret_file) == ("app", "tenant", tmp_path / "secrets/teams")
    assert (teams.host_port, teams.read_all, teams.public_address) == (("127.0.0.1", 3978), False, None)
    assert (teams.openid_metadata_url, teams.token_issuer) == (None, None)


def test_the_secret_comes_from_the_environment_and_is_never_shown(tmp_path: Path) -> None:
    file = teams_file(tmp_path, app_id="app", tenant_id="tenant")
    teams = load_settings(file, {"OPSCHAALCOACH_TEAMS__CLIENT_SECRET": "hush"}).teams
    assert teams is not None
    assert teams.client_secret is not None
    assert teams.client_secret.get_secret_value() == "hush"
    assert "hush" not in repr(teams)


def test_an_issuer_for_tests_may_be_on_this_machine(tmp_path: Path) -> None:
    teams = load_settings(teams_file(tmp_path, **TEAMS, **LOCAL), {}).teams
    assert teams is not None
    assert teams.token_issuer == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"client_secret_file": None}, "nothing says who the coach is; give one of"),
        ({"managed_identity": True}, "client_secret_file and managed_identity says who"),
        ({"client_secret_file": None, "certificate_file": "a.pem"}, "belong together: give both"),
        ({"listen": "3978"}, "listen: is no address to listen at"),
        ({"listen": "127.0.0.1"}, "listen: is no address to listen at"),
        ({"listen": "127.0.0.1:99999"}, "listen: is no address to listen at"),
        ({"listen": "http://127.0.0.1:80"}, "listen: is no address to listen at"),
        ({"public_address": "coach.example.nl"}, "public_address: is no address of a server"),
        ({"public_address": "http://coach.example.nl"}, "public_address: is not encrypted"),
        ({**LOCAL, "openid_metadata_url": "https://evil.example/openidconfiguration"}, "is for tests only"),
        ({**LOCAL, "token_issuer": "https://evil.example"}, "token_issuer: is for tests only"),
        ({"token_issuer": "http://127.0.0.1:1"}, "are for tests only, and go together"),
        ({"app_id": None}, "app_id: is missing"),
        ({"read_everything": True}, "read_everything: this key is not known"),
    ],
)
def test_a_fault_in_the_teams_section_is_named(tmp_path: Path, keys: dict[str, Any], said: str) -> None:
    found = teams_faults(tmp_path, **keys)
    assert len(found) == 1
    assert said in found[0]
