"""/ready: each dependency and each film that stands still by name, and never a 500, whatever state the database is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from aida_orchestrator.api.app import create_app
from aida_orchestrator.model import Stage
from aida_orchestrator.store import holds, runs, spending
from aida_orchestrator.store.db import Database
from tests.builders import NOON, Clock, add_film, make_services, park

NOBODY = "postgresql://aida:secret@127.0.0.1:1/aida"
Answer = tuple[int, str, dict[str, dict[str, str]]]


def ask(dsn: str, redis_url: str, folder: Path) -> Answer:
    services = make_services(dsn, folder, Clock())
    answer = create_app(services, redis_url).test_client().get("/ready")
    services.db.close()
    assert "secret" not in answer.get_data(as_text=True)
    return answer.status_code, answer.json["status"], answer.json["dependencies"]


def test_a_database_that_was_not_migrated_is_told_what_to_run(empty_dsn: str, redis_url: str, tmp_path: Path) -> None:
    status, word, parts = ask(empty_dsn, redis_url, tmp_path)
    assert (status, word) == (503, "unavailable")
    assert "aida migrate" in parts["database"]["detail"]
    assert parts["queue"]["status"] == parts["storage"]["status"] == "ok"


@pytest.mark.parametrize(("broken", "part"), [("database", "database"), ("redis", "queue")])
def test_a_server_that_is_away_is_named(broken: str, part: str, dsn: str, redis_url: str, tmp_path: Path) -> None:
    own_database, queue = (NOBODY, redis_url) if broken == "database" else (dsn, "redis://127.0.0.1:1/0")
    status, word, parts = ask(own_database, queue, tmp_path)
    assert (status, word, parts[part]["status"]) == (503, "unavailable", "failed")


def test_films_can_be_taken_but_do_not_move_without_a_sweep(
    dsn: str, own_database: Database, redis_url: str, tmp_path: Path
) -> None:
    status, word, parts = ask(dsn, redis_url, tmp_path)
    assert (status, word) == (200, "degraded")
    assert "worker and beat" in parts["sweep"]["detail"]
    with own_database.transaction() as tx:
        assert runs.take_sweep_turn(tx, NOON, 1.0)
    assert ask(dsn, redis_url, tmp_path)[:2] == (200, "ok")


def test_films_that_stand_still_are_named_with_what_to_do_and_only_the_first_twenty(
    dsn: str, own_database: Database, redis_url: str, tmp_path: Path
) -> None:
    with own_database.transaction() as tx:
        assert runs.take_sweep_turn(tx, NOON, 1.0)
    films = [add_film(own_database, first=Stage.VISUAL) for _ in range(22)]
    services = make_services(dsn, tmp_path, Clock())
    app = create_app(services, redis_url).test_client()
    assert app.get("/ready").json["films"] == {"status": "ok", "count": 0, "stranded": []}
    for film in films:
        park(own_database, film)
    answer = app.get("/ready")
    services.db.close()
    told = answer.json["films"]
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert (told["status"], told["count"], len(told["stranded"])) == ("stranded", 22, 20)
    assert told["stranded"][0] == {
        "taskId": films[0].id, "stage": "visual", "waitingFor": "sweep", "retryAt": None,
        "since": "2026-12-01T12:00:00.000Z", "reason": "no_jobs", "why": "The stage waits for jobs and has none.",
        "whatToDo": "Nothing at once: the sweep brings it on within some seconds. If it stays, see `sweep` in /ready."}


def test_the_switch_and_empty_accounts_are_named_and_films_are_taken_all_the_same(
    dsn: str, own_database: Database, redis_url: str, tmp_path: Path
) -> None:
    with own_database.transaction() as tx:
        assert runs.take_sweep_turn(tx, NOON, 1.0)
    services = make_services(dsn, tmp_path, Clock())
    app = create_app(services, redis_url).test_client()
    told = app.get("/ready").json
    assert (told["status"], told["spending"], told["accounts"]) == (
        "ok", {"status": "ok", "since": None, "reason": None}, {"status": "ok", "empty": []})
    with own_database.transaction() as tx:
        holds.pause(tx, "kie", "the account has no credit", NOON)
    answer = app.get("/ready")
    assert (answer.status_code, answer.json["status"], answer.json["spending"]["status"]) == (200, "degraded", "ok")
    assert answer.json["accounts"] == {"status": "empty", "empty": [{
        "provider": "kie", "since": "2026-12-01T12:00:00.000Z", "message": "the account has no credit", "checks": 0,
        "whatToDo": "Top it up, or raise its cap: what waits for it goes on by itself."}]}
    with own_database.transaction() as tx:
        holds.resume(tx, "kie")
        spending.stop(tx, "the bill is being looked at", NOON)
    answer = app.get("/ready")
    assert (answer.status_code, answer.json["status"], answer.json["accounts"]["status"]) == (200, "degraded", "ok")
    assert answer.json["spending"] == {
        "status": "stopped", "since": "2026-12-01T12:00:00.000Z", "reason": "the bill is being looked at",
        "whatToDo": "Films wait. `aida spending start` lets them go on."}
    assert app.get("/health").json == {"status": "ok"}
    with own_database.transaction() as tx:
        spending.start(tx)
    assert app.get("/ready").json["status"] == "ok"
    services.db.close()
