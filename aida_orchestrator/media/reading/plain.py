"""Text files: UTF-8, UTF-16 with its mark, else Western European. Markup and binaries are not text."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from .findings import Found, Gathering, Unreadable, Unsupported

_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_OTHER = re.compile(r"\s*(?:<!doctype|<html|<\?xml|<svg|\{\\rtf|%!ps|%pdf-)", re.IGNORECASE)
_MOST_WESTERN = 0.3  # of the bytes above ASCII; beyond that it is another script, and would be read as rubbish


def read(path: Path, content_type: str) -> Found:
    """The text of a file; raises Unsupported for what is not plain text, Unreadable for a coding that is not known."""
    text = _decoded(path.read_bytes())
    if _OTHER.match(text):
        raise Unsupported
    gathered = Gathering()
    gathered.add(text)
    return gathered.found(content_type)


def _decoded(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = raw.decode("utf-16", "replace")
        if text.count("\ufffd") * 20 > len(text) or "\0" in text:
            raise Unsupported
        return text
    if _BINARY.search(raw):
        raise Unsupported
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if sum(byte > 0x7F for byte in raw[:100_000]) > _MOST_WESTERN * min(len(raw), 100_000):
        raise Unreadable("its letters are in a coding that is not known: save it as UTF-8")
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
