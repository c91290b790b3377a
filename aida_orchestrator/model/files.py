"""What a user uploaded: a file with its text in passages, and a hit of searching among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILE_TYPES: dict[str, tuple[str, ...]] = {
    "pdf": ("application/pdf",),
    "docx": (DOCX,),
    "text": ("text/plain", "text/markdown"),
    "image": ("image/png", "image/jpeg", "image/webp"),
}
"""The words by which one asks for a sort of file, and the content types that each stands for."""


@dataclass(frozen=True, slots=True)
class UserFile:
    """An upload. `passages` are those of its text (a picture has one); `details` say characters, words, pages or size.

    `waiting` until its passages can be found by meaning.
    """

    id: str
    tenant_id: str
    user_id: str
    project_id: str | None
    campaign_id: str | None
    name: str
    description: str
    content_type: str
    bytes: int
    sha256: str
    asset_key: str
    details: dict[str, Any]
    passages: int
    waiting: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FileMatch:
    """An upload that is like what was asked for: its likeness (cosine, 0..1) and its text around the nearest passage."""

    file_id: str
    name: str
    content_type: str
    similarity: float
    text: str
