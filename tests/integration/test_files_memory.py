"""Uploads by meaning: vectors from the sandbox over HTTP, the sweep that makes them, and nobody else's files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.api.app import create_app
from aida_orchestrator.errors import ProviderBalanceError
from aida_orchestrator.memory.embedding import WIDTH, Embedder
from aida_orchestrator.memory.files import embed_waiting, find_user_files
from aida_orchestrator.model import FileMatch, Role, Usage
from aida_orchestrator.pipeline import chain
from aida_orchestrator.pipeline.files import remove
from aida_orchestrator.pipeline.sweep import embed, sweep
from aida_orchestrator.store.db import Database
from tests.builders import NOON, TENANT, Broker, Clock, Shared, broker_in_memory, make_services
from tests.harness import Sandbox
from tests.integration.uploads import FILES, Place, docx, pdf, png

BAKERY = "The bakery wants warm bread, golden crust, dawn light in the oven, flour on the hands of the baker."
CAR = "Electric sports car on a mountain road at night, neon reflections on wet asphalt, speed and silence."
PERFUME = "Eau de parfum, smoked glass bottle, bergamot, fig milk, cedar, magnetic cap, elegant and dark."


@pytest.fixture
def place(shared: Shared, database: Database, tmp_path: Path, clock: Clock, sandbox: Sandbox) -> Place:
    services = make_services(shared.dsn, tmp_path, clock, openai_base_url=f"{sandbox.url}/openai/v1",
                             openai_api_key="sk-test")
    return Place(create_app(services, "redis://127.0.0.1:1/0").test_client(), services, database, clock)


@pytest.fixture
def broker() -> Iterator[Broker]:
    with broker_in_memory() as made:
        yield made


class Counting:
    """An embedder to which all texts are alike, and how many each call had; `spoil` is done before an answer is given."""

    def __init__(self, name: str = "counting") -> None:
        self.name = name
        self.calls: list[int] = []
        self.spoil: Callable[[], Any] = lambda: None

    def embed(self, texts: Sequence[str], *, role: Role = "passage") -> tuple[list[list[float]], Usage]:
        """One vector for all."""
        self.calls.append(len(texts))
        self.spoil()
        return [[1.0] * WIDTH for _ in texts], Usage("openai", self.name, {"input_tokens": len(texts)})


def find(
    place: Place, words: str, embedder: Embedder | None = None, user: str = "u1", floor: float = 0.3, **more: Any,
) -> list[FileMatch]:
    return find_user_files(place.database, embedder or place.services.embedder, TENANT, user, words, 3, floor, now=NOON,
                           **more)


def status(place: Place, file_id: str) -> str:
    return str(place.client.get(f"{FILES}/{file_id}?userId=u1").get_json()["status"])


def test_a_file_is_found_by_what_it_says_a_moment_after_its_upload(place: Place) -> None:
    bread, car = place.keep(docx([BAKERY]), "brief.docx"), place.keep(pdf([CAR]), "notes.pdf")
    place.keep(PERFUME.encode(), "sheet.txt")
    found = find(place, "warm bread and a golden crust from the oven of a bakery")
    assert found[0].file_id == bread["fileId"]
    assert (found[0].name, found[0].text) == ("brief.docx", BAKERY)
    assert found == sorted(found, key=lambda match: -match.similarity)
    assert find(place, "electric car on a road at night")[0].file_id == car["fileId"]
    assert find(place, "bread", floor=1.01) == []
    assert status(place, bread["fileId"]) == "ready"


def test_a_picture_is_found_by_its_name_and_description(place: Place) -> None:
    place.keep(CAR.encode(), "car.txt")
    picture = place.keep(png(), "golden_crust-bread.png", description="The baker's oven at dawn")
    (best, *_) = find(place, "golden crust bread, oven of the baker at dawn")
    assert (best.file_id, best.content_type) == (picture["fileId"], "image/png")
    assert best.text == "golden crust bread\nThe baker's oven at dawn\n8 x 6"


def test_a_file_is_found_by_its_name_and_answers_with_its_beginning(place: Place) -> None:
    place.keep(f"{PERFUME}\n\nPage two.".encode(), "warm bread bakery oven.txt")
    (best, *_) = find(place, "warm bread bakery oven")
    assert best.text.startswith(PERFUME)


@pytest.mark.parametrize(("file_type", "name"), [
    ("pdf", "a.pdf"), ("docx", "a.docx"), ("text", "a.md"), ("image", "bread oven bakery"), ("Word", "a.docx"),
    (".txt", "a.md"), ("image/png", "bread oven bakery"), ("foto", "bread oven bakery")])
def test_only_files_of_the_type_asked_for_are_found(place: Place, file_type: str, name: str) -> None:
    for content, called in ((pdf([BAKERY]), "a.pdf"), (docx([BAKERY]), "a.docx"), (BAKERY.encode(), "a.md"),
                            (png(), "bread oven bakery")):
        place.keep(content, called)
    assert [match.name for match in find(place, "bread oven bakery", file_type=file_type, floor=0.0)] == [name]
    of_any = find(place, "bread oven bakery", file_type="whatever", floor=0.0)
    assert of_any == find(place, "bread oven bakery", floor=0.0)
    assert len(of_any) == 3


def test_the_page_that_is_meant_comes_with_its_neighbours_and_not_with_the_whole(place: Place) -> None:
    filler = [f"Chapter {number} is about accounts, invoices and taxes of the year {1900 + number}. " * 8
              for number in range(12)]
    place.keep("\n\n".join([*filler[:6], CAR, *filler[6:]]).encode(), "long.txt")
    (best,) = find(place, "electric sports car, mountain road, neon, wet asphalt, speed", floor=0.0)
    assert CAR in best.text
    assert len(best.text) <= 3000
    assert "Chapter 0 " not in best.text
    assert "Chapter 11 " not in best.text
    assert best.text.count(CAR) == 1


def test_nobody_finds_the_file_of_another(place: Place) -> None:
    place.keep(BAKERY.encode(), user="u2")
    with place.database.transaction() as tx:
        tx.run("INSERT INTO user_files (id, passage, tenant_id, user_id, name, content_type, bytes, sha256, asset_key,"
               " content, created_at) SELECT id || 'x', passage, 'other', 'u1', name, content_type, bytes, sha256,"
               " asset_key, content, created_at FROM user_files")
    embed_waiting(place.database, place.services.embedder, "other", "u1", NOON)
    assert find(place, BAKERY, floor=0.0) == []
    assert [match.name for match in find(place, BAKERY, user="u2")] == ["brief.txt"]


def test_passages_are_embedded_once_for_each_embedder_so_many_at_a_time(place: Place) -> None:
    place.keep("\n\n".join(f"{number} {BAKERY} " * 8 for number in range(50)).encode())
    embedder = Counting()
    usages: list[Usage] = []
    written = embed_waiting(place.database, embedder, TENANT, "u1", NOON, usages.append)
    assert written == sum(embedder.calls) == place.count("memory_vectors") == place.count("user_files") > 50
    assert 1 < max(embedder.calls) <= 100
    assert len(usages) == len(embedder.calls)
    assert embed_waiting(place.database, embedder, TENANT, "u1", NOON) == 0
    assert sum(embedder.calls) == written
    other = Counting("another model")
    assert embed_waiting(place.database, other, TENANT, "u1", NOON) == written
    assert place.count("memory_vectors") == 2 * written


def test_a_user_without_files_costs_nothing(place: Place) -> None:
    embedder = Counting()
    assert find(place, "bread", embedder) == find(place, " \0 ", embedder) == []
    assert embedder.calls == []


def test_after_deletion_nothing_is_found_and_no_vector_is_left(place: Place) -> None:
    file_id = place.keep(BAKERY.encode())["fileId"]
    assert find(place, BAKERY)
    answer = place.client.delete(f"{FILES}/{file_id}?userId=u1").get_json()
    assert answer["removed"] == {"passages": 1, "vectors": 2, "bytes": len(BAKERY)}
    assert find(place, BAKERY, floor=0.0) == []
    assert place.count("memory_vectors") == place.count("user_files") == place.stored() == 0


def test_all_files_of_a_user_go_at_once_and_nobody_elses(place: Place) -> None:
    place.keep(BAKERY.encode())
    place.keep(png(), "look.png")
    place.keep(CAR.encode(), user="u2")
    find(place, BAKERY)
    gone = remove(place.services, (TENANT, "u1"))
    assert (gone.files, gone.passages, gone.vectors) == (2, 2, 3)
    assert remove(place.services, (TENANT, "u1")).files == 0
    assert place.stored() == 1


def test_a_file_that_is_deleted_while_its_vectors_are_made_leaves_none(place: Place) -> None:
    file_id = place.keep(BAKERY.encode())["fileId"]
    kept = place.keep(CAR.encode())["fileId"]
    embedder = Counting()
    embedder.spoil = lambda: place.client.delete(f"{FILES}/{file_id}?userId=u1")
    assert embed_waiting(place.database, embedder, TENANT, "u1", NOON) == 2
    with place.database.transaction() as tx:
        assert {row["item_id"] for row in tx.all("SELECT item_id FROM memory_vectors")} == {kept}


def test_the_sweep_makes_an_upload_ready_and_charges_its_user(place: Place, broker: Broker) -> None:
    first = place.keep(BAKERY.encode())["fileId"]
    second = place.keep(CAR.encode())["fileId"]
    strangers = place.keep(CAR.encode(), user="u2")["fileId"]
    chain.connect(lambda: place.services)
    chain.sweep_rows()
    sent = {args[0]: queue for name, args, queue in broker.sent if name == "film.file"}
    assert len(sent) == 2, "one message a user"
    assert strangers in sent
    assert set(sent.values()) == {"context"}
    assert status(place, first) == "waiting"
    for file_id in sent:
        assert embed(place.services, file_id) == "remembered"
    assert [status(place, file_id) for file_id in (first, second)] == ["ready", "ready"]
    with place.database.transaction() as tx:
        charges = tx.all("SELECT * FROM charges ORDER BY user_id")
    assert [(row["user_id"], row["component"], row["provider"], row["task_id"], row["project_id"]) for row in charges] == [
        ("u1", "memory", "openai", None, None), ("u2", "memory", "openai", None, None)]
    assert all(row["tokens"] > 0 and row["dollars"] > 0 for row in charges)
    place.clock.advance(3600)
    swept = sweep(place.services)
    assert swept is not None
    assert swept.to_embed == []


def test_an_embedder_that_is_away_is_asked_again_later_and_less_often(place: Place, sandbox: Sandbox) -> None:
    file_id = place.keep(BAKERY.encode())["fileId"]
    sandbox.fault({"provider": "openai", "fault": "balance", "times": 1})
    claimed = sweep(place.services)
    assert claimed is not None
    assert claimed.to_embed == [file_id]
    assert embed(place.services, file_id) == "again later"
    place.clock.advance(50)
    again = sweep(place.services)
    assert again is not None
    assert again.to_embed == []
    place.clock.advance(20)
    again = sweep(place.services)
    assert again is not None
    assert again.to_embed == [file_id]
    assert embed(place.services, file_id) == "remembered"
    assert status(place, file_id) == "ready"
    assert embed(place.services, "file_none") == "nothing to remember"


def test_the_upload_itself_asks_nobody(place: Place, sandbox: Sandbox) -> None:
    place.keep(BAKERY.encode())
    assert sandbox.requests("openai") == []
    assert place.count("charges") == 0


def test_a_question_fails_as_its_embedder_does(place: Place, sandbox: Sandbox) -> None:
    place.keep(BAKERY.encode())
    sandbox.fault({"provider": "openai", "fault": "balance", "times": 2})
    with pytest.raises(ProviderBalanceError):
        find(place, "bread")
