"""Recall by meaning in a large table: build time, size, p50 and p95 of the exact search of one user, and its recall.

    make bench-memory ARGS="--vectors 1000000"        # or: python -m benchmarks.memory --vectors 50000 --storage external

Vectors are written by COPY in an order that mixes all users, as the years would; half as many films as vectors, since each
film has two. Sizes of users are skewed: with 10,000 users and 1,000,000 vectors half of them have fewer than 40, the
largest about 10,000. Needs numpy (extra local-embeddings); a million vectors take some 15 GB under --folder.
"""

from __future__ import annotations

import argparse
import io
import json
import struct
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2

from aida_orchestrator.local.postgres import Postgres
from aida_orchestrator.local.supervisor import Supervisor
from aida_orchestrator.store import memory
from aida_orchestrator.store.db import Database
from aida_orchestrator.store.migrate import migrate

WIDTH, FACETS, LIMIT, EMBEDDER, TENANT = 1536, ("film", "message"), 5, "bench", "default"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
SIZES = (("up to 100", 0, 100), ("101 to 1,000", 101, 1000), ("over 1,000", 1001, 10**9))
_LOAD = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "8GB", "autovacuum": "off"}
_BATCH = 2000
_BRIEF = json.dumps({"title": "A film", "intent": "A film about something. " * 12, "tone": "warm", "language": "en",
                     "style": {"words": "editorial photograph, natural light, muted colours", "sref": ""}})


@dataclass(frozen=True)
class Films:
    """Which user has which film: `owner[n]` is the user of film n, in the order of writing."""

    owner: np.ndarray
    seed: int

    @classmethod
    def of(cls, vectors: int, users: int, seed: int) -> Films:
        """Sizes fall off like a power of the user's rank."""
        count, ranks = vectors // len(FACETS), np.arange(users)
        share = (ranks + 10.0) ** -0.9
        sizes = np.maximum(1, np.floor(count * share / share.sum()).astype(int))
        owner = np.concatenate([np.repeat(ranks, sizes), np.arange(max(0, count - int(sizes.sum()))) % users])[:count]
        np.random.default_rng(seed).shuffle(owner)
        return cls(owner, seed)

    def batches(self) -> Iterator[tuple[int, np.ndarray]]:
        """(first film, vectors of its batch: films x facets x WIDTH, each of length 1); the same each time."""
        for first in range(0, len(self.owner), _BATCH):
            count = min(_BATCH, len(self.owner) - first)
            made = np.random.default_rng((self.seed, first)).standard_normal((count, len(FACETS), WIDTH), np.float32)
            yield first, made / np.linalg.norm(made, axis=2, keepdims=True)

    def sizes(self) -> np.ndarray:
        """Vectors by user."""
        return np.bincount(self.owner) * len(FACETS)


