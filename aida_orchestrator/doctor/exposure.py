"""Doors: what of this set-up would let strangers in, or tell them something."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from ..providers.http import is_loopback
from .environment import Environment
from .findings import Finding, ok, unknown, warning, wrong

_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 (compared, not bound)
_KNOWN = {"password", "changeme", "secret", "admin", "aida", "flower", "long-random-word", "test"}


def check(environment: Environment) -> Iterator[Finding]:
    """The API, the dashboard, the database's line, the log, the files with secrets."""
    settings = environment.settings
    host = settings.orchestrator_host
    if host in _EVERYWHERE:
        yield warning("exposure.api", f"the API listens on every address of this machine "
                      f"({host}:{settings.orchestrator_port}), and it asks nobody for a key",
                      "let a firewall or a proxy stand before it, or set ORCHESTRATOR_HOST to one inner address")
    elif host not in ("127.0.0.1", "::1", "localhost"):
        yield warning("exposure.api", f"the API listens on {host} and asks nobody for a key",
                      "let only your backend reach it")
    else:
        yield ok("exposure.api", f"the API listens on {host}")
    yield from _flower(environment)
    yield from _database(settings.database_url.get_secret_value() if settings.database_url else "")
    if settings.log_level.lower() == "debug" and settings.orchestrator_env == "production":
        yield warning("exposure.debug", "LOG_LEVEL=debug in production: the log grows quickly", "set it back to info")
    if os.environ.get("FLASK_DEBUG", "0") not in ("", "0") or os.environ.get("WERKZEUG_DEBUG_PIN"):
        yield wrong("exposure.debug", "Flask's debugger is on: whoever sees an error page can run programs here",
                    "take FLASK_DEBUG out of the environment")
    if os.geteuid() == 0:
        yield unknown("exposure.user", "asked as root, who may write everywhere: it is not told what the service's user may",
                      "ask again as that user, unless the service itself runs as root")
    file = Path(".env")
    if file.is_file() and file.stat().st_mode & 0o077:
        yield warning("exposure.env", ".env can be read by other users of this machine", "chmod 600 .env")


def _flower(environment: Environment) -> Iterator[Finding]:
    login = environment.other("FLOWER_BASIC_AUTH")
    address = environment.other("FLOWER_ADDRESS") or "127.0.0.1"
    if not login:
        yield warning("exposure.flower", "FLOWER_BASIC_AUTH is not set: Flower does not start by the Procfile",
                      "set it to user:password; `aida up` makes one by itself")
    elif any(len(one.partition(":")[2]) < 8 or one.partition(":")[2] in _KNOWN for one in login.split(",")):
        yield wrong("exposure.flower", "Flower's password is short or a known one",
                    "set FLOWER_BASIC_AUTH to user:<at least 8 random characters>")
    else:
        yield ok("exposure.flower", f"Flower has a login, on {address}")
    if address not in ("127.0.0.1", "::1", "localhost"):
        yield warning("exposure.flower", f"Flower listens on {address}: its login travels in the clear",
                      "leave FLOWER_ADDRESS out, and put a proxy with a certificate before it")


def _database(address: str) -> Iterator[Finding]:
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return
    if host and not is_loopback(address) and not parts.password and "sslcert" not in parse_qs(parts.query):
        yield warning("exposure.database", f"DATABASE_URL has no password, and {host} is another machine",
                      "unless a .pgpass or certificate is used, give the role a password")
