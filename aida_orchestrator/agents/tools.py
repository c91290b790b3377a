"""The tools the orchestrator may call: they only read, and neither tenant nor user ever comes from the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from ..errors import AidaError
from ..model import Match, Reference
from .documents import recalled_brief
from .loop import Tool
from .text import Whole, clean, compact_json
from .tool_texts import CAMPAIGN, DEFINITIONS, FILE, PREFERENCES, SEARCH

T = TypeVar("T")
Search = Callable[[str, int], list[Match]]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A file as Claude reads it, and the same as a reference where it is a picture."""

    shown: Document
    picture: Reference | None = None


MOST_RESULTS = 10
LONGEST_QUERY = 1000


def _no_latest(message: str) -> Match | None:
    return None


def _no_files(description: str, file_type: str | None) -> list[Found]:
    return []


def _no_campaign(name: str) -> Document | None:
    return None


def _no_preferences(category: str | None) -> list[Document]:
    return []


@dataclass(frozen=True, slots=True)
class Recall:
    """What memory can be asked, bound to one tenant and one user by whoever hands it in.

    `latest` is the film finished last and its likeness to the words. The others answer with what Claude reads.
    """

    projects: Search
    latest: Callable[[str], Match | None] = _no_latest
    files: Callable[[str, str | None], list[Found]] = _no_files
    campaign: Callable[[str], Document | None] = _no_campaign
    preferences: Callable[[str | None], list[Document]] = _no_preferences


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _SearchInput(_Input):
    query: str
    limit: Whole = 5


class _FileInput(_Input):
    description: str
    fileType: str | None = None  # noqa: N815  # the tool's published name


class _CampaignInput(_Input):
    campaignName: str  # noqa: N815  # the tool's published name


class _PreferencesInput(_Input):
    category: str | None = None


@dataclass(slots=True)
class Memory:
    """The tools over one user's memory: every project, campaign and picture they have shown so far, and why the latest call
    failed, if it did."""

    recall: Recall
    seen: dict[str, Match] = field(default_factory=dict)
    campaigns: dict[str, Document] = field(default_factory=dict)
    pictures: dict[str, Reference] = field(default_factory=dict)
    error: str | None = None

    @property
    def tools(self) -> dict[str, Tool]:
        """All four, always in the same order: they are the first thing that Claude's cache keeps."""
        runs = {SEARCH: self._search, FILE: self._find_file, CAMPAIGN: self._load_campaign, PREFERENCES: self._preferences}
        return {name: Tool(name, DEFINITIONS[name], run) for name, run in runs.items()}

    @property
    def best_first(self) -> list[Match]:
        """What was shown, the most alike first."""
        return sorted(self.seen.values(), key=lambda match: -match.similarity)

    def show(self, matches: Sequence[Match]) -> None:
        """Remember what was shown: only that can be followed."""
        for match in matches:
            known = self.seen.get(match.project_id)
            if known is None or match.similarity > known.similarity:
                self.seen[match.project_id] = match

    def look_up(self, ask: Callable[[], T], what: str) -> T:
        """One question to memory; a failure is kept for the film's status and raised on."""
        self.error = f"{what} could not be searched"
        try:
            answer = ask()
        except AidaError as error:
            self.error = f"{what} could not be searched: {error.message}"
            raise
        self.error = None
        return answer

    def _search(self, given: Document) -> str:
        asked = _SearchInput.model_validate(given)
        query = clean(asked.query, LONGEST_QUERY)
        if not query:
            raise ValueError("query is empty; give the subject of the film you are looking for")
        limit = max(1, min(MOST_RESULTS, asked.limit))
        matches = self.look_up(lambda: self.recall.projects(query, limit), "Earlier films")
        self.show(matches)
        return compact_json(projects_json(matches))

    def _find_file(self, given: Document) -> str:
        asked = _FileInput.model_validate(given)
        description = clean(asked.description, LONGEST_QUERY)
        if not description:
            raise ValueError("description is empty; say what the file is about")
        kind = clean(asked.fileType or "", 100) or None
        found = self.look_up(lambda: self.recall.files(description, kind), "Files")
        self.pictures |= {one.picture.file_id: one.picture for one in found if one.picture}
        return compact_json({"files": [one.shown for one in found]})

    def _load_campaign(self, given: Document) -> str:
        name = clean(_CampaignInput.model_validate(given).campaignName, 200)
        if not name:
            raise ValueError("campaignName is empty; give the campaign's name as the client says it")
        found = self.look_up(lambda: self.recall.campaign(name), "Campaigns")
        if found is not None:
            self.campaigns[str(found["campaignId"])] = found
        return compact_json({"campaign": found})

    def _preferences(self, given: Document) -> str:
        category = clean(_PreferencesInput.model_validate(given).category or "", 40) or None
        return compact_json({"preferences": self.look_up(lambda: self.recall.preferences(category), "Preferences")})


def projects_json(matches: Sequence[Match]) -> Document:
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
