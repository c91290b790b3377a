"""`make evaluate`: the labelled set through the real memory over a real Postgres, and what comes back of it.

    python -m tests.evaluation.recall --embedder local
    python -m tests.evaluation.recall --embedder https://api.openai.com/v1      (OPENAI_API_KEY)
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from aida_orchestrator.memory.embedding import Embedder, embed_all, embed_one
from aida_orchestrator.memory.floors import floor_of
from aida_orchestrator.memory.learn import remember_project
from aida_orchestrator.memory.recall import search_similar_projects
from aida_orchestrator.memory.second_look import first_look, look_again
from aida_orchestrator.model import Brief, Project, Style
from aida_orchestrator.providers.base import RetryPolicy
from aida_orchestrator.providers.local_embedder import LocalEmbedder
from aida_orchestrator.providers.openai import Embedder as OpenAiEmbedder
from aida_orchestrator.store.db import Database
from aida_orchestrator.store.vectors import nearest_items, put_vectors
from tests.harness import Servers

NOW = datetime(2026, 12, 1, tzinfo=UTC)
EVERYTHING = -1.0
SORTS = ("chit-chat", "new wish", "another's", "near miss")


@dataclass(frozen=True)
class Answer:
    """A query of the set and what its user was given, best first: (item id, similarity)."""

    query: dict[str, Any]
    hits: list[tuple[str, float]]

    def found(self, floor: float) -> bool:
        """Whether one of the first three is meant."""
        return any(name in self.query["expect"] for name, likeness in self.hits[:3] if likeness >= floor)

    def anything(self, floor: float) -> bool:
        """Whether there is a hit at all."""
        return any(likeness >= floor for _, likeness in self.hits[:1])

    @property
    def sort(self) -> str:
        """Of those that mean nothing, why."""
        return str(self.query["why"]).partition(":")[0]


def read_set() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Items and queries."""
    lines = [json.loads(line) for line in Path(__file__).with_name("recall.jsonl").read_text("utf-8").splitlines()]
    return ([line for line in lines if line["type"] != "query"], [line for line in lines if line["type"] == "query"])


def fill(db: Database, embedder: Embedder, items: Iterable[dict[str, Any]]) -> None:
    """Put every item where the service has it."""
    for item in items:
        if item["type"] == "project":
            _remember(db, embedder, item)
            continue
        vector = embed_all(embedder, [what_it_says(item)])[0]
        with db.transaction() as tx:
            put_vectors(tx, kind=item["type"], embedder=embedder.name, tenant_id=item["tenant"], user_id=item["user"],
                        parts=[(item["id"], 0, vector)], now=NOW)


def what_it_says(item: dict[str, Any]) -> str:
    """The text of a file or a campaign, as the service embeds it."""
    return f"{item['name']}\n{item['text' if item['type'] == 'file' else 'guidelines']}"


def _remember(db: Database, embedder: Embedder, item: dict[str, Any]) -> None:
    with db.transaction() as tx:
        tx.run("INSERT INTO projects (id, tenant_id, user_id, message, created_at, updated_at)"
               " VALUES (%(id)s, %(tenant)s, %(user)s, %(message)s, %(now)s, %(now)s)", id=item["id"],
               tenant=item["tenant"], user=item["user"], message=item["message"], now=NOW)
    brief = Brief(title=item["title"], language=item["language"], intent=item["intent"], tone=item["tone"],
                  style=Style(words=item["style"]), duration_seconds=item["seconds"], aspect_ratio=item["aspectRatio"])
    project = Project(id=item["id"], tenant_id=item["tenant"], user_id=item["user"], title=item["title"],
                      message=item["message"], brief=brief, script=None, storyboard=None, film_key="film.mp4",
                      created_at=NOW, finished_at=NOW)
    assert remember_project(db, embedder, project, NOW)


def ask(db: Database, embedder: Embedder, query: dict[str, Any], texts: Mapping[str, str]) -> Answer:
    """What the query's own user is given, without a floor: floors are applied to the answers. `texts` are those of files and
    campaigns."""
    tenant, user = query["tenant"], query["user"]
    if query["about"] == "project":
        matches = search_similar_projects(db, embedder, tenant, user, query["text"], 20, EVERYTHING)
        return Answer(query, [(match.project_id, match.similarity) for match in matches])
    vector = embed_one(embedder, query["text"], role="query")
    most, least = first_look(embedder, 20, EVERYTHING)
    with db.single() as tx:
        found = nearest_items(tx, kind=query["about"], tenant_id=tenant, user_id=user, embedder=embedder.name,
                              vector=vector, limit=most, floor=least)
    rows = look_again(embedder, query["text"], found, [texts[row["item_id"]] for row in found], 20, EVERYTHING)
    return Answer(query, [(row["item_id"], row["similarity"]) for row in rows])


