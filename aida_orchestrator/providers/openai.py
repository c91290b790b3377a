"""OpenAI embeddings: texts in, one vector each in the same order out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import httpx2
import openai
from pydantic import SecretStr

from ..errors import AnswerUnusable
from ..model import Role, Usage
from ..tally import counted
from .base import RetryPolicy, Source, usable_key
from .calls import Call, call
from .http import CONNECT_SECONDS, checked_address
from .sdk import PerProcess, from_break, from_status, http_client, unreadable

SOURCE = Source("openai", "OpenAI", "OPENAI_API_KEY", "OPENAI_BASE_URL")
WIDTH = 1536

# A 429 of this kind never passes by waiting; the type is the older sign, the codes the newer.
_QUOTA = frozenset({
    "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded", "organization_usage_limit_exceeded",
})
# Models whose vectors are wider by themselves and can be shortened by the API.
_SHORTENED = frozenset({"text-embedding-3-large"})


class Embedder:
    """Vectors of one model, 1536 wide as the database columns are."""

    def __init__(
        self, api_key: SecretStr | None, base_url: str, model: str, timeout: float, policy: RetryPolicy
    ) -> None:
        self.name = model
        self._key = api_key
        self._base_url = checked_address(SOURCE, base_url)
        self._timeout = timeout
        self._policy = policy
        self._client = PerProcess(self._connect)

    def __repr__(self) -> str:
        return f"Embedder({self.name}, {self._base_url})"

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        """Vectors in the order of the texts, at most 2 048; an empty text counts as a space, which the API takes. To these
        models a question and a passage are the same.

        Raises ProviderUnavailable, ProviderRefused, ProviderAuthError or ProviderBalanceError, and AnswerUnusable when
        the vectors have another width.
        """
        if not texts:
            return [], Usage(SOURCE.name, self.name, {"input_tokens": 0})
        key = usable_key(SOURCE, self._key)
        client = self._client.get()
        inputs = [text if text.strip() else " " for text in texts]
        return self._policy.call(lambda: self._embed_once(client, inputs, key))

    def _connect(self) -> openai.OpenAI:
        return openai.OpenAI(
            api_key=usable_key(SOURCE, self._key), base_url=self._base_url, max_retries=0,
            timeout=httpx2.Timeout(self._timeout, connect=CONNECT_SECONDS),
            http_client=http_client(self._base_url, self._timeout),
        )

    @counted(SOURCE.name, "embed")
    def _embed_once(self, client: openai.OpenAI, inputs: list[str], key: str) -> tuple[list[list[float]], Usage]:
        with call(SOURCE.name, "embed") as made:
            answer = self._answer(client, inputs, key, made)
        items = getattr(answer, "data", None)
        if not isinstance(items, list):
            raise unreadable(SOURCE)
        usage = self._usage(answer)
        return self._vectors(items, len(inputs), usage), usage

    def _answer(self, client: openai.OpenAI, inputs: list[str], key: str, made: Call) -> Any:
        width: Any = WIDTH if self.name in _SHORTENED else openai.omit
        try:
            # The raw response, for its headers; it is parsed as the library does.
            raw = client.embeddings.with_raw_response.create(model=self.name, input=inputs, dimensions=width)
            made.answered(raw.http_response.status_code, raw.http_response.headers)
            return raw.parse()
        except openai.APIStatusError as error:
            made.answered(error.status_code, error.response.headers)
            quota = error.status_code == 429 and (error.type in _QUOTA or error.code in _QUOTA)
            raise from_status(
                SOURCE, error.status_code, error.body, error.response.headers, key, balance=quota
            ) from None
        except openai.APIResponseValidationError:
            raise unreadable(SOURCE) from None
        except (openai.OpenAIError, httpx2.HTTPError, OSError) as error:
            raise from_break(SOURCE, error) from None
        except (ValueError, TypeError, AttributeError):
            # The library decodes the vectors itself; these are what it raises over a body of another shape.
            raise unreadable(SOURCE) from None

    def _vectors(self, items: list[Any], wanted: int, usage: Usage) -> list[list[float]]:
        by_index = {getattr(item, "index", None): getattr(item, "embedding", None) for item in items}
        vectors = [by_index.get(index) for index in range(wanted)]
        good = [
            [float(number) for number in vector] for vector in vectors
            if isinstance(vector, list) and len(vector) == WIDTH and all(_finite(number) for number in vector)
        ]
        if len(good) != wanted or len(items) != wanted:
            error = AnswerUnusable(
                SOURCE.name, f"{self.name} did not give one vector of {WIDTH} numbers for each of {wanted} texts: "
                "check OPENAI_EMBEDDING_MODEL")
            error.usage = usage
            raise error
        return good

    def _usage(self, answer: Any) -> Usage:
        count = getattr(getattr(answer, "usage", None), "prompt_tokens", None)
        return Usage(SOURCE.name, self.name, {"input_tokens": count if isinstance(count, int) else 0})


def _finite(number: object) -> bool:
    return isinstance(number, int | float) and math.isfinite(number)
