"""`aida`: films from the command line. `up`, `migrate`, `memory`, `costs`, `spending`, `demo` run here; the rest asks the
HTTP API."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from ..errors import AidaError
from . import budgets, commands, jobs, story
from .client import ApiError, Unreachable


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code for the shell."""
    asked = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = asked.run
    try:
        return run(asked)
    except ApiError as error:
        print("\n".join(error.lines()), file=sys.stderr)
    except (Unreachable, AidaError) as error:
        print(f"aida: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="aida", description="One message becomes one film.",
        epilog="The service is looked for at AIDA_URL, else at 127.0.0.1 and ORCHESTRATOR_PORT (3003).",
    )
    kinds = parser.add_subparsers(title="commands", required=True, metavar="command")

    create = _add(kinds, "create", commands.create, "make a film from a message")
    create.add_argument("message", type=_message)
    create.add_argument("--project", help="go on with this project")
    create.add_argument("--campaign", help="a film of this campaign, by its id")
    _add_following(create)

    status = _add(kinds, "status", commands.status, "how far a film is")
    status.add_argument("task")
    status.add_argument("--json", action="store_true", help="the whole answer of the service")

    refine = _add(kinds, "refine", commands.refine, "make an aspect of a project anew")
    refine.add_argument("project")
    refine.add_argument("--aspect", choices=["script", "style", "visuals", "all"], required=True)
    refine.add_argument("feedback", type=_message)
    refine.add_argument("--shots", type=int, nargs="+", metavar="N", help="make only these shots anew")
    refine.add_argument("--dry-run", action="store_true", help="say what would be kept and what it costs; buy nothing")
    _add_following(refine)

    versions = _add(kinds, "versions", commands.versions, "the finished films of a project")
    restore = _add(kinds, "restore", commands.restore, "bring a former film of a project back")
    for command in (versions, restore):
        command.add_argument("project")
        command.add_argument("--user", help="on whose behalf (AIDA_USER, else your login name)")
    restore.add_argument("version", type=int)

    _add(kinds, "cancel", commands.cancel, "stop a film").add_argument("task")
    retry = _add(kinds, "retry", commands.retry, "make what is missing of a film")
    retry.add_argument("task")
    _add_following(retry)
    jobs.add_arguments(_add(kinds, "jobs", jobs.jobs, "paid requests that are open, or in doubt"))
    budgets.add_arguments(_add(kinds, "budgets", budgets.budgets, "ceilings, and how they stand"))
    story.add_arguments(_add(kinds, "logs", story.logs, "one film's story, in order and in words"))

    _add(kinds, "up", _up, "start the whole service on this machine")
    _add(kinds, "migrate", _migrate, "bring the database up to date")
    examined = _add(kinds, "doctor", _doctor, "what is wrong with this installation, and what to mend")
    examined.add_argument("--json", action="store_true", help="for programs")
    _add_backup(kinds)
    _add_memory(kinds)
    _add_costs(kinds)
    _add_spending(kinds)
    demo = _add(kinds, "demo", _demo, "start up, make one film, stop")
    demo.add_argument("message", type=_message)
    demo.add_argument("--user")
    demo.add_argument("--save", metavar="DIR", default="films", help="where the film goes (films)")
    return parser


