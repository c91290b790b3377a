"""The command lines of the service's own processes, the same as in the Procfile."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .supervisor import Program

_SECRETS = (
    "DATABASE_URL", "REDIS_URL", "BROKER_URL", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "FAL_KEY", "KIE_API_KEY",
    "KIE_WEBHOOK_KEY", "FLOWER_BASIC_AUTH",
)


def web(env: Mapping[str, str], host: str, port: int, log: Path | None, workers: int = 2) -> Program:
    """The API; the rest of its settings stands in gunicorn.conf.py."""
    conf = Path(__file__).parents[2] / "gunicorn.conf.py"
    argv = [sys.executable, "-m", "gunicorn", "--config", str(conf), "--workers", str(workers), "--bind", f"{host}:{port}",
            "wsgi:app"]
    return Program("web", argv, env, log=log)


def worker(env: Mapping[str, str], log: Path | None, slots: int = 8) -> Program:
    """One worker for all queues. Mingle would only ask other workers what they revoked, and takes a second."""
    argv = [*_celery("worker"), "-c", str(slots), "--without-mingle", "--without-gossip"]
    return Program("worker", argv, env, log=log)


def worker_with_beat(env: Mapping[str, str], schedule: Path, log: Path | None) -> Program:
    """Both in one: loading the service once less spares a demo some seconds. Right for a single worker only."""
    alone = worker(env, log)
    return replace(alone, argv=[*alone.argv, "--beat", "--schedule", str(schedule)], before=lambda: _forget(schedule))


def beat(env: Mapping[str, str], schedule: Path, log: Path | None) -> Program:
    """The clock of the sweep."""
    argv = [*_celery("beat"), "--schedule", str(schedule), "--pidfile="]
    return Program("beat", argv, env, log=log, before=lambda: _forget(schedule))


def flower(env: Mapping[str, str], port: int, login: str, log: Path | None) -> Program:
    """The dashboard: loopback, read-only, with a login that travels by the environment (`ps` shows arguments)."""
    argv = [
        *_celery("flower"), "--address=127.0.0.1", f"--port={port}", "--max-tasks=20000", "--read-only=true",
        "--logging=warning",
    ]
    return Program("flower", argv, {**env, "FLOWER_BASIC_AUTH": login}, log=log)


def sandbox(port: int, data: Path, log: Path | None, latency: str = "") -> Program:
    """The stand-in for the paid providers; it is told none of our secrets. `latency` as its own command line has it."""
    url = f"http://127.0.0.1:{port}"
    argv = [
        sys.executable, "-m", "aida_orchestrator.sandbox", "--host", "127.0.0.1", "--port", str(port),
        "--data", str(data), "--public-url", url, "--latency", latency,
    ]
    env = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    return Program("sandbox", argv, env, log=log, grace=5)


def _forget(schedule: Path) -> None:
    """The schedule file is made anew, for a killed beat may leave half of one."""
    for old in schedule.parent.glob(schedule.name + "*"):
        old.unlink()


def _celery(command: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "celery_app", command]
