"""Which tools a message sends the orchestrator for, and what it makes of what they bring."""

import json
import re
from typing import Any

from . import orchestrator, wishes

FILE, CAMPAIGN = "find_user_file", "load_campaign_context"
_FILE = re.compile(
    r"\b(?:uploaded|upload|attached|caricat[oaie]|allegat[oaie]|subid[oa]s?|adjunt[oa]s?|hochgeladen\w*|angehängt\w*|document[oi]?"
    r"|dokument|pdf|docx|file|photo|picture|foto\w*|brief|briefing|appunti|notes|notizen)\b", re.IGNORECASE)
_LOOK = re.compile(r"\b(?:style|look|stile|estilo|stil|colou?rs|colori|colores|farben)\b", re.IGNORECASE)
_CAMPAIGN = re.compile(
    r"(?:campagn[ae]|campaña|campaign|kampagne)\s+[\"«„]?(?P<after>[\w&' -]{3,60}?)[\"»“]?(?=[,.;:!?]|$)"
    r"|(?:to|for|in|der|die|our|the)\s+(?:the\s+)?(?P<before>[\w&' -]{3,60}?)\s+(?:campaign|kampagne)\b", re.IGNORECASE)
_LONGEST, _MOST_OF_A_FILE = 160, 400


def of(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The tools to call, in order, each once, with what to ask."""
    message = wishes.message_of(text)
    errands: list[tuple[str, dict[str, Any]]] = [(orchestrator.SEARCH, orchestrator.search_query(text))]
    if _FILE.search(message):
        errands.append((FILE, {"description": message[:300]}))
    named = _CAMPAIGN.search(message)
    if named and not wishes.document(text, "campaign"):
        errands.append((CAMPAIGN, {"campaignName": (named["after"] or named["before"]).strip()}))
    return errands


def bring(made: dict[str, Any], text: str, results: list[str]) -> None:
    """Facts of a found file go into the intent, guidelines of a campaign into the constraints; a picture is gone by."""
    answers = [answer for answer in map(_read, results) if answer]
    nearest = [found for answer in answers for found in (answer.get("files") or [])[:1]]
    pictures = [found for found in nearest if str(found.get("contentType", "")).startswith("image/")]
    use = "style" if _LOOK.search(wishes.message_of(text)) else "subject"
    made["reference_files"] = [{"file_id": str(found["fileId"]), "use": use} for found in pictures[:1]]
    for passage in (str(found.get("text", "")) for found in nearest if found not in pictures):
        made["intent"] = f"{made['intent']} {' '.join(passage.split())[:_MOST_OF_A_FILE]}".strip()
    campaigns = [wishes.document(text, "campaign"), *(answer.get("campaign") or {} for answer in answers)]
    for guidelines in {str(found.get("guidelines", "")) for found in campaigns} - {""}:
        made["constraints"] = [*made["constraints"], _first(guidelines)]


def _first(text: str) -> str:
    """The beginning of a text, to the end of a sentence where one ends soon."""
    plain = " ".join(text.split())
    end = re.search(r"[.!?](?=\s|$)", plain[:_LONGEST])
    return plain[: end.end()] if end else plain[:_LONGEST]


def _read(content: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
