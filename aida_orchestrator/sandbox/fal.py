"""fal.ai's queue with the Kling endpoints: submit, status, result, cancel, and signed webhooks."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections import Counter
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

from flask import Response

from . import fal_models, wording
from .callbacks import Letter, Postman, Signer
from .fal_filming import Crew, failure
from .faults import Fault, Faults
from .media import Shelf
from .state import Sold, State

OPEN = ("queued", "running")
ENDED = ("done", "failed", "cancelled")


class Fal:
    """The queue: takes jobs, answers for them, starts as many at a time as a key may have running."""

    def __init__(
        self, state: State, faults: Faults, latency: MutableMapping[str, float], shelf: Shelf, postman: Postman,
        crew: Crew, signer: Signer, public_url: str, concurrency: int,
    ) -> None:
        self.state, self.faults, self.latency = state, faults, latency
        self.shelf, self.postman, self.crew, self.signer = shelf, postman, crew, signer
        self.base, self.media_base, self.concurrency = f"{public_url}/fal", f"{public_url}/media", concurrency

    def submit(self, key: str, endpoint: str, webhook: str, text: str) -> Response:
        try:
            body = json.loads(text)
        except ValueError:
            return self._answer("submit", {"endpoint": endpoint}, _invalid(
                [{"loc": ["body"], "msg": "JSON decode error", "type": "json_invalid", "input": {}}]))
        asked = {"endpoint": endpoint, "input": body}
        fault = self.faults.take("fal", "submit", f"{endpoint} {text}")
        early = fault.before() if fault else None
        model = fal_models.MODELS.get(endpoint)
        if early is None and model is None:
            early = wording.answer({"detail": f"Application '{endpoint}' not found"}, 404)
        if early is None and model is not None and (wrong := fal_models.complaints(model, body)):
            early = _invalid(wrong)
        if early is not None:
            return self._answer("submit", asked, early)
        ahead = len(self.state.list_sold("fal", ("queued",)))
        job = self.state.get(self._accept(key, asked, webhook, fault))
        made: dict[str, Any] = {"status": "IN_QUEUE", "request_id": job.id, "queue_position": ahead, **self._urls(job)}
        if webhook:
            made["gateway_request_id"] = job.fields["gateway"]
        response = wording.answer(made, 200, {"x-fal-request-id": job.id})
        return self._answer("submit", asked, fault.after(response) if fault else response)

    def _accept(self, key: str, asked: dict[str, Any], webhook: str, fault: Fault | None) -> str:
        plan = _plan(fault) if fault and fault.kind in ("fail_job", "never_ends") else None
        return self.state.sell(
            "fal", asked["endpoint"], {**asked, "fal_webhook": webhook} if webhook else asked, state="queued",
            owner=hashlib.sha256(key.encode()).hexdigest()[:16], gateway=str(uuid.uuid4()), plan=plan, files=[],
            called=not webhook)

    def find(self, app: str, request_id: str) -> Sold | None:
        """The job, if it is one of this owner/alias."""
        sold = self.state.find(request_id)
        if sold is None or sold.provider != "fal" or "/".join(sold.kind.split("/")[:2]) != app:
            return None
        return sold

    def status(self, app: str, request_id: str, with_logs: bool) -> Response:
        sold = self.find(app, request_id)
        fault = self.faults.take("fal", "poll", _text(sold, request_id))
        early = fault.before() if fault else None
        if early is not None or sold is None:
            return self._answer("poll", {"request_id": request_id}, early or _unknown(request_id))
        if fault and fault.kind in ("fail_job", "never_ends"):
            sold = self._spoil(sold, fault)
        body = self._status_body(sold, with_logs)
        if fault and fault.kind == "unknown_state":
            body["status"] = "PAUSED"
        response = wording.answer(body, 200, {"x-fal-request-id": sold.id})
        return self._answer("poll", {"request_id": sold.id}, fault.after(response) if fault else response)

    def _spoil(self, sold: Sold, fault: Fault) -> Sold:
        plan = _plan(fault)
        if plan["kind"] == "never_ends":
            self.state.update(sold.id, expected=OPEN, plan=plan)
        else:
            self.state.update(sold.id, "failed", expected=OPEN, plan=plan, error=plan["error"], ended=time.time())
        return self.state.get(sold.id)

    def _status_body(self, sold: Sold, with_logs: bool) -> dict[str, Any]:
        body: dict[str, Any] = {"request_id": sold.id, **self._urls(sold)}
        if sold.state == "queued":
            waiting = [job.id for job in self.state.list_sold("fal", ("queued",))]
            return {"status": "IN_QUEUE", "queue_position": waiting.index(sold.id) if sold.id in waiting else 0, **body}
        body["logs"] = self._logs(sold) if with_logs else None
        if sold.state == "running":
            return {"status": "IN_PROGRESS", **body}
        took = round(sold.fields.get("ended", 0) - sold.fields.get("started", sold.fields.get("ended", 0)), 3)
        body = {"status": "COMPLETED", **body, "metrics": {"inference_time": took}}
        error = sold.fields.get("error")
        return {**body, "error": error["message"], "error_type": error["type"]} if error else body

    def _logs(self, sold: Sold) -> list[dict[str, str]]:
        lines = [("started", "Filming started"), ("ended", "Filming ended")]
        return [{"message": message, "level": "INFO", "source": "USER",
                 "timestamp": datetime.fromtimestamp(sold.fields[field], UTC).isoformat()}
                for field, message in lines if field in sold.fields]

    def result(self, app: str, request_id: str) -> Response:
        sold = self.find(app, request_id)
        fault = self.faults.take("fal", "result", _text(sold, request_id))
        early = fault.before() if fault else None
        if early is None and sold is None:
            early = _unknown(request_id)
        if early is None and sold is not None and sold.state in OPEN:
            early = wording.answer({"detail": "Request is still in progress"}, 400, {"x-fal-request-id": sold.id})
        if early is None and fault and fault.kind == "expired":
            early = _unknown(request_id)
        if early is not None or sold is None:
            return self._answer("result", {"request_id": request_id}, early or _unknown(request_id))
        response = self._result(sold)
        response = fault.after(response) if fault else response
        if sold.state == "done" and response.status_code == 200:
            self.state.count_delivered(sold.id)
        return self._answer("result", {"request_id": sold.id}, response)

    def _result(self, sold: Sold) -> Response:
        headers = {"x-fal-request-id": sold.id}
        if sold.state == "done":
            return wording.answer(self._output(sold), 200, {**headers, "x-fal-billable-units": str(
                fal_models.seconds(sold.request["input"]))})
        error = sold.fields["error"]
        body = {"detail": error["detail"]}
        if isinstance(error["detail"], str):
            body["error_type"] = headers["X-Fal-Error-Type"] = error["type"]
        return wording.answer(body, error["status"], headers)

    def _output(self, sold: Sold) -> dict[str, Any]:
        return {"video": {"url": f"{self.media_base}/{sold.fields['files'][0]}", "content_type": "video/mp4",
                          "file_name": "output.mp4", "file_size": sold.fields["video"]["size"]}}

    def cancel(self, app: str, request_id: str) -> Response:
        sold = self.find(app, request_id)
        fault = self.faults.take("fal", "cancel", _text(sold, request_id))
        response = fault.before() if fault else None
        if response is None and sold is None:
            response = wording.answer({"status": "NOT_FOUND"}, 404)
        if response is None:
            stopped = self.state.update(
                request_id, "cancelled", expected=OPEN, ended=time.time(),
                error=failure(499, "client_cancelled", "Request was cancelled"))
            response = (wording.answer({"status": "CANCELLATION_REQUESTED"}, 202) if stopped
                        else wording.answer({"status": "ALREADY_COMPLETED"}, 400))
            response = fault.after(response) if fault else response
        return self._answer("cancel", {"request_id": request_id}, response)

    def history(self, endpoint: str, start: str, payloads: bool) -> Response:
        """Finished requests of an endpoint, newest first: the vendor's list may hold no others."""
        fault = self.faults.take("fal", "history", endpoint)
        early = fault.before() if fault else None
        items = []
        for sold in reversed(self.state.list_sold("fal", ENDED)):
            sent = datetime.fromtimestamp(sold.at, UTC).isoformat().replace("+00:00", "Z")
            if sold.kind != endpoint or (start and sent < start):
                continue
            item = {"request_id": sold.id, "endpoint_id": sold.kind, "sent_at": sent,
                    "status_code": (sold.fields.get("error") or {}).get("status", 200)}
            items.append({**item, "json_input": sold.request["input"]} if payloads else item)
        answer = wording.answer({"items": items, "next_cursor": None, "has_more": False})
        return self._answer("history", {"endpoint_id": endpoint}, early or answer)

    def prices(self, endpoints: list[str]) -> Response:
        fault = self.faults.take("fal", "pricing", " ".join(endpoints))
        early = fault.before() if fault else None
        wanted = [fal_models.MODELS[name] for name in (endpoints or fal_models.MODELS) if name in fal_models.MODELS]
        answer = wording.answer({"prices": [
            {"endpoint_id": model.endpoint, "unit_price": model.price, "unit": "seconds", "currency": "USD"}
            for model in wanted]})
        return self._answer("pricing", {"endpoint_id": endpoints}, early or answer)

    def tick(self) -> None:
        """Start what may start, finish what is due, and see to the webhooks."""
        now = time.time()
        running = self.state.list_sold("fal", ("running",))
        busy = Counter(sold.fields["owner"] for sold in running)
        for sold in self.state.list_sold("fal", ("queued",)):
            owner = sold.fields["owner"]
            if busy[owner] < self.concurrency and self.state.update(
                    sold.id, "running", expected=("queued",), started=now, due=now + self.latency["fal"]):
                busy[owner] += 1
                running.append(self.state.get(sold.id))
        for sold in running:
            self._move(sold, now)
        for sold in self.state.list_uncalled("fal"):
            self._call(sold)

    def _move(self, sold: Sold, now: float) -> None:
        plan, fields = sold.fields.get("plan"), sold.fields
        if plan and plan["kind"] == "never_ends":
            return
        error = plan["error"] if plan else fields.get("error")
        if not plan and not error and "video" not in fields:
            self.crew.film(sold)
        elif now >= fields["due"]:
            if error:
                self.state.update(sold.id, "failed", expected=("running",), error=error, ended=now)
            else:
                self.state.update(sold.id, "done", expected=("running",), ended=now)

    def _call(self, sold: Sold) -> None:
        def write(forged: bool) -> Letter:
            body: dict[str, Any] = {"request_id": sold.id, "gateway_request_id": sold.fields["gateway"]}
            if sold.state == "done":
                body.update(status="OK", payload=self._output(sold))
                if forged:
                    body["payload"]["video"]["url"] = "https://example.invalid/forged.mp4"
            else:
                error = sold.fields["error"]
                body.update(status="ERROR", error=f"Invalid status code: {error['status']}",
                            payload={"detail": error["detail"]})
            raw = json.dumps(body).encode()
            return raw, self.signer.sign(sold.id, raw, forged)

        self.postman.send("fal", sold.id, sold.request["fal_webhook"], _text(sold, sold.id), write)

    def _urls(self, sold: Sold) -> dict[str, str]:
        root = f"{self.base}/{'/'.join(sold.kind.split('/')[:2])}/requests/{sold.id}"
        return {"response_url": root, "status_url": f"{root}/status", "cancel_url": f"{root}/cancel"}

    def _answer(self, operation: str, asked: Any, response: Response) -> Response:
        self.state.record("fal", operation, asked, 0 if response.status_code == 499 else response.status_code)
        return response


def _plan(fault: Fault) -> dict[str, Any]:
    """How a job is to go wrong; `code` is fal's error type, `status` the result's HTTP status (422 unless told)."""
    kind = str(fault.code or "content_policy_violation")
    status = fault.status if fault.status != 500 or fault.code else 422
    message = kind.replace("_", " ").capitalize()
    field = "prompt" if status == 422 else ""
    return {"kind": fault.kind, "error": failure(status, kind, message, field)}


def _text(sold: Sold | None, request_id: str) -> str:
    return f"{request_id} {json.dumps(sold.request, ensure_ascii=False) if sold else ''}"


def _invalid(detail: list[dict[str, Any]]) -> Response:
    return wording.answer({"detail": detail}, 422, {"x-fal-request-id": str(uuid.uuid4())})


def _unknown(request_id: str) -> Response:
    return wording.answer({"detail": f"Request {request_id} not found"}, 404)
