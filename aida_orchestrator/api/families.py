"""How a group of figures becomes metrics: gauges, counters, and quantiles with their sum and count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ..store.recent import QUANTILES, Figures

OTHER = "other"  # a word in a row that this version does not know: labels stay few whatever stands there

Values = Iterable[tuple[tuple[str, ...], float]]


def gauge(name: str, what: str, labels: tuple[str, ...], values: Values) -> Metric:
    """What stands at some height at this moment."""
    family = GaugeMetricFamily(name, what, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family


def counter(name: str, what: str, labels: tuple[str, ...], values: Values) -> Metric:
    """What was ever counted; `_total` is added to the name."""
    family = CounterMetricFamily(name, what, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family


def spread(name: str, what: str, labels: tuple[str, ...], figures: Mapping[tuple[str, ...], Figures]) -> Iterable[Metric]:
    """Gauges and no summary: what falls out of the last day is taken off again, and a rate over it would mean nothing."""
    yield gauge(name, what, (*labels, "quantile"), (
        ((*key, quantile), value) for key, of in figures.items()
        for quantile, value in zip(QUANTILES, of.at, strict=True)))
    yield gauge(f"{name}_sum", f"The sum of it. {what}", labels, ((key, of.total) for key, of in figures.items()))
    yield gauge(f"{name}_count", f"How many these were. {what}", labels, ((key, of.count) for key, of in figures.items()))


def known(word: str | None, words: Iterable[str]) -> str:
    """The word, if it is one of these."""
    return word if word is not None and word in words else OTHER
