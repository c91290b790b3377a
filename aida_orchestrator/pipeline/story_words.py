"""The words of a film's story: one sentence for each kind of event, and for what was paid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..codes import of_film
from ..model import Component, Stage, Task
from ..store.story import ChargeRow, EventRow

_AGENTS = {Component.ORCHESTRATOR: "The orchestrator", Component.WRITER: "The writer", Component.DIRECTOR: "The director"}
_STAGES = {
    Component.ORCHESTRATOR: Stage.CONTEXT, Component.WRITER: Stage.SCRIPT, Component.DIRECTOR: Stage.STORYBOARD,
    Component.MIDJOURNEY: Stage.VISUAL, Component.KLING: Stage.VIDEO}
_NOUN = {"picture": "picture", "clip": "clip", "visual": "picture", "video": "clip"}
Data = dict[str, Any]


def stage_of_component(component: str) -> str | None:
    """The stage in which a component is paid; memory is asked in several."""
    return next((stage.value for one, stage in _STAGES.items() if one == component), None)


def event_words(row: EventRow, task: Task) -> str:
    """One sentence about an event; one of a kind that this version does not know is named."""
    told = _WORDS.get(row.kind)
    if told is None:
        return row.kind.replace("_", " ").capitalize() + "."
    return told(row, row.data, task)


def charge_words(row: ChargeRow) -> str:
    """One sentence about what was paid; the amount stands beside it."""
    if row.component in _AGENTS:
        read = f", {round(float(row.cache_hit_rate) * 100)} % of what it read was cached" if row.cache_hit_rate else ""
        return f"{_AGENTS[Component(row.component)]} answered: {row.tokens:,} tokens{read}."
    if row.component == Component.MIDJOURNEY:
        return f"Midjourney took the order for the picture of {_shot(row.shot)}."
    if row.component == Component.KLING:
        return f"Kling took the order for the clip of {_shot(row.shot)}, {row.units.get('seconds', '?')} s."
    return f"Memory read {row.tokens:,} tokens."


def _shot(number: object) -> str:
    return f"shot {number}" if number else "a shot"


def _created(row: EventRow, data: Data, task: Task) -> str:
    what = f"A change ({data['aspect']}) was asked for" if data.get("aspect") else "The film was asked for"
    return f"{what}{_request(data)}."


def _request(data: Data) -> str:
    return f" by request {data['requestId']}" if data.get("requestId") else ""


def _started(row: EventRow, data: Data, task: Task) -> str:
    attempt = data.get("attempt", 1)
    return f"{row.stage} begins." if attempt == 1 else f"{row.stage} goes on (run {attempt})."


def _parked(row: EventRow, data: Data, task: Task) -> str:
    noun = _NOUN.get(str(row.stage), "job")
    there = f", {data['settled']} of them are there" if data.get("settled") else ""
    count = data.get("jobs", 0)
    return f"{row.stage} waits for {count} {noun}{'' if count == 1 else 's'}{there}; no worker is held meanwhile."


def _done(row: EventRow, data: Data, task: Task) -> str:
    took = f" after {(row.at - row.began_at).total_seconds():.1f} s" if row.began_at else ""
    what, why = data.get("degraded") or [], data.get("because") or []
    simpler = [f"{one} ({why[place]})" if place < len(why) else one for place, one in enumerate(what)]
    return f"{row.stage} is done{took}." + (f" Simpler than asked: {'; '.join(simpler)}." if simpler else "")


def _settled(row: EventRow, data: Data, task: Task) -> str:
    kind, _, outcome = row.kind.partition("_")
    of = f"The {kind} of {_shot(data.get('shot'))}"
    counted = f" ({data['settled']} of {data['total']} settled)" if data.get("total") else ""
    if outcome == "done":
        return f"{of} is there{counted}."
    ended = "failed" if outcome == "failed" else "was given up; it may have been bought"
    return f"{of} {ended}{counted}{_why(data)}"


def _why(data: Data) -> str:
    message = data.get("message") or (of_film(str(data["code"])).meaning if data.get("code") else "")
    return f": {message.rstrip('.')}." if message else "."


def _job(text: str) -> Callable[[EventRow, Data, Task], str]:
    def told(row: EventRow, data: Data, task: Task) -> str:
        of = f"The {_NOUN.get(str(row.stage), 'job')} of {_shot(data.get('shot'))}"
        return f"{of} {text.format(**{'again': '?', 'how': 'somebody', **data})}{_why(data)}"

    return told


def _resolved(row: EventRow, data: Data, task: Task) -> str:
    said = f"it was bought as {data['bought']}" if data.get("bought") else "it was not bought"
    return f"A person said of the {_NOUN.get(str(row.stage), 'job')} of {_shot(data.get('shot'))} that {said}."


def _ended(text: str) -> Callable[[EventRow, Data, Task], str]:
    return lambda row, data, task: f"{text}{_why(data)}"


_WORDS: dict[str, Callable[[EventRow, Data, Task], str]] = {
    "task_created": _created,
    "task_retried": lambda row, data, task: f"A retry was asked for{_request(data)}: it goes on at {row.stage}.",
    "task_cancelled": lambda row, data, task: f"The film was cancelled{_request(data)}; what was bought is kept.",
    "task_restored": lambda row, data, task: f"Version {data.get('version')} was brought back; nothing was bought.",
    "task_completed": lambda row, data, task: "The film is finished.",
    "task_partial": _ended("The film is finished, but not whole"),
    "task_failed": _ended("The film failed"),
    "stage_started": _started,
    "stage_parked": _parked,
    "stage_done": _done,
    "stage_held": lambda row, data, task: f"{row.stage} waits{_why(data)}",
    "stage_resumed": lambda row, data, task: f"The watch brought it on: {str(data.get('reason')).replace('_', ' ')}.",
    **{f"{kind}_{outcome}": _settled for kind in ("picture", "clip") for outcome in ("done", "failed", "lost")},
    "job_put_off": _job("was not taken and is asked for again in {again} s"),
    "job_held": _job("waits"),
    "job_unknown": _job("was ordered, and no answer says whether it was taken"),
    "job_made_again": _job("failed at the provider and is made once more"),
    "job_found": _job("turned out to have been taken, says {how}"),
    "job_resolved": _resolved,
}
