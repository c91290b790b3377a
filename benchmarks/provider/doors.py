"""Every address of the four providers, each under its own prefix, and the back door: /ledger, /reset, /health."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from .answers import Claude, Embedder
from .jobs import Job, Jobs
from .media import Media
from .wire import whole

Answer = tuple[bytes, float]

_NOT_FOUND = whole(b'{"detail":"not found"}', 404)
_NULL = whole(b'{"code":422,"msg":"record is null","data":null}')
_RUNNING = (b'{"code":200,"msg":"success","data":{"taskId":"%s","taskType":"mj_txt2img","paramJson":%s,"successFlag":0,'
            b'"resultInfoJson":null,"createTime":null,"completeTime":null,"errorCode":null,"errorMessage":null}}')
_MADE = (b'{"code":200,"msg":"success","data":{"taskId":"%s","taskType":"mj_txt2img","paramJson":%s,"successFlag":1,'
         b'"resultInfoJson":{"resultUrls":[%s]},"createTime":null,"completeTime":null,"errorCode":null,'
         b'"errorMessage":null}}')


class Doors:
    """Routes a request to its answer; `claude` and `embedding` are seconds."""

    def __init__(self, jobs: Jobs, media: Media | None, claude: float, embedding: float) -> None:
        self._jobs, self._media = jobs, media
        self._claude, self._embedder = Claude(), Embedder()
        self._seconds = {"claude": claude, "embedding": embedding}
        self._keys = whole(jobs.postman.jwks())
        self.fal = f"{jobs.base}/fal"

    def route(self, method: str, target: str, body: bytes) -> Answer:
        """The whole answer, and the seconds until it is sent."""
        path, _, query = target.partition("?")
        if path.startswith("/fal/"):
            return self._route_fal(method, path[5:], query, body), 0.0
        if path.startswith("/kie/api/v1/"):
            return self._route_kie(method, path[12:], query, body), 0.0
        if path == "/anthropic/v1/messages" and method == "POST":
            role, answer = self._claude.answer(body)
            self._note(f"anthropic {role}")
            return answer, self._seconds["claude"]
        if path == "/openai/v1/embeddings" and method == "POST":
            self._note("openai embeddings")
            return self._embedder.answer(body), self._seconds["embedding"]
        if path.startswith("/media/") and self._media is not None:
            self._note("media")
            return self._media.file(path), 0.0
        return self._back_door(method, path), 0.0

    def _back_door(self, method: str, path: str) -> bytes:
        if path == "/ledger":
            return whole(json.dumps(self._jobs.ledger()).encode())
        if path == "/reset" and method == "POST":
            self._jobs.reset()
            return whole(b"{}")
        return whole(b"{}") if path == "/health" else _NOT_FOUND

    def _note(self, what: str) -> None:
        self._jobs.books.requests[what] += 1

    def _route_kie(self, method: str, path: str, query: str, body: bytes) -> bytes:
        if path == "mj/record-info":
            self._note("kie poll")
            return self._record(query.rpartition("taskId=")[2])
        if path == "mj/generate" and method == "POST":
            self._note("kie submit")
            job = self._jobs.accept("kie", body)
            return whole(b'{"code":200,"msg":"success","data":{"taskId":"%s"}}' % job.id.encode())
        if path == "chat/credit":
            return whole(b'{"code":200,"msg":"success","data":5000.0}')
        return _NOT_FOUND

    def _record(self, task_id: str) -> bytes:
        job = self._jobs.find("kie", task_id)
        if job is None:
            return _NULL
        if not self._jobs.look("kie", job):
            return whole(_RUNNING % (job.id.encode(), job.asked))
        job.read = True
        urls = ",".join(f'{{"resultUrl":"{url}"}}' for url in self._jobs.pictures(job))
        return whole(_MADE % (job.id.encode(), job.asked, urls.encode()))

    def _route_fal(self, method: str, path: str, query: str, body: bytes) -> bytes:
        app, found, rest = path.partition("/requests/")
        if not found:
            if path == ".well-known/jwks.json":
                return self._keys
            if method != "POST":
                return _NOT_FOUND
            self._note("fal submit")
            hook = parse_qs(query).get("fal_webhook", [""])[0] if query else ""
            return self._submitted(self._jobs.accept("fal", body, "/".join(path.split("/")[:2]), hook))
        job_id, _, word = rest.partition("/")
        job = self._jobs.find("fal", job_id)
        if job is None or job.app != app:
            return whole(b'{"status":"NOT_FOUND"}' if word == "cancel" else b'{"detail":"Request not found"}', 404)
        if word == "status":
            self._note("fal poll")
            return self._status(job)
        if word == "cancel":
            self._note("fal cancel")
            return self._cancel(job)
        self._note("fal result")
        if not self._jobs.ready(job):
            return whole(b'{"detail":"Request is still in progress"}', 400)
        if job.cancelled:
            return whole(b'{"detail":"Request was cancelled","error_type":"client_cancelled"}', 400)
        job.read = True
        return whole(self._jobs.clip(job))

    def _submitted(self, job: Job) -> bytes:
        gateway = f',"gateway_request_id":"{job.id}"' if job.callback else ""
        return whole(f'{{"status":"IN_QUEUE","queue_position":0,{self._places(job)}{gateway}}}'.encode())

    def _status(self, job: Job) -> bytes:
        if not self._jobs.look("fal", job):
            return whole(f'{{"status":"IN_PROGRESS","logs":null,{self._places(job)}}}'.encode())
        error = ',"error":"Request was cancelled","error_type":"client_cancelled"' if job.cancelled else ""
        metrics = f'"metrics":{{"inference_time":{self._jobs.seconds["fal"]}}}'
        return whole(f'{{"status":"COMPLETED","logs":null,{metrics},{self._places(job)}{error}}}'.encode())

    def _cancel(self, job: Job) -> bytes:
        if self._jobs.ready(job):
            return whole(b'{"status":"ALREADY_COMPLETED"}', 400)
        job.cancelled, job.ready_at = True, 0.0
        return whole(b'{"status":"CANCELLATION_REQUESTED"}', 202)

    def _places(self, job: Job) -> str:
        root = f"{self.fal}/{job.app}/requests/{job.id}"
        return (f'"request_id":"{job.id}","response_url":"{root}","status_url":"{root}/status",'
                f'"cancel_url":"{root}/cancel"')
