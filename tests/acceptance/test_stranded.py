"""A film that is stuck on purpose is named by /ready and /metrics, and goes on to its end without buying anything twice."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from ..harness import Sandbox, Service
from .test_faults import begin, ends_well, in_first_clip


@pytest.fixture
def breakable(shared: Service) -> Iterator[Service]:
    """The common service, whose processes are brought back afterwards."""
    yield shared
    shared.revive()


def ready(service: Service) -> dict[str, Any]:
    """What /ready says; it is never unavailable here."""
    status, _, body = service.get("/ready")
    assert status == 200, body
    return dict(json.loads(body))


def stranded_films(service: Service) -> dict[str, float]:
    """The reasons that /metrics counts films under."""
    text = service.get("/metrics")[2].decode()
    return {sample.labels["reason"]: sample.value for family in text_string_to_metric_families(text)
            for sample in family.samples if sample.name == "aida_stranded_films" and sample.value}


def edit(service: Service, text: str, task: str) -> None:
    """Rows of a film changed by hand."""
    connection = psycopg2.connect(service.dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(text, {"task": task})
            assert cursor.rowcount
    finally:
        connection.close()


def named(service: Service, task: str, stage: str, seconds: float) -> dict[str, Any]:
    """How /ready names the film at this stage, as soon as it does."""
    until = time.monotonic() + seconds
    while True:
        body = ready(service)
        for film in body["films"]["stranded"]:
            if (film["taskId"], film["stage"]) == (task, stage):
                assert body["status"] == "degraded"
                return dict(film)
        assert time.monotonic() < until, f"{task} was not named in {seconds:g} s: {body}\n{service.tail()}"
        time.sleep(0.2)


def deafen(service: Service, queue: str) -> None:
    """Let the worker take nothing from a queue; one that is just being started does not hear it yet."""
    words = [sys.executable, "-m", "celery", "-A", "celery_app", "control", "cancel_consumer", queue]
    for _ in range(20):
        asked = subprocess.run(words, env=service.env, cwd=service.folder, check=False, capture_output=True, timeout=60)
        if asked.returncode == 0:
            return
    pytest.fail(f"no worker replied\n{service.tail()}")


@pytest.mark.slow
def test_a_film_whose_queue_has_no_worker_is_named_until_there_is_one(
    start_service: Callable[..., Service], sandbox: Sandbox,
) -> None:
    service = start_service(env={"STRANDED_SECONDS": "4", "RING_AGAIN_SECONDS": "1"})
    deafen(service, "visual")
    task = str(service.create("Voglio un video di 10 secondi sulle olive")["taskId"])
    film = named(service, task, "visual", 60)
    assert (film["reason"], film["waitingFor"]) == ("no_worker", "worker")
    assert "-Q visual" in film["whatToDo"]
    assert stranded_films(service) == {"no_worker": 1}
    assert service.status(task)["waitingFor"] == "worker"
    assert sandbox.sold("kie") == []
    service.kill_worker()
    service.start_worker()
    ends_well(service, sandbox, task)
    assert ready(service)["films"] == {"status": "ok", "count": 0, "stranded": []}
    assert stranded_films(service) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("change", "stage", "reason"), [
    ("UPDATE stage_runs SET state = CASE stage WHEN 'visual' THEN 'parked' ELSE 'waiting' END "
     "WHERE task_id = %(task)s AND stage IN ('visual', 'video')", "visual", "missed_wakeup"),
    ("UPDATE stage_runs SET state = 'waiting' WHERE task_id = %(task)s AND stage = 'video'", "video", "no_stage"),
    ("DELETE FROM stage_runs WHERE task_id = %(task)s AND stage = 'video'", "video", "no_stage"),
], ids=["a wake-up that was missed", "a stage that only waits", "a stage that is gone"])
def test_a_film_whose_rows_were_broken_is_named_and_brought_to_its_end(
    change: str, stage: str, reason: str, breakable: Service, sandbox: Sandbox,
) -> None:
    sandbox.latency(fal=3)
    task = begin(breakable, in_first_clip)
    breakable.kill_beat()
    edit(breakable, change, task)
    film = named(breakable, task, stage, 10)
    assert (film["reason"], film["waitingFor"]) == (reason, "sweep")
    assert stranded_films(breakable) == {reason: 1}
    breakable.start_beat()
    ends_well(breakable, sandbox, task)
    assert ready(breakable)["films"]["count"] == 0
