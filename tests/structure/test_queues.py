"""Every message has a queue, and every queue has somebody who serves it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.jobs import Woken
from aida_orchestrator.model import JobKind, Stage, TaskStatus, UserFile
from aida_orchestrator.pipeline import chain
from aida_orchestrator.store import files, tasks
from aida_orchestrator.store.db import Database
from aida_orchestrator.store.jobs import JobRef
from tests.builders import NOON, TENANT, Broker, Clock, add_film, broker_in_memory, make_services

ROOT = Path(__file__).parents[2]
SHOW = """
import json, celery_app
app = celery_app.app
print(json.dumps({
    "queues": {q.name: [q.exchange.name, q.routing_key] for q in app.conf.task_queues},
    "messages": sorted(n for n in app.tasks if n.startswith("film.")),
    "beat": [[entry["task"], entry["options"]["queue"]] for entry in app.conf.beat_schedule.values()],
    "loose": app.conf.task_create_missing_queues,
}))
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What celery_app.py sets up, seen from a process of its own."""
    folder = tmp_path_factory.mktemp("celery")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "REDIS_URL": "redis://127.0.0.1:1/0", "AIDA_HOME": str(folder)}
    done = subprocess.run([sys.executable, "-c", SHOW], env=env, cwd=folder, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


@pytest.fixture
def broker() -> Iterator[Broker]:
    with broker_in_memory() as made:
        yield made


def test_each_queue_is_declared_with_an_exchange_of_its_own(shown: dict[str, Any]) -> None:
    assert shown["queues"] == {name: [name, name] for name in chain.QUEUES}
    assert shown["loose"] is False


def test_the_worker_of_the_procfile_serves_every_queue() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    words = shlex.split(lines["worker"])
    served = set(words[words.index("-Q") + 1].split(",")) if "-Q" in words else set(chain.QUEUES)
    assert "celery_app" in words
    assert served == set(chain.QUEUES)
    assert set(lines) == {"web", "worker", "beat", "flower"}


def test_the_dashboard_of_the_procfile_needs_a_login_and_stays_on_this_machine() -> None:
    flower = re.search(r"^flower: (.*)$", (ROOT / "Procfile").read_text(), re.MULTILINE)
    assert flower
    assert "FLOWER_BASIC_AUTH:?" in flower[1]
    assert "--address=127.0.0.1" in flower[1]


def test_every_message_is_sent_to_a_queue_that_is_declared(
    shown: dict[str, Any], broker: Broker, own_database: Database, dsn: str, tmp_path: Path,
) -> None:
    finished = add_film(own_database)
    with own_database.transaction() as tx:
        tasks.end_task(tx, finished.id, TaskStatus.COMPLETED, NOON)
    clock = Clock()
    clock.advance(60)
    chain.connect(lambda: make_services(dsn, tmp_path, clock))
    with own_database.transaction() as tx:
        picture = UserFile("file_1", TENANT, "u1", None, None, "a.png", "", "image/png", 1, "sha", "key", {}, 1, True, NOON)
        files.add_file(tx, picture, ["a picture"], NOON)
    refs = [JobRef("job_1", kind, "task_1", "proj_1", 1) for kind in JobKind]
    for stage in Stage:
        chain.send("task_1", stage)  # a chain publishes its first link; Celery sends the others
    chain.send_woken(Woken(submits=list(refs), fetches=list(refs)))
    chain.sweep_rows()
    sent = {name: queue for name, _, queue in broker.sent}
    sent.update(dict(shown["beat"]))
    assert set(sent) == set(shown["messages"])
    assert set(sent.values()) == set(chain.QUEUES)
    for stage in Stage:
        assert sent[f"film.{stage}"] == stage


def test_a_message_carries_ids_and_nothing_else(broker: Broker) -> None:
    chain.send("task_1")
    chain.send_woken(Woken(submits=[JobRef(f"job_{shot}", JobKind.PICTURE, "task_1", "proj_1", shot) for shot in (1, 2)]))
    assert [(name, args) for name, args, _ in broker.sent] == [
        ("film.context", ("task_1",)), ("film.visual.submit", ("job_1",)), ("film.visual.submit", ("job_2",))]
