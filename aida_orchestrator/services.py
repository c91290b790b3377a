"""The one place that turns Settings into live objects; tests hand in others by argument."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from . import tracing
from .jobs import Book, Desk, Limits
from .ledger import Gate, Ledger, PriceBook, TaskKeys, allowed, most_of_claude
from .media.assembly import FilmPart, assemble, fit_one
from .media.fetch import Fetcher
from .media.probing import Probe
from .media.storage import LocalStorage
from .memory.embedding import Embedder
from .memory.floors import floor_of
from .model import ClaudeAnswer, ClaudeRequest, Component, JobKind, Stage, Task, Usage
from .prices import load_sheets
from .providers import keys
from .providers.base import RetryPolicy
from .providers.fal import Fal
from .providers.fal_history import FalHistory
from .providers.http import CONNECT_SECONDS
from .providers.keys import Asked
from .providers.kie import Kie
from .providers.local_embedder import LocalEmbedder
from .settings import Settings
from .store import tasks
from .store.db import Database, Tx

_QUICK_SECONDS = 5.0
_PICTURE_SECONDS = 60.0  # most are made in that time


class Answering(Protocol):
    """Whoever answers as Claude."""

    model: str

    def ask(self, request: ClaudeRequest) -> ClaudeAnswer:
        """One answer; raises a ProviderError."""


@dataclass(frozen=True, slots=True)
class Services:
    """Live objects of one process. Connections open at first use, so it may be built before a fork.

    The two clients whose libraries take seconds to load are made when first needed: web, beat and Flower never do.
    """

    db: Database
    make_claude: Callable[[], Answering]
    make_embedder: Callable[[], Embedder]
    make_quick_embedder: Callable[[], Embedder]
    desk: Desk
    storage: LocalStorage
    ledger: Ledger
    gate: Gate
    clock: Callable[[], datetime]
    owner: str
    lease: timedelta
    similarity_floor: float
    preference_floor: float
    claude_model: str
    memory_provider: str
    memory_model: str
    kling_endpoint: str
    clip_seconds: tuple[int, ...]
    effort: str
    ring_again_seconds: float
    sweep_seconds: float
    stranded_seconds: float
    assemble: Callable[[Sequence[FilmPart], str, Path, Path], Probe]
    public_url: str | None
    files_max_bytes: int
    budget_wait: timedelta
    ask_credit: Callable[[], Asked]

    @property
    def claude(self) -> Answering:
        """The three agents' model."""
        return self.make_claude()

    @property
    def embedder(self) -> Embedder:
        """The maker of vectors for memory."""
        return self.make_embedder()

    @property
    def quick_embedder(self) -> Embedder:
        """The same, with one short try: for moments at which somebody waits and the sweep can do it later."""
        return self.make_quick_embedder()

    def allow(self, key: str, task: Task | TaskKeys, component: Component, most: Usage) -> AbstractContextManager[None]:
        """A block in which one call is made and booked under `key`: what it may cost is reserved before; raises Held."""
        keys = task if isinstance(task, tuple) else (task.id, task.project_id, task.tenant_id, task.user_id)
        return allowed(self.db, self.gate, key, keys, component, most, self.clock())

    def asker(self, task: Task, stage: Stage, component: Component) -> Callable[[ClaudeRequest], ClaudeAnswer]:
        """A way to ask Claude for this task: an answer is booked and kept when it arrives, and never bought twice.

        It raises Held where it may not be bought now.
        """

        def ask(request: ClaudeRequest) -> ClaudeAnswer:
            request = replace(request, effort=self.effort)
            print_ = request.fingerprint(self.claude.model)
            with self.db.single() as tx:
                kept = tasks.find_answer(tx, task.id, print_)
            if kept is not None:
                return _read_answer(kept)
            key = f"{task.id}:{print_}"
            with tracing.span(f"ask {component}", task_id=task.id, stage=stage, component=component), \
                    self.allow(key, task, component, most_of_claude(request, self.claude.model)):
                answer = self.claude.ask(request)
                with self.db.transaction() as tx:
                    tasks.add_answer(tx, task.id, print_, stage, asdict(answer), self.clock())
                    self.ledger.record(tx, task=task, component=component, usage=answer.usage, now=self.clock(),
                                       reservation=key)
            return answer

        return ask

    def meter(self, task: Task | TaskKeys, component: Component) -> Callable[[Usage], None]:
        """A way to book what a call for this task, or for a user alone, consumed, as soon as it was made."""

        def book(usage: Usage) -> None:
            if not usage.units:  # it was booked where it was made
                return
            self.ledger.record_now(task=task, component=component, usage=usage, now=self.clock())

        return book


