"""The four providers: is each key taken? Asked by reads that cost nothing, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from ..providers import keys
from ..providers.keys import Asked, KeyWord, Question
from ..settings import Settings
from .clock import Reading
from .findings import Finding, ok, unknown, warning, wrong

_GRAIN = 1.0


def check(settings: Settings, now: datetime, readings: list[Reading]) -> Iterator[Finding]:
    """A line for each provider; `readings` gets the clocks of those that answered."""
    asked = _questions(settings, now)
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = list(pool.map(lambda pair: keys.ask(*pair), asked))
    for answer in answers:
        if answer.ahead is not None:
            here = datetime.now(UTC)
            readings.append(Reading(answer.source.title, here - timedelta(seconds=answer.ahead), here, _GRAIN))
        yield _finding(answer)
    if settings.memory_embedder == "local":
        yield ok("provider.embedder", "memory's vectors are made on this machine: no key is needed")


def _questions(settings: Settings, now: datetime) -> list[tuple[Question, SecretStr | None]]:
    asked = [(keys.anthropic(settings.anthropic_base_url), settings.anthropic_api_key),
             (keys.kie(settings.kie_base_url, settings.kie_user_agent), settings.kie_api_key)]
    usual = type(settings).model_fields
    own_queue = settings.fal_queue_url != usual["fal_queue_url"].default
    # Beside a queue elsewhere the key is not for fal's own API.
    own_api = settings.fal_api_url != usual["fal_api_url"].default
    api = settings.fal_queue_url if own_queue and not own_api else settings.fal_api_url
    asked.append((keys.fal(api, settings.fal_kling_endpoint, now), settings.fal_key))
    if settings.memory_embedder == "openai":
        asked.insert(1, (keys.openai(settings.openai_base_url), settings.openai_api_key))
    return asked


def _finding(asked: Asked) -> Finding:
    source, check = asked.source, f"provider.{asked.source.name}"
    if asked.word is KeyWord.TAKEN:
        return ok(check, f"{asked.host} takes {source.key}" + (f": {asked.told}" if asked.told else ""))
    if asked.word is KeyWord.EMPTY:
        return wrong(check, f"{source.key} is not set: films end with provider_auth",
                     f"set {source.key}, restart the workers")
    if asked.word is KeyWord.REFUSED:
        return wrong(check, f"{asked.host} refuses {source.key} ({asked.told})",
                     f"copy the key anew from your {source.title} account, restart the workers, `aida retry` the films")
    if asked.word is KeyWord.NO_BALANCE:
        return wrong(check, f"the account at {source.title} is empty, locked or capped ({asked.told})",
                     "top it up or raise its cap: films that need it wait, and go on by themselves")
    if asked.word is KeyWord.UNREACHED:
        return warning(check, f"{asked.host} cannot be reached ({asked.told})",
                       f"look at the network, the proxy, and {source.address}; {source.title} itself may be away")
    return unknown(check, f"could not be told: {asked.host} {asked.told}",
                   "a stand-in that does not know the question is no fault; "
                   f"at {source.title} itself look at {source.address}")
