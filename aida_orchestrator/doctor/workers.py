"""Workers: does each queue have one? Asked of themselves, through the broker, by Celery's own command."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from ..model import Stage
from .findings import Finding, ok, unknown, warning, wrong

QUEUES = (*(stage.value for stage in Stage), "sweep")
_ASK = ("celery", "-A", "celery_app", "inspect", "active_queues", "--timeout", "3", "--json")
_SECONDS = 45


def check(broker_answers: bool) -> Iterator[Finding]:
    """A line for each queue that nobody serves, or one for all."""
    if not broker_answers:
        yield unknown("workers", "cannot be told without the broker")
        return
    served = _served()
    if served is None:
        yield unknown("workers", "`celery -A celery_app inspect active_queues` could not be run here",
                      "run it in the folder and with the environment of the service; its message says what is missing")
        return
    if not served:
        yield wrong("workers", "no worker answers: films do not move", "start one: celery -A celery_app worker -c 8")
        return
    lacking = [queue for queue in QUEUES if not any(queue in queues for queues in served.values())]
    for queue in lacking:
        yield wrong("workers.queue", f"no worker serves the queue `{queue}`: films stop there",
                    f"start one: celery -A celery_app worker -Q {queue}; "
                    f"or, where it was paused: celery -A celery_app control add_consumer {queue}")
    if not lacking:
        yield ok("workers", f"every queue is served, by {', '.join(sorted(served))}")
    alone = [queue for queue in QUEUES if sum(queue in queues for queues in served.values()) == 1]
    if not lacking and len(served) > 1 and alone:
        yield warning("workers.alone", f"served by one worker only: {' '.join(alone)}", "start another for these queues")


def _served() -> dict[str, set[str]] | None:
    """Queues by worker; empty when none answers, None when it could not be asked."""
    try:
        done = subprocess.run([sys.executable, "-m", *_ASK], capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if "No nodes replied" in done.stdout + done.stderr:
        return {}
    try:
        told = json.loads(done.stdout)
        return {worker: {queue["name"] for queue in queues} for worker, queues in told.items()}
    except (ValueError, AttributeError, KeyError, TypeError):
        return None
