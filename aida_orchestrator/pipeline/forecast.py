"""What a film will cost, before anything is bought: from the price lists, what is asked for, and how former films came out.

The range holds most films because it is made of former errors: of a hundred films of this kind about three cost less and
three cost more. Until there are twenty of them, it is as wide as the usual doubts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from ..agents.lengths import DEFAULT_SECONDS, lengths_in, nearest_length
from ..agents.pins import length_of, points_back
from ..agents.shots import USUAL_SECONDS, nearest, nearest_total, usable_lengths
from ..memory.preferences import FADED, liked
from ..model import Brief, Campaign, Category, Component, Forecast, Span, Usage
from ..services import Services
from ..store.db import Tx
from ..store.forecasts import Past, PastFilm, read_past

TOLD = ("message", "project", "campaign")
"""Whose word on the length binds; every other one is an assumption."""

# Tokens of a film of thirty seconds whose prompts lie in the cache, as `make bench-costs` measures them against the sandbox.
_AGENTS = {
    Component.ORCHESTRATOR: {"input_tokens": 247, "cache_write_5m_tokens": 432, "cache_read_tokens": 12_314,
                             "output_tokens": 311},
    Component.WRITER: {"input_tokens": 113, "cache_read_tokens": 3_434, "output_tokens": 378},
    Component.DIRECTOR: {"input_tokens": 392, "cache_read_tokens": 5_200, "output_tokens": 690},
}
_MEMORY = {"input_tokens": 121}
# How far a component may be from what the price lists say, while nothing is known of former films: prompts that are not
# cached, answers that are given twice, pictures and clips that are made once more.
_DOUBTS = {
    Component.ORCHESTRATOR: (0.5, 8.0), Component.WRITER: (0.5, 8.0), Component.DIRECTOR: (0.5, 8.0),
    Component.MEMORY: (0.2, 20.0), Component.MIDJOURNEY: (0.8, 1.5), Component.KLING: (0.95, 1.35),
}
_DOUBTED_LENGTH = (0.5, 2.0)  # where nobody said how long the film shall be
_ENOUGH, _OWN_ENOUGH = 20, 5
_TAIL = 0.03
_WEIGHT_OF_THE_LISTS = 3  # as if so many former films had cost what the lists say


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what: `own` is the brief of the project's last film, where the message goes on with one."""

    tenant_id: str
    user_id: str
    message: str
    own: Brief | None = None
    campaign: Campaign | None = None


def expect(services: Services, tx: Tx, wish: Wish) -> Forecast:
    """What this film will cost; one statement is read, nothing is written."""
    now = services.clock()
    past = read_past(tx, wish.tenant_id, wish.user_id, now - FADED)
    lengths = usable_lengths(services.clip_seconds)
    wanted, seconds_from = _seconds(services, wish, past)
    seconds = nearest_total(wanted, lengths)
    shots, shots_from = _shots(seconds, lengths, past)
    usages = _usages(services, seconds, shots)
    prices = {component: services.ledger.price(usage, now) for component, usage in usages.items()}
    base = {component.value: price.dollars for component, price in prices.items()}
    own = [film for film in past.films if film.own]
    counted = own if len(own) >= _OWN_ENOUGH else list(past.films)
    factors = {name: _factor(name, counted) for name in base}
    told = seconds_from in TOLD
    alike = _alike(own, told) if len(_alike(own, told)) >= _ENOUGH else _alike(past.films, told)
    parts = {name: None if dollars is None else _part(name, float(dollars) * factors[name], alike, factors, told)
             for name, dollars in base.items()}
    return Forecast(
        total=_total(parts, alike, factors), parts=parts, base=base, seconds=seconds, seconds_from=seconds_from, shots=shots,
        shots_from=shots_from, history="none" if not counted else "user" if counted is own else "tenant",
        films=len(counted), prices=tuple(dict.fromkeys(price.version for price in prices.values())))


def _seconds(services: Services, wish: Wish, past: Past) -> tuple[int, str]:
    """How long the film will be, and who says so; as the orchestrator reads it (agents/follow.py)."""
    if wish.own is not None:
        said = "message" if lengths_in(wish.message) else "project"
        return length_of(wish.message, wish.own, None), said
    named = next(iter(lengths_in(wish.message)), None)
    if named is not None:
        return named, "message"
    if wish.campaign is not None and wish.campaign.settings.duration_seconds:
        return nearest_length(wish.campaign.settings.duration_seconds), "campaign"
    made = [film for film in past.films if film.own and film.seconds]
    if made and points_back(wish.message):
        return nearest_length(made[0].seconds or DEFAULT_SECONDS), "history"
    sure = liked(Category.DURATION, past.said, past.evidence, services.clock(), services.preference_floor)
    if isinstance(sure, int):
        return nearest_length(sure), "preference"
    unsaid = [film.seconds or 0 for film in made if film.forecast.seconds_from not in TOLD]
    return (nearest_length(round(median(unsaid))), "history") if len(unsaid) >= _OWN_ENOUGH else (DEFAULT_SECONDS, "default")


