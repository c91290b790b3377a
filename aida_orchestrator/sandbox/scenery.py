"""What every setting is built from: the sky with its light, ridges, land and waves."""

from __future__ import annotations

import itertools
import math
import random

from .canvas import Canvas, Point, Ramp, mix
from .palette import Palette

WHITE = (255, 252, 244)


class Scene:
    """The canvas with what a setting needs to know: colours, chance, hour, and where the light stands."""

    def __init__(self, canvas: Canvas, palette: Palette, rnd: random.Random, night: bool, light: float,
                 quiet_top: bool = False) -> None:
        self.canvas, self.palette, self.rnd, self.night = canvas, palette, rnd, night
        self.quiet_top = quiet_top  # type goes there: nothing busy
        self.width, self.height = canvas.width, canvas.height
        self.unit = min(self.width, self.height)
        self.light = light * self.width


def sky(s: Scene, horizon: float) -> None:
    p, c = s.palette, s.canvas
    c.flood(p.sky, p.horizon, mix(p.sky, p.horizon, 0.45))
    y = horizon * s.height * (0.42 if s.night else s.rnd.uniform(0.45, 0.72))
    size = s.unit * (0.075 if s.night else s.rnd.uniform(0.11, 0.17))
    if s.night:
        for _ in range(90):
            x, up, r = s.rnd.random() * s.width, s.rnd.random() ** 1.5 * horizon * s.height, s.rnd.choice((0.7, 1.0,
                                                                                                           1.7))
            c.ellipse(x, up, r, r, mix(p.sky, WHITE, s.rnd.uniform(0.4, 0.95)))
    tone = mix(WHITE, p.second, 0.25 if s.night else 0.5)
    c.glow(s.light, y, size * 5.2, mix(p.horizon, tone, 0.7), 0.75)
    c.ellipse(s.light, y, size, size, Ramp(mix(tone, WHITE, 0.6), tone))
    if s.night:
        for dx, dy, r in ((-0.3, 0.1, 0.2), (0.25, -0.3, 0.14), (0.2, 0.35, 0.17)):
            c.ellipse(s.light + dx * size, y + dy * size, r * size, r * size, mix(tone, p.mid, 0.16))
    if not s.night:
        _clouds(s, horizon)


def _clouds(s: Scene, horizon: float) -> None:
    shapes = []
    for _ in range(4):
        x, y = s.rnd.random() * s.width, s.rnd.uniform(0.06, 0.5) * horizon * s.height
        long, thick = s.rnd.uniform(0.14, 0.34) * s.width, s.rnd.uniform(0.006, 0.014) * s.height
        for k in (-0.3, 0, 0.35):
            shapes.append([(x + k * long + long * 0.5 * math.cos(a / 10 * math.tau),
                            y + k * thick * 3 + thick * math.sin(a / 10 * math.tau)) for a in range(10)])
    s.canvas.veil(shapes, mix(s.palette.horizon, WHITE, 0.6), 0.5, s.unit * 0.012)


def ridge(s: Scene, base: float, rise: float, rough: float, teeth: int) -> list[Point]:
    """A skyline from left to right by repeatedly displaced middles."""
    heights = [s.rnd.uniform(0.2, 0.6), s.rnd.uniform(0.2, 0.6)]
    swing = 1.0
    while len(heights) < teeth:
        longer: list[float] = []
        for a, b in itertools.pairwise(heights):
            longer += [a, (a + b) / 2 + s.rnd.uniform(-0.5, 0.5) * swing]
        heights, swing = [*longer, heights[-1]], swing * rough
    step = s.width / (len(heights) - 1)
    return [(k * step, (base - rise * max(0.0, h)) * s.height) for k, h in enumerate(heights)]


def land(s: Scene, line: list[Point], paint: Ramp) -> None:
    s.canvas.polygon([(0, s.height), *line, (s.width, s.height)], paint)


def waves(s: Scene, y: float, swing: float, count: float, phase: float) -> list[Point]:
    return [(x / 60 * s.width, y + swing * math.sin(x / 60 * math.tau * count + phase)
             + swing * 0.4 * math.sin(x / 60 * math.tau * count * 2.3 + phase * 1.7)) for x in range(61)]
