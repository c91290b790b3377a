"""One trace a film, from its request through every stage to each call of a provider: OpenTelemetry, off unless configured.

Everybody may open spans; without `configure` (or without the extra `tracing`) they cost a function call. A message carries
ids only, so the trace goes from process to process in the film's rows (`traceparent`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from .errors import SettingsError

_ATTRIBUTE = "aida."
_tracer: Any = None


class Span:
    """The span of a block; of none where nothing is traced."""

    def __init__(self, made: Any = None) -> None:
        self._made = made

    def set(self, **attributes: Any) -> None:
        """Say something of the block; None is not said."""
        if self._made is not None:
            self._made.set_attributes(_named(attributes))

    def failed(self, code: str) -> None:
        """The block ended in an error of ours; its words stay out, like all words."""
        if self._made is not None:
            from opentelemetry.trace import StatusCode

            self._made.set_attribute(f"{_ATTRIBUTE}error_code", code)
            self._made.set_status(StatusCode.ERROR, code)


def configure(endpoint: str | None, service: str, environment: str = "") -> None:
    """Send this process's spans to an OTLP receiver (`<endpoint>/v1/traces`); nothing without an endpoint.

    Raises SettingsError where one is set and the extra is not installed. Other OTEL_* variables are the library's own.
    """
    if not endpoint:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError("OTEL_EXPORTER_OTLP_ENDPOINT is set, and the libraries for it are missing: "
                            "pip install 'aida-orchestrator[tracing]', or unset it") from None
    named = {"service.name": f"aida-{service}", "service.namespace": "aida"}
    provider = TracerProvider(resource=Resource.create(
        {**named, **({"deployment.environment.name": environment} if environment else {})}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    use(provider)


def use(provider: Any) -> None:
    """Let spans go to this provider; None turns tracing off."""
    global _tracer
    _tracer = provider.get_tracer("aida_orchestrator") if provider is not None else None


@contextmanager
def span(name: str, parent: str | None = None, **attributes: Any) -> Iterator[Span]:
    """A span around the block, below the one that is open here, or below `parent` (a traceparent from a row or a header)."""
    if _tracer is None:
        yield Span()
        return
    with _tracer.start_as_current_span(name, context=_context(parent), attributes=_named(attributes),
                                       record_exception=False, set_status_on_exception=False) as made:
        opened = Span(made)
        try:
            yield opened
        except Exception as error:
            opened.failed(str(getattr(error, "code", "internal")))
            raise


def traceparent() -> str | None:
    """The open span as a W3C traceparent, for a row; None where nothing is traced."""
    if _tracer is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")


def charge(component: str, dollars: Decimal | None, tokens: int) -> None:
    """Something was paid inside the open span: it has the sum, and an event for each charge."""
    if _tracer is None:
        return
    from opentelemetry.trace import get_current_span

    current = get_current_span()
    former: Mapping[str, Any] = getattr(current, "attributes", None) or {}
    amount = None if dollars is None else float(dollars)
    if amount is not None:
        current.set_attribute(f"{_ATTRIBUTE}dollars", float(former.get(f"{_ATTRIBUTE}dollars", 0.0)) + amount)
    current.set_attribute(f"{_ATTRIBUTE}component", component)
    current.add_event("charge", _named({"component": component, "tokens": tokens, "dollars": amount,
                                        "price_known": amount is not None}))


def _context(parent: str | None) -> Any:
    if parent is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent})


def _named(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {_ATTRIBUTE + name: value if isinstance(value, bool | int | float) else str(value)
            for name, value in attributes.items() if value is not None}
