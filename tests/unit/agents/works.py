"""A brief, a script, a storyboard and a remembered project to start a test from."""

from __future__ import annotations

from typing import Any

from aida_orchestrator.model import Beat, Brief, Match, Script, Shot, Storyboard, Style

LOOK = Style(words="editorial food photograph, window side light, dark wood", sref="rustic-food")


def brief(**changes: Any) -> Brief:
    """A food film of 30 s in Italian."""
    made = Brief(
        title="La pasta della domenica", language="it", intent="Una nonna prepara la pasta.", tone="caldo e ironico",
        style=LOOK, duration_seconds=30, aspect_ratio="16:9", constraints=("niente alcol",),
    )
    return made.model_copy(update=changes)


def script(**changes: Any) -> Script:
    """Six beats of five seconds."""
    beats = tuple(Beat(words=f"Riga {n}.", picture=f"picture number {n}", seconds=5) for n in range(1, 7))
    return Script(title="La pasta", logline="Una nonna.", beats=beats).model_copy(update=changes)


def storyboard(**changes: Any) -> Storyboard:
    """Six shots of five seconds."""
    shots = tuple(
        Shot(number=n, beat=n, picture_prompt=f"prompt {n}", motion_prompt=f"motion {n}", seconds=5) for n in range(1, 7)
    )
    return Storyboard(style=LOOK, shots=shots).model_copy(update=changes)


def match(project_id: str = "proj_food", **changes: Any) -> Match:
    """A finished food film that lasted 20 s and stood upright."""
    past = brief(duration_seconds=20, aspect_ratio="9:16")
    made = Match(
        project_id=project_id, title="La pasta della nonna", similarity=0.81,
        brief=past.model_dump(mode="json", exclude={"matches"}), finished_at="2026-11-01T10:00:00+00:00",
    )
    return made.model_copy(update=changes)


def brief_answer(**changes: Any) -> dict[str, Any]:
    """What the orchestrator answers when it follows nothing."""
    return {
        "title": "Il pane del mattino", "language": "it", "intent": "Un fornaio.", "tone": "quieto",
        "style_words": "documentary photograph, available light", "style_reference": "documentary",
        "duration_seconds": 30, "aspect_ratio": "16:9", "constraints": [], "recalled_project_id": "",
        "recall_reason": "", **changes,
    }
