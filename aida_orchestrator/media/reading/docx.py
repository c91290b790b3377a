"""Word documents: the words of the main part, pulled out of its XML as it is unpacked, within bounds."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from .findings import Found, Gathering, Unreadable, Unsupported

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAIN = f"{CONTENT_TYPE}.main+xml"
_TYPES = "[Content_Types].xml"
_SPACES = tuple(f"{place}/wordprocessingml/" for place in (
    "http://schemas.openxmlformats.org", "http://purl.oclc.org/ooxml"))
_DEEPEST = 256
_MOST_ENTRIES = 10_000
_LONGEST_TAG = 2_000_000  # bytes
_MOST_TYPES = 2_000_000  # unpacked bytes
_MOST_WORDS = 60_000_000
_ENDS = {"p": "\n", "tc": " ", "tr": "\n", "br": "\n", "cr": "\n", "tab": " ", "noBreakHyphen": "-"}


def read(path: Path) -> Found:
    """The text of a document; raises Unsupported for another sort of archive, Unreadable for a broken or locked one."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if len(entries) > _MOST_ENTRIES:
                raise Unreadable("the document has too many parts")
            if _TYPES not in entries:
                raise Unsupported
            part = _main_part(_pieces(archive, entries[_TYPES], _MOST_TYPES))
            if part not in entries:
                raise Unreadable("the document is broken: its text is missing")
            gathered = Gathering()
            _parse(_pieces(archive, entries[part], _MOST_WORDS), _Words(gathered))
            return gathered.found(CONTENT_TYPE)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise Unreadable("the document is broken: its archive cannot be unpacked") from error
    except expat.ExpatError as error:
        raise Unreadable("the document is broken: its text is not well-formed") from error


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    if entry.flag_bits & 0x1:
        raise Unreadable("the document is protected with a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable("the document is broken: it is packed in an unusual way")
    left = most  # what the archive says of its sizes is a claim
    with archive.open(entry) as opened:
        while piece := opened.read(65_536):
            left -= len(piece)
            if left < 0:
                raise Unreadable("the document is too large when unpacked")
            yield piece


def _main_part(pieces: Iterator[bytes]) -> str:
    found: list[str] = []

    class Types:
        full = False

        def begin(self, name: str, attributes: dict[str, str]) -> None:
            if name.endswith(" Override") and attributes.get("ContentType") == _MAIN:
                found.append(attributes.get("PartName", "").lstrip("/"))

        def end(self, name: str) -> None:
            pass

        def words(self, text: str) -> None:
            pass

    _parse(pieces, Types())
    if not found:
        raise Unsupported  # a spreadsheet, slides, a book, a document with macros
    return found[0]


class _Words:
    """Keeps what stands in w:t. Deleted text and instructions stand in other elements; a Fallback repeats what was said."""

    full = False

    def __init__(self, gathered: Gathering) -> None:
        self._gathered = gathered
        self._in_text = 0
        self._in_fallback = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._in_fallback += name.endswith(" Fallback")
        self._in_text += _word(name) == "t"

    def end(self, name: str) -> None:
        word = _word(name)
        self._in_fallback -= name.endswith(" Fallback")
        self._in_text -= word == "t"
        if word in _ENDS and not self._in_fallback:
            self._gathered.add(_ENDS[word])

    def words(self, text: str) -> None:
        if self._in_text and not self._in_fallback:
            self._gathered.add(text)
            self.full = self._gathered.full


def _word(name: str) -> str:
    space, _, local = name.rpartition(" ")
    return local if space.startswith(_SPACES) else ""


def _parse(pieces: Iterator[bytes], handler: Any) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise Unreadable("the document is broken: it is nested too deeply")
        handler.begin(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(name)

    def refuse(*_: Any) -> None:
        # The format has no document types, so whoever brings one brings entities that grow or look elsewhere.
        raise Unreadable("the document is broken: it declares entities of its own")

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = handler.words
    parser.StartDoctypeDeclHandler = refuse
    given = 0
    for piece in pieces:
        parser.Parse(piece, False)
        given += len(piece)
        if given - parser.CurrentByteIndex > _LONGEST_TAG:  # a tag without end is read from its beginning each time
            raise Unreadable("the document is broken: a tag in it does not end")
        if handler.full:
            return
    parser.Parse(b"", True)
