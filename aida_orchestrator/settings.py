"""The environment, read once into a frozen Settings. Order: environment, `.env`, then what `aida up` left in its folder.

`aida up` writes the addresses of its own servers to `<AIDA_HOME>/up.env`, so that a second shell reaches them; the file
counts only while the process that wrote it is alive.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from .errors import SettingsError

KLING_DEFAULT = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"


class Settings(BaseSettings):
    """All settings of the service; every field is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    aida_home: Path = Path(".aida")
    database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    broker_url: SecretStr | None = None

    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str = "https://api.anthropic.com"
    anthropic_model: str = "claude-sonnet-5-5"
    anthropic_effort: str = "low"
    anthropic_timeout_seconds: float = Field(120, gt=0)

    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    openai_embedding_model: str = "text-embedding-3-small"
    openai_timeout_seconds: float = Field(30, gt=0)
    memory_embedder: Literal["openai", "local"] = "openai"
    memory_similarity_floor: float | None = Field(None, ge=0, le=1)  # None: the embedder's own
    preference_confidence_floor: float = Field(0.6, ge=0, le=1)

    fal_key: SecretStr | None = None
    fal_queue_url: str = "https://queue.fal.run"
    fal_jwks_url: str = "https://rest.fal.ai/.well-known/jwks.json"
    fal_kling_endpoint: str = KLING_DEFAULT
    fal_api_url: str = "https://api.fal.ai"
    fal_poll_seconds: float = Field(5, gt=0)
    fal_running_limit: int = Field(10, ge=1)
    # fal queues what is over an account's concurrency, so it needs no window of ours; these are guards, not limits.
    fal_window_submissions: int = Field(100, ge=1)
    fal_window_seconds: float = Field(10, gt=0)
    fal_reads_per_second: int = Field(32, ge=1)
    clip_deadline_seconds: float = Field(3600, gt=0)

    kie_api_key: SecretStr | None = None
    kie_base_url: str = "https://api.kie.ai"
    kie_upload_url: str | None = None  # None: KIE's own host for files, beside another API that API
    kie_webhook_key: SecretStr | None = None
    kie_user_agent: str = "Mozilla/5.0 (X11; Linux x86_64) AIDA-Orchestrator/0.1"
    kie_poll_seconds: float = Field(5, gt=0)
    kie_running_limit: int = Field(40, ge=1)
    # KIE: 20 new tasks per 10 s and 10 status reads per second and account (docs.kie.ai, "Getting Started"). We count when
    # a request is begun, KIE when it arrives: a second more, and half the reads, leave room for one that is late.
    kie_window_submissions: int = Field(20, ge=1)
    kie_window_seconds: float = Field(11, gt=0)
    kie_reads_per_second: int = Field(5, ge=1)
    kie_speed: str = "fast"
    kie_midjourney_version: str = "7"
    kie_sref_codes: bool = False
    kie_task_dollars: Decimal | None = Field(None, ge=0, allow_inf_nan=False)  # None: what the price sheets say
    prices_dir: Path | None = None
    picture_deadline_seconds: float = Field(1800, gt=0)

    provider_timeout_seconds: float = Field(30, gt=0)
    unknown_wait_seconds: float = Field(180, ge=0)
    stranded_seconds: float = Field(900, gt=0)
    pictures_per_film: int = Field(4, ge=1)
    clips_per_film: int = Field(1, ge=1)

    public_url: str | None = None
    media_dir: Path | None = None
    media_trusted_origins: str = ""
    media_max_bytes: int = Field(500_000_000, gt=0)
    media_timeout_seconds: float = Field(120, gt=0)
    files_max_bytes: int = Field(20_000_000, gt=0)

    orchestrator_host: str = "127.0.0.1"
    orchestrator_port: int = Field(3003, ge=0, le=65535)
    orchestrator_env: str = "development"
    log_level: str = "info"
    log_file: Path = Path("logs/orchestrator.log")
    otel_exporter_otlp_endpoint: str | None = None  # None: nothing is traced
    prometheus_multiproc_dir: Path | None = None
    worker_metrics_port: int | None = Field(None, ge=1, le=65535)

    lease_seconds: float = Field(30, ge=3, le=600)
    sweep_seconds: float = Field(1, gt=0)
    ring_again_seconds: float = Field(10, gt=0)
    budget_wait_seconds: float = Field(172_800, gt=0)  # two days: a day's ceiling is a new one at midnight

    @field_validator("anthropic_base_url", "openai_base_url", "fal_queue_url", "fal_api_url", "kie_base_url",
                     "kie_upload_url", "public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str | None) -> str | None:
        return value.rstrip("/") if value else value

    @property
    def media_folder(self) -> Path:
        """Where pictures, clips and films are kept."""
        return (self.media_dir or self.aida_home / "media").absolute()

    @property
    def metrics_folder(self) -> Path:
        """Where the processes of this machine keep what they count by themselves."""
        return (self.prometheus_multiproc_dir or self.aida_home / "metrics").absolute()

    @property
    def trusted_origins(self) -> tuple[str, ...]:
        """MEDIA_TRUSTED_ORIGINS as a tuple of scheme://host[:port]."""
        return tuple(origin.strip().rstrip("/") for origin in self.media_trusted_origins.split(",") if origin.strip())

    def require_database(self) -> str:
        """The database address; raises SettingsError that says how to get one."""
        if self.database_url is None:
            raise SettingsError("DATABASE_URL is not set: set it, or start everything on this machine with `make up`")
        return self.database_url.get_secret_value()

    def require_redis(self) -> str:
        """The broker address; raises SettingsError that says how to get one."""
        if self.redis_url is None:
            raise SettingsError("REDIS_URL is not set: set it, or start everything on this machine with `make up`")
        address = self.redis_url.get_secret_value()
        if not address.startswith(("redis://", "rediss://")):
            # Celery would take any other word for the host of a RabbitMQ.
            raise SettingsError("REDIS_URL is not an address of Redis: write it as redis://:password@host:6379/0")
        return address


    def require_broker(self) -> str:
        """The address of Celery's broker: BROKER_URL (RabbitMQ, or another Redis), else REDIS_URL."""
        if self.broker_url is None:
            return self.require_redis()
        address = self.broker_url.get_secret_value()
        if not address.startswith(("amqp://", "amqps://", "redis://", "rediss://")):
            raise SettingsError("BROKER_URL is not the address of a broker: write it as amqp://user:password@host:5672/vhost")
        return address


def load_settings() -> Settings:
    """Read the environment, `.env` and a living `aida up`; raises SettingsError naming the wrong variable."""
    files = setting_files()
    try:
        return Settings(_env_file=files or None)  # type: ignore[call-arg]
    except ValidationError as error:
        wrong = "; ".join(f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())
        raise SettingsError(f"a setting is wrong: {wrong}") from None


def setting_files() -> list[Path]:
    """The files that settings are read from beside the environment; the last one wins over those before it."""
    return [file for file in (_living_up_file(), Path(".env")) if file is not None and file.is_file()]


def _living_up_file() -> Path | None:
    home = os.environ.get("AIDA_HOME") or dotenv_values(".env").get("AIDA_HOME") or ".aida"
    file = Path(home) / "up.env"
    if not file.is_file():
        return None
    pid = dotenv_values(file).get("AIDA_UP_PID") or ""
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return None
    except PermissionError:
        return file
    return file
