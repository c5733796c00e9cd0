"""What a throw-away Synapse is configured with. Rule: loopback only, no federation, rate limits only if asked for.

Synapse reads YAML, and JSON is YAML: so no YAML library is needed to write it.
"""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path
from typing import Any

SERVER_NAME = "localhost"

_FREE = {"per_second": 100_000, "burst_count": 100_000}

# Every limit of Synapse that a client on this server can run into, lifted.
NO_LIMITS: dict[str, Any] = {
    "rc_message": _FREE,
    "rc_registration": _FREE,
    "rc_registration_token_validity": _FREE,
    "rc_login": {"address": _FREE, "account": _FREE, "failed_attempts": _FREE},
    "rc_admin_redaction": _FREE,
    "rc_joins": {"local": _FREE, "remote": _FREE},
    "rc_joins_per_room": _FREE,
    "rc_key_requests": _FREE,
    "rc_invites": {"per_room": _FREE, "per_user": _FREE, "per_issuer": _FREE},
    "rc_third_party_invite": _FREE,
    "rc_media_create": _FREE,
    "rc_presence": {"per_user": _FREE},
    "rc_delayed_event_mgmt": _FREE,
    "rc_room_creation": _FREE,
    "rc_reports": _FREE,
    "rc_user_directory": _FREE,
    "rc_profile": _FREE,
}


def new_configuration(folder: Path, port: int, *, limits: bool) -> dict[str, Any]:
    """The configuration of a new server in a folder; with `limits` it keeps Synapse's own rate limits."""
    return {
        "server_name": SERVER_NAME,
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "listeners": [
            {
                "port": port,
                "bind_addresses": ["127.0.0.1"],
                "type": "http",
                "tls": False,
                "resources": [{"names": ["client"]}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "log_config": str(folder / "log.json"),
        "signing_key_path": str(folder / "signing.key"),
        "media_store_path": str(folder / "media"),
        "pid_file": str(folder / "synapse.pid"),
        "registration_shared_secret": secrets.token_hex(16),
        "macaroon_secret_key": secrets.token_hex(16),
        "form_secret": secrets.token_hex(16),
        "enable_registration": False,
        "report_stats": False,
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "federation_domain_whitelist": [],
        "presence": {"enabled": False},
        "url_preview_enabled": False,
        "bcrypt_rounds": 4,
        **({} if limits else NO_LIMITS),
    }


def write_new(folder: Path, port: int, *, limits: bool) -> dict[str, Any]:
    """Write the files that a new server needs, for the owner alone; the configuration as written."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    (folder / "signing.key").write_text(f"ed25519 a_test {key}\n", "utf-8")
    log = {
        "version": 1,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "WARNING", "handlers": ["err"]},
        "disable_existing_loggers": False,
    }
    (folder / "log.json").write_text(json.dumps(log), "utf-8")
    configuration = new_configuration(folder, port, limits=limits)
    write(folder, configuration)
    return configuration


def write(folder: Path, configuration: dict[str, Any]) -> None:
    """Write the configuration; it counts from the server's next start."""
    (folder / "homeserver.yaml").write_text(json.dumps(configuration, indent=1), "utf-8")


def read(folder: Path) -> dict[str, Any] | None:
    """The configuration of the server that lives in a folder, None when none does."""
    file = folder / "homeserver.yaml"
    if not file.exists():
        return None
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found
