"""Under the open sky: sea, mountains, city and country, each in layers from far to near."""

from __future__ import annotations

from .canvas import Point, Ramp, mix
from .scenery import WHITE, Scene, land, ridge, sky, waves


def sea(s: Scene) -> None:
    p, line = s.palette, 0.56
    sky(s, line)
    land(s, ridge(s, line, 0.12, 0.5, 33), Ramp(mix(p.far, p.horizon, 0.35), mix(p.far, p.horizon, 0.7)))
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
        crest = waves(s, y, s.unit * (0.008 + 0.006 * k), 2.2 + s.rnd.random() * 1.5, s.rnd.random() * 6)
        land(s, crest, Ramp(tone, mix(tone, p.near, 0.55), alpha=0.86))
        s.canvas.stroke(crest, mix(tone, WHITE, 0.42), 1.2 + 0.5 * k)


def mountain(s: Scene) -> None:
    p = s.palette
    sky(s, 0.6)
    haze = mix(p.horizon, WHITE, 0.35)
    for base, low, high, count, tone in ((0.66, 0.16, 0.3, 7, mix(p.far, p.horizon, 0.35)), (0.74, 0.3, 0.5, 4, p.mid)):
        for k in range(count):
            x = (k + s.rnd.uniform(0.15, 0.85)) / count * s.width
            _peak(s, x, base * s.height, s.rnd.uniform(low, high) * s.height, tone)
        s.canvas.glow(s.width * 0.5, (base + 0.03) * s.height, s.width * 0.75, haze, 0.62, squash=0.15)
    land(s, ridge(s, 0.86, 0.17, 0.5, 65), Ramp(mix(p.mid, p.near, 0.6), p.near))
    front = ridge(s, 0.95, 0.12, 0.45, 33)
    land(s, front, Ramp(p.near, mix(p.near, (0, 0, 0), 0.35)))
    for k in range(34):
        x, y = front[k % 33][0] + s.rnd.uniform(-9, 9), front[k % 33][1] + s.height * 0.015
        tall = s.unit * s.rnd.uniform(0.03, 0.085)
        for part in range(3):
            low = y - tall * part * 0.26
            half = tall * 0.2 * (1 - part * 0.25)
            s.canvas.polygon([(x - half, low), (x + half, low), (x, low - tall * 0.5)], mix(p.near, (0, 0, 0), 0.25))


def _peak(s: Scene, x: float, base: float, tall: float, tone: tuple[int, int, int]) -> None:
    """One mountain: a lit and a shaded face that meet in a ragged ridge, snow on the upper third."""
    half, rnd = tall * s.rnd.uniform(1.0, 1.35), s.rnd
    foot = mix(tone, s.palette.horizon, 0.5)

    def edge(end: float, rough: float) -> list[Point]:
        return [(x + end * t + rnd.uniform(-1, 1) * rough * tall * t * (1 - t),
                 base - tall * (1 - t) + rnd.uniform(-1,
                                                     1) * 0.22 * tall * t * (1 - t)) for t in (k / 8 for k in range(9))]

    left, right, spine = edge(-half, 0.1), edge(half, 0.1), edge(half * rnd.uniform(-0.2, 0.25), 0.5)
    lit_left = s.light < x
    lit, dark = mix(tone, s.palette.second, 0.24), mix(tone, s.palette.near, 0.42)
    s.canvas.polygon([*left, *spine[::-1]], Ramp(lit if lit_left else dark, foot))
    s.canvas.polygon([*spine, *right[::-1]], Ramp(dark if lit_left else lit, foot))
    for side, bright in ((left, lit_left), (right, not lit_left)):
        cap = [*side[:4], *((mx + rnd.uniform(-1, 1) * tall * 0.02, my + tall * rnd.uniform(-0.06, 0.09)) for mx, my in
                            ((side[3][0] * (1 - t) + spine[3][0] * t, side[3][1] * (1 - t) + spine[3][1] * t)
                             for t in (0.2, 0.4, 0.6, 0.8))), *spine[3::-1]]
        white = mix(WHITE, s.palette.second, 0.08) if bright else mix(mix(WHITE, s.palette.sky, 0.4), tone, 0.15)
        s.canvas.polygon(cap, Ramp(white, mix(white, tone, 0.3)))


def city(s: Scene) -> None:
    p = s.palette
    sky(s, 0.7)
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
    sky(s, 0.6)
    for k in range(5):
        y = (0.58 + k * 0.095) * s.height
        tone = mix(mix(p.far, p.horizon, 0.4), p.near, k / 4.6)
        crest = waves(s, y, s.unit * (0.022 + 0.008 * k), 0.6 + s.rnd.random() * 0.8, s.rnd.random() * 6)
        land(s, crest, Ramp(mix(tone, p.second, 0.16), mix(tone, p.near, 0.35)))
        if k in (1, 2, 3):
            for _ in range(4):
                x, foot = crest[s.rnd.randrange(4, 56)]
                tall = s.unit * (0.04 + 0.022 * k) * s.rnd.uniform(0.8, 1.3)
                s.canvas.ellipse(x, foot - tall * 0.45, tall * 0.13, tall * 0.55, mix(tone, p.ink, 0.5))
        if k == 3:
            for row in range(9):
                start = s.width * (row / 8)
                s.canvas.stroke([(s.width * 0.5 + (start - s.width * 0.5) * 0.45, y + s.unit * 0.05),
                                 (s.width * 0.5 + (start - s.width * 0.5) * 1.9, s.height)], mix(tone, p.second,
                                                                                                 0.3), 2.2)
    s.canvas.glow(s.light, s.height * 0.6, s.width * 0.5, mix(p.horizon, WHITE, 0.4), 0.35, squash=0.25)
