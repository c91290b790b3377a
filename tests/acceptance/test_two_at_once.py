"""Two films through one worker with two slots: the providers' waits overlap, because no worker waits for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ..harness import Sandbox, Service

MESSAGE = "Voglio un video di 10 secondi sulle castagne, {}"
PICTURE_SECONDS, CLIP_SECONDS = 3.0, 4.0


def seconds_for(service: Service, sandbox: Sandbox, *kinds: str) -> tuple[float, list[dict[str, Any]]]:
    """How long these films took together, and what they bought of pictures and clips."""
    sandbox.reset()
    sandbox.latency(kie=PICTURE_SECONDS, fal=CLIP_SECONDS)
    began = time.monotonic()
    films = [service.create(MESSAGE.format(kind), f"user-{kind}")["taskId"] for kind in kinds]
    for film in films:
        assert service.wait(film, 180)["status"] == "completed"
    return time.monotonic() - began, [line for provider in ("kie", "fal") for line in sandbox.sold(provider)]


@pytest.mark.slow
def test_two_films_at_once_are_made_side_by_side(start_service: Callable[..., Service], sandbox: Sandbox) -> None:
    service = start_service(slots=2)
    alone, bought = seconds_for(service, sandbox, "alone")
    both, bought_by_both = seconds_for(service, sandbox, "morning", "evening")
    print(f"\none film {alone:.1f} s, two at once {both:.1f} s: {both / alone:.2f} times")
    assert (len(bought), len(bought_by_both)) == (4, 8)
    clips = [line for line in bought_by_both if line["provider"] == "fal"]
    # Clips of one film come one after another, so two being made at the same time are of two films.
    together = sum(abs(one["at"] - other["at"]) < CLIP_SECONDS for one in clips for other in clips if one is not other) // 2
    assert together >= 2, "the clips of the two films were made one film after the other"
