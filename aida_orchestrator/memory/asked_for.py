"""What an agent means when it asks for a sort of file or a category of taste in words of its own."""

from __future__ import annotations

import re

from ..model import FILE_TYPES, Category

_FILES = {
    "pdf": "pdf",
    "docx": "docx doc word msword",
    "text": "text txt md markdown plain testo",
    "image": "image images immagine immagini png jpg jpeg webp photo photos picture pictures pic foto fotos bild bilder",
}
_TASTES = {
    Category.STYLE: "style styles stile look looks visual visualstyle sref",
    Category.DURATION: "duration durationseconds durata length seconds lunghezza",
    Category.TONE: "tone tones tono mood voice",
    Category.ASPECT_RATIO: "aspectratio aspect ratio format formato orientation",
}


def file_types(word: str | None) -> tuple[str, ...]:
    """The content types that a word ("png", "photo", "Word", "image/*", ".md") stands for; all of them for any other."""
    said = (word or "").strip().lower()
    exact = next((kind for kind, types in FILE_TYPES.items() if said in types), None)
    words = re.findall(r"[a-z]+", said)
    kind = exact or next((kind for kind, names in _FILES.items() if not set(names.split()).isdisjoint(words)), None)
    return FILE_TYPES[kind] if kind else tuple(one for types in FILE_TYPES.values() for one in types)


def taste(word: str | None) -> Category | None:
    """The category that a word ("aspect ratio", "look", "length") stands for; None, which is all, for any other."""
    said = re.sub(r"[\W_]+", "", (word or "").lower())
    return next((category for category, names in _TASTES.items() if said in names.split()), None)
