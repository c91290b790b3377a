"""What /ready and /metrics ask of the broker, Redis, Valkey or RabbitMQ: whether it answers, how long its queues are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis
from amqp.exceptions import AMQPError, NotFound
from kombu import Connection

from ..errors import AidaError

_SECONDS = 2


class BrokerAway(AidaError):
    """The broker does not answer, or does not let us in."""


class Broker:
    """One address, asked anew each time: whoever asks wants to know of this moment."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._is_redis = address.startswith("redis")

    def __repr__(self) -> str:
        return "Broker(...)"

    def ping(self) -> None:
        """Return when it answers; raises BrokerAway."""
        with _spoken():
            if self._is_redis:
                with self._redis() as client:
                    client.ping()
            else:
                with self._rabbit():
                    pass

    def lengths(self, queues: Sequence[str]) -> dict[str, int]:
        """How many messages of each queue no worker has taken yet; raises BrokerAway."""
        with _spoken():
            if self._is_redis:
                with self._redis() as client:
                    asked = client.pipeline(transaction=False)
                    for queue in queues:
                        asked.llen(queue)
                    return dict(zip(queues, asked.execute(), strict=True))
            with self._rabbit() as connection:
                return {queue: _length(connection, queue) for queue in queues}

    def _redis(self) -> redis.Redis:
        return redis.Redis.from_url(self._address, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)

    @contextmanager
    def _rabbit(self) -> Iterator[Any]:
        link = Connection(self._address, connect_timeout=_SECONDS,
                          transport_options={"read_timeout": _SECONDS, "write_timeout": _SECONDS})
        # Below kombu's own door, which would try a second time after two seconds.
        connection = link.transport.establish_connection()
        try:
            yield connection
        finally:
            link.transport.close_connection(connection)


def _length(connection: Any, queue: str) -> int:
    """Of a queue that nobody has declared yet it is 0; asking for one closes the channel."""
    try:
        with connection.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).message_count)
    except NotFound:
        return 0


@contextmanager
def _spoken() -> Iterator[None]:
    """Errors in words, without the address and its password."""
    try:
        yield
    except (redis.exceptions.RedisError, AMQPError, OSError) as error:
        raise BrokerAway(f"the queue does not answer ({type(error).__name__})") from None
