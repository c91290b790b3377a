"""The users of a run: each asks for a film, follows it, and cancels, refines or tries again as its plan says."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ..harness import TERMINAL, fetch
from .plan import FilmPlan

_PAUSE = 0.4
_PATH = "/api/orchestrator"


class User:
    """One user in a thread of its own. `wrongs` holds what it saw that must not be."""

    def __init__(self, film: FilmPlan, url: str, deadline: Callable[[], float]) -> None:
        self.film, self.wrongs = film, list[str]()
        self._url, self._deadline = url, deadline
        self._thread = threading.Thread(target=self._run, name=f"film {film.number}", daemon=True)

    def start(self) -> None:
        """Begin; the film's own moment counts from now."""
        self._began = time.monotonic()
        self._thread.start()

    def join(self) -> None:
        """Wait for the end; it comes by the deadline."""
        self._thread.join()

    def _run(self) -> None:
        try:
            time.sleep(self.film.at)
            self._live()
        except Exception as error:  # a thread must not end silently
            self.wrongs.append(f"film {self.film.number}: {type(error).__name__}: {error}")

    def _live(self) -> None:
        film = self.film
        most = {"maxCostDollars": film.ceiling} if film.ceiling else {}
        task = self._create(f"{_PATH}/create-video", {"userId": film.user, "message": film.message, **most}, "create")
        end = self._follow(task)
        if film.afterwards == "refine" and end["status"] in ("completed", "partial"):
            body = {"userId": film.user, "feedback": film.feedback, "aspectToRefine": film.aspect}
            task = self._create(f"{_PATH}/refine/{end['projectId']}", body, "refine")
            self._follow(task)
        elif film.afterwards == "retry":
            self._try_again(task, end)

    def _create(self, path: str, body: Mapping[str, Any], word: str) -> str:
        # The same key each time: an answer that was lost may not make a second film.
        key = {"Idempotency-Key": f"{word}-{self.film.number}-{self.film.user}"}
        status, answer = self._ask("POST", path, body, key)
        if status not in (200, 202):
            raise AssertionError(f"{word} answered {status}: {answer}")
        return str(answer["taskId"])

    def _try_again(self, task: str, end: Mapping[str, Any]) -> None:
        if end["status"] == "completed":
            return
        status, answer = self._ask("POST", f"{_PATH}/retry/{task}", {})
        # 409: complete, never asked again unless a person says so, or our first asking was heard.
        if status not in (202, 409):
            raise AssertionError(f"retry answered {status}: {answer}")
        self._follow(task)

    def _follow(self, task: str) -> Mapping[str, Any]:
        """Look until the end; progress may not fall."""
        seen, cancelled = -1, self.film.afterwards != "cancel"
        while True:
            if not cancelled and time.monotonic() > self._began + self.film.at + self.film.patience:
                status, answer = self._ask("POST", f"{_PATH}/cancel/{task}", {})
                cancelled = True
                if status not in (200, 202, 409):
                    self.wrongs.append(f"{task}: cancel answered {status}: {answer}")
            status, body = self._ask("GET", f"{_PATH}/status/{task}", None)
            if status != 200:
                raise AssertionError(f"status of {task} answered {status}: {body}")
            if body["progress"] < seen:
                self.wrongs.append(f"{task}: progress fell from {seen} to {body['progress']}")
            seen = max(seen, body["progress"])
            if body["status"] in TERMINAL:
                return body
            self._raise_ceiling(task, body)
            if time.monotonic() > self._deadline():
                raise AssertionError(f"{task} has not ended: {body['status']} in {body['currentStep']}, "
                                     f"waiting for {body['waitingFor']}")
            time.sleep(_PAUSE)

    def _raise_ceiling(self, task: str, body: Mapping[str, Any]) -> None:
        """A film that waits at its own ceiling is given a little more; it may come to wait again."""
        ceiling, step = (body["hold"] or {}).get("ceiling"), (body["hold"] or {}).get("stepDollars")
        if ceiling is None or step is None or ceiling["scope"] != "film":
            return
        if ceiling["dollars"] - ceiling["spent"] - ceiling["reserved"] < step:
            more = round(ceiling["dollars"] + max(0.3, step), 2)
            status, answer = self._ask("PATCH", f"{_PATH}/tasks/{task}", {"maxCostDollars": more})
            if status != 200:
                self.wrongs.append(f"{task}: raising its ceiling answered {status}: {answer}")

    def _ask(
        self, method: str, path: str, body: Any, headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """One request, asked until somebody answers it: a web process may be dead, a database away (503)."""
        while True:
            try:
                status, _, raw = fetch(method, self._url + path, body, headers)
            except (OSError, http.client.HTTPException):
                status, raw = 0, b""
            if status >= 500 and status != 503:
                self.wrongs.append(f"{method} {path} answered {status}: {raw[:300]!r}")
            if 0 < status < 500:
                return status, json.loads(raw)
            if time.monotonic() > self._deadline():
                raise AssertionError(f"{method} {path} was never answered; last {status}")
            time.sleep(_PAUSE)
