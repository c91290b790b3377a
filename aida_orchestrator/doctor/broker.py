"""The broker: does it answer, does it keep what it is given, may anybody come in?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import redis
from amqp.exceptions import AMQPError
from kombu import Connection

from ..errors import SettingsError
from ..providers.http import is_loopback
from ..settings import Settings
from .clock import Reading
from .findings import Finding, ok, unknown, warning, wrong

_SECONDS = 3


def check(settings: Settings, readings: list[Reading]) -> Iterator[Finding]:
    """Whether it answers and how it is set; `readings` gets the clock of a Redis."""
    try:
        address = settings.require_broker()
    except SettingsError as error:
        yield wrong("broker", str(error), "set REDIS_URL, or BROKER_URL for another broker")
        return
    try:
        yield from _redis(address, readings) if address.startswith("redis") else _rabbit(address)
    except redis.exceptions.AuthenticationError:
        yield wrong("broker", "the broker does not take our password", "mend user and password in REDIS_URL or BROKER_URL")
    except (redis.exceptions.RedisError, AMQPError, OSError, ValueError) as error:
        yield wrong("broker", f"the broker does not answer ({type(error).__name__}): new films wait, nothing is rung",
                    "start it, or mend REDIS_URL or BROKER_URL; what was in it need not be brought back")


def _redis(address: str, readings: list[Reading]) -> Iterator[Finding]:
    # Explicit, for the library's own default tries again for some seconds.
    with redis.Redis.from_url(address, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, retry=None) as client:
        told: dict[str, Any] = client.info("server")
        seconds, micros = client.time()
        readings.append(Reading("the broker", datetime.fromtimestamp(seconds + micros / 1e6, UTC), datetime.now(UTC), 0.0))
        name = "Valkey" if "valkey_version" in told else "Redis"
        version = str(told.get("valkey_version") or told.get("redis_version"))
        if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < (6, 2):
            yield wrong("broker.version", f"{name} {version} is older than 6.2", "move to a newer one")
        yield ok("broker", f"{name} {version} answers")
        yield from _kept(client)
    parts = urlsplit(address)
    if not parts.password and not is_loopback(address):
        yield wrong("broker.password", f"the broker at {parts.hostname} takes anybody: whoever reaches it can have our "
                    "workers run messages of theirs", "give it `requirepass` or an ACL user, and REDIS_URL the password")


def _kept(client: redis.Redis) -> Iterator[Finding]:
    try:
        policy = str(client.config_get("maxmemory-policy").get("maxmemory-policy", ""))
        append = str(client.config_get("appendonly").get("appendonly", ""))
    except redis.exceptions.RedisError:
        yield unknown("broker.keeps", "it does not say how it keeps its queues",
                      "have `maxmemory-policy noeviction` and `appendonly yes` set")
        return
    if policy and policy != "noeviction":
        yield warning("broker.keeps", f"maxmemory-policy is {policy}: a full Redis throws queues away",
                      "set `maxmemory-policy noeviction`")
    if append == "no":
        yield warning("broker.keeps", "appendonly is off: a restart empties the queues, films then stand for some seconds",
                      "set `appendonly yes`")


def _rabbit(address: str) -> Iterator[Finding]:
    limits = {"read_timeout": _SECONDS, "write_timeout": _SECONDS}
    link = Connection(address, connect_timeout=_SECONDS, transport_options=limits)
    connection = link.transport.establish_connection()
    try:
        told = connection.server_properties
        yield ok("broker", f"{told.get('product', 'RabbitMQ')} {told.get('version', '')} answers".replace("  ", " "))
    finally:
        link.transport.close_connection(connection)
