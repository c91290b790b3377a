"""/health says that the process lives and touches nothing; /ready names each dependency, what keeps films from buying, and
each film that stands still."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, jsonify

from ..errors import AidaError
from ..pipeline import stranded
from ..pipeline.stranded import StrandedFilm
from ..services import Services
from ..store import holds, runs, spending
from ..store.db import StoreUnavailable
from ..store.migrate import missing_migrations
from .figures import moment

blueprint = Blueprint("health", __name__)

_SWEEP_LATE = 20.0
_NAMED = 20


@blueprint.get("/health")
def health() -> Response:
    """Alive."""
    return jsonify({"status": "ok"})


@blueprint.get("/ready")
def ready() -> tuple[Response, int]:
    """Whether films can be taken (503 if not) and whether they move: the sweep's age, the films that stand still, the switch
    of all spending and empty accounts. Those two are the same for every instance, and films are taken all the same."""
    services: Services = current_app.extensions["services"]
    needed = {"database": _checked(lambda: _database(services)), "queue": _checked(_queue),
              "storage": _checked(lambda: _storage(services))}
    # A database without our tables cannot even be asked.
    usable = needed["database"]["status"] == "ok"
    sweep, films, switch, accounts = (
        _checked(partial(check, services)) if usable else {"status": "failed", "detail": "the database cannot tell"}
        for check in (_sweep, _films, _switch, _accounts))
    able = all(part["status"] == "ok" for part in needed.values())
    moving = all(part["status"] == "ok" for part in (sweep, films, switch, accounts))
    return jsonify({"status": "unavailable" if not able else "ok" if moving else "degraded",
                    "dependencies": {**needed, "sweep": sweep}, "spending": switch, "accounts": accounts,
                    "films": films}), 200 if able else 503


def _checked(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"status": "ok", **check()}
    except StoreUnavailable as error:
        return {"status": "failed", "detail": f"the database does not answer ({type(error).__name__})"}
    except (OSError, AidaError) as error:
        return {"status": "failed", "detail": str(error)}


def _database(services: Services) -> dict[str, Any]:
    with services.db.transaction() as tx:
        missing = missing_migrations(tx)
    if missing:
        raise AidaError(f"run `aida migrate`: {', '.join(missing)} not applied")
    return {}


def _queue() -> dict[str, Any]:
    current_app.extensions["broker"].ping()
    return {}


def _storage(services: Services) -> dict[str, Any]:
    folder = services.storage.folder
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise AidaError("MEDIA_DIR is not writable")
    return {}


def _sweep(services: Services) -> dict[str, Any]:
    with services.db.transaction() as tx:
        last = runs.last_heartbeat(tx, "sweep")
    if last is None:
        raise AidaError("no sweep has run yet: start a worker and beat")
    age = (services.clock() - last).total_seconds()
    if age > max(_SWEEP_LATE, 10 * services.sweep_seconds):
        raise AidaError(f"the last sweep ran {age:.0f} s ago: are a worker and beat running?")
    return {"ageSeconds": round(age, 1)}


def _switch(services: Services) -> dict[str, Any]:
    with services.db.single() as tx:
        stop = spending.find_stop(tx)
    if stop is None:
        return {"since": None, "reason": None}
    return {"status": "stopped", "since": moment(stop[0]), "reason": stop[1],
            "whatToDo": "Films wait. `aida spending start` lets them go on."}


def _accounts(services: Services) -> dict[str, Any]:
    with services.db.single() as tx:
        pauses = holds.list_pauses(tx)
    told = [{"provider": pause.provider, "since": moment(pause.since), "message": pause.message, "checks": pause.checks,
             "whatToDo": "Top it up, or raise its cap: what waits for it goes on by itself."} for pause in pauses]
    return {"status": "empty" if told else "ok", "empty": told}


def _films(services: Services) -> dict[str, Any]:
    with services.db.transaction() as tx:
        found = stranded.find(services, tx)
        named = stranded.name(services, tx, found[:_NAMED]) if found else []
    return {"status": "stranded" if found else "ok", "count": len(found), "stranded": [_stranded(film) for film in named]}


def _stranded(film: StrandedFilm) -> dict[str, Any]:
    return {"taskId": film.found.task_id, "stage": film.found.stage.value, "waitingFor": film.waiting.word,
            "retryAt": moment(film.waiting.retry_at), "since": moment(film.found.since), "reason": film.found.reason,
            "why": film.why, "whatToDo": film.what_to_do}
