"""The books over a thousand films with faults: booked as sold, recomputed to the same cent, held against bills."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from aida_orchestrator import cli
from aida_orchestrator.ledger import tokens
from aida_orchestrator.store.db import Database
from tests.builders import Clock
from tests.harness import Servers
from tests.integration.selling import BEGIN, NOT_LISTED, OWN_SHEETS, Market, Tally, booked, open_market, write_sheets

FILMS = 1000
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Books:
    """A database full of charges, the sheets they were priced by, and what was really sold."""

    dsn: str
    db: Database
    sheets: Path
    tallies: Sequence[Tally]

    @property
    def sold(self) -> dict[tuple[str, str], Decimal]:
        """Dollars by film and component."""
        return {key: dollars for tally in self.tallies for key, dollars in tally.dollars.items()}


@pytest.fixture(scope="module")
def books(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """Four markets in turn on one clock: own sheets, an endpoint nobody has a price for, and prices set by hand."""
    folder, dsn, clock = tmp_path_factory.mktemp("books"), servers.migrated_database(), Clock(BEGIN)
    sheets = write_sheets(folder / "prices")
    tallies = []
    for seed, settings in enumerate(({}, {"fal_kling_endpoint": NOT_LISTED}, {"kie_task_dollars": "0.0431"}, {})):
        market: Market = open_market(dsn, folder, clock, seed, prices_dir=sheets, **settings)
        for _ in range(10):
            market.films([f"u{number % 7}" for number in range(FILMS // 40)], timedelta(hours=3000) / FILMS)
        market.services.db.close()
        tallies.append(market.tally)
    db = Database(dsn)
    yield Books(dsn, db, sheets, tallies)
    db.close()
    servers.drop(dsn)


@pytest.fixture
def shell(books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shell whose service uses this database and these sheets."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", books.dsn)
    monkeypatch.setenv("PRICES_DIR", str(books.sheets))
    return tmp_path


def count(db: Database, condition: str = "true") -> int:
    with db.transaction() as tx:
        row = tx.one(f"SELECT count(*) AS n FROM charges WHERE {condition}")
    assert row is not None
    return int(row["n"])


def test_every_call_is_booked_once_and_at_its_price_whatever_became_of_it(books: Books) -> None:
    assert count(books.db) == sum(tally.calls for tally in books.tallies) > 5 * FILMS
    assert count(books.db, "dollars IS NULL") == sum(tally.unknown for tally in books.tallies) > FILMS // 4
    assert booked(books.db) == {key: dollars for key, dollars in books.sold.items() if dollars}  # to the millionth
    with books.db.transaction() as tx:
        versions = {row["price_version"].partition("#")[0] for row in tx.all("SELECT DISTINCT price_version FROM charges")}
    assert versions == {
        tokens.version(), "fal.toml@2025-01-01", "own/fal.toml@2026-10-15", "own/fal.toml@2026-12-01", "no sheet",
        "kie.toml@2025-01-01", "own/kie.toml@2026-11-01", "KIE_TASK_DOLLARS=0.0431"}


def test_recomputing_a_thousand_films_comes_to_what_is_booked_to_the_cent(
    books: Books, shell: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["costs", "recompute"]) == 0
    said = capsys.readouterr().out.splitlines()[0]
    sold = sum(books.sold.values(), Decimal(0))
    assert said.startswith(f"{count(books.db)} charges, {count(books.db, 'dollars IS NULL')} without a known price: ")
    assert f"booked {sold:.6f}, recomputed {sold:.6f} dollars; 0 differ" in said
    assert sold > 100 * CENT


def test_a_part_of_the_time_is_recomputed_alone(books: Books, shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["costs", "recompute", "--from", "2026-10-01", "--to", "2026-10-31"]) == 0
    days = "created_at >= '2026-10-01' AND created_at < '2026-11-01'"
    assert capsys.readouterr().out.startswith(f"{count(books.db, days)} charges")
    assert 0 < count(books.db, days) < count(books.db)


@pytest.mark.parametrize(("name", "old", "new", "says"), [
    ("fal.toml", '"0.0655"', '"0.0656"', "is gone or was changed; own/fal.toml@2026-10-15"),
    ("fal.toml", "2026-10-15", "2026-09-05", "stands now where fal.toml@2025-01-01"),
    ("kie.toml", "2026-11-01\nsource", "2026-09-15\nsource", "stands now where kie.toml@2025-01-01"),
])
def test_a_line_that_was_changed_for_the_past_is_reported_and_not_followed(
    books: Books, shell: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    name: str, old: str, new: str, says: str,
) -> None:
    changed = write_sheets(tmp_path / "changed", {**OWN_SHEETS, name: OWN_SHEETS[name].replace(old, new)})
    monkeypatch.setenv("PRICES_DIR", str(changed))
    assert cli.main(["costs", "recompute"]) == 1
    assert says in capsys.readouterr().out


def test_new_lines_for_the_future_change_nothing(
    books: Books, shell: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    more = OWN_SHEETS["fal.toml"] + OWN_SHEETS["fal.toml"].partition("\n")[2].replace("from = 2026", "from = 2036")
    monkeypatch.setenv("PRICES_DIR", str(write_sheets(tmp_path / "more", {**OWN_SHEETS, "fal.toml": more})))
    assert cli.main(["costs", "recompute"]) == 0


@pytest.mark.parametrize(("change", "says"), [
    ("dollars = dollars + 0.01 WHERE provider = 'fal'", "its units at that price come to another sum"),
    ("dollars = dollars + 0.000001 WHERE provider = 'anthropic'", "its units at that price come to another sum"),
    ("units = jsonb_set(units, '{output_tokens}', '7') WHERE provider = 'anthropic'", "its formula counts other tokens"),
    ("dollars = 0 WHERE dollars IS NULL", "its units at that price come to another sum"),
])
def test_a_charge_that_was_changed_by_hand_is_found(
    books: Books, shell: Path, capsys: pytest.CaptureFixture[str], change: str, says: str,
) -> None:
    what, _, where = change.partition(" WHERE ")
    with books.db.transaction() as tx:
        before = tx.one(f"SELECT id, units, dollars, created_at::date AS day FROM charges WHERE {where} ORDER BY id LIMIT 1")
        assert before is not None
        tx.run(f"UPDATE charges SET {what} WHERE id = %(id)s", id=before["id"])
    try:
        assert cli.main(["costs", "recompute", "--from", str(before["day"]), "--to", str(before["day"])]) == 1
        said = capsys.readouterr().out
        assert said.startswith(f"charge {before['id']}  ")
        assert says in said
        assert "; 1 differ" in said
    finally:
        with books.db.transaction() as tx:
            tx.run("UPDATE charges SET units = %(units)s::jsonb, dollars = %(dollars)s WHERE id = %(id)s", id=before["id"],
                   units=json.dumps(before["units"]), dollars=before["dollars"])


def sold_by(books: Books, provider: str) -> list[list[str]]:
    """The provider's own list of what it sold and has a price for, as rows of a CSV: request, dollars, time."""
    component = {"fal": "kling", "kie": "midjourney"}[provider]
    return [[request, f"{dollars:.4f}", at.isoformat()] for tally in books.tallies
            for request, (_, dollars, at) in tally.requests.items()
            if request.startswith(component) and dollars is not None]


