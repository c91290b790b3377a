"""How the tests of unknown purchases come to one: a film that ended as an answer was lost, and the door to settle it."""

from __future__ import annotations

import base64
import io
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from PIL import Image

from aida_orchestrator import jobs
from aida_orchestrator.api.app import create_app
from aida_orchestrator.jobs import Wanted
from aida_orchestrator.model import (
    Asset,
    Job,
    JobKind,
    JobState,
    Outcome,
    Stage,
    Task,
    TaskStatus,
    fingerprint,
)
from aida_orchestrator.services import Services
from aida_orchestrator.settings import KLING_DEFAULT
from aida_orchestrator.store import projects, runs, tasks
from aida_orchestrator.store.db import Database
from tests.builders import Clock, add_documents, add_film, find_job, find_task, make_services, make_storyboard, park
from tests.harness import Sandbox


@dataclass
class Place:
    """One service without processes: its live objects, its HTTP door and its providers."""

    services: Services
    client: FlaskClient
    sandbox: Sandbox
    clock: Clock

    @property
    def database(self) -> Database:
        """The service's own."""
        return self.services.db

    def ask(self, job_id: str, bought: Any) -> tuple[int, dict[str, Any]]:
        """POST resolve: status and body."""
        answer = self.client.post(f"/api/orchestrator/jobs/{job_id}/resolve", json={"bought": bought})
        return answer.status_code, answer.get_json(force=True)

    def listed(self, **query: Any) -> dict[str, Any]:
        """GET jobs: the body."""
        answer = self.client.get("/api/orchestrator/jobs", query_string=query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def status(self, task_id: str) -> dict[str, Any]:
        """GET status: the body."""
        return dict(self.client.get(f"/api/orchestrator/status/{task_id}").get_json())

    def send(self, job_id: str) -> Job:
        """Admit what may be admitted, and let the submit message come."""
        self.clock.advance(30)  # no window of the account is full
        jobs.admit(self.services.desk)
        jobs.submit(self.services.desk, job_id)
        return find_job(self.database, job_id)

    def finish(self, job_id: str) -> Job:
        """Look until the result is there, and copy it."""
        until = time.monotonic() + 30
        while find_job(self.database, job_id).state is JobState.RUNNING:
            assert time.monotonic() < until
            self.clock.advance(2)
            jobs.look_at_due(self.services.desk)
            time.sleep(0.05)
        jobs.collect(self.services.desk, job_id)
        return find_job(self.database, job_id)

    def posts(self, provider: str = "kie") -> int:
        """How often something was asked for, however that ended."""
        return len(self.sandbox.requests(provider, "submit"))

    def events(self, task_id: str, kind: str) -> list[dict[str, Any]]:
        """The data of a task's events of one kind."""
        with self.database.transaction() as tx:
            rows = tx.all("SELECT data FROM events WHERE task_id = %(id)s AND kind = %(kind)s ORDER BY number",
                          id=task_id, kind=kind)
        return [row["data"] for row in rows]

    def charges(self) -> int:
        """How many purchases were booked."""
        with self.database.transaction() as tx:
            return len(tx.all("SELECT 1 FROM charges"))


def place_maker(dsn: str, sandbox: Sandbox, folder: Path, clock: Clock) -> Callable[..., Place]:
    """`make_place(**settings)`, with keys of the test's own."""
    sandbox.latency(kie=0, fal=0)
    env: dict[str, Any] = {name.lower(): value for name, value in sandbox.environment().items()}
    env |= {"kie_api_key": uuid.uuid4().hex, "fal_key": uuid.uuid4().hex, "provider_timeout_seconds": 5}

    def make(**changes: Any) -> Place:
        services = make_services(dsn, folder, clock, **{**env, **changes})
        return Place(services, create_app(services, "redis://nowhere.invalid/0").test_client(), sandbox, clock)

    return make


def film_with(place: Place, count: int = 1, kind: JobKind = JobKind.PICTURE, *, project_id: str | None = None,
              words: str | None = None) -> tuple[Task, list[Job]]:
    """A film whose stage waits for so many queued jobs of this kind; each clip has a start picture of its own."""
    task = add_film(place.database, place.clock.advance(1), project_id=project_id)
    add_documents(place.database, task, make_storyboard(count))
    words = words or uuid.uuid4().hex
    with place.database.transaction() as tx:
        tasks.add_checkpoint(tx, task.id, Stage.SCRIPT, {"title": "t", "logline": "l", "beats": []}, place.clock())
        if kind is JobKind.CLIP:
            tasks.add_checkpoint(tx, task.id, Stage.VISUAL, {"pictures": {}}, place.clock())
        wanted = [_wish(kind, number, words) for number in range(1, count + 1)]
        for wish in wanted:
            if kind is JobKind.CLIP:
                projects.add_assets(tx, [_picture(task, wish, place.clock)], tenant_id=task.tenant_id,
                                    user_id=task.user_id, task_id=task.id)
        made = jobs.ask(tx, task, wanted, place.clock())
    park(place.database, task, kind, place.clock())
    return task, made


def lose(place: Place, job: Job, fault: str = "reset_after", *, held: bool = True) -> Job:
    """Let this queued job's answer be lost, bought (`reset_after`) or not (`reset`), and if `held` wait in vain."""
    place.sandbox.fault({"provider": job.provider, "operation": "submit", "fault": fault, "times": 1})
    assert place.send(job.id).state is JobState.UNKNOWN
    if held:
        place.clock.now += timedelta(hours=1)
        jobs.give_up(place.services.desk)
        assert find_job(place.database, job.id).outcome is Outcome.LOST
    return find_job(place.database, job.id)


def end(place: Place, task: Task, status: TaskStatus = TaskStatus.FAILED) -> Task:
    """The film ends like this, without what is missing; a partial one has joined what there was."""
    with place.database.transaction() as tx:
        if status is not TaskStatus.FAILED:
            for stage in (Stage.VISUAL, Stage.VIDEO):
                tasks.add_checkpoint(tx, task.id, stage, {}, place.clock())
        tasks.end_task(tx, task.id, status, place.clock(), error={"code": "clips_missing", "nextStep": "Retry."})
        runs.skip_stages(tx, task.id)
    return find_task(place.database, task.id)


def _wish(kind: JobKind, number: int, words: str) -> Wanted:
    request: dict[str, Any] = {"prompt": f"a loaf of bread {words} {number}", "aspect_ratio": "16:9"}
    if kind is JobKind.CLIP:
        request |= {"seconds": 5, "picture_key": f"{words}-{number}.jpg"}
        return Wanted(number, kind, KLING_DEFAULT, request, fingerprint(request))
    return Wanted(number, kind, "mj/generate", {**request, "sref": ""}, fingerprint(request))


def _picture(task: Task, wish: Wanted, clock: Clock) -> Asset:
    file = io.BytesIO()
    Image.new("RGB", (640, 360), (200, 150, 40 + wish.shot)).save(file, "JPEG")
    key = wish.request["picture_key"]
    # A parameter of the address makes it this picture's own, as an address of storage would be.
    address = f"data:image/jpeg;key={key};base64,{base64.b64encode(file.getvalue()).decode()}"
    return Asset(key=key, kind="picture", project_id=task.project_id, job_id=None, shot=wish.shot, take=0,
                 content_type="image/jpeg", bytes=1, sha256=fingerprint(key), source_url=address, created_at=clock())
