"""The folder in which the processes of one machine keep their counts: taken, added up, and put together when one is gone.

The files are those of prometheus_client's multiprocess mode, but each process holds a lock on its own, which the kernel
lets go of with the process: so a file without one belongs to nobody, whatever its number was and in whichever container.
What a process that is gone had counted moves to one file of all that are gone: sums never fall, files never pile up.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

log = logging.getLogger(__name__)

WEB, WORKER = "web", "worker"
KINDS = ("counter", "histogram")
_GONE = "gone"
# Room for all that our closed sets of labels can fill, taken at once: writing to a mapped file on a full disk kills.
_BYTES = 1 << 19
_UNREADABLE = (OSError, ValueError, RuntimeError, struct.error)


def take(folder: Path, role: str) -> tuple[str, list[int]]:
    """A name for this process's files, which are made, and the locks that say that it lives; raises OSError."""
    name = f"{role}-{re.sub('[^A-Za-z0-9.-]', '-', socket.gethostname())}-{os.getpid()}"
    held: list[int] = []
    with _locked(folder, fcntl.LOCK_EX):
        try:
            for kind in KINDS:
                handle = os.open(_file(folder, kind, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
                held.append(handle)
                fcntl.flock(handle, fcntl.LOCK_SH)
                _make_room(handle)
        except OSError:
            for handle in held:
                os.close(handle)
            raise
    return name, held


def tidy(folder: Path, role: str, *, fresh: bool = False) -> None:
    """Put together what processes of this role that are gone had counted; where that cannot be, the next one does it.

    `fresh`: forget it instead, unless another one of the role still counts (a web server, or a first worker, begins at 0).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _tidy(folder, role, fresh)
    except OSError as error:
        log.warning("counts of processes that are gone are left as they are: the folder of counts cannot be written",
                    extra={"folder": str(folder), "why": error.strerror})


def _tidy(folder: Path, role: str, fresh: bool) -> None:
    with _locked(folder, fcntl.LOCK_EX):
        files = _files(folder, role)
        gone = [file for file in files if not _is_held(file)]
        if fresh and len(gone) == len(files):
            for file in gone:
                file.unlink()
            return
        for kind in KINDS:
            _fold(_file(folder, kind, f"{role}-{_GONE}"), [file for file in gone if file.name.startswith(f"{kind}_")])


def families(folder: Path) -> Iterable[Metric]:
    """What all processes of this folder have counted, together; nothing where nobody counts. Raises OSError."""
    if not folder.is_dir():
        return []
    with _locked(folder, fcntl.LOCK_SH):
        files = [file for role in (WEB, WORKER) for file in _files(folder, role)]
        try:
            return MultiProcessCollector.merge([str(file) for file in files])
        except _UNREADABLE:
            return MultiProcessCollector.merge([str(file) for file in files if _can_be_read(file)])


def _fold(target: Path, gone: list[Path]) -> None:
    gone = [file for file in gone if file != target]
    if not gone:
        return
    with target.open("ab") as made:
        _make_room(made.fileno())
    kept = MmapedDict(str(target))
    try:
        for file in gone:
            if _can_be_read(file):
                for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):
                    kept.write_value(key, kept.read_value(key)[0] + value, 0.0)
            file.unlink()
    finally:
        kept.close()


def _can_be_read(file: Path) -> bool:
    """False for what a crash left half made; it holds no counts worth an error at each scrape."""
    try:
        for _ in MmapedDict.read_all_values_from_file(str(file)):
            pass
    except _UNREADABLE as error:
        log.warning("a file of counts cannot be read and is left out",
                    extra={"file": file.name, "why": type(error).__name__})
        return False
    return True


def _make_room(handle: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, _BYTES)
    elif os.fstat(handle).st_size < _BYTES:
        os.ftruncate(handle, _BYTES)


def _is_held(file: Path) -> bool:
    with file.open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _files(folder: Path, role: str) -> list[Path]:
    return sorted(file for kind in KINDS for file in folder.glob(f"{kind}_{role}-*.db"))


def _file(folder: Path, kind: str, name: str) -> Path:
    return folder / f"{kind}_{name}.db"


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    handle = os.open(folder / "lock", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)
