"""The service against another server of the same four APIs: strict, and with other habits than the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aida_orchestrator.media.ffmpeg import probe

from ..harness import Servers, Service, ServiceWishes
from ..standin import Fault, Habits, StandIn

ODD = Habits(
    text_pieces=4, tool_rounds=(2, 1), pauses=1, floats=True, out_of_order=True, kie_result="string",
    kie_numbers_as_strings=True, kie_last_first=True, kie_callbacks=("forged", "early", "doubled"), fal_submit_status=202,
    fal_going_status=202, fal_response_suffix=True, fal_logs=True, fal_callbacks=("forged", "early", "doubled"),
    media_redirects=True, odd_media=True,
)


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    """One stand-in for this file."""
    stand_in = StandIn()
    stand_in.start()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def providers(running: StandIn) -> StandIn:
    """The stand-in with its usual habits, and nothing asked or sold."""
    running.behave()
    running.record.clear()
    return running


@pytest.fixture(scope="module")
def service(servers: Servers, running: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for this file, its providers the stand-in."""
    dsn = servers.migrated_database()
    wishes = ServiceWishes({"UNKNOWN_WAIT_SECONDS": "6"})
    started = Service(tmp_path_factory.mktemp("other"), dsn, servers.redis_url(), running, wishes)  # type: ignore[arg-type]
    started.start()
    yield started
    started.stop()
    servers.drop(dsn)


def film_of(service: Service, status: dict[str, Any], folder: Path) -> Any:
    """The probe of the finished film, fetched as a browser would."""
    code, _, raw = service.get(status["videoUrl"])
    assert code == 200
    path = folder / "film.mp4"
    path.write_bytes(raw)
    return probe(path)


def assert_whole(status: dict[str, Any], providers: StandIn) -> None:
    """Completed, nothing made simpler, nothing bought twice, no rule broken."""
    seen = json.dumps({key: status[key] for key in ("status", "degraded", "error")})
    assert (status["status"], status["degraded"], status["error"]) == ("completed", [], None), seen
    assert providers.record.violations == []
    assert providers.record.duplicates() == []


def make(service: Service, message: str, **more: Any) -> dict[str, Any]:
    """Ask for a film and wait for its end."""
    return service.wait(service.create(message, **more)["taskId"], 90)


def test_a_film_is_made(service: Service, providers: StandIn, tmp_path: Path) -> None:
    status = make(service, "Voglio un video sulla pizza napoletana")
    assert_whole(status, providers)
    assert [shot["seconds"] for shot in status["shots"]] == [5] * 6
    film = film_of(service, status, tmp_path)
    assert abs(film.seconds - 30) <= 0.6
    assert (film.width, film.height, film.codec, film.pix_fmt) == (1280, 720, "h264", "yuv420p")
    assert (len(providers.record.bought("kie")), len(providers.record.bought("fal"))) == (6, 6)


def test_odd_habits_do_not_matter(service: Service, providers: StandIn, tmp_path: Path) -> None:
    providers.behave(ODD)
    status = make(service, "A film about a lighthouse in winter")
    assert_whole(status, providers)
    assert abs(film_of(service, status, tmp_path).seconds - 30) <= 0.6
