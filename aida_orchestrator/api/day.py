"""Metrics of the last day, and of all time, out of rows: time, money, errors. See docs/metrics.md."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable

from prometheus_client.core import Metric

from .. import errors
from ..jobs import STAGE_OF
from ..jobs.desk import PROVIDER_OF
from ..model import STAGES, Component, Outcome, Stage
from ..services import Services
from ..store import recent, totals, watch
from ..store.db import StoreUnavailable, Tx
from ..store.recent import Figures
from .families import OTHER, counter, gauge, known, spread

log = logging.getLogger(__name__)

_SETTLE_SECONDS = 300.0
_COMPONENTS = tuple(component.value for component in Component)
_KINDS = ("create", "refine")
_PHASES = ("waiting", "working", "parked")
_TOKENS = ("input", "cache_write_5m", "cache_write_1h", "cache_read", "output")
_UNITS = ("tasks", "seconds", "pictures")
_OUTCOMES = (*(outcome.value for outcome in Outcome), "cancelled", "open")
_FAILING = {Stage.CONTEXT: Component.ORCHESTRATOR, Stage.SCRIPT: Component.WRITER, Stage.STORYBOARD: Component.DIRECTOR,
            Stage.VISUAL: Component.MIDJOURNEY, Stage.VIDEO: Component.KLING}
# Beside the codes of our errors, those that are written where films are worked on.
_CLASSES = frozenset({kind.code for kind in vars(errors).values()
                      if isinstance(kind, type) and issubclass(kind, errors.AidaError)}
                     | {"visual_failed", "clips_missing", "provider_too_long", "not_bought", "unknown_word",
                        "result_withheld"})


def settle(services: Services) -> None:
    """Now and then, keep the sums over charges that will not change any more, so that a scrape adds up the latest only."""
    try:
        with services.db.transaction() as tx:
            if watch.take_turn(tx, "charge_sums", services.clock(), _SETTLE_SECONDS):
                totals.settle_sums(tx, services.clock())
    except StoreUnavailable:
        raise
    except Exception:
        log.exception("the sums over charges could not be kept; each scrape adds up all of them")


def money(services: Services, tx: Tx) -> Iterable[Metric]:
    """Dollars, calls and tokens, ever."""
    summed: dict[tuple[str, str], float] = defaultdict(float)
    for (component, measure), amount in totals.charge_totals(tx).items():
        summed[known(component, _COMPONENTS), measure] += float(amount)
    told = [*_COMPONENTS, *([OTHER] if any(component == OTHER for component, _ in summed) else [])]
    for name, measure, what in (
            ("aida_dollars", "dollars", "Dollars booked, of calls whose price is known."),
            ("aida_provider_charges", "calls", "Calls to providers that were booked."),
            ("aida_unpriced_charges", "unpriced", "Booked calls whose price is unknown, and which aida_dollars lacks.")):
        yield counter(name, what, ("component",), (((component,), summed[component, measure]) for component in told))
    yield counter("aida_tokens", "Tokens booked, by kind.", ("component", "kind"), _units(
        summed, told, {f"{kind}_tokens": kind for kind in _TOKENS}))
    yield counter("aida_units", "Other units booked: Midjourney tasks, seconds of Kling.", ("component", "unit"), _units(
        summed, told, {unit: unit for unit in _UNITS}))


def films(services: Services, tx: Tx) -> Iterable[Metric]:
    """What films cost and how long they took."""
    by_kind = recent.film_figures(tx, services.clock())
    shown = {kind: by_kind[kind] for kind in _KINDS if kind in by_kind}
    yield from spread("aida_film_last_day_dollars", "Dollars of a film that was made in the last 24 hours (the newest "
                      f"{recent.MOST}).", ("kind",), {(kind,): dollars for kind, (dollars, _) in shown.items()})
    yield from spread("aida_film_last_day_seconds", "From the request to the film, of films that were made in the last 24 "
                      f"hours (the newest {recent.MOST}).", ("kind",),
                      {(kind,): seconds for kind, (_, seconds) in shown.items()})


def stages(services: Services, tx: Tx) -> Iterable[Metric]:
    """Where films spend their time."""
    found: dict[tuple[str, ...], Figures] = {
        key: of for key, of in recent.stage_figures(tx, services.clock()).items() if key[0] in STAGES and key[1] in _PHASES}
    yield from spread("aida_stage_last_day_seconds", "Seconds of a film in a stage: waiting for a worker, worked on, parked "
                      f"while its jobs are made; of films that ended in the last 24 hours (the newest {recent.MOST}).",
                      ("stage", "phase"), found)


def troubles(services: Services, tx: Tx) -> Iterable[Metric]:
    """Films that failed, stages that fell back or ran again."""
    failed: Counter[tuple[str, ...]] = Counter()
    for (stage, code), count in recent.film_errors(tx, services.clock()).items():
        component = _FAILING[Stage(stage)].value if stage in STAGES else OTHER
        failed[component, known(code, _CLASSES)] += count
    yield gauge("aida_film_errors_last_day", "Films that failed, or became partial, in the last 24 hours.",
                ("component", "class"), failed.items())
    by_stage = recent.stage_troubles(tx, services.clock())
    nothing = recent.Troubles(0, 0)
    yield gauge("aida_degraded_last_day", "Films with this stage degraded: unfinished ones and those of the last 24 hours.",
                ("stage",), (((stage.value,), by_stage.get(stage, nothing).degraded) for stage in STAGES))
    yield gauge("aida_stage_crashes_last_day", "Runs of this stage that ended without a word or were given back, of the "
                "same films.", ("stage",), (((stage.value,), by_stage.get(stage, nothing).crashes) for stage in STAGES))


def jobs(services: Services, tx: Tx) -> Iterable[Metric]:
    """What became of paid requests."""
    ended: Counter[tuple[str, ...]] = Counter()
    failed: Counter[tuple[str, ...]] = Counter()
    again: Counter[tuple[str, ...]] = Counter()
    pairs = [(PROVIDER_OF[kind], kind.value) for kind in STAGE_OF]
    component_of = {PROVIDER_OF[kind]: _FAILING[stage].value for kind, stage in STAGE_OF.items()}
    for line in recent.job_figures(tx, services.clock()):
        pair = (line.provider, line.kind) if (line.provider, line.kind) in pairs else (OTHER, OTHER)
        ended[(*pair, known(line.outcome, _OUTCOMES))] += line.count
        again[(*pair, "sent")] += line.sent_again
        again[(*pair, "made")] += line.renewals
        if line.code is not None:
            failed[component_of.get(line.provider, OTHER), known(line.code, _CLASSES)] += line.count
    yield gauge("aida_jobs_last_day", "Paid requests of unfinished films and of those of the last 24 hours, by what became "
                "of them.", ("provider", "kind", "outcome"), _filled(ended, [(*pair, word) for pair in pairs
                                                                             for word in _OUTCOMES]))
    yield gauge("aida_job_errors_last_day", "Those that failed or were lost.", ("component", "class"), failed.items())
    yield gauge("aida_jobs_again_last_day", "How often they were sent again, or made anew after they failed there.",
                ("provider", "kind", "what"), _filled(again, [(*pair, what) for pair in pairs for what in ("sent", "made")]))


def cache(services: Services, tx: Tx) -> Iterable[Metric]:
    """How much of what Claude reads it has read before."""
    rates = recent.cache_hits(tx, services.clock())
    yield gauge("aida_cache_hit_ratio", "Average share of a call's input that came from Claude's cache, over the newest "
                f"{recent.MOST_CALLS} calls of the last 24 hours.", ("component",),
                (((component,), rate) for component, rate in rates.items() if component in _COMPONENTS))


def _units(
    summed: dict[tuple[str, str], float], told: list[str], names: dict[str, str],
) -> Iterable[tuple[tuple[str, ...], float]]:
    return [((component, name), summed[component, unit]) for component in told for unit, name in names.items()
            if (component, unit) in summed]


def _filled(counted: Counter[tuple[str, ...]], always: list[tuple[str, ...]]) -> Iterable[tuple[tuple[str, ...], float]]:
    return [(key, counted[key]) for key in (*always, *(key for key in counted if key not in always))]
