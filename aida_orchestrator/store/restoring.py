"""A database as a whole: dumped, brought back, and its rows told that the world may have gone on without them.

PostgreSQL's own programs do the work. A restore is one transaction with what makes it safe: whoever connects afterwards
never sees rows that would buy again what was bought after the dump.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import psycopg2.extensions

from ..errors import SettingsError
from .db import Tx, as_json, connect, load_queries

_SQL = load_queries("restoring")
_CODE = "outcome_unknown"


def named_files(tx: Tx, before: datetime) -> dict[str, str]:
    """The checksum of each file that rows of that time name."""
    return {row["key"]: row["sha256"] for row in tx.all(_SQL["named_files"], before=before)}


def unfinished(tx: Tx) -> list[str]:
    """The ids of films that were being made."""
    return [row["id"] for row in tx.all(_SQL["unfinished"])]


def count_tables(tx: Tx) -> int:
    """How many relations the database holds; 0 for one that is empty."""
    return int((tx.one(_SQL["tables"]) or {"n": 0})["n"])


def count_others(tx: Tx) -> int:
    """How many other clients have the database open."""
    return int((tx.one(_SQL["others"]) or {"n": 0})["n"])


def dump(dsn: str, programs: Path, file: Path) -> None:
    """The whole database at one moment, in pg_dump's own format; the file appears complete or not at all."""
    fresh = file.with_suffix(".part")
    address, env = _reachable(dsn)
    done = subprocess.run(
        [str(programs / "pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--no-comments",
         "--file", str(fresh), "--dbname", address], env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        fresh.unlink(missing_ok=True)
        raise SettingsError(f"pg_dump failed: {done.stderr.strip()[-1000:]}")
    with fresh.open("rb") as written:
        os.fsync(written.fileno())
    fresh.replace(file)


def restore(dsn: str, programs: Path, file: Path, safely: Sequence[bytes]) -> None:
    """Fill an empty database from a dump, and run statements behind it, all of it or nothing."""
    address, env = _reachable(dsn)
    with tempfile.TemporaryFile() as told, _running(
        [str(programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", address, "-f", "-"], env, told,
    ) as writer, _running(
        [str(programs / "pg_restore"), "--no-owner", "--no-privileges", "--no-comments", "-f", "-", str(file)], env, told,
    ) as reader:
        assert writer.stdin is not None
        assert reader.stdout is not None
        with suppress(BrokenPipeError):  # psql has ended at an error, which it has told
            writer.stdin.write(b"BEGIN;\n")
            shutil.copyfileobj(reader.stdout, writer.stdin, 1024 * 1024)
            if reader.wait() != 0:
                writer.kill()
            writer.stdin.write(b"SET search_path TO public;\n" + b"".join(one + b";\n" for one in safely) + b"COMMIT;\n")
            writer.stdin.close()
        if reader.wait() != 0 or writer.wait() != 0:
            told.seek(0)
            said = told.read().decode(errors="replace").strip()[-1000:]
            raise SettingsError(f"the dump could not be restored, and nothing of it was kept: {said}")


def making_safe(dsn: str, now: datetime, taken_at: datetime) -> list[bytes]:
    """The statements after which nothing is bought of which a database of `taken_at` cannot know whether it was."""
    error = as_json({"code": _CODE, "message": "the database was restored from a backup: it may have been bought since "
                                               f"{taken_at:%Y-%m-%d %H:%M} UTC"})
    values: dict[str, Any] = {"now": now, "taken_at": taken_at, "error": error}
    queries = (_SQL["mark_restored"], _SQL["hold_unsent"], _SQL["no_renewals"], _SQL["wake_parked"])
    connection = connect(dsn)
    try:
        with connection.cursor() as cursor:
            return [cursor.mogrify(query, values) for query in queries]
    finally:
        connection.close()


def _reachable(dsn: str) -> tuple[str, dict[str, str]]:
    """An address without its password, which everybody could read in the list of processes, and an environment with it."""
    parts = psycopg2.extensions.parse_dsn(dsn)
    password = parts.pop("password", None)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")}
    return psycopg2.extensions.make_dsn(**parts), {**kept, **({"PGPASSWORD": password} if password else {})}


@contextmanager
def _running(argv: Sequence[str], env: dict[str, str], told: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(list(argv), env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        process.wait()
