"""Whole films without providers: a Claude that rewrites everything it is shown, and files that are written here."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from aida_orchestrator.api.app import create_app
from aida_orchestrator.errors import ProviderUnavailable
from aida_orchestrator.jobs.settle import settle
from aida_orchestrator.media.assembly import FilmPart
from aida_orchestrator.media.probing import Probe
from aida_orchestrator.media.storage import new_key
from aida_orchestrator.model import (
    STAGES,
    Aspect,
    Asset,
    Beat,
    ClaudeAnswer,
    ClaudeRequest,
    Job,
    JobKind,
    JobState,
    Outcome,
    Script,
    Stage,
    Storyboard,
    Task,
    Usage,
)
from aida_orchestrator.pipeline import commands, runner
from aida_orchestrator.services import Services
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import projects, tasks
from aida_orchestrator.store.db import Database
from tests.builders import (
    NOON,
    TENANT,
    Clock,
    add_film,
    bring_to,
    find_task,
    make_brief,
    make_services,
    make_storyboard,
)
from tests.unit.agents.works import brief_answer

MODEL = "claude-sonnet-5-5"


@dataclass
class Rewriter:
    """Answers each role in words it never used before; `shots` and `beats`: how many, whatever was asked for."""

    model = MODEL
    shots: int | None = None
    beats: int | None = None
    brief: dict[str, Any] = field(default_factory=dict)
    away: bool = False
    asked: list[str] = field(default_factory=list)

    def ask(self, request: ClaudeRequest) -> ClaudeAnswer:
        """One answer."""
        if self.away:
            raise ProviderUnavailable("anthropic", "Claude cannot take the request at the moment")
        told = str(request.messages[0]["content"][0]["text"])
        self.asked.append(told)
        fields = set((request.schema or {})["properties"])
        text = json.dumps(self._answer(fields, told, len(self.asked)))
        usage = Usage("anthropic", MODEL, {"input_tokens": 3000, "output_tokens": 900})
        return ClaudeAnswer(({"type": "text", "text": text},), "end_turn", usage)

    def _answer(self, fields: set[str], told: str, turn: int) -> dict[str, Any]:
        if "shots" in fields:
            beats = len(_inside(told, "script")["beats"])
            return {"style_words": f"look {turn}", "shots": [
                {"beat": min(n, beats), "picture_prompt": f"drawn {turn} {n}", "motion_prompt": f"pan {turn} {n}",
                 "seconds": 5}
                for n in range(1, (self.shots or beats) + 1)]}
        if "beats" in fields:
            count = self.beats or _inside(told, "brief")["duration_seconds"] // 5
            return {"title": f"title {turn}", "logline": "A line.", "beats": [
                {"words": f"Said {turn} {n}.", "picture": f"seen {turn} {n}", "seconds": 5} for n in range(1, count + 1)]}
        if fields == {"style_words", "style_reference"}:
            return {"style_words": f"another look {turn}", "style_reference": ""}
        return brief_answer(duration_seconds=10, **self.brief)


@dataclass
class Studio:
    """The service in one process; films are made at once, each file with bytes of its own."""

    services: Services
    clock: Clock
    claude: Rewriter
    folder: Path

    @property
    def db(self) -> Database:
        return self.services.db

    def client(self) -> FlaskClient:
        """Its HTTP API."""
        return create_app(self.services, "redis://nowhere.invalid/0").test_client()

    def film(self, shots: int = 4, user: str = "u1", failing: Collection[tuple[JobKind, int]] = (), **board: Any) -> Task:
        """A finished film of so many shots of five seconds."""
        task = add_film(self.db, self.clock.advance(60), user, first=Stage.VISUAL)
        drawn = make_storyboard(shots, **board)
        brief = make_brief(style=drawn.style, duration_seconds=5 * shots)
        script = Script(title="Bread", logline="A baker.", beats=tuple(
            Beat(words=f"Line {n}.", picture=f"bread {n}", seconds=5) for n in range(1, shots + 1)))
        with self.db.transaction() as tx:
            for stage, document in ((Stage.CONTEXT, brief), (Stage.SCRIPT, script), (Stage.STORYBOARD, drawn)):
                tasks.add_checkpoint(tx, task.id, stage, document.model_dump(mode="json"), self.clock())
            projects.update_documents(tx, task.project_id, self.clock(), brief=brief, script=script, storyboard=drawn)
        return self.finish(task, failing)

    def refine(self, task: Task, aspect: str, feedback: str, shots: Sequence[int] | None = None) -> Task:
        """Ask for it and let it be made."""
        self.clock.advance(60)
        asked = commands.refine(self.services, TENANT, task.user_id, task.project_id, feedback, Aspect(aspect), shots=shots)
        return self.finish(asked.task)

    def finish(self, task: Task, failing: Collection[tuple[JobKind, int]] = ()) -> Task:
        """Run what is left of it; the jobs of `failing` fail at their provider."""
        for stage in STAGES:
            while runner.run(self.services, stage, task.id).word == "parked":
                self._deliver(task, failing)
        return find_task(self.db, task.id)

    def jobs(self, task: Task, kind: JobKind) -> dict[int, Job]:
        """The jobs it counts on, by shot."""
        with self.db.transaction() as tx:
            return {job.shot: job for job in job_rows.list_task_jobs(tx, task.id) if job.kind is kind}

    def files(self, task: Task) -> dict[tuple[JobKind, int], tuple[str, str]]:
        """(key, SHA-256 of the bytes on disk) of each picture and clip of the film."""
        found = {}
        for kind in JobKind:
            for shot, job in self.jobs(task, kind).items():
                with self.db.transaction() as tx:
                    brought = projects.list_job_assets(tx, [job.id]).get(job.id)
                if brought:
                    data = self.services.storage.path(brought[0].key).read_bytes()
                    found[kind, shot] = (brought[0].key, hashlib.sha256(data).hexdigest())
        return found

    def board(self, task: Task) -> Storyboard:
        """What its storyboard stage left."""
        with self.db.transaction() as tx:
            return Storyboard.model_validate(tasks.list_checkpoints(tx, task.id)[Stage.STORYBOARD])

    def script(self, task: Task) -> Script:
        """What its script stage left."""
        with self.db.transaction() as tx:
            return Script.model_validate(tasks.list_checkpoints(tx, task.id)[Stage.SCRIPT])

    def count(self, table: str) -> int:
        """Rows of a table."""
        with self.db.transaction() as tx:
            row = tx.one(f"SELECT count(*) AS n FROM {table}")
        return int(row["n"]) if row else 0

    def _deliver(self, task: Task, failing: Collection[tuple[JobKind, int]]) -> None:
        with self.db.transaction() as tx:
            waiting = [job for job in job_rows.list_task_jobs(tx, task.id) if job.state is not JobState.SETTLED]
        for job in waiting:
            if job.state is JobState.QUEUED:
                job = bring_to(self.db, job, "running", self.clock())
            failed = (job.kind, job.shot) in failing
            settle(self.services.desk, job, Outcome.FAILED if failed else Outcome.DONE, from_states=list(JobState),
                   error={"code": "provider_refused", "message": "said so"} if failed else None,
                   assets=[] if failed else [self._file(job)])

    def _file(self, job: Job) -> Asset:
        data = secrets.token_bytes(64)
        made = self.folder / "made.bin"
        made.write_bytes(data)
        key = new_key(job.project_id, job.kind.value, job.shot, "jpg" if job.kind is JobKind.PICTURE else "mp4")
        self.services.storage.put(key, made)
        return Asset(key=key, kind=job.kind.value, project_id=job.project_id, job_id=job.id, shot=job.shot, take=0,
                     content_type="image/jpeg", bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), source_url=None,
                     created_at=self.clock())


def make_studio(dsn: str, folder: Path, **settings: Any) -> Studio:
    """A studio whose clock stands at noon; settings differ as asked."""
    clock, claude = Clock(NOON), Rewriter()
    made = make_services(dsn, folder, clock, anthropic_model=MODEL, **settings)
    return Studio(replace(made, make_claude=lambda: claude, assemble=_join), clock, claude, folder)


def _join(parts: Sequence[FilmPart], ratio: str, out: Path, scratch: Path) -> Probe:
    out.write_bytes(secrets.token_bytes(64))
    return Probe(5.0 * len(parts), 1280, 720, 24.0, "h264", "yuv420p", False)


def _inside(told: str, tag: str) -> Any:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", told, re.DOTALL)
    assert found is not None, f"no {tag} in what was asked"
    return json.loads(found.group(1))
