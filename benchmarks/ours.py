"""The service as it is deployed: one web process, one worker process or more for all queues, and beat."""

from __future__ import annotations

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count

import psycopg2

from aida_orchestrator.local import programs
from aida_orchestrator.local.processes import free_port
from aida_orchestrator.local.supervisor import Program, Supervisor

from .stack import Stack, answers

_CALLERS = 8
_FINISHED = """
SELECT id, extract(epoch FROM created_at)::float, extract(epoch FROM finished_at)::float
FROM tasks WHERE status = 'completed'"""
_UNFINISHED = """
SELECT t.id, t.status, t.current_step, t.error->>'message',
       coalesce(string_agg(DISTINCT j.state || coalesce(' (' || (j.error->>'message') || ')', ''), ', '), 'no jobs')
FROM tasks t LEFT JOIN jobs j ON j.task_id = t.id AND j.state <> 'settled'
WHERE t.status <> 'completed' GROUP BY t.id ORDER BY t.created_at LIMIT 20"""

# Where a film's seconds go: from one stage's end to the next one's start (the queue), in a stage, and job by job.
_STAGES = """
SELECT what, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds)
FROM (
    SELECT r.position * 2 + 1 AS place, r.stage AS what, extract(epoch FROM r.finished_at - r.started_at) AS seconds
    FROM stage_runs r
    UNION ALL
    SELECT r.position * 2, 'before ' || r.stage, extract(epoch FROM r.started_at - coalesce(b.finished_at, t.created_at))
    FROM stage_runs r JOIN tasks t ON t.id = r.task_id
    LEFT JOIN stage_runs b ON b.task_id = r.task_id AND b.position = r.position - 1
    UNION ALL
    SELECT 20, kind || ': slot to POST', extract(epoch FROM intent_at - admitted_at) FROM jobs
    UNION ALL
    SELECT 21, kind || ': POST to id', extract(epoch FROM accepted_at - intent_at) FROM jobs
    UNION ALL
    SELECT 22, kind || ': id to seen done', extract(epoch FROM rendered_at - accepted_at) FROM jobs
    UNION ALL
    SELECT 23, kind || ': seen done to settled', extract(epoch FROM settled_at - rendered_at) FROM jobs
) times GROUP BY what, place ORDER BY place, what"""


@dataclass(frozen=True)
class Wishes:
    """How the service is started: workers, threads of each, more of their arguments, more settings, web processes.

    `serving`: one worker for each entry instead, with these queues and so many threads.
    """

    slots: int = 64
    workers: int = 1
    serving: tuple[tuple[str, int], ...] = ()
    worker_args: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    web: int = 1


def start(stack: Stack, wishes: Wishes | None = None) -> Ours:
    """Start web, worker and beat and return when the API answers."""
    return Ours(stack, wishes or Wishes())


class Ours:
    """A `Peer` that also tells why films did not end."""

    def __init__(self, stack: Stack, wishes: Wishes) -> None:
        self.dsn = stack.database(migrated=True)
        self.port = free_port()
        self._numbers = count(1)
        self._folder = stack.folder / "ours"
        self._folder.mkdir(exist_ok=True)
        home = self._folder / "home"
        home.mkdir(exist_ok=True)
        self.url = url = f"http://127.0.0.1:{self.port}"
        self._env = {
            **stack.environment(), "DATABASE_URL": self.dsn, "REDIS_URL": stack.redis_url, "AIDA_HOME": str(home),
            "MEDIA_DIR": str(self._folder / "media"), "LOG_FILE": str(self._folder / "orchestrator.log"),
            "ORCHESTRATOR_PORT": str(self.port), **({"PUBLIC_URL": url} if stack.callbacks else {}), **wishes.env,
        }
        self._supervisor = Supervisor(self._folder / "children.json")
        self._start(programs.web(self._env, "127.0.0.1", self.port, self._folder / "web.log", workers=wishes.web))
        serving = wishes.serving or (("", wishes.slots),) * wishes.workers
        self._workers = ["worker" if number == 1 else f"worker-{number}" for number in range(1, len(serving) + 1)]
        for name, (queues, slots) in zip(self._workers, serving, strict=True):
            worker = programs.worker(self._env, self._folder / f"{name}.log", slots)
            app = "celery_app" if stack.media else "benchmarks.worker_app"
            argv = [app if word == "celery_app" else word for word in worker.argv]
            self._start(replace(worker, name=name, argv=[
                *argv, "-n", f"{name}@%h", *(["-Q", queues] if queues else []), *wishes.worker_args]))
        self._start(programs.beat(self._env, self._folder / "beat-schedule", self._folder / "beat.log"))
        self._supervisor.wait("web", lambda: answers(f"{url}/health"), 60)

    def submit(self, films: int) -> None:
        """POST so many films, each of its own user, over a few kept connections."""
        numbers = [next(self._numbers) for _ in range(films)]
        callers = min(_CALLERS, films)
        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(self._post_all, [numbers[at::callers] for at in range(callers)]))

    def finished(self) -> dict[str, tuple[float, float]]:
        """Completed films, from their rows."""
        return {str(film): (began, ended) for film, began, ended in self.rows(_FINISHED)}

    def unfinished(self) -> list[str]:
        """Up to twenty films that are not complete, with the stage they stand in and what they wait for."""
        return [f"{film}: {status} in {step}, jobs: {jobs}" + (f", error: {error}" if error else "")
                for film, status, step, error, jobs in self.rows(_UNFINISHED)]

    def stages(self) -> list[str]:
        """Median and 95th percentile of the seconds in each part of a film, of all films so far."""
        return [f"{what:<28} {median or 0:7.3f} {slow or 0:7.3f}" for what, median, slow in self.rows(_STAGES)]

    def names(self) -> list[str]:
        """What `pids` are, in their order."""
        return ["web", *self._workers, "beat"]

    def pids(self) -> list[int]:
        """Web, workers and beat."""
        return [self._supervisor.pid(name) for name in ("web", *self._workers, "beat")]

    def memory_pids(self) -> list[int]:
        """Web and one worker: what the memory goal is about."""
        return self.pids()[:2]

    def worker_pid(self) -> int:
        """The worker, for a profiler."""
        return self._supervisor.pid("worker")

    def web_pid(self) -> int:
        """Gunicorn's arbiter, parent of the web processes."""
        return self._supervisor.pid("web")

    def stop_work(self) -> None:
        """End workers and beat; web goes on."""
        self._supervisor.stop("beat", *self._workers)

    def stop(self) -> None:
        """End them."""
        self._supervisor.stop("beat", "web", *self._workers)

    def _start(self, program: Program) -> None:
        self._supervisor.start(replace(program, cwd=self._folder))  # no `.env` of the checkout is read

    def _post_all(self, numbers: list[int]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        for number in numbers:
            self._post(line, number)
        line.close()

    def _post(self, line: http.client.HTTPConnection, number: int) -> None:
        message = f"Spot di 30 secondi per una pizzeria di Napoli, bench-{number:06d}"
        body = json.dumps({"userId": f"user-{number:06d}", "message": message})
        line.request("POST", "/api/orchestrator/create-video", body, {"Content-Type": "application/json"})
        answer = line.getresponse()
        raw = answer.read()
        if answer.status != 202:
            raise RuntimeError(f"film {number} was not taken: {answer.status} {raw[:300]!r}")

    def rows(self, statement: str) -> list[tuple]:
        """What a statement answers."""
        connection = psycopg2.connect(self.dsn, application_name="bench")
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()

