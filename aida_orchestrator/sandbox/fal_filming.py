"""Behind fal's queue: fetch the start picture, film it, and say in fal's words why it could not be done."""

from __future__ import annotations

import base64
import binascii
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote_to_bytes

import imageio_ffmpeg
import requests

from . import fal_models
from .film import CannotFilm, shoot
from .media import Shelf
from .state import Sold, State

FETCH_SECONDS = 20
PICTURE_LIMIT = 10 * 1024 * 1024


class Crew:
    """Films running jobs in two threads and writes what came of it (`video` or `error`) to the job's row."""

    def __init__(self, state: State, shelf: Shelf, public_url: str, stop: threading.Event) -> None:
        self._state, self._shelf, self._public_url, self._stop = state, shelf, public_url, stop
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="film")
        self._lock = threading.Lock()
        self._taken: set[str] = set()

    def film(self, sold: Sold) -> None:
        """Begin, unless this process has begun already."""
        with self._lock:
            if sold.id in self._taken:
                return
            self._taken.add(sold.id)
        self._pool.submit(self._film, sold)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _film(self, sold: Sold) -> None:
        model, body = fal_models.MODELS[sold.kind], sold.request["input"]
        name = f"{sold.id}_0.mp4"
        try:
            picture = self._fetch(body[model.start], model.start)
            clip = shoot(picture, fal_models.words(body), fal_models.seconds(body), self._shelf.path(name),
                         sound=model.sound and body.get("generate_audio", True), stop=self._stop,
                         ffmpeg=imageio_ffmpeg.get_ffmpeg_exe())
            self._state.update(sold.id, files=[name], video={"size": clip.path.stat().st_size})
        except (CannotFilm, CannotFetch) as error:
            self._state.update(sold.id, error=failure(422, error.kind, str(error), model.start, body[model.start]))
        except Exception as error:
            if not self._stop.is_set():
                self._state.update(sold.id, error=failure(500, "internal_error", f"{type(error).__name__}: {error}"))

    def _fetch(self, address: str, field: str) -> bytes:
        if address.startswith("data:"):
            return _from_data(address)
        own = f"{self._public_url}/media/"
        if address.startswith(own):
            path = self._shelf.get(address.removeprefix(own).partition("?")[0])
            if path is None:
                raise CannotFetch("file_download_error", "Failed to download the file: 404")
            return path.read_bytes()
        if not address.startswith(("http://", "https://")):
            raise CannotFetch("file_download_error", "Failed to download the file. Please check if the URL is valid.")
        return _from_net(address)


class CannotFetch(Exception):
    """The start picture could not be read; `kind` is fal's error type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def failure(status: int, kind: str, message: str, field: str = "", value: Any = None) -> dict[str, Any]:
    """A failed job as its row keeps it: the result's HTTP status, fal's error type, and the `detail` to show."""
    detail: Any = message
    if field:
        detail = [{"loc": ["body", field], "msg": message, "type": kind, "input": value}]
    return {"status": status, "type": kind, "message": message, "detail": detail}


def _from_data(address: str) -> bytes:
    head, _, data = address.partition(",")
    try:
        return base64.b64decode(data, validate=True) if head.endswith(";base64") else unquote_to_bytes(data)
    except binascii.Error as error:
        raise CannotFetch("file_download_error", "The data URI is not valid base64.") from error


def _from_net(address: str) -> bytes:
    try:
        with requests.Session() as session:
            session.trust_env = False
            response = session.get(address, timeout=(5, FETCH_SECONDS), stream=True)
            if response.status_code != 200:
                raise CannotFetch("file_download_error", f"Failed to download the file: {response.status_code}")
            data = b""
            for piece in response.iter_content(1 << 16):
                data += piece
                if len(data) > PICTURE_LIMIT:
                    raise CannotFetch("file_too_large", "The file is larger than 10 MB.")
            return data
    except requests.RequestException as error:
        raise CannotFetch("file_download_error", f"Failed to download the file: {type(error).__name__}") from error
