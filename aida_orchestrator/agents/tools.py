"""The tools the orchestrator may call: they only read, and neither tenant nor user ever comes from the model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from ..errors import AidaError
from ..model import Match
from .documents import recalled_brief
from .loop import Tool
from .text import Whole, clean

Search = Callable[[str, int], list[Match]]

SEARCH = "search_similar_projects"
MOST_RESULTS = 10
LONGEST_QUERY = 1000

_SEARCH_DEFINITION: dict[str, Any] = {
    "name": SEARCH,
    "description": (
        "Search this client's own finished projects by meaning. Returns the nearest ones with id, title, similarity "
        "(0 to 1), brief and finish date, best first; an empty list when nothing is alike. Use it when the message "
        "points to an earlier film that is not among the recalled projects. It only reads."
    ),
    "strict": True,
    "input_schema": {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "What the earlier film was about, in two to six words."},
            "limit": {"type": "integer", "description": "How many projects to return, 1 to 10; usually 5."},
        },
        "required": ["query", "limit"],
        "additionalProperties": False,
    },
}


class _SearchInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    query: str
    limit: Whole = 5


@dataclass(slots=True)
class Memory:
    """A search handed in by the stage, every project it has shown so far, and why the latest search failed, if it did."""

    search: Search
    seen: dict[str, Match] = field(default_factory=dict)
    error: str | None = None

    @property
    def tool(self) -> Tool:
        """The search as Claude may call it."""
        return Tool(SEARCH, _SEARCH_DEFINITION, self._run)

    def _run(self, given: dict[str, Any]) -> str:
        asked = _SearchInput.model_validate(given)
        query = clean(asked.query, LONGEST_QUERY)
        if not query:
            raise ValueError("query is empty; give the subject of the film you are looking for")
        self.error = "Earlier films could not be searched"
        try:
            matches = self.search(query, max(1, min(MOST_RESULTS, asked.limit)))
        except AidaError as error:
            self.error = f"Earlier films could not be searched: {error.message}"
            raise
        self.error = None
        for match in matches:
            known = self.seen.get(match.project_id)
            if known is None or match.similarity > known.similarity:
                self.seen[match.project_id] = match
        return json.dumps(projects_json(matches), ensure_ascii=False)


def projects_json(matches: list[Match]) -> dict[str, Any]:
    """Matches as Claude reads them; the brief has the same field names as Claude's own answer."""
    return {
        "projects": [
            {
                "projectId": match.project_id, "title": match.title, "similarity": round(match.similarity, 2),
                "brief": recalled_brief(match.brief), "finishedAt": match.finished_at,
            }
            for match in matches
        ]
    }
