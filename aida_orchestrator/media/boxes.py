"""The boxes of an MP4 file: is it whole, and can a browser start to play it before the last byte came?"""

from __future__ import annotations

import os
from pathlib import Path

_MOST_BOXES = 100_000


def top_boxes(path: Path) -> list[tuple[str, int, int]]:
    """(type, offset, size) of each outermost box (ISO/IEC 14496-12, 4.2); a size may point beyond the file's end."""
    end = path.stat().st_size
    boxes: list[tuple[str, int, int]] = []
    with path.open("rb") as file:
        offset = 0
        while offset + 8 <= end and len(boxes) < _MOST_BOXES:
            file.seek(offset, os.SEEK_SET)
            head = file.read(16)
            size = int.from_bytes(head[:4], "big")
            if size == 1 and len(head) == 16:
                size = int.from_bytes(head[8:16], "big")
            elif size == 0:
                size = end - offset
            boxes.append((head[4:8].decode("latin-1"), offset, size))
            if size < 8:
                break
            offset += size
    return boxes


def what_is_missing(path: Path) -> str | None:
    """Why the MP4 or MOV file cannot be whole, None when every box ends within the file."""
    boxes = top_boxes(path)
    end = path.stat().st_size
    if any(name in ("mdat", "moov", "moof") and offset + size > end for name, offset, size in boxes):
        return "it is cut off"
    names = {name for name, _, _ in boxes}
    if "moov" not in names:
        return "it has no index (moov box); it was probably cut off"
    return None


def is_faststart(path: Path) -> bool:
    """The index stands before the data, so that playing can begin while the rest is loading."""
    names = [name for name, _, _ in top_boxes(path)]
    return "moov" in names and "mdat" in names and names.index("moov") < names.index("mdat")
