"""The HTTP API as the command line sees it. Standard library only, so that `aida status` answers at once."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PREFIX = "/api/orchestrator"


class ApiError(Exception):
    """The service said no; `problem` is its problem+json body."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('title', '')}")
        self.status = status
        self.problem = problem

    def lines(self) -> list[str]:
        """Title, detail and each pointer, as a person reads them."""
        title = str(self.problem.get("title") or "the service answered with an error")
        lines = [f"{title} ({self.status})"]
        if self.problem.get("detail"):
            lines.append(f"  {self.problem['detail']}")
        for error in self.problem.get("errors") or []:
            lines.append(f"  {error.get('pointer', '')}: {error.get('detail', '')}")
        if self.problem.get("whoMustAct") in ("operator", "provider") and self.problem.get("nextStep"):
            lines.append(f"  {self.problem['nextStep']}")
        return lines


class Unreachable(Exception):
    """Nobody answers at the address."""


class Client:
    """Requests to one address; raises ApiError for refusals and Unreachable when there is no answer."""

    def __init__(self, base: str, timeout: float = 30) -> None:
        self.base = base.rstrip("/")
        self._timeout = timeout

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for a film."""
        return self._ask("POST", f"{_PREFIX}/create-video", body)

    def refine(self, project: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask to make some aspect of a project anew."""
        return self._ask("POST", f"{_PREFIX}/refine/{urllib.parse.quote(project, safe='')}", body)

    def plan(self, project: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What a refine would keep, make anew and cost at most; nothing is bought."""
        return self._ask("POST", f"{_PREFIX}/refine/{urllib.parse.quote(project, safe='')}?dryRun=1", body)

    def versions(self, project: str, user: str) -> list[dict[str, Any]]:
        """Every finished film of a project, newest first, page after page."""
        path = f"{_PREFIX}/projects/{urllib.parse.quote(project, safe='')}/versions"
        asked = {"userId": user, "limit": "100"}
        found: list[dict[str, Any]] = []
        while True:
            answer = self._ask("GET", f"{path}?{urllib.parse.urlencode(asked)}")
            found += answer.get("versions") or []
            if not answer.get("nextCursor"):
                return found
            asked["cursor"] = str(answer["nextCursor"])

    def restore(self, project: str, version: int, user: str) -> dict[str, Any]:
        """Bring a former film of a project back."""
        return self._ask("POST", f"{_PREFIX}/projects/{urllib.parse.quote(project, safe='')}/versions/{version}/restore",
                         {"userId": user})

    def status(self, task: str) -> dict[str, Any]:
        """How far a task is."""
        return self._ask("GET", f"{_PREFIX}/status/{urllib.parse.quote(task, safe='')}")

    def story(self, task: str, after: str | None, limit: int) -> dict[str, Any]:
        """A page of what happened to a task, after the `next` of the page before."""
        asked = urllib.parse.urlencode({"limit": limit, **({"after": after} if after else {})})
        return self._ask("GET", f"{_PREFIX}/tasks/{urllib.parse.quote(task, safe='')}/events?{asked}")

    def cancel(self, task: str) -> dict[str, Any]:
        """Ask to stop a task."""
        return self._ask("POST", f"{_PREFIX}/cancel/{urllib.parse.quote(task, safe='')}", {})

    def retry(self, task: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask to make what is missing of a partial or failed task."""
        return self._ask("POST", f"{_PREFIX}/retry/{urllib.parse.quote(task, safe='')}", body)

    def jobs(self, *, unknown: bool = False, task: str | None = None) -> list[dict[str, Any]]:
        """Every open job, or every one in doubt, page after page."""
        asked = {"unknown": "true" if unknown else "false", "limit": "200", **({"taskId": task} if task else {})}
        found: list[dict[str, Any]] = []
        while True:
            answer = self._ask("GET", f"{_PREFIX}/jobs?{urllib.parse.urlencode(asked)}")
            found += answer.get("jobs") or []
            if not answer.get("nextCursor"):
                return found
            asked["cursor"] = str(answer["nextCursor"])

    def resolve(self, job: str, bought: str | bool) -> dict[str, Any]:
        """Say that a job in doubt was bought, under this id, or that it was not (False)."""
        return self._ask("POST", f"{_PREFIX}/jobs/{urllib.parse.quote(job, safe='')}/resolve", {"bought": bought})

    def budgets(self, scope: str | None = None, subject: str | None = None) -> dict[str, Any]:
        """The ceilings as they stand."""
        asked = {name: value for name, value in (("scope", scope), ("subject", subject)) if value is not None}
        return self._ask("GET", f"{_PREFIX}/budgets" + (f"?{urllib.parse.urlencode(asked)}" if asked else ""))

    def put_budget(self, scope: str, subject: str, period: str, dollars: float) -> dict[str, Any]:
        """Set a ceiling; `subject` is empty for that of the tenant."""
        return self._ask("PUT", _budget(scope, subject, period), {"dollars": dollars})

    def drop_budget(self, scope: str, subject: str, period: str) -> dict[str, Any]:
        """Take a ceiling away."""
        return self._ask("DELETE", _budget(scope, subject, period))

    def set_ceiling(self, task: str, dollars: float | None) -> dict[str, Any]:
        """Set or take away what one film may cost; its status."""
        return self._ask("PATCH", f"{_PREFIX}/tasks/{urllib.parse.quote(task, safe='')}", {"maxCostDollars": dollars})

    def film_address(self, status: Mapping[str, Any]) -> str | None:
        """The film's absolute address, if there is a film."""
        address = status.get("videoUrl")
        return urllib.parse.urljoin(self.base + "/", str(address)) if address else None

    def download(self, address: str, target: Path) -> Path:
        """Save an address to a file that appears only when complete."""
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        with self._open(urllib.request.Request(address)) as answer, part.open("wb") as file:  # noqa: S310
            expected = answer.headers.get("Content-Length")
            while chunk := answer.read(1 << 18):
                file.write(chunk)
            written = file.tell()
        if expected is not None and written != int(expected):
            part.unlink()
            raise Unreachable(f"the download of {address} broke off after {written} of {expected} bytes")
        part.replace(target)
        return target.absolute()

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", **({"Content-Type": "application/json"} if data is not None else {})}
        request = urllib.request.Request(self.base + path, data, headers, method=method)  # noqa: S310
        with self._open(request) as answer:
            raw = answer.read()
        try:
            parsed = json.loads(raw)
        except ValueError:
            raise Unreachable(f"{self.base} answered with something that is not JSON; is it this service?") from None
        if not isinstance(parsed, dict):
            raise Unreachable(f"{self.base} answered with something unknown; is it this service?")
        return parsed

    def _open(self, request: urllib.request.Request) -> Any:
        try:
            return urllib.request.urlopen(request, timeout=self._timeout)  # noqa: S310
        except urllib.error.HTTPError as error:
            raise ApiError(error.code, _problem(error)) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise Unreachable(
                f"no answer from {self.base} ({reason}): is the service running? start it with `aida up`"
            ) from None


def _budget(scope: str, subject: str, period: str) -> str:
    whose = [urllib.parse.quote(part, safe="") for part in (scope, subject) if part]
    return "/".join((f"{_PREFIX}/budgets", *whose, period))


def service_address() -> str:
    """AIDA_URL, else the port of a running `aida up`, of `.env` or of the environment on this machine."""
    given = os.environ.get("AIDA_URL")
    if given:
        return given
    # Loading all settings takes a quarter of a second: only when the address is not given.
    from ..settings import load_settings

    return f"http://127.0.0.1:{load_settings().orchestrator_port}"


def _problem(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        parsed = json.loads(error.read())
    except (OSError, ValueError):
        return {"title": error.reason}
    return parsed if isinstance(parsed, dict) else {"title": error.reason}
