"""Stop the process after every durable step of a film's pictures and clips, start another one, and read the seller's books.

Each step is found by counting (tests/integration/mortal.py), so that none can be forgotten: the same film is made again
and again, its process killed after the 1st, 2nd, ... commit, file or purchase, until a process came to the end unhurt. All
messages die with the process. Whatever the step: nothing is bought twice, the film ends, and it is complete unless the
process died between sending an order and writing down its number, and nothing can tell what became of it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.local.processes import free_port
from aida_orchestrator.model import Stage
from aida_orchestrator.services import Services
from aida_orchestrator.store.db import Database
from tests.builders import (
    Shared,
    add_documents,
    add_film,
    broker_in_memory,
    make_services,
    make_storyboard,
)
from tests.chaos.ground import WEBHOOK_KEY, Books
from tests.chaos.plan import Mode
from tests.integration.mortal import STOPPED, Errand
from tests.integration.relay import Crasher, Relay, web

# One shot is 2 purchases, 6 files (four takes, a clip, its part) and the film. At least so many steps must be met, or the
# counting has gone blind.
FEWEST = {"purchase": 2, "file": 7, "commit": 12}
KILLED = -9


@dataclass
class Scene:
    """Everything one film after another is made on."""

    shared: Shared
    sandbox: Books
    relay: Relay
    crasher: Crasher
    port: int
    folder: Path
    number: int = 0

    def set_up(self, callbacks: bool) -> Errand:
        """A fresh film whose pictures are next, with a key and a folder of its own."""
        database = self.shared.empty()
        self.number += 1
        self.sandbox.reset()
        self.sandbox.latency(kie=0, fal=0)
        now = datetime.now(UTC)
        task = add_film(database, first=Stage.VISUAL, now=now)
        add_documents(database, task, make_storyboard(1), now=now)
        folder = self.folder / str(self.number)
        (folder / "home").mkdir(parents=True)
        addresses = {name.lower(): value.replace(self.sandbox.url, self.relay.url)
                     for name, value in self.sandbox.environment().items()}
        settings = {**addresses, "kie_api_key": uuid.uuid4().hex, "fal_key": uuid.uuid4().hex,
                    "kie_webhook_key": WEBHOOK_KEY, "unknown_wait_seconds": 20,
                    "media_trusted_origins": f"{self.relay.url},{self.sandbox.url}",
                    **({"public_url": f"http://127.0.0.1:{self.port}"} if callbacks else {})}
        return Errand(self.shared.dsn, str(folder), str(self.sandbox.file), settings, task.id, now.timestamp())

    def web(self, errand: Errand) -> Any:
        """The web process of the same film, on the same time."""
        def clock() -> datetime:
            return errand.clock()()

        def make() -> Services:
            return make_services(errand.dsn, Path(errand.folder), clock, **errand.settings)  # type: ignore[arg-type]

        return web(make, self.port)


@pytest.fixture(scope="module")
def scene(shared: Shared, server_folder_of_module: Path) -> Iterator[Scene]:
    folder = server_folder_of_module
    sandbox = Books(folder, Mode(callbacks=True, signed=True, beats=1))
    sandbox.start()
    relay, crasher = Relay(sandbox.url), Crasher(folder / "mortal.log")
    with broker_in_memory():
        yield Scene(shared, sandbox, relay, crasher, free_port(), folder)
    crasher.close()
    relay.close()
    sandbox.stop()


@pytest.fixture(scope="module")
def server_folder_of_module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crashes")


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "told"), [
    ("purchase", "by callbacks"), ("purchase", "by polls"), ("commit", "by callbacks"), ("commit", "by polls"),
    ("file", "by polls")])  # files are copied alike, however we were told of them
def test_a_process_that_dies_after_any_step_neither_buys_twice_nor_loses_anything(
    scene: Scene, kind: str, told: str, subtests: pytest.Subtests,
) -> None:
    step, unhurt = 0, False
    while not unhurt:
        step += 1
        errand = replace(scene.set_up(told == "by callbacks"), kind=kind, step=step)
        with subtests.test(f"{kind} {step}"), scene.web(errand):
            code = scene.crasher.carry(errand, scene.relay)
            assert code in (0, STOPPED, KILLED), (errand.folder, code)
            unhurt = code == 0
            check(scene, errand, told, unhurt)
        assert step < 120, "the film never comes to its end"
    assert step > FEWEST[kind]


def check(scene: Scene, errand: Errand, told: str, unhurt: bool) -> None:
    """Let another process carry the film on, and see that everything is well."""
    database = scene.shared.database
    open_orders = _rows(database, "SELECT id, provider FROM jobs WHERE state = 'submitting'")
    _wait_until_told(scene)  # while the process is dead
    if not unhurt:
        assert scene.crasher.carry(replace(errand, kind="", step=0), scene.relay) == 0, errand.folder
    jobs = _rows(database, "SELECT kind, state, outcome, error FROM jobs ORDER BY kind")
    for provider in ("kie", "fal"):
        assert len(scene.sandbox.sold(provider)) <= 1, jobs
        assert len(scene.sandbox.requests(provider, "submit")) <= 1, jobs
    lost = [job for job in jobs if job["outcome"] == "lost"]
    if lost:
        provider = open_orders[0]["provider"]  # only an order whose number was never written may be lost
        assert len(lost) == 1
        assert lost[0]["error"]["code"] == "outcome_unknown"
        assert told == "by polls" or not scene.sandbox.sold(provider), "a callback named it, and it was lost"
        return
    _complete(scene, errand, jobs)


def _complete(scene: Scene, errand: Errand, jobs: list[dict[str, Any]]) -> None:
    database = scene.shared.database
    status = _rows(database, "SELECT status FROM tasks")[0]["status"]
    assert (status, [job["outcome"] for job in jobs]) == ("completed", ["done", "done"])
    assets = _rows(database, "SELECT kind, key, take FROM assets ORDER BY kind, take")
    assert [(asset["kind"], asset["take"]) for asset in assets] == [
        ("clip", 0), ("film", 0), ("part", 1), *(("picture", take) for take in range(4))]
    media = Path(errand.folder) / "media"
    assert all((media / asset["key"]).is_file() for asset in assets)
    charged = _rows(database, "SELECT provider FROM charges WHERE provider IN ('kie', 'fal') ORDER BY 1")
    assert [row["provider"] for row in charged] == ["fal", "kie"]


def _rows(database: Database, statement: str) -> list[dict[str, Any]]:
    with database.transaction() as tx:
        return tx.all(statement)


def _wait_until_told(scene: Scene) -> None:
    until = time.monotonic() + 20
    untold = ("SELECT 1 FROM sold WHERE provider IN ('kie', 'fal') AND "
              "(state IN ('queued', 'running') OR json_extract(fields, '$.called') = 0)")
    while scene.sandbox.rows(untold):
        assert time.monotonic() < until
        time.sleep(0.01)
