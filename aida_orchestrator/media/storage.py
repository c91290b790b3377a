"""The folder in which pictures, clips and films are kept; a key cannot be guessed, so knowing it is leave to read."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import MediaError, NotFoundError

_SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*", re.ASCII)
_LONGEST_KEY = 300
_SCRATCH = ".scratch"
_LEFT_BEHIND_SECONDS = 24 * 3600


def new_key(project_id: str, kind: str, number: int, extension: str) -> str:
    """A key with 128 random bits, such as `proj_x/picture-03-<random>.jpg`; raises MediaError for an unusable part."""
    key = f"{project_id}/{kind}-{number:02d}-{secrets.token_hex(16)}.{extension.lstrip('.')}"
    if not _well_formed(key) or key.count("/") != 1:
        raise MediaError("a storage key can be made of letters, digits, '_', '-' and '.' only")
    return key


class LocalStorage:
    """Files under one folder, each written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def put(self, key: str, source: Path) -> None:
        """Copy `source` in under `key`; it appears whole and survives a power cut. MediaError for a bad key."""
        target = self._place(key)
        if target is None:
            raise MediaError("a storage key would lead out of the storage folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._scratch_root() / f"put-{secrets.token_hex(8)}"
        try:
            with source.open("rb") as reader, temporary.open("xb") as writer:
                shutil.copyfileobj(reader, writer, 1024 * 1024)
                writer.flush()
                os.fsync(writer.fileno())
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
        for folder in (target.parent, self.folder):
            _sync_folder(folder)

    def path(self, key: str) -> Path:
        """Where the file lies; raises NotFoundError if it is missing or the key is not one of ours."""
        place = self._place(key)
        if place is None or not place.is_file():
            raise NotFoundError("there is no such file; it may have been deleted")
        return place

    def exists(self, key: str) -> bool:
        """A file lies under this key."""
        place = self._place(key)
        return place is not None and place.is_file()

    def delete(self, key: str) -> None:
        """Remove the file; nothing happens if it is gone already. Raises MediaError for a bad key."""
        place = self._place(key)
        if place is None:
            raise MediaError("a storage key would lead out of the storage folder")
        place.unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder on the storage's own filesystem, removed afterwards; what a killed process left goes after a day."""
        root = self._scratch_root()
        _sweep(root)
        folder = root / f"work-{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _scratch_root(self) -> Path:
        root = self.folder / _SCRATCH
        root.mkdir(parents=True, exist_ok=True)
        return root

    def _place(self, key: str) -> Path | None:
        if not _well_formed(key):
            return None
        place = self.folder / key
        try:
            inside = place.resolve().is_relative_to(self.folder.resolve())
        except (OSError, RuntimeError):
            return None
        return place if inside else None


def _well_formed(key: str) -> bool:
    return len(key) <= _LONGEST_KEY and _KEY.fullmatch(key) is not None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some filesystems cannot sync a folder; the file itself is synced
            os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(root: Path) -> None:
    oldest = time.time() - _LEFT_BEHIND_SECONDS
    for entry in root.iterdir():
        with suppress(OSError):
            if entry.stat().st_mtime < oldest:
                if entry.is_dir():
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.unlink(missing_ok=True)
