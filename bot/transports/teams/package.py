"""The app package that an administrator uploads to Teams: a manifest and two icons in a zip. Rule: the same
configuration gives the same bytes.

What the package asks for is what the coach may see: without `read_all` it has no permission to read messages in which
nobody names it.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.settings import SettingsError, TeamsSection
from flows.catalogue import Catalogue
from flows.conversation.commands import shown

ICONS = Path(__file__).parent / "icons"
COLOR, OUTLINE = "color.png", "outline.png"
BRAND = "#154273"

SCHEMA = "1.30"
SCHEMA_ADDRESS = f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA}/MicrosoftTeams.schema.json"
SCOPES = ["personal", "team", "groupChat"]
# What Teams offers under the compose box; it takes twelve.
COMMANDS = (
    "start", "verder", "weetniet", "voorbeeld", "uitleg", "overzicht",
    "acties", "hercheck", "export", "pauze", "privacy", "hulp",
)  # fmt: skip
READ_ALL = ("ChatMessage.Read.Chat", "ChannelMessage.Read.Group")
LONGEST_NAME = 32
# Zip knows no earlier moment.
MOMENT = (1980, 1, 1, 0, 0, 0)


def manifest(
    section: TeamsSection, operator: str, texts: Catalogue, version: str, *, read_all: bool = False
) -> dict[str, Any]:
    """The manifest. `version` is the app's: Teams takes a changed package only under another one.

    Raises SettingsError where the configuration misses what Teams demands of every app.
    """
    developer = _developer(section, operator)
    reads = texts("teams.package.everything") if read_all else texts("teams.package.mentions")
    found: dict[str, Any] = {
        "$schema": SCHEMA_ADDRESS,
        "manifestVersion": SCHEMA,
        "version": version,
        "id": section.app_id,
        "localizationInfo": {"defaultLanguageTag": texts.language},
        "developer": developer,
        "name": {"short": texts("teams.package.name"), "full": texts("teams.package.full")},
        "description": {
            "short": texts("teams.package.short"),
            # Teams shows plain text.
            "full": texts("teams.package.about", reads=reads, operator=operator).replace("`", ""),
        },
        "icons": {"color": COLOR, "outline": OUTLINE},
        "accentColor": BRAND,
        "bots": [
            {
                "botId": section.app_id,
                "scopes": SCOPES,
                "isNotificationOnly": False,
                "supportsFiles": False,
                "supportsCalling": False,
                "supportsVideo": False,
                "commandLists": [{"scopes": SCOPES, "commands": _commands(texts)}],
            }
        ],
        "defaultInstallScope": "groupChat",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot"},
    }
    if section.public_address is not None:
        found["validDomains"] = [urlsplit(section.public_address).hostname]
    if read_all:
        # Teams wants an address here and does nothing with it for these permissions.
        found["webApplicationInfo"] = {"id": section.app_id, "resource": f"api://{section.app_id}"}
        permissions = [{"name": name, "type": "Application"} for name in READ_ALL]
        found["authorization"] = {"permissions": {"resourceSpecific": permissions}}
    return found


def package(manifest: dict[str, Any]) -> bytes:
    """The zip with a manifest and the icons."""
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    files = {"manifest.json": text.encode(), **{name: (ICONS / name).read_bytes() for name in (COLOR, OUTLINE)}}
    out = io.BytesIO()
    # Not compressed: what compressing gives differs between machines, and there is little to win.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return out.getvalue()


def _developer(section: TeamsSection, operator: str) -> dict[str, str]:
    given = {
        "name": section.organisation or (operator if len(operator) <= LONGEST_NAME else None),
        "websiteUrl": section.website_url,
        "privacyUrl": section.privacy_url,
        "termsOfUseUrl": section.terms_url,
    }
    faults = {
        "name": f"organisation: is missing: Teams takes {LONGEST_NAME} characters, and [coach] operator is longer",
        "websiteUrl": "website_url: is missing: Teams wants a page about who offers the app",
        "privacyUrl": "privacy_url: is missing: Teams wants a page that says what is kept",
        "termsOfUseUrl": "terms_url: is missing: Teams wants a page with the terms of use",
    }
    found = [f"[teams] {faults[key]}" for key, value in given.items() if value is None]
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", section.app_id):
        found.insert(0, '[teams] app_id: is no id of Entra, such as "00000000-0000-0000-0000-000000000000"')
    if found:
        raise SettingsError(found)
    return {key: value for key, value in given.items() if value is not None}


def _commands(texts: Catalogue) -> list[dict[str, str]]:
    return [
        {"title": f"!{shown(name, texts)}", "description": texts(f"teams.package.commands.{name}")} for name in COMMANDS
    ]
