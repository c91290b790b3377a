"""The labelled set for recall by meaning is sound: its lines parse, its labels point at what they may, its mix holds."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "evaluation"
OWNER = ["type", "id", "tenant", "user", "language"]
KEYS = {
    "project": [*OWNER, "message", "title", "intent", "tone", "style", "seconds", "aspectRatio"],
    "file": [*OWNER, "name", "text"],
    "campaign": [*OWNER, "name", "guidelines"],
    "query": [*OWNER, "about", "text", "expect", "why"],
}
WORDS = {
    "project": ("message", "title", "intent", "tone", "style"),
    "file": ("name", "text"),
    "campaign": ("name", "guidelines"),
}
LENGTHS = {"style": (5, 12), "text": (40, 150), "guidelines": (20, 80)}
NOTHING_BECAUSE = ("chit-chat: ", "new wish: ", "another's: ", "near miss: ")
RUN = 5

LINES: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "recall.jsonl").read_text("utf-8").splitlines()]
ITEMS: dict[str, dict[str, Any]] = {line["id"]: line for line in LINES if line["type"] != "query"}
QUERIES = [line for line in LINES if line["type"] == "query"]
POSITIVE = [query for query in QUERIES if query["expect"]]
NEGATIVE = [query for query in QUERIES if not query["expect"]]
FOREIGN = [query for query in POSITIVE if query["language"] not in {ITEMS[name]["language"] for name in query["expect"]}]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def runs(text: str) -> set[tuple[str, ...]]:
    """Each five words of the text that follow one another."""
    found = words(text)
    return {tuple(found[at:at + RUN]) for at in range(len(found) - RUN + 1)}


def owner(line: dict[str, Any]) -> tuple[str, str]:
    return line["tenant"], line["user"]


def test_every_line_has_the_keys_of_its_type_in_order() -> None:
    assert [line for line in LINES if list(line) != KEYS[line["type"]]] == []


def test_every_value_is_filled_and_of_its_kind() -> None:
    for line in LINES:
        numbers = {key: value for key, value in line.items() if key == "seconds"}
        texts = {key: value for key, value in line.items() if key not in ("seconds", "expect")}
        assert all(isinstance(value, int) and 5 <= value <= 60 for value in numbers.values()), line["id"]
        assert all(isinstance(value, str) and value == value.strip() != "" for value in texts.values()), line["id"]
        assert line["language"] in ("it", "en", "es", "de"), line["id"]
        assert line.get("aspectRatio", "16:9") in ("16:9", "9:16", "1:1"), line["id"]


def test_items_are_as_long_as_real_ones() -> None:
    for item in ITEMS.values():
        for key, (least, most) in LENGTHS.items():
            assert key not in item or least <= len(words(item[key])) <= most, (item["id"], key)


def test_ids_are_unique() -> None:
    assert [name for name, count in Counter(line["id"] for line in LINES).items() if count > 1] == []


def test_no_text_stands_there_twice() -> None:
    texts = Counter(" ".join(words(line[key])) for line in LINES for key in ("message", "text", "guidelines") if key in line)
    assert [text for text, count in texts.items() if count > 1] == []


@pytest.mark.parametrize("query", POSITIVE, ids=lambda query: query["id"])
def test_a_label_points_at_items_of_the_same_owner_and_of_the_kind_asked_about(query: dict[str, Any]) -> None:
    expected = query["expect"]
    assert len(set(expected)) == len(expected) <= 3
    assert {(ITEMS[name]["type"], *owner(ITEMS[name])) for name in expected} == {(query["about"], *owner(query))}


@pytest.mark.parametrize("query", POSITIVE, ids=lambda query: query["id"])
def test_a_query_repeats_no_five_words_of_what_it_means(query: dict[str, Any]) -> None:
    for name in query["expect"]:
        item = ITEMS[name]
        for key in WORDS[item["type"]]:
            assert not runs(query["text"]) & runs(item[key]), (name, key)


def test_every_item_is_meant_by_some_query() -> None:
    assert set(ITEMS) - {name for query in POSITIVE for name in query["expect"]} == set()


def test_a_query_that_means_nothing_says_of_which_sort_it_is() -> None:
    assert [query["id"] for query in NEGATIVE if not query["why"].startswith(NOTHING_BECAUSE)] == []
    assert all(any(query["why"].startswith(sort) for query in NEGATIVE) for sort in NOTHING_BECAUSE)


def test_four_users_in_two_tenants_and_one_name_in_both() -> None:
    owners = {owner(item) for item in ITEMS.values()}
    assert len(owners) == 4
    assert len({tenant for tenant, _ in owners}) == 2
    assert any(one == other for one, other in pairwise(sorted(user for _, user in owners)))
    assert {owner(query) for query in QUERIES} == owners


def test_there_are_enough_items_of_each_kind() -> None:
    kinds = Counter(item["type"] for item in ITEMS.values())
    assert len(ITEMS) >= 72
    assert kinds["project"] >= 44
    assert kinds["file"] >= 18
    assert kinds["campaign"] >= 10


def test_there_are_enough_queries_of_each_sort() -> None:
    languages, kinds = (Counter(query[key] for query in QUERIES) for key in ("language", "about"))
    assert len(QUERIES) >= 160
    assert len(NEGATIVE) >= 45
    assert len(FOREIGN) >= 35
    assert all(languages[language] >= least for language, least in {"it": 60, "en": 50, "es": 25, "de": 25}.items())
    assert kinds["file"] >= 30
    assert kinds["campaign"] >= 20


def test_the_readme_tells_the_counts_of_today() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    for key, values in {"about": ("project", "file", "campaign"), "language": ("it", "en", "es", "de")}.items():
        for value in values:
            items = sum(item["type" if key == "about" else key] == value for item in ITEMS.values())
            meant, nothing = (sum(query[key] == value for query in queries) for queries in (POSITIVE, NEGATIVE))
            assert f"| {value} | {items} | {meant} | {nothing} |" in readme
    assert f"| all | {len(ITEMS)} | {len(POSITIVE)} | {len(NEGATIVE)} |" in readme
    assert f"{len(FOREIGN)} are in another language" in readme
