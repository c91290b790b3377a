"""JSON lines to stdout and to a rotated file; what is bound (task id, stage, user's hash, request id) stands on each."""

from __future__ import annotations

import hashlib
import json
import logging
import logging.handlers
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_bound: ContextVar[dict[str, Any] | None] = ContextVar("bound", default=None)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "_as_json"}
# Libraries whose lines say nothing of a film, or repeat what is sent, whatever the level.
_QUIET = ("httpx", "httpx2", "httpcore", "httpcore2", "urllib3", "requests", "anthropic", "openai", "fal_client", "werkzeug",
          "kombu", "amqp", "redis", "PIL", "asyncio", "concurrent", "celery.worker.strategy", "celery.app.trace",
          "celery.beat", "celery.utils.functional")
_STARTING = ("celery",)  # its start and end are news, what it does between is told by us
# A row that a constraint refused, or a value that was refused: both quote what users wrote.
_QUOTED = re.compile(r"^(?:DETAIL|CONTEXT|LINE \d+|HINT): .*$|(?<=input_value=).*?(?=, input_type=)", re.MULTILINE)
# Films that this process has handled lately: lines that only know a film's id get the rest from here.
_FILMS: OrderedDict[str, dict[str, Any]] = OrderedDict()
_MOST_FILMS = 5_000


class JsonLines(logging.Formatter):
    """One JSON object a line; tracebacks as text without frame locals, so no secret of a frame is printed.

    `always` stands on every line.
    """

    def __init__(self, always: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._always = dict(always or {})

    def format(self, record: logging.LogRecord) -> str:
        """Render the record with what is bound and what was given as `extra`; once, for all handlers."""
        made: str | None = getattr(record, "_as_json", None)
        if made is None:
            made = record._as_json = self._render(record)
        return made

    def _render(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(self._always)
        line.update(_bound.get() or {})
        line.update({key: value for key, value in vars(record).items() if key not in _STANDARD})
        for key, value in (_FILMS.get(str(line.get("taskId"))) or {}).items():
            line.setdefault(key, value)
        if record.exc_info:
            line["traceback"] = _QUOTED.sub("…", self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Add fields (taskId, stage, requestId ...) to every line logged inside the block, in this thread."""
    token = _bound.set({**(_bound.get() or {}), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def bind(**fields: Any) -> None:
    """Add fields to every further line of the block that is bound now: of what only turns up inside it."""
    _bound.set({**(_bound.get() or {}), **fields})


def film(task_id: str, stage: str, tenant_id: str, user_id: str, request_id: str | None, **more: Any) -> dict[str, Any]:
    """The fields of every line about a film, for `bound` and `bind`; `request_id` is of the request that asked for it."""
    lasting = {"userHash": user_hash(tenant_id, user_id), **({"requestId": request_id} if request_id else {})}
    _FILMS[task_id] = lasting
    _FILMS.move_to_end(task_id)
    while len(_FILMS) > _MOST_FILMS:
        _FILMS.popitem(last=False)
    return {"taskId": task_id, "stage": stage, **lasting, **more}


def user_hash(tenant_id: str, user_id: str) -> str:
    """What stands in lines for a user, whose id may be a name or an address: the same for the same user, on all machines."""
    return hashlib.sha256(f"{tenant_id}\n{user_id}".encode()).hexdigest()[:12]


def configure(level: str, file: Path | None, environment: str = "") -> None:
    """Send all logging of this process to stdout and `file` (10 MB, 5 kept) as JSON lines that name the environment."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stdout)]
    unwritable = None
    if file is not None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.open("a").close()
        except OSError as error:
            unwritable = error.strerror
        else:
            handlers.append(SharedRotatingFile(file, maxBytes=10_000_000, backupCount=5, encoding="utf-8", delay=True))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    for handler in handlers:
        handler.setFormatter(JsonLines({"env": environment} if environment else None))
        root.addHandler(handler)
    name = level.strip().upper()
    root.setLevel(name if name in logging.getLevelNamesMapping() else "INFO")
    for noisy in _QUIET:
        logging.getLogger(noisy).setLevel("WARNING")
    for chatty in _STARTING:
        logging.getLogger(chatty).setLevel("INFO")
    if unwritable:
        logging.getLogger(__name__).warning("no log file is kept, only these lines: LOG_FILE cannot be written",
                                            extra={"file": str(file), "why": unwritable})


class SharedRotatingFile(logging.handlers.RotatingFileHandler):
    """A rotating file that several processes write: reopens when another process has rotated it away."""

    _looked_at = 0.0

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 (the name is the base class's)
        """Reopen first if the path no longer is the open file (asked once a second), then ask the size."""
        if self.stream is not None and time.monotonic() - self._looked_at > 1:
            self._looked_at = time.monotonic()
            try:
                same = Path(self.baseFilename).stat().st_ino == Path(f"/dev/fd/{self.stream.fileno()}").stat().st_ino
            except OSError:
                same = False
            if not same:
                self.stream.close()
                self.stream = None
        return bool(super().shouldRollover(record))
