"""Midjourney pictures through KIE.AI: say what is sent, submit once, poll, and check a callback's signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ..errors import OutcomeUnknown, ProviderError, ProviderRefused, ProviderUnavailable
from ..model import Accepted, PictureRequest, ReferenceUse, Rendering
from ..tally import counted
from .base import Source, cut, excerpt, fault, in_our_words
from .http import Answer, Wire, certain_refusal
from .kie_upload import lend, upload_address
from .lent import Lent
from .prompts import harmless

SOURCE = Source("kie", "KIE.AI", "KIE_API_KEY", "KIE_BASE_URL")

# Body codes beyond the HTTP ones (docs.kie.ai/mj-api); KIE answers most failures with HTTP 200 and a code in the body.
LIMIT_REACHED = 433
MAINTENANCE = 455
_LEAST_WAIT = {429: 10.0, MAINTENANCE: 60.0}

GENERATING, SUCCESS, NOT_CREATED, NOT_GENERATED = range(4)
PROMPT_LIMIT = 2000
CALLBACK_SECONDS = 300
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9]{1,40}")


class Kie:
    """One KIE account. `speed` and `version` are Midjourney's; `sref_codes` lets a style code into the prompt."""

    def __init__(
        self, api_key: SecretStr | None, base_url: str, user_agent: str, version: str, speed: str, timeout: float,
        sref_codes: bool = False, webhook_key: SecretStr | None = None, upload_url: str | None = None,
    ) -> None:
        self._wire = Wire(SOURCE, base_url, api_key, "Bearer", timeout, user_agent=user_agent)
        address = upload_address(upload_url, self._wire.base_url)
        self._lent = Lent(lambda path: lend(SOURCE, address, api_key, user_agent, path))
        self._version = version
        self._speed = speed
        self._sref_codes = sref_codes
        self._webhook_key = webhook_key

    def __repr__(self) -> str:
        return f"Kie({self._wire.base_url})"

    def fields(self, request: PictureRequest) -> dict[str, Any]:
        """The exact JSON to send, but for the callback address. Same request, same fields.

        Pictures to go by make it a mj_style_reference or mj_omni_reference task (docs.kie.ai/mj-api): one takes looks or
        a subject, not both, and one with a subject no speed. Aspect ratio and version are fields and so never
        parameters of the prompt.
        """
        sref, subject = request.sref.strip(), bool(request.pictures) and request.use is ReferenceUse.SUBJECT
        look = sref if re.fullmatch(r"https?://\S+", sref) else ""
        suffix = f" --sref {sref}" if self._sref_codes and not look and _CODE.fullmatch(sref) else ""
        pictures = [*request.pictures, *([look] if look and not subject else [])]
        fields: dict[str, Any] = {
            "taskType": "mj_omni_reference" if subject else "mj_style_reference" if pictures else "mj_txt2img",
            "prompt": cut(harmless(request.prompt), PROMPT_LIMIT - len(suffix)) + suffix,
            "speed": self._speed,
            "aspectRatio": request.aspect_ratio,
            "version": self._version,
        }
        if subject:
            del fields["speed"]
        if pictures:
            fields["fileUrls"] = pictures
        return fields

    def lend(self, path: Path) -> str:
        """An address where KIE can read this picture of ours for some hours, lent in one try or lately; raises
        ProviderError. Buys nothing."""
        return self._lent.address(path)

    @counted(SOURCE.name, "submit")
    def submit(self, fields: Mapping[str, Any], callback_url: str | None) -> Accepted:
        """Order the picture group with exactly one POST.

        Raises OutcomeUnknown whenever it may have been accepted; every other ProviderError means nothing was bought.
        """
        body = {**fields, "callBackUrl": callback_url} if callback_url else dict(fields)
        answer = self._wire.submit(f"{self._wire.base_url}/api/v1/mj/generate", body)
        code = _code(answer)
        task_id = _data(answer).get("taskId")
        if code == 200 and isinstance(task_id, str | int) and str(task_id):
            return Accepted(str(task_id))
        if code is not None and code >= 300 and _certain(answer, code):
            raise _refusal(answer, code)
        raise OutcomeUnknown(
            SOURCE.name, f"KIE.AI answered without saying whether the picture was accepted ({answer.status})",
            status=answer.status, body=answer.text)

    @counted(SOURCE.name, "poll")
    def poll(self, provider_id: str, handles: Mapping[str, str]) -> Rendering:
        """Look once.

        Raises ProviderUnavailable if it cannot be told now, ProviderRefused if KIE does not know the task.
        """
        answer = self._wire.read(
            "GET", f"{self._wire.base_url}/api/v1/mj/record-info", params={"taskId": provider_id})
        code = _code(answer)
        said = _said(answer)
        if said == 501:
            return Rendering(error=_failure(answer.object.get("msg"), said, answer.key))
        if code is not None and (said is not None or code in (401, 429)) and code != 200:
            raise _refusal(answer, code)
        if code != 200:
            # A gateway's page, or its 403: it says nothing about a picture that is already paid for, so ask again.
            raise ProviderUnavailable(
                SOURCE.name, f"KIE.AI did not say how the picture stands ({answer.status}): if this lasts, check "
                f"{SOURCE.address} and KIE_USER_AGENT", status=answer.status, body=answer.text)
        data = _data(answer)
        return replace(_rendering(data, answer.key), callback_url=_callback_url(data))

    def verify_callback(
        self, headers: Mapping[str, str], raw_body: bytes, now: datetime | None = None
    ) -> bool | None:
        """Whether KIE signed this callback in the last five minutes; None = no KIE_WEBHOOK_KEY, nothing can be said.

        The signature covers the task id and the time alone (docs.kie.ai/common-api/webhook-verification): treat a
        callback as a wake-up only.
        """
        if self._webhook_key is None or not self._webhook_key.get_secret_value():
            return None
        given = {name.lower(): value for name, value in headers.items()}
        stamp, signature = given.get("x-webhook-timestamp", ""), given.get("x-webhook-signature", "")
        task_id = self.callback_id(raw_body)
        if task_id is None or not re.fullmatch(r"[0-9]{1,12}", stamp):
            return False
        if abs((now or datetime.now(UTC)).timestamp() - int(stamp)) > CALLBACK_SECONDS:
            return False
        secret = self._webhook_key.get_secret_value().encode()
        expected = base64.b64encode(hmac.new(secret, f"{task_id}.{stamp}".encode(), hashlib.sha256).digest())
        return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))

    def callback_id(self, body: bytes | str | Mapping[str, Any]) -> str | None:
        """The task a callback is about (data.taskId, in other families data.task_id), None if it names none."""
        value: Any = body
        if isinstance(body, bytes | str):
            value = _loads(body)
        data = value.get("data") if isinstance(value, Mapping) else None
        if not isinstance(data, Mapping):
            return None
        task_id = data.get("taskId") or data.get("task_id")
        return str(task_id) if isinstance(task_id, str | int) else None


