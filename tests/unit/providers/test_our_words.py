"""Whatever a provider says, in whichever field and with whichever status, is kept for operators and told to nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from aida_orchestrator.errors import ProviderError
from aida_orchestrator.model import ClaudeRequest
from aida_orchestrator.providers.anthropic import Claude
from aida_orchestrator.providers.base import RetryPolicy
from aida_orchestrator.providers.fal import Fal
from aida_orchestrator.providers.kie import Kie
from aida_orchestrator.providers.openai import Embedder

from .conftest import KEY

WORDS = "zefirine arance"
KLING = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
ASKED = ClaudeRequest(system=(), messages=({"role": "user", "content": "x"},), tools=(), schema=None, max_tokens=10)
SAID: list[dict[str, Any]] = [
    {"code": 422, "msg": WORDS, "error": {"type": WORDS, "message": WORDS, "code": WORDS}, "detail": WORDS,
     "error_type": WORDS},
    {"code": 501, "msg": WORDS, "error": WORDS, "detail": [{"loc": ["body", WORDS], "msg": WORDS, "type": WORDS}],
     "status": "COMPLETED"},
    {"code": 200, "data": {"taskId": "t", "successFlag": 3, "errorMessage": WORDS, "errorCode": 400}, "status": "COMPLETED",
     "error": WORDS, "error_type": WORDS},
    {"code": 200, "data": {"taskId": "t", "successFlag": WORDS}, "status": WORDS},
]
KEYED = SecretStr(KEY)
_ANY = re.compile(".*")


def callers(url: str) -> dict[str, Callable[[], Any]]:
    """Every call that can be refused, against one address."""
    none = RetryPolicy(delays=())
    kie = Kie(KEYED, url, "Test-Agent/1", "7", "fast", 2)
    fal = Fal(KEYED, url, url, 2)
    return {
        "kie submit": lambda: kie.submit({"prompt": "x"}, None), "kie poll": lambda: kie.poll("t", {}),
        "fal submit": lambda: fal.submit(KLING, {}, None), "fal poll": lambda: fal.poll(KLING, "r", {}),
        "fal cancel": lambda: fal._cancel_once(f"{url}/cancel"),
        "claude": lambda: Claude(KEYED, url, "m", 2, none).ask(ASKED),
        "embedder": lambda: Embedder(KEYED, url, "m", 2, none).embed(["x"]),
    }


def refusal(ask: Callable[[], object]) -> ProviderError | None:
    """The error of a call, raised or told in its answer."""
    try:
        return getattr(ask(), "error", None)
    except ProviderError as error:
        return error


@pytest.mark.parametrize("status", [200, 400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 503])
@pytest.mark.parametrize("said", range(len(SAID)))
def test_no_message_of_an_error_has_a_word_of_the_providers(httpserver: HTTPServer, status: int, said: int) -> None:
    for method in ("GET", "POST", "PUT"):
        httpserver.expect_request(_ANY, method=method).respond_with_json(SAID[said], status=status)
    for name, ask in callers(httpserver.url_for("").rstrip("/")).items():
        refused = refusal(ask)
        assert refused is None or WORDS not in refused.message, name
