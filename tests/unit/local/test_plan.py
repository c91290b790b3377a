"""What a machine must stand in for, decided from the settings alone."""

from __future__ import annotations

from aida_orchestrator.local.plan import make_plan, provider_environment
from aida_orchestrator.settings import Settings

KEYS = {"anthropic_api_key": "a", "openai_api_key": "o", "fal_key": "f", "kie_api_key": "k"}
SANDBOX = "http://127.0.0.1:9100"
OWN = "http://127.0.0.1:3003"


def settings(**values: str) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type,call-arg]


def test_with_nothing_set_everything_is_brought_along_and_the_first_screen_says_so() -> None:
    plan = make_plan(settings())
    assert plan.postgres
    assert plan.valkey
    assert [stand_in.provider for stand_in in plan.simulated] == ["anthropic", "openai", "kie", "fal"]
    assert plan.notice()[0] == "SANDBOX: pictures and clips are simulated"


def test_with_all_keys_and_addresses_nothing_is_simulated_and_nothing_is_said() -> None:
    given = settings(database_url="postgresql://db/x", redis_url="redis://r/0", **KEYS)
    plan = make_plan(given)
    assert not plan.postgres
    assert not plan.valkey
    assert not plan.sandbox
    assert plan.notice() == []
    assert provider_environment(plan, given, "", OWN) == {}


def test_a_broker_of_ones_own_needs_no_valkey() -> None:
    assert not make_plan(settings(broker_url="amqp://rabbit//", **KEYS)).valkey


def test_only_the_provider_without_a_key_goes_to_the_sandbox() -> None:
    given = settings(**{**KEYS, "fal_key": ""})
    env = provider_environment(make_plan(given), given, SANDBOX, OWN)
    assert env["FAL_QUEUE_URL"] == f"{SANDBOX}/fal"
    assert env["FAL_JWKS_URL"].startswith(SANDBOX)
    assert "KIE_BASE_URL" not in env
    assert "ANTHROPIC_BASE_URL" not in env
    assert "clips are simulated" in make_plan(given).notice()[0]


def test_a_real_provider_is_never_given_a_loopback_address_to_call() -> None:
    given = settings(**{**KEYS, "fal_key": ""})
    assert "PUBLIC_URL" not in provider_environment(make_plan(given), given, SANDBOX, OWN)
    both = settings(anthropic_api_key="a", openai_api_key="o")
    assert provider_environment(make_plan(both), both, SANDBOX, OWN)["PUBLIC_URL"] == OWN


def test_an_address_somebody_gave_is_kept_even_without_a_key() -> None:
    given = settings(fal_queue_url="http://127.0.0.1:7000/fal")
    plan = make_plan(given)
    env = provider_environment(plan, given, SANDBOX, OWN)
    assert "FAL_QUEUE_URL" not in env
    assert env["FAL_KEY"]
    assert any("FAL_KEY" in line for line in plan.notice())


def test_trusted_origins_and_poll_pace_of_the_user_stay() -> None:
    given = settings(media_trusted_origins="https://cdn.example.org", kie_poll_seconds="7")
    env = provider_environment(make_plan(given), given, SANDBOX, OWN)
    assert env["MEDIA_TRUSTED_ORIGINS"] == f"https://cdn.example.org,{SANDBOX}"
    assert "KIE_POLL_SECONDS" not in env
    assert env["FAL_POLL_SECONDS"] == "1"


def test_without_pictures_and_clips_in_the_sandbox_its_files_are_not_trusted() -> None:
    given = settings(kie_api_key="k", fal_key="f")
    assert "MEDIA_TRUSTED_ORIGINS" not in provider_environment(make_plan(given), given, SANDBOX, OWN)
