"""Files as users and their enemies send them, made of nothing but bytes, and a client of the API to send them with."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from aida_orchestrator.services import Services
from aida_orchestrator.store.db import Database
from tests.builders import Clock

FILES = "/api/orchestrator/files"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@dataclass(frozen=True)
class Place:
    """The service's API over a real database, with a clock of the test's."""

    client: FlaskClient
    services: Services
    database: Database
    clock: Clock

    def send(self, content: bytes, name: str = "brief.txt", user: str = "u1", **fields: str) -> tuple[int, dict[str, Any]]:
        """Upload a file: status and body."""
        answer = self.client.post(FILES, data={"userId": user, **fields, "file": (io.BytesIO(content), name)})
        return answer.status_code, dict(answer.get_json())

    def keep(self, content: bytes, name: str = "brief.txt", user: str = "u1", **fields: str) -> dict[str, Any]:
        """Upload a file that must be taken."""
        status, body = self.send(content, name, user, **fields)
        assert status == 201, body
        return body

    def listed(self, **query: Any) -> dict[str, Any]:
        """GET files, which must succeed."""
        answer = self.client.get(FILES, query_string={"userId": "u1", **query})
        assert answer.status_code == 200, answer.get_json()
        return dict(answer.get_json())

    def count(self, table: str) -> int:
        """How many rows a table has."""
        with self.database.transaction() as tx:
            row = tx.one(f"SELECT count(*) AS n FROM {table}")
        assert row is not None
        return int(row["n"])

    def stored(self) -> int:
        """How many files lie in storage."""
        return sum(path.is_file() for path in self.services.storage.folder.rglob("*"))


def pdf(pages: Sequence[str], kids: int | None = None, packed: bytes | None = None) -> bytes:
    """A PDF with one line of text a page; `kids` names the last page that often, `packed` is a page's deflated content."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    numbers: list[int] = []
    for text in pages:
        shown = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        content = packed if packed is not None else zlib.compress(b"BT /F1 12 Tf 72 720 Td (" + shown + b") Tj ET")
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
                       b"/Contents %d 0 R >>" % len(objects))
        numbers.append(len(objects))
    if kids:
        numbers = [numbers[-1]] * kids
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % n for n in numbers), len(numbers))
    return written(objects)


def written(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, the first of which is its catalogue."""
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % at for at in offsets)
    return bytes(out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))


def docx(paragraphs: Sequence[str] = (), *, xml: bytes | None = None, more: Mapping[str, bytes] | None = None,
         main: str = f"{DOCX}.main+xml") -> bytes:
    """A Word document of these paragraphs, or with this XML as its main part."""
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    parts = {
        "[Content_Types].xml": (
            f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
            f'PartName="/word/document.xml" ContentType="{main}"/></Types>').encode(),
        "word/document.xml": xml if xml is not None else (
            f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>').encode(),
        **(more or {}),
    }
    return zipped(parts)


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """An archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def png(width: int = 8, height: int = 6, lines: bytes | None = None) -> bytes:
    """A grey picture; `lines` are its pixels as they are packed, if others are wanted."""
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    pixels = lines if lines is not None else (b"\0" + b"\x80" * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))
