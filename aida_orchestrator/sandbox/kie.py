"""KIE.AI's Midjourney: four pictures a task, read by polling or told by callback."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request, send_from_directory
from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename

from . import kie_rules, wording
from .callbacks import Letter, Postman, sign_kie
from .faults import Fault, Faults
from .kie_rules import Gate
from .media import Shelf
from .render import VARIANTS, draw
from .state import Sold, State

PREFIX = "/kie/api/v1"
CREDITS, CREDITS_A_TASK = 5000.0, 8.0
FLAGS = {"running": 0, "done": 1, "failed": 3}


class Kie:
    """The desk: takes tasks, answers for them, moves them on with the clock."""

    def __init__(
        self, state: State, faults: Faults, latency: MutableMapping[str, float], shelf: Shelf, postman: Postman,
        public_url: str,
    ) -> None:
        self.state, self.faults, self.latency = state, faults, latency
        self.shelf, self.postman, self.public_url = shelf, postman, public_url
        self.submissions, self.reads = Gate(20, 10.0), Gate(10, 1.0)
        self.lent = state.data_dir / "lent"
        shelf.register("kie", _paint)

    def submit(self, key: str, text: str) -> Response:
        try:
            body = json.loads(text)
        except ValueError:
            return self._answer("submit", text, wording.render("kie", 400, message="the body is not JSON"))
        fault = self.faults.take("kie", "submit", text)
        early = fault.before() if fault else None
        if early is None and not self.submissions.passes(key):
            early = wording.render("kie", 429)
        if early is None and (wrong := kie_rules.complaint(body)) is not None:
            early = wording.render("kie", 422, message=wrong)
        if early is None and body["taskType"] in kie_rules.VIDEO:
            early = wording.render("kie", 505, message="Feature disabled: the sandbox makes no Midjourney videos")
        if early is not None:
            return self._answer("submit", body, early)
        task_id = self._accept(body, fault)
        response = wording.answer({"code": 200, "msg": "success", "data": {"taskId": task_id}})
        return self._answer("submit", body, fault.after(response) if fault else response)

    def _accept(self, body: dict[str, Any], fault: Fault | None) -> str:
        plan = {"kind": fault.kind, "code": fault.code} if fault and fault.kind in ("fail_job", "never_ends") else None
        task_id = self.state.sell(
            "kie", body["taskType"], body, state="running", due=time.time() + self.latency["kie"], plan=plan,
            files=[], called=not body.get("callBackUrl"))
        files = [f"{task_id}_{number}.jpeg" for number in range(VARIANTS)]
        self.state.update(task_id, files=files)
        if plan is None:
            self.shelf.make_ahead(files)
        return task_id

    def record_info(self, key: str, task_id: str) -> Response:
        sold = self.state.find(task_id)
        text = f"{task_id} {json.dumps(sold.request, ensure_ascii=False) if sold else ''}"
        fault = self.faults.take("kie", "poll", text)
        early = fault.before() if fault else None
        if early is None and not self.reads.passes(key):
            early = wording.render("kie", 429)
        if early is None and (sold is None or sold.provider != "kie"):
            early = wording.render("kie", 422, message="record is null")
        if early is not None or sold is None:
            return self._answer("poll", {"taskId": task_id}, early or wording.render("kie", 422))
        if fault and fault.kind in ("fail_job", "never_ends"):
            self._spoil(sold, fault)
            sold = self.state.get(task_id)
        data = self._record(sold)
        if fault and fault.kind == "unknown_state":
            data.update(successFlag=7, resultInfoJson=None)
        response = wording.answer({"code": 200, "msg": "success", "data": data})
        response = fault.after(response) if fault else response
        if data["successFlag"] == 1 and response.status_code == 200:
            self.state.count_delivered(task_id)
        return self._answer("poll", {"taskId": task_id}, response)

    def _spoil(self, sold: Sold, fault: Fault) -> None:
        plan = {"kind": fault.kind, "code": fault.code}
        if fault.kind == "fail_job":
            self.state.update(sold.id, "failed", expected=("running",), plan=plan, ended=time.time())
        else:
            self.state.update(sold.id, expected=("running",), plan=plan)

    def _record(self, sold: Sold) -> dict[str, Any]:
        plan, ended = sold.fields.get("plan") or {}, sold.fields.get("ended")
        failed = sold.state == "failed"
        flag = 2 if failed and plan.get("code") == 2 else FLAGS[sold.state]
        results = {"resultUrls": [{"resultUrl": url} for url in self._urls(sold)]} if sold.state == "done" else None
        return {
            "taskId": sold.id, "taskType": sold.kind, "paramJson": json.dumps(sold.request, ensure_ascii=False),
            "successFlag": flag, "resultInfoJson": results, "createTime": _moment(sold.at),
            "completeTime": _moment(ended) if ended else None,
            "errorCode": _code(plan) if failed else None,
            "errorMessage": "Image generation failed" if failed else None,
        }

    def _urls(self, sold: Sold) -> list[str]:
        return [f"{self.public_url}/media/{name}" for name in sold.fields["files"]]

    def lend(self, file: FileStorage | None, form: Mapping[str, str]) -> Response:
        """Keep a file for a while, and say where it is (docs.kie.ai/file-upload-api)."""
        fault = self.faults.take("kie", "lend", form.get("fileName", ""))
        early = fault.before() if fault else None
        if early is None and (file is None or not form.get("uploadPath")):
            early = wording.render("kie", 400, message="file and uploadPath are required")
        if early is not None or file is None:
            return self._answer("lend", dict(form), early or wording.render("kie", 400))
        self.lent.mkdir(exist_ok=True)
        name = secure_filename(form.get("fileName") or file.filename or "file") or "file"
        file.save(self.lent / name)
        url = f"{self.public_url}/kie/lent/{name}"
        told = {"fileName": name, "filePath": f"{form['uploadPath']}/{name}", "downloadUrl": url,
                "fileSize": (self.lent / name).stat().st_size}
        return self._answer("lend", dict(form), wording.answer(
            {"success": True, "code": 200, "msg": "File uploaded successfully", "data": told}))

    def credit(self, text: str = "") -> Response:
        fault = self.faults.take("kie", "credit", text)
        early = fault.before() if fault else None
        left = CREDITS - CREDITS_A_TASK * len(self.state.list_sold("kie"))
        return self._answer("credit", {}, early or wording.answer({"code": 200, "msg": "success", "data": left}))

    def tick(self) -> None:
        """Finish what is due and see to the callbacks."""
        now = time.time()
        for sold in self.state.list_sold("kie", ("running",)):
            plan = sold.fields.get("plan") or {}
            if now < sold.fields["due"] or plan.get("kind") == "never_ends":
                continue
            state = "failed" if plan.get("kind") == "fail_job" else "done"
            self.state.update(sold.id, state, expected=("running",), ended=now)
        for sold in self.state.list_uncalled("kie"):
            self._call(sold)

    def _call(self, sold: Sold) -> None:
        key = os.environ.get("KIE_WEBHOOK_KEY", "")

        def write(forged: bool) -> Letter:
            urls = self._urls(sold) if sold.state == "done" else []
            if forged:
                urls = ["https://example.invalid/forged.png" for _ in range(VARIANTS)]
            ok = sold.state == "done"
            body = {"code": 200 if ok else _code(sold.fields.get("plan") or {}),
                    "msg": "success" if ok else "Image generation failed",
                    "data": {"taskId": sold.id, "promptJson": json.dumps(sold.request, ensure_ascii=False),
                             "resultUrls": urls}}
            return json.dumps(body).encode(), sign_kie(sold.id, key, forged) if key or forged else {}

        self.postman.send("kie", sold.id, sold.request["callBackUrl"], json.dumps(sold.request, ensure_ascii=False),
                          write)

    def _answer(self, operation: str, asked: Any, response: Response) -> Response:
        """Note the request under the code KIE put in the body (0: no answer at all)."""
        lost = response.status_code == 499
        body = response.get_json(silent=True)
        code = body.get("code", response.status_code) if isinstance(body, dict) else response.status_code
        self.state.record("kie", operation, asked, 0 if lost else int(code))
        return response


def _paint(sold: Sold, number: int) -> bytes:
    asked = sold.request
    reference = next(iter(asked.get("fileUrls") or []), None) or asked.get("fileUrl") or ""
    return draw(asked["prompt"], asked.get("aspectRatio") or "1:1", number, reference)


def _code(plan: dict[str, Any]) -> int:
    """KIE's number for a failed generation; a rule's `code` 2 stands for successFlag 2 and is no code."""
    code = plan.get("code")
    return int(code) if isinstance(code, int) and code > 3 else 501


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def blueprint(desk: Kie) -> Blueprint:
    """KIE's routes under `/kie`."""
    room = Blueprint("kie", __name__)

    @room.before_request
    def check_key() -> Response | None:
        # What was lent is read by whoever has its address, as Midjourney does.
        return None if _key() or request.path.startswith("/kie/lent/") else wording.render("kie", 401)

    @room.post(f"{PREFIX}/mj/generate")
    def generate() -> Response:
        return desk.submit(_key(), request.get_data(as_text=True))

    @room.get(f"{PREFIX}/mj/record-info")
    def record_info() -> Response:
        return desk.record_info(_key(), request.args.get("taskId", ""))

    @room.post("/kie/api/file-stream-upload")
    def lend() -> Response:
        return desk.lend(request.files.get("file"), request.form)

    @room.get("/kie/lent/<name>")
    def lent(name: str) -> Response:
        return send_from_directory(desk.lent, name)

    @room.get(f"{PREFIX}/chat/credit")
    def credit() -> Response:
        return desk.credit()

    return room


def _key() -> str:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if kind == "Bearer" else ""


