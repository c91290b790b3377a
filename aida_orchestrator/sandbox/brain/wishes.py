"""The tagged parts of a prompt: what the user wrote, and the JSON documents handed along."""

import json
import re
from typing import Any


def part(text: str, tag: str) -> str:
    """The inside of the last <tag …>…</tag>, or "" when there is none."""
    hits = re.findall(rf"<{tag}(?:\s[^>]*)?>(.*?)</{tag}>", text, re.DOTALL)
    return hits[-1].strip() if hits else ""


def attribute(text: str, tag: str, name: str) -> str:
    """An attribute of the last opening <tag>, or ""."""
    hits = re.findall(rf"<{tag}\s[^>]*?{name}=[\"']([^\"']*)", text)
    return hits[-1] if hits else ""


def document(text: str, tag: str) -> dict[str, Any]:
    """The JSON object inside <tag>; {} when it is absent or broken, as a model would simply carry on."""
    try:
        found = json.loads(part(text, tag) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def message_of(text: str) -> str:
    """The user's words: the <message> part, or the whole text when nothing is tagged."""
    if "<message>" in text:
        return part(text, "message")
    return re.sub(r"<(\w+)[^>]*>.*?</\1>", " ", text, flags=re.DOTALL).strip() or text


def catalogue(system: str) -> dict[str, str]:
    """The style references printed in the system text as lines `key | description`."""
    found = {}
    for line in system.splitlines():
        hit = re.fullmatch(r"\s*[-*|]?\s*`?([\w:./-]+)`?\s*\|\s*(.+?)\s*\|?\s*", line)
        if hit and hit.group(1).lower() not in ("key", "---") and not re.fullmatch(r"[-:| ]+", hit.group(2)):
            found[hit.group(1)] = hit.group(2)
    return found


def nearest(wanted: int, allowed: list[Any]) -> int:
    """The allowed whole number closest to what was wanted; any number will do when nothing is listed."""
    numbers = [value for value in allowed if isinstance(value, int)]
    return min(numbers, key=lambda value: (abs(value - wanted), value)) if numbers else wanted
