"""Many films' worth of charges, made by the real ledger, agents' loop and jobs; what is sold to them is tallied apart.

The prices are written down here once more, by hand: what is booked is held against another's sums, not against itself.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from aida_orchestrator import jobs
from aida_orchestrator.agents.loop import structured
from aida_orchestrator.errors import AnswerUnusable, OutcomeUnknown, ProviderUnavailable
from aida_orchestrator.jobs import Wanted
from aida_orchestrator.jobs.watch import look
from aida_orchestrator.memory.embedding import WIDTH, embed_one
from aida_orchestrator.model import (
    Accepted,
    Asset,
    ClaudeAnswer,
    ClaudeRequest,
    Component,
    JobKind,
    Rendering,
    Role,
    Stage,
    Task,
    Usage,
    fingerprint,
)
from aida_orchestrator.services import Services
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import projects
from aida_orchestrator.store.db import Database
from tests.builders import Clock, add_film, make_services, with_desk

BEGIN = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
PRO = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
NOT_LISTED = "fal-ai/kling-video/v9/pro/image-to-video"
OWN_SHEETS = {
    "fal.toml": f'''provider = "fal"
[[price]]
thing = "{PRO}"
unit = "second"
dollars = "0.0655"
from = 2026-10-15
source = "our contract"
read = 2026-10-01
[[price]]
thing = "{PRO}"
unit = "second"
dollars = "0.081"
from = 2026-12-01
source = "our contract, its second year"
read = 2026-11-20
''',
    "kie.toml": '''provider = "kie"
[[price]]
thing = "midjourney"
unit = "task"
dollars = "0.0375"
from = 2026-11-01
source = "measured by credits before and after a hundred tasks"
read = 2026-11-01
''',
}


def second_of_film(endpoint: str, at: datetime) -> Decimal | None:
    """What a second cost that day, by hand."""
    if endpoint == NOT_LISTED:
        return None
    if at >= datetime(2026, 12, 1, tzinfo=UTC):
        return Decimal("0.081")
    return Decimal("0.0655") if at >= datetime(2026, 10, 15, tzinfo=UTC) else Decimal("0.07")


def picture(at: datetime, setting: str | None) -> Decimal | None:
    """What a picture task cost that day, by hand."""
    if setting is not None:
        return Decimal(setting)
    return Decimal("0.0375") if at >= datetime(2026, 11, 1, tzinfo=UTC) else None


def answer_of_claude(model: str, units: Mapping[str, int]) -> Decimal | None:
    """What an answer costs, by hand."""
    if model != "claude-sonnet-5-5":
        return None
    rates = {"input_tokens": "2", "cache_write_5m_tokens": "2.5", "cache_write_1h_tokens": "4", "cache_read_tokens": "0.10",
             "output_tokens": "10"}
    return sum((units[name] * Decimal(rate) for name, rate in rates.items()), Decimal(0)) / 1_000_000


@dataclass
class Tally:
    """What was sold: dollars by film and component (None: somebody does not know a price), calls, and requests by id."""

    clock: Clock
    seed: int
    setting: str | None = None
    calls: int = 0
    unknown: int = 0
    dollars: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    requests: dict[str, tuple[str, Decimal | None, datetime]] = field(default_factory=dict)

    def add(self, task: str, component: Component, dollars: Decimal | None) -> None:
        """One call more, rounded as money is."""
        self.calls += 1
        self.unknown += dollars is None
        if dollars is not None:
            self.dollars[task, component.value] += dollars.quantize(Decimal("0.000001"), ROUND_HALF_UP)


class Claude:
    """Answers with random counts; every so often it declines, is cut off, or gives something that is no JSON."""

    model = "claude-sonnet-5-5"

    def __init__(self, tally: Tally, chance: random.Random) -> None:
        self._tally, self._chance = tally, chance
        self.task, self.component = "", Component.WRITER

    def ask(self, request: ClaudeRequest) -> ClaudeAnswer:
        """One answer, paid for however it is."""
        units = {"input_tokens": self._chance.randrange(900), "cache_write_5m_tokens": self._chance.choice([0, 431]),
                 "cache_write_1h_tokens": self._chance.choice([0, 0, 5201]),
                 "cache_read_tokens": self._chance.randrange(13_000), "output_tokens": self._chance.randrange(1, 1500)}
        model = self._chance.choices([self.model, "claude-of-the-future"], [50, 1])[0]
        self._tally.add(self.task, self.component, answer_of_claude(model, units))
        stop, text = self._chance.choices(
            [("end_turn", "{}"), ("end_turn", "no JSON"), ("refusal", ""), ("max_tokens", '{"a": ')], [16, 3, 1, 1])[0]
        return ClaudeAnswer(({"type": "text", "text": text},), stop, Usage("anthropic", model, units))


class Embedder:
    """Vectors, or now and then something else, which costs the same."""

    name = "text-embedding-3-small"

    def __init__(self, tally: Tally, chance: random.Random) -> None:
        self._tally, self._chance = tally, chance
        self.task = ""

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        """One vector a text."""
        count = self._chance.randrange(10, 9000)
        usage = Usage("openai", self.name, {"input_tokens": count})
        self._tally.add(self.task, Component.MEMORY, count * Decimal("0.02") / 1_000_000)
        if self._chance.random() < 0.1:
            error = AnswerUnusable("openai", "vectors of another width")
            error.usage = usage
            raise error
        return [[1.0, *[0.0] * (WIDTH - 1)] for _ in texts], usage


class Seller:
    """KIE or fal: sells, refuses, leaves without an answer, or fails what it has sold."""

    def __init__(self, real: Any, tally: Tally, chance: random.Random, component: Component) -> None:
        self._real, self._tally, self._chance, self._component = real, tally, chance, component
        self.task = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def submit(self, *asked: Any) -> Accepted:
        """One order."""
        luck = self._chance.random()
        if luck < 0.06:
            raise ProviderUnavailable("it", "too many requests", status=429)
        if luck < 0.08:
            raise OutcomeUnknown("it", "no answer")
        now = self._tally.clock()
        if self._component is Component.KLING:
            each = second_of_film(asked[0], now)
            dollars = None if each is None else int(asked[1]["duration"]) * each
        else:
            dollars = picture(now, self._tally.setting)
        self._tally.add(self.task, self._component, dollars)
        request = f"{self._component}-{self._tally.seed}-{len(self._tally.requests) + 1}"
        self._tally.requests[request] = (self.task, dollars, now)
        return Accepted(request)

    def poll(self, *asked: Any) -> Rendering:
        """How an order stands: made, or failed there."""
        if self._chance.random() < 0.1:
            return Rendering(error=ProviderUnavailable("it", "the runner fell over"))
        return Rendering(done=True, urls=("https://tempfile.aiquickdraw.com/a.png",))


@dataclass
class Market:
    """The service in one process, everything it buys from, and what it sold."""

    services: Services
    clock: Clock
    tally: Tally
    claude: Claude
    embedder: Embedder
    kie: Seller
    fal: Seller

    def films(self, users: Sequence[str], every: timedelta) -> list[Task]:
        """All that films of these users buy, the faults included; some hours pass after each."""
        tasks = []
        for user in users:
            task = add_film(self.services.db, self.clock(), user, first=Stage.VISUAL)
            self._think(task)
            self._want(task)
            self.clock.advance(every.total_seconds())
            tasks.append(task)
        self._buy()
        return tasks

    def _think(self, task: Task) -> None:
        for stage, component in ((Stage.CONTEXT, Component.ORCHESTRATOR), (Stage.SCRIPT, Component.WRITER),
                                 (Stage.STORYBOARD, Component.DIRECTOR)):
            self.claude.task, self.claude.component = task.id, component
            ask = self.services.asker(task, stage, component)
            with suppress(AnswerUnusable):
                structured(ask, ClaudeRequest((), ({"role": "user", "content": stage.value},), schema={}), dict)
        self.embedder.task = task.id
        with suppress(AnswerUnusable):
            embed_one(self.embedder, "words", self.services.meter(task, Component.MEMORY))

    def _want(self, task: Task) -> None:
        """A picture and a clip."""
        with self.services.db.transaction() as tx:
            projects.add_assets(tx, [Asset(
                key=f"p-{task.id}", kind="picture", project_id=task.project_id, job_id=None, shot=1, take=0, bytes=1,
                content_type="image/png", sha256="0" * 64, source_url="https://tempfile.aiquickdraw.com/a.png",
                created_at=self.clock())], tenant_id=task.tenant_id, user_id=task.user_id, task_id=task.id)
            jobs.ask(tx, task, [
                _wish(JobKind.PICTURE, "mj/generate", {"prompt": "p", "aspect_ratio": "16:9", "sref": ""}),
                _wish(JobKind.CLIP, self.services.kling_endpoint, {
                    "prompt": "c", "seconds": 5, "aspect_ratio": "16:9", "picture_key": f"p-{task.id}"})], self.clock())

    def _buy(self) -> None:
        """Submit (each message comes twice) and look at what is wanted, until nothing is left to be sent."""
        desk, db = self.services.desk, self.services.db
        for _ in range(6):
            submits = jobs.admit(desk).submits
            for ref in submits:
                self.kie.task = self.fal.task = ref.task_id
                jobs.submit(desk, ref.id)
                jobs.submit(desk, ref.id)
                self.clock.advance(1)
            self.clock.advance(30)
            for ref in submits:
                with db.single() as tx:
                    job = job_rows.get_job(tx, ref.id)
                if job is not None and job.state == "running":
                    look(desk, job)
            self.clock.advance(30)


def open_market(dsn: str, folder: Path, clock: Clock, seed: int, **settings: Any) -> Market:
    """A market over a database; `settings` differ as asked."""
    chance, tally = random.Random(seed), Tally(clock, seed, settings.get("kie_task_dollars"))
    wide = {"kie_window_submissions": 10_000, "kie_running_limit": 100_000, "fal_window_submissions": 10_000,
            "fal_running_limit": 100_000, "pictures_per_film": 100, "clips_per_film": 100, "kie_task_dollars": None,
            "openai_embedding_model": Embedder.name, "public_url": "https://films.test"}
    made = make_services(dsn, folder, clock, **{**wide, **settings})
    claude, embedder = Claude(tally, chance), Embedder(tally, chance)
    kie = Seller(made.desk.kie, tally, chance, Component.MIDJOURNEY)
    fal = Seller(made.desk.fal, tally, chance, Component.KLING)
    services = replace(with_desk(made, kie=kie, fal=fal), make_claude=lambda: claude, make_embedder=lambda: embedder)
    return Market(services, clock, tally, claude, embedder, kie, fal)


def write_sheets(folder: Path, sheets: Mapping[str, str] = OWN_SHEETS) -> Path:
    """A PRICES_DIR."""
    folder.mkdir(exist_ok=True)
    for name, text in sheets.items():
        (folder / name).write_text(text)
    return folder


def booked(db: Database) -> dict[tuple[str, str], Decimal]:
    """What the charges say, by film and component; what comes to nothing (some tokens embedded) is left out."""
    with db.transaction() as tx:
        return {(row["task_id"], row["component"]): row["dollars"] for row in tx.all(
            "SELECT task_id, component, sum(dollars) AS dollars FROM charges WHERE dollars > 0 GROUP BY 1, 2")}


def _wish(kind: JobKind, endpoint: str, request: dict[str, Any]) -> Wanted:
    return Wanted(1, kind, endpoint, request, fingerprint({**request, "kind": kind}))
