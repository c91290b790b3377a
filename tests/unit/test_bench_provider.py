"""The benchmark's provider gives what the four providers would, at the moment it should, and keeps true books."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from aida_orchestrator.agents.answers import BRIEF_SCHEMA, BriefAnswer
from aida_orchestrator.agents.checks import check_script, check_storyboard
from aida_orchestrator.agents.director import STORYBOARD_SCHEMA
from aida_orchestrator.agents.writer import SCRIPT_SCHEMA
from aida_orchestrator.model import Brief, ClipRequest, PictureRequest, Script, Shot, Storyboard, Style
from aida_orchestrator.providers.fal import Fal
from aida_orchestrator.providers.kie import Kie
from benchmarks.provider.answers import SHOTS, Claude, Embedder
from benchmarks.provider.callbacks import Postman
from benchmarks.provider.doors import Doors
from benchmarks.provider.jobs import Jobs
from benchmarks.provider.wire import Door

ENDPOINT = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
CLIP = ClipRequest(endpoint=ENDPOINT, prompt="bench-000001", image_url="https://x/y.jpg", seconds=5, aspect_ratio="16:9")
SECONDS = 0.3


class World:
    """The provider on a port of its own, our two clients, and a door that takes callbacks."""

    def __init__(self, port: int, jobs: Jobs, postman: Postman) -> None:
        self.url, self.jobs, self.postman = f"http://127.0.0.1:{port}", jobs, postman
        self.told: list[bytes] = []
        key = SecretStr("key")
        self.kie = Kie(key, f"{self.url}/kie", "test", "7", "fast", 5)
        self.fal = Fal(key, f"{self.url}/fal", f"{self.url}/fal/.well-known/jwks.json", 5)

    async def ask(self, function: Callable, *given: object) -> object:
        """Call one of our clients, which block, beside the provider's loop."""
        return await asyncio.to_thread(function, *given)


def document(asked: bytes) -> dict[str, Any]:
    """What Claude answers to a request that holds this word of a role's schema."""
    message = json.loads(Claude().answer(asked)[1].partition(b"\r\n\r\n")[2])
    told: dict[str, Any] = json.loads(message["content"][-1]["text"])
    return told


def in_world(play: Callable[[World], Awaitable[None]]) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        postman = Postman(2)
        postman.start()
        jobs = Jobs("http://127.0.0.1:1", SECONDS, SECONDS, postman)
        doors = Doors(jobs, None, 0.0, 0.0)
        told: list[bytes] = []

        def route(method: str, target: str, body: bytes) -> tuple[bytes, float]:
            if target == "/told":
                told.append(body)
                return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0.0
            return doors.route(method, target, body)

        server = await loop.create_server(lambda: Door(route), "127.0.0.1", 0)
        world = World(server.sockets[0].getsockname()[1], jobs, postman)
        jobs.base = world.url
        doors.fal = f"{world.url}/fal"
        world.told = told
        try:
            await play(world)
        finally:
            server.close()

    asyncio.run(run())


@pytest.mark.parametrize(("schema", "field"), [
    (BRIEF_SCHEMA, "duration_seconds"), (SCRIPT_SCHEMA, "beats"), (STORYBOARD_SCHEMA, "shots")])
def test_each_role_is_told_by_its_schema_and_answered_for_its_own_film(schema: dict, field: str) -> None:
    quoted = json.dumps({"shots": [], "logline": "", "motion_prompt": "", "recalled_project_id": ""})
    body = {"messages": [{"role": "user", "content": f"<message>bench-000123</message>{quoted}"}],
            "output_config": {"format": {"type": "json_schema", "schema": schema}}}
    _, answer = Claude().answer(json.dumps(body).encode())
    message = json.loads(answer.partition(b"\r\n\r\n")[2])
    document = json.loads(message["content"][-1]["text"])
    assert set(document) == set(schema["properties"])
    assert field in document
    assert "bench-000123" in json.dumps(document)


def test_the_brief_and_the_shots_make_a_film_of_thirty_seconds() -> None:
    texts = [document(word) for word in (b'"recalled_project_id"', b'"motion_prompt"')]
    assert BriefAnswer.model_validate(texts[0]).duration_seconds == sum(shot["seconds"] for shot in texts[1]["shots"]) == 30
    assert len({shot["picture_prompt"] for shot in texts[1]["shots"]}) == SHOTS


