"""`aida costs`: the proof of the books, on the rows of this installation's database, as `aida migrate` works on them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ..errors import SettingsError
from ..ledger import PriceBook
from ..ledger.bills import read_bill
from ..ledger.forecasts import Errors, errors_of
from ..ledger.recompute import Difference
from ..ledger.recompute import recompute as reckon
from ..ledger.reconcile import Booked, Reconciled, period
from ..ledger.reconcile import reconcile as compare
from ..prices import load_sheets
from ..settings import load_settings
from .rows import database

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def recompute(arguments: argparse.Namespace) -> int:
    """Print each charge that does not come to what is booked, and the sums."""
    settings = load_settings()
    book = PriceBook(load_sheets(settings.prices_dir), settings.kie_task_dollars)
    begin, end = _period(arguments)
    with database() as db:
        done = reckon(db, book, begin, end, lambda found: print(_difference(found)))
    unknown = f", {done.unknown} without a known price" if done.unknown else ""
    print(f"{done.charges} charges{unknown}: booked {done.booked:.6f}, recomputed {done.recomputed:.6f} dollars; "
          f"{done.differences} differ")
    for version, count in sorted(done.by_version.items()):
        print(f"  {count:>8} by {version}")
    return 1 if done.differences else 0


def reconcile(arguments: argparse.Namespace) -> int:
    """Print what only the bill or only the books know, where they name different amounts, and the sums."""
    bill = read_bill(Path(arguments.bill), _credit(arguments.credit_dollars))
    begin, end = _period(arguments) if arguments.begin or arguments.end else period(bill)
    with database() as db:
        done = compare(db, arguments.provider, bill, begin, end)
    print("\n".join(_reconciled(done)))
    print(f"{arguments.provider}, {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC: billed {done.billed:.6f}, booked "
          f"{done.booked:.6f} dollars; {done.agreed} agree, {len(done.not_booked)} not booked, {len(done.not_billed)} not "
          f"billed, {len(done.others)} differ")
    return 0 if done.balances else 1


def forecast(arguments: argparse.Namespace) -> int:
    """Print how many films cost what was said before, and how far off the estimates were, by component."""
    with database() as db:
        found = errors_of(db, *_period(arguments))
    print("\n".join(error_lines(found)))
    return 0


def _difference(found: Difference) -> str:
    charge = found.charge
    return (f"charge {charge.id}  {charge.created_at:%Y-%m-%d %H:%M}  {charge.component}  {charge.model}  booked "
            f"{_money(charge.dollars)}  recomputed {_money(found.dollars)}: {found.why}")


def _reconciled(done: Reconciled) -> Iterator[str]:
    for billed, job in done.not_booked:
        known = f"known to {job}, without a charge" if job else "no job of ours"
        yield f"not booked  {billed.request_id}  billed {_money(billed.dollars)}  {known} (line {_lines(billed.lines)})"
    for own in done.not_billed:
        yield f"not billed  {own.request_id or 'request unknown'}  booked {_money(own.dollars)}  {_whose(own)}"
    for billed, own in done.others:
        yield (f"differs     {billed.request_id}  billed {_money(billed.dollars)}  booked {_money(own.dollars)}  "
               f"{_whose(own)} (line {_lines(billed.lines)})")


def error_lines(found: Errors) -> Iterator[str]:
    """The errors as a person reads them."""
    whole = found.whole
    if not whole.films:
        yield f"no film of that time has an estimate and an end ({found.left_out} with a price on one side only)"
        return
    yield (f"{whole.films} films: {whole.inside} inside the range ({whole.inside / whole.films:.1%}), mean error "
           f"{whole.mean_error:.4f} of {whole.cost / whole.films:.4f} dollars a film; {found.left_out} with a price on one "
           "side only are left out")
    yield f"{'component':<14}{'films':>7}{'expected':>12}{'cost':>12}{'mean error':>12}{'inside':>9}"
    for name, part in (*found.parts.items(), ("all", whole)):
        yield (f"{name:<14}{part.films:>7}{part.expected:>12.4f}{part.cost:>12.4f}{part.mean_error:>12.4f}"
               f"{part.inside / part.films:>9.1%}")


def _whose(own: Booked) -> str:
    charge = own.charges[0]
    return f"{charge.task_id} {charge.job_id} {charge.created_at:%Y-%m-%d %H:%M}"


def _lines(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:5])) + (" ..." if len(numbers) > 5 else "")


def _money(dollars: Decimal | None) -> str:
    return "unknown" if dollars is None else f"{dollars:.6f}"


def _period(arguments: argparse.Namespace) -> tuple[datetime, datetime]:
    """From the first moment of the first day to the last of the last; without end where nothing is said."""
    begin = datetime.combine(arguments.begin, time(), UTC) if arguments.begin else _FIRST
    return begin, datetime.combine(arguments.end, time(), UTC) + timedelta(days=1) if arguments.end else _LAST


def _credit(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        dollars = Decimal(text)
    except InvalidOperation:
        dollars = Decimal("nan")
    if not dollars.is_finite() or dollars <= 0:
        raise SettingsError(f"--credit-dollars: {text!r} is no amount of dollars: write it like 0.005")
    return dollars


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "recompute": recompute, "reconcile": reconcile, "forecast": forecast}
