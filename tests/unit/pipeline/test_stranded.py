"""The words for standing still: each that the rows can answer has a sentence that says what to do."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from aida_orchestrator.model import Stage
from aida_orchestrator.pipeline import stranded
from aida_orchestrator.store.db import load_queries
from aida_orchestrator.store.watch import Stranded


def test_every_reason_of_the_query_is_explained_and_no_other() -> None:
    query = load_queries("watch")["list_stranded"]
    assert set(re.findall(r"(?:THEN|ELSE) '([a-z_]+)'", query)) == set(stranded.REASONS)


@pytest.mark.parametrize("reason", stranded.REASONS)
def test_each_reason_says_in_whole_sentences_why_and_what_to_do(reason: str) -> None:
    found = Stranded("task_1", Stage.VISUAL, reason, datetime(2026, 12, 1, tzinfo=UTC), 2)
    why, what_to_do = stranded._told(found)
    assert why.endswith(".")
    assert what_to_do
    assert not re.search(r"[{}]", why + what_to_do)


def test_a_missing_worker_is_named_with_the_command_that_starts_one() -> None:
    found = Stranded("task_1", Stage.VIDEO, "no_worker", datetime(2026, 12, 1, tzinfo=UTC), 0)
    assert "celery -A celery_app worker -Q video" in stranded._told(found)[1]
