"""The sandbox's own doors, which no provider has: its ledger, its faults, its pace."""

from __future__ import annotations

from collections.abc import MutableMapping

from flask import Blueprint, Response, request

from .faults import PROVIDERS, Faults
from .state import State
from .wording import answer


def blueprint(state: State, faults: Faults, latency: MutableMapping[str, float]) -> Blueprint:
    """`/health`, `/ledger`, `/faults` and `/latency`."""
    room = Blueprint("control", __name__)

    @room.get("/health")
    def health() -> Response:
        return answer({"status": "ok", "sandbox": True})

    @room.get("/ledger")
    def ledger() -> Response:
        try:
            since = float(request.args.get("since") or 0)
        except ValueError:
            return answer({"error": "since must be unix seconds"}, 422)
        return answer(state.ledger(since))

    @room.get("/faults")
    def list_faults() -> Response:
        return answer({"faults": faults.list_rules()})

    @room.post("/faults")
    def add_faults() -> Response:
        try:
            return answer({"faults": faults.add(request.get_json(silent=True))}, 201)
        except ValueError as error:
            return answer({"error": str(error)}, 422)

    @room.delete("/faults")
    def clear_faults() -> Response:
        faults.clear()
        return answer({"faults": []})

    @room.get("/latency")
    def show_latency() -> Response:
        return answer(dict(latency))

    @room.post("/latency")
    def set_latency() -> Response:
        wish = request.get_json(silent=True)
        if not isinstance(wish, dict) or not all(
                name in PROVIDERS and isinstance(value, int | float) and value >= 0 for name, value in wish.items()):
            return answer({"error": f"give seconds for any of {', '.join(PROVIDERS)}, e.g. {{\"kie\": 2.0}}"}, 422)
        latency.update({name: float(value) for name, value in wish.items()})
        return answer(dict(latency))

    return room
