"""Between walls: a table by the window, a studio with a stage, and, where nothing is to be seen, a pattern."""

from __future__ import annotations

import math

from .canvas import Ramp, mix
from .scenery import WHITE, Scene


def table(s: Scene) -> None:
    p, c = s.palette, s.canvas
    c.flood(mix(p.sky, p.near, 0.25), mix(p.horizon, p.mid, 0.4), mix(p.sky, p.horizon, 0.4))
    c.glow(s.light, s.height * 0.36, s.unit * 1.05, mix(p.horizon, WHITE, 0.25), 0.85)
    windowed = s.rnd.random() < 0.5
    if not s.quiet_top:
        (_window if windowed else _lamps)(s)
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
    """No subject at all: a grid of quarter discs, rings, bars and half moons."""
    p, c, rnd = s.palette, s.canvas, s.rnd
    c.flood(p.mid, p.near)
    cell = s.unit / rnd.choice((3, 4))
    grounds = [p.sky, p.mid, p.near, p.far, mix(p.mid, p.far, 0.5), p.horizon]
    for column in range(math.ceil(s.width / cell)):
        for row in range(math.ceil(s.height / cell)):
            x, y, form = column * cell, row * cell, rnd.randrange(6)
            ground, front = rnd.choice(grounds), rnd.choice([p.accent, p.second, p.paper, p.horizon, p.far])
            c.slab(x, y, x + cell, y + cell, Ramp(ground, mix(ground, p.near, 0.25)))
            paint, corner = Ramp(front, mix(front, ground, 0.35), across=True), rnd.randrange(4)
            cx, cy = x + cell * (corner % 2), y + cell * (corner // 2)
            way_x, way_y = (1 if corner % 2 == 0 else -1), (1 if corner // 2 == 0 else -1)
            if form < 3:
                for share, tone in ((1.0, paint), (0.5, Ramp(ground, ground)))[: 1 + form % 2]:
                    arc = [(cx + way_x * cell * share * math.cos(a / 20 * math.pi / 2),
                            cy + way_y * cell * share * math.sin(a / 20 * math.pi / 2)) for a in range(21)]
                    c.polygon([(cx, cy), *arc], tone)
            elif form == 3:
                for share, ring in ((0.4, front), (0.27, ground), (0.14, p.accent)):
                    c.ellipse(x + cell / 2, y + cell / 2, cell * share, cell * share, ring)
            elif form == 4:
                for k in range(4):
                    c.slab(x, y + cell * (k + 0.25) / 4, x + cell, y + cell * (k + 0.75) / 4, front)
            else:
                c.polygon([(x, y + cell), (x + cell, y + cell), (cx, y)], paint)
    c.glow(s.light, s.height * 0.3, s.unit * 0.9, mix(p.horizon, WHITE, 0.4), 0.3)
