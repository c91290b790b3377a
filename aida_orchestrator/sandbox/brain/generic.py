"""An answer to any other JSON schema: each string is made of the prompt's words, each list has three items."""

from typing import Any

from . import bank
from .reading import read


def filled(schema: dict[str, Any], text: str) -> Any:
    """A value that satisfies the schema, and says something about the text where it can."""
    subject = read(text[-2000:]).subject or "a short answer"
    return _value(schema, subject, schema, "")


def _value(schema: dict[str, Any], subject: str, root: dict[str, Any], name: str) -> Any:
    if "$ref" in schema:
        return _value(_resolve(str(schema["$ref"]), root), subject, root, name)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for union in ("anyOf", "oneOf", "allOf"):
        if schema.get(union):
            return _value(schema[union][0], subject, root, name)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        return {key: _value(part, subject, root, key) for key, part in (schema.get("properties") or {}).items()}
    if kind == "array":
        items = schema.get("items") or {"type": "string"}
        return [_value(items, subject, root, f"{name} {step}") for step in (1, 2, 3)]
    return _scalar(kind, schema, subject, name)


def _scalar(kind: Any, schema: dict[str, Any], subject: str, name: str) -> Any:
    formats = {
        "date": "2026-01-01", "time": "12:00:00Z", "date-time": "2026-01-01T12:00:00Z", "duration": "PT30S",
        "email": "someone@example.com", "hostname": "example.com", "uri": "https://example.com/",
        "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "uuid": "00000000-0000-4000-8000-000000000001",
    }
    if kind == "integer":
        return 1 + bank.number(name, subject) % 9
    if kind == "number":
        return round(0.1 + bank.number(name, subject) % 9 / 10, 1)
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    label = name.replace("_", " ").strip()
    return formats.get(str(schema.get("format")), f"{bank.capital(label)}: {subject}" if label else subject)


def _resolve(reference: str, root: dict[str, Any]) -> dict[str, Any]:
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)
