"""What lies behind the subject: table, studio, sea, mountains, city, country, each in layers from far to near."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from .canvas import Canvas, Point, Ramp, mix
from .palette import Palette

WHITE = (255, 252, 244)


class Scene:
    """The canvas with what a setting needs to know: colours, chance, hour, and where the light stands."""

    def __init__(self, canvas: Canvas, palette: Palette, rnd: random.Random, night: bool, light: float) -> None:
        self.canvas, self.palette, self.rnd, self.night = canvas, palette, rnd, night
        self.width, self.height = canvas.width, canvas.height
        self.unit = min(self.width, self.height)
        self.light = light * self.width


def _sky(s: Scene, horizon: float) -> None:
    p, c = s.palette, s.canvas
    c.flood(p.sky, p.horizon, mix(p.sky, p.horizon, 0.45))
    y = horizon * s.height * (0.42 if s.night else s.rnd.uniform(0.45, 0.72))
    size = s.unit * (0.075 if s.night else s.rnd.uniform(0.11, 0.17))
    if s.night:
        for _ in range(90):
            x, up, r = s.rnd.random() * s.width, s.rnd.random() ** 1.5 * horizon * s.height, s.rnd.choice((0.7, 1.0, 1.7))
            c.ellipse(x, up, r, r, mix(p.sky, WHITE, s.rnd.uniform(0.4, 0.95)))
    tone = mix(WHITE, p.second, 0.25 if s.night else 0.5)
    c.glow(s.light, y, size * 5.2, mix(p.horizon, tone, 0.7), 0.75)
    c.ellipse(s.light, y, size, size, Ramp(mix(tone, WHITE, 0.6), tone))
    if s.night:
        for dx, dy, r in ((-0.3, 0.1, 0.2), (0.25, -0.3, 0.14), (0.2, 0.35, 0.17)):
            c.ellipse(s.light + dx * size, y + dy * size, r * size, r * size, mix(tone, p.mid, 0.16))
    else:
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


def _ridge(s: Scene, base: float, rise: float, rough: float, teeth: int) -> list[Point]:
    """A skyline from left to right by repeatedly displaced middles."""
    heights = [s.rnd.uniform(0.2, 0.6), s.rnd.uniform(0.2, 0.6)]
    swing = 1.0
    while len(heights) < teeth:
        longer: list[float] = []
        for a, b in zip(heights, heights[1:], strict=False):
            longer += [a, (a + b) / 2 + s.rnd.uniform(-0.5, 0.5) * swing]
        heights, swing = [*longer, heights[-1]], swing * rough
    step = s.width / (len(heights) - 1)
    return [(k * step, (base - rise * max(0.0, h)) * s.height) for k, h in enumerate(heights)]


def _land(s: Scene, line: list[Point], paint: Ramp) -> None:
    s.canvas.polygon([(0, s.height), *line, (s.width, s.height)], paint)


def _waves(s: Scene, y: float, swing: float, count: float, phase: float) -> list[Point]:
    return [(x / 60 * s.width, y + swing * math.sin(x / 60 * math.tau * count + phase)
             + swing * 0.4 * math.sin(x / 60 * math.tau * count * 2.3 + phase * 1.7)) for x in range(61)]


def sea(s: Scene) -> None:
    p, line = s.palette, 0.56
    _sky(s, line)
    _land(s, _ridge(s, line, 0.12, 0.5, 33), Ramp(mix(p.far, p.horizon, 0.35), mix(p.far, p.horizon, 0.7)))
    top = mix(p.far, p.horizon, 0.3)
    s.canvas.slab(0, line * s.height, s.width, s.height, Ramp(top, p.near))
    for k in range(26):
        y = (line + 0.012 + 0.4 * (k / 26) ** 1.6) * s.height
        wide = s.unit * (0.06 + 0.2 * k / 26) * s.rnd.uniform(0.4, 1)
        x = s.light + s.rnd.gauss(0, 0.25) * wide * 2
        tall = s.unit * (0.0025 + 0.006 * k / 26)
        s.canvas.ellipse(x, y, wide, tall, Ramp(mix(p.second, WHITE, 0.4), p.horizon, alpha=0.75 - 0.4 * k / 26))
    for k, tone in enumerate((mix(p.mid, p.far, 0.5), p.mid, mix(p.mid, p.near, 0.55), p.near)):
        y = (0.66 + k * 0.085) * s.height
        crest = _waves(s, y, s.unit * (0.008 + 0.006 * k), 2.2 + s.rnd.random() * 1.5, s.rnd.random() * 6)
        _land(s, crest, Ramp(tone, mix(tone, p.near, 0.55), alpha=0.86))
        s.canvas.stroke(crest, mix(tone, WHITE, 0.42), 1.2 + 0.5 * k)


def mountain(s: Scene) -> None:
    p = s.palette
    _sky(s, 0.62)
    far = _ridge(s, 0.64, 0.42, 0.5, 65)
    _land(s, far, Ramp(mix(p.far, WHITE, 0.35), mix(p.far, p.horizon, 0.6)))
    peak = _ridge(s, 0.74, 0.5, 0.53, 65)
    _land(s, peak, Ramp(p.mid, mix(p.mid, p.horizon, 0.5)))
    _snow(s, peak)
    s.canvas.glow(s.width * 0.5, s.height * 0.76, s.width * 0.62, mix(p.horizon, WHITE, 0.4), 0.6, squash=0.2)
    _land(s, _ridge(s, 0.86, 0.2, 0.5, 65), Ramp(mix(p.mid, p.near, 0.6), p.near))
    front = _ridge(s, 0.95, 0.12, 0.45, 33)
    _land(s, front, Ramp(p.near, mix(p.near, (0, 0, 0), 0.35)))
    for k in range(34):
        x, y = front[k % 33][0] + s.rnd.uniform(-9, 9), front[k % 33][1] + s.height * 0.015
        tall = s.unit * s.rnd.uniform(0.03, 0.085)
        for part in range(3):
            low = y - tall * part * 0.26
            half = tall * 0.2 * (1 - part * 0.25)
            s.canvas.polygon([(x - half, low), (x + half, low), (x, low - tall * 0.5)], mix(p.near, (0, 0, 0), 0.25))


def _snow(s: Scene, line: list[Point]) -> None:
    """White on the upper sides of whatever rises above the common height, ragged below."""
    tops = sorted(y for _, y in line)
    limit = tops[len(tops) // 3]
    run: list[Point] = []
    for x, y in [*line, (s.width, float(s.height))]:
        if y < limit:
            run.append((x, y))
            continue
        if len(run) > 2:
            depth = limit - min(v for _, v in run)
            ragged = [(v, min(w + depth * s.rnd.uniform(0.25, 0.75), limit + depth * 0.1)) for v, w in run[::-1]]
            s.canvas.polygon([*run, *ragged], Ramp(WHITE, mix(s.palette.far, WHITE, 0.55)))
        run = []


def city(s: Scene) -> None:
    p = s.palette
    _sky(s, 0.7)
    for depth, (low, tone) in enumerate(((0.46, mix(p.far, p.horizon, 0.45)), (0.36, p.mid), (0.22, p.near))):
        x = -s.rnd.uniform(0, 0.05) * s.width
        while x < s.width:
            wide = s.unit * s.rnd.uniform(0.07, 0.16) * (1 + depth * 0.25)
            tall = s.height * (low * s.rnd.uniform(0.45, 1.15) + 0.14)
            top = s.height * 0.86 - tall
            s.canvas.slab(x, top, x + wide, s.height, Ramp(tone, mix(tone, p.horizon if depth == 0 else p.ink, 0.4)))
            if s.rnd.random() < 0.3:
                s.canvas.slab(x + wide * 0.46, top - s.unit * 0.05, x + wide * 0.54, top, tone)
            elif s.rnd.random() < 0.3:
                s.canvas.polygon([(x, top), (x + wide, top), (x + wide / 2, top - wide * 0.35)], tone)
            if depth:
                _windows(s, x, top, wide, tone, depth)
            x += wide * s.rnd.uniform(0.98, 1.12)
    s.canvas.slab(0, s.height * 0.86, s.width, s.height, Ramp(mix(p.near, p.ink, 0.3), p.ink))
    s.canvas.glow(s.light, s.height * 0.92, s.width * 0.5, p.second, 0.35, squash=0.2)


def _windows(s: Scene, x: float, top: float, wide: float, tone: tuple[int, int, int], depth: int) -> None:
    pane = s.unit * 0.011
    columns = max(2, int(wide / (pane * 2.6)))
    for column in range(columns):
        for row in range(int((s.height * 0.84 - top) / (pane * 3.2))):
            if s.rnd.random() > (0.42 if s.night else 0.26):
                continue
            wx, wy = x + (column + 0.5) * wide / columns, top + pane * 2 + row * pane * 3.2
            glow = mix(s.palette.second, WHITE, s.rnd.uniform(0, 0.5))
            s.canvas.slab(wx - pane * 0.5, wy, wx + pane * 0.5, wy + pane * 1.5, mix(tone, glow, 0.45 + 0.25 * depth))


def country(s: Scene) -> None:
    p = s.palette
    _sky(s, 0.6)
    for k in range(5):
        y = (0.58 + k * 0.095) * s.height
        tone = mix(mix(p.far, p.horizon, 0.4), p.near, k / 4.6)
        crest = _waves(s, y, s.unit * (0.022 + 0.008 * k), 0.6 + s.rnd.random() * 0.8, s.rnd.random() * 6)
        _land(s, crest, Ramp(mix(tone, p.second, 0.16), mix(tone, p.near, 0.35)))
        if k in (1, 2, 3):
            for _ in range(4):
                x, foot = crest[s.rnd.randrange(4, 56)]
                tall = s.unit * (0.04 + 0.022 * k) * s.rnd.uniform(0.8, 1.3)
                s.canvas.ellipse(x, foot - tall * 0.45, tall * 0.13, tall * 0.55, mix(tone, p.ink, 0.5))
        if k == 3:
            for row in range(9):
                start = s.width * (row / 8)
                s.canvas.stroke([(s.width * 0.5 + (start - s.width * 0.5) * 0.45, y + s.unit * 0.05),
                                 (s.width * 0.5 + (start - s.width * 0.5) * 1.9, s.height)], mix(tone, p.second, 0.3), 2.2)
    s.canvas.glow(s.light, s.height * 0.6, s.width * 0.5, mix(p.horizon, WHITE, 0.4), 0.35, squash=0.25)


def table(s: Scene) -> None:
    p, c = s.palette, s.canvas
    c.flood(mix(p.sky, p.near, 0.25), mix(p.horizon, p.mid, 0.4), mix(p.sky, p.horizon, 0.4))
    c.glow(s.light, s.height * 0.36, s.unit * 1.05, mix(p.horizon, WHITE, 0.25), 0.85)
    if s.rnd.random() < 0.5:
        _window(s)
    else:
        _lamps(s)
    for _ in range(9):
        x, y, r = s.rnd.random() * s.width, s.rnd.uniform(0.2, 0.62) * s.height, s.unit * s.rnd.uniform(0.02, 0.055)
        c.ellipse(x, y, r, r, Ramp(mix(p.second, WHITE, 0.3), p.accent, alpha=s.rnd.uniform(0.1, 0.26)))


def tabletop(s: Scene) -> None:
    """The table itself; drawn apart, because a cook stands behind it."""
    p, c, edge = s.palette, s.canvas, s.height * 0.7
    wood = mix(p.near, (150, 92, 52), 0.3)
    c.slab(0, edge, s.width, s.height, Ramp(mix(wood, p.horizon, 0.34), mix(wood, p.ink, 0.45)))
    for k in range(9):
        near = 0.08 + 0.92 * (k / 8) ** 1.7
        y = edge + (s.height - edge) * near
        c.stroke([(0, y), (s.width, y + s.rnd.uniform(-3, 3))], mix(wood, p.ink, 0.35), 0.7 + near * 1.3)
    c.stroke([(0, edge), (s.width, edge)], mix(p.horizon, WHITE, 0.35), 1.6)
    c.glow(s.light, s.height * 0.84, s.unit * 0.95, mix(p.horizon, WHITE, 0.2), 0.42, squash=0.32)


def _window(s: Scene) -> None:
    p, c = s.palette, s.canvas
    wide, tall = s.unit * 0.36, s.height * 0.5
    x, y = s.light - wide / 2, s.height * 0.08
    c.slab(x - 8, y - 8, x + wide + 8, y + tall + 8, mix(p.near, p.mid, 0.4), 10)
    c.slab(x, y, x + wide, y + tall, Ramp(mix(p.horizon, WHITE, 0.75), mix(p.horizon, p.second, 0.4)), 4)
    c.slab(x + wide / 2 - 3, y, x + wide / 2 + 3, y + tall, mix(p.near, p.mid, 0.4))
    c.slab(x, y + tall * 0.45 - 3, x + wide, y + tall * 0.45 + 3, mix(p.near, p.mid, 0.4))
    lean = s.unit * (0.5 if s.light < s.width / 2 else -0.5)
    c.veil([[(x, y), (x + wide, y), (x + wide + lean * 1.3, s.height), (x + lean * 0.6, s.height)]],
           mix(p.horizon, WHITE, 0.6), 0.24, s.unit * 0.035)


def _lamps(s: Scene) -> None:
    p, c = s.palette, s.canvas
    for k in (-1, 0, 1):
        x, y = s.light + k * s.unit * 0.34, s.height * (0.2 + 0.035 * abs(k))
        c.stroke([(x, 0), (x, y)], p.ink, 1.6)
        c.glow(x, y + s.unit * 0.05, s.unit * 0.34, (255, 220, 150), 0.7)
        r = s.unit * 0.062
        c.polygon([(x - r * 0.3, y - r * 0.4), (x + r * 0.3, y - r * 0.4), (x + r, y + r * 0.7), (x - r, y + r * 0.7)],
                  Ramp(mix(p.accent, p.ink, 0.25), mix(p.accent, p.ink, 0.55)))
        c.ellipse(x, y + r * 0.72, r * 0.95, r * 0.2, (255, 240, 200))


def studio(s: Scene) -> None:
    p, c = s.palette, s.canvas
    c.flood(mix(p.sky, p.mid, 0.3), mix(p.horizon, p.far, 0.2), mix(p.sky, p.horizon, 0.5))
    floor, r = s.height * 0.74, s.unit * 0.44
    x = s.light
    if s.rnd.random() < 0.5:
        for k, share in enumerate((1.5, 1.22, 0.96)):
            c.ellipse(x, floor - r * 0.62, r * share, r * share, Ramp(mix(p.second, p.horizon, 0.6 - 0.25 * k),
                      mix(p.accent, p.far, 0.75 - 0.3 * k), alpha=0.5 + 0.2 * k))
    else:
        for k, share in enumerate((1.3, 1.0, 0.72)):
            wide = r * share * 0.9
            c.slab(x - wide, floor - r * 1.65 * share, x + wide, floor + 40,
                   Ramp(mix(p.second, p.horizon, 0.65 - 0.25 * k), mix(p.accent, p.far, 0.8 - 0.25 * k)), wide)
    c.slab(0, floor, s.width, s.height, Ramp(mix(p.mid, p.horizon, 0.35), p.near))
    c.glow(x, floor + s.height * 0.06, s.unit * 0.9, mix(p.horizon, WHITE, 0.35), 0.55, squash=0.25)


def shapes(s: Scene) -> None:
    """No subject at all: a composition of discs, arcs and bars."""
    p, c, rnd = s.palette, s.canvas, s.rnd
    tones = [p.accent, p.second, p.far, p.paper, p.mid]
    for k in range(7):
        x, y, r = rnd.random() * s.width, rnd.uniform(0.05, 0.8) * s.height, s.unit * rnd.uniform(0.08, 0.3)
        tone, other = rnd.sample(tones, 2)
        if k % 3 == 0:
            for ring in range(4):
                share = 1 - ring * 0.23
                c.ellipse(x, y, r * share, r * share, Ramp(tone if ring % 2 else other, p.mid, alpha=0.92))
        elif k % 3 == 1:
            c.polygon([(x, y), *((x + r * 1.3 * math.cos(a / 12 * math.pi), y - r * 1.3 * math.sin(a / 12 * math.pi))
                                 for a in range(13))], Ramp(tone, other, across=True, alpha=0.9))
        else:
            c.slab(x, y, x + r * 2, y + r * 0.3, Ramp(tone, other, across=True, alpha=0.9), r * 0.15)


SETTINGS: dict[str, Callable[[Scene], None]] = {
    "sea": sea, "mountain": mountain, "city": city, "country": country, "table": table, "studio": studio}
