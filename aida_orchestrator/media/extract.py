"""What an upload is, by its content, and the text in it, read by a child process whose end is none of our business."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import ReadersBusy, UnreadableFile, UnsupportedFile
from ..model import DOCX
from .sniff import HEAD_BYTES, sniff

log = logging.getLogger(__name__)

TAKEN = "pdf, docx, txt, md, png, jpeg, webp"
EXTENSIONS = {"application/pdf": "pdf", DOCX: "docx", "text/plain": "txt", "text/markdown": "md", "image/png": "png",
              "image/jpeg": "jpg", "image/webp": "webp"}
_PROCESSOR_SECONDS = 12
_SECONDS = 25.0
_MEMORY = 1_000_000_000  # bytes of addresses
_MOST_OUTPUT = 4_000_000
_PATIENCE = 10.0  # a waiting request holds a thread of the web server
_ROOT = Path(__file__).parents[2]
READERS = threading.BoundedSemaphore(2)
"""How many uploads this process reads at once."""


class Extracted(BaseModel):
    """What the child told of a file; believed only in this shape."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    content_type: str = Field(alias="contentType")
    text: str = Field(max_length=250_000)
    details: dict[str, int]


class _Refused(BaseModel):
    refused: str
    why: str = Field(max_length=300)


def extract(path: Path, name: str, scratch: Path, *, seconds: float = _SECONDS) -> Extracted:
    """The type and text of an upload; `name` only tells Markdown from other text, `scratch` takes the child's answer.

    Raises UnsupportedFile, UnreadableFile (whatever became of the child), ReadersBusy.
    """
    with path.open("rb") as file:
        content_type = _sort(file.read(HEAD_BYTES), name)
    if not READERS.acquire(timeout=_PATIENCE):
        raise ReadersBusy("other files are being read at the moment: send it again in some seconds")
    try:
        answer = _ask_child(content_type, path, scratch / "found.json", seconds)
    finally:
        READERS.release()
    return _understood(answer)


def _sort(head: bytes, name: str) -> str:
    kind = sniff(head)
    if kind is not None:
        if kind.family != "image":
            raise _unsupported()
        return kind.content_type
    if head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t \0").startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return DOCX
    return "text/markdown" if name.lower().endswith((".md", ".markdown")) else "text/plain"


def _ask_child(content_type: str, path: Path, answer: Path, seconds: float) -> bytes:
    command = [sys.executable, "-P", "-m", "aida_orchestrator.media.reading", content_type, str(path.absolute()),
               str(_PROCESSOR_SECONDS), str(_MEMORY)]
    # No keys of ours in its environment, no folder of ours to stand in.
    environment = {"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
    with answer.open("wb") as out:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL,
                                 cwd=answer.parent, env=environment, start_new_session=True)
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
    if code == 0 and answer.stat().st_size <= _MOST_OUTPUT:
        return answer.read_bytes()
    log.warning("an upload could not be read", extra={"contentType": content_type, "exit": code})
    if code in (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGALRM):
        raise UnreadableFile("the file could not be read: it takes too long")
    raise UnreadableFile("the file could not be read: it is broken, or made to break its readers")


def _understood(answer: bytes) -> Extracted:
    try:
        if answer.startswith(b'{"refused"'):
            refused = _Refused.model_validate_json(answer)
            if refused.refused == "unsupported":
                raise _unsupported()
            raise UnreadableFile(f"the file could not be read: {refused.why}")
        found = Extracted.model_validate_json(answer)
    except ValidationError:
        raise UnreadableFile("the file could not be read: it is broken, or made to break its readers") from None
    if found.content_type not in EXTENSIONS:
        raise _unsupported()
    return found


def _unsupported() -> UnsupportedFile:
    return UnsupportedFile(f"this is no file of a sort that is taken: {TAKEN}; what counts is its content, not its name")
