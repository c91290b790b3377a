"""The embedded servers, for real: started, killed, started again with the data still there."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from aida_orchestrator.errors import SettingsError
from aida_orchestrator.local.postgres import Postgres
from aida_orchestrator.local.redis import Valkey
from aida_orchestrator.local.supervisor import Supervisor


@pytest.fixture
def supervisor(server_folder: Path) -> Iterator[Supervisor]:
    running = Supervisor(server_folder / "children.json")
    yield running
    running.stop_all()


def start_postgres(supervisor: Supervisor, folder: Path) -> Postgres:
    server = Postgres(folder, folder.parent / "postgres.log")
    supervisor.start(server.prepare())
    supervisor.wait("postgres", server.is_ready, 60)
    server.make_database()
    return server


def start_valkey(supervisor: Supervisor, folder: Path) -> Valkey:
    server = Valkey(folder, folder.parent / "valkey.log")
    supervisor.start(server.prepare())
    supervisor.wait("valkey", server.is_ready, 60)
    return server


def sql(dsn: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def test_postgres_keeps_its_rows_over_kill_minus_9_and_can_compare_vectors(
    supervisor: Supervisor, server_folder: Path,
) -> None:
    folder = server_folder / "with blank's" / "postgres"
    server = start_postgres(supervisor, folder)
    sql(server.dsn, "CREATE EXTENSION vector; CREATE TABLE kept (v vector(3)); INSERT INTO kept VALUES ('[1,2,3]')")
    os.killpg(supervisor.pid("postgres"), signal.SIGKILL)
    supervisor.stop("postgres")
    assert (folder / "postmaster.pid").exists(), "nothing was left behind, so nothing is tested"
    again = start_postgres(supervisor, folder)
    assert sql(again.dsn, "SELECT v <-> '[1,2,4]' FROM kept") == [(1.0,)]


def test_a_number_in_postmaster_pid_that_now_belongs_to_somebody_else_is_no_obstacle(
    supervisor: Supervisor, server_folder: Path,
) -> None:
    folder = server_folder / "postgres"
    start_postgres(supervisor, folder)
    lines = (folder / "postmaster.pid").read_text().splitlines()
    supervisor.stop("postgres")
    # Of the server's own user, or the server would see for itself that it cannot be a PostgreSQL of its own.
    owner = folder.stat().st_uid if os.geteuid() == 0 else None
    stranger = subprocess.Popen(["sleep", "60"], user=owner, cwd="/")
    try:
        lines[0] = str(stranger.pid)
        (folder / "postmaster.pid").write_text("\n".join(lines) + "\n")
        start_postgres(supervisor, folder)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_still_runs_on_the_data_is_stopped_first(server_folder: Path) -> None:
    first, second = Supervisor(server_folder / "one.json"), Supervisor(server_folder / "two.json")
    start_postgres(first, server_folder / "postgres")
    try:
        server = start_postgres(second, server_folder / "postgres")
        assert sql(server.dsn, "SELECT 1") == [(1,)]
        assert not first.is_alive("postgres")
    finally:
        second.stop_all()
        first.stop_all()


def test_a_path_too_long_for_a_socket_works(supervisor: Supervisor, server_folder: Path) -> None:
    server = start_postgres(supervisor, server_folder / ("long-" * 22) / "postgres")
    assert sql(server.dsn, "SELECT 1") == [(1,)]


def test_an_interrupted_first_start_leaves_nothing_in_the_way(supervisor: Supervisor, server_folder: Path) -> None:
    half = server_folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server = start_postgres(supervisor, server_folder / "postgres")
    assert sql(server.dsn, "SELECT 1") == [(1,)]


def test_a_folder_with_something_else_in_it_is_left_alone(server_folder: Path) -> None:
    folder = server_folder / "postgres"
    folder.mkdir()
    (folder / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(SettingsError, match="is not empty and holds no PostgreSQL cluster"):
        Postgres(folder, server_folder / "log").prepare()
    assert (folder / "holiday.jpg").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has other users to run it as")
def test_as_root_the_server_is_not_root_and_closed_folders_stay_closed_to_others(
    supervisor: Supervisor, server_folder: Path,
) -> None:
    closed = server_folder / "closed"
    closed.mkdir(mode=0o700)
    server = start_postgres(supervisor, closed / "postgres")
    assert sql(server.dsn, "SELECT 1") == [(1,)]
    assert os.stat(f"/proc/{supervisor.pid('postgres')}").st_uid != 0
    assert closed.stat().st_mode & 0o007 == 0


def test_valkey_keeps_what_was_written_over_kill_minus_9(supervisor: Supervisor, server_folder: Path) -> None:
    folder = server_folder / "with blank" / "valkey"
    server = start_valkey(supervisor, folder)
    with redis.Redis.from_url(server.url) as client:
        client.lpush("queue", "message")
        # everysec writes within a second; a kill of the process (not of the machine) loses nothing already written.
        client.waitaof(1, 0, 3000)
    os.kill(supervisor.pid("valkey"), signal.SIGKILL)
    supervisor.stop("valkey")
    again = start_valkey(supervisor, folder)
    with redis.Redis.from_url(again.url) as client:
        assert client.lrange("queue", 0, -1) == [b"message"]
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_valkey_answers_nobody_without_the_password(supervisor: Supervisor, server_folder: Path) -> None:
    server = start_valkey(supervisor, server_folder / "valkey")
    port = int(server.url.rpartition(":")[2].partition("/")[0])
    client = redis.Redis(port=port, retry=Retry(NoBackoff(), 0))
    with client, pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()
