"""`aida spending`: the switch of all spending, on the rows of this installation's database, without the web server."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from ..errors import SettingsError
from ..store import holds, spending
from ..store.db import Database
from ..store.holds import Pause
from .rows import database

_WAITS = {"budget": "for room under a ceiling, or for a price", "spending": "for the switch",
          "provider": "for a provider's account"}
_MOST = 500


def stop(arguments: argparse.Namespace) -> int:
    """Nothing is bought from now on; what is under way at a provider is finished and kept."""
    reason, now = _one_line(arguments.reason), datetime.now(UTC)
    with database() as db:
        with db.transaction() as tx:
            before = spending.find_stop(tx)
            spending.stop(tx, reason, now)
            told = spending.find_stop(tx)
        print(f"spending was stopped already, {_since(told)}" if before else f"all spending is stopped, {_since(told)}")
        _tell_waiting(db, now)
    return 0


def start(arguments: argparse.Namespace) -> int:
    """What waits for the switch goes on by itself."""
    with database() as db:
        with db.transaction() as tx:
            waiting = holds.count_held(tx, datetime.now(UTC)).get("spending", (0, None))[0]
            was_stopped = spending.start(tx)
        gone = f"{_films(waiting)} that waited for it {'goes' if waiting == 1 else 'go'} on within seconds"
        print(f"spending goes on; {gone if waiting else 'no film waited for it'}" if was_stopped else
              "spending was not stopped")
        _tell_waiting(db, datetime.now(UTC), but="spending")
    return 0


def status(arguments: argparse.Namespace) -> int:
    """Whether spending is stopped, how many films wait for money, and whose account is empty."""
    with database() as db:
        with db.transaction() as tx:
            told = spending.find_stop(tx)
        print(f"all spending is stopped, {_since(told)}" if told else "spending is not stopped")
        _tell_waiting(db, datetime.now(UTC))
    return 0


def _tell_waiting(db: Database, now: datetime, but: str | None = None) -> None:
    """Print a line for each reason for which films wait, and for each provider whose account is empty."""
    with db.transaction() as tx:
        held, pauses = holds.count_held(tx, now), holds.list_pauses(tx)
    for line in _waiting(held, pauses, but):
        print(line)


def _waiting(held: Mapping[str, tuple[int, datetime]], pauses: Sequence[Pause], but: str | None) -> Iterator[str]:
    told = {word: found for word, found in held.items() if word != but}
    if not told and but is None:
        yield "no film waits for money"
    for word, (films, since) in sorted(told.items()):
        yield f"{_films(films)} wait{'s' if films == 1 else ''} {_WAITS.get(word, word)}, the first since {_moment(since)}"
    for pause in pauses:
        yield f"{pause.provider}: its account has been empty since {_moment(pause.since)}: {pause.message}"


def _since(told: tuple[datetime, str | None] | None) -> str:
    since, reason = told if told else (None, None)
    return f"since {_moment(since) if since else 'now'}" + (f": {reason}" if reason else "")


def _one_line(reason: str | None) -> str | None:
    plain = " ".join((reason or "").split())
    if len(plain) > _MOST or not plain.isprintable():
        raise SettingsError(f"--reason: say it in one line of at most {_MOST} characters; owners of films that wait read it")
    return plain or None


def _films(count: int) -> str:
    return f"{count} film" + ("" if count == 1 else "s")


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {"stop": stop, "start": start, "status": status}
