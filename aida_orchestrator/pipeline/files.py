"""Uploads as a caller asks for them: take one, and take it away again with all that was made of it."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InvalidError, NotFoundError, UnreadableFile
from ..media.extract import EXTENSIONS, Extracted, extract
from ..media.storage import new_key
from ..memory.files import KIND, title
from ..memory.passages import cut
from ..model import UserFile
from ..services import Services
from ..store import erasure, files
from ..store.db import Tx
from ..store.files import Owner
from ..store.vectors import forget_vectors

log = logging.getLogger(__name__)

LONGEST_NAME = 200
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user says of an upload."""

    owner: Owner
    name: str
    description: str = ""
    project_id: str | None = None
    campaign_id: str | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """What was deleted: files, passages of text, vectors, and bytes in storage."""

    files: int
    passages: int
    vectors: int
    bytes: int


def take(services: Services, wish: Wish, path: Path, scratch: Path) -> tuple[UserFile, bool]:
    """Keep an upload that lies at `path`, and whether it is new: the same content twice is one file.

    Raises UnsupportedFile, UnreadableFile, ReadersBusy, InvalidError for its name, and NotFoundError for a project or
    campaign that is not this user's. Nothing is left of an upload that is refused.
    """
    name, (digest, size) = clean_name(wish.name), _digest(path)
    if not size:
        raise UnreadableFile("the file is empty")
    with services.db.transaction() as tx:
        known = _known(tx, wish, digest)
    if known is not None:
        return known, False
    read = extract(path, name, scratch)
    contents, details = _contents(read, name, wish.description)
    now, file_id = services.clock(), f"file_{secrets.token_hex(10)}"
    file = UserFile(
        id=file_id, tenant_id=wish.owner[0], user_id=wish.owner[1], project_id=wish.project_id, campaign_id=wish.campaign_id,
        name=name, description=wish.description, content_type=read.content_type, bytes=size, sha256=digest,
        asset_key=new_key(file_id, "upload", 0, EXTENSIONS[read.content_type]), details=details,
        passages=max(1, len(contents) - 1), waiting=True, created_at=now)
    services.storage.put(file.asset_key, path)
    try:
        with services.db.transaction() as tx:
            files.lock_content(tx, wish.owner, digest)
            known = _known(tx, wish, digest)
            if known is None:
                files.add_file(tx, file, contents, now)
    except BaseException:
        services.storage.delete(file.asset_key)
        raise
    if known is not None:
        services.storage.delete(file.asset_key)
        return known, False
    log.info("a file was uploaded", extra={"fileId": file_id, "contentType": file.content_type, "bytes": size})
    return file, True


def remove(services: Services, owner: Owner, file_ids: Sequence[str] | None = None) -> Removed:
    """Delete these files of a user, or all of them: rows, vectors, media, and what films were told of them. Raises
    NotFoundError for one that is not there.
    """
    with services.db.transaction() as tx:
        erasure.hold_tasks(tx, *owner)
        rows = files.remove_files(tx, owner, file_ids)
        if file_ids is not None and {row["id"] for row in rows} != set(file_ids):
            raise NotFoundError(f"there is no file {file_ids[0]!r} of this user")
        heads = [row for row in rows if row["passage"] == 0]
        vectors = forget_vectors(tx, kind=KIND, tenant_id=owner[0], user_id=owner[1],
                                 items=[row["id"] for row in heads]) if heads else 0
        erasure.blank_results(tx, *owner, [row["id"] for row in heads])
        # Before the commit: were it cut off after it, nobody would know of the file that is left.
        for row in heads:
            services.storage.delete(row["asset_key"])
    pictures = {row["id"] for row in heads} - {row["id"] for row in rows if row["passage"] > 0}
    return Removed(files=len(heads), passages=len(rows) - len(heads) + len(pictures), vectors=vectors,
                   bytes=sum(row["bytes"] for row in heads))


def clean_name(given: str) -> str:
    """The last part of a file's name, without what is not seen; raises InvalidError for one that is too long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    name = " ".join(_NOT_IN_NAMES.sub("", last).split()).strip(". ")
    if len(name) > LONGEST_NAME:
        raise InvalidError(f"the file's name is longer than {LONGEST_NAME} characters",
                           [{"pointer": "/file", "detail": f"name it with at most {LONGEST_NAME} characters"}])
    return name or "file"


def _known(tx: Tx, wish: Wish, digest: str) -> UserFile | None:
    missing = files.missing_place(tx, wish.owner, wish.project_id, wish.campaign_id)
    if missing is not None:
        raise NotFoundError(f"there is no such {missing} of this user")
    return files.find_content(tx, wish.owner, digest)


def _contents(read: Extracted, name: str, description: str) -> tuple[list[str], dict[str, int]]:
    """The passages as they are kept, the file's title first, and what is told of the whole."""
    if not read.text:
        size = f"{read.details.get('width', 0)} x {read.details.get('height', 0)}"
        return [f"{title(name, description)}\n{size}"], dict(read.details)
    passages, whole = cut(read.text)
    told = {"characters": len(read.text), "words": len(read.text.split()), **read.details}
    return [title(name, description), *passages], {**told, "truncated": int(not whole or bool(told.get("truncated")))}


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
