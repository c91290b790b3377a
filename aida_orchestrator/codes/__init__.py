"""The closed catalogue of codes: every way a film, a shot or a request can go wrong, who must act, and what to do next.

Whatever writes a code takes it from here; `docs/errors.md` is made of it (`python -m aida_orchestrator.codes`), and
tests/structure/test_codes.py walks the code for any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .catalogue import SERVICE, Code, Who
from .degraded import DEGRADED
from .films import FILMS, UNKNOWN_PURCHASE
from .requests import REQUESTS

__all__ = ["DEGRADED", "FILMS", "REQUESTS", "SERVICE", "UNKNOWN_PURCHASE", "Code", "Who", "component_of", "http_code",
           "of_film", "of_request", "whose"]

_BY_PROVIDER = {"kie": "midjourney", "fal": "kling", "openai": "memory", "local": "memory"}
_BY_STAGE = {"context": "orchestrator", "script": "writer", "storyboard": "director", "visual": "midjourney",
             "video": "kling"}


def of_film(code: str) -> Code:
    """What a code says of a film, a shot or a simplification; one that is not known (of a newer version) is `internal`."""
    return FILMS.get(code) or DEGRADED.get(code) or FILMS["internal"]


def of_request(code: str) -> Code:
    """What a code says of a request; one that is not known is `internal`."""
    return REQUESTS.get(code) or REQUESTS["internal"]


def http_code(status: int) -> str:
    """The code of an HTTP error that no handler of ours knows better."""
    named = f"http_{status}"
    return named if named in REQUESTS else "http_error"


def component_of(code: Code, provider: str | None, stage: str | None) -> str:
    """What failed: the provider's component where one is known, else the code's own, else that of the stage."""
    if provider in _BY_PROVIDER:
        return _BY_PROVIDER[provider]
    if len(code.components) == 1:
        return code.components[0]
    by_stage = _BY_STAGE.get(stage or "")
    return by_stage if by_stage in code.components else code.components[0]


def whose(code: Code, provider: str | None = None, stage: str | None = None) -> Mapping[str, Any]:
    """What stands beside a code everywhere: whether a retry can help, who must act, and what failed."""
    return {"retryable": code.retryable, "whoMustAct": code.who.value, "component": component_of(code, provider, stage),
            "provider": provider}
