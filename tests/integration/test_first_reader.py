"""Calls of Claude that begin together: one has the common prompt written into the cache, the others read it there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from aida_orchestrator.agents.prompts import system
from aida_orchestrator.errors import ProviderError
from aida_orchestrator.model import ClaudeAnswer, ClaudeRequest
from aida_orchestrator.providers.anthropic import Claude
from aida_orchestrator.providers.base import RetryPolicy
from aida_orchestrator.sandbox.server import Server

AT_ONCE = 5


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, latency={"anthropic": 0.3}).start()
    yield server
    server.close()


def together(server: Server, role: str, *, own: bool = False) -> tuple[list[ClaudeAnswer], list[ProviderError]]:
    """What five films that begin in one moment are answered in this role; `own`: each has a user of its own, who is told
    in a block of its own."""
    claude = Claude(SecretStr("sk-test"), f"{server.url}/anthropic", "claude-sonnet-5-5", 10, RetryPolicy(delays=()))
    gate = threading.Barrier(AT_ONCE)
    answers: list[ClaudeAnswer] = []
    errors: list[ProviderError] = []

    def ask(number: int) -> None:
        user = {"type": "text", "text": f"Likes of user {number}: bread. " * 100,
                "cache_control": {"type": "ephemeral", "ttl": "1h"}}
        told = (*system(role, with_catalogue=False), *([user] if own else []))
        gate.wait(10)
        try:
            answers.append(claude.ask(ClaudeRequest(
                system=told, messages=({"role": "user", "content": f"Film {number}"},))))
        except ProviderError as error:
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers, errors


def written(answers: list[ClaudeAnswer]) -> list[int]:
    """The tokens that each answer wrote into the long cache, the most first."""
    return sorted((answer.usage.units["cache_write_1h_tokens"] for answer in answers), reverse=True)


def test_of_calls_that_begin_together_one_writes_the_prompt_and_the_others_read_it(sandbox: Server) -> None:
    answers, errors = together(sandbox, "writer")
    most, *others = written(answers)
    assert (errors, len(answers)) == ([], AT_ONCE)
    assert most > 3000
    assert others == [0] * (AT_ONCE - 1)
    assert sum(answer.usage.units["cache_read_tokens"] == most for answer in answers) == AT_ONCE - 1


def test_users_who_begin_together_share_what_is_the_same_for_all_and_write_what_is_their_own(sandbox: Server) -> None:
    answers, errors = together(sandbox, "writer", own=True)
    most, *others = written(answers)
    assert (errors, len(answers)) == ([], AT_ONCE)
    assert most > 3000
    assert all(500 < tokens < 1500 for tokens in others), others


def test_where_the_first_call_fails_another_is_the_first(sandbox: Server) -> None:
    sandbox.sandbox.faults.add({"provider": "anthropic", "operation": "messages", "fault": "status", "status": 529})
    answers, errors = together(sandbox, "writer")
    assert (len(errors), len(answers)) == (1, AT_ONCE - 1)
    assert [tokens > 0 for tokens in written(answers)] == [True, False, False, False]


def test_prompts_of_other_roles_are_not_waited_for(sandbox: Server) -> None:
    together(sandbox, "writer")
    answers, _ = together(sandbox, "director")
    assert [tokens > 0 for tokens in written(answers)] == [True, *[False] * (AT_ONCE - 1)]
