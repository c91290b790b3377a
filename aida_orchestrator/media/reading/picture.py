"""Pictures: whether one is whole, and how large. With Pillow it is decoded; without, its own headers are read."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path

from .findings import Found, Unreadable

MOST_PIXELS = 50_000_000
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_BROKEN = "the picture is broken: it cannot be shown"
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def read(path: Path, content_type: str) -> Found:
    """Width and height; raises Unreadable for a picture that is broken or has too many pixels."""
    width, height = _size(path.read_bytes(), content_type)
    if width * height > MOST_PIXELS:
        raise Unreadable(f"the picture has {width} x {height} pixels, more than {MOST_PIXELS // 1_000_000} million")
    if not width or not height:
        raise Unreadable(_BROKEN)
    _decode(path, content_type)
    return Found(content_type, details={"width": width, "height": height})


def _decode(path: Path, content_type: str) -> None:
    try:
        from PIL import Image
    except ImportError:  # an extra: then the headers have to do
        return
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(path, formats=[_FORMATS[content_type]]) as picture:
            picture.load()
    except MemoryError:
        raise
    except Exception as error:  # its decoders raise anything over a spoilt file
        raise Unreadable(_BROKEN) from error


def _size(raw: bytes, content_type: str) -> tuple[int, int]:
    try:
        if content_type == "image/png":
            return _png(raw)
        return _jpeg(raw) if content_type == "image/jpeg" else _webp(raw)
    except (struct.error, IndexError) as error:
        raise Unreadable(_BROKEN) from error


def _png(raw: bytes) -> tuple[int, int]:
    if raw[12:16] != b"IHDR" or b"IEND" not in raw[-4096:]:
        raise Unreadable(_BROKEN)
    width, height = struct.unpack_from(">II", raw, 16)
    return width, height


def _jpeg(raw: bytes) -> tuple[int, int]:
    at = 2
    while True:
        if raw[at] != 0xFF:
            raise Unreadable(_BROKEN)
        while raw[at] == 0xFF:  # any number of them may stand before a marker
            at += 1
        marker = raw[at]
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", raw, at + 4)
            if b"\xff\xd9" not in raw[at:]:
                raise Unreadable(_BROKEN)
            return width, height
        if marker in (0xD9, 0xDA):
            raise Unreadable(_BROKEN)
        length = struct.unpack_from(">H", raw, at + 1)[0]
        if length < 2:
            raise Unreadable(_BROKEN)
        at += 1 + length


def _webp(raw: bytes) -> tuple[int, int]:
    if struct.unpack_from("<I", raw, 4)[0] + 8 > len(raw):
        raise Unreadable(_BROKEN)
    sort = raw[12:16]
    if sort == b"VP8X":
        return int.from_bytes(raw[24:27], "little") + 1, int.from_bytes(raw[27:30], "little") + 1
    if sort == b"VP8L" and raw[20] == 0x2F:
        bits = struct.unpack_from("<I", raw, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if sort == b"VP8 " and raw[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", raw, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise Unreadable(_BROKEN)
