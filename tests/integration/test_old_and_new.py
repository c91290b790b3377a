"""An upgrade without downtime: the code of before each migration goes on, beside the new one, on the schema of today."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import psycopg2
import pytest

from aida_orchestrator.store.db import Database
from aida_orchestrator.store.migrate import migration_files
from tests.harness import ROOT, Servers
from tests.structure.test_queries import sample

COLUMNS = """
SELECT table_name || '.' || column_name AS name, data_type, is_nullable = 'YES' OR column_default IS NOT NULL
       OR is_identity = 'YES' AS may_be_left_out
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_migrations'
"""
_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def git(*arguments: str) -> str:
    """What git says, empty where it cannot."""
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


@cache
def before(migration: str) -> str:
    """The commit before the one that brought a migration; empty without the history."""
    added = git("log", "--diff-filter=A", "--format=%H", "--", f"sql/migrations/{migration}").split()
    return git("rev-parse", f"{added[-1]}^").strip() if added else ""


def files(commit: str, folder: str) -> dict[str, str]:
    """The SQL files of a folder as a commit had them."""
    names = git("ls-tree", "--name-only", commit, f"{folder}/").split()
    return {name: git("show", f"{commit}:{name}") for name in sorted(names) if name.endswith(".sql")}


def understood(database: Database, commit: str) -> set[str]:
    """The named queries of a commit that a database's schema can run."""
    found = set()
    for file, text in files(commit, "sql/queries").items():
        parts = _NAME.split(text)[1:]
        for name, query in zip(parts[::2], parts[1::2], strict=True):
            params = {param: sample(param) for param in re.findall(r"%\((\w+)\)s", query)}
            params |= {param: ["x"] for param in re.findall(r"ANY\(%\((\w+)\)s", query)}
            try:
                with database.transaction() as tx:
                    tx.all(f"EXPLAIN {query.strip().rstrip(';')}", **params)
            except psycopg2.Error:
                continue
            found.add(f"{Path(file).stem}.{name}")
    return found


def former_database(servers: Servers, commit: str) -> str:
    """A database as the code of that commit made it."""
    dsn = servers.empty_database()
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for text in files(commit, "sql/migrations").values():
            cursor.execute(text)
    connection.close()
    return dsn


# The first six were written side by side, and changed until they met.
@pytest.mark.parametrize("migration", [file.name for file in migration_files()[6:]])
def test_the_code_before_a_migration_runs_on_the_schema_of_today(
    servers: Servers, own_database: Database, migration: str,
) -> None:
    commit = before(migration)
    if not commit:
        pytest.skip("there is no history here that says what came before")
    dsn = former_database(servers, commit)
    former = Database(dsn)
    could = understood(former, commit)
    assert len(could) > 20
    assert could - understood(own_database, commit) == set(), "a query that ran before it does not run any more"
    with former.transaction() as old, own_database.transaction() as new:
        was, now = ({row["name"]: row for row in tx.all(COLUMNS)} for tx in (old, new))
    former.close()
    servers.drop(dsn)
    assert [name for name, row in was.items() if name in now and now[name]["data_type"] != row["data_type"]] == []
    old_tables = {name.partition(".")[0] for name in was}
    added = {name: row for name, row in now.items() if name not in was and name.partition(".")[0] in old_tables}
    views = {"cost_tracking"}
    assert [name for name, row in added.items() if not row["may_be_left_out"] and name.partition(".")[0] not in views] == []
