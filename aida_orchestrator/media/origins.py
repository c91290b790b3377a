"""Which addresses may be fetched: each provider's own hosts over https, and origins that the operator listed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from ..errors import SettingsError

# Where results lie, subdomains included. Shared storage (storage.googleapis.com) is anybody's, so it is never here.
PROVIDER_HOSTS: dict[str, tuple[str, ...]] = {
    "fal": ("fal.media",),  # v3.fal.media, v3b.fal.media
    "kie": ("aiquickdraw.com", "redpandaai.co", "kie.ai"),  # tempfile.aiquickdraw.com, kieai.redpandaai.co
}
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+", re.ASCII)
# Parsers disagree about these; an address that has one is not worth guessing.
_CONFUSING = re.compile(r"[\x00-\x20\x7f\\]")


class Origin(NamedTuple):
    """Scheme, host and port, all spelled out and in lower case."""

    scheme: str
    host: str
    port: int


def origin_of(url: str) -> Origin | None:
    """The origin of an http(s) address; None if it is malformed, ambiguous or carries credentials."""
    if _CONFUSING.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    return Origin(parts.scheme, host, _PORTS[parts.scheme] if port is None else port)


def is_own_host(origin: Origin | None, hosts: Iterable[str]) -> bool:
    """https on its usual port, at one of `hosts` or a subdomain of it."""
    if origin is None or origin.scheme != "https" or origin.port != 443:
        return False
    return any(origin.host == host or origin.host.endswith(f".{host}") for host in hosts)


def trusted(origins: Iterable[str]) -> frozenset[Origin]:
    """Parse a list of scheme://host[:port]; raises SettingsError for an entry that is more or less than that."""
    found = set()
    for text in origins:
        origin = origin_of(text)
        if origin is None or urlsplit(text).path not in ("", "/") or "?" in text or "#" in text:
            raise SettingsError(
                "MEDIA_TRUSTED_ORIGINS: each entry must be scheme://host[:port], such as http://127.0.0.1:9100"
            )
        found.add(origin)
    return frozenset(found)


def shown(url: str) -> str:
    """The address as it may be logged and told: without credentials, query and fragment."""
    try:
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return "a malformed address"
    return "".join(sign if sign.isprintable() else "?" for sign in place)[:200]
