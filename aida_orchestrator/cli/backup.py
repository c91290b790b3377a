"""`aida backup` and `aida restore`: work on the rows and the folder of media, as `aida migrate` does."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from .. import backup
from ..errors import SettingsError
from ..local.migrating import database_here
from ..local.postgres import find_programs
from ..settings import load_settings
from ..store import facts
from ..store.db import Database


def take(arguments: argparse.Namespace) -> int:
    """One more backup in a folder; 1 when rows name files that the folder of media lacks."""
    settings = load_settings()
    with database_here(settings) as dsn:
        taken = backup.take(dsn, settings.media_folder, arguments.folder.absolute(), _programs(dsn))
    print(f"{taken.folder}\n{len(taken.manifest.files)} files named by rows, {taken.new_files} copied now "
          f"({taken.new_bytes / 1e6:.1f} MB); {len(taken.manifest.unfinished)} films were being made")
    for key in taken.manifest.lacking:
        print(f"LACKING: {key} is named by a row, and is not whole in {settings.media_folder}")
    return int(bool(taken.manifest.lacking))


def bring_back(arguments: argparse.Namespace) -> int:
    """Restore one backup into an empty database, or only look whether it could be."""
    folder: Path = arguments.folder.absolute()
    if arguments.check:
        return _check(folder)
    settings = load_settings()
    with database_here(settings) as dsn:
        done = backup.bring_back(dsn, settings.media_folder, folder, _programs(dsn),
                                 nothing_ran_since=arguments.nothing_ran_since)
    print(f"restored as of {done.manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC")
    for key in done.lacking:
        print(f"LACKING: {key} is named by a row, and the backup does not have it")
    if done.held and done.manifest.unfinished:
        print(f"{len(done.manifest.unfinished)} films were being made. What they may have bought since is held, and is not "
              "bought again by itself:\n  start the service; `aida jobs --unknown` lists it and says what to do. A film of "
              "which you know that\n  nothing was bought since may be retried with {\"resendUnknown\": true}")
        print("\n".join(f"  {task}" for task in done.manifest.unfinished))
    return int(bool(done.lacking))


def _check(folder: Path) -> int:
    manifest, pool = backup.read(folder), backup.Pool(folder.parent)
    known = pool.sums()
    harmed = [key for key in manifest.files if key not in manifest.lacking and (
        not (pool.folder / key).is_file() or backup.checksum(pool.folder / key) != known.get(key))]
    for key in (*manifest.lacking, *harmed):
        print(f"LACKING: {key}")
    print(f"taken at {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC: the dump is whole, "
          f"{len(manifest.files) - len(manifest.lacking) - len(harmed)} of {len(manifest.files)} files are")
    return int(bool(harmed or manifest.lacking))


def _programs(dsn: str) -> Path:
    """The folder of a pg_dump, pg_restore and psql that are not older than the server."""
    db = Database(dsn, size=1)
    try:
        with db.transaction() as tx:
            needed = facts.server(tx).number // 10_000
    finally:
        db.close()
    found = shutil.which("pg_dump")
    places = [Path(found).parent] if found else []
    with suppress(SettingsError):  # the embedded server is not installed
        places.append(find_programs())
    for place in places:
        if _version(place) >= needed and (place / "psql").exists():
            return place
    raise SettingsError(f"no pg_dump of PostgreSQL {needed} or later is here: install postgresql-client-{needed}")


def _version(place: Path) -> int:
    done = subprocess.run([str(place / "pg_dump"), "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"(\d+)", done.stdout)
    return int(number[1]) if number else 0
