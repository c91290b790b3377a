"""The line bank: every language's lines and pictures by section, chosen by a hash so the same film comes out twice."""

import hashlib
import re
from collections.abc import Sequence
from functools import cache, lru_cache

from . import lines_de, lines_en, lines_es, lines_fr, lines_it, lines_pt

_TEXTS = {
    "en": lines_en.TEXT, "it": lines_it.TEXT, "es": lines_es.TEXT,
    "fr": lines_fr.TEXT, "de": lines_de.TEXT, "pt": lines_pt.TEXT,
}
# Preposition and article that grow together once a subject has taken its slot.
_JOINED = {
    "it": [(f"{word} {article}", joined) for word, joins in (
        ("a", "al allo alla all' ai agli alle"), ("di", "del dello della dell' dei degli delle"),
        ("su", "sul sullo sulla sull' sui sugli sulle"))
        for article, joined in zip(("il", "lo", "la", "l'", "i", "gli", "le"), joins.split(), strict=True)],
    "es": [("a el", "al"), ("de el", "del")],
    "fr": [("de le", "du"), ("de les", "des"), ("à le", "au"), ("à les", "aux")],
    "pt": [("de o", "do"), ("de a", "da"), ("de os", "dos"), ("de as", "das"), ("em o", "no"), ("em a", "na")],
}
ARC = ("hook", "build", "detail", "turn", "climax", "close")


@cache
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
    for role in ARC:
        if f"{role}.people" in found:
            found[f"{role}.event"] = found[f"{role}.people"]
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


def join(text: str, language: str) -> str:
    """A text with its prepositions and articles joined: "intorno a il forno" becomes "intorno al forno"."""
    for apart, joined in _JOINED.get(language, ()):
        text = re.sub(rf"\b{apart}" + ("" if apart.endswith("'") else r"\b(?!')"), joined, text)
    return text


def _part(text: str, language: str) -> str:
    for apart, joined in _JOINED.get(language, ()):
        text = re.sub(rf"\b{joined}" + ("" if joined.endswith("'") else r"\b"), apart, text)
    return text


def fill(template: str, **slots: object) -> str:
    """A template with its slots filled; {S}, {D} and {P} are the capitalised {s}, {d} and {p}."""
    values = {key: str(value) for key, value in slots.items()}
    values |= {key.upper(): capital(values[key]) for key in ("s", "d", "p") if key in values}
    return re.sub(r"\{(\w+)\}", lambda hit: values.get(hit.group(1), ""), template)


def untitled(title: str, language: str) -> str:
    """A title without what the bank may have put behind its subject: "Pizza, il film" is about "Pizza"."""
    for template in sections(language)["say.title"]:
        behind = template.removeprefix("{S}")
        if behind and title.endswith(behind):
            return title.removesuffix(behind)
    return title


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
def _scene_patterns() -> list[tuple[str, re.Pattern[str], str, int]]:
    patterns = []
    for language in _TEXTS:
        for name, lines in sections(language).items():
            if not name.startswith("scene."):
                continue
            for place, line in enumerate(lines):
                parts = re.split(r"(\{[sSdD]\})", _part(line, language))
                text = "".join(
                    f"(?P<{part[1].lower()}>.+?)" if part.startswith("{") else re.escape(part) for part in parts
                )
                patterns.append((language, re.compile(text + r"\.?", re.IGNORECASE), name, place))
    return patterns


def recognise_scene(picture: str) -> tuple[str, int, dict[str, str]] | None:
    """The section, the place in it and the slots of a picture this bank wrote, in any language; None for others."""
    for language, pattern, name, place in _scene_patterns():
        hit = pattern.fullmatch(_part(picture.strip(), language))
        if hit:
            return name, place, {key: join(text, language) for key, text in hit.groupdict().items() if text}
    return None
