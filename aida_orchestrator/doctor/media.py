"""The folder of media: can it be written, is there room, and does it hold what rows name?"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..errors import AidaError, SettingsError
from ..media.storage import LocalStorage
from ..settings import Settings
from ..store import facts
from ..store.db import Database, StoreUnavailable
from .findings import Finding, ok, unknown, warning, wrong

_WARNED, _WRONG = 20_000_000_000, 2_000_000_000
_SAMPLE = 50


def check(settings: Settings) -> Iterator[Finding]:
    """Writable, room, and a sample of what the database names; then the folder of small state."""
    storage = LocalStorage(settings.media_folder)
    yield from _folder("media", "MEDIA_DIR", storage.folder, "pictures and clips that are bought cannot be kept")
    yield from _room(storage.folder)
    yield _sample(settings, storage)
    yield from _folder("home", "AIDA_HOME", settings.aida_home.absolute(),
                       "the id of a purchase has nowhere to wait for a database that is away")


def _folder(check: str, name: str, folder: Path, costs: str) -> Iterator[Finding]:
    existing = _existing(folder)
    try:
        if not existing.is_dir():
            raise NotADirectoryError(20, f"{existing} is a file")
        trial = existing / f".doctor-{secrets.token_hex(8)}"
        try:
            trial.write_bytes(b"a trial")
            os.replace(trial, trial := trial.with_suffix(".moved"))
        finally:
            trial.unlink(missing_ok=True)
    except OSError as error:
        yield wrong(f"{check}.writable", f"{name} {folder} cannot be written ({error.strerror}): {costs}",
                    f"mount it writable, or give it to the user of the service: chown, or another {name}")
        return
    # Not made here: it would belong to whoever asks, and not to the user of the service.
    yield ok(f"{check}.writable", f"{name} {folder} can be " + ("written" if existing == folder else "made"))


def _room(folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(_existing(folder)).free
    told = f"{free / 1e9:.1f} GB are free where media are kept; a film takes some tens of MB"
    mend = "make room: docs/operations.md, \"Retention of media\""
    if free < _WRONG:
        yield wrong("media.room", told, mend)
    elif free < _WARNED:
        yield warning("media.room", told, mend)
    else:
        yield ok("media.room", told)


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def _sample(settings: Settings, storage: LocalStorage) -> Finding:
    """A few files from a random place of the table: a folder of another installation shows at once."""
    try:
        db = Database(settings.require_database(), size=1, wait_seconds=5)
    except SettingsError:
        return unknown("media.complete", "cannot be told without the database")
    try:
        with db.transaction() as tx:
            named = facts.sample_assets(tx, f"proj_{secrets.token_hex(10)}", _SAMPLE)
            named += facts.sample_assets(tx, "", _SAMPLE - len(named))
    except (*StoreUnavailable, AidaError):
        return unknown("media.complete", "cannot be told without the database")
    except Exception as error:
        return unknown("media.complete", f"the database has no list of files ({type(error).__name__})", "run `aida migrate`")
    finally:
        db.close()
    wrong_ones = [key for key, size in named if not storage.exists(key) or storage.path(key).stat().st_size != size]
    if not named:
        return ok("media.complete", "no file is named by the database yet")
    if wrong_ones:
        return wrong("media.complete", f"{len(wrong_ones)} of {len(named)} files that the database names are not "
                     f"whole in this folder, such as {wrong_ones[0]}",
                     "is MEDIA_DIR the folder of this database, and mounted? If files are lost: docs/operations.md, "
                     "\"Backup and restore\"")
    return ok("media.complete", f"{len(named)} files that the database names are there")
