"""One HTTP exchange with a provider: bounded in time and size, never redirected, the key sent to one origin only."""

from __future__ import annotations

import http.client
import ipaddress
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import urllib3
from pydantic import SecretStr

from ..errors import OutcomeUnknown, ProviderError, ProviderRefused, ProviderUnavailable, SettingsError
from .base import Source, excerpt, usable_key
from .calls import Call, call
from .lines import SENT, Lines

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0  # a look holds a worker; it is only a look, and is repeated
_MAX_BYTES = 4_000_000
BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `json` is None when the body is not JSON."""

    status: int
    headers: Mapping[str, str]
    json: Any
    raw: bytes = field(repr=False)
    key: str = field(repr=False)

    @property
    def object(self) -> dict[str, Any]:
        """The JSON object, empty if the body is anything else."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def text(self) -> str:
        """A short, secret-free excerpt of the body."""
        return excerpt(self.raw[:4000].decode("utf-8", "replace"), self.key)


class Wire:
    """The way to one provider. `scheme` is the word before the key in Authorization: Bearer or Key."""

    def __init__(
        self, source: Source, base_url: str, key: SecretStr | None, scheme: str, timeout: float, *,
        user_agent: str = "aida-orchestrator", verify: bool | str = True,
    ) -> None:
        self.source = source
        self.base_url = checked_address(source, base_url)
        self._key = key
        self._scheme = scheme
        self._timeout = timeout
        self._user_agent = user_agent
        self._lines = Lines(self.base_url, direct=is_loopback(self.base_url), verify=verify)

    def __repr__(self) -> str:
        return f"Wire({self.source.name}, {self.base_url})"

    def owns(self, url: str) -> bool:
        """Whether the address has the configured origin, so that the key may be sent there."""
        return _origin(url) == _origin(self.base_url)

    def read(self, method: str, url: str, *, params: Mapping[str, str] | None = None, operation: str = "read") -> Answer:
        """An exchange that may be repeated; every break of the line is ProviderUnavailable."""
        with call(self.source.name, operation) as made:
            return self._exchange(self._lines.kept(), method, url, params, None, ProviderUnavailable,
                                  min(self._timeout, READ_SECONDS), made)

    def submit(self, url: str, body: Mapping[str, Any], *, params: Mapping[str, str] | None = None) -> Answer:
        """Exactly one POST that may cost money.

        Raises ProviderUnavailable while nothing was sent, OutcomeUnknown for every break after the connection stood.
        """
        lines = self._lines.fresh()
        try:
            with call(self.source.name, "submit") as made:
                return self._exchange(lines, "POST", url, params, body, OutcomeUnknown, self._timeout, made)
        finally:
            lines.clear()

    def _exchange(
        self, lines: urllib3.PoolManager, method: str, url: str, params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None, once_sent: type[ProviderError], timeout: float, made: Call,
    ) -> Answer:
        name, title = self.source.name, self.source.title
        key = usable_key(self.source, self._key)
        if not self.owns(url):
            raise ProviderRefused(name, f"an address outside {self.source.address} was not asked: the key stays here")
        headers = {"User-Agent": self._user_agent, "Accept": "application/json", "Accept-Encoding": "gzip, deflate",
                   "Authorization": f"{self._scheme} {key}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        SENT.maybe = False
        try:
            response = lines.urlopen(
                method, f"{url}?{urlencode(params)}" if params else url, headers=headers, redirect=False, retries=False,
                body=json.dumps(body, allow_nan=False).encode() if body is not None else None, preload_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=timeout))
            made.answered(response.status, response.headers)
            try:
                raw = _read(response, time.monotonic() + timeout)
            except BaseException:
                response.close()
                raise
            return Answer(response.status, response.headers, _json(raw), raw, key)
        except BROKEN as error:
            # Causes are not chained: their text has the whole address, a callback with its token included.
            reason = type(error).__name__
            if SENT.maybe:
                raise once_sent(name, f"the line to {title} broke before a whole answer came ({reason})") from None
            if isinstance(error, ValueError):
                raise ProviderRefused(
                    name, f"no request to {title} can be made from its settings ({reason}): check {self.source.address}"
                ) from None
            raise ProviderUnavailable(name, f"{title} could not be reached ({reason}); nothing was sent") from None


def fetch_public(url: str, timeout: float) -> Any:
    """JSON from an address that needs no key, in one try; raises what requests raises, and ValueError if not JSON."""
    with requests.Session() as session:
        session.trust_env = not is_loopback(url)
        response = session.get(url, stream=True, allow_redirects=False, timeout=(CONNECT_SECONDS, timeout))
        if response.status_code != 200:
            raise ValueError(f"status {response.status_code}")
        return json.loads(_read(response.raw, time.monotonic() + timeout))


def certain_refusal(answer: Answer, own_shape: bool) -> bool:
    """Whether an answer that is no success says for certain that nothing was bought.

    `own_shape`: the body is the provider's own error JSON. A gateway on the way may give up on, or answer for, a
    provider that went on to work, so 502 and 504 say nothing, and no 5xx does that the provider did not write itself.
    """
    if answer.status in (301, 302, 307, 308, 429):  # "too many requests" is refused and not queued, also without a word
        return True
    if 400 <= answer.status < 500:
        return bool(answer.text)
    return answer.status >= 500 and answer.status not in (502, 504) and own_shape


def checked_address(source: Source, url: str) -> str:
    """The address without a trailing slash; raises SettingsError that names the setting."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.username or parts.query or parts.fragment:
        raise SettingsError(f"{source.address} is not a plain http(s) address such as https://host or http://host:9100/path")
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether the address is this machine; proxies and other settings of the environment do not apply to it then."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, (parts.hostname or "").lower(), port)


def _read(response: urllib3.BaseHTTPResponse, until: float) -> bytes:
    chunks, size = [], 0
    while chunk := response.read1(65536, decode_content=True):
        size += len(chunk)
        if size > _MAX_BYTES:
            raise urllib3.exceptions.DecodeError("the answer is too large")
        if time.monotonic() > until:
            raise urllib3.exceptions.TimeoutError("the answer came too slowly")
        chunks.append(chunk)
    response.release_conn()
    return b"".join(chunks)


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
