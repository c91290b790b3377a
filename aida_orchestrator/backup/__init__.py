"""Backup and restore of what the service holds: the rows, and the files that they name.

Rows first, files second: a row is written after its file is in its place, so every file that the dump names is there when
the files are copied. The broker holds nothing worth keeping.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import SettingsError
from ..store import restoring
from ..store.db import Database
from ..store.migrate import missing_migrations
from .pool import Pool, checksum

__all__ = ["Manifest", "Pool", "Restored", "Taken", "bring_back", "checksum", "read", "take"]

_DUMP, _MANIFEST = "database.dump", "manifest.json"
_STILL_SEEN = 3.0  # seconds


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one backup is. `files` are the keys that its rows name, `lacking` those that the folder of media had lost."""

    taken_at: datetime
    dump_sha256: str
    files: tuple[str, ...]
    lacking: tuple[str, ...]
    unfinished: tuple[str, ...]

    def write(self, folder: Path) -> None:
        """The last thing that is written: a folder without it is no backup."""
        told = {**asdict(self), "taken_at": self.taken_at.isoformat()}
        fresh = folder / f"{_MANIFEST}.part"
        fresh.write_text(json.dumps(told, indent=1))
        fresh.replace(folder / _MANIFEST)


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was made, and how much had to be copied."""

    folder: Path
    manifest: Manifest
    new_files: int
    new_bytes: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore left; `lacking` are files that rows name and that could not be brought back."""

    manifest: Manifest
    held: bool
    lacking: tuple[str, ...]


def take(dsn: str, media: Path, root: Path, programs: Path) -> Taken:
    """One more backup under `root`, while the service runs; raises SettingsError."""
    now = datetime.now(UTC)
    folder = root / now.strftime("%Y%m%dT%H%M%S.%fZ")
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"{root} cannot be written: {error.strerror}") from error
    db = Database(dsn, size=1)
    try:
        with db.transaction() as tx:
            missing = missing_migrations(tx)
            if missing:
                raise SettingsError(f"this database lacks tables of ours: run `aida migrate` for {', '.join(missing)}")
            open_films = restoring.unfinished(tx)
        restoring.dump(dsn, programs, folder / _DUMP)
        new_files, new_bytes = (pool := Pool(root)).take_in(media)
        with db.transaction() as tx:
            named = restoring.named_files(tx, now)
    finally:
        db.close()
    kept = pool.sums()
    manifest = Manifest(now, checksum(folder / _DUMP), tuple(sorted(named)),
                        tuple(sorted(key for key, sha in named.items() if kept.get(key) != sha)), tuple(open_films))
    manifest.write(folder)
    return Taken(folder, manifest, new_files, new_bytes)


def read(folder: Path) -> Manifest:
    """What a folder says it is, its dump unharmed; raises SettingsError."""
    try:
        told: dict[str, Any] = json.loads((folder / _MANIFEST).read_text())
        found = Manifest(datetime.fromisoformat(told["taken_at"]), told["dump_sha256"],
                         tuple(told["files"]), tuple(told["lacking"]), tuple(told["unfinished"]))
        unharmed = checksum(folder / _DUMP) == found.dump_sha256
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(f"{folder} is no complete backup ({type(error).__name__}): name a dated folder of one") from None
    if not unharmed:
        raise SettingsError(f"{folder / _DUMP} is damaged: its checksum is not that of the manifest. Take an earlier backup")
    return found


def bring_back(dsn: str, media: Path, folder: Path, programs: Path, *, nothing_ran_since: bool,
               tell: Callable[[str], None] = print) -> Restored:
    """Fill an empty database and a folder of media; raises SettingsError, and has then changed no row.

    Files first, so that no row names one that is not there yet. Unless nothing ran since the backup was taken, what was
    perhaps bought since is held for a person's word.
    """
    manifest = read(folder)
    db = Database(dsn, size=1)
    try:
        with db.transaction() as tx:
            if restoring.count_tables(tx):
                raise SettingsError("the database of DATABASE_URL is not empty: restore into a new one")
        if not _is_left_alone(db):
            raise SettingsError("somebody has this database open: stop web, workers and beat first")
        tell(f"copying {len(manifest.files)} files")
        pool = Pool(folder.parent)
        # All that the pool holds: what was made after the dump is not named by a row, and may be all that is left of it.
        lacking = pool.give_back(sorted(set(pool.sums()) | set(manifest.files)), media)
        tell("restoring the database")
        safely = [] if nothing_ran_since else restoring.making_safe(dsn, datetime.now(UTC), manifest.taken_at)
        restoring.restore(dsn, programs, folder / _DUMP, safely)
    finally:
        db.close()
    return Restored(manifest, not nothing_ran_since, tuple(key for key in lacking if key in set(manifest.files)))


def _is_left_alone(db: Database) -> bool:
    """Whether nobody else has the database open. A client that has just closed it is seen for a moment still."""
    until = time.monotonic() + _STILL_SEEN
    while True:
        with db.single() as tx:  # in one transaction the server would tell the same each time
            if not restoring.count_others(tx):
                return True
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
