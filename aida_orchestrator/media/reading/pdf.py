"""PDF: the words of its pages, until there are enough."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from .findings import Found, Gathering, Unreadable

CONTENT_TYPE = "application/pdf"
_MOST_PAGES = 1_000
_ENOUGH_SECONDS = 6.0  # of the processor: what was read until then is better than nothing


def read(path: Path) -> Found:
    """The text of a document; raises Unreadable for a broken or locked one, and for a scan, which has no text."""
    from pypdf import PdfReader  # only the child that reads a PDF waits for it
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it has much to say about strangers' files
    try:
        reader = PdfReader(path, strict=False)
        # Many documents are locked against printing only, and open without a password.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("the document is protected with a password")
        count = len(reader.pages)
        if not count:
            raise Unreadable("the document is broken: it has no pages")
        return _pages(reader, count)
    except Unreadable:
        raise
    except (NotImplementedError, DependencyError) as error:
        raise Unreadable("the document is protected in a way that is not known") from error
    except PyPdfError as error:
        raise Unreadable("the document is broken: it is no PDF that can be read") from error


def _pages(reader: object, count: int) -> Found:
    gathered, broken, read_pages = Gathering(), 0, 0
    for number in range(min(count, _MOST_PAGES)):
        try:
            gathered.add(reader.pages[number].extract_text() + "\n\n")  # type: ignore[attr-defined]
        except MemoryError:
            raise
        except Exception:  # a page's own trouble, of any kind: the others may be whole
            broken += 1
        read_pages += 1
        if gathered.full or time.process_time() > _ENOUGH_SECONDS:
            break
    if broken == read_pages:
        raise Unreadable("the document is broken: none of its pages can be read")
    try:
        return gathered.found(CONTENT_TYPE, pages=count, truncated=int(broken > 0 or read_pages < count))
    except Unreadable:
        raise Unreadable("there is no text in it: a scan must be made readable (OCR) first") from None
