"""Lending fal a file of ours, through the vendor's own client: for a picture whose first address is no longer fresh."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from ..errors import ProviderAuthError, ProviderError, ProviderRefused, ProviderUnavailable
from ..tally import counted
from .base import Source, excerpt, fault, usable_key
from .calls import call

_REAL_QUEUE = "queue.fal.run"
_LIFETIME = 24 * 3600  # seconds
_SECONDS = 60.0


@counted("fal", "lend")
def lend(source: Source, queue_url: str, key: SecretStr | None, path: Path) -> str:
    """An address of fal's storage where the file can be read for a day. One try of ours: the row that needs it waits.

    Only with fal itself: its client's upload hosts are fixed, and another server's key must not go there.
    Raises ProviderRefused that says what to set instead.
    """
    if urlsplit(queue_url).hostname != _REAL_QUEUE:
        raise ProviderRefused(source.name, "the picture's address has expired and there is no other: set PUBLIC_URL, so "
                              "that the video provider can read our own copy")
    return _upload(source, usable_key(source, key), path)


def _upload(source: Source, key: str, path: Path) -> str:
    import fal_client  # loads httpx and more; hardly ever needed
    import httpx

    fal_client.client.MAX_ATTEMPTS = 1  # else it sleeps between ten, and there is no other place to say so
    try:
        client = fal_client.SyncClient(key=key, default_timeout=_SECONDS)
        with call(source.name, "lend"):
            return str(client.upload_file(path, lifecycle=fal_client.StorageSettings(expires_in=_LIFETIME)))
    except fal_client.auth.MissingCredentialsError:
        raise ProviderAuthError(source.name, f"{source.key} is not set") from None
    except fal_client.FalClientHTTPError as error:
        raise fault(source, error.status_code, excerpt(error.message, key)) from None
    except (fal_client.FalClientError, httpx.HTTPError, OSError) as error:
        raise _broken(source, error) from None


def _broken(source: Source, error: Exception) -> ProviderError:
    return ProviderUnavailable(source.name, f"the picture could not be lent to {source.title} ({type(error).__name__})")
