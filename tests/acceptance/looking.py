"""What the tests look at: films as files, and the sandbox's books."""

from __future__ import annotations

import re
import struct
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import imageio_ffmpeg

from ..harness import Sandbox, Service


@dataclass(frozen=True)
class Film:
    """What a player finds out about a film. `boxes` are the file's parts in their order."""

    seconds: float
    codec: str
    pixels: str
    width: int
    height: int
    boxes: tuple[str, ...]

    @property
    def starts_at_once(self) -> bool:
        """Whether a browser can play before it has everything: the index stands before the data."""
        return self.boxes.index("moov") < self.boxes.index("mdat")


def watch(film: bytes) -> Film:
    """Decode a whole film; an AssertionError when any frame of it does not play."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(film)
        file.flush()
        argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-xerror", "-i", file.name, "-f", "null", "-"]
        played = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stderr[-2000:]
    length = re.search(r"Duration: (\d+):(\d+):([\d.]+)", played.stderr)
    stream = re.search(r"Video: (\w+).*?, (yuv\w+).*?, (\d+)x(\d+)", played.stderr)
    assert length, played.stderr
    assert stream, played.stderr
    hours, minutes, seconds = length.groups()
    return Film(int(hours) * 3600 + int(minutes) * 60 + float(seconds), stream[1], stream[2], int(stream[3]),
                int(stream[4]), tuple(_boxes(film)))


def film_of(service: Service, status: Mapping[str, Any]) -> Film:
    """Download and watch the film of a task."""
    code, _, body = service.get(status["videoUrl"])
    assert code == 200
    return watch(body)


def most_at_once(sold: Iterable[Mapping[str, Any]], seconds: float) -> int:
    """How many of these jobs were being made at once, each for `seconds` from when it was sold."""
    begun = [line["at"] for line in sold]
    return max((sum(at <= moment < at + seconds for at in begun) for moment in begun), default=0)


def roles(sandbox: Sandbox) -> list[str]:
    """Which agents were asked, in their order, told by the form of the answer that was wanted of each."""
    return [_role(line["request"]) for line in sandbox.sold("anthropic")]


def no_pictures(sandbox: Sandbox) -> None:
    """Films get as far as their pictures and stay there; nothing is drawn, so it costs no time."""
    sandbox.fault({"provider": "kie", "operation": "submit", "fault": "never_ends", "times": None})


def is_picture(body: bytes) -> bool:
    """Whether these are the first bytes of a JPEG or PNG."""
    return body.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n"))


def _role(request: Mapping[str, Any]) -> str:
    wanted = set(request["output_config"]["format"]["schema"]["properties"])
    telling = {"intent": "orchestrator", "beats": "writer", "shots": "director", "style_reference": "stylist"}
    return next(role for part, role in telling.items() if part in wanted)


def _boxes(film: bytes) -> Iterable[str]:
    place = 0
    while place + 8 <= len(film):
        size, kind = struct.unpack(">I4s", film[place : place + 8])
        if size == 1:
            size = struct.unpack(">Q", film[place + 8 : place + 16])[0]
        yield kind.decode("latin-1")
        place += size or len(film)
