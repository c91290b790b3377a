"""How `gunicorn wsgi:app` serves: threads, because a request that waits (Prefer: wait) must not hold up the others.

Read by gunicorn from the folder it is started in; its command line wins over this file.
"""

import sys
from typing import Any

from aida_orchestrator import tally
from aida_orchestrator.errors import SettingsError
from aida_orchestrator.prices import load_sheets
from aida_orchestrator.settings import load_settings

try:
    _settings = load_settings()
    _settings.require_database()
    _settings.require_broker()
    load_sheets(_settings.prices_dir)
except SettingsError as error:
    sys.exit(f"aida: {error}")  # here, for a worker's reason would drown in gunicorn's tracebacks

bind = f"{_settings.orchestrator_host}:{_settings.orchestrator_port}"
worker_class = "gthread"
workers = 2
threads = 32
timeout = 120
graceful_timeout = 5
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Counts of requests begin at nought with each start of the server."""
    tally.tidy(_settings.metrics_folder, tally.WEB, fresh=True)


def child_exit(server: Any, worker: Any) -> None:
    """What a worker that is gone had counted stays in the sums."""
    tally.tidy(_settings.metrics_folder, tally.WEB)