def test_script_and_board_are_free_of_faults_so_that_no_answer_is_given_back_to_be_repaired() -> None:
    answered, script, board = (document(word) for word in (b'"recalled_project_id"', b'"logline"', b'"motion_prompt"'))
    style = Style(words=board["style_words"])
    brief = Brief(style=style, **{name: answered[name] for name in (
        "title", "language", "intent", "tone", "duration_seconds", "aspect_ratio")})
    written = Script.model_validate(script)
    drawn = Storyboard(style=style, shots=tuple(Shot(number=at, **shot) for at, shot in enumerate(board["shots"], 1)))
    assert check_script(written, brief) == []
    assert check_storyboard(drawn, brief, written, lengths=(5, 10)) == []


def test_an_embedding_is_a_vector_of_1536_floats_in_either_form() -> None:
    embedder = Embedder()
    plain = json.loads(embedder.answer(b'{"input":["a","b"]}').partition(b"\r\n\r\n")[2])
    packed = json.loads(embedder.answer(b'{"input":["a"],"encoding_format":"base64"}').partition(b"\r\n\r\n")[2])
    assert [len(item["embedding"]) for item in plain["data"]] == [1536, 1536]
    assert len(base64.b64decode(packed["data"][0]["embedding"])) == 4 * 1536


def test_our_kie_client_buys_a_picture_and_has_it_when_its_time_has_come() -> None:
    async def play(world: World) -> None:
        fields = world.kie.fields(PictureRequest(prompt="bench-000001 shot 1", aspect_ratio="16:9", sref=""))
        accepted = await world.ask(world.kie.submit, fields, f"{world.url}/told")
        before = await world.ask(world.kie.poll, accepted.provider_id, {})
        await asyncio.sleep(SECONDS + 0.2)
        after = await world.ask(world.kie.poll, accepted.provider_id, {})
        assert not before.done
        assert after.done
        assert len(after.urls) == 4
        assert [world.kie.callback_id(body) for body in world.told] == [accepted.provider_id]

    in_world(play)


def test_our_fal_client_buys_a_clip_and_believes_the_signature_of_its_webhook() -> None:
    async def play(world: World) -> None:
        accepted = await world.ask(world.fal.submit, ENDPOINT, world.fal.fields(CLIP), f"{world.url}/told")
        before = await world.ask(world.fal.poll, ENDPOINT, accepted.provider_id, accepted.handles)
        await asyncio.sleep(SECONDS + 0.2)
        after = await world.ask(world.fal.poll, ENDPOINT, accepted.provider_id, accepted.handles)
        assert (before.done, after.done, len(after.urls)) == (False, True, 1)
        [body] = world.told
        lines = world.postman.headers("fal", accepted.provider_id, body).decode().splitlines()
        headers = dict(line.split(": ", 1) for line in lines)
        assert await world.ask(world.fal.verify_callback, headers, body, datetime.now(UTC))
        assert not await world.ask(world.fal.verify_callback, headers, body + b" ", datetime.now(UTC))

    in_world(play)


def test_a_clip_that_was_cancelled_brings_nothing() -> None:
    async def play(world: World) -> None:
        accepted = await world.ask(world.fal.submit, ENDPOINT, world.fal.fields(CLIP), None)
        # What is being made is not asked to stop by the service; whoever asks is obeyed.
        assert await world.ask(world.fal.cancel, ENDPOINT, accepted.provider_id, accepted.handles) == "IN_PROGRESS"
        answer = await world.ask(requests.put, accepted.handles["cancel_url"])
        assert answer.json() == {"status": "CANCELLATION_REQUESTED"}
        assert (await world.ask(world.fal.poll, ENDPOINT, accepted.provider_id, accepted.handles)).error is not None

    in_world(play)


def test_the_books_tell_what_was_bought_twice() -> None:
    async def play(world: World) -> None:
        for prompt in ("bench-000001 shot 1", "bench-000001 shot 2", "bench-000001 shot 1"):
            await world.ask(world.kie.submit, {"prompt": prompt, "taskType": "mj_txt2img"}, None)
        books = world.jobs.ledger()
        assert (books["sold"], books["boughtTwice"]) == ({"kie": 3, "fal": 0}, {"kie": 1, "fal": 0})

    in_world(play)
