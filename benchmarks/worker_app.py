"""`celery -A benchmarks.worker_app worker`: the service's own worker, but that media are neither copied nor joined.

What is measured is then the waiting and the bookkeeping. Fetcher, storage, fitting and joining are handed in; all else is
celery_app as it is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from aida_orchestrator import services
from aida_orchestrator.media.assembly import FilmPart
from aida_orchestrator.media.fetch import Fetched, Fetcher
from aida_orchestrator.media.probing import Probe
from aida_orchestrator.media.storage import LocalStorage
from aida_orchestrator.pipeline import chain
from aida_orchestrator.services import Services
from celery_app import app, settings

__all__ = ["app"]

_SHA = "0" * 64


class NoFetcher(Fetcher):
    """Says that a file came, and leaves an empty one."""

    def fetch(self, provider: str, url: str, into: Path, kinds: Sequence[str] = ("image",)) -> Fetched:
        into.touch()
        if "video" in kinds:
            return Fetched("video/mp4", 0, _SHA, "mp4")
        return Fetched("image/jpeg", 0, _SHA, "jpg")


class NoStorage(LocalStorage):
    """Keeps nothing; every key leads to the same empty file. Threads share one scratch folder, for all files are empty."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._empty = folder / "empty"
        self._empty.touch()

    def put(self, key: str, source: Path) -> None:
        return

    def path(self, key: str) -> Path:
        return self._empty

    def exists(self, key: str) -> bool:
        return True

    def delete(self, key: str) -> None:
        return

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        yield self.folder


def without_media(made: Services) -> Services:
    """The same services with the media part replaced."""
    storage = NoStorage(Path(tempfile.mkdtemp(prefix="bench-media-", dir=settings.aida_home)))
    desk = replace(made.desk, storage=storage, fetcher=NoFetcher((), 1, 1.0), fit=_fit)
    return replace(made, desk=desk, storage=storage, assemble=_assemble)


def _fit(clip: Path, seconds: float, aspect_ratio: str, out: Path) -> None:
    out.touch()


def _assemble(parts: Sequence[FilmPart], aspect_ratio: str, out: Path, scratch: Path) -> Probe:
    out.touch()
    return Probe(seconds=sum(part.seconds for part in parts), width=1280, height=720, fps=24.0, codec="h264",
                 pix_fmt="yuv420p", has_audio=False)


chain.connect(lambda: without_media(services.build(settings)))