def recall(answers: Sequence[Answer], floor: float) -> float:
    """Share of the queries that mean something whose item is among the first three."""
    meant = [answer.found(floor) for answer in answers if answer.query["expect"]]
    return sum(meant) / len(meant) if meant else float("nan")


def false_recall(answers: Sequence[Answer], floor: float, sort: str | None = None) -> float:
    """Share of the queries that mean nothing, or of one sort of them, for which something is found."""
    nothing = [answer.anything(floor) for answer in answers
               if not answer.query["expect"] and sort in (None, answer.sort)]
    return sum(nothing) / len(nothing) if nothing else float("nan")


def report(answers: Sequence[Answer], items: Sequence[dict[str, Any]], name: str, floor: float) -> str:
    """The tables."""
    owners = {item["id"]: (item["tenant"], item["user"]) for item in items}
    foreign = sum(owners[hit] != (answer.query["tenant"], answer.query["user"])
                  for answer in answers for hit, _ in answer.hits)
    lines = [f"{name}, floor {floor:g}, {len(answers)} queries over {len(items)} items", "",
             f"{'':<12}{'meant':>6}{'recall@3':>10}{'no floor':>10}{'none':>6}{'false':>8}"]
    parts: list[tuple[str, Callable[[Answer], bool]]] = [("all", lambda answer: True)]
    for key, values in (("language", ("it", "en", "es", "de")), ("about", ("project", "file", "campaign"))):
        parts += [(value, lambda answer, key=key, value=value: answer.query[key] == value) for value in values]  # type: ignore[misc]
    for title, belongs in parts:
        some = [answer for answer in answers if belongs(answer)]
        meant = sum(bool(answer.query["expect"]) for answer in some)
        lines.append(f"{title:<12}{meant:>6}{recall(some, floor):>10.2f}{recall(some, EVERYTHING):>10.2f}"
                     f"{len(some) - meant:>6}{false_recall(some, floor):>8.2f}")
    lines += ["", "false recall by sort: " + ", ".join(f"{sort} {false_recall(answers, floor, sort):.2f}" for sort in SORTS)]
    lines += [f"rows of another user or tenant: {foreign}", "", f"{'floor':<8}{'recall@3':>10}{'false':>8}  of which "
              + " ".join(f"{sort:>10}" for sort in SORTS)]
    for step in _steps(answers):
        lines.append(f"{step:<8.3f}{recall(answers, step):>10.2f}{false_recall(answers, step):>8.2f}           "
                     + " ".join(f"{false_recall(answers, step, sort):>10.2f}" for sort in SORTS))
    return "\n".join(lines)


def _steps(answers: Sequence[Answer]) -> list[float]:
    best = sorted(answer.hits[0][1] for answer in answers if answer.hits)
    return [best[len(best) * part // 16] for part in range(16)]


def make_embedder(wish: str) -> Embedder:
    """`local`, or the address of OpenAI's API or of one like it."""
    if wish == "local":
        return LocalEmbedder()
    return OpenAiEmbedder(SecretStr(os.environ.get("OPENAI_API_KEY", "")), wish,
                          os.environ.get("OPENAI_EMBEDDING_MODEL", "text-embedding-3-small"), 60, RetryPolicy())


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description="Recall by meaning over the labelled set.")
    parser.add_argument("--embedder", default="local", help="local, or an address of OpenAI's API")
    parser.add_argument("--floor", type=float, help="instead of the embedder's own")
    parser.add_argument("--answers", type=Path, help="also write the answers here, as JSON lines")
    asked = parser.parse_args()
    embedder = make_embedder(asked.embedder)
    floor = asked.floor if asked.floor is not None else floor_of(embedder.name)
    items, queries = read_set()
    with tempfile.TemporaryDirectory(prefix="aida-evaluate-") as folder:
        servers = Servers(Path(folder))
        servers.start()
        try:
            db = Database(servers.migrated_database())
            fill(db, embedder, items)
            texts = {item["id"]: what_it_says(item) for item in items if item["type"] != "project"}
            answers = [ask(db, embedder, query, texts) for query in queries]
            db.close()
        finally:
            servers.stop()
    if asked.answers:
        asked.answers.write_text("".join(
            json.dumps({"id": answer.query["id"], "hits": answer.hits}) + "\n" for answer in answers))
    print(report(answers, items, embedder.name, floor))


if __name__ == "__main__":
    main()
