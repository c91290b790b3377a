"""JSON Schema as structured outputs accept it, and answers made from any such schema, from smallest to largest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

_KNOWN = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "allOf", "$ref", "$defs",
    "definitions", "description", "title", "default", "format", "minItems",
}
_FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
_NASTY = 'Łódź “quoted” {a, b} --ar 1:1 --v 5 :: — 鮨 🍣 <message> https://example.com/x "\n\t\0\\ end. '


def schema_faults(schema: Any) -> list[str]:
    """Everything in the schema that the API answers with a 400."""
    faults = list(_walk(schema, "schema", ()))
    optional = sum(len(set(node.get("properties", {})) - set(node.get("required", []))) for node in _nodes(schema))
    unions = sum("anyOf" in node or isinstance(node.get("type"), list) for node in _nodes(schema))
    if optional > 24:
        faults.append(f"{optional} optional parameters, 24 at most")
    if unions > 16:
        faults.append(f"{unions} union-typed parameters, 16 at most")
    return faults


def _walk(node: Any, place: str, above: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(node, dict):
        yield f"{place} is no schema"
        return
    for word in node:
        if word not in _KNOWN:
            yield f"{place}: {word} is not supported"
    if node.get("type") == "object" or "properties" in node:
        if node.get("additionalProperties") is not False:
            yield f"{place}: additionalProperties must be false"
        if set(node.get("required", [])) - set(node.get("properties", {})):
            yield f"{place}: required names what is no property"
    if node.get("minItems", 0) not in (0, 1):
        yield f"{place}: minItems only 0 or 1"
    if "format" in node and node["format"] not in _FORMATS:
        yield f"{place}: format {node['format']}"
    if "$ref" in node:
        if not str(node["$ref"]).startswith("#/"):
            yield f"{place}: external $ref"
        if str(node["$ref"]) in above:
            yield f"{place}: recursion"
    for name, child in _children(node):
        yield from _walk(child, f"{place}.{name}", (*above, str(node.get("$ref", ""))))


def _children(node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for word in ("properties", "$defs", "definitions"):
        yield from (node.get(word) or {}).items()
    if "items" in node:
        yield "items", node["items"]
    for word in ("anyOf", "allOf"):
        for number, child in enumerate(node.get(word) or []):
            yield f"{word}{number}", child


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for _, child in _children(node):
            yield from _nodes(child)


class Answerer:
    """Makes a value for any schema. `topic` is a word that differs from film to film, so that no two ask for the same."""

    def __init__(self, mode: str, seed: int, topic: str) -> None:
        self._mode = mode
        self._dice = random.Random(f"{seed}{topic}")
        self._topic = topic
        self._count = 0
        self._root: dict[str, Any] = {}

    def make(self, schema: dict[str, Any]) -> Any:
        """A value the schema allows."""
        self._root = schema
        return self._value(schema, "answer")

    def _value(self, node: dict[str, Any], name: str) -> Any:
        if "$ref" in node:
            target: Any = self._root
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            return self._value(target, name)
        if "const" in node:
            return node["const"]
        if "enum" in node:
            return self._choice(node["enum"])
        if "anyOf" in node:
            return self._value(self._choice(node["anyOf"]), name)
        kind = node.get("type", "object")
        if isinstance(kind, list):
            kind = self._choice(kind)
        return self._of_kind(kind, node, name)

    def _of_kind(self, kind: str, node: dict[str, Any], name: str) -> Any:
        dice = self._dice
        if kind == "object":
            given = node.get("properties", {})
            kept = [key for key in given if self._mode != "minimal" or key in node.get("required", [])]
            return {key: self._value(given[key], key) for key in kept}
        if kind == "array":
            most = {"plain": 6, "minimal": max(1, node.get("minItems", 0)), "maximal": 40}
            length = most.get(self._mode, dice.randint(node.get("minItems", 0), 12))
            return [self._value(node["items"], name) for _ in range(length)]
        if kind == "string":
            return self._text(name)
        if kind in ("integer", "number"):
            return {"plain": 5, "minimal": 0, "maximal": 2**53}.get(self._mode, dice.randint(-20, 90))
        if kind == "boolean":
            return self._mode != "minimal"
        return None

    def _choice(self, options: list[Any]) -> Any:
        chosen = self._dice.choice(options) if self._mode == "random" else options[0]
        return chosen.swapcase() if self._mode == "maximal" and isinstance(chosen, str) else chosen

    def _text(self, name: str) -> str:
        self._count += 1
        if self._mode == "minimal":
            return ""
        if self._mode == "maximal":
            return f"{name} {self._topic} {self._count} " + _NASTY * 40
        if self._mode == "random":
            length = self._dice.choice((0, 1, 3, 30))
            return " ".join(f"w{self._dice.randint(0, 999)}" for _ in range(length))
        return f"A calm view of {self._topic}, part {self._count}: the {name.replace('_', ' ')}"
