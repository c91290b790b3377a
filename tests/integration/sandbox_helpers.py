"""A caller of the sandbox who knows only addresses and JSON, and a letter box for its callbacks."""

from __future__ import annotations

import re
import subprocess
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import imageio_ffmpeg
import requests

KLING = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"


class Caller:
    """One customer with keys of its own, so that one test's rate is no other's."""

    def __init__(self, url: str) -> None:
        self.url, self.key = url, uuid.uuid4().hex
        self.http = requests.Session()
        self.http.trust_env = False

    def call(self, method: str, address: str, **more: Any) -> requests.Response:
        kind = "Key" if "/fal/" in address else "Bearer"
        address = address if address.startswith("http") else self.url + address
        more.setdefault("headers", {})["Authorization"] = f"{kind} {self.key}"
        return self.http.request(method, address, timeout=more.pop("timeout", 15), **more)

    def fault(self, provider: str, operation: str, fault: str, **more: Any) -> None:
        rule = {"provider": provider, "operation": operation, "fault": fault, **more}
        assert self.call("POST", "/faults", json=rule).status_code == 201

    def ledger(self) -> dict[str, Any]:
        return dict(self.call("GET", "/ledger").json())

    def sold(self, prompt: str) -> list[dict[str, Any]]:
        """The ledger's lines for a prompt."""
        return [line for line in self.ledger()["sold"] if prompt in str(line["request"])]

    def ask_pictures(self, prompt: str, aspect: str = "16:9", **more: Any) -> dict[str, Any]:
        """The whole answer to a submission, envelope and all."""
        body = {"taskType": "mj_txt2img", "prompt": prompt, "aspectRatio": aspect, "version": "7", **more}
        return dict(self.call("POST", "/kie/api/v1/mj/generate", json=body).json())

    def record(self, task_id: str) -> dict[str, Any]:
        return dict(self.call("GET", f"/kie/api/v1/mj/record-info?taskId={task_id}").json())

    def pictures(self, task_id: str) -> list[str]:
        """Wait until the task ends well; its four addresses."""
        data = wait_for(lambda: (record := self.record(task_id)["data"])["successFlag"] and record)
        assert data["successFlag"] == 1, data
        return [each["resultUrl"] for each in data["resultInfoJson"]["resultUrls"]]

    def ask_clip(self, image: str, prompt: str = "slow push in", webhook: str = "", **more: Any) -> requests.Response:
        address = f"/fal/{more.pop('endpoint', KLING)}" + (f"?fal_webhook={webhook}" if webhook else "")
        return self.call("POST", address, json={"prompt": prompt, "image_url": image, "duration": "5", **more})

    def ended(self, submitted: dict[str, Any]) -> dict[str, Any]:
        """The status of a clip once it is COMPLETED."""
        return dict(wait_for(lambda: (
            status := self.call("GET", submitted["status_url"]).json())["status"] == "COMPLETED" and status))


class LetterBox:
    """Receives callbacks on loopback; answers the statuses it was given, then 200."""

    def __init__(self) -> None:
        self.letters: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        box = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                box.letters.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(box.answers.pop(0) if box.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def wait(self, count: int = 1) -> list[tuple[dict[str, str], bytes]]:
        wait_for(lambda: len(self.letters) >= count)
        return self.letters

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def wait_for(question: Any, seconds: float = 15.0) -> Any:
    """Ask until the answer is true; give it."""
    until = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.15)
    return answer


def probe(path: str) -> str:
    """What ffmpeg says a file is."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-i", path]
    return subprocess.run(command, capture_output=True, text=True, timeout=20).stderr


def seconds_of(text: str) -> float:
    found = re.search(r"Duration: (\d+):(\d+):([\d.]+)", text)
    assert found, text
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])


def frames(path: str, width: int = 64, height: int = 36) -> list[bytes]:
    """Every frame of a clip, small and grey."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i", path, "-vf",
               f"scale={width}:{height}", "-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"]
    raw = subprocess.run(command, capture_output=True, check=True, timeout=30).stdout
    return [raw[at:at + width * height] for at in range(0, len(raw), width * height)]
