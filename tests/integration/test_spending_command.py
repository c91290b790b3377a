"""`aida spending` on a real database, without any other process of the service."""

from __future__ import annotations

from pathlib import Path

import pytest

from aida_orchestrator import cli
from aida_orchestrator.model import Stage
from aida_orchestrator.pipeline import runner
from aida_orchestrator.store import holds
from tests.builders import Shared
from tests.integration.films import House


@pytest.fixture
def shell(shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell whose service uses this database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", shared.dsn)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """What a command prints that must succeed."""
    assert cli.main(["spending", *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_spending_is_stopped_looked_at_and_started_on_the_rows_and_twice_is_once(
    house: House, shell: None, capsys: pytest.CaptureFixture[str],
) -> None:
    assert said(capsys, "status") == ["spending is not stopped", "no film waits for money"]
    stopped, nobody = said(capsys, "stop", "--reason", "  the bill is\n too high ")
    assert stopped.startswith("all spending is stopped, since ")
    assert stopped.endswith(" UTC: the bill is too high")
    assert nobody == "no film waits for money"
    for user in ("u1", "u2"):
        assert runner.run(house.services, Stage.CONTEXT, house.create(user=user).id).word != runner.GO_ON
    again, waiting = said(capsys, "stop")
    assert again == stopped.replace("all spending is stopped", "spending was stopped already")
    assert waiting.startswith("2 films wait for the switch, the first since ")
    assert said(capsys, "status") == [stopped, waiting]
    assert house.ask("GET", "spending")["reason"] == "the bill is too high"
    assert said(capsys, "start") == ["spending goes on; 2 films that waited for it go on within seconds"]
    assert house.ask("GET", "spending")["stopped"] is False
    assert said(capsys, "start")[0] == "spending was not stopped"
    said(capsys, "stop")
    with house.database.transaction() as tx:
        tx.run("DELETE FROM stage_runs")
    assert said(capsys, "start") == ["spending goes on; no film waited for it"]


def test_an_account_that_is_empty_and_films_at_a_ceiling_are_told_beside_the_switch(
    house: House, shell: None, capsys: pytest.CaptureFixture[str],
) -> None:
    with house.database.transaction() as tx:
        holds.pause(tx, "fal", "the account has no credit", house.clock())
    assert runner.run(house.services, Stage.CONTEXT, house.create(maxCostDollars=0).id).word != runner.GO_ON
    plain, film, account = said(capsys, "status")
    assert plain == "spending is not stopped"
    assert film.startswith("1 film waits for room under a ceiling, or for a price, the first since ")
    assert account.startswith("fal: its account has been empty since ")
    assert account.endswith(": the account has no credit")


@pytest.mark.parametrize("reason", ["x" * 501, "a\x1b[31m"])
def test_a_reason_that_nobody_could_read_is_refused(
    house: House, shell: None, capsys: pytest.CaptureFixture[str], reason: str,
) -> None:
    assert cli.main(["spending", "stop", "--reason", reason]) == 1
    assert "--reason: say it in one line" in capsys.readouterr().err
    assert house.ask("GET", "spending")["stopped"] is False