def _add(
    kinds: argparse._SubParsersAction[argparse.ArgumentParser], name: str,
    run: Callable[[argparse.Namespace], int], text: str,
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = kinds.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command


def _add_following(command: argparse.ArgumentParser) -> None:
    command.add_argument("--user", help="on whose behalf (AIDA_USER, else your login name)")
    command.add_argument("--wait", action=argparse.BooleanOptionalAction, default=True, help="wait for the film")
    command.add_argument("--max-dollars", type=budgets.amount, metavar="DOLLARS",
                         help="the film waits before it would cost more than this (2.50)")
    command.add_argument("--save", metavar="DIR", help="download the film into this folder")


def _add_memory(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    memory = kinds.add_parser("memory", help="what is remembered", description="What is remembered.")
    of = memory.add_subparsers(title="commands", required=True, metavar="command")
    reindex = _add(of, "reindex", _reindex, "let another embedder read everything again, while the service goes on")
    reindex.add_argument("--embedder", choices=["openai", "local"], help="whose vectors to make (MEMORY_EMBEDDER)")
    reindex.add_argument("--prune", action="store_true", help="then delete the vectors of other embedders")


def _add_costs(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    costs = kinds.add_parser("costs", help="the proof of the books", description="The proof of the books.")
    of = costs.add_subparsers(title="commands", required=True, metavar="command")
    recompute = _add(of, "recompute", _costs, "reckon every charge again by the price list it names; 1 if one differs")
    reconcile = _add(of, "reconcile", _costs, "hold a provider's bill against the books; 1 if they differ")
    forecast = _add(of, "forecast", _costs, "how far the estimates were from what the films cost")
    for command in (recompute, reconcile, forecast):
        command.set_defaults(command=command.prog.rpartition(" ")[2])
        command.add_argument("--from", dest="begin", type=_day, metavar="DAY", help="the first day, in UTC (2026-11-01)")
        command.add_argument("--to", dest="end", type=_day, metavar="DAY", help="the last day, in UTC")
    reconcile.add_argument("--provider", choices=["fal", "kie"], required=True)
    reconcile.add_argument("--credit-dollars", metavar="D", help="what a credit costs, for a bill in credits")
    reconcile.add_argument("bill", help="CSV file with a request id and an amount in each line")


def _add_spending(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "the switch of all spending; it needs the database only"
    switch = kinds.add_parser("spending", help=text, description=text)
    of = switch.add_subparsers(title="commands", required=True, metavar="command")
    stop = _add(of, "stop", _spending, "buy nothing from now on, until it is started again")
    start = _add(of, "start", _spending, "let everything that waits for this go on")
    status = _add(of, "status", _spending, "whether it is stopped, and how many films wait for what")
    for command in (stop, start, status):
        command.set_defaults(command=command.prog.rpartition(" ")[2])
    stop.add_argument("--reason", metavar="TEXT", help="why; owners of films that wait read it")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write it like 2026-11-30") from None


def _add_backup(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    take = _add(kinds, "backup", _backup, "copy rows and files into a folder, while the service runs")
    take.add_argument("folder", type=Path, help="where all backups are; each gets a dated folder there")
    bring_back = _add(kinds, "restore-backup", _restore_backup, "fill an empty database and the media from a backup")
    bring_back.add_argument("folder", type=Path, help="one dated folder of a backup")
    bring_back.add_argument("--check", action="store_true", help="only look whether it is whole")
    bring_back.add_argument("--nothing-ran-since", action="store_true",
                            help="the service was stopped before the backup, so nothing can have been bought since")


def _message(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("say something about the film")
    return text


# These load the servers' side of the house, which `aida status` must not wait for.


def _up(arguments: argparse.Namespace) -> int:
    from ..local.up import up

    return up()


def _demo(arguments: argparse.Namespace) -> int:
    from .demo import demo

    return demo(arguments)


def _reindex(arguments: argparse.Namespace) -> int:
    from .memory import reindex

    return reindex(arguments)


def _costs(arguments: argparse.Namespace) -> int:
    from .costs import COMMANDS

    return COMMANDS[arguments.command](arguments)


def _spending(arguments: argparse.Namespace) -> int:
    from .spending import COMMANDS

    return COMMANDS[arguments.command](arguments)


def _backup(arguments: argparse.Namespace) -> int:
    from .backup import take

    return take(arguments)


def _restore_backup(arguments: argparse.Namespace) -> int:
    from .backup import bring_back

    return bring_back(arguments)


def _doctor(arguments: argparse.Namespace) -> int:
    from .doctor import doctor

    return doctor(arguments)


def _migrate(arguments: argparse.Namespace) -> int:
    from ..local.migrating import migrate_here

    applied = migrate_here()
    print("\n".join(f"applied {name}" for name in applied) or "nothing to do")
    return 0
