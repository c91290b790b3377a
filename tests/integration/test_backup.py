"""What a backup holds, and what a restored database does not do: buy again what may have been bought since."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from aida_orchestrator import backup, jobs
from aida_orchestrator.backup import Manifest
from aida_orchestrator.errors import BudgetReached, SettingsError
from aida_orchestrator.jobs import booking
from aida_orchestrator.local.postgres import find_programs
from aida_orchestrator.model import Component, Job, JobKind, JobState, Outcome, RunState, Stage, Usage
from aida_orchestrator.pipeline import commands
from aida_orchestrator.pipeline.resolve import resolve
from aida_orchestrator.services import Services
from aida_orchestrator.store import budgets, doubts, holds, spending
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store.budgets import Ceiling
from aida_orchestrator.store.db import Database
from aida_orchestrator.store.doubts import Search
from aida_orchestrator.store.spending import key_of
from tests.builders import (
    NOON,
    TENANT,
    Broker,
    Clock,
    add_film,
    add_jobs,
    bring_to,
    broker_in_memory,
    find_job,
    find_task,
    make_services,
    park,
    stage_row,
    wish,
)
from tests.harness import Servers
from tests.integration.standing import hold_job, hold_stage


@pytest.fixture
def broker() -> Iterator[Broker]:
    with broker_in_memory() as made:
        yield made


def take(dsn: str, folder: Path) -> backup.Taken:
    """A backup of a database and of a folder of media beside it."""
    (folder / "media").mkdir(exist_ok=True)
    return backup.take(dsn, folder / "media", folder / "backups", find_programs())


def restored(
    servers: Servers, taken: backup.Taken, folder: Path, *, nothing_ran_since: bool = False,
) -> tuple[str, Database]:
    """The backup in a new database, and our door to it."""
    dsn = servers.empty_database()
    backup.bring_back(dsn, folder / "new-media", taken.folder, find_programs(), nothing_ran_since=nothing_ran_since,
                      tell=lambda line: None)
    return dsn, Database(dsn)


def test_what_waited_to_be_sent_is_held_and_what_the_provider_has_is_gone_on_with(
    own_database: Database, dsn: str, servers: Servers, tmp_path: Path,
) -> None:
    film = add_film(own_database)
    made = add_jobs(own_database, film, 5)
    park(own_database, film)
    running = bring_to(own_database, made[0], "running")
    bring_to(own_database, made[1], "unknown")
    bring_to(own_database, made[2], "submitting")
    taken = take(dsn, tmp_path)
    assert taken.manifest.unfinished == (film.id,)

    new_dsn, database = restored(servers, taken, tmp_path)
    found = [find_job(database, job.id) for job in made]
    states = [(job.state, job.outcome) for job in found]
    assert states[:3] == [(JobState.RUNNING, None), (JobState.UNKNOWN, None), (JobState.SUBMITTING, None)]
    assert states[3:] == [(JobState.SETTLED, Outcome.LOST)] * 2
    assert found[0].provider_id == running.provider_id
    assert found[0].renewals == 1, "one that fails there was perhaps asked for anew already"
    with database.transaction() as tx:
        listed = doubts.list_lines(tx, Search(TENANT, True, None, None, None, 50, None))
    assert {line.id for line in listed} == {job.id for job in made[1:2] + made[3:]}
    assert stage_row(database, film.id, Stage.VISUAL)["state"] == RunState.PARKED
    database.close()
    servers.drop(new_dsn)


def test_what_a_restored_film_wishes_for_is_held_until_a_person_says_that_it_may_be_bought_again(
    own_database: Database, dsn: str, servers: Servers, tmp_path: Path, broker: Broker,
) -> None:
    film = add_film(own_database)
    new_dsn, database = restored(servers, take(dsn, tmp_path), tmp_path)
    asked = add_jobs(database, film, 2)
    assert {job.outcome for job in asked} == {Outcome.LOST}
    later = add_film(database, user="u2")
    assert {job.state for job in add_jobs(database, later, 2)} == {JobState.QUEUED}, "a film of afterwards is as any other"

    services = make_services(new_dsn, tmp_path, Clock())
    with database.transaction() as tx:
        tx.run("UPDATE tasks SET status = 'failed', finished_at = %(now)s WHERE id = %(id)s", id=film.id, now=NOON)
        tx.run("INSERT INTO checkpoints SELECT %(id)s, unnest(ARRAY['context', 'script', 'storyboard']), '{}', %(now)s",
               id=film.id, now=NOON)
    commands.retry(services, TENANT, film.id, resend_unknown=True)
    assert {find_job(database, job.id).state for job in asked} == {JobState.QUEUED}
    with database.transaction() as tx:
        clips = jobs.ask(tx, find_task(database, film.id), [wish(1, JobKind.CLIP)], NOON)
    assert clips[0].state is JobState.QUEUED
    database.close()
    servers.drop(new_dsn)


def test_where_nothing_ran_since_rows_are_as_they_were(
    own_database: Database, dsn: str, servers: Servers, tmp_path: Path,
) -> None:
    film = add_film(own_database)
    made = add_jobs(own_database, film, 2)
    new_dsn, database = restored(servers, take(dsn, tmp_path), tmp_path, nothing_ran_since=True)
    assert {find_job(database, job.id).state for job in made} == {JobState.QUEUED}
    with database.transaction() as tx:
        assert job_rows.count_task_jobs(tx, film.id, JobKind.PICTURE) == (0, 2)
        assert not tx.all("SELECT 1 FROM events WHERE kind = 'task_restored'")
    database.close()
    servers.drop(new_dsn)


def test_files_are_copied_once_and_a_damaged_or_missing_one_is_named(
    own_database: Database, dsn: str, servers: Servers, tmp_path: Path,
) -> None:
    film = add_film(own_database)
    media = tmp_path / "media" / film.project_id
    media.mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (media / name).write_bytes(name.encode() * 1000)
    with own_database.transaction() as tx:
        for name in ("a.jpg", "b.jpg", "gone.jpg"):
            sha = backup.checksum(media / name) if (media / name).exists() else "0" * 64
            tx.run("INSERT INTO assets (key, user_id, project_id, task_id, kind, content_type, bytes, sha256, created_at)"
                   " SELECT %(key)s, 'u1', project_id, id, 'picture', 'image/jpeg', 5000, %(sha)s, now()"
                   " FROM tasks WHERE id = %(task)s", key=f"{film.project_id}/{name}", task=film.id, sha=sha)
    first, second = take(dsn, tmp_path), take(dsn, tmp_path)
    assert (first.new_files, second.new_files) == (3, 0)
    assert second.manifest.lacking == (f"{film.project_id}/gone.jpg",)

    (tmp_path / "backups" / "media" / film.project_id / "b.jpg").write_bytes(b"harmed")
    new_dsn = servers.empty_database()
    done = backup.bring_back(new_dsn, tmp_path / "new-media", second.folder, find_programs(), nothing_ran_since=False,
                             tell=lambda line: None)
    assert done.lacking == (f"{film.project_id}/b.jpg", f"{film.project_id}/gone.jpg")
    assert (tmp_path / "new-media" / film.project_id / "a.jpg").read_bytes() == (media / "a.jpg").read_bytes()
    assert (tmp_path / "new-media" / film.project_id / "c.jpg").is_file(), "what no row names yet may be all that is left"
    servers.drop(new_dsn)


def test_nothing_is_restored_over_rows_from_a_harmed_dump_or_beside_a_running_service(
    own_database: Database, dsn: str, servers: Servers, tmp_path: Path,
) -> None:
    taken = take(dsn, tmp_path)

    def bring_back(to: str) -> backup.Restored:
        return backup.bring_back(to, tmp_path / "new-media", taken.folder, find_programs(), nothing_ran_since=False,
                                 tell=lambda line: None)

    with pytest.raises(SettingsError, match="not empty"):
        bring_back(dsn)
    empty = servers.empty_database()
    beside = Database(empty)
    with beside.transaction() as tx:
        tx.one("SELECT 1 AS one")
        with pytest.raises(SettingsError, match="stop web, workers and beat"):
            bring_back(empty)
    beside.close()

    dump = taken.folder / "database.dump"
    whole = dump.read_bytes()
    dump.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SettingsError, match="damaged"):
        bring_back(empty)
    manifest = json.loads((taken.folder / "manifest.json").read_text())
    (taken.folder / "manifest.json").write_text(json.dumps({**manifest, "dump_sha256": backup.checksum(dump)}))
    with pytest.raises(SettingsError, match="nothing of it was kept"):
        bring_back(empty)
    dump.write_bytes(whole)
    (taken.folder / "manifest.json").write_text(json.dumps(manifest))
    assert isinstance(bring_back(empty).manifest, Manifest), "nothing of the broken one was left behind"
    servers.drop(empty)


def test_ceilings_what_is_set_aside_the_switch_and_empty_accounts_come_back_as_they_were(
    own_database: Database, dsn: str, servers: Servers, tmp_path: Path,
) -> None:
    """A purchase that was under way stays reserved until it is known whether it was made, and a ceiling holds against it."""
    services, film = make_services(dsn, tmp_path, Clock()), add_film(own_database)
    ceiling = Ceiling(TENANT, "tenant", "", "day")
    with own_database.transaction() as tx:
        budgets.put_budget(tx, ceiling, Decimal("0.10"), NOON)
    made = [bring_to(own_database, job, "submitting") for job in add_jobs(own_database, film, 2)]
    services.ledger.record_now(task=film, component=Component.MIDJOURNEY, usage=picture(services, made[0]), now=NOON)
    set_aside(services, made[0])
    with own_database.transaction() as tx:
        holds.pause(tx, "fal", "User is locked", NOON)
        spending.stop(tx, "the bill is being looked at", NOON)
    taken = take(dsn, tmp_path)
    with own_database.transaction() as tx:
        spending.start(tx)
    new_dsn, database = restored(servers, taken, tmp_path)
    with database.transaction() as tx:
        found = budgets.find_budget(tx, ceiling, NOON)
        assert found is not None
        assert (found.spent, found.reserved, found.left) == (Decimal("0.04"), Decimal("0.04"), Decimal("0.02"))
        assert spending.find_stop(tx) == (NOON, "the bill is being looked at"), "whoever started it since must do so again"
        assert [pause.provider for pause in holds.list_pauses(tx)] == ["fal"]
        spending.start(tx)
    after = make_services(new_dsn, tmp_path, Clock())
    with pytest.raises(BudgetReached):
        set_aside(after, made[1])
    with database.transaction() as tx:
        booking.charge(after.desk, tx, made[0], "its id at KIE", NOON)
    with database.transaction() as tx:
        found = budgets.find_budget(tx, ceiling, NOON)
        assert found is not None
        assert (found.spent, found.reserved) == (Decimal("0.08"), 0)
    for one in (services, after):
        one.db.close()
    database.close()
    servers.drop(new_dsn)


def test_a_purchase_that_was_not_made_leaves_its_ceiling_when_a_person_says_so_after_a_restore(
    own_database: Database, dsn: str, servers: Servers, tmp_path: Path, broker: Broker,
) -> None:
    services, film = make_services(dsn, tmp_path, Clock()), add_film(own_database)
    job = bring_to(own_database, add_jobs(own_database, film)[0], "unknown")
    park(own_database, film)
    set_aside(services, job)
    new_dsn, database = restored(servers, take(dsn, tmp_path), tmp_path)
    after = make_services(new_dsn, tmp_path, Clock())
    assert reserved(database, film.id) == Decimal("0.04")
    resolve(after, TENANT, job.id, bought=None)
    assert reserved(database, film.id) == 0
    assert find_job(database, job.id).state is JobState.ADMITTED, "it is sent again, and reserved anew before"
    for one in (services, after):
        one.db.close()
    database.close()
    servers.drop(new_dsn)


def test_what_was_held_at_the_backup_is_held_for_a_person_and_a_stage_that_was_goes_on(
    own_database: Database, dsn: str, servers: Servers, tmp_path: Path,
) -> None:
    """Room may have come after the backup, and the held picture have been bought; a text is asked for again."""
    clock = Clock()
    services = make_services(dsn, tmp_path, clock)
    pictures, texts = add_film(own_database, first=Stage.VISUAL), add_film(own_database)
    job = bring_to(own_database, add_jobs(own_database, pictures)[0], "admitted")
    park(own_database, pictures)
    hold_job(services, job, "budget")
    hold_stage(services, texts, Stage.CONTEXT, clock, "budget")
    new_dsn, database = restored(servers, take(dsn, tmp_path), tmp_path)
    assert (find_job(database, job.id).state, find_job(database, job.id).outcome) == (JobState.SETTLED, Outcome.LOST)
    assert stage_row(database, pictures.id, Stage.VISUAL)["state"] == RunState.READY
    assert stage_row(database, texts.id, Stage.CONTEXT)["state"] == RunState.READY
    with database.transaction() as tx:
        assert holds.count_held(tx, NOON) == {}
        assert not tx.all("SELECT 1 FROM jobs WHERE held_for IS NOT NULL")
    services.db.close()
    database.close()
    servers.drop(new_dsn)


def picture(services: Services, job: Job) -> Usage:
    """What a picture consumes at KIE."""
    return booking.usage_of(services.desk, job)


def set_aside(services: Services, job: Job) -> None:
    """Reserve what a job costs, as its intent does."""
    with services.db.transaction() as tx:
        services.desk.reserve(tx, key_of(job), booking.keys_of(job), Component.MIDJOURNEY, picture(services, job), NOON,
                              timedelta(days=35), job.id)


def reserved(database: Database, task_id: str) -> Decimal:
    """What is set aside for a film."""
    with database.transaction() as tx:
        return spending.task_reserved(tx, task_id)[0]
