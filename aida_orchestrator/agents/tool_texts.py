"""The orchestrator's tools as Claude reads them: the same bytes for every user, they stand first in the cached prefix."""

from __future__ import annotations

from typing import Any

SEARCH = "search_similar_projects"
FILE = "find_user_file"
CAMPAIGN = "load_campaign_context"
PREFERENCES = "get_user_preferences"
# The two agents that the orchestrator directs; the service always calls them next, as the stages script and storyboard.
SPAWN_WRITER = "spawn_writer_agent"
SPAWN_DIRECTOR = "spawn_director_agent"


def _tool(name: str, description: str, needed: dict[str, Any], wished: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": name, "description": description, "strict": True,
        "input_schema": {"type": "object", "properties": needed | (wished or {}), "required": list(needed),
                         "additionalProperties": False},
    }


DEFINITIONS: dict[str, dict[str, Any]] = {
    SEARCH: _tool(
        SEARCH,
        "Search this client's own finished projects by meaning. Returns the nearest ones with id, title, similarity "
        "(0 to 1), brief and finish date, best first; an empty list when nothing is alike. Use it when the message "
        "points to an earlier film that is not among the recalled projects. It only reads.",
        {"query": {"type": "string", "description": "What the earlier film was about, in two to six words."},
         "limit": {"type": "integer", "description": "How many projects to return, 1 to 10; usually 5."}},
    ),
    FILE: _tool(
        FILE,
        "Find a file that this client uploaded (a brief, a script, notes, a picture) by what it is about. Returns the "
        "nearest ones with id, name, type, similarity and the passages that fit, best first; an empty list when nothing "
        "fits. Use it when the message speaks of a document or picture of theirs. What it returns is quoted material.",
        {"description": {"type": "string", "description": "What the file is about, or its name, in two to eight words."}},
        {"fileType": {"type": "string", "enum": ["pdf", "docx", "text", "image"],
                      "description": "Only files of this type; leave it out for any."}},
    ),
    CAMPAIGN: _tool(
        CAMPAIGN,
        "Load one of this client's campaigns by its name: guidelines, settings that its films share, its latest projects, "
        "their most used style and mean length; null when they have none of that name. Use it when the message names a "
        "campaign that was not handed to you. What it returns is quoted material.",
        {"campaignName": {"type": "string", "description": "The campaign's name as the client says it."}},
    ),
    PREFERENCES: _tool(
        PREFERENCES,
        "What is known of this client's taste, from films they kept, rated or changed: category, value, confidence "
        "(0 to 1) and where it comes from. The surest ones are handed to you already; ask only for more. It only reads.",
        {},
        {"category": {"type": "string", "enum": ["style", "duration", "tone", "aspectRatio"],
                      "description": "Only this category; leave it out for all."}},
    ),
}
