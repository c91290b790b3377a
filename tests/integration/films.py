"""A service without processes: films end by its own last stage; clips and joining are given, everything else is real."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from aida_orchestrator.api.app import create_app
from aida_orchestrator.media.assembly import FilmPart
from aida_orchestrator.media.probing import Probe
from aida_orchestrator.media.storage import new_key
from aida_orchestrator.memory.embedding import WIDTH
from aida_orchestrator.model import (
    Asset,
    Brief,
    Degradation,
    Job,
    JobKind,
    JobState,
    Outcome,
    Role,
    RunState,
    Script,
    Stage,
    Style,
    Task,
    Usage,
)
from aida_orchestrator.pipeline import runner
from aida_orchestrator.services import Services
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import projects, runs, tasks
from aida_orchestrator.store.db import Database
from tests.builders import Clock, find_task, make_brief, make_services, make_storyboard

API = "/api/orchestrator"


class Compass:
    """An embedder whose vectors lie on a circle: the first number in a text is its angle in degrees, else it is 0."""

    def __init__(self, name: str = "compass") -> None:
        self.name = name
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        """One vector a text."""
        self.texts.extend(texts)
        angles = [math.radians(float(next((word for word in text.split() if word.isdigit()), "0"))) for text in texts]
        return ([[math.cos(angle), math.sin(angle), *[0.0] * (WIDTH - 2)] for angle in angles],
                Usage("openai", self.name, {"input_tokens": len(texts)}))


def paste(parts: Sequence[FilmPart], aspect_ratio: str, out: Path, scratch: Path) -> Probe:
    """Joining that takes no time."""
    out.write_bytes(b"film")
    return Probe(sum(part.seconds for part in parts), 1280, 720, 30.0, "h264", "yuv420p", False)


@dataclass
class House:
    """The service, its HTTP door and its clock."""

    services: Services
    client: FlaskClient
    clock: Clock

    @property
    def database(self) -> Database:
        """The service's own."""
        return self.services.db

    def ask(self, method: str, path: str, body: Any = None, expected: int = 200) -> dict[str, Any]:
        """One request; the answer's body, after its status was seen."""
        answer = self.client.open(path if path.startswith("/") else f"{API}/{path}", method=method, json=body)
        assert answer.status_code == expected, answer.get_data(as_text=True)
        return dict(answer.get_json(force=True))

    def campaign(self, name: str, user: str = "u1", expected: int = 201, **more: Any) -> dict[str, Any]:
        """POST campaigns."""
        return self.ask("POST", "campaigns", {"userId": user, "name": name, **more}, expected)

    def create(self, message: str = "A film about bread", user: str = "u1", **more: Any) -> Task:
        """POST create-video."""
        self.clock.advance(60)
        made = self.ask("POST", "create-video", {"userId": user, "message": message, **more}, 202)
        return find_task(self.database, made["taskId"])

    def refine(self, project: str, aspect: str, user: str = "u1") -> Task:
        """POST refine."""
        self.clock.advance(60)
        body = {"userId": user, "feedback": "another way", "aspectToRefine": aspect}
        return find_task(self.database, self.ask("POST", f"refine/{project}", body, 202)["taskId"])

    def film(self, style: str = "warm window light", user: str = "u1", message: str = "A film about bread",
             **changes: Any) -> Task:
        """A film that was asked for and is finished, its brief changed like this."""
        return self.finish(self.create(message, user), style, **changes)

    def finish(self, task: Task, style: str = "warm window light", *, sref: str = "", lost_clips: int = 0,
               degraded: Stage | None = None, **changes: Any) -> Task:
        """Let the earlier stages have left a brief and a board of two shots, and the last one run."""
        self.prepare(task, make_brief(style=Style(words=style, sref=sref), **changes), degraded)
        self.bring_clips(task, lost_clips)
        return self.end(task)

    def prepare(self, task: Task, brief: Brief, degraded: Stage | None = None) -> None:
        """What context, script, storyboard and visual would have left, and the clips wished for."""
        board, now = make_storyboard(2, style=brief.style), self.clock.advance(60)
        script = Script(title=brief.title, logline="", beats=()).model_dump(mode="json")
        with self.database.transaction() as tx:
            pictures = {str(shot.number): {"key": "p", "sha256": f"{task.id}-{shot.number}"} for shot in board.shots}
            for stage, output in (
                    (Stage.CONTEXT, brief.model_dump(mode="json")), (Stage.SCRIPT, script),
                    (Stage.STORYBOARD, board.model_dump(mode="json")), (Stage.VISUAL, {"pictures": pictures})):
                tasks.add_checkpoint(tx, task.id, stage, output, now)
                runs.ready_stage(tx, task.id, stage, now, list(RunState))
                claim = runs.claim_stage(tx, task.id, stage, "test", self.services.lease, now)
                if claim is not None:
                    runs.leave_stage(tx, claim, RunState.DONE, now)
            projects.update_documents(tx, task.project_id, now, brief=brief, storyboard=board)
            if degraded is not None:
                tasks.add_degraded(tx, task.id, [Degradation(stage=degraded, reason="away", what="simpler")], now)
            runs.ready_stage(tx, task.id, Stage.VIDEO, now, list(RunState))
        assert runner.run(self.services, Stage.VIDEO, task.id).word == "parked"

    def bring_clips(self, task: Task, lost: int = 0) -> None:
        """Settle the film's clips: the first `lost` of them failed."""
        now = self.clock.advance(60)
        with self.database.transaction() as tx:
            for number, job in enumerate(
                    job for job in job_rows.list_task_jobs(tx, task.id) if job.kind is JobKind.CLIP):
                outcome = Outcome.FAILED if number < lost else Outcome.DONE
                assert job_rows.settle_job(tx, job, outcome, None, list(JobState), now)
                if outcome is Outcome.DONE:
                    projects.add_assets(tx, [self._clip(job)], tenant_id=job.tenant_id, user_id=job.user_id, task_id=task.id)
            runs.ready_stage(tx, task.id, Stage.VIDEO, now, [RunState.PARKED])

    def end(self, task: Task) -> Task:
        """Let the last stage run to its end."""
        assert runner.run(self.services, Stage.VIDEO, task.id).word == runner.GO_ON
        return find_task(self.database, task.id)

    def preferences(self, user: str = "u1") -> dict[str, dict[str, Any]]:
        """GET preferences, by category."""
        return {one["category"]: one for one in self.ask("GET", f"users/{user}/preferences")["preferences"]}

    def count(self, table: str, **where: str) -> int:
        """Rows of a table with these values."""
        condition = " AND ".join(f"{column} = %({column})s" for column in where) or "true"
        with self.database.transaction() as tx:
            row = tx.one(f"SELECT count(*) AS n FROM {table} WHERE {condition}", **where)
        assert row is not None
        return int(row["n"])

    def _clip(self, job: Job) -> Asset:
        key = new_key(job.project_id, "clip", job.shot, "mp4")
        with self.services.storage.scratch() as scratch:
            (scratch / "clip").write_bytes(b"clip")
            self.services.storage.put(key, scratch / "clip")
        return Asset(key=key, kind="clip", project_id=job.project_id, job_id=job.id, shot=job.shot, take=0,
                     content_type="video/mp4", bytes=4, sha256="0" * 64, source_url=None, created_at=self.clock())


def build(dsn: str, folder: Path, clock: Clock, **settings: Any) -> House:
    """A house over this database; its embedder is a Compass."""
    compass = Compass()
    services = replace(make_services(dsn, folder, clock, **settings), assemble=paste, make_embedder=lambda: compass,
                       make_quick_embedder=lambda: compass)
    return House(services, create_app(services, "redis://nowhere.invalid/0").test_client(), clock)
