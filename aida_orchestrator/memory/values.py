"""When two values of a preference are the same: by their text, letter case and spaces aside."""

from __future__ import annotations

from typing import Any

from ..model import Brief, Category, Style


def style_key(style: Style) -> str:
    """Films with one style reference have one style, however their agents worded it; without one the words decide."""
    return f"sref {_text(style.sref)}" if style.sref.strip() else f"words {_text(style.words)}"


def value_key(category: Category, value: Any) -> str:
    """Equal for values that are the same to a user."""
    if category is Category.STYLE and isinstance(value, dict):
        return style_key(Style(words=str(value.get("words", "")), sref=str(value.get("sref", ""))))
    return _text(str(value))


def film_values(brief: Brief, style: Style) -> dict[Category, Any]:
    """What a film of this brief, made in this style, says of its user's taste; empty texts say nothing."""
    values: dict[Category, Any] = {
        Category.STYLE: {"words": style.words, "sref": style.sref}, Category.DURATION: brief.duration_seconds,
        Category.TONE: brief.tone, Category.ASPECT_RATIO: brief.aspect_ratio}
    return {category: value for category, value in values.items() if value and value != {"words": "", "sref": ""}}


def _text(text: str) -> str:
    return " ".join(text.casefold().split())