def write(file: Path, rows: Sequence[Sequence[str]], head: Sequence[str] = ("request_id", "amount", "created_at")) -> Path:
    with open(file, "w", newline="") as opened:
        csv.writer(opened).writerows([head, *rows])
    return file


def reconcile(file: Path, provider: str, *more: str) -> int:
    return cli.main(["costs", "reconcile", "--provider", provider, *more, str(file)])


@pytest.mark.parametrize("provider", ["fal", "kie"])
def test_a_bill_of_all_that_was_sold_names_only_what_we_knew_no_price_for(
    books: Books, shell: Path, capsys: pytest.CaptureFixture[str], provider: str,
) -> None:
    rows = sold_by(books, provider)
    assert reconcile(write(shell / "bill.csv", rows), provider) == (provider == "fal")
    *lines, last = capsys.readouterr().out.splitlines()
    unknown = count(books.db, f"provider = '{provider}' AND dollars IS NULL AND created_at >= '{rows[0][2]}'"
                              f" AND created_at <= '{rows[-1][2]}'")
    assert f"; {len(rows)} agree, 0 not booked, {unknown} not billed, 0 differ" in last
    assert len([line for line in lines if line.startswith("not billed") and "  booked unknown  " in line]) == unknown
    assert (unknown > 0) is (provider == "fal")


