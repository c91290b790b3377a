"""Copying a clip that cannot be fitted: what comes broken is fetched anew before it counts, our own trouble never counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from aida_orchestrator import jobs
from aida_orchestrator.errors import MediaError, MediaUnavailable
from aida_orchestrator.jobs import Desk
from aida_orchestrator.model import Job, JobKind, JobState, Outcome, Stage
from aida_orchestrator.store import jobs as job_rows
from aida_orchestrator.store import looks
from aida_orchestrator.store.db import Database
from tests.builders import Clock, add_film, add_jobs, bring_to, find_job

MP4 = b"\x00\x00\x00\x20ftypisom" + b"\x00" * 500


@pytest.fixture
def job(database: Database, httpserver: HTTPServer, clock: Clock) -> Job:
    """A clip that is made and waits to be copied."""
    httpserver.expect_request("/clip.mp4").respond_with_data(MP4)
    running = bring_to(database, add_jobs(database, add_film(database, first=Stage.VIDEO), 1, JobKind.CLIP)[0], "running")
    with database.transaction() as tx:
        assert looks.render_job(tx, running, [httpserver.url_for("/clip.mp4")], clock(), clock())
    return find_job(database, running.id)


def copy(desk: Desk, job: Job, clock: Clock) -> Job:
    """One try, and the time until the next."""
    jobs.collect(desk, job.id)
    clock.advance(130)
    with desk.db.transaction() as tx:
        looks.claim_fetches(tx, clock(), 0)
    return find_job(desk.db, job.id)


class Fit:
    """Fitting that fails so many times, then makes a file."""

    def __init__(self, times: int, error: MediaError) -> None:
        self.left, self.error = times, error

    def __call__(self, clip: Path, seconds: float, aspect_ratio: str, part: Path) -> None:
        if self.left:
            self.left -= 1
            raise self.error
        part.write_bytes(b"fitted")


def desk_of(make_desk: Callable[..., Desk], httpserver: HTTPServer, fit: Fit) -> Desk:
    return replace(make_desk(media_trusted_origins=httpserver.url_for("").rstrip("/")), fit=fit)


def test_a_clip_that_comes_broken_is_fetched_anew_before_it_counts(
    make_desk: Callable[..., Desk], httpserver: HTTPServer, clock: Clock, job: Job,
) -> None:
    desk = desk_of(make_desk, httpserver, Fit(2, MediaError("the clip is damaged")))
    assert [copy(desk, job, clock).outcome for _ in range(3)] == [None, None, Outcome.DONE]
    assert len(httpserver.log) == 3


def test_a_clip_that_comes_broken_three_times_is_broken(
    make_desk: Callable[..., Desk], httpserver: HTTPServer, clock: Clock, job: Job,
) -> None:
    desk = desk_of(make_desk, httpserver, Fit(9, MediaError("the clip is damaged")))
    kept = [copy(desk, job, clock) for _ in range(3)][-1]
    assert (kept.outcome, (kept.error or {})["code"], len(httpserver.log)) == (Outcome.FAILED, "media_broken", 3)


def test_a_machine_that_cannot_fit_now_never_has_a_clip_bought_again(
    make_desk: Callable[..., Desk], httpserver: HTTPServer, clock: Clock, job: Job,
) -> None:
    desk = desk_of(make_desk, httpserver, Fit(10, MediaUnavailable("ffmpeg could not fit the clip within 300 s")))
    tries = [copy(desk, job, clock) for _ in range(10)]
    assert [one.outcome for one in tries] == [None] * 9 + [Outcome.FAILED]
    assert (tries[-1].error or {})["code"] == "media_unavailable"
    with desk.db.transaction() as tx:
        assert job_rows.let_go_failed(tx, job.task_id, JobKind.CLIP) == set()
        assert job_rows.reopen_job(tx, job.id, clock())
    assert find_job(desk.db, job.id).state is JobState.RENDERED
    assert copy(desk, job, clock).outcome is Outcome.DONE


def test_a_full_disk_never_has_a_clip_bought_again(
    make_desk: Callable[..., Desk], httpserver: HTTPServer, clock: Clock, job: Job, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing = tmp_path / "ffmpeg"
    failing.write_text("#!/bin/sh\necho 'av_interleaved_write_frame(): No space left on device' >&2\nexit 228\n")
    failing.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(failing))
    whole = b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00\x00\x00\x00\x08moov\x00\x00\x00\x08mdat"
    httpserver.clear()
    httpserver.expect_request("/clip.mp4").respond_with_data(whole + b"\x00" * 100)
    desk = make_desk(media_trusted_origins=httpserver.url_for("").rstrip("/"))
    kept = copy(desk, job, clock)
    assert (kept.state, (kept.error or {})["code"]) == (JobState.RENDERED, "media_unavailable")
