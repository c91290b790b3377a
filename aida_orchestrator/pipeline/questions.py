"""The embedder as one task asks it: the vector of a question is kept as soon as it arrives, and not paid for twice."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence

from ..memory.embedding import Embedder
from ..model import Component, Role, Stage, Task, Usage, fingerprint
from ..services import Services
from ..store import tasks


class KeptQuestions:
    """An Embedder. A question that the task asked before a crash finds its vector in the rows, as answers of Claude do.

    It books questions itself, with the vector; their usage is empty for whoever asks. Passages are kept by the rows that
    they are of, and are passed through.
    """

    def __init__(self, services: Services, task: Task) -> None:
        self._services = services
        self._task = task

    @property
    def behind(self) -> Embedder:
        """The embedder itself: it may be able to look again at what its vectors found."""
        return self._services.embedder

    @property
    def name(self) -> str:
        """The model behind it."""
        return self._services.embedder.name

    def embed(self, texts: Sequence[str], /, *, role: Role = "passage") -> tuple[Sequence[Sequence[float]], Usage]:
        """As the embedder behind it does."""
        services, task = self._services, self._task
        if role != "query":
            return services.embedder.embed(texts, role=role)
        print_ = fingerprint({"embedder": self.name, "query": list(texts)})
        with services.db.single() as tx:
            kept = tasks.find_answer(tx, task.id, print_)
        if kept is not None:
            return [_unpack(packed) for packed in kept["vectors"]], Usage(kept["provider"], kept["model"], {})
        vectors, usage = services.embedder.embed(texts, role=role)
        with services.db.transaction() as tx:
            tasks.add_answer(tx, task.id, print_, Stage.CONTEXT, {
                "vectors": [_pack(vector) for vector in vectors], "provider": usage.provider, "model": usage.model,
            }, services.clock())
            services.ledger.record(tx, task=task, component=Component.MEMORY, usage=usage, now=services.clock())
        return vectors, Usage(usage.provider, usage.model, {})


def _pack(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}d", *vector)).decode()


def _unpack(packed: str) -> list[float]:
    raw = base64.b64decode(packed)
    return list(struct.unpack(f"<{len(raw) // 8}d", raw))
