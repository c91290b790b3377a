"""The training pairs as texts and numbers: what E5 makes of them, and which concepts and words they speak of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aida_orchestrator.memory import campaigns
from aida_orchestrator.memory.learn import what_it_is_about
from aida_orchestrator.model import Brief, Role, Style
from aida_orchestrator.providers.concepts import concept_count
from aida_orchestrator.providers.local_embedder import PLACES, plain, read_meaning, spoken_of

from .subjects import ask_for_subjects

Array = npt.NDArray[Any]
PAIRS = Path(__file__).with_name("pairs")
FILES = ("food", "retail", "travel", "industry", "people", "culture")


@dataclass(frozen=True)
class Texts:
    """Texts of one role: E5's numbers, the concepts and words they speak of, and whose they are."""

    raw: Array
    spoken: Array
    item: Array
    means: Array  # of a question: whether it means its item, or is only near to it

    def of(self, chosen: Array) -> Texts:
        """Those at these places."""
        return Texts(self.raw[chosen], self.spoken[chosen], self.item[chosen], self.means[chosen])

    def and_also(self, other: Texts) -> Texts:
        """These and those."""
        return Texts(np.concatenate([self.raw, other.raw]), np.concatenate([self.spoken, other.spoken]),
                     np.concatenate([self.item, other.item]), np.concatenate([self.means, other.means]))


@dataclass(frozen=True)
class Pairs:
    """All items with their questions and passages, questions by subject alone, and the small talk that means none."""

    kind: Array
    file: Array  # the number of the file an item stands in
    questions: Texts
    subjects: Texts
    passages: Texts
    talk: Texts


def read_pairs(cache: Path) -> Pairs:
    """The pairs as numbers. E5 reads them for some minutes: what it said is kept in the folder `cache`."""
    lines = [(PAIRS / f"{name}.jsonl").read_text("utf-8").splitlines() for name in FILES]
    items = [json.loads(line) for some in lines for line in some]
    asked = [(number, sort == "yes", text) for number, item in enumerate(items) for sort in ("yes", "near")
             for text in item[sort]]
    kept = [(number, True, text) for number, item in enumerate(items) for text in passages_of(item)]
    talk = [(-1, False, text) for text in (PAIRS / "smalltalk.txt").read_text("utf-8").splitlines()]
    passages = _numbers(kept, "passage", cache)
    return Pairs(
        kind=np.array([item["kind"] for item in items]),
        file=np.repeat(np.arange(len(FILES)), [len(some) for some in lines]),
        questions=_numbers(asked, "query", cache), subjects=_numbers(_subjects(passages), "query", cache), passages=passages,
        talk=_numbers(talk, "query", cache))


def passages_of(item: dict[str, Any]) -> list[str]:
    """What memory embeds of an item: of a film the brief and the message."""
    if item["kind"] == "project":
        brief = Brief(title=item["title"], language=item["language"], intent=item["text"], tone=item["tone"],
                      style=Style(words=item["style"]), duration_seconds=30, aspect_ratio="16:9")
        return [what_it_is_about(item["title"], item["message"], brief), item["message"]]
    return [campaigns.what_is_embedded(item["title"], item["text"])]  # a file's first passage reads the same


def _subjects(passages: Texts) -> list[tuple[int, bool, str]]:
    spoken, count = passages.spoken[:, :concept_count()], int(passages.item.max()) + 1
    last = {int(item): row for row, item in enumerate(passages.item)}  # of a film its message, for that comes second
    return ask_for_subjects(spoken[[last[item] for item in range(count)]],
                            np.array([spoken[passages.item == item].max(0) for item in range(count)]))


def _numbers(rows: Sequence[tuple[int, bool, str]], role: Role, cache: Path) -> Texts:
    texts = [plain(text) for _, _, text in rows]
    spoken = np.zeros((len(texts), PLACES), np.float32)
    for row, text in enumerate(texts):
        for place, weight in spoken_of(text).items():
            spoken[row, place] = weight
    return Texts(_raw(texts, role, cache), spoken, np.array([item for item, _, _ in rows]),
                 np.array([means for _, means, _ in rows]))


def _raw(texts: Sequence[str], role: Role, cache: Path) -> Array:
    digest = hashlib.sha256("\n".join([role, *texts]).encode()).hexdigest()[:16]
    path = cache / f"{role}-{digest}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        np.save(path, np.array([read_meaning(text, role)[0] for text in texts], np.float32))
    return np.asarray(np.load(path))
