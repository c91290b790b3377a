"""Which embedder a word of the settings stands for."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from .base import RetryPolicy
from .local_embedder import LocalEmbedder
from .openai import Embedder


def make_embedder(
    kind: Literal["openai", "local"], api_key: SecretStr | None, base_url: str, model: str, timeout: float,
    policy: RetryPolicy,
) -> Embedder | LocalEmbedder:
    """The embedder of that kind; all but `kind` is for OpenAI's. Raises SettingsError when the local one is not installed.

    Importing this room loads OpenAI's library, which takes more than a second.
    """
    if kind == "local":
        return LocalEmbedder()
    return Embedder(api_key=api_key, base_url=base_url, model=model, timeout=timeout, policy=policy)
