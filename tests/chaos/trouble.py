"""What the providers do wrong in a run: rules for the sandbox, drawn by chance, each with the second it begins to hold."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

Rule = dict[str, Any]

_PAGE = "<html><h1>502 Bad Gateway</h1></html>"
_BREAKS = ({"fault": "reset"}, {"fault": "reset_after"})


def draw_rules(chance: Random, seconds: float) -> Iterator[tuple[float, Rule]]:
    """Some rules. What holds from the beginning meets a request for certain, what comes later whatever is under way."""
    kinds = (_passing, _passing, _submitting, _submitting, _submitting, _jobs, _results, _results, _callbacks, _callbacks,
             _claude, _memory)
    for _ in range(chance.randint(4, 9)):
        rule = chance.choice(kinds)(chance, chance.choice(("kie", "fal")))
        yield round(max(0.0, chance.uniform(-seconds / 2, seconds)), 1), rule


def draw_empty_accounts(money: Random, seconds: float) -> Iterator[tuple[float, Rule]]:
    """An account without credit, once or until all is well again, in a third of the runs."""
    if money.random() < 0.34:
        provider, operation = money.choice((
            ("kie", "submit"), ("fal", "submit"), ("anthropic", "messages"), ("openai", "embeddings")))
        yield round(money.uniform(0.0, seconds * 0.8), 1), {
            "provider": provider, "operation": operation, "fault": "balance", "times": money.choice((1, 2, None))}


def _passing(chance: Random, provider: str) -> Rule:
    """The provider is busy, broken or slow for a moment."""
    operation = chance.choice(("submit", "submit", "poll", "result" if provider == "fal" else "poll", "media", "cancel"))
    return {"provider": provider, "operation": operation, "times": chance.randint(1, 3), **chance.choice((
        {"fault": "status", "status": 429, "retryAfter": chance.randint(1, 2)}, {"fault": "status", "status": 429},
        {"fault": "status", "status": 500}, {"fault": "status", "status": 503},
        {"fault": "status", "status": 503, "body": "<html>Service Unavailable</html>"},
        {"fault": "status", "status": 502, "body": _PAGE}, {"fault": "reset"},
        {"fault": "slow", "seconds": round(chance.uniform(0.3, 1.5), 1)}))}


def _submitting(chance: Random, provider: str) -> Rule:
    """Around the purchase, where money is lost: before and after the provider took it. Three seconds are too long."""
    short, long = round(chance.uniform(0.3, 1.2), 1), 3
    return {"provider": provider, "operation": "submit", "times": 1, "after": chance.randint(0, 2), **chance.choice((
        *_BREAKS, {"fault": "reset_after"}, {"fault": "hang_after", "seconds": short},
        {"fault": "hang_after", "seconds": long}, {"fault": "hang", "seconds": long},
        {"fault": "slow_after", "seconds": short}, {"fault": "slow_after", "seconds": short}, {"fault": "malformed"},
        {"fault": "status", "status": 504, "body": _PAGE}))}


def _jobs(chance: Random, provider: str) -> Rule:
    """The provider takes it, and nothing comes of it."""
    return {"provider": provider, "operation": "submit", "fault": chance.choice(("fail_job", "fail_job", "never_ends")),
            "times": 1, "after": chance.randint(0, 2)}


def _results(chance: Random, provider: str) -> Rule:
    """The result is there and cannot be had, or is spoilt."""
    draw = chance.random()
    if draw < 0.25:
        return {"provider": provider, "operation": "result" if provider == "fal" else "poll", "fault": "status",
                "status": 504, "times": 3}
    if draw < 0.5:
        return {"provider": provider, "operation": "poll", "times": chance.randint(1, 2), **chance.choice((
            {"fault": "unknown_state"}, {"fault": "malformed"}, {"fault": "reset_after"}, {"fault": "hang", "seconds": 3}))}
    gone = chance.choice(({"fault": "expired"}, {"fault": "status", "status": 403}, {"fault": "cut_short"},
                          {"fault": "malformed"}, {"fault": "reset_after"}, {"fault": "slow", "seconds": 1}))
    return {"provider": provider, "operation": "media", "times": chance.choice((1, 2, 4)), **gone}


def _callbacks(chance: Random, provider: str) -> Rule:
    """Dropped, doubled, forged, late, and so out of order; where only polls tell, these rules meet nothing."""
    return {"provider": provider, "operation": "callback", "times": chance.randint(1, 3), **chance.choice((
        {"fault": "drop"}, {"fault": "double"}, {"fault": "forge"}, {"fault": "wrong_id"},
        {"fault": "slow", "seconds": round(chance.uniform(0.5, 4), 1)}))}


def _claude(chance: Random, _: str) -> Rule:
    return {"provider": "anthropic", "operation": "messages", "times": chance.randint(1, 2), "after": chance.randint(0, 6),
            **chance.choice((
                {"fault": "status", "status": 429, "retryAfter": 1}, {"fault": "status", "status": 429},
                {"fault": "status", "status": 529}, {"fault": "status", "status": 500}, *_BREAKS,
                {"fault": "hang", "seconds": 5}, {"fault": "slow", "seconds": 1}, {"fault": "max_tokens"},
                {"fault": "malformed"}, {"fault": "malformed", "body": _PAGE}))}


def _memory(chance: Random, _: str) -> Rule:
    return {"provider": "openai", "operation": "embeddings", "times": chance.randint(1, 3), **chance.choice((
        {"fault": "status", "status": 429}, {"fault": "status", "status": 500}, *_BREAKS, {"fault": "hang", "seconds": 5},
        {"fault": "malformed"}))}