def _shots(seconds: int, lengths: Sequence[int], past: Past) -> tuple[int, str]:
    each = [film.seconds / film.shots for film in past.films if film.seconds and film.shots]
    if len(each) >= _OWN_ENOUGH:
        return max(1, round(seconds / (sum(each) / len(each)))), "history"
    return max(1, round(seconds / nearest(USUAL_SECONDS, lengths))), "default"


def _usages(services: Services, seconds: int, shots: int) -> dict[Component, Usage]:
    used = {component: Usage("anthropic", services.claude_model, tokens) for component, tokens in _AGENTS.items()}
    return {
        **used, Component.MIDJOURNEY: Usage("kie", "midjourney", {"tasks": shots}),
        Component.KLING: Usage("fal", services.kling_endpoint, {"seconds": seconds}),
        Component.MEMORY: Usage(services.memory_provider, services.memory_model, _MEMORY),
    }


def _alike(films: Sequence[PastFilm], told: bool) -> list[PastFilm]:
    return [film for film in films if (film.forecast.seconds_from in TOLD) is told]


def _factor(name: str, films: Sequence[PastFilm]) -> float:
    """What former films cost of this component for each dollar that the lists said; the lists count too."""
    ratios = [cost / base for film in films if (base := _base(film, name)) and (cost := film.cost.get(name)) is not None]
    return (_WEIGHT_OF_THE_LISTS + sum(ratios)) / (_WEIGHT_OF_THE_LISTS + len(ratios))


def _part(name: str, expected: float, alike: Sequence[PastFilm], factors: Mapping[str, float], told: bool) -> Span:
    errors = [cost / (base * factors[name]) for film in alike
              if (base := _base(film, name)) and (cost := film.cost.get(name)) is not None]
    least, most = _DOUBTS[Component(name)]
    if not told and Component(name) in (Component.KLING, Component.MIDJOURNEY):
        least, most = least * _DOUBTED_LENGTH[0], most * _DOUBTED_LENGTH[1]
    return _span(expected, *_bounds(errors, least, most))


def _total(parts: Mapping[str, Span | None], alike: Sequence[PastFilm], factors: Mapping[str, float]) -> Span:
    """The sum of what is known. Its range is that of the errors of whole films: parts make up for each other."""
    known = [part for part in parts.values() if part is not None]
    expected = float(sum((part.expected for part in known), Decimal(0)))
    least, most = (float(sum(bounds, Decimal(0))) / expected if expected else 1.0
                   for bounds in ([part.low for part in known], [part.high for part in known]))
    errors = [error for film in alike if (error := _whole_error(film, factors)) is not None]
    return _span(expected, *_bounds(errors, least, most))


def _whole_error(film: PastFilm, factors: Mapping[str, float]) -> float | None:
    """What a former film cost for each dollar that would be expected of it now; of the components known on both sides."""
    known = [(base * factors.get(name, 1.0), cost) for name, cost in film.cost.items()
             if cost is not None and (base := _base(film, name))]
    expected = sum(base for base, _ in known)
    return sum(cost for _, cost in known) / expected if expected else None


def _base(film: PastFilm, name: str) -> float:
    return float(film.forecast.base.get(name) or 0)


def _bounds(errors: Sequence[float], least: float, most: float) -> tuple[float, float]:
    """Between which factors all but the outermost errors were; the usual doubts count until there are enough."""
    found = sorted(errors)
    if len(found) < _ENOUGH:
        return min([least, *found]), max([most, *found])
    out = int((len(found) + 1) * _TAIL)
    if out:
        return found[out - 1], found[-out]
    return found[0] * 0.97, found[-1] * 1.03


def _span(expected: float, least: float, most: float) -> Span:
    low, middle, high = (Decimal(f"{max(0.0, dollars):.6f}") for dollars in (expected * least, expected, expected * most))
    return Span(low=min(low, middle), expected=middle, high=max(middle, high))
