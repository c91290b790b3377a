"""The Celery app: broker, queues, schedule; services are built per process at its first message.

Settings and their evidence: docs/architecture.md, "What the queue is for". Rows bring work back, so messages are acked
early, nothing is prefetched, and there is no result backend.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from typing import Any

import redis
from celery import Celery
from celery.signals import beat_init, celeryd_after_setup, setup_logging, worker_init
from kombu import Exchange, Queue
from kombu.transport.redis import Channel

from aida_orchestrator import logs, services, tally, tracing
from aida_orchestrator.errors import SettingsError
from aida_orchestrator.pipeline import chain
from aida_orchestrator.settings import load_settings

try:
    settings = load_settings()
    address = settings.require_broker()
except SettingsError as error:
    sys.exit(f"aida: {error}")
on_redis = address.startswith("redis")
app = Celery("aida", broker=address)
app.set_default()  # "current" holds for one thread only; the web server publishes from many
app.conf.update(
    task_ignore_result=True,
    accept_content=["json"],
    worker_pool="threads",
    worker_concurrency=8,
    worker_disable_prefetch=on_redis,  # RabbitMQ counts what is unacked: acked late, a worker has no more than it runs
    worker_prefetch_multiplier=1,
    task_acks_late=not on_redis,
    task_create_missing_queues=False,
    # Named exchange and key: without them every queue would get those of the default queue.
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in chain.QUEUES],
    task_default_queue=chain.SWEEP_QUEUE,
    task_default_exchange=chain.SWEEP_QUEUE,
    task_default_routing_key=chain.SWEEP_QUEUE,
    worker_send_task_events=True,
    task_send_sent_event=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_connection_timeout=2,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_max": 0.5},
    broker_heartbeat=20,  # RabbitMQ only: a worker that is cut off is noticed by both sides
    # After a reconnect Celery would tell RabbitMQ how much to prefetch from whichever thread ends a message: threads read
    # from one connection side by side, each the other's answer, and the worker stands still.
    worker_enable_prefetch_count_reduction=on_redis,
    # RabbitMQ keeps an exclusive queue for a connection that it does not know to be dead yet; the worker that comes back
    # would be refused its own mailbox, and end.
    control_queue_exclusive=on_redis,
    control_queue_durable=not on_redis,
    broker_transport_options={
        "socket_timeout": 10, "socket_connect_timeout": 2, "socket_keepalive": True, "health_check_interval": 15,
        "visibility_timeout": 600, "unacked_restore_interval": 1, "unacked_restore_throttle": 5,
    } if on_redis else {"write_timeout": 10},
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    beat_schedule={"sweep": {
        "task": chain.SWEEP, "schedule": settings.sweep_seconds,
        # Long enough for a beat whose clock is behind the workers', or all of its messages would come expired.
        "options": {"queue": chain.SWEEP_QUEUE, "expires": max(60.0, 5 * settings.sweep_seconds)},
    }},
    beat_schedule_filename=str(settings.aida_home / "celerybeat-schedule"),
    beat_max_loop_interval=max(1, int(settings.sweep_seconds)),
)
with suppress(OSError):  # a read-only folder: whoever keeps something there says so, the others need it not
    os.makedirs(settings.aida_home, exist_ok=True)
chain.connect(lambda: services.build(settings))


@worker_init.connect
def _prepare(**_: Any) -> None:
    """Wrong settings end a worker at its start and with one line, not at its first message with a traceback."""
    try:
        services.build(settings)
        tracing.configure(settings.otel_exporter_otlp_endpoint, "worker", settings.orchestrator_env)
    except SettingsError as error:
        sys.exit(f"aida: {error}")
    services.load_libraries()  # before a pool forks, so that its processes share them


@celeryd_after_setup.connect
def _count(**_: Any) -> None:
    """Later than `_prepare`, for what it has to say goes to the log, and earlier than any fork."""
    tally.tidy(settings.metrics_folder, tally.WORKER, fresh=True)
    tally.begin(settings.metrics_folder, tally.WORKER)
    if settings.worker_metrics_port is not None:
        tally.serve(settings.metrics_folder, settings.orchestrator_host, settings.worker_metrics_port)


@setup_logging.connect
def _log_as_json(**_: Any) -> None:
    logs.configure(settings.log_level, settings.log_file, settings.orchestrator_env)


@beat_init.connect
def _sweeps_are_no_news(**_: Any) -> None:
    app.conf.task_send_sent_event = False  # beat sends nothing but sweeps


def _share_arenas() -> None:
    """Let all threads take memory from two arenas. glibc would give each of dozens of threads its own, which keeps what
    that thread once needed; behind Python's one lock they gain nothing (mallopt(3), M_ARENA_MAX: -8)."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(-8, 2)


def _guard_closed_connections() -> None:
    """Let a worker survive the loss of Redis while it holds an unacked message.

    kombu 5.7 reads `self.connection.client.hostname` of a connection it has just closed and dies of an AttributeError;
    a ConnectionError is treated as what it is. tests/acceptance/test_faults.py kills Redis under a running message, so
    this can go when upstream is mended.
    """
    original = Channel._connparams

    def guarded(self: Channel, *args: Any, **kwargs: Any) -> Any:
        if self.connection is None or self.connection.client is None:
            raise redis.exceptions.ConnectionError("the connection was closed")
        return original(self, *args, **kwargs)

    Channel._connparams = guarded


def _keep_clients() -> None:
    """Let a channel keep the client it publishes with: kombu 5.7 makes one for each command, and half of the time of a
    publish goes into that. A client has no state of its own; that of its pool stays with the pool."""
    original = Channel._create_client

    def kept(self: Channel, asynchronous: bool = False) -> Any:
        if asynchronous:
            return original(self, asynchronous=True)
        former: tuple[Any, Any] | None = self.__dict__.get("_kept_client")
        if former is None or former[0] is not self.pool:
            former = self.__dict__["_kept_client"] = (self.pool, original(self))
        return former[1]

    Channel._create_client = kept


_share_arenas()
_guard_closed_connections()
_keep_clients()
