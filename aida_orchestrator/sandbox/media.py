"""Result files: drawn or filmed once, kept for ever, served with range requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flask import Blueprint, Response, request, send_file

from .faults import Fault, Faults, hang_up
from .state import Sold, State

TYPES = {".jpeg": "image/jpeg", ".mp4": "video/mp4"}
Maker = Callable[[Sold, int], bytes]


class Shelf:
    """The media folder. Names are `<job id>_<number>.<ending>`; what is missing is made by the provider's maker."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._makers: dict[str, Maker] = {}
        self._lock = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="draw")

    def register(self, provider: str, maker: Maker) -> None:
        self._makers[provider] = maker

    def path(self, name: str) -> Path:
        return self.state.media_dir / Path(name).name

    def job_of(self, name: str) -> tuple[Sold, int] | None:
        """The sale a file belongs to and the file's number in it."""
        stem, _, number = Path(name).stem.rpartition("_")
        sold = self.state.find(stem) if number.isdigit() else None
        return None if sold is None else (sold, int(number))

    def get(self, name: str) -> Path | None:
        """The file, made now if it is not there yet; None when there is no such result."""
        path = self.path(name)
        if path.exists():
            return path
        found = self.job_of(name)
        maker = self._makers.get(found[0].provider) if found else None
        if found is None or maker is None:
            return None
        with self._lock:
            lock = self._busy.setdefault(name, threading.Lock())
        with lock:
            if not path.exists():
                part = path.with_suffix(".part")
                part.write_bytes(maker(*found))
                part.replace(path)
        with self._lock:
            self._busy.pop(name, None)
        return path

    def make_ahead(self, names: list[str]) -> None:
        """Make files in the background while the job is still said to be running."""
        for name in names:
            self._ahead.submit(self.get, name)


def blueprint(shelf: Shelf, faults: Faults) -> Blueprint:
    """`/media/<name>`."""
    room = Blueprint("media", __name__)

    @room.get("/media/<name>")
    def serve(name: str) -> Response:
        found = shelf.job_of(name)
        if found is None or (path := _finished(shelf, found[0], name)) is None:
            return Response("NoSuchKey", status=404, content_type="text/plain")
        sold = found[0]
        fault = faults.take(sold.provider, "media", f"{name} {sold.request}")
        response = _act(fault, path) if fault else None
        if response is None:
            response = send_file(path, mimetype=TYPES[path.suffix], conditional=True, etag=True, max_age=3600)
            if request.method == "GET" and response.status_code in (200, 206):
                shelf.state.count_media_fetched(sold.id)
        lost = response.status_code == 499
        shelf.state.record(sold.provider, "media", {"name": name}, 0 if lost else response.status_code)
        return response

    return room


def _finished(shelf: Shelf, sold: Sold, name: str) -> Path | None:
    """The file of a job that is done; a name of the right shape for a job without such a result has none."""
    if sold.state != "done" or name not in sold.fields.get("files", []):
        return None
    return shelf.get(name)


def _act(fault: Fault, path: Path) -> Response | None:
    if fault.kind == "cut_short":
        data = path.read_bytes()
        half = Response(iter([data[: len(data) // 2]]), content_type=TYPES[path.suffix])
        half.headers["Content-Length"] = str(len(data))
        return half
    if fault.kind == "expired":
        return Response("The specified key does not exist.", status=404, content_type="text/plain")
    if fault.kind == "status":  # files lie on a plain file server, which speaks HTTP and not the provider's dialect
        headers = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
        return Response("error", status=fault.status, headers=headers, content_type="text/plain")
    if fault.kind == "malformed":
        return Response("<html><title>Just a moment...</title></html>", content_type="text/html")
    if fault.kind == "reset_after":
        return hang_up()
    return fault.before()
