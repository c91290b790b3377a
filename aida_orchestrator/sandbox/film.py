"""The sandbox's Kling: a picture becomes an H.264 clip with a real, smooth camera move."""

from __future__ import annotations

import hashlib
import io
import math
import os
import re
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageFilter

from . import plain
from .lettering import mark
from .render import COMMENT

RATE = 24
LONG, SHORT = 1280, 720
TIME_LIMIT = 90.0
NEEDS_ROOM = 1.085  # how much of the picture a move may leave outside the frame

MOVES = (
    ("push", r"push|zoom in|dolly in|move in|closer|approach|toward|avvicin"),
    ("pull", r"pull|zoom out|dolly out|back away|reveal|wide out|allontan"),
    ("left", r"pan(s|ning)? left|left|sinistra"),
    ("right", r"pan(s|ning)? right|pan\b|panning|truck|tracking|slide|right|destra|follow"),
    ("up", r"tilt(s|ing)? up|crane up|rise|rising|upward|lift|boom up|ascend"),
    ("down", r"tilt(s|ing)? down|tilt|descend|downward|lower|crane|drop"),
    ("drift", r"orbit|around|arc|rotate|circle|drift|float|handheld|sway"),
)


@dataclass(frozen=True)
class Clip:
    """A finished clip: where it lies, its size in pixels and its length in seconds."""

    path: Path
    width: int
    height: int
    seconds: float


class CannotFilm(Exception):
    """The start picture cannot be used; `kind` is fal's error type for it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def open_picture(data: bytes) -> Image.Image:
    """The start picture as RGB, held to the limits fal prints for o1: 10 MB, 300 px a side, ratio 0.40 to 2.50."""
    if len(data) > 10 * 1024 * 1024:
        raise CannotFilm("file_too_large", "The image is larger than 10 MB.")
    try:
        opened = Image.open(io.BytesIO(data))
        ours = opened.info.get("comment") == COMMENT
        image = opened.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise CannotFilm("image_load_error", "Failed to load the image. Please ensure it is a valid image.") from error
    if min(image.size) < 300:
        raise CannotFilm("image_too_small", "Image dimensions are too small: at least 300 px each side.")
    if not 0.4 <= image.width / image.height <= 2.5:
        raise CannotFilm("image_load_error", "The image's aspect ratio must be between 0.40 and 2.50.")
    return _without_mark(image) if ours else image


def move_for(prompt: str) -> str:
    """The camera move a motion prompt asks for; one that suits, but always the same, where it names none."""
    said = prompt.lower()
    places = [(found.start(), name) for name, words in MOVES if (found := re.search(words, said))]
    if places:
        return min(places)[1]
    return ("push", "drift", "right", "pull", "left")[hashlib.sha256(said.encode()).digest()[0] % 5]


def shoot(
    picture: bytes, prompt: str, seconds: float, target: Path, *, sound: bool, ffmpeg: str,
    stop: threading.Event | None = None,
) -> Clip:
    """Film `seconds` (and the one frame more that Kling gives) into `target`, whole or not at all.

    Raises CannotFilm for a picture that will not do, RuntimeError when ffmpeg fails.
    """
    image = open_picture(picture)
    width, height = _frame_size(image)
    frames = round(seconds * RATE) + 1
    if plain.wanted():
        plain.clip((width // 4 * 2, height // 4 * 2), seconds, ffmpeg, target)
        return Clip(target, width // 4 * 2, height // 4 * 2, frames / RATE)
    planes = _planes(image, width, height)
    part = target.with_suffix(".part.mp4")
    process = subprocess.Popen(
        _command(ffmpeg, width, height, seconds, sound, part), stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    timer = threading.Timer(TIME_LIMIT, process.kill)
    timer.start()
    try:
        assert process.stdin is not None
        assert process.stderr is not None
        try:
            for index in range(frames):
                if stop is not None and stop.is_set():
                    raise RuntimeError("filming was stopped")
                process.stdin.write(_frame(planes, move_for(prompt), index / max(1, frames - 1), width, height))
            process.stdin.close()
        except BrokenPipeError:
            pass  # ffmpeg's own words, read below, say more
        said = process.stderr.read().decode(errors="replace")
        if process.wait() != 0:
            raise RuntimeError(f"ffmpeg could not encode the clip: {said[-400:]}")
        os.replace(part, target)
    finally:
        timer.cancel()
        if process.poll() is None:
            process.kill()
            process.wait()
        part.unlink(missing_ok=True)
    return Clip(target, width, height, frames / RATE)


def _command(ffmpeg: str, width: int, height: int, seconds: float, sound: bool, part: Path) -> list[str]:
    length = f"{seconds + 1 / RATE:.4f}"
    command = [ffmpeg, "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file,pipe", "-threads", "1",
               "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", str(RATE), "-i", "pipe:0"]
    if sound:
        command += ["-f", "lavfi", "-i", f"anoisesrc=color=brown:amplitude=0.02:sample_rate=44100:duration={length}",
                    "-c:a", "aac", "-b:a", "64k", "-ac", "2"]
    return [*command, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "21", "-g", "48", "-threads", "1",
            "-vf", "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709",
            "-metadata", "comment=AIDA SANDBOX", "-movflags", "+faststart", str(part)]


def _frame_size(image: Image.Image) -> tuple[int, int]:
    """720p in the picture's own ratio, both sides even."""
    ratio = image.width / image.height
    width, height = (SHORT * ratio, SHORT) if ratio >= 1 else (SHORT, SHORT / ratio)
    fit = min(1.0, LONG / max(width, height)) if abs(ratio - 16 / 9) > 0.01 else 1.0
    return round(width * fit / 2) * 2, round(height * fit / 2) * 2


