"""The files of all backups lie in one pool: a key is never written twice, so each is copied once and serves every dump."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import SettingsError

_SUMS = "media.sha256"


class Pool:
    """`<backup>/media` and its list of checksums, which `sha256sum -c media.sha256` reads too."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "media"
        self._list = root / _SUMS

    def sums(self) -> dict[str, str]:
        """The checksum of each file, by its key."""
        if not self._list.is_file():
            return {}
        lines = (line.partition("  ") for line in self._list.read_text().splitlines())
        return {name.removeprefix("media/"): sha for sha, _, name in lines if name}

    def take_in(self, source: Path) -> tuple[int, int]:
        """Copy what is new; how many files, and how many bytes. What goes away meanwhile was deleted, and is left out."""
        known, files, size = self.sums(), 0, 0
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._list.open("a") as listed:
            for key in _keys(source):
                if key in known and (self.folder / key).is_file():
                    continue
                try:
                    sha, count = copy(source / key, self.folder / key)
                except FileNotFoundError:
                    continue
                listed.write(f"{sha}  media/{key}\n")
                files, size = files + 1, size + count
            listed.flush()
            os.fsync(listed.fileno())
        return files, size

    def give_back(self, keys: Iterable[str], target: Path) -> list[str]:
        """Copy these into a folder of media unless they are there; the keys of those that the pool lacks or has damaged."""
        known, lacking = self.sums(), []
        for key in keys:
            place, kept = target / key, self.folder / key
            if place.is_file() and kept.is_file() and place.stat().st_size == kept.stat().st_size:
                continue
            if not kept.is_file() or known.get(key) is None:
                lacking.append(key)
            elif copy(kept, place)[0] != known[key]:
                place.unlink()
                lacking.append(key)
        return lacking


def copy(source: Path, target: Path) -> tuple[str, int]:
    """Copy one file, whole or not at all; its checksum and size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    digest, size = hashlib.sha256(), 0
    try:
        with source.open("rb") as reader, fresh.open("xb") as writer:
            while block := reader.read(1024 * 1024):
                digest.update(block)
                size += len(block)
                writer.write(block)
            writer.flush()
            os.fsync(writer.fileno())
        fresh.replace(target)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise SettingsError(f"{target} cannot be written: {error.strerror}") from error
    finally:
        fresh.unlink(missing_ok=True)
    return digest.hexdigest(), size


def checksum(file: Path) -> str:
    """The checksum of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as reader:
        while block := reader.read(1024 * 1024):
            digest.update(block)
    return digest.hexdigest()


def _keys(source: Path) -> Iterator[str]:
    """Every file but those in the making, which begin with a dot or lie in such a folder."""
    for folder, inside, names in os.walk(source):
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield (Path(folder) / name).relative_to(source).as_posix()
