"""What each Kling endpoint is sent."""

from __future__ import annotations

import pytest

from aida_orchestrator.model import ClipRequest
from aida_orchestrator.providers.kling import clip_fields, rules


def endpoint(version: str) -> str:
    return f"fal-ai/kling-video/{version}/image-to-video"


def clip(at: str, seconds: int = 5, prompt: str = "slow push in", aspect: str = "9:16") -> ClipRequest:
    return ClipRequest(at, prompt, "https://us.example/start.png", seconds, aspect)


def test_the_default_endpoint_gets_image_url_and_no_audio_field() -> None:
    assert clip_fields(clip(endpoint("v2.5-turbo/pro"))) == {
        "prompt": "slow push in", "image_url": "https://us.example/start.png", "duration": "5",
        "negative_prompt": "blur, distort, and low quality"}


def test_newer_endpoints_get_start_image_url_and_are_told_to_be_silent() -> None:
    for version in ("v2.6/pro", "v3/standard", "v3/pro", "v3/4k"):
        fields = clip_fields(clip(endpoint(version)))
        assert fields["start_image_url"] == "https://us.example/start.png"
        assert "image_url" not in fields
        assert fields["generate_audio"] is False


@pytest.mark.parametrize("version", ["v1.5/pro", "v1.6/pro"])
def test_the_aspect_ratio_is_sent_only_where_it_exists(version: str) -> None:
    assert clip_fields(clip(endpoint(version)))["aspect_ratio"] == "9:16"
    assert "aspect_ratio" not in clip_fields(clip(endpoint(version), aspect="21:9"))
    assert "aspect_ratio" not in clip_fields(clip(endpoint("v2.5-turbo/pro")))


def test_o1_is_told_which_picture_to_start_from() -> None:
    fields = clip_fields(clip(endpoint("o1")))
    assert fields["prompt"] == "Start from @Image1. slow push in"
    assert "negative_prompt" not in fields


@pytest.mark.parametrize(("version", "asked", "sent"), [
    ("v2.5-turbo/pro", 3, "5"), ("v2.5-turbo/pro", 6, "10"), ("v2.5-turbo/pro", 60, "10"),
    ("v3/pro", 7, "7"), ("v3/pro", 1, "3"), ("o1", 12, "10"),
])
def test_a_length_is_rounded_up_to_one_the_endpoint_has(version: str, asked: int, sent: str) -> None:
    assert clip_fields(clip(endpoint(version), asked))["duration"] == sent


@pytest.mark.parametrize(("unknown", "field", "longest"), [
    ("fal-ai/kling-video/v2.7/pro/image-to-video", "start_image_url", 10),
    ("fal-ai/kling-video/v3.5/pro/image-to-video", "start_image_url", 15),
    ("fal-ai/kling-video/v2.2/pro/image-to-video", "image_url", 10),
    ("fal-ai/kling-video/o3/pro/image-to-video", "start_image_url", 10),
    ("kling/v4/image-to-video", "start_image_url", 30),
    ("someone/else", "image_url", 10),
])
def test_an_unknown_endpoint_is_guessed_from_its_version(unknown: str, field: str, longest: int) -> None:
    assert rules(unknown).image_field == field
    assert rules(unknown).seconds[-1] == longest


def test_a_prompt_is_one_clean_line_within_the_limit() -> None:
    fields = clip_fields(clip(endpoint("v3/pro"), prompt="move\x00\n\n slowly " * 400))
    assert len(fields["prompt"]) <= 2500
    assert fields["prompt"].startswith("move slowly move")
