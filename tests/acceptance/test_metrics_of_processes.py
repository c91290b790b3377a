"""/metrics of two web processes and three workers: the same whoever answers, and what the database and the providers say."""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from prometheus_client.multiprocess import MultiProcessCollector

from aida_orchestrator.local.processes import free_port
from tests.scraping import Samples, samples

from ..harness import ROOT, TERMINAL, Sandbox, Service, ServiceWishes, fetch

pytestmark = pytest.mark.slow

# Sums that do not depend on the moment at which they are asked for, once all films have ended.
TOTALS = """
SELECT 'aida_dollars_total', component, sum(dollars) FROM charges GROUP BY component
UNION ALL SELECT 'aida_provider_charges_total', component, sum(api_calls) FROM charges GROUP BY component
UNION ALL SELECT 'aida_films', status, count(*) FROM tasks GROUP BY status
UNION ALL SELECT 'jobs', provider, count(*) FROM jobs GROUP BY provider
UNION ALL SELECT 'tokens', component, sum(tokens) FROM charges WHERE tokens > 0 GROUP BY component
UNION ALL SELECT 'cost', kind, sum((SELECT coalesce(sum(dollars), 0) FROM charges WHERE task_id = tasks.id))
          FROM tasks WHERE status IN ('completed', 'partial') GROUP BY kind
UNION ALL SELECT 'degraded', item ->> 'stage', count(*) FROM tasks, jsonb_array_elements(degraded) item GROUP BY 2
UNION ALL SELECT 'again', provider, sum(cardinality(posts) - 1) FROM jobs WHERE posts <> '{}' GROUP BY provider
"""

# The sandbox's word for what it is asked, and ours.
OPERATIONS = {("kie", "submit"): "submit", ("kie", "poll"): "poll", ("fal", "submit"): "submit", ("fal", "poll"): "poll",
              ("anthropic", "messages"): "ask", ("openai", "embeddings"): "embed"}


class Caller:
    """Asks the service, and keeps count of it."""

    def __init__(self, service: Service) -> None:
        self._url = service.url
        self.sent: Counter[tuple[str, ...]] = Counter()

    def ask(self, method: str, route: str, path: str | None = None, body: Any = None) -> tuple[int, bytes]:
        """One request, on a connection of its own; `path` where it is not the template itself."""
        status, _, raw = fetch(method, self._url + (path or route), body)
        self.sent[method, route, str(status)] += 1
        return status, raw


