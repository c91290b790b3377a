"""The child: `python -m aida_orchestrator.media.reading <content type> <file> <most seconds> <most bytes of memory>`.

It takes its limits upon itself before it looks at the file, writes one JSON object to its output, and ends with 0 whenever
it knows what to say.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import docx, pdf, picture, plain
from .findings import Found, Unreadable, Unsupported

_MOST_OUTPUT = 4_000_000
_MOST_FILES = 64
_HEAVY = "it takes too much memory to read"


def main(content_type: str, path: Path) -> dict[str, Any]:
    """{"contentType", "text", "details"}, or {"refused": unsupported | unreadable, "why"}."""
    try:
        found = _read(content_type, path)
    except Unsupported:
        return {"refused": "unsupported", "why": ""}
    except Unreadable as error:
        return {"refused": "unreadable", "why": str(error)}
    except MemoryError:
        return {"refused": "unreadable", "why": _HEAVY}
    except RecursionError:
        return {"refused": "unreadable", "why": "it is nested too deeply"}
    return {"contentType": found.content_type, "text": found.text, "details": found.details}


def _read(content_type: str, path: Path) -> Found:
    if content_type == pdf.CONTENT_TYPE:
        return pdf.read(path)
    if content_type == docx.CONTENT_TYPE:
        return docx.read(path)
    if content_type.startswith("image/"):
        return picture.read(path, content_type)
    return plain.read(path, content_type)


def _limit(seconds: int, memory: int) -> None:
    limits = ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, _MOST_OUTPUT),
              (resource.RLIMIT_NOFILE, _MOST_FILES), (resource.RLIMIT_CORE, 0))
    for what, most in limits:
        with suppress(ValueError, OSError):  # macOS knows no limit of memory; the others hold there too
            resource.setrlimit(what, (most, most))
    signal.alarm(2 * seconds)  # should the parent be gone and nobody count
    with suppress(OSError):
        os.nice(5)


if __name__ == "__main__":
    _limit(int(sys.argv[3]), int(sys.argv[4]))
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))
