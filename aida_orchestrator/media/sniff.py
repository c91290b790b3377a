"""What a file is, told from its first bytes; names and headers are claims, not evidence."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HEAD_BYTES = 64
_TAIL_BYTES = 64 * 1024
_STILL_OR_SOUND = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"M4A ", b"M4B ")


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind we accept; `demuxer` is ffmpeg's name for it, so that ffmpeg never guesses."""

    family: str
    content_type: str
    extension: str
    demuxer: str


JPEG = FileKind("image", "image/jpeg", "jpg", "jpeg_pipe")
PNG = FileKind("image", "image/png", "png", "png_pipe")
WEBP = FileKind("image", "image/webp", "webp", "webp_pipe")
MP4 = FileKind("video", "video/mp4", "mp4", "mov")
MOV = FileKind("video", "video/quicktime", "mov", "mov")
WEBM = FileKind("video", "video/webm", "webm", "matroska")


def sniff(head: bytes) -> FileKind | None:
    """The kind that the first HEAD_BYTES bytes belong to, None for anything else (pages, playlists, archives)."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:HEAD_BYTES]:
        return WEBM
    brand = head[8:12]
    if head[4:8] == b"ftyp" and len(brand) == 4 and brand not in _STILL_OR_SOUND:
        return MOV if brand == b"qt  " else MP4
    return None


def is_whole(path: Path, kind: FileKind) -> bool:
    """Whether a picture has its end; True for other files. OSError when it cannot be read."""
    with path.open("rb") as file:
        head = file.read(12)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    if kind == WEBP:
        return size >= int.from_bytes(head[4:8], "little") + 8
    # Some writers put something after the end, and no picture's data holds either mark.
    return {JPEG: b"\xff\xd9", PNG: b"IEND\xaeB`\x82"}.get(kind, b"") in tail


def sniff_file(path: Path) -> FileKind | None:
    """`sniff` of a file on disk; OSError when it cannot be read."""
    with path.open("rb") as file:
        return sniff(file.read(HEAD_BYTES))
