"""GET /metrics in the text format of Prometheus: what rows and queues say at each scrape, and what processes counted.

Rows are the same whichever of several web processes is asked, and so is the folder in which each process of this machine
keeps its own counts (`tally`). A group of metrics is a function; what it reads from (the database, the broker) says how it
is called. What cannot be told because a server is away is left out, and `aida_database_up` or `aida_broker_up` says so.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from flask import Blueprint, Response, current_app
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from .. import tally
from ..jobs import STAGE_OF
from ..jobs.desk import PROVIDER_OF
from ..model import JobState, TaskStatus
from ..pipeline import stranded
from ..pipeline.chain import QUEUES
from ..services import Services
from ..store import runs, watch, workers
from ..store.db import StoreUnavailable, Tx
from . import day, held
from .broker import Broker, BrokerAway
from .families import OTHER, gauge

log = logging.getLogger(__name__)

blueprint = Blueprint("metrics", __name__)

_OPEN_STATES = tuple(state.value for state in JobState if state not in (JobState.SETTLED, JobState.CANCELLED))
_PAIRS = tuple((PROVIDER_OF[kind], kind.value) for kind in STAGE_OF)
_PROVIDERS = tuple(provider for provider, _ in _PAIRS)

_SILENT_SECONDS = 40.0  # a worker says every ten that it lives

DatabaseGroup = Callable[[Services, Tx], Iterable[Metric]]
BrokerGroup = Callable[[Broker], Iterable[Metric]]


@blueprint.get("/metrics")
def metrics() -> Response:
    """All metrics; 200 also when a server is away."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(RowsCollector(current_app.extensions["services"], current_app.extensions["broker"]))
    registry.register(CountsCollector(current_app.extensions["metrics_folder"]))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class RowsCollector(Collector):
    """Asks each group of each server; one that fails takes only its own server's gauges with it."""

    def __init__(self, services: Services, broker: Broker) -> None:
        self._services = services
        self._broker = broker

    def collect(self) -> Iterator[Metric]:
        """The gauges of this moment."""
        yield from _asked("database", "Whether the rows could be read.", self._read_rows)
        yield from _asked("broker", "Whether the queues could be read.", self._read_queues)

    def _read_rows(self) -> list[Metric]:
        day.settle(self._services)
        with self._services.db.transaction() as tx:
            return [metric for group in DATABASE_GROUPS for metric in group(self._services, tx)]

    def _read_queues(self) -> list[Metric]:
        return [metric for group in BROKER_GROUPS for metric in group(self._broker)]


class CountsCollector(Collector):
    """What the processes of this machine have counted; a folder that cannot be read takes nothing else with it."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """The sums over all processes."""
        try:
            return tally.families(self._folder) if self._folder is not None else []
        except OSError as error:
            log.warning("metrics lack what processes have counted", extra={"folder": str(self._folder),
                                                                           "why": error.strerror})
        except Exception:
            log.exception("metrics lack what processes have counted", extra={"folder": str(self._folder)})
        return []


def _asked(server: str, what: str, read: Callable[[], list[Metric]]) -> Iterator[Metric]:
    gauges: list[Metric] = []
    up = 0
    try:
        gauges = read()
        up = 1
    except (*StoreUnavailable, BrokerAway) as error:
        log.warning("metrics lack what a server holds", extra={"server": server, "why": type(error).__name__})
    except Exception:
        # A scrape is how trouble is seen: a database without our tables must not hide how long the queues are.
        log.exception("metrics could not be counted", extra={"server": server})
    yield GaugeMetricFamily(f"aida_{server}_up", what, value=up)
    yield from gauges


def _films(services: Services, tx: Tx) -> Iterable[Metric]:
    counted = watch.count_films(tx, services.clock())
    yield gauge("aida_films", "Unfinished films, and those that ended in the last 24 hours, by status.", ("status",),
                 (((status.value,), counted.get(status, 0)) for status in TaskStatus))


def _stranded(services: Services, tx: Tx) -> Iterable[Metric]:
    counted = Counter(film.reason for film in stranded.find(services, tx))
    yield gauge("aida_stranded_films", "Films that stand still, by reason; /ready names them.", ("reason",),
                 (((reason,), counted[reason]) for reason in stranded.REASONS))


def _jobs(services: Services, tx: Tx) -> Iterable[Metric]:
    now = services.clock()
    counted: Counter[tuple[str, ...]] = Counter()
    oldest = {(provider, state): 0.0 for provider in _PROVIDERS for state in _OPEN_STATES}
    for line in watch.count_jobs(tx):
        pair = (line.provider, line.kind) if (line.provider, line.kind) in _PAIRS else (OTHER, OTHER)
        state = line.state if line.state in _OPEN_STATES else OTHER
        counted[(*pair, state)] += line.count
        age = (now - line.since).total_seconds() if line.since else 0.0
        oldest[pair[0], state] = max(oldest.get((pair[0], state), 0.0), age)
    known = [(*pair, state) for pair in _PAIRS for state in _OPEN_STATES]
    yield gauge("aida_jobs_open", "Paid requests that are not settled, by state.", ("provider", "kind", "state"),
                 ((key, counted[key]) for key in (*known, *(key for key in counted if key not in known))))
    yield gauge("aida_jobs_oldest_seconds", "How long the oldest of them has been in its state; while it is queued or "
                 "admitted, since it was due.", ("provider", "state"), oldest.items())


def _doubts(services: Services, tx: Tx) -> Iterable[Metric]:
    counted = watch.count_doubts(tx)
    yield gauge("aida_jobs_unknown", "Paid requests of which nobody knows whether they were bought: still waited for, or "
                 "held for a person.", ("provider",), (((provider,), counted.get(provider, 0)) for provider in _PROVIDERS))


def _sweep(services: Services, tx: Tx) -> Iterable[Metric]:
    last = runs.last_heartbeat(tx, "sweep")
    if last is not None:
        yield gauge("aida_sweep_age_seconds", "Since the last sweep; if it grows, films stop.", (),
                     [((), max(0.0, (services.clock() - last).total_seconds()))])


def _workers(services: Services, tx: Tx) -> Iterable[Metric]:
    serving = workers.count_workers(tx, services.clock(), _SILENT_SECONDS)
    nobody = workers.Serving(0, 0)
    yield gauge("aida_workers", f"Workers that serve this queue and were heard of in the last {_SILENT_SECONDS:g} seconds.",
                ("queue",), (((queue,), serving.get(queue, nobody).workers) for queue in QUEUES))
    yield gauge("aida_worker_slots", "Messages of this queue that they can work on at once, beside those of other queues.",
                ("queue",), (((queue,), serving.get(queue, nobody).slots) for queue in QUEUES))


def _queues(broker: Broker) -> Iterable[Metric]:
    yield gauge("aida_queue_length", "Messages that no worker has taken yet.", ("queue",),
                 (((queue,), length) for queue, length in broker.lengths(QUEUES).items()))


DATABASE_GROUPS: tuple[DatabaseGroup, ...] = (
    _films, _stranded, _jobs, _doubts, _sweep, _workers, held.stops, held.films, held.reserved, held.ceilings, day.money,
    day.films, day.stages, day.troubles, day.jobs, day.cache)
BROKER_GROUPS: tuple[BrokerGroup, ...] = (_queues,)
