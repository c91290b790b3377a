"""The embedder as it is paid for: what a call may cost is reserved before it, and booked with it.

As one task asks it, the vector of a question is kept as soon as it arrives, and not paid for twice.
"""

from __future__ import annotations

import base64
import secrets
import struct
from collections.abc import Sequence

from ..ledger import TaskKeys, most_of_vectors
from ..memory.embedding import Embedder
from ..model import Component, Role, Stage, Task, Usage, fingerprint
from ..services import Services
from ..store import tasks


class PaidEmbedder:
    """An Embedder that books its calls itself, for this task or owner; their usage is empty for whoever asks.

    Raises Held where nothing may be bought now.
    """

    def __init__(self, services: Services, embedder: Embedder, owner: Task | TaskKeys) -> None:
        self._services = services
        self._embedder = embedder
        self._owner = owner

    @property
    def behind(self) -> Embedder:
        """The embedder itself."""
        return self._embedder

    @property
    def name(self) -> str:
        """The model behind it."""
        return self._embedder.name

    def embed(self, texts: Sequence[str], /, *, role: Role = "passage") -> tuple[Sequence[Sequence[float]], Usage]:
        """As the embedder behind it does."""
        services, key = self._services, f"memory:{secrets.token_hex(12)}"
        most = most_of_vectors(texts, services.memory_provider, self.name)
        with services.allow(key, self._owner, Component.MEMORY, most):
            vectors, usage = self._embedder.embed(texts, role=role)
            services.ledger.record_now(task=self._owner, component=Component.MEMORY, usage=usage, now=services.clock(),
                                       reservation=key)
        return vectors, Usage(usage.provider, usage.model, {})


class KeptQuestions:
    """An Embedder. A question that the task asked before a crash finds its vector in the rows, as answers of Claude do.

    It books questions itself, with the vector; their usage is empty for whoever asks. Passages are kept by the rows that
    they are of.
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
            return PaidEmbedder(services, services.embedder, task).embed(texts, role=role)
        print_ = fingerprint({"embedder": self.name, "query": list(texts)})
        with services.db.single() as tx:
            kept = tasks.find_answer(tx, task.id, print_)
        if kept is not None:
            return [_unpack(packed) for packed in kept["vectors"]], Usage(kept["provider"], kept["model"], {})
        key, most = f"{task.id}:{print_}", most_of_vectors(texts, services.memory_provider, self.name)
        with services.allow(key, task, Component.MEMORY, most):
            vectors, usage = services.embedder.embed(texts, role=role)
            with services.db.transaction() as tx:
                tasks.add_answer(tx, task.id, print_, Stage.CONTEXT, {
                    "vectors": [_pack(vector) for vector in vectors], "provider": usage.provider, "model": usage.model,
                }, services.clock())
                services.ledger.record(tx, task=task, component=Component.MEMORY, usage=usage, now=services.clock(),
                                       reservation=key)
        return vectors, Usage(usage.provider, usage.model, {})


def _pack(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}d", *vector)).decode()


def _unpack(packed: str) -> list[float]:
    raw = base64.b64decode(packed)
    return list(struct.unpack(f"<{len(raw) // 8}d", raw))
