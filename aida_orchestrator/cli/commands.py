"""The commands that are clients of the HTTP API: create, status, refine, versions, restore, cancel, retry."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import re
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .client import Client, service_address
from .progress import make_display, summary, wait_for_film
from .steps import step_words, steps_of


def create(arguments: argparse.Namespace) -> int:
    """Ask for a film and, unless told otherwise, wait for it."""
    client = Client(service_address())
    body: dict[str, Any] = {"userId": arguments.user or default_user(), "message": arguments.message}
    if arguments.project:
        body["projectId"] = arguments.project
    if arguments.campaign:
        body["campaignId"] = arguments.campaign
    return _follow(client, client.create(body | _ceiling(arguments)), arguments, arguments.message)


def refine(arguments: argparse.Namespace) -> int:
    """Ask to make an aspect of a project anew and, unless told otherwise, wait for it."""
    client = Client(service_address())
    body = {
        "userId": arguments.user or default_user(), "feedback": arguments.feedback, "aspectToRefine": arguments.aspect,
        **({"shots": arguments.shots} if arguments.shots else {}), **_ceiling(arguments),
    }
    if arguments.dry_run:
        print("\n".join(plan_lines(client.plan(arguments.project, body))))
        return 0
    return _follow(client, client.refine(arguments.project, body), arguments, arguments.feedback)


def versions(arguments: argparse.Namespace) -> int:
    """Print the finished films of a project, newest first."""
    client = Client(service_address())
    for one in client.versions(arguments.project, arguments.user or default_user()):
        asked = " ".join(str(one[key]) for key in ("kind", "aspect") if one.get(key))
        words = one.get("feedback") or ""
        print(f"{one['version']:>3}  {one['createdAt']}  {one['status']:<9}  {asked:<16}  {words}".rstrip())
        print(f"     {client.film_address(one) or 'no film'}")
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Bring a former film of a project back and print its address."""
    client = Client(service_address())
    answer = client.restore(arguments.project, arguments.version, arguments.user or default_user())
    print(f"version {answer['version']} of {arguments.project}: {answer['status']}", file=sys.stderr)
    print(client.film_address(answer) or answer["taskId"])
    return 0


def plan_lines(plan: Mapping[str, Any]) -> list[str]:
    """A refine's plan as a person reads it."""
    told = plan["estimate"]
    lines = [f"shot {shot['number']:>2}  picture {shot['picture']}  clip {shot['clip']}  ({shot['why']})"
             for shot in plan["shots"]]
    parts = ", ".join(f"{name} {'unknown' if part is None else f'{part:.2f}'}" for name, part in told["byComponent"].items())
    more = f", without {', '.join(told['unknown'])}: no price is known" if told["unknown"] else ""
    return [*lines, f"stages: {', '.join(plan['stages'])}",
            f"at most {told['dollars']:.2f} dollars ({parts}{more}), about {told['seconds']} s; "
            f"{plan['keeps']} shots kept, {plan['redoes']} made anew"]


def retry(arguments: argparse.Namespace) -> int:
    """Ask to make what is missing of a task and, unless told otherwise, wait for it."""
    client = Client(service_address())
    answer = client.retry(arguments.task, _ceiling(arguments))
    return _follow(client, {"taskId": arguments.task, **answer}, arguments, arguments.task)


def cancel(arguments: argparse.Namespace) -> int:
    """Ask to stop a task."""
    answer = Client(service_address()).cancel(arguments.task)
    print(f"{arguments.task}: {answer.get('status', 'cancelled')}")
    return 0


def status(arguments: argparse.Namespace) -> int:
    """Print how far a task is."""
    client = Client(service_address())
    answer = client.status(arguments.task)
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    progress = f"{answer.get('progress', 0)} %"
    print(f"{answer.get('taskId')}  {answer.get('status')}  {progress}  project {answer.get('projectId')}")
    for step in steps_of(answer):
        print(f"  {step['stage']:<10} {step_words(step)}")
    for line in summary(answer):
        print(f"  {line}")
    address = client.film_address(answer)
    if address:
        print(address)
    return 0


def conclude(client: Client, final: Mapping[str, Any]) -> tuple[int, str | None]:
    """Say on stderr how it ended; the exit code (0 only with a film) and the film's address."""
    address = client.film_address(final)
    print(f"{final.get('taskId')}: {final.get('status')}", file=sys.stderr)
    for line in summary(final):
        print(f"  {line}", file=sys.stderr)
    if final.get("status") == "partial":
        print(f"  parts are missing; `aida retry {final.get('taskId')}` makes only those", file=sys.stderr)
    return (0 if address and final.get("status") in ("completed", "partial") else 1), address


def film_name(words: str, task: str) -> str:
    """A file name from the first words of a message and the task's id."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    return f"{slug or 'film'}-{task}.mp4"


def default_user() -> str:
    """AIDA_USER, else the login name: the service knows users only by what its caller says."""
    try:
        return os.environ.get("AIDA_USER") or getpass.getuser()
    except (KeyError, OSError):
        return "local"


def _ceiling(arguments: argparse.Namespace) -> dict[str, Any]:
    return {} if arguments.max_dollars is None else {"maxCostDollars": arguments.max_dollars}


def _follow(client: Client, answer: Mapping[str, Any], arguments: argparse.Namespace, words: str) -> int:
    task = str(answer["taskId"])
    if not arguments.wait:
        print(task)
        return 0
    try:
        final = wait_for_film(client, task, make_display())
    except KeyboardInterrupt:
        print(f"the film goes on; look again with: aida status {task}", file=sys.stderr)
        return 130
    code, address = conclude(client, final)
    if address and arguments.save:
        print(client.download(address, Path(arguments.save) / film_name(words, task)))
    elif address:
        print(address)
    return code
