"""The price book's sums, and what a charge says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from aida_orchestrator.ledger import Ledger, PriceBook, cache_hit_rate
from aida_orchestrator.model import Component, Task, Usage
from aida_orchestrator.prices import load_sheets

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BOOK = PriceBook(load_sheets(), Decimal("0.04"))
KLING = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
CLAUDE = Usage("anthropic", "claude-sonnet-5-5", {
    "input_tokens": 1_000_000, "cache_write_5m_tokens": 100_000, "cache_write_1h_tokens": 200_000,
    "cache_read_tokens": 1_000_000, "output_tokens": 1_000_000})


class Rows:
    """Stands for a database: keeps the parameters of what was run, and one row a job as the unique index does."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.commits = 0

    def later(self, sql: str, **params: Any) -> None:
        assert "ON CONFLICT (job_id) WHERE job_id IS NOT NULL DO NOTHING" in sql
        if params["job_id"] is None or params["job_id"] not in [row["job_id"] for row in self.rows]:
            self.rows.append(params)

    @contextmanager
    def transaction(self) -> Iterator[Rows]:
        yield self
        self.commits += 1


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def ledger(rows: Rows) -> Ledger:
    return Ledger(rows, BOOK)  # type: ignore[arg-type]


def make_task() -> Task:
    blank: dict[str, Any] = {field.name: None for field in fields(Task)}
    return Task(**{**blank, "id": "task_1", "project_id": "proj_1", "tenant_id": "acme", "user_id": "u1"})


def test_claude_is_priced_with_long_and_short_writes_and_cheap_reads() -> None:
    # 2 uncached + 0.25 short write + 0.80 long write + 0.10 read + 10 output, in dollars.
    price = BOOK.price(CLAUDE, NOW)
    assert price.dollars == Decimal("13.15")
    assert price.version.startswith("genai-prices ")
    assert "200000 cache_write_1h" in price.formula


def test_a_price_is_the_one_of_its_day() -> None:
    # Until 2026-03-13 a prompt of more than 200 000 tokens was dearer.
    long = Usage("anthropic", "claude-sonnet-4-6", {"input_tokens": 300_000})
    assert BOOK.price(long, datetime(2026, 3, 1, tzinfo=UTC)).dollars == Decimal("1.8")
    assert BOOK.price(long, NOW).dollars == Decimal("0.9")


def test_embeddings_are_priced_by_their_tokens() -> None:
    assert BOOK.price(Usage("openai", "text-embedding-3-small", {"input_tokens": 1_000_000}), NOW).dollars == Decimal("0.02")


def test_clips_are_priced_by_the_second_and_pictures_by_the_task() -> None:
    assert BOOK.price(Usage("fal", KLING, {"seconds": 5}), NOW).dollars == Decimal("0.35")
    assert BOOK.price(Usage("kie", "midjourney", {"tasks": 3}), NOW).dollars == Decimal("0.12")


@pytest.mark.parametrize("usage", [
    Usage("anthropic", "claude-of-the-future", {"input_tokens": 5}), Usage("openai", "no-such", {"input_tokens": 5}),
    Usage("fal", "kling/v4/image-to-video", {"seconds": 5}), Usage("nobody", "x", {"input_tokens": 5}),
])
def test_what_has_no_price_is_unknown_and_not_free(usage: Usage) -> None:
    price = BOOK.price(usage, NOW)
    assert price.dollars is None
    assert "no price known" in price.formula


def test_the_hit_rate_is_the_cached_share_of_all_input() -> None:
    assert cache_hit_rate(CLAUDE) == round(Decimal(1_000_000) / 2_300_000, 6)
    assert cache_hit_rate(Usage("anthropic", "m", {"output_tokens": 5})) is None
    assert cache_hit_rate(Usage("openai", "m", {"input_tokens": 5})) is None
    assert cache_hit_rate(Usage("kie", "m", {"tasks": 1})) is None


@pytest.mark.parametrize("task", [make_task(), ("task_1", "proj_1", "acme", "u1")])
def test_a_charge_says_who_what_and_how_much(ledger: Ledger, rows: Rows, task: Any) -> None:
    ledger.record(rows, task=task, component=Component.WRITER, usage=CLAUDE, now=NOW)  # type: ignore[arg-type]
    row = rows.rows[0]
    assert (row["task_id"], row["project_id"], row["tenant_id"], row["user_id"]) == ("task_1", "proj_1", "acme", "u1")
    assert (row["component"], row["provider"], row["model"]) == ("writer", "anthropic", "claude-sonnet-5-5")
    assert (row["tokens"], row["api_calls"], row["dollars"], row["now"]) == (3_300_000, 1, Decimal("13.15"), NOW)
    assert row["units"].adapted == dict(CLAUDE.units)
    assert rows.commits == 0


def test_a_job_is_charged_once(ledger: Ledger, rows: Rows) -> None:
    clip = Usage("fal", KLING, {"seconds": 5})
    for _ in range(2):
        ledger.record_now(task=make_task(), component=Component.KLING, usage=clip, now=NOW, job_id="job_1")
    assert len(rows.rows) == 1


def test_calls_without_a_job_are_each_charged_in_a_transaction_of_their_own(ledger: Ledger, rows: Rows) -> None:
    for _ in range(2):
        ledger.record_now(task=make_task(), component=Component.MEMORY, usage=CLAUDE, now=NOW)
    assert (len(rows.rows), rows.commits) == (2, 2)


def test_what_is_made_here_costs_nothing_and_that_is_known() -> None:
    price = BOOK.price(Usage("local", "multilingual-e5-small+pairs-1", {"input_tokens": 12}), NOW)
    assert price.dollars == 0
    assert price.formula == "12 tokens of multilingual-e5-small+pairs-1, made here"
