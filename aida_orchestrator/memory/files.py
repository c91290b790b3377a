"""Uploads by meaning: each passage gets its vector once for each embedder, and a question finds the nearest files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from ..model import FileMatch
from ..store import files as rows
from ..store.db import Database
from ..store.files import Passage
from ..store.vectors import nearest_items, put_vectors
from .asked_for import file_types
from .embedding import Embedder, OnUsage, embed_all, embed_one
from .passages import join
from .second_look import first_look, look_again
from .text import one_line

KIND = "file"
LONGEST_QUERY = 4000
LONGEST_TEXT = 3000
_AT_ONCE = 10  # an embedder without a service behind it may take most of a second for each passage
_MOST_CALLS = 50
_LONGEST_TITLE = 300


def embed_waiting(
    db: Database, embedder: Embedder, tenant_id: str, user_id: str, now: datetime, on_usage: OnUsage | None = None
) -> int:
    """Give the user's passages that have no vector of this embedder theirs, 500 at a time; how many got one."""
    owner, written = (tenant_id, user_id), 0
    for _ in range(_MOST_CALLS):
        with db.single() as tx:
            waiting = rows.list_unembedded(tx, owner, embedder.name, _AT_ONCE)
        if not waiting:
            break
        vectors = embed_all(embedder, [what_is_embedded(passage) for passage in waiting], on_usage)
        with db.transaction() as tx:
            # What was deleted while its vectors were made gets none.
            there = rows.hold_files(tx, owner, sorted({passage.file_id for passage in waiting}))
            written += put_vectors(
                tx, kind=KIND, embedder=embedder.name, tenant_id=tenant_id, user_id=user_id, now=now,
                parts=[(passage.file_id, passage.number, vector) for passage, vector in zip(waiting, vectors, strict=True)
                       if passage.file_id in there])
    with db.single() as tx:
        rows.set_embedded(tx, owner, embedder.name)
    return written


def find_user_files(
    db: Database, embedder: Embedder, tenant_id: str, user_id: str, description: str, limit: int, floor: float, *,
    file_type: str | None = None, on_usage: OnUsage | None = None, now: datetime | None = None,
) -> list[FileMatch]:
    """The user's files nearest to a description, best first; what was uploaded a moment ago is found too.

    `file_type` is pdf, docx, text, image or what people call these; any other word, like None, means all. `floor` is the
    least similarity, the embedder's own.
    """
    words = one_line(description, LONGEST_QUERY)
    if not words or limit < 1:
        return []
    owner = (tenant_id, user_id)
    embed_waiting(db, embedder, tenant_id, user_id, now or datetime.now(UTC), on_usage)
    with db.single() as tx:
        among = rows.list_ids_of_types(tx, owner, file_types(file_type))
    if not among:
        return []
    vector = embed_one(embedder, words, on_usage, role="query")
    most, least = first_look(embedder, limit, floor)
    with db.single() as tx:
        found = nearest_items(tx, kind=KIND, tenant_id=tenant_id, user_id=user_id, embedder=embedder.name, vector=vector,
                              limit=most, floor=least, among=among)
    texts = _read_again(db, owner, found)
    there = [row for row in found if row["item_id"] in texts]
    nearest = look_again(embedder, words, there, [texts[row["item_id"]] for row in there], limit, floor)
    with db.transaction() as tx:
        matches = []
        for row in nearest:
            # Passage 0 is what the file is called: the text behind it begins with 1, and a picture has no other.
            passages = rows.list_passages(tx, owner, row["item_id"], *_around(row["part"]))
            text = [passage for passage in passages if passage["passage"] > 0] or passages
            if text:
                matches.append(FileMatch(
                    file_id=row["item_id"], name=text[0]["name"], content_type=text[0]["content_type"],
                    similarity=round(max(0.0, min(1.0, row["similarity"])), 4),
                    text=join([passage["content"] for passage in text], LONGEST_TEXT)))
    return matches


def _read_again(db: Database, owner: tuple[str, str], found: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The texts behind the nearest passages of files that are still there, by file."""
    texts = {}
    for row in found:
        with db.single() as tx:
            passages = rows.list_passages(tx, owner, row["item_id"], row["part"], row["part"])
        for one in passages:
            texts[row["item_id"]] = what_is_embedded(Passage(row["item_id"], row["part"], one["name"], "", one["content"]))
    return texts


def title(name: str, description: str) -> str:
    """What a file's name and description say, in words."""
    words = PurePath(name).stem.replace("_", " ").replace("-", " ")
    return "\n".join(part for part in (" ".join(words.split()), " ".join(description.split())) if part)


def what_is_embedded(passage: Passage) -> str:
    """The text whose vector stands for a passage: it says of which file it is, for a page alone seldom does."""
    if passage.number == 0:
        return passage.content
    return f"{title(passage.name, passage.description)[:_LONGEST_TITLE]}\n{passage.content}"


def _around(part: int) -> tuple[int, int]:
    return (0, 3) if part == 0 else (part - 1, part + 1)
