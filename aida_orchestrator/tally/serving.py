"""The counts of a machine that serves no API: a small door for Prometheus, opened by a worker that is told a port."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from .folder import families

log = logging.getLogger(__name__)


class _Folder(Collector):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        return families(self._folder)


def serve(folder: Path, host: str, port: int) -> None:
    """Tell at http://host:port/metrics what this machine's workers count; a taken port means that another one does."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Folder(folder.absolute()))
    try:
        start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        log.warning("the counts of this machine are not told here: the port cannot be opened",
                    extra={"port": port, "why": error.strerror})