@pytest.fixture
def own_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Asked by this test's service alone: its books are held against what that counts."""
    running = Sandbox(tmp_path_factory.mktemp("own-sandbox"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def service(tmp_path: Path, dsn: str, redis_url: str, own_sandbox: Sandbox) -> Iterator[Service]:
    running = Service(tmp_path, dsn, redis_url, own_sandbox, ServiceWishes(
        {"WORKER_METRICS_PORT": str(free_port())}, slots=3, web_processes=2))
    running.start()
    running.start_worker("worker2")
    running.start_worker("worker3")
    yield running
    running.stop()


def scrape(service: Service, url: str | None = None) -> Samples:
    """(name, label values in the order of their names) → value; `url` of another door than the API's."""
    text = fetch("GET", f"{url or service.url}/metrics")[2].decode()
    return samples(text)


def rows(service: Service) -> dict[tuple[str, str], float]:
    """What the database says."""
    connection = psycopg2.connect(service.dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute(TOTALS)
            return {(what, of): float(value) for what, of, value in cursor.fetchall()}
    finally:
        connection.close()


def until(reached: Callable[[], Any], seconds: float, what: Callable[[], object]) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, what()
        time.sleep(0.2)


def films(caller: Caller, sandbox: Sandbox) -> None:
    """Four films at once with faults of every provider, and requests that are refused."""
    sandbox.fault({"provider": "kie", "operation": "submit", "fault": "status", "status": 429, "times": 2})
    sandbox.fault({"provider": "fal", "operation": "submit", "fault": "fail_job", "times": 1})
    sandbox.fault({"provider": "anthropic", "operation": "messages", "fault": "status", "status": 529, "times": 2})
    sandbox.fault({"provider": "anthropic", "operation": "messages", "match": r'"logline": \{"type"', "fault": "refusal",
                   "times": 1})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: film(caller, number), range(4)))
    for _ in range(5):
        assert caller.ask("POST", "/api/orchestrator/create-video", body={"userId": "u1"})[0] == 422
        assert caller.ask("GET", "(no route)", "/nothing/here")[0] == 404
        assert caller.ask("GET", "/ready")[0] == 200


def film(caller: Caller, number: int) -> None:
    message = f"Voglio un video di 10 secondi sul pane numero {number}"
    _, raw = caller.ask("POST", "/api/orchestrator/create-video", body={"userId": f"u{number}", "message": message})
    task = re.search(rb'"taskId":\s*"(\w+)"', raw)
    assert task
    address = f"/api/orchestrator/status/{task[1].decode()}"
    deadline = time.monotonic() + 240
    while not any(f'"status":"{word}"'.encode() in raw.replace(b" ", b"") for word in TERMINAL):
        assert time.monotonic() < deadline, raw
        time.sleep(0.3)
        _, raw = caller.ask("GET", "/api/orchestrator/status/<task_id>", address)


def requests(told: Samples, sent: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    """What is told of the routes that were asked; providers call back, and the harness asks whether it lives."""
    routes = {route for _, route, _ in sent}
    return Counter({key[1:]: int(value) for key, value in told.items()
                    if key[0] == "aida_http_requests_total" and key[2] in routes})


def calls(told: Samples) -> Counter[tuple[str, str]]:
    """(provider, operation) → tries, whatever came of them, of all processes."""
    found: Counter[tuple[str, str]] = Counter()
    for key, value in told.items():
        if key[0] == "aida_provider_calls_total":
            found[key[3], key[1]] += int(value)
    return found


def agrees_with_rows(service: Service, told: Samples) -> None:
    said = rows(service)
    for what in ("aida_dollars_total", "aida_provider_charges_total", "aida_films"):
        for (name, of), value in said.items():
            if name == what:
                assert told[name, of] == pytest.approx(value, abs=1e-6), (name, of)
    for (name, of), value in said.items():
        if name == "jobs":
            assert sum(told_value for key, told_value in told.items()
                       if key[0] == "aida_jobs_last_day" and key[3] == of) == value
        elif name == "tokens":
            assert sum(told_value for key, told_value in told.items()
                       if key[:2] == ("aida_tokens_total", of)) == value
        elif name == "cost":
            assert told["aida_film_last_day_dollars_sum", of] == pytest.approx(value, abs=1e-6)
            made = said.get(("aida_films", "completed"), 0) + said.get(("aida_films", "partial"), 0)
            assert told["aida_film_last_day_dollars_count", of] == made
        elif name == "degraded":
            assert told["aida_degraded_last_day", of] == value
        elif name == "again":
            assert told["aida_jobs_again_last_day", "picture" if of == "kie" else "clip", of, "sent"] == value


def test_every_process_tells_the_same_sums_as_the_database_and_the_callers(
    service: Service, own_sandbox: Sandbox,
) -> None:
    until(lambda: scrape(service)["aida_workers", "video"] == 3, 60, service.tail)
    caller = Caller(service)
    films(caller, own_sandbox)
    until(lambda: nothing_changes(service), 60, service.tail)

    folder = service.folder / "home/metrics"
    counted = [sum(sample.value for family in MultiProcessCollector.merge([str(file)]) for sample in family.samples
                   if sample.name == "aida_http_requests_total") for file in folder.glob("counter_web-*.db")]
    assert len(counted) == 2
    assert min(counted) > 0  # both have answered

    with ThreadPoolExecutor(4) as pool:
        scrapes = list(pool.map(lambda _: scrape(service), range(12)))
    for told in scrapes:
        assert requests(told, caller.sent) == caller.sent
        agrees_with_rows(service, told)
        assert {told["aida_workers", queue] for queue in ("context", "visual", "video", "sweep")} == {3}
        assert told["aida_worker_slots", "video"] == 9
    told = scrapes[-1]
    for (provider, asked), operation in OPERATIONS.items():
        assert calls(told)[provider, operation] == len(own_sandbox.requests(provider, asked)), (provider, operation)
    assert told["aida_provider_calls_total", "submit", "worker", "kie", "too_many_requests"] == 2
    assert told["aida_provider_calls_total", "ask", "worker", "anthropic", "provider_unavailable"] == 2
    assert told["aida_stage_last_day_seconds_count", "parked", "video"] == 4
    assert {name for name in documented() if name not in {key[0] for key in families(service)}} == set()

    # The door that a worker opens for a machine without a web server.
    assert calls(scrape(service, f"http://127.0.0.1:{service.env['WORKER_METRICS_PORT']}")) == calls(told)

    killed_and_replaced(service, caller, told)


def killed_and_replaced(service: Service, caller: Caller, before: Samples) -> None:
    """A web process falls and another takes its place; a worker goes and another comes: no sum jumps or falls."""
    first = service.web_processes()
    os.kill(first[0], signal.SIGKILL)
    until(lambda: len(service.web_processes()) == 2 and first[0] not in service.web_processes(), 30, service.tail)
    for _ in range(20):
        caller.ask("GET", "/ready")
    for _ in range(6):
        told = scrape(service)
        assert requests(told, caller.sent) == caller.sent
        assert calls(told) == calls(before)
    service.end_worker("worker3")
    until(lambda: scrape(service)["aida_workers", "video"] == 2, 60, service.tail)
    service.kill_worker("worker2")
    service.start_worker("worker4")
    until(lambda: scrape(service)["aida_workers", "video"] == 2, 90, service.tail)  # the killed one is silent meanwhile
    for _ in range(4):
        told = scrape(service)
        assert requests(told, caller.sent) == caller.sent
        assert calls(told) == calls(before)
        agrees_with_rows(service, told)


def nothing_changes(service: Service) -> bool:
    """Whether films, memory and jobs are through: what is booked later would be told later."""
    before, told = rows(service), calls(scrape(service))
    time.sleep(2)
    return rows(service) == before and calls(scrape(service)) == told and not any(
        status in ("queued", "processing") for _, status in before)


def documented() -> set[str]:
    """The metrics of docs/metrics.md."""
    return set(re.findall(r"^\| `(aida_\w+)` \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE))


def families(service: Service) -> set[tuple[str]]:
    """The metrics that are told, also those without a value at this moment."""
    text = fetch("GET", f"{service.url}/metrics")[2].decode()
    return {(name,) for name in re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE)}


def test_without_a_folder_for_counts_the_rows_are_told_and_the_log_says_why(start_service: Callable[..., Service]) -> None:
    service = start_service(env={"PROMETHEUS_MULTIPROC_DIR": "/proc/nowhere"})
    assert service.get("/ready")[0] == 200
    told = scrape(service)
    assert told["aida_films", "queued"] == 0
    assert not [key for key in told if key[0].startswith(("aida_http", "aida_provider_call"))]
    why = "are not counted: the folder of counts cannot be written"
    for process in ("web", "worker"):
        log = service.folder / f"{process}.log"
        until(lambda log=log: why in log.read_text(), 60, service.tail)  # type: ignore[misc]
