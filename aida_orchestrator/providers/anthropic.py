"""Claude: one Messages request in, the blocks exactly as they came and their Usage out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import anthropic
import httpx2
from pydantic import SecretStr

from ..errors import ProviderAuthError, ProviderError
from ..model import ClaudeAnswer, ClaudeRequest, Usage, fingerprint
from ..tally import counted
from .base import RetryPolicy, Source, excerpt, usable_key
from .calls import Call, call
from .first_reader import FirstReader
from .http import CONNECT_SECONDS, checked_address
from .sdk import PerProcess, from_break, from_status, http_client, unreadable

SOURCE = Source("anthropic", "Anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")

# An empty account comes as a 400 with these words, a cap as a 429 with one of these codes
# (platform.claude.com/docs/en/api/errors).
_BALANCE_WORDS = ("your credit balance is too low", "you have reached your specified")
_BALANCE_CODES = frozenset({"enforced_spend_limit_reached", "contract_spend_limit_reached"})

_LONGEST_TURN = 60.0  # seconds that a call waits for the one that has its prompt written
_LEAST_SECONDS = 0.1  # a try that begins when its time is over is one that fails, but it must be a time


class Claude:
    """The Messages API of one model."""

    def __init__(
        self, api_key: SecretStr | None, base_url: str, model: str, timeout: float, policy: RetryPolicy
    ) -> None:
        self.model = model
        self._key = api_key
        self._base_url = checked_address(SOURCE, base_url)
        self._timeout = timeout
        self._policy = policy
        self._client = PerProcess(self._connect)
        self._first = FirstReader()

    def __repr__(self) -> str:
        return f"Claude({self.model}, {self._base_url})"

    def ask(self, request: ClaudeRequest) -> ClaudeAnswer:
        """Ask, and again while the trouble is passing and `request.timeout` is not over; whether the answer is usable
        (stop_reason) is not judged here.

        Raises ProviderUnavailable, ProviderRefused, ProviderAuthError or ProviderBalanceError.
        """
        key = usable_key(SOURCE, self._key)
        client = self._client.get()
        fields, seconds = _fields(request), request.timeout
        ends = None if seconds is None else time.monotonic() + seconds
        with self._turn(request):
            left = None if ends is None else max(0.0, ends - time.monotonic())
            return self._policy.call(lambda: self._ask_once(client, fields, key, ends), left)

    @contextmanager
    def _turn(self, request: ClaudeRequest) -> Iterator[None]:
        """Behind the first call with this prompt, where it is one that the cache is to keep: first with the part that is
        the same for all users, then with the user's own."""
        marked = [at for at, block in enumerate(request.system, 1) if "cache_control" in block]
        longest = self._timeout if request.timeout is None else request.timeout
        with ExitStack() as turns:
            for end in sorted({marked[0], marked[-1]} if marked else ()):
                prompt = fingerprint({"tools": request.tools, "system": request.system[:end], "schema": request.schema})
                turns.enter_context(self._first.turn(prompt, min(_LONGEST_TURN, longest / 3)))
            yield

    def _connect(self) -> anthropic.Anthropic:
        return anthropic.Anthropic(
            api_key=usable_key(SOURCE, self._key), base_url=self._base_url, max_retries=0,
            timeout=httpx2.Timeout(self._timeout, connect=CONNECT_SECONDS),
            http_client=http_client(self._base_url, self._timeout),
        )

    @counted(SOURCE.name, "ask")
    def _ask_once(
        self, client: anthropic.Anthropic, fields: dict[str, Any], key: str, ends: float | None
    ) -> ClaudeAnswer:
        left = self._timeout if ends is None else min(self._timeout, max(_LEAST_SECONDS, ends - time.monotonic()))
        # The raw response, because the library's objects drop or add fields, and blocks must go back as they came.
        with call(SOURCE.name, "ask") as made:
            return self._answer(self._body(client, fields, key, left, made))

    def _body(self, client: anthropic.Anthropic, fields: dict[str, Any], key: str, left: float, made: Call) -> Any:
        try:
            raw = client.messages.with_raw_response.create(
                model=self.model, timeout=httpx2.Timeout(left, connect=min(left, CONNECT_SECONDS)), **fields)
            made.answered(raw.http_response.status_code, raw.http_response.headers)
            return json.loads(raw.http_response.content)
        except anthropic.APIStatusError as error:
            made.answered(error.status_code, error.response.headers)
            raise _refusal(error, key) from None
        except (anthropic.AnthropicError, httpx2.HTTPError, OSError) as error:
            raise from_break(SOURCE, error) from None
        except (ValueError, RecursionError):
            raise unreadable(SOURCE) from None

    def _answer(self, body: Any) -> ClaudeAnswer:
        blocks = body.get("content") if isinstance(body, dict) else None
        counts = body.get("usage") if isinstance(body, dict) else None
        if not isinstance(blocks, list) or not isinstance(counts, dict) or not all(isinstance(b, dict) for b in blocks):
            raise unreadable(SOURCE)
        model = body.get("model")
        return ClaudeAnswer(
            blocks=tuple(blocks), stop_reason=str(body.get("stop_reason") or ""),
            usage=Usage(SOURCE.name, model if isinstance(model, str) and model else self.model, _units(counts)),
        )


def _fields(request: ClaudeRequest) -> dict[str, Any]:
    # No sampling parameters, no forced tool, no prefill: each is a 400 on current models
    # (platform.claude.com/docs/en/models/sonnet-5-5/migration-guide).
    fields: dict[str, Any] = {"max_tokens": request.max_tokens, "messages": list(request.messages)}
    if request.system:
        fields["system"] = list(request.system)
    if request.tools:
        fields["tools"] = list(request.tools)
        fields["tool_choice"] = {"type": "auto"}
    output: dict[str, Any] = {}
    if request.effort:
        output["effort"] = request.effort
    if request.schema is not None:
        output["format"] = {"type": "json_schema", "schema": request.schema}
    if output:
        fields["output_config"] = output
    return fields


def _units(counts: dict[str, Any]) -> dict[str, int]:
    # Without the breakdown by lifetime every write counts as a 5-minute one, as the price libraries have it too.
    split = counts.get("cache_creation")
    written = _count(counts, "cache_creation_input_tokens")
    hour = _count(split, "ephemeral_1h_input_tokens") if isinstance(split, dict) else 0
    five = _count(split, "ephemeral_5m_input_tokens") if isinstance(split, dict) else written
    return {
        "input_tokens": _count(counts, "input_tokens"),
        "cache_write_5m_tokens": max(five, written - hour),
        "cache_write_1h_tokens": hour,
        "cache_read_tokens": _count(counts, "cache_read_input_tokens"),
        "output_tokens": _count(counts, "output_tokens"),
    }


def _count(counts: dict[str, Any], name: str) -> int:
    value = counts.get(name)
    return value if isinstance(value, int) and value > 0 else 0


def _refusal(error: anthropic.APIStatusError, key: str) -> ProviderError:
    said = error.body.get("error") if isinstance(error.body, dict) else None
    words = str(said.get("message", "")) if isinstance(said, dict) else ""
    details = said.get("details") if isinstance(said, dict) else None
    code = details.get("error_code") if isinstance(details, dict) else None
    if code == "organization_on_hold":
        return ProviderAuthError(
            SOURCE.name, "this Anthropic organisation is on hold: ask Anthropic, or use another key",
            status=error.status_code, body=excerpt(words, key))
    balance = (error.status_code == 400 and words.lower().startswith(_BALANCE_WORDS)) or code in _BALANCE_CODES
    return from_status(SOURCE, error.status_code, error.body, error.response.headers, key, balance=balance)
