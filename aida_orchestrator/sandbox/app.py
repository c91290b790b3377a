"""The whole sandbox as one Flask application: four providers, their media, and the doors to control them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from . import anthropic, control, fal_routes, kie, media, openai
from .callbacks import Postman, Signer
from .clockwork import Clockwork
from .fal import Fal
from .fal_filming import Crew
from .faults import Faults
from .kie import Kie
from .state import State

LATENCY = {"kie": 1.5, "fal": 2.0, "anthropic": 0.2, "openai": 0.0}  # seconds
BODY_LIMIT = 32 * 1024 * 1024


@dataclass(frozen=True)
class Sandbox:
    """The application and what has to be stopped with it."""

    app: Flask
    state: State
    faults: Faults
    latency: dict[str, float]
    clockwork: Clockwork
    crew: Crew

    def close(self) -> None:
        """Stop moving jobs and close the books; what was sold stays sold."""
        self.clockwork.stop()
        self.crew.close()
        self.state.close()


def build(
    data_dir: str | Path, public_url: str, latency: Mapping[str, float] | None = None, *, concurrency: int = 10,
) -> Sandbox:
    """Open the books in `data_dir` and set everything running; `public_url` is where callers reach us.

    `concurrency` is how many clips a fal key may have running at a time (new accounts: 2).
    """
    public_url = public_url.rstrip("/")
    pace = {**LATENCY, **(latency or {})}
    state, faults, clockwork = State(data_dir), Faults(), Clockwork()
    shelf, postman = media.Shelf(state), Postman(state, faults, clockwork.stopped)
    crew = Crew(state, shelf, public_url, clockwork.stopped)
    desk = Kie(state, faults, pace, shelf, postman, public_url)
    queue = Fal(state, faults, pace, shelf, postman, crew, Signer(state.data_dir), public_url, concurrency)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    for room in (anthropic.blueprint(state, faults, pace), openai.blueprint(state, faults, pace), kie.blueprint(desk),
                 fal_routes.blueprint(queue), media.blueprint(shelf, faults), control.blueprint(state, faults, pace)):
        app.register_blueprint(room)
    clockwork.add(desk.tick)
    clockwork.add(queue.tick)
    clockwork.start()
    return Sandbox(app, state, faults, pace, clockwork, crew)


def create_app(
    data_dir: str | Path, public_url: str, latency: Mapping[str, float] | None = None, *, concurrency: int = 10,
) -> Flask:
    """The application alone, for a server that never stops it."""
    return build(data_dir, public_url, latency, concurrency=concurrency).app
