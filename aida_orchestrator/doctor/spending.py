"""What keeps films from buying: the switch of all spending, empty accounts, and prices that a ceiling cannot do without."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import genai_prices

from ..errors import SettingsError
from ..prices import load_sheets
from ..settings import Settings
from ..store import budgets, holds, spending
from ..store.db import Tx
from .findings import Finding, ok, warning, wrong


def check(tx: Tx, settings: Settings, now: datetime) -> Iterator[Finding]:
    """A line for each thing that films wait for, or would wait for; one where there is none."""
    found = [*_stopped(tx), *_empty(tx), *_priceless(tx, settings, now)]
    yield from found or [ok("spending", "it is on, and no account is known to be empty")]


def _stopped(tx: Tx) -> Iterator[Finding]:
    stop = spending.find_stop(tx)
    if stop is not None:
        since, reason = stop
        yield warning("spending.stopped", f"all spending is stopped since {since:%Y-%m-%d %H:%M} UTC"
                      f"{f' ({reason})' if reason else ''}: every film waits", "`aida spending start` lets them go on")


def _empty(tx: Tx) -> Iterator[Finding]:
    for pause in holds.list_pauses(tx):
        yield warning("spending.account", f"nothing is asked of {pause.provider} since {pause.since:%Y-%m-%d %H:%M} UTC: "
                      f"its account is empty or capped ({pause.message}); tried again {pause.checks} times",
                      "top it up or raise its cap: what waits goes on by itself within minutes")


def _priceless(tx: Tx, settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        lacking = list(_without_price(settings, now))
    except SettingsError as error:
        yield wrong("spending.prices", f"a price sheet cannot be read, so no process starts: {error}", "mend that line")
        return
    ceilings = budgets.count_budgets(tx)
    for what, mend in lacking if ceilings else ():
        yield warning("spending.price", f"there are ceilings ({ceilings}), and {what} has no known price: films under one "
                      "wait there, for it cannot be told whether it holds",
                      f"{mend} (docs/costs.md), then restart the workers; or take the ceilings away")


def _without_price(settings: Settings, now: datetime) -> Iterator[tuple[str, str]]:
    """What is to be bought without a price or a cautious value, and how to give it one."""
    sheets = load_sheets(settings.prices_dir)
    wanted = [("fal", settings.fal_kling_endpoint, "dollars")]
    if settings.kie_task_dollars is None:
        wanted.append(("kie", "midjourney", "cautious"))
    for provider, thing, field in wanted:
        line = sheets.find(provider, thing, now)
        if line is None or (line.dollars is None and line.cautious is None):
            setting = "set KIE_TASK_DOLLARS, or " if provider == "kie" else ""
            yield f"{thing} of {provider}", f"{setting}add a line with `{field}` for it to a sheet in PRICES_DIR"
    models = [("anthropic", settings.anthropic_model, "ANTHROPIC_MODEL")]
    if settings.memory_embedder == "openai":
        models.append(("openai", settings.openai_embedding_model, "OPENAI_EMBEDDING_MODEL"))
    for provider, model, name in models:
        if not _is_listed(provider, model, now):
            yield f"{model} of {provider}", f"upgrade genai-prices, or set {name} to a model that it knows"


def _is_listed(provider: str, model: str, now: datetime) -> bool:
    try:
        genai_prices.calc_price(genai_prices.Usage(input_tokens=1), model, provider_id=provider, genai_request_timestamp=now)
    except LookupError:
        return False
    return True
