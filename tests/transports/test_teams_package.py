"""The app package for Teams, as the command makes it: what stands in it, by Microsoft's own schema, and what is asked
of an organisation. What Teams itself says of it takes a tenant to try.
"""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from PIL import Image, ImageChops

from bot.transports.teams import drawing
from bot.transports.teams.package import ICONS
from flows.conversation.commands import TABLE
from tests.bot.process import ROOT, is_one_clear_line, run
from tests.chat import TEXTS
from tests.transports.node_process import FOLDER

SCHEMA = FOLDER / "node_modules/@microsoft/app-manifest/build/json-schemas/teams/v1.30/MicrosoftTeams.schema.json"
APP = "3f2b1c9e-0d4a-4a53-9a1c-7f7a5c1d2e3f"
OPERATOR = "Gemeente Voorbeeld, functioneel beheer"
TEAMS = {
    "app_id": APP,
    "tenant_id": "9a8b7c6d-1111-4222-8333-444455556666",
    "client_secret_file": "secrets/teams",
    "organisation": "Gemeente Voorbeeld",
    "website_url": "https://www.example.nl",
    "privacy_url": "https://www.example.nl/privacy",
    "terms_url": "https://www.example.nl/voorwaarden",
}


def configured(folder: Path, operator: str = OPERATOR, **teams: str | None) -> Path:
    """A configuration with these keys under [teams]; None leaves one out."""
    keys = {key: value for key, value in {**TEAMS, **teams}.items() if value is not None}
    file = folder / "config.toml"
    sections = {"storage": {"path": "data/coach.db"}, "coach": {"operator": operator}, "teams": keys}
    lines = [
        line
        for name, values in sections.items()
        for line in (f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
    ]
    file.write_text("\n".join(lines), "utf-8")
    return file


def made(config: Path, *more: str) -> bytes:
    """What the command writes."""
    file = config.parent / "coach.zip"
    done = run("teams-package", "--config", str(config), "--out", str(file), *more)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return file.read_bytes()


def refused(config: Path, *more: str) -> str:
    """What the command says where it makes nothing."""
    file = config.parent / "coach.zip"
    done = run("teams-package", "--config", str(config), "--out", str(file), *more)
    assert (done.returncode, done.stdout) == (2, b""), done
    assert b"Traceback" not in done.stderr
    assert not file.exists()
    return done.stderr.decode()


def manifest(package: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        found: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return found


def faults(manifest: dict[str, Any]) -> list[str]:
    """What Microsoft's schema says of a manifest."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    return [error.message for error in jsonschema.Draft4Validator(schema).iter_errors(manifest)]


@pytest.mark.usefixtures("manifest_schema")
@pytest.mark.parametrize("more", [[], ["--read-all"]])
@pytest.mark.parametrize("address", [None, "https://coach.example.nl/opschaal"])
def test_a_manifest_is_what_microsofts_schema_takes(tmp_path: Path, more: list[str], address: str | None) -> None:
    found = manifest(made(configured(tmp_path, public_address=address), *more))
    assert faults(found) == []
    assert found["$schema"].endswith("/v1.30/MicrosoftTeams.schema.json")
    assert found.get("validDomains") == (["coach.example.nl"] if address else None)


@pytest.mark.usefixtures("manifest_schema")
def test_the_schema_sees_what_is_wrong(tmp_path: Path) -> None:
    found = manifest(made(configured(tmp_path)))
    found["name"]["short"] = "o" * 31
    found["bots"][0]["botId"] = "coach"
    del found["developer"]["privacyUrl"]
    assert len(faults(found)) == 3


def test_an_operator_with_the_longest_name_leaves_the_description_within_what_teams_takes(tmp_path: Path) -> None:
    for more in ([], ["--read-all"]):
        found = manifest(made(configured(tmp_path, operator="o" * 200), *more))
        assert len(found["description"]["full"]) <= 4000
        assert "o" * 200 in found["description"]["full"]


def test_a_short_operator_is_the_organisation(tmp_path: Path) -> None:
    found = manifest(made(configured(tmp_path, operator="Gemeente Voorbeeld, beheer", organisation=None)))
    assert found["developer"] == {
        "name": "Gemeente Voorbeeld, beheer",
        "websiteUrl": TEAMS["website_url"],
        "privacyUrl": TEAMS["privacy_url"],
        "termsOfUseUrl": TEAMS["terms_url"],
    }


def test_it_is_one_bot_for_every_kind_of_chat_with_commands_that_there_are(tmp_path: Path) -> None:
    found = manifest(made(configured(tmp_path)))
    (bot,) = found["bots"]
    assert (found["id"], bot["botId"], bot["supportsFiles"]) == (APP, APP, False)
    assert sorted(bot["scopes"]) == ["groupChat", "personal", "team"]
    (listed,) = bot["commandLists"]
    assert sorted(listed["scopes"]) == sorted(bot["scopes"])
    names = {f"!{command.name}" for command in TABLE}
    assert {one["title"] for one in listed["commands"]} <= names
    # Longer ones Teams cuts off in its menu.
    assert all(len(one["title"]) <= 32 and len(one["description"]) <= 128 for one in listed["commands"])
    assert found["localizationInfo"] == {"defaultLanguageTag": "nl"}


def test_where_the_coach_speaks_english_by_default_the_package_does_too(tmp_path: Path) -> None:
    config = configured(tmp_path)
    config.write_text(config.read_text("utf-8").replace("[coach]", '[coach]\nlanguage = "en"'), "utf-8")
    found = manifest(made(config))
    assert found["localizationInfo"] == {"defaultLanguageTag": "en"}
    titles = [one["title"] for one in found["bots"][0]["commandLists"][0]["commands"]]
    assert "!overview" in titles
    assert {title.removeprefix("!") for title in titles} <= {command.alias for command in TABLE}
    assert len(found["description"]["short"]) <= 80
    assert len(found["name"]["full"]) <= 100


def test_without_more_it_asks_for_no_permission_and_says_so(tmp_path: Path) -> None:
    found = manifest(made(configured(tmp_path)))
    assert not {"authorization", "webApplicationInfo", "permissions"} & found.keys()
    text = found["description"]["full"]
    assert TEXTS("teams.package.mentions") in text
    assert TEXTS("teams.package.everything") not in text
    assert OPERATOR in text
    assert "`" not in text


def test_reading_all_asks_for_two_permissions_and_says_what_that_means(tmp_path: Path) -> None:
    found = manifest(made(configured(tmp_path), "--read-all"))
    asked = found["authorization"]["permissions"]["resourceSpecific"]
    assert {(one["name"], one["type"]) for one in asked} == {
        ("ChatMessage.Read.Chat", "Application"),
        ("ChannelMessage.Read.Group", "Application"),
    }
    assert found["webApplicationInfo"]["id"] == APP
    text = found["description"]["full"]
    assert TEXTS("teams.package.everything") in text
    assert TEXTS("teams.package.mentions") not in text


def test_the_same_configuration_gives_the_same_bytes(tmp_path: Path) -> None:
    first = made(configured(tmp_path))
    assert made(configured(tmp_path)) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", "color.png", "outline.png"]
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_its_version_is_the_coachs_unless_another_is_given(tmp_path: Path) -> None:
    config = configured(tmp_path)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert manifest(made(config))["version"] == ".".join(project.split(".")[:3])
    assert manifest(made(config, "--app-version", "1.12.0"))["version"] == "1.12.0"


@pytest.mark.parametrize("version", ["1.2", "v1.2.3", "1.2.3.dev0", "01.2.3", "1.2.3\n", ""])
def test_a_version_that_is_none(tmp_path: Path, version: str) -> None:
    assert "--app-version" in refused(configured(tmp_path), "--app-version", version)


def test_all_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    config = configured(tmp_path, app_id="app", organisation=None, website_url=None, privacy_url=None, terms_url=None)
    lines = refused(config).splitlines()
    for line, key in zip(lines, ("app_id", "organisation", "website_url", "privacy_url", "terms_url"), strict=True):
        assert f"[teams] {key}: is " in line


@pytest.mark.parametrize("key", ["website_url", "privacy_url", "terms_url"])
@pytest.mark.parametrize("value", ["http://www.example.nl", "www.example.nl", "https://", "https://x:99999/"])
def test_a_page_that_nobody_can_open_is_a_fault(tmp_path: Path, key: str, value: str) -> None:
    said = refused(configured(tmp_path, **{key: value}))
    assert is_one_clear_line(said.encode())
    assert f"[teams] {key}: is no address of a page" in said


def test_without_a_teams_section(tmp_path: Path) -> None:
    config = configured(tmp_path)
    config.write_text(config.read_text("utf-8").partition("[teams]")[0], "utf-8")
    assert "[teams]" in refused(config)


@pytest.mark.parametrize("name", ["config.toml", "data/coach.db", "data/coach.db-wal"])
def test_it_never_writes_over_what_is_the_coachs(tmp_path: Path, name: str) -> None:
    config = configured(tmp_path)
    before = config.read_bytes()
    done = run("teams-package", "--config", str(config), "--out", str(tmp_path / name))
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)
    assert config.read_bytes() == before
    assert not (tmp_path / "data").exists()


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    done = run("teams-package", "--config", str(configured(tmp_path)), "--out", str(tmp_path / "no" / "coach.zip"))
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)
    assert b"--out" in done.stderr


# The icons ----------------------------------------------------------------------------------------------------------


def test_the_icon_in_colour_fills_its_square() -> None:
    with Image.open(ICONS / "color.png") as image:
        assert (image.format, image.size, image.mode) == ("PNG", (192, 192), "RGB")
        corners = {image.getpixel((x, y)) for x in (0, 191) for y in (0, 191)}
        assert corners == {(0x15, 0x42, 0x73)}


def test_the_outline_is_white_on_nothing() -> None:
    with Image.open(ICONS / "outline.png") as image:
        assert (image.format, image.size, image.mode) == ("PNG", (32, 32), "RGBA")
        assert image.convert("RGB").getextrema() == ((255, 255),) * 3
        assert image.getchannel("A").getextrema() == (0, 255)


def test_the_icons_are_those_that_are_drawn() -> None:
    for name, drawn in (("color.png", drawing.color()), ("outline.png", drawing.outline())):
        with Image.open(ICONS / name) as kept:
            assert kept.mode == drawn.mode
            apart = ImageChops.difference(kept, drawn).getextrema()
        assert all(most <= 8 for _, most in apart), name  # another Pillow may round another way