def build(dsn: str, films: Films, storage: str) -> dict[str, float]:
    """Migrate and fill; seconds by step."""
    took = {}
    migrate(dsn)
    connection = psycopg2.connect(dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # no check of foreign keys row by row
            if storage:
                cursor.execute(f"ALTER TABLE project_embeddings ALTER COLUMN embedding SET STORAGE {storage}")
            began = time.monotonic()
            cursor.execute("INSERT INTO projects (id, user_id, message, created_at, updated_at)"
                           " SELECT 'proj_' || n, 'user_' || o, '', %(now)s, %(now)s"
                           " FROM unnest(%(owner)s::int[]) WITH ORDINALITY AS given (o, n)",
                           {"now": NOW, "owner": films.owner.tolist()})
            took["films"] = time.monotonic() - began
            began = time.monotonic()
            for first, vectors in films.batches():
                cursor.copy_expert(
                    "COPY project_embeddings (project_id, embedder, facet, tenant_id, user_id, title, content, embedding,"
                    " brief, finished_at, updated_at) FROM STDIN (FORMAT binary)", io.BytesIO(_copy(films, first, vectors)))
            took["vectors"] = time.monotonic() - began
        connection.autocommit = True
        with connection.cursor() as cursor:
            began = time.monotonic()
            cursor.execute("VACUUM ANALYZE project_embeddings")
            took["vacuum"] = time.monotonic() - began
    finally:
        connection.close()
    return took


def _copy(films: Films, first: int, vectors: np.ndarray) -> bytes:
    """PostgreSQL's binary form of COPY: per row the number of fields, and each field behind its length."""
    out = [b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)]
    moment = struct.pack(">q", int((NOW - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000))
    brief, head = b"\x01" + _BRIEF.encode(), struct.pack(">hh", WIDTH, 0)
    big = vectors.astype(">f4")
    for at in range(len(vectors)):
        number = first + at
        for place, facet in enumerate(FACETS):
            fields = (f"proj_{number + 1}".encode(), EMBEDDER.encode(), facet.encode(), TENANT.encode(),
                      f"user_{films.owner[number]}".encode(), b"A film", b"What the film is about. " * 20,
                      head + big[at, place].tobytes(), brief, moment, moment)
            out.append(struct.pack(">h", len(fields)) + b"".join(struct.pack(">i", len(one)) + one for one in fields))
    return b"".join([*out, struct.pack(">h", -1)])


def choose(films: Films, each: int) -> dict[str, list[int]]:
    """At most `each` users of each size, the largest first among the large; before them any, each as likely as another."""
    sizes = films.sizes()
    drawn = np.random.default_rng(films.seed).permutation(len(sizes))[:3 * each]
    chosen = {"any": [int(user) for user in drawn]}
    for name, least, most in SIZES:
        some = [int(user) for user in np.flatnonzero((sizes >= least) & (sizes <= most))]
        step = max(1, len(some) // each)
        chosen[name] = some[:each] if least > 1000 else some[::step][:each]
    return chosen


def own_vectors(films: Films, users: Sequence[int]) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """(film numbers, their vectors) of these users, made again from the seed."""
    kept: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {user: [] for user in users}
    for first, vectors in films.batches():
        owners = films.owner[first:first + len(vectors)]
        for at in np.flatnonzero(np.isin(owners, users)):
            kept[int(owners[at])].append((first + at, vectors[at]))
    return {user: (np.array([one for one, _ in found]), np.stack([one for _, one in found])) for user, found in kept.items()}


def search(db: Database, user: int, vector: Sequence[float]) -> tuple[float, list[str]]:
    """(milliseconds, film ids) of the service's own search."""
    began = time.perf_counter()
    with db.single() as tx:
        rows = memory.nearest_projects(tx, tenant_id=TENANT, user_id=f"user_{user}", embedder=EMBEDDER, vector=vector,
                                       limit=LIMIT, floor=-1)
    return 1000 * (time.perf_counter() - began), [row["project_id"] for row in rows]


def measure(db: Database, films: Films, each: int, rounds: int) -> list[list[str]]:
    """Rows of the table: by size of user the time of a first search, of later ones, and the recall."""
    chosen = choose(films, each)
    known = own_vectors(films, [user for users in chosen.values() for user in users])
    sizes, rng, table = films.sizes(), np.random.default_rng(films.seed + 1), []
    for name, users in chosen.items():
        first, later, right = [], [], []
        for turn in range(rounds):
            for user in users:
                numbers, vectors = known[user]
                # Somewhere between a film of the user's and anywhere: likeness as real questions have.
                mixed = vectors[rng.integers(len(vectors)), 0] + 0.03 * rng.standard_normal(WIDTH)
                took, found = search(db, user, mixed.tolist())
                (later if turn else first).append(took)
                order = np.argsort(-(vectors @ mixed).max(axis=1))[:LIMIT]
                right.append(len({f"proj_{one + 1}" for one in numbers[order]} & set(found)) / len(order))
        if users:
            of = sizes[users]
            table.append([name, str(len(users)), f"{of.min():,} to {of.max():,}", _quantile(first, 50), _quantile(first, 95),
                          _quantile(later, 50), _quantile(later, 95), f"{np.mean(right):.4f}"])
    return table


def _quantile(values: Sequence[float], part: int) -> str:
    return f"{np.percentile(values, part):.1f}" if values else "-"


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description="Exact search by user in a large table of vectors.")
    parser.add_argument("--vectors", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, help="a hundredth of the vectors unless told")
    parser.add_argument("--each", type=int, default=40, help="users asked of each size")
    parser.add_argument("--rounds", type=int, default=6, help="searches a user; the first is told apart")
    parser.add_argument("--storage", default="", choices=["", "plain", "external"], help="of the vectors")
    parser.add_argument("--shared-buffers", default="1GB")
    parser.add_argument("--folder", type=Path, help="where the database is made (and deleted)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    films = Films.of(asked.vectors, asked.users or max(10, asked.vectors // 100), asked.seed)
    with tempfile.TemporaryDirectory(prefix="aida-bench-", dir=asked.folder) as folder:
        supervisor = Supervisor(Path(folder) / "children.json")
        postgres = Postgres(Path(folder) / "postgres", Path(folder) / "postgres.log",
                            {**_LOAD, "shared_buffers": asked.shared_buffers})
        supervisor.start(postgres.prepare())
        try:
            supervisor.wait("postgres", postgres.is_ready, 60)
            postgres.make_database()
            report(postgres.dsn, films, asked)
        finally:
            supervisor.stop_all()


def report(dsn: str, films: Films, asked: Any) -> None:
    """Print what was built, and how the searches went."""
    took = build(dsn, films, asked.storage)
    db = Database(dsn)
    with db.single() as tx:
        size = tx.one("SELECT pg_total_relation_size('project_embeddings') AS whole,"
                      " pg_relation_size('project_embeddings') AS heap,"
                      " pg_indexes_size('project_embeddings') AS indexes") or {}
    sizes = films.sizes()
    print(f"{len(films.owner) * len(FACETS):,} vectors of {np.count_nonzero(sizes):,} users (half have fewer than "
          f"{int(np.median(sizes)) + 1:,}, the largest {sizes.max():,}), storage {asked.storage or 'as migrated'}")
    print("build: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items()))
    print(f"size: {size['whole'] / 2**30:.2f} GiB, of which rows {size['heap'] / 2**30:.2f}, indexes "
          f"{size['indexes'] / 2**30:.2f}, beside the rows {(size['whole'] - size['heap'] - size['indexes']) / 2**30:.2f}")
    head = ["vectors of a user", "users", "have", "first p50", "first p95", "then p50", "then p95 ms", "recall"]
    table = [head, *measure(db, films, asked.each, asked.rounds)]
    widths = [max(len(row[at]) for row in table) for at in range(len(head))]
    for row in table:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    db.close()


if __name__ == "__main__":
    main()
