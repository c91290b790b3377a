"""Decides from the settings what this machine must stand in for: servers, and providers without a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

from ..settings import Settings


@dataclass(frozen=True)
class StandIn:
    """How the sandbox takes the place of one provider, in names of environment variables. `asks`: its prices, where the
    provider's own are not known."""

    provider: str
    key: str
    addresses: Mapping[str, str]
    polls: tuple[str, ...] = ()
    makes: str = ""
    asks: Mapping[str, str] = field(default_factory=dict)


STAND_INS = (
    StandIn("anthropic", "ANTHROPIC_API_KEY", {"ANTHROPIC_BASE_URL": "/anthropic"}, makes="texts"),
    StandIn("openai", "OPENAI_API_KEY", {"OPENAI_BASE_URL": "/openai/v1"}, makes="embeddings"),
    StandIn("kie", "KIE_API_KEY", {"KIE_BASE_URL": "/kie"}, ("KIE_POLL_SECONDS",), makes="pictures",
            asks={"KIE_TASK_DOLLARS": "0.04"}),
    StandIn(
        "fal", "FAL_KEY",
        {"FAL_QUEUE_URL": "/fal", "FAL_JWKS_URL": "/fal/.well-known/jwks.json", "FAL_API_URL": "/fal"},
        ("FAL_POLL_SECONDS",), makes="clips",
    ),
)


@dataclass(frozen=True)
class Plan:
    """What `aida up` brings itself; `keyless` have an address of their own but no key, and get a word instead."""

    postgres: bool
    valkey: bool
    simulated: tuple[StandIn, ...] = ()
    keyless: tuple[StandIn, ...] = field(default=())

    @property
    def sandbox(self) -> bool:
        """Whether the sandbox has anything to do."""
        return bool(self.simulated)

    def notice(self) -> list[str]:
        """The lines for the first screen that say what is not real; empty if all is."""
        lines = []
        if self.simulated:
            made = [stand_in.makes for stand_in in self.simulated]
            media = [word for word in made if word in ("pictures", "clips")]
            missing = ", ".join(stand_in.key for stand_in in self.simulated)
            providers = ", ".join(stand_in.provider for stand_in in self.simulated)
            lines.append(f"SANDBOX: {' and '.join(media or made)} are simulated")
            lines.append(f"  simulated: {providers} (no {missing})")
        for stand_in in self.keyless:
            lines.append(f"  {stand_in.provider}: no {stand_in.key}, its own address is asked without one")
        return lines


def make_plan(settings: Settings) -> Plan:
    """A provider is simulated if its key is missing, unless somebody gave it an address of its own."""
    missing = [stand_in for stand_in in STAND_INS if not _has_key(settings, stand_in)]
    own = [stand_in for stand_in in missing if _has_own_address(settings, stand_in)]
    return Plan(
        postgres=settings.database_url is None,
        valkey=settings.redis_url is None and settings.broker_url is None,
        simulated=tuple(stand_in for stand_in in missing if stand_in not in own), keyless=tuple(own),
    )


def provider_environment(plan: Plan, settings: Settings, sandbox_url: str, own_url: str) -> dict[str, str]:
    """The variables that make the service speak to the sandbox for what the plan simulates."""
    env = {stand_in.key: "no-key" for stand_in in plan.keyless}
    for stand_in in plan.simulated:
        env[stand_in.key] = "sandbox-key"
        env.update({name: sandbox_url + path for name, path in stand_in.addresses.items()})
        usual = {**dict.fromkeys(stand_in.polls, "1"), **stand_in.asks}
        env.update({name: value for name, value in usual.items() if name.lower() not in settings.model_fields_set})
    media = {"kie", "fal"} & {stand_in.provider for stand_in in plan.simulated}
    if media:
        origin = f"{urlsplit(sandbox_url).scheme}://{urlsplit(sandbox_url).netloc}"
        env["MEDIA_TRUSTED_ORIGINS"] = ",".join(dict.fromkeys([*settings.trusted_origins, origin]))
    if media == {"kie", "fal"} and not settings.public_url:
        # A real provider must never be given a loopback address to call, so only when both are simulated.
        env["PUBLIC_URL"] = own_url
    return env


def _has_key(settings: Settings, stand_in: StandIn) -> bool:
    value = getattr(settings, stand_in.key.lower())
    return isinstance(value, SecretStr) and bool(value.get_secret_value().strip())


def _has_own_address(settings: Settings, stand_in: StandIn) -> bool:
    name = next(iter(stand_in.addresses)).lower()
    return bool(getattr(settings, name) != type(settings).model_fields[name].default)
