"""What a KIE task was asked to make: record-info repeats the request, and so shows whose purchase an id is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .kie import Kie


@dataclass(frozen=True, slots=True)
class Echo:
    """The two fields that tell requests apart; None for one that KIE did not repeat."""

    prompt: str | None
    callback_url: str | None


def read_echo(kie: Kie, provider_id: str) -> Echo:
    """Ask KIE what this task was asked for (`paramJson`, docs.kie.ai/mj-api); raises ProviderUnavailable.

    Only for a task that `Kie.poll` has found: an answer that is no success echoes nothing here.
    """
    wire = kie._wire
    answer = wire.read("GET", f"{wire.base_url}/api/v1/mj/record-info", params={"taskId": provider_id})
    data = answer.object.get("data")
    return echoed(data.get("paramJson")) if isinstance(data, dict) else Echo(None, None)


def echoed(param_json: Any) -> Echo:
    """The echo in `paramJson`, which is documented as a string of JSON; an object is taken as well."""
    if isinstance(param_json, str):
        try:
            param_json = json.loads(param_json)
        except (ValueError, RecursionError):
            param_json = None
    asked = param_json if isinstance(param_json, Mapping) else {}
    return Echo(_text(asked.get("prompt")), _text(asked.get("callBackUrl")))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
