"""Reads what ffmpeg says about a clip: there is no ffprobe beside the ffmpeg that pip installs."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Tags of a file are printed deeper than two spaces, so a title "Duration: ..." is never taken for the real line.
_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.MULTILINE)
_VIDEO = re.compile(r"^  Stream #0:\d+\S*: Video: (\w+)(.*)$", re.MULTILINE)
_AUDIO = re.compile(r"^  Stream #0:\d+\S*: Audio: ", re.MULTILINE)
_PICTURE = re.compile(r", (\w+)(?:\(([^)]*)\))?, (\d{1,5})x(\d{1,5})")
_SHAPE = re.compile(r"SAR (\d+):(\d+)")
_RATE = re.compile(r", ([\d.]+)(k?) (?:fps|tbr)")
_TURN = re.compile(r"^\s+(?:displaymatrix|Display Matrix): rotation of (-?[\d.]+) degrees", re.MULTILINE)
_MATRIX = re.compile(r"\b(bt709|bt470bg|smpte170m|bt2020nc|bt2020c|smpte240m|fcc|gbr)\b")
_COUNTS = re.compile(r"Input stream #0:\d+ \(video\): (\d+) packets .*?; (\d+) frames decoded; (\d+) decode errors")


@dataclass(frozen=True, slots=True)
class Probe:
    """A clip as it is shown: sides after rotation and pixel shape; `seconds` 0 when the file does not tell.

    `matrix` names the colour matrix, "" when the file does not tell; `square` is False for stretched pixels.
    """

    seconds: float
    width: int
    height: int
    fps: float
    codec: str
    pix_fmt: str
    has_audio: bool
    matrix: str = ""
    square: bool = True

    @property
    def short_side(self) -> int:
        """The smaller of width and height."""
        return min(self.width, self.height)


@dataclass(frozen=True, slots=True)
class Counts:
    """How reading a clip went, by packets and frames."""

    packets: int
    frames: int
    errors: int


def read_probe(text: str) -> Probe | None:
    """The Probe in the output of `ffmpeg -i`, None when it names no moving picture."""
    stream = next((found for found in _VIDEO.finditer(text) if "(attached pic)" not in found[2]), None)
    picture = _PICTURE.search(stream[2]) if stream else None
    if stream is None or picture is None:
        return None
    width, height = int(picture[3]), int(picture[4])
    shape = _SHAPE.search(stream[2])
    across, down = (int(shape[1]), int(shape[2])) if shape else (1, 1)
    square = across == down or not across or not down
    if not square:
        width = max(1, round(width * across / down))
    turn = _TURN.search(text)
    if turn and round(float(turn[1])) % 180:
        width, height = height, width
    rate = _RATE.search(stream[2])
    matrix = _MATRIX.search(picture[2] or "")
    return Probe(
        seconds=_seconds(text), width=width, height=height,
        fps=float(rate[1]) * (1000 if rate[2] else 1) if rate else 0.0,
        codec=stream[1], pix_fmt=picture[1], has_audio=_AUDIO.search(text) is not None,
        matrix=matrix[1] if matrix else "", square=square,
    )


def read_counts(text: str) -> Counts | None:
    """The summary that ffmpeg gives at its end (verbose level), None where this ffmpeg gives none."""
    found = _COUNTS.search(text)
    return Counts(*(int(number) for number in found.groups())) if found else None


def _seconds(text: str) -> float:
    found = _DURATION.search(text)
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) if found else 0.0
