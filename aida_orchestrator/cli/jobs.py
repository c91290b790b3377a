"""`aida jobs`: the paid requests that are open or in doubt, and a person's word on one whose answer was lost."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from .client import Client, service_address
from .tables import columns, plain

_HEAD = ("JOB", "FILM", "SHOT", "KIND", "PROVIDER", "SENT AT", "STATE")
_PROMPT = 90


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What `aida jobs` and `aida jobs resolve` take."""
    command.add_argument("--unknown", action="store_true", help="only those of which nobody knows whether they were bought")
    command.add_argument("--task", metavar="ID", help="only those of this film")
    command.add_argument("--json", action="store_true", help="the whole answer of the service")
    kinds = command.add_subparsers(title="commands", metavar="command")
    text = "say what became of a job in doubt, after a look at the provider's own list"
    settle = kinds.add_parser("resolve", help=text, description=text)
    settle.set_defaults(run=resolve)
    settle.add_argument("job")
    word = settle.add_mutually_exclusive_group(required=True)
    word.add_argument("--bought", metavar="PROVIDER_ID", type=_provider_id, help="it is there, under this id: fetch it")
    word.add_argument("--not-bought", action="store_true", help="it is not there: send it once more")


def jobs(arguments: argparse.Namespace) -> int:
    """Print the jobs as a table, each one in doubt with what to do about it."""
    found = Client(service_address()).jobs(unknown=arguments.unknown, task=arguments.task)
    if arguments.json:
        print(json.dumps({"jobs": found}, ensure_ascii=False, indent=2))
        return 0
    if not found:
        # Nothing on stdout: an empty table is no line.
        print("no job is in doubt" if arguments.unknown else "no job is open", file=sys.stderr)
        return 0
    print("\n".join(table(found)))
    return 0


def resolve(arguments: argparse.Namespace) -> int:
    """Settle a doubt; what was made of it is printed."""
    said = Client(service_address()).resolve(arguments.job, arguments.bought or False)
    was = f"bought as {said['bought']}, it is being fetched" if said.get("bought") else (
        "not bought, it is sent once more" if said.get("state") == "queued" else "not bought, and not needed any more")
    print(f"{said.get('jobId')}: {was}")
    if said.get("filmGoesOn"):
        print(f"the film goes on; look with: aida status {said.get('taskId')}", file=sys.stderr)
    return 0


def table(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """The lines for a person: one a job, and below one in doubt its prompt and what to do."""
    head, *rows = columns(_HEAD, [_row(job) for job in found])
    lines = [head]
    for job, row in zip(found, rows, strict=True):
        lines.append(row)
        if job.get("whatToDo"):
            lines += [f"    prompt: {plain(job.get('prompt'))[:_PROMPT]}", f"    {plain(job['whatToDo'])}"]
    return lines


def _row(job: Mapping[str, Any]) -> tuple[str, ...]:
    state = "held for a person" if job.get("heldForPerson") else str(job.get("outcome") or job.get("state"))
    sent = str(job.get("sentAt") or "not yet").replace("T", " ")
    return tuple(plain(value) for value in (
        job.get("jobId"), job.get("taskId"), job.get("shot"), job.get("kind"), job.get("provider"), sent, state))


def _provider_id(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("give the id that the provider's list shows")
    return text.strip()
