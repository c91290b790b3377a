"""The orchestrator's answer as it comes: its schema, and its fields before any of them is believed."""

from __future__ import annotations

from pydantic import BaseModel

from ..model import ReferenceUse
from .documents import object_schema
from .formats import RATIOS
from .lengths import LENGTHS
from .text import Whole

TITLE, TONE = 80, 120
# The default stands first: a model that does not choose, chooses it.
BRIEF_SCHEMA = object_schema(
    title={"type": "string"},
    language={"type": "string", "description": "BCP 47 tag"},
    intent={"type": "string"},
    tone={"type": "string"},
    style_words={"type": "string"},
    style_reference={"type": "string", "description": "a key of the style catalogue, or empty"},
    duration_seconds={"type": "integer", "enum": list(LENGTHS)},
    aspect_ratio={"type": "string", "enum": list(RATIOS)},
    constraints={"type": "array", "items": {"type": "string"}},
    recalled_project_id={"type": "string", "description": "id of the project to follow, or empty"},
    recall_reason={"type": "string"},
    reference_files={"type": "array", "items": object_schema(
        file_id={"type": "string", "description": "id of a picture that find_user_file returned"},
        use={"type": "string", "enum": [use.value for use in ReferenceUse]},
    )},
)


class ReferenceAnswer(BaseModel):
    """A picture that the film's pictures are to go by."""

    file_id: str
    use: str


class BriefAnswer(BaseModel):
    """The orchestrator's answer as it comes, before any of it is believed."""

    title: str
    language: str
    intent: str
    tone: str
    style_words: str
    style_reference: str
    duration_seconds: Whole
    aspect_ratio: str
    constraints: list[str]
    recalled_project_id: str
    recall_reason: str
    reference_files: list[ReferenceAnswer] = []
