"""A process that is started with a wrong setting ends at once, and its last word says what to mend."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKER = ("celery", "-A", "celery_app", "worker", "-Q", "sweep")
WEB = ("gunicorn", "--bind", "127.0.0.1:0", "--config", str(ROOT / "gunicorn.conf.py"), "wsgi:app")
REDIS, DATABASE = {"REDIS_URL": "redis://127.0.0.1:1/0"}, {"DATABASE_URL": "postgresql://aida:secret@127.0.0.1:1/aida"}


@pytest.mark.parametrize(("command", "given", "says"), [
    (WORKER, DATABASE, "REDIS_URL is not set"),
    (WORKER, {**DATABASE, "REDIS_URL": "broker.example.org"}, "REDIS_URL is not an address of Redis"),
    (WORKER, REDIS, "DATABASE_URL is not set"),
    (WORKER, {**REDIS, **DATABASE, "MEDIA_TRUSTED_ORIGINS": "somewhere"}, "MEDIA_TRUSTED_ORIGINS"),
    (WEB, REDIS, "DATABASE_URL is not set"),
    (WEB, {**REDIS, **DATABASE, "ORCHESTRATOR_PORT": "many"}, "ORCHESTRATOR_PORT"),
    (("aida_orchestrator.cli", "migrate"), {"DATABASE_URL": "postgres:://aida:secret@host/aida"},
     "DATABASE_URL is not an address of PostgreSQL"),
])
def test_a_wrong_setting_ends_a_process_at_its_start(
    command: Sequence[str], given: dict[str, str], says: str, tmp_path: Path
) -> None:
    ended = _start(command, given, tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines()[-1].startswith("aida: ")
    assert says in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
    assert "secret" not in ended.stderr + ended.stdout


def _start(command: Sequence[str], given: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "C_FORCE_ROOT": "1", "AIDA_HOME": str(folder / "home"),
           "LOG_FILE": str(folder / "log"), **given}
    return subprocess.run([sys.executable, "-m", *command], cwd=folder, env=env, capture_output=True, text=True,
                          check=False, timeout=60)
