"""Whether a provider takes its key, asked by a read that costs nothing; the answer's Date says how its clock stands."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr

from ..errors import ProviderAuthError
from .base import Source, excerpt, usable_key
from .http import BROKEN, is_loopback

_SECONDS = (3.0, 10.0)
_MOST = 2_000_000


class KeyWord(StrEnum):
    """What became of the key. `UNTOLD`: whoever stands there does not know the question, or is busy."""

    TAKEN = "taken"
    EMPTY = "empty"
    REFUSED = "refused"
    NO_BALANCE = "no_balance"
    UNTOLD = "untold"
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class Asked:
    """`ahead`: seconds by which our clock is before the provider's, None if it did not say; `told` is for people."""

    source: Source
    host: str
    word: KeyWord
    told: str
    ahead: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A GET that needs the key."""

    source: Source
    url: str
    headers: Mapping[str, str]
    params: Mapping[str, str]


def anthropic(base_url: str) -> Question:
    """Its list of models."""
    return Question(Source("anthropic", "Anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"), f"{base_url}/v1/models",
                    {"Authorization": "Bearer {key}", "anthropic-version": "2023-06-01"}, {"limit": "1"})


def openai(base_url: str) -> Question:
    """Its list of models."""
    return Question(Source("openai", "OpenAI", "OPENAI_API_KEY", "OPENAI_BASE_URL"), f"{base_url}/models",
                    {"Authorization": "Bearer {key}"}, {})


def kie(base_url: str, user_agent: str) -> Question:
    """The account's credits."""
    return Question(Source("kie", "KIE", "KIE_API_KEY", "KIE_BASE_URL"), f"{base_url}/api/v1/chat/credit",
                    {"Authorization": "Bearer {key}", "User-Agent": user_agent}, {})


def fal(api_url: str, endpoint: str, now: datetime) -> Question:
    """The last minute of the account's requests."""
    return Question(Source("fal", "fal", "FAL_KEY", "FAL_API_URL"), f"{api_url}/v1/models/requests/by-endpoint",
                    {"Authorization": "Key {key}"},
                    {"endpoint_id": endpoint, "start": (now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")})


def ask(question: Question, key: SecretStr | None) -> Asked:
    """Ask once; never raises for what the provider does."""
    source, host = question.source, urlsplit(question.url).netloc
    try:
        text = usable_key(source, key)
    except ProviderAuthError as error:
        missing = key is None or not key.get_secret_value().strip()
        return Asked(source, host, KeyWord.EMPTY if missing else KeyWord.REFUSED, error.message)
    headers = {name: value.replace("{key}", text) for name, value in question.headers.items()}
    with requests.Session() as session:
        session.trust_env = not is_loopback(question.url)
        try:
            began = time.time()
            answer = session.get(question.url, headers=headers, params=dict(question.params), timeout=_SECONDS,
                                 allow_redirects=False, stream=True)
            ended = time.time()
            with answer:
                raw = answer.raw.read(_MOST, decode_content=True)
        except BROKEN as error:
            return Asked(source, host, KeyWord.UNREACHED, type(error).__name__)
    body: Any = None
    with suppress(ValueError):
        body = json.loads(raw)
    word, told = _judge(source.name, answer.status_code, body, excerpt(raw[:2000].decode("utf-8", "replace"), text))
    return Asked(source, host, word, told, _ahead(answer.headers.get("Date"), (began + ended) / 2))


def _judge(provider: str, status: int, body: Any, text: str) -> tuple[KeyWord, str]:
    said = body if isinstance(body, dict) else {}
    if provider == "kie" and status == 200 and isinstance(said.get("code"), int):
        status = said["code"]
    if status == 200:
        return _taken(provider, said)
    if status == 402 or "balance" in text.lower() or (provider == "fal" and "User is locked" in text):
        return KeyWord.NO_BALANCE, f"{status}: {text}"
    if status in (401, 403) and "1010" not in text:
        return KeyWord.REFUSED, f"{status}: {text}"
    return KeyWord.UNTOLD, f"answered {status} to a question that needs the key"


def _taken(provider: str, said: Mapping[str, Any]) -> tuple[KeyWord, str]:
    if provider == "kie":
        credits = said.get("data")
        if isinstance(credits, int | float) and not isinstance(credits, bool):
            return (KeyWord.TAKEN if credits > 0 else KeyWord.NO_BALANCE), f"{credits:g} credits left"
        return KeyWord.UNTOLD, "answered 200, and not with a number of credits"
    listed = said.get("items") if provider == "fal" else said.get("data")
    if not isinstance(listed, list) and provider != "fal":
        return KeyWord.UNTOLD, "answered 200, and not with a list"
    return KeyWord.TAKEN, ""


def _ahead(date: str | None, here: float) -> float | None:
    if not date:
        return None
    try:
        there = parsedate_to_datetime(date)
    except ValueError:
        return None
    there = there.replace(tzinfo=UTC) if there.tzinfo is None else there
    return here - (there.timestamp() + 0.5)  # a Date says whole seconds
