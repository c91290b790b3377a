"""Small real pictures and clips, made once each; every file is still different from all others."""

from __future__ import annotations

import io
import subprocess
import tempfile
import threading
from functools import cache
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image

# As providers make them: near the asked shape, seldom exactly it.
_SIZES = {"16:9": (728, 408), "9:16": (408, 728), "1:1": (512, 512)}
_ODD_SIZES = {"16:9": (731, 411), "9:16": (411, 731), "1:1": (513, 511)}


class Studio:
    """Files by name, as the media servers offer them."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, str]] = {}
        self._lock = threading.Lock()

    def add_picture(self, name: str, ratio: str, odd: bool) -> None:
        """A JPEG; its name stands in a comment, so that no two are equal."""
        raw, note = _jpeg(*(_ODD_SIZES if odd else _SIZES).get(ratio, (512, 512))), name.encode()
        comment = b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note
        self._add(name, raw[:2] + comment + raw[2:], "image/jpeg")

    def add_clip(self, name: str, seconds: int, width: int, height: int, odd: int) -> None:
        """An H.264 clip. Odd ones in turn: 30 frames a second and 0.04 s too long; half a second too short, with sound."""
        exact = seconds + (0.0, 0.04, -0.5)[odd]
        even = (width // 4 * 2, height // 4 * 2)
        raw = _mp4(exact, *even, 30 if odd else 24, odd == 2)
        note = b"free" + name.encode()
        self._add(name, raw + (len(note) + 4).to_bytes(4, "big") + note, "application/octet-stream" if odd else "video/mp4")

    def get(self, name: str) -> tuple[bytes, str] | None:
        """Bytes and the content type that is claimed."""
        with self._lock:
            return self._files.get(name)

    def _add(self, name: str, raw: bytes, content_type: str) -> None:
        with self._lock:
            self._files[name] = (raw, content_type)


@cache
def _jpeg(width: int, height: int) -> bytes:
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


@cache
def _mp4(seconds: float, width: int, height: int, fps: int, sound: bool) -> bytes:
    tone = ["-f", "lavfi", "-i", f"sine=d={seconds}", "-c:a", "aac"] if sound else []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "clip.mp4"
        subprocess.run(
            [get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", f"testsrc2=s={width}x{height}:r={fps}:d={seconds}",
             *tone, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "35", "-pix_fmt", "yuv420p", str(out)],
            capture_output=True, check=True, timeout=60)
        return out.read_bytes()


def sides(raw: bytes) -> tuple[int, int]:
    """Width and height of a picture; raises OSError when it is none."""
    return Image.open(io.BytesIO(raw)).size