def test_what_only_one_side_knows_and_what_differs_is_listed(
    books: Books, shell: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    rows = sold_by(books, "fal")
    gone, other = rows.pop(5), rows[9]
    rows[9] = [other[0], "9.99", other[2]]
    rows.append(["never-asked-for", "0.35", rows[-1][2]])
    assert reconcile(write(shell / "bill.csv", rows), "fal") == 1
    said = capsys.readouterr().out
    assert f"not billed  {gone[0]}  booked {Decimal(gone[1]):.6f}  task_" in said
    assert f"differs     {other[0]}  billed 9.990000  booked {Decimal(other[1]):.6f}  task_" in said
    assert f"not booked  never-asked-for  billed 0.350000  no job of ours (line {len(rows) + 1})" in said


def test_a_request_in_several_lines_in_another_order_of_columns_and_by_other_names_is_one(
    books: Books, shell: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    request, dollars, at = sold_by(books, "fal")[0]
    half = Decimal(dollars) / 2
    file = shell / "export.csv"
    lines = f"\n{at};{half};kling;{request}\n\n{at};${half};kling;{request}\n"
    file.write_text(f"\ufeffDate;Cost (USD);Endpoint;Request ID{lines}")
    assert reconcile(file, "fal") == 0
    assert "1 agree, 0 not booked, 0 not billed, 0 differ" in capsys.readouterr().out


def test_a_bill_in_credits_is_turned_into_dollars(books: Books, shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [[request, str(Decimal(dollars) / Decimal("0.0005")), at] for request, dollars, at in sold_by(books, "kie")]
    file = write(shell / "bill.csv", rows, ("taskId", "creditsConsumed", "createTime"))
    assert reconcile(file, "kie", "--credit-dollars", "0.0005") == 0
    assert f"; {len(rows)} agree, 0 not booked" in capsys.readouterr().out
    assert reconcile(file, "kie") == 1
    assert "say what one costs with --credit-dollars" in capsys.readouterr().err


def test_a_charge_from_before_requests_were_kept_is_found_by_its_job(
    books: Books, shell: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    rows = sold_by(books, "fal")
    reconcile(write(shell / "bill.csv", rows), "fal")
    before = capsys.readouterr().out
    with books.db.transaction() as tx:
        kept = tx.all("UPDATE charges SET request_id = NULL WHERE request_id IS NOT NULL RETURNING id")
    try:
        reconcile(shell / "bill.csv", "fal")
        assert capsys.readouterr().out.splitlines()[-1] == before.splitlines()[-1]
        assert len(kept) > FILMS
    finally:
        with books.db.transaction() as tx:
            tx.run("""UPDATE charges c SET request_id = (j.former_ids || j.provider_id)[n.n] FROM jobs j, (
                          SELECT id, row_number() OVER (PARTITION BY split_part(job_id, '#', 1) ORDER BY id) AS n
                          FROM charges WHERE job_id IS NOT NULL) n
                      WHERE n.id = c.id AND j.id = split_part(c.job_id, '#', 1)""")


@pytest.mark.parametrize(("text", "says"), [
    ("", "no column for a request"),
    ("request_id,amount\n", "there is no line below"),
    ("request_id,what\na,1\n", "no column for an amount in dollars"),
    ("when,amount\na,1\n", "no column for a request"),
    ("request_id,amount\na,1\nb,two\n", "bill.csv:3: 'two' is no amount"),
    ("request_id,amount\na,1\n,2\n", "bill.csv:3: it names no request"),
    ("request_id,amount\na,1\nb\n", "bill.csv:3: 1 columns instead of 2"),
    ("request_id,amount,date\na,1,yesterday\n", "bill.csv:2: 'yesterday' is no time"),
    ("request_id,amount\na,1\n", "say which days it is for with --from and --to"),
    ('request_id,amount\n"a,1\n', "this is no CSV"),
])
def test_a_bad_bill_is_refused_by_its_line(shell: Path, capsys: pytest.CaptureFixture[str], text: str, says: str) -> None:
    (shell / "bill.csv").write_text(text)
    assert reconcile(shell / "bill.csv", "fal") == 1
    assert says in capsys.readouterr().err


def test_a_bill_that_is_no_text_or_not_there_is_refused(shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shell / "bill.csv").write_bytes(b"PK\x03\x04\xff\xfe")
    assert reconcile(shell / "bill.csv", "fal") == 1
    assert reconcile(shell / "missing.csv", "fal") == 1
    said = capsys.readouterr().err
    assert "no text in UTF-8" in said
    assert "it cannot be read: No such file" in said
