"""Lending KIE a picture of ours, where there is no PUBLIC_URL at which it could read our own copy."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import requests
from pydantic import SecretStr

from ..errors import ProviderError, ProviderRefused, ProviderUnavailable
from ..tally import counted
from .base import Source, excerpt, fault, usable_key
from .calls import call
from .http import CONNECT_SECONDS, is_loopback

REAL_API = "https://api.kie.ai"
REAL_UPLOADS = "https://kieai.redpandaai.co"
_SECONDS = 60.0


def upload_address(given: str | None, api_url: str) -> str:
    """Where files are lent: as set, else KIE's own host beside KIE's own API, else the stand-in of that API itself, for
    its key must not go to KIE."""
    return given or (REAL_UPLOADS if api_url == REAL_API else api_url)


def lend(source: Source, url: str, key: SecretStr | None, user_agent: str, path: Path) -> str:
    """An address where the file can be read for a day (docs.kie.ai/file-upload-api). One try: it costs nothing, and the row
    that needs it waits where a worker would only sleep. Raises ProviderError."""
    return _upload(source, url, usable_key(source, key), user_agent, path)


@counted("kie", "lend")
def _upload(source: Source, url: str, key: str, user_agent: str, path: Path) -> str:
    # A name of its own: the same name again would overwrite what another film still reads.
    name = f"{secrets.token_hex(16)}{path.suffix}"
    try:
        with call(source.name, "lend") as made, requests.Session() as session, path.open("rb") as file:
            session.trust_env = not is_loopback(url)
            answer = session.post(
                f"{url}/api/file-stream-upload", files={"file": (name, file)}, data={"uploadPath": "aida", "fileName": name},
                headers={"Authorization": f"Bearer {key}", "User-Agent": user_agent}, allow_redirects=False,
                timeout=(CONNECT_SECONDS, _SECONDS))
            made.answered(answer.status_code, answer.headers)
    except (requests.RequestException, OSError) as error:
        raise ProviderUnavailable(
            source.name, f"the reference picture could not be lent to {source.title} ({type(error).__name__})") from None
    return _address(source, answer, key)


def _address(source: Source, answer: requests.Response, key: str) -> str:
    body = _object(answer)
    code = body.get("code")
    if answer.status_code >= 300 or (isinstance(code, int) and code >= 300):
        raise _refused(source, answer.status_code, code, excerpt(body.get("msg") or answer.text, key))
    data = body.get("data")
    given = [data.get(name) for name in ("downloadUrl", "fileUrl")] if isinstance(data, dict) else []
    found = next((one for one in given if isinstance(one, str) and one.startswith(("https://", "http://"))), None)
    if found is None:
        raise ProviderUnavailable(source.name, f"{source.title} took the reference picture without saying where it is",
                                  status=answer.status_code, body=excerpt(answer.text, key))
    return found


def _refused(source: Source, status: int, code: Any, said: str) -> ProviderError:
    number = code if isinstance(code, int) and code >= 300 else status
    if number == 404:
        return ProviderRefused(source.name, f"{source.title} takes no files at KIE_UPLOAD_URL: set PUBLIC_URL, so that it "
                               "can read our own copy of the reference picture", status=number, body=said)
    return fault(source, number, said)


def _object(answer: requests.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
