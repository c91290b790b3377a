"""Another embedder reads everything again, beside the one in use: in small steps, begun again where it was left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import get_args

from ..model import Usage
from ..store import reindex as rows
from ..store.db import Database
from ..store.files import Passage
from ..store.reindex import Kind, Text
from . import campaigns, files
from .embedding import Embedder, OnUsage, embed_all
from .learn import LONGEST_CONTENT, remember_project
from .text import one_line

_AT_ONCE = 64
_PRUNED_AT_ONCE = 2000

Book = Callable[[str, str, Usage], None]
"""(tenant, user, what a call for them consumed)"""
Tell = Callable[[Kind, int], None]
"""(kind, how many vectors of it so far), after each step"""


def reindex(db: Database, embedder: Embedder, clock: Callable[[], datetime], book: Book, tell: Tell) -> dict[Kind, int]:
    """Vectors of this embedder for all that is remembered and that it has not read as it is now; how many by kind.

    The vectors of other embedders stay and are searched meanwhile. What it has read is kept at each step: broken off and
    started again it goes on, and a second time there is nothing to do. Raises a ProviderError when the embedder fails.
    """
    counts: Counter[Kind] = Counter()
    for kind in get_args(Kind):
        for texts, read_at in _steps(db, kind, embedder.name, clock):
            vectors = embed_all(embedder, [_content(kind, text) for text in texts], _booking(book, texts[0]))
            with db.transaction() as tx:
                counts[kind] += rows.put_read(tx, kind, embedder.name, texts, vectors, read_at)
            tell(kind, counts[kind])
        if kind == "project":
            counts[kind] += _remember(db, embedder, clock, book)
            tell(kind, counts[kind])
    return dict(counts)


def prune(db: Database, embedder: str) -> int:
    """Delete the vectors of other embedders wherever this one has its own; how many there were."""
    total = 0
    while True:
        with db.transaction() as tx:
            gone = rows.prune(tx, embedder, _PRUNED_AT_ONCE)
        if not gone:
            return total
        total += gone


def _steps(
    db: Database, kind: Kind, embedder: str, clock: Callable[[], datetime]
) -> Iterator[tuple[list[Text], datetime]]:
    """Texts of one user each, for the charge of a call is one user's; and when they were read."""
    after = rows.START
    while True:
        read_at = clock()
        with db.single() as tx:
            texts = rows.list_to_read(tx, kind, embedder, after, _AT_ONCE)
        whole = _without_a_half(texts) if len(texts) == _AT_ONCE else texts
        for _, group in groupby(whole, key=lambda text: (text.tenant_id, text.user_id)):
            yield list(group), read_at
        if len(texts) < _AT_ONCE:
            return
        after = whole[-1].place


def _without_a_half(texts: Sequence[Text]) -> list[Text]:
    """The facets of a project have one place, and the limit may have parted them: such a one comes with the next step."""
    last = texts[-1]
    return [text for text in texts if not last.facet or text.item_id != last.item_id]


def _remember(db: Database, embedder: Embedder, clock: Callable[[], datetime], book: Book) -> int:
    """Films that no embedder has read; how many vectors they got."""
    after, made = rows.START, 0
    while True:
        with db.single() as tx:
            projects = rows.list_unremembered(tx, after, _AT_ONCE)
        for project in projects:
            def on_usage(usage: Usage, owner: tuple[str, str] = (project.tenant_id, project.user_id)) -> None:
                book(*owner, usage)

            made += 2 * remember_project(db, embedder, project, clock(), on_usage)
        if len(projects) < _AT_ONCE:
            return made
        after = (projects[-1].tenant_id, projects[-1].user_id, projects[-1].id, 0)


def _booking(book: Book, text: Text) -> OnUsage:
    return lambda usage: book(text.tenant_id, text.user_id, usage)


def _content(kind: Kind, text: Text) -> str:
    """What is embedded: the same text that is embedded without a reindex."""
    if kind == "file":
        return files.what_is_embedded(Passage(text.item_id, text.part, text.name, text.description, text.content))
    if kind == "campaign":
        return campaigns.what_is_embedded(text.name, text.content)
    return text.content if kind == "project" else one_line(text.content, LONGEST_CONTENT)
