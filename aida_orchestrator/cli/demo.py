"""`aida demo`: start the whole service, make one film, put it into `films/`, stop everything."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ..errors import AidaError
from ..local.home import AlreadyRunning
from ..local.up import LocalService, Wishes, stopping_on_signals
from ..settings import load_settings
from .client import ApiError, Client, Unreachable, service_address
from .commands import conclude, default_user, film_name
from .progress import make_display, wait_for_film


def demo(arguments: argparse.Namespace) -> int:
    """The exit code is 0 only if there is a film; its path is then the last line of the output."""
    service = LocalService(Wishes(port=_port(), lean=True), say=_aside)
    code = 130  # for a Ctrl-C, which ends the block below
    with stopping_on_signals(service):
        began = time.monotonic()
        try:
            service.start()
        except AlreadyRunning:
            _aside("using the service that is already running here")
            return _film(Client(service_address()), None, arguments)
        for line in service.plan.notice():
            _aside(line)
        _aside(f"the service is up after {time.monotonic() - began:.1f} s")
        code = _film(Client(service.url), service, arguments)
    return code


def _film(client: Client, service: LocalService | None, arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    task = ""
    try:
        task = str(client.create({"userId": arguments.user or default_user(), "message": arguments.message})["taskId"])
        final = wait_for_film(client, task, make_display(), service.tick if service else lambda: None, pause=0.3)
        code, address = conclude(client, final)
        if address:
            film = client.download(address, Path(arguments.save) / film_name(arguments.message, task))
            _aside(f"the film took {time.monotonic() - began:.1f} s")
            print(film, flush=True)
        else:
            _show_logs(service)
    except ApiError as error:
        _aside("\n".join(error.lines()))
        _show_logs(service)
        return 1
    except (Unreachable, AidaError) as error:
        _aside(str(error))
        _show_logs(service)
        return 1
    except KeyboardInterrupt:
        if task:
            _aside(f"stopped: the film goes on with the next start; `aida cancel {task}` then ends it")
        raise
    return code


def _show_logs(service: LocalService | None) -> None:
    if service is None:
        return
    for name in ("web", "worker", "sandbox"):
        file = service.home.logs / f"{name}.log"
        if file.is_file():
            lines = [line for line in file.read_text(errors="replace").splitlines() if '"level": "debug"' not in line]
            _aside(f"--- the end of {file}", *lines[-12:])


def _port() -> int | None:
    """Any free port, so that the demo works beside whatever has 3003; the setting wins if there is one."""
    return None if "orchestrator_port" in load_settings().model_fields_set else 0


def _aside(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr, flush=True)
