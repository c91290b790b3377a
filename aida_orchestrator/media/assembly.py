"""Clips become one film: probed, fitted to one size, joined, and the result checked before anybody sees it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ..errors import MediaError, MediaUnavailable
from .boxes import is_faststart
from .ffmpeg import fit_clip, join, probe
from .probing import Probe

_SHAPES = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1)}
_AT_ONCE = 2
_LENGTH_TOLERANCE = 0.02
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class FilmPart:
    """One clip file, for how many seconds it is shown, and perhaps the same clip as `fit_one` has already fitted it."""

    path: Path
    seconds: float
    fitted: Path | None = None


class BrokenClip(MediaError):
    """One clip cannot be used; `index` counts from 0 in the order that was given."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(f"clip {index + 1}: {reason}")
        self.index = index


def film_size(aspect_ratio: str, short_sides: Sequence[int]) -> tuple[int, int]:
    """Width and height: the short side is 1080 if most clips have 1000 or more, else 720; MediaError if not known."""
    if aspect_ratio not in _SHAPES:
        raise MediaError(f"the aspect ratio {aspect_ratio!r} is not one of {', '.join(_SHAPES)}")
    across, down = _SHAPES[aspect_ratio]
    sharp = sum(side >= 1000 for side in short_sides) * 2 > len(short_sides)
    unit = (1080 if sharp else 720) // min(across, down)
    return across * unit, down * unit


def fit_one(path: Path, seconds: float, aspect_ratio: str, out: Path) -> None:
    """Fit one clip to the film that it would make by itself; raises MediaError for one that cannot be used.

    Done while the next clip is still being made, so that joining takes a moment; a film of another size fits it again.
    """
    found = probe(path)
    width, height = film_size(aspect_ratio, [found.short_side])
    fit_clip(path, out, seconds=seconds, width=width, height=height, threads=1, known=found)


def assemble(clips: Sequence[FilmPart], aspect_ratio: str, out: Path, scratch: Path) -> Probe:
    """Make the film from clips as they came; raises BrokenClip naming the first bad one, MediaError for the rest."""
    if not clips:
        raise MediaError("a film needs at least one clip")
    threads = max(1, (os.cpu_count() or 1) // _AT_ONCE)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        probes = _in_order([pool.submit(probe, clip.path) for clip in clips])
        width, height = film_size(aspect_ratio, [found.short_side for found in probes])

        def fitted(index: int, clip: FilmPart, found: Probe) -> Path:
            if clip.fitted is not None and _suits(clip.fitted, width, height, clip.seconds):
                return clip.fitted
            part = scratch / f"part-{index:03d}.mp4"
            fit_clip(clip.path, part, seconds=clip.seconds, width=width, height=height, threads=threads, known=found)
            return part

        parts = _in_order([
            pool.submit(fitted, index, clip, found) for index, (clip, found) in enumerate(zip(clips, probes, strict=True))])
    return finish(parts, out, width=width, height=height, seconds=sum(clip.seconds for clip in clips))


def _suits(part: Path, width: int, height: int, seconds: float) -> bool:
    found = probe(part)
    return (found.width, found.height) == (width, height) and abs(found.seconds - seconds) < 0.1


def finish(parts: Sequence[Path], out: Path, *, width: int, height: int, seconds: float) -> Probe:
    """Join clips that `fit_clip` made and check the film; raises MediaError, and then `out` does not exist."""
    join(parts, out)
    try:
        return check_film(out, width=width, height=height, seconds=seconds)
    except MediaError:
        out.unlink(missing_ok=True)
        raise


def check_film(film: Path, *, width: int, height: int, seconds: float) -> Probe:
    """What every browser needs, and the length within 2 %; raises MediaError naming all that is wrong."""
    found = probe(film)
    wrong = []
    if found.codec != "h264":
        wrong.append(f"codec {found.codec}, not h264")
    if found.pix_fmt != "yuv420p":
        wrong.append(f"pixel format {found.pix_fmt}, not yuv420p")
    if (found.width, found.height) != (width, height):
        wrong.append(f"size {found.width}x{found.height}, not {width}x{height}")
    if abs(found.seconds - seconds) > _LENGTH_TOLERANCE * seconds:
        wrong.append(f"length {found.seconds:.2f} s, not {seconds:.2f} s")
    if not is_faststart(film):
        wrong.append("the index stands behind the data (no faststart)")
    if wrong:
        raise MediaError(f"the film is not right: {'; '.join(wrong)}")
    return found


def _in_order(futures: Sequence[Future[_Result]]) -> list[_Result]:
    results = []
    for index, future in enumerate(futures):
        try:
            results.append(future.result())
        except MediaUnavailable:
            _cancel(futures)
            raise
        except MediaError as error:
            _cancel(futures)
            raise BrokenClip(index, error.message) from error
    return results


def _cancel(futures: Sequence[Future[_Result]]) -> None:
    for future in futures:
        future.cancel()
