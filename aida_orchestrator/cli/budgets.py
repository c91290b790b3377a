"""`aida budgets`: ceilings of all films, of a user's, a campaign's, or of one, and how they stand."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from .client import Client, service_address
from .tables import columns, money, plain

_HEAD = ("SCOPE", "SUBJECT", "PERIOD", "DOLLARS", "SPENT", "RESERVED", "LEFT", "BEGINS ANEW")
_NUMBERS = range(3, 7)
_PERIODS = ("day", "month", "total")
_EACH = "the user's id; '*' for each user who has no ceiling of their own"
_AMOUNT = re.compile(r"[0-9]{1,8}(\.[0-9]{1,6})?")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What `aida budgets`, `aida budgets set` and `aida budgets remove` take."""
    command.add_argument("--scope", choices=["tenant", "user", "campaign", "film"], help="only those (films: only if named)")
    command.add_argument("--subject", metavar="ID", help="only those of this user, campaign or task")
    command.add_argument("--json", action="store_true", help="the whole answer of the service")
    kinds = command.add_subparsers(title="commands", metavar="command")
    for name, run, text in (("set", put, "set, raise or lower a ceiling; what waits for room goes on by itself"),
                            ("remove", remove, "take a ceiling away")):
        kind = kinds.add_parser(name, help=text, description=text)
        whose = kind.add_subparsers(title="whose", required=True, metavar="tenant|user|campaign|film", dest="whose")
        for scope, subject in (("tenant", None), ("user", "USER"), ("campaign", "CAMPAIGN"), ("film", "TASK")):
            of = whose.add_parser(scope)
            of.set_defaults(run=run, of="")
            if subject:
                of.add_argument("of", metavar=subject, help=_EACH if scope == "user" else None)
            if scope != "film":
                of.add_argument("period", choices=_PERIODS, help="days and months of UTC")
            if name == "set":
                of.add_argument("dollars", type=amount, metavar="DOLLARS")


def budgets(arguments: argparse.Namespace) -> int:
    """Print the ceilings as a table."""
    answer = Client(service_address()).budgets(arguments.scope, arguments.subject)
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    if not answer["budgets"]:
        print("no budget is set", file=sys.stderr)
        return 0
    print("\n".join(table(answer["budgets"])))
    if answer.get("more"):
        print("there are more: narrow it down with --scope and --subject", file=sys.stderr)
    return 0


def put(arguments: argparse.Namespace) -> int:
    """Set a ceiling and print how it stands."""
    client, dollars = Client(service_address()), arguments.dollars
    if arguments.whose == "film":
        told = client.set_ceiling(arguments.of, dollars)
        print(f"{told.get('taskId')}: at most {money(told.get('maxCostDollars'))}; {spent(told.get('cost') or {})}")
        return 0
    told = client.put_budget(arguments.whose, arguments.of, arguments.period, dollars)
    print("\n".join(table([told])))
    return 0


def remove(arguments: argparse.Namespace) -> int:
    """Take a ceiling away; one that is not there is an error."""
    client = Client(service_address())
    if arguments.whose == "film":
        client.set_ceiling(arguments.of, None)
        print(f"{arguments.of}: no ceiling of its own any more")
        return 0
    client.drop_budget(arguments.whose, arguments.of, arguments.period)
    print(" ".join(word for word in ("removed:", arguments.whose, arguments.of, arguments.period) if word))
    return 0


def table(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line a ceiling."""
    return columns(_HEAD, [tuple(plain(cell) for cell in (
        one.get("scope"), f"{one.get('subject') or '-'}{' (as each)' if one.get('inherited') else ''}", one.get("period"),
        *("-" if one.get(name) is None else money(one[name]) for name in ("dollars", "spent", "reserved", "left")),
        _day(one.get("resetsAt")))) for one in found], right=_NUMBERS)


def amount(text: str) -> float:
    """Dollars as a JSON number: so many digits are the same ones on the other side."""
    if not _AMOUNT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of US dollars: write it like 2.50, at most six decimals")
    return float(text)


def spent(cost: Mapping[str, Any]) -> str:
    """What a film has cost, and what is set aside for what is under way."""
    reserved = float(cost.get("reserved") or 0)
    return f"{money(cost.get('dollars'))} spent" + (f", {money(reserved)} reserved" if reserved else "")


def _day(moment: Any) -> str:
    return f"{str(moment)[:10]} UTC" if moment else "-"
