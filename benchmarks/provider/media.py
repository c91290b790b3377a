"""Four pictures and one clip, made once at the start and served for every job."""

from __future__ import annotations

import io
import subprocess
import tempfile
from pathlib import Path

from .wire import whole

_SIZE = (1280, 720)


class Media:
    """16:9, as the benchmark's brief asks. Needs Pillow and imageio-ffmpeg."""

    def __init__(self) -> None:
        self._pictures = [whole(_picture(number), content_type=b"image/jpeg") for number in range(4)]
        self._clip = whole(_clip(), content_type=b"video/mp4")

    def file(self, path: str) -> bytes:
        """The answer for /media/<job>_<number>.jpeg or /media/<job>.mp4."""
        if path.endswith(".mp4"):
            return self._clip
        return self._pictures[int(path[-6]) % 4]


def _picture(number: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    gradient = Image.linear_gradient("L").resize(_SIZE)
    Image.merge("RGB", [gradient, gradient.rotate(180), gradient.point(lambda value: value // (number + 1))]).save(
        out, "JPEG", quality=80)
    return out.getvalue()


def _clip() -> bytes:
    import imageio_ffmpeg

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "clip.mp4"
        subprocess.run(
            [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i",
             f"testsrc2=size={_SIZE[0]}x{_SIZE[1]}:rate=24:duration=5", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt",
             "yuv420p", "-movflags", "+faststart", str(out)], check=True)
        return out.read_bytes()
