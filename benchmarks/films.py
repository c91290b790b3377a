"""Tables with thousands of films: one is made by the service itself, and its rows are copied under other names."""

from __future__ import annotations

import psycopg2
import psycopg2.extensions

# What must differ from film to film: all the rest, documents above all, is as the one film left it.
_OWN = ("id", "task_id", "project_id", "job_id", "token_hash", "provider_id", "key", "film_key", "fingerprint")
# In this order, because of their foreign keys.
_TABLES = ("projects", "tasks", "stage_runs", "checkpoints", "events", "calls", "jobs", "task_jobs", "assets", "charges")
_COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_name = %s AND table_schema = 'public' AND is_identity = 'NO' AND is_generated = 'NEVER'
ORDER BY ordinal_position"""
_PER_USER = 20
# A film with four clips made and two under way, as most films stand that are asked about.
_OPEN = (
    """UPDATE tasks SET status = 'processing', current_step = 'video', progress = 80, film_key = NULL, finished_at = NULL,
           remembered_at = NULL WHERE id = ANY(%(ids)s)""",
    "UPDATE stage_runs SET state = 'parked', finished_at = NULL WHERE task_id = ANY(%(ids)s) AND stage = 'video'",
    "DELETE FROM checkpoints WHERE task_id = ANY(%(ids)s) AND stage = 'video'",
    """DELETE FROM assets a USING jobs j
       WHERE j.task_id = ANY(%(ids)s) AND a.job_id = j.id AND j.kind = 'clip' AND j.shot > 4""",
    "DELETE FROM assets WHERE task_id = ANY(%(ids)s) AND kind = 'film'",
    """UPDATE jobs SET state = CASE shot WHEN 5 THEN 'running' ELSE 'queued' END, outcome = NULL, settled_at = NULL,
           rendered_at = NULL, took = NULL, provider_id = CASE shot WHEN 5 THEN provider_id END,
           deadline_at = now() + interval '1 hour', next_poll_at = now() + interval '1 hour'
       WHERE task_id = ANY(%(ids)s) AND kind = 'clip' AND shot > 4""",
)


def fill(dsn: str, films: int, under_way: int) -> tuple[list[str], list[str]]:
    """Copy the one film that is there until there are so many; gives the ids of finished films and of those under way."""
    connection = psycopg2.connect(dsn, application_name="bench")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # the copies are right as their pattern is
            for table in _TABLES:
                _multiply(cursor, table, films - 1)
            cursor.execute("SELECT id FROM tasks ORDER BY id")
            ids = [str(row[0]) for row in cursor]
            opened = ids[::len(ids) // under_way][:under_way] if under_way else []
            for statement in _OPEN if opened else ():
                cursor.execute(statement, {"ids": opened})
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")  # its writes are not to fall into the first row
    finally:
        connection.close()
    return sorted(set(ids) - set(opened)), opened


def rows(dsn: str) -> dict[str, int]:
    """How many rows each table has, for the record."""
    connection = psycopg2.connect(dsn, application_name="bench")
    counted = {}
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            found = cursor.fetchone()
            counted[table] = int(found[0]) if found else 0
    connection.close()
    return counted


def _multiply(cursor: psycopg2.extensions.cursor, table: str, copies: int) -> None:
    cursor.execute(_COLUMNS, (table,))
    columns = [(str(name), str(kind)) for name, kind in cursor]
    names = ", ".join(name for name, _ in columns)
    values = ", ".join(_value(name, kind) for name, kind in columns)
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} t, generate_series(1, {copies}) n")  # noqa: S608


def _value(name: str, kind: str) -> str:
    if name == "user_id":
        return f"t.user_id || '-' || n / {_PER_USER}"
    if name in _OWN and kind == "text":
        return f"t.{name} || '-' || n"
    if name == "created_at":  # a year of films, this one the newest
        return "t.created_at - n * interval '50 minutes'"
    return f"t.{name}"
