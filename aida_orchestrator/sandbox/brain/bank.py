"""The line bank: every language's lines and pictures by section, chosen by a hash so the same film comes out twice."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

from . import lines_de, lines_en, lines_es, lines_fr, lines_it, lines_pt

_TEXTS = {
    "en": lines_en.TEXT, "it": lines_it.TEXT, "es": lines_es.TEXT,
    "fr": lines_fr.TEXT, "de": lines_de.TEXT, "pt": lines_pt.TEXT,
}
ARC = ("hook", "build", "detail", "turn", "climax", "close")


@lru_cache(maxsize=None)
def sections(language: str) -> dict[str, tuple[str, ...]]:
    """All sections of a language; what is `key: text` under [say] becomes the section `say.key`."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in _TEXTS[language].strip().splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif name == "say":
            key, text = line.split(": ", 1)
            found.setdefault(f"say.{key}", []).append(text)
        else:
            found.setdefault(name, []).append(line)
    return {key: tuple(lines) for key, lines in found.items()}


def number(*parts: object) -> int:
    """A whole number that depends on the parts and on nothing else."""
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()[:6], "big")


def choose(options: Sequence[str], *seed: object) -> str:
    """One of the options, always the same for the same seed."""
    return options[number(*seed) % len(options)]


def capital(text: str) -> str:
    """The text with its first letter large, the rest untouched."""
    return text[:1].upper() + text[1:]


def fill(template: str, **slots: object) -> str:
    """A template with its slots filled; {S}, {D} and {P} are the capitalised {s}, {d} and {p}."""
    values = {key: str(value) for key, value in slots.items()}
    values |= {key.upper(): capital(values[key]) for key in ("s", "d", "p") if key in values}
    return re.sub(r"\{(\w+)\}", lambda hit: values.get(hit.group(1), ""), template)


def roles(count: int) -> list[str]:
    """The part of the arc each of `count` beats plays; a long film dwells in its middle."""
    short = {1: ["climax"], 2: ["hook", "close"], 3: ["hook", "climax", "close"],
             4: ["hook", "detail", "climax", "close"], 5: ["hook", "build", "detail", "climax", "close"]}
    if count in short:
        return short[count]
    middle = ["build", "detail", "turn"]
    inner = sorted((middle[place % 3] for place in range(count - 3)), key=middle.index)
    return ["hook", *inner, "climax", "close"]


@lru_cache(maxsize=1)
def _scene_patterns() -> list[tuple[re.Pattern[str], str, int]]:
    patterns = []
    for language in _TEXTS:
        for name, lines in sections(language).items():
            if not name.startswith("scene."):
                continue
            for place, line in enumerate(lines):
                parts = re.split(r"(\{[sSdD]\})", line)
                text = "".join(
                    f"(?P<{part[1].lower()}>.+?)" if part.startswith("{") else re.escape(part) for part in parts
                )
                patterns.append((re.compile(text + r"\.?", re.IGNORECASE), name, place))
    return patterns


def recognise_scene(picture: str) -> tuple[str, int, dict[str, str]] | None:
    """The section, the place in it and the slots of a picture this bank wrote, in any language; None for others."""
    for pattern, name, place in _scene_patterns():
        hit = pattern.fullmatch(picture.strip())
        if hit:
            return name, place, hit.groupdict()
    return None
