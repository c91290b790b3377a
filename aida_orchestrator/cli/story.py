"""`aida logs <taskId>`: one film's story in order and in words, from whichever machine; a client of the HTTP API."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from .client import Client, service_address
from .steps import TERMINAL

_PAGE = 200
_PAUSE = 1.0
_TELLS_WHAT_TO_DO = ("task_failed", "task_partial", "picture_lost", "clip_lost")
_TROUBLE = ("job_put_off", "job_unknown", "job_made_again", "picture_failed", "clip_failed", *_TELLS_WHAT_TO_DO)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What `aida logs` takes."""
    command.add_argument("task")
    command.add_argument("--json", action="store_true", help="one JSON object a line, as the service told it")
    command.add_argument("--follow", action="store_true", help="go on until the film has ended")


def logs(arguments: argparse.Namespace) -> int:
    """Print the story, as it is or until the film ends."""
    client = Client(service_address())
    began: datetime | None = None
    for page in pages(client, arguments.task, arguments.follow):
        if began is None:
            began = _moment(page["createdAt"])
            if not arguments.json:
                print(head(page), file=sys.stderr)
        for event in page["events"]:
            lines = [json.dumps(event, ensure_ascii=False)] if arguments.json else story_lines(event, began)
            print("\n".join(lines), flush=True)
    return 0


def pages(client: Client, task: str, follow: bool, sleep: Callable[[float], None] = time.sleep) -> Iterator[dict[str, Any]]:
    """Page after page of a story; with `follow` until the film has ended and all of it was told."""
    after: str | None = None
    while True:
        page = client.story(task, after, _PAGE)
        yield page
        after = str(page["next"])
        if page.get("more"):
            continue
        if not follow or page.get("status") in TERMINAL:
            return
        sleep(_PAUSE)


def head(page: Mapping[str, Any]) -> str:
    """Which film it is."""
    asked = f", request {page['requestId']}" if page.get("requestId") else ""
    return _plain_line(f"{page['taskId']}  {page['kind']}  {page['status']}  project {page['projectId']}{asked}, "
                  f"begun {page['createdAt']}")


def story_lines(event: Mapping[str, Any], began: datetime) -> list[str]:
    """One event for a person: seconds since the film was asked for, stage, words and money; below it what to do, if
    something is to be done."""
    seconds = (_moment(event["at"]) - began).total_seconds()
    error = event.get("error") or {}
    mark = "!" if event.get("kind") in _TROUBLE else " "
    code = f" [{error['code']}]" if error.get("code") else ""
    lines = [_plain_line(f"{seconds:9.1f} s {mark} {event.get('stage') or '':<10}  {event['message']}{code}{_money(event)}")]
    if error and event.get("kind") in _TELLS_WHAT_TO_DO:
        lines.append(_plain_line(f"{'':26}→ {error.get('whoMustAct')}: {error.get('nextStep')}"))
    return lines


def _money(event: Mapping[str, Any]) -> str:
    if event.get("priceUnknown"):
        return "  (price unknown)"
    if event.get("dollars") is None:
        return ""
    return f"  {_dollars(event['dollars'])}, so far {_dollars(event['costSoFar'])}"


def _dollars(amount: Any) -> str:
    return "<$0.0001" if 0 < float(amount) < 0.00005 else f"${float(amount):.4f}"


def _moment(text: Any) -> datetime:
    return datetime.fromisoformat(str(text).replace("Z", "+00:00"))


def _plain_line(text: str) -> str:
    """The text with its columns, and nothing in it that a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text).rstrip()
