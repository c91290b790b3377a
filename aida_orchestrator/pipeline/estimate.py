"""What a plan costs at most and how long it may take, by the prices and times of this installation."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ..jobs.desk import PROVIDER_OF
from ..jobs.wishes import MIDJOURNEY_ENDPOINT
from ..model import Component, Estimate, JobKind, Stage, Usage
from ..services import Services
from ..store import looks
from ..store.db import Tx
from .allowance import AGENT_OF, ALLOWANCES, MEMORY

# Until there are times of one's own: seconds.
_AGENT, _JOIN = 25, 10
_USUAL = {JobKind.PICTURE: 60.0, JobKind.CLIP: 120.0}
_ENOUGH = 5


def estimate(services: Services, tx: Tx, stages: Sequence[Stage], pictures: int, clips: int, clip_seconds: int) -> Estimate:
    """At most: the agents' whole allowance, each picture and each second of a clip at its price, once.

    A provider that fails a picture or clip is asked once more; such failures are credited by both and not reckoned here.
    """
    uses: dict[Component, Usage] = {}
    for stage in stages:
        if stage in AGENT_OF:
            allowed = ALLOWANCES[AGENT_OF[stage]]
            # The dearest tokens there are going in: written into the long cache.
            uses[AGENT_OF[stage]] = Usage("anthropic", services.claude_model, {
                "input_tokens": 0, "cache_write_1h_tokens": allowed.input_tokens, "output_tokens": allowed.output_tokens})
    if pictures:
        uses[Component.MIDJOURNEY] = Usage("kie", "midjourney", {"tasks": pictures})
    if clip_seconds:
        uses[Component.KLING] = Usage("fal", services.kling_endpoint, {"seconds": clip_seconds})
    uses[Component.MEMORY] = MEMORY
    now = services.clock()
    prices = {component.value: services.ledger.price(usage, now).dollars for component, usage in uses.items()}
    return Estimate(
        dollars=sum((price for price in prices.values() if price is not None), Decimal(0)), by_component=prices,
        unknown=tuple(name for name, price in prices.items() if price is None),
        seconds=round(sum(stage in AGENT_OF for stage in stages) * _AGENT + _JOIN
                      + _waited(services, tx, JobKind.PICTURE, MIDJOURNEY_ENDPOINT, pictures)
                      + _waited(services, tx, JobKind.CLIP, services.kling_endpoint, clips)))


def _waited(services: Services, tx: Tx, kind: JobKind, endpoint: str, count: int) -> float:
    """Seconds for so many jobs, as many at once as a film may have open; by how long the slowest of the latest took."""
    if not count:
        return 0.0
    times = looks.render_times(tx, PROVIDER_OF[kind], endpoint)
    each = times.late if times.n >= _ENOUGH else _USUAL[kind]
    return -(-count // services.desk.limits[kind].per_film) * each
