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
    (WORKER, {**REDIS, **DATABASE, "PRICES_DIR": "no-such-folder"}, "PRICES_DIR: no-such-folder is no folder"),
    (WEB, {**REDIS, **DATABASE, "PRICES_DIR": "no-such-folder"}, "PRICES_DIR: no-such-folder is no folder"),
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


def test_a_folder_that_cannot_be_written_costs_the_log_file_and_not_the_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder can be made here")
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **REDIS, **DATABASE,
           "AIDA_HOME": str(tmp_path / "file" / "home"), "LOG_FILE": str(tmp_path / "file" / "log" / "x")}
    ended = subprocess.run([sys.executable, "-c", "import wsgi"], cwd=tmp_path, env=env, capture_output=True, text=True,
                           check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert "LOG_FILE cannot be written" in ended.stdout


def test_a_price_that_is_no_amount_is_named_before_anything_is_bought(tmp_path: Path) -> None:
    for price in ("-1", "nan", "four cents"):
        ended = _start(WORKER, {**REDIS, **DATABASE, "KIE_TASK_DOLLARS": price}, tmp_path)
        assert "KIE_TASK_DOLLARS" in ended.stderr.splitlines()[-1]


def test_a_receiver_of_traces_without_the_libraries_for_it_is_said_at_the_start() -> None:
    hidden = ("import sys; sys.modules['opentelemetry.sdk.trace'] = None\n"
              "from aida_orchestrator import tracing\n"
              "from aida_orchestrator.errors import SettingsError\n"
              "tracing.configure(None, 'web')\n"
              "try:\n    tracing.configure('http://127.0.0.1:1', 'web')\n"
              "except SettingsError as error:\n    print(error)")
    said = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert "aida-orchestrator[tracing]" in said