def _rendering(data: dict[str, Any], key: str) -> Rendering:
    flag = _number(data.get("successFlag"))
    if flag == SUCCESS:
        urls = _urls(data.get("resultInfoJson"))
        return Rendering(done=True, urls=urls) if urls else Rendering(note="success without addresses yet")
    if flag in (NOT_CREATED, NOT_GENERATED):
        return Rendering(error=_failure(data.get("errorMessage"), _number(data.get("errorCode")), key))
    flagged = excerpt(data.get("successFlag"), key, limit=40)
    return Rendering(note="" if flag == GENERATING else f"unknown state {flagged}")


def _callback_url(data: dict[str, Any]) -> str | None:
    # record-info repeats the request (`paramJson`, documented as a string of JSON).
    asked = data.get("paramJson")
    asked = _loads(asked) if isinstance(asked, str) else asked
    url = asked.get("callBackUrl") if isinstance(asked, dict) else None
    return url if isinstance(url, str) and url else None


def _urls(result: Any) -> tuple[str, ...]:
    # Documented as an object, seen as a JSON string; items are objects here and strings in callbacks.
    value = _loads(result) if isinstance(result, str) else result
    items = value.get("resultUrls") if isinstance(value, dict) else None
    found = [item.get("resultUrl") if isinstance(item, dict) else item for item in items or [] if item]
    return tuple(url for url in found if isinstance(url, str) and url.startswith(("https://", "http://")))


def _failure(said: Any, code: int | None, key: str) -> ProviderError:
    """Why a task that was accepted failed; transient if KIE's own trouble was to blame, so one new task may help."""
    text = excerpt(said or "no reason given", key)
    if code in (429, MAINTENANCE, 500):
        return fault(SOURCE, code, text, passing=True)
    return ProviderRefused(SOURCE.name, f"Midjourney did not make the picture{in_our_words(text)}", status=code, body=text)


def _refusal(answer: Answer, code: int) -> ProviderError:
    said = excerpt(answer.object.get("msg") or answer.text, answer.key)
    if code == 403 and "1010" in said:
        return ProviderRefused(
            SOURCE.name, "the gate before KIE.AI does not like our User-Agent (403, 1010): set KIE_USER_AGENT to a "
            "browser's", status=code, body=said)
    if code == 501:
        return _failure(said, code, answer.key)
    return fault(
        SOURCE, code, said, answer.headers, balance=code == LIMIT_REACHED, passing=code == MAINTENANCE,
        least_wait=_LEAST_WAIT.get(code))


def _certain(answer: Answer, code: int) -> bool:
    if 200 <= answer.status < 300:
        return code not in (502, 504)
    said = _said(answer)
    return certain_refusal(answer, own_shape=said is not None and said >= 300)


def _code(answer: Answer) -> int | None:
    """The code that counts: the body's if it signals a failure, else the HTTP status; None if neither says anything."""
    said = _said(answer)
    if not 200 <= answer.status < 300:
        return said if said is not None and said >= 300 else answer.status
    return said


def _said(answer: Answer) -> int | None:
    return _number(answer.object.get("code"))


def _data(answer: Answer) -> dict[str, Any]:
    data = answer.object.get("data")
    return data if isinstance(data, dict) else {}


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _loads(text: bytes | str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