def _read_answer(kept: dict[str, Any]) -> ClaudeAnswer:
    return ClaudeAnswer(blocks=tuple(kept["blocks"]), stop_reason=kept["stop_reason"], usage=Usage(**kept["usage"]))


def utc_now() -> datetime:
    """The time as rows keep it."""
    return datetime.now(UTC)


def load_libraries() -> None:
    """Import now what a film's first call to Claude or to the embedder would import: two to four seconds, in which that
    film and all beside it would stand."""
    from .providers import anthropic, openai  # noqa: F401

    with suppress(ImportError):
        import numpy  # noqa: F401  # OpenAI's library takes it, where it is installed, at its first answer


def build(settings: Settings, *, clock: Callable[[], datetime] = utc_now, pool_size: int = 16) -> Services:
    """Live objects from settings; raises SettingsError when the database is not set. Opens no connection."""
    db = Database(settings.require_database(), size=pool_size)
    policy = RetryPolicy()
    kie = Kie(api_key=settings.kie_api_key, base_url=settings.kie_base_url, user_agent=settings.kie_user_agent,
              version=settings.kie_midjourney_version, speed=settings.kie_speed,
              timeout=settings.provider_timeout_seconds, sref_codes=settings.kie_sref_codes,
              webhook_key=settings.kie_webhook_key, upload_url=settings.kie_upload_url)
    fal = Fal(key=settings.fal_key, queue_url=settings.fal_queue_url, jwks_url=settings.fal_jwks_url,
              timeout=settings.provider_timeout_seconds)
    storage = LocalStorage(settings.media_folder)
    book = PriceBook(load_sheets(settings.prices_dir), settings.kie_task_dollars)
    ledger, gate = Ledger(db, book), Gate(book)
    desk = Desk(
        db=db, kie=kie, fal=fal, history=_history(settings), storage=storage,
        fetcher=Fetcher(trusted_origins=settings.trusted_origins, max_bytes=settings.media_max_bytes,
                        timeout_seconds=settings.media_timeout_seconds, user_agent=settings.kie_user_agent),
        fit=fit_one, book=_booker(ledger), reserve=gate.reserve, policy=policy,
        limits=_limits(settings), public_url=settings.public_url,
        submit_timeout=_longest_submit(settings), accepted_folder=settings.aida_home.absolute() / "accepted",
        lease=timedelta(seconds=settings.lease_seconds), clock=clock)
    return Services(
        db=db,
        make_claude=_claude(settings, policy),
        make_embedder=_embedder(settings, policy, settings.openai_timeout_seconds),
        make_quick_embedder=_embedder(settings, RetryPolicy(delays=()),
                                      min(_QUICK_SECONDS, settings.openai_timeout_seconds)),
        desk=desk, storage=storage, ledger=ledger, gate=gate, clock=clock, owner=f"{socket.gethostname()}:{os.getpid()}",
        lease=timedelta(seconds=settings.lease_seconds), similarity_floor=_floor(settings),
        preference_floor=settings.preference_confidence_floor,
        claude_model=settings.anthropic_model, memory_provider=settings.memory_embedder,
        memory_model=LocalEmbedder.name if settings.memory_embedder == "local" else settings.openai_embedding_model,
        kling_endpoint=settings.fal_kling_endpoint, clip_seconds=fal.allowed_seconds(settings.fal_kling_endpoint),
        effort=settings.anthropic_effort, ring_again_seconds=settings.ring_again_seconds,
        sweep_seconds=settings.sweep_seconds, stranded_seconds=settings.stranded_seconds, assemble=assemble,
        public_url=settings.public_url, files_max_bytes=settings.files_max_bytes,
        budget_wait=timedelta(seconds=settings.budget_wait_seconds),
        ask_credit=lambda: keys.ask(keys.kie(settings.kie_base_url, settings.kie_user_agent), settings.kie_api_key))


