"""Media that cost next to nothing: one colour a file, small, and each file another one. SANDBOX_PLAIN_MEDIA=1 asks for it.

For runs that make thousands of pictures and clips and look at none: a drawn picture takes a fifth of a second, a filmed clip
more than one.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import threading
import uuid
from functools import cache
from pathlib import Path

from PIL import Image

_RATE = 24
_LOCK = threading.Lock()


def wanted() -> bool:
    """Whether this process was started to make plain media."""
    return os.environ.get("SANDBOX_PLAIN_MEDIA") == "1"


def picture(words: str, size: tuple[int, int], comment: bytes) -> bytes:
    """A JPEG of half this size; the same words, the same bytes."""
    digest = hashlib.sha256(words.encode()).hexdigest()
    image = Image.new("RGB", (size[0] // 2, size[1] // 2), f"#{digest[:6]}")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60, comment=comment + b" " + digest.encode())
    return out.getvalue()


def clip(size: tuple[int, int], seconds: float, ffmpeg: str, target: Path) -> None:
    """A clip of one colour in `target`, whole or not at all; encoded once for each size and length, then only copied."""
    with _LOCK:
        made = _encode(size, seconds, ffmpeg)
    # A box that players skip makes each file another one.
    box = (24).to_bytes(4, "big") + b"free" + uuid.uuid4().bytes
    part = target.with_suffix(".part.mp4")
    part.write_bytes(made + box)
    part.replace(target)


@cache
def _encode(size: tuple[int, int], seconds: float, ffmpeg: str) -> bytes:
    length = f"{seconds + 1 / _RATE:.4f}"
    source = f"color=c=0x406080:s={size[0]}x{size[1]}:r={_RATE}:d={length}"
    command = [ffmpeg, "-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "ultrafast",
               "-pix_fmt", "yuv420p", "-threads", "1", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "pipe:1"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ffmpeg could not make a plain clip: {done.stderr.decode(errors='replace')[-400:]}")
    return done.stdout