def _planes(image: Image.Image, width: int, height: int) -> list[Image.Image]:
    """Y, Cb and Cr of BT.709 in studio range, the picture filling the frame; chroma at half the size."""
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    red, green, blue = (0.2126, 0.7152, 0.0722)
    y, cb, cr = 219 / 255, 224 / 255 / (2 * (1 - blue)), 224 / 255 / (2 * (1 - red))
    rows = ((y * red, y * green, y * blue, 16.0), (-cb * red, -cb * green, cb * (1 - blue), 128.0),
            (cr * (1 - red), -cr * green, -cr * blue, 128.0))
    luma, blue_difference, red_difference = (image.convert("L", row) for row in rows)
    half = (width // 2, height // 2)
    return [luma, blue_difference.resize(half, Image.Resampling.BOX), red_difference.resize(half, Image.Resampling.BOX)]


def _view(move: str, t: float, width: int, height: int) -> tuple[float, float, float, float]:
    """The part of the picture seen at time `t` (0..1), in fractions of a pixel so that nothing jumps."""
    ease = t * 0.35 + 0.65 * (t * t * (3 - 2 * t))  # starts and ends gently, never stands still
    zoom, x, y = NEEDS_ROOM, 0.5, 0.5
    if move == "push":
        zoom, y = 1 + (NEEDS_ROOM + 0.04 - 1) * ease, 0.5 + 0.06 * ease
    elif move == "pull":
        zoom, y = 1 + (NEEDS_ROOM + 0.04 - 1) * (1 - ease), 0.5 + 0.06 * (1 - ease)
    elif move in ("left", "right"):
        x = ease if move == "right" else 1 - ease
    elif move in ("up", "down"):
        y = ease if move == "down" else 1 - ease
    else:
        zoom = 1.06 + 0.05 * math.sin(math.pi * ease)
        x, y = 0.5 + 0.5 * math.sin(math.tau * 0.75 * ease), 0.5 - 0.4 * math.cos(math.tau * 0.75 * ease)
    wide, tall = width / zoom, height / zoom
    left, top = (width - wide) * x, (height - tall) * y
    return left, top, left + wide, top + tall


def _frame(planes: list[Image.Image], move: str, t: float, width: int, height: int) -> bytes:
    box = _view(move, t, width, height)
    half = (box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2)
    luma = planes[0].resize((width, height), Image.Resampling.BILINEAR, box=box)
    badge, corner = mark(width, height)
    grey, mask = badge.split()
    luma.paste(grey, corner, mask)
    chroma = [plane.resize((width // 2, height // 2), Image.Resampling.BILINEAR, box=half) for plane in planes[1:]]
    return b"".join(plane.tobytes() for plane in (luma, *chroma))


def _without_mark(image: Image.Image) -> Image.Image:
    """Our own picture with its badge painted out: the clip sets its own, which must not move with the camera."""
    badge, (left, top) = mark(*image.size)
    edge = 8
    wide, tall = badge.width + 2 * edge, badge.height + 2 * edge
    x, y = left - edge, max(0, top - edge)
    patch = image.crop((x, y + tall, x + wide, min(image.height, y + 2 * tall)))
    patch = patch.resize((wide, 1), Image.Resampling.BOX).resize((wide, tall))
    soft = Image.new("L", (wide, tall))
    soft.paste(255, (edge // 2, edge // 2, wide - edge // 2, tall - edge // 2))
    image = image.copy()
    image.paste(patch, (x, y), soft.filter(ImageFilter.GaussianBlur(edge / 4)))
    return image


