"""What anybody may post to a callback's address: whatever it says, it is answered fast and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from aida_orchestrator.api.app import create_app
from aida_orchestrator.jobs.settle import settle
from aida_orchestrator.model import JobKind, Outcome
from aida_orchestrator.services import Services
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store.db import Database
from tests.builders import NOON, Clock, Shared, add_film, add_jobs, bring_to, find_job, make_services

BODIES = {
    "empty": b"", "no JSON": b"<html>", "not UTF-8": b'{"data": "\xff\xfe"}', "a list": b"[1]", "deep": b"[" * 200_000,
    "no id": b'{"data": {}, "status": "OK"}', "a number": b'{"data": {"taskId": 7}, "request_id": 7}',
    "a NUL": b'{"data": {"taskId": "a\\u0000b"}, "request_id": "a\\u0000b"}',
    "half a character": b'{"data": {"taskId": "\\ud800"}, "request_id": "\\ud800"}',
    "a book": b'{"data": {"taskId": "%s"}, "request_id": "%s"}' % (b"x" * 100_000, b"x" * 100_000),
    "a path": b'{"data": {"taskId": "../../x?y=1"}, "request_id": "../../x?y=1"}',
}


@pytest.fixture
def services(shared: Shared, database: Database, tmp_path: Path) -> Services:
    return make_services(shared.dsn, tmp_path, Clock(), kie_webhook_key="secret", public_url="http://127.0.0.1:9")


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services, "redis://nowhere.invalid/0").test_client()


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("kind", list(JobKind))
def test_a_body_that_says_nothing_to_be_believed_changes_nothing(
    database: Database, services: Services, client: FlaskClient, kind: JobKind, body: bytes,
) -> None:
    task = add_film(database)
    waiting, again = add_jobs(database, task, 2, kind)
    unknown = bring_to(database, waiting, "unknown")
    settle(services.desk, bring_to(database, again, "unknown"), Outcome.LOST, from_states=[again.state.UNKNOWN])
    with database.transaction() as tx:
        assert job_rows.reopen_job(tx, again.id, NOON, even_lost=True)
    sent_again = bring_to(database, again, "submitting", token="second")
    # Of the one nothing but the token is known, the other one's is that of a former sending.
    for job in (unknown, sent_again):
        answer = client.post(f"/api/orchestrator/callbacks/{job.provider}/token-{job.id}", data=body,
                             headers={"X-Webhook-Timestamp": "1", "X-Fal-Webhook-Timestamp": "1"})
        assert (answer.status_code, answer.get_json()) == (200, {})
        assert find_job(database, job.id) == job
    assert client.post(f"/api/orchestrator/callbacks/{unknown.provider}/nobody", data=body).status_code == 404
