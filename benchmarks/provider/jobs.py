"""The paid jobs of KIE and fal: ready exactly so many seconds after they were accepted, told by callback if one is named."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from .callbacks import Postman

_PROMPT = re.compile(rb'"prompt":\s*("(?:[^"\\]|\\.)*")')
_CALLBACK = re.compile(rb'"callBackUrl":\s*("(?:[^"\\]|\\.)*")')


@dataclass(slots=True)
class Job:
    """One accepted request. `app` is fal's owner/alias; `asked` the request as JSON inside a JSON string (KIE)."""

    id: str
    ready_at: float
    app: str = ""
    asked: bytes = b""
    callback: str = ""
    polls: int = 0
    read: bool = False
    cancelled: bool = False


@dataclass
class Books:
    """What was asked and sold since the last reset."""

    requests: Counter[str] = field(default_factory=Counter)
    sold: Counter[str] = field(default_factory=Counter)
    prints: Counter[tuple[str, bytes]] = field(default_factory=Counter)
    polls: Counter[str] = field(default_factory=Counter)


class Jobs:
    """All jobs of both, by id."""

    def __init__(self, base: str, picture: float, clip: float, postman: Postman) -> None:
        self.base = base
        self.seconds = {"kie": picture, "fal": clip}
        self.jobs: dict[str, Job] = {}
        self.books = Books()
        self.postman = postman
        self._numbers = count(1)
        self._loop = asyncio.get_running_loop()

    def accept(self, provider: str, body: bytes, app: str = "", callback: str = "") -> Job:
        """Sell one; the fingerprint is its prompt, which names film and shot."""
        found = _PROMPT.search(body)
        job = Job(f"{provider}-{next(self._numbers):08d}", self._loop.time() + self.seconds[provider], app)
        if provider == "kie":
            named = _CALLBACK.search(body)
            callback = json.loads(named[1]) if named else ""
            job.asked = json.dumps(body.decode()).encode()
        self.jobs[job.id] = job
        self.books.sold[provider] += 1
        self.books.prints[provider, found[1] if found else body] += 1
        if callback:
            job.callback = callback
            self._loop.call_later(self.seconds[provider], self._tell, provider, job)
        return job

    def find(self, provider: str, job_id: str) -> Job | None:
        """The job as a reader finds it."""
        job = self.jobs.get(job_id)
        return job if job is not None and job.id.startswith(provider) else None

    def look(self, provider: str, job: Job) -> bool:
        """Count a poll; whether the job is ready."""
        job.polls += 1
        self.books.polls[provider] += 1
        return self.ready(job)

    def ready(self, job: Job) -> bool:
        """Whether its time has come."""
        return self._loop.time() >= job.ready_at

    def pictures(self, job: Job) -> list[str]:
        """The four addresses of a picture group."""
        return [f"{self.base}/media/{job.id}_{number}.jpeg" for number in range(4)]

    def clip(self, job: Job) -> bytes:
        """fal's output."""
        return (b'{"video":{"url":"%s/media/%s.mp4","content_type":"video/mp4","file_name":"output.mp4",'
                b'"file_size":100000}}' % (self.base.encode(), job.id.encode()))

    def reset(self) -> None:
        """New books; jobs of before are forgotten."""
        self.jobs.clear()
        self.books = Books()
        self.postman.reset()

    def ledger(self) -> dict[str, object]:
        """What was asked and sold, in plain numbers."""
        books = self.books
        twice = Counter(provider for (provider, _), times in books.prints.items() for _ in range(times - 1))
        return {
            "requests": dict(books.requests), "sold": {name: books.sold[name] for name in self.seconds},
            "boughtTwice": {name: twice[name] for name in self.seconds},
            "twice": [print_.decode() for (_, print_), times in books.prints.items() if times > 1][:20],
            "polls": {name: books.polls[name] for name in self.seconds},
            "pollsPerJob": {name: round(books.polls[name] / max(1, books.sold[name]), 3) for name in self.seconds},
            "unread": sum(not job.read for job in self.jobs.values()),
            "callbacks": self.postman.counts(),
        }

    def _tell(self, provider: str, job: Job) -> None:
        if job.cancelled or job.id not in self.jobs:
            return
        if provider == "kie":
            urls = json.dumps(self.pictures(job)).encode()
            body = (b'{"code":200,"msg":"success","data":{"taskId":"%s","promptJson":%s,"resultUrls":%s}}'
                    % (job.id.encode(), job.asked, urls))
        else:
            name = job.id.encode()
            body = b'{"request_id":"%s","gateway_request_id":"%s","status":"OK","payload":%s}' % (name, name, self.clip(job))
        self.postman.send(provider, job.id, job.callback, body)
