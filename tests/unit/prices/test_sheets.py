"""The price sheets: dated lines, own ones before the packaged, a line found again by its version, a broken one refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from aida_orchestrator.errors import SettingsError
from aida_orchestrator.ledger import PriceBook
from aida_orchestrator.model import Usage
from aida_orchestrator.prices import OWN, Line, load_sheets
from aida_orchestrator.prices.reading import UNITS

KLING = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
HEAD = 'provider = "fal"\n'


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def price(thing: str = KLING, dollars: str = 'dollars = "0.08"', since: str = "2026-12-01", unit: str = "second") -> str:
    return (f'[[price]]\nthing = "{thing}"\nunit = "{unit}"\n{dollars}\nfrom = {since}\nsource = "our contract"\n'
            "read = 2026-11-30\n")


def write(folder: Path, text: str, name: str = "fal.toml") -> Path:
    (folder / name).write_text(text)
    return folder


def test_every_packaged_line_says_where_its_price_was_read_and_when() -> None:
    lines = load_sheets().lines()
    assert {line.provider for line in lines} == set(UNITS)
    for line in lines:
        assert line.source
        assert line.read <= date(2026, 11, 30)
        assert line.dollars is None or 0 < line.dollars < 1
        assert line.provider == "kie" or line.thing.endswith("/image-to-video")


def test_a_price_holds_from_its_day_until_the_next_line_of_the_same_thing(tmp_path: Path) -> None:
    sheets = load_sheets(write(tmp_path, HEAD + price(since="2027-01-01", dollars='dollars = "0.09"') + price()))
    found = {day: sheets.find("fal", KLING, at(day)) for day in ("2024-12-31", "2026-11-30", "2026-12-01", "2026-12-31",
                                                                 "2027-01-01")}
    assert found["2024-12-31"] is None
    assert [line.dollars for line in found.values() if line] == [Decimal(text) for text in ("0.07", "0.08", "0.08", "0.09")]


def test_a_day_is_a_day_in_utc(tmp_path: Path) -> None:
    sheets = load_sheets(write(tmp_path, HEAD + price()))
    late_in_rome = datetime.fromisoformat("2026-12-01T00:30:00+01:00")
    line = sheets.find("fal", KLING, late_in_rome)
    assert line is not None
    assert line.dollars == Decimal("0.07")
    assert late_in_rome.astimezone(UTC).date() == date(2026, 11, 30)


def test_from_its_first_day_on_an_own_line_wins_over_every_packaged_one(tmp_path: Path) -> None:
    sheets = load_sheets(write(tmp_path, HEAD + price(since="2025-06-01")))
    line = sheets.find("fal", KLING, at("2030-01-01"))
    assert line is not None
    assert (line.dollars, line.sheet) == (Decimal("0.08"), f"{OWN}fal.toml")
    other = sheets.find("fal", "fal-ai/kling-video/o1/image-to-video", at("2030-01-01"))
    assert other is not None
    assert other.sheet == "fal.toml"


def test_a_version_finds_its_line_again_and_no_changed_one(tmp_path: Path) -> None:
    before = load_sheets(write(tmp_path, HEAD + price())).find("fal", KLING, at("2026-12-05"))
    assert before is not None

    def again(text: str) -> Line | None:
        return load_sheets(write(tmp_path, HEAD + text)).named("fal", KLING, before.version)

    assert again(price(since="2027-01-01") + price()) == before
    assert again(price(dollars='dollars = "0.081"')) is None
    assert again(price(since="2026-12-02")) is None
    assert again(price(dollars='dollars = "0.080"').replace("our contract", "our contract of 2026, page 3")) is not None


def test_a_price_that_nobody_knows_is_unknown_and_not_free(tmp_path: Path) -> None:
    known_until = HEAD + price(dollars="unknown = true")
    book = PriceBook(load_sheets(write(tmp_path, known_until)))
    before, after = (book.price(Usage("fal", KLING, {"seconds": 5}), at(day)) for day in ("2026-11-30", "2026-12-01"))
    assert (before.dollars, after.dollars) == (Decimal("0.35"), None)
    assert after.version.startswith("own/fal.toml@2026-12-01#")
    assert book.price(Usage("kie", "midjourney", {"tasks": 1}), at("2026-11-30")).dollars is None


def test_the_setting_for_pictures_wins_over_the_sheets_and_its_version_says_what_it_was(tmp_path: Path) -> None:
    write(tmp_path, 'provider = "kie"\n' + price("midjourney", unit="task"), "kie.toml")
    usage = Usage("kie", "midjourney", {"tasks": 2})
    assert PriceBook(load_sheets(tmp_path)).price(usage, at("2026-12-02")).dollars == Decimal("0.16")
    by_setting = PriceBook(load_sheets(tmp_path), Decimal("0.05")).price(usage, at("2026-12-02"))
    assert (by_setting.dollars, by_setting.version) == (Decimal("0.10"), "KIE_TASK_DOLLARS=0.05")


@pytest.mark.parametrize(("text", "line", "says"), [
    (HEAD + price() + "oops", 9, "no TOML"),
    ("", 1, "provider must be one of fal, kie"),
    ('provider = "openai"\n', 1, "provider must be one of"),
    (HEAD + 'currency = "EUR"\n', 2, "no field 'currency'"),
    (HEAD + 'price = "0.07"\n', 2, "prices are written as [[price]]"),
    (HEAD + price(dollars="dollars = 0.08"), 5, "dollars must be a text"),
    (HEAD + price(dollars='dollars = "eight cents"'), 5, "'eight cents' is no amount"),
    (HEAD + price(dollars='dollars = "-0.08"'), 5, "'-0.08' is no amount"),
    (HEAD + price(dollars='dollars = "nan"'), 5, "'nan' is no amount"),
    (HEAD + price(dollars=""), 2, "dollars is missing"),
    (HEAD + price(dollars='dollars = "1"\nunknown = true'), 6, "either dollars or unknown"),
    (HEAD + price(dollars="unknown = false"), 2, "dollars is missing"),
    (HEAD + price(since='"2026-12-01"'), 6, "from must be a day"),
    (HEAD + price(since="2026-12-01T10:00:00Z"), 6, "from must be a day"),
    (HEAD + price(unit="task"), 4, "fal is billed by the second"),
    (HEAD + price() + price(), 13, "has two prices from 2026-12-01 on"),
    (HEAD + price(thing=""), 3, "thing is empty"),
    (HEAD + price().replace('source = "our contract"\n', ""), 2, "source is missing"),
    (HEAD + price() + price(since="2027-01-01").replace("read", "reed"), 15, "no field 'reed'"),
])
def test_a_broken_sheet_is_refused_with_file_line_and_what_is_wrong(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_sheets(write(tmp_path, text))
    assert refused.value.message.startswith(f"{tmp_path / 'fal.toml'}:{line}: ")
    assert says in refused.value.message


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PRICES_DIR"):
        load_sheets(tmp_path / "missing")


def test_a_sheet_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fal.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"fal.toml:1: it cannot be read"):
        load_sheets(tmp_path)