def _claude(settings: Settings, policy: RetryPolicy) -> Callable[[], Answering]:
    @cache
    def make() -> Answering:
        from .providers.anthropic import Claude  # loads for more than a second

        return Claude(api_key=settings.anthropic_api_key, base_url=settings.anthropic_base_url,
                      model=settings.anthropic_model, timeout=settings.anthropic_timeout_seconds, policy=policy)

    return make


def _embedder(settings: Settings, policy: RetryPolicy, timeout: float) -> Callable[[], Embedder]:
    if settings.memory_embedder == "local":
        local = LocalEmbedder()
        return lambda: local

    @cache
    def make() -> Embedder:
        from .providers.embedders import make_embedder  # loads for more than a second

        return make_embedder(settings.memory_embedder, settings.openai_api_key, settings.openai_base_url,
                             settings.openai_embedding_model, timeout, policy)

    return make


def _floor(settings: Settings) -> float:
    if settings.memory_similarity_floor is not None:
        return settings.memory_similarity_floor
    return floor_of(LocalEmbedder.name if settings.memory_embedder == "local" else settings.openai_embedding_model)


def _history(settings: Settings) -> FalHistory | None:
    """fal's history. Beside a queue elsewhere (a gateway, a stand-in) it is asked only where that one's is named too:
    the key of the one is not for the other."""
    usual = type(settings).model_fields
    if settings.fal_queue_url != usual["fal_queue_url"].default and settings.fal_api_url == usual["fal_api_url"].default:
        return None
    return FalHistory(settings.fal_key, settings.fal_api_url, settings.provider_timeout_seconds)


def _booker(ledger: Ledger) -> Book:
    def book(tx: Tx, task: tuple[str, str, str, str], component: Component, usage: Usage, now: datetime, once: str,
             provider_id: str) -> None:
        ledger.record(tx, task=task, component=component, usage=usage, now=now, job_id=once, request_id=provider_id)

    return book


def _longest_submit(settings: Settings) -> float:
    """Seconds after which no submission can still be under way: reaching some addresses, the wait, and the body."""
    return 4 * CONNECT_SECONDS + 2 * settings.provider_timeout_seconds


def _limits(settings: Settings) -> dict[JobKind, Limits]:
    # Without an address for callbacks nothing can make a picture's lost answer good, so waiting for it would only be a
    # hang; a clip may still be found in fal's history.
    wait = settings.unknown_wait_seconds if settings.public_url else 0.0
    return {
        JobKind.PICTURE: Limits(
            per_film=settings.pictures_per_film, running=settings.kie_running_limit, window=settings.kie_window_submissions,
            window_seconds=settings.kie_window_seconds, poll_seconds=settings.kie_poll_seconds,
            looks=settings.kie_reads_per_second, deadline_seconds=settings.picture_deadline_seconds,
            unknown_wait=wait,
            lost_holds=0.0 if settings.public_url else min(settings.unknown_wait_seconds, _PICTURE_SECONDS)),
        JobKind.CLIP: Limits(
            per_film=settings.clips_per_film, running=settings.fal_running_limit, window=settings.fal_window_submissions,
            window_seconds=settings.fal_window_seconds, poll_seconds=settings.fal_poll_seconds,
            looks=settings.fal_reads_per_second, deadline_seconds=settings.clip_deadline_seconds,
            unknown_wait=settings.unknown_wait_seconds),
    }
