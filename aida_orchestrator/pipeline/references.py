"""Uploaded pictures that a film's pictures go by: looked up once, so that a film's wishes never change."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InvalidError, NotFoundError
from ..model import FILE_TYPES, Brief, Degradation, Reference, ReferenceUse, Stage, UserFile
from ..store import files
from ..store.db import Tx
from ..store.files import Owner


def named(tx: Tx, owner: Owner, wished: Sequence[tuple[str, ReferenceUse]]) -> tuple[Reference, ...]:
    """The references that a request names by file id. Raises NotFoundError for a file that is not this user's, InvalidError
    for one that is no picture."""
    found = []
    for place, (file_id, use) in enumerate(wished):
        file = files.find_file(tx, owner, file_id)
        if file is None:
            raise NotFoundError(f"there is no file {file_id!r} of this user: upload it first")
        picture = _picture(file, use)
        if picture is None:
            raise InvalidError(f"the file {file_id!r} is no picture", [{
                "pointer": f"/referenceFiles/{place}/fileId",
                "detail": f"name a png, jpeg or webp; this is {file.content_type}"}])
        found.append(picture)
    return tuple(found)


def living(tx: Tx, owner: Owner, file_ids: Sequence[str]) -> dict[str, Reference]:
    """Those of these files that are still there and are pictures, as references of style, by id."""
    found = (files.find_file(tx, owner, file_id) for file_id in dict.fromkeys(file_ids))
    pictures = (_picture(file, ReferenceUse.STYLE) for file in found if file is not None)
    return {one.file_id: one for one in pictures if one is not None}


def without_lost(tx: Tx, owner: Owner, brief: Brief) -> tuple[Brief, tuple[Degradation, ...]]:
    """The brief without pictures that were deleted since, and the word on it."""
    there = living(tx, owner, [one.file_id for one in brief.references])
    kept = tuple(one for one in brief.references if one.file_id in there)
    lost = len(brief.references) - len(kept)
    if not lost:
        return brief, ()
    return brief.model_copy(update={"references": kept}), (Degradation(
        stage=Stage.CONTEXT, reason="the file was deleted", what=f"{lost} reference picture(s) could not be gone by",
        code="reference_deleted"),)


def _picture(file: UserFile, use: ReferenceUse) -> Reference | None:
    """The file as a reference, None where it is no picture."""
    if file.content_type not in FILE_TYPES["image"]:
        return None
    return Reference(file_id=file.id, use=use, key=file.asset_key, sha256=file.sha256)
