"""Things people make and sell: boxes, screens, shoes, watches, books, houses, rockets."""

from __future__ import annotations

import math
import random

from .canvas import Ramp, mix
from .spot import Spot

WHITE = (252, 248, 240)


def box(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(0.95)
    s.poly([(-0.46, 0.66), (0.08, 0.52), (0.08, 0.0), (-0.46, 0.12)],
           Ramp(mix(p.accent, WHITE, 0.12), mix(p.accent, p.ink, 0.18)))
    s.poly([(0.08, 0.52), (0.48, 0.68), (0.48, 0.17), (0.08, 0.0)],
           Ramp(mix(p.accent, p.ink, 0.3), mix(p.accent, p.ink, 0.55)))
    s.poly([(-0.46, 0.66), (0.08, 0.52), (0.48, 0.68), (-0.06, 0.8)], mix(p.accent, WHITE, 0.42))
    s.poly([(-0.24, 0.6), (-0.14, 0.577), (-0.14, 0.052), (-0.24, 0.075)], p.second)
    s.poly([(-0.24, 0.6), (-0.14, 0.577), (0.27, 0.728), (0.17, 0.75)], mix(p.second, WHITE, 0.3))
    for way in (-1, 1):
        s.blob([(0.02, 0.68), (0.02 + 0.1 * way, 0.84), (0.02 + 0.26 * way, 0.82), (0.02 + 0.18 * way, 0.7)],
               Ramp(mix(p.second, WHITE, 0.35), mix(p.second, p.ink, 0.25)))
    s.oval(0.02, 0.7, 0.045, 0.04, p.second)


def phone(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(0.5)
    s.slab(-0.27, 0.0, 0.27, 1.0, (24, 26, 34), 0.07)
    s.slab(-0.245, 0.025, 0.245, 0.975, Ramp(mix(p.horizon, WHITE, 0.15), mix(p.sky, p.ink, 0.2)), 0.055)
    s.slab(-0.07, 0.925, 0.07, 0.95, (24, 26, 34), 0.012)
    s.oval(0, 0.68, 0.13, 0.13, Ramp(mix(p.accent, WHITE, 0.25), p.accent))
    s.poly([(-0.04, 0.745), (-0.04, 0.615), (0.075, 0.68)], WHITE)
    for k, wide in enumerate((0.19, 0.14, 0.17)):
        s.slab(-0.19, 0.42 - k * 0.08, -0.19 + 2 * wide, 0.46 - k * 0.08, Ramp(WHITE, WHITE, alpha=0.75 - k * 0.18),
               0.02)
    s.slab(-0.19, 0.09, 0.19, 0.18, p.accent, 0.04)


def laptop(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(1.15)
    s.slab(-0.68, 0.12, 0.68, 0.96, (30, 32, 42), 0.04)
    s.slab(-0.64, 0.16, 0.64, 0.92, Ramp(mix(p.sky, p.ink, 0.35), mix(p.mid, p.ink, 0.2)))
    for k, tall in enumerate((0.18, 0.3, 0.24, 0.42, 0.36, 0.52)):
        s.slab(-0.52 + k * 0.1, 0.22, -0.45 + k * 0.1, 0.22 + tall,
               Ramp(mix(p.accent, WHITE, 0.2 * (k % 2)), p.accent), 0.012)
    s.line([(-0.5, 0.5), (-0.3, 0.6), (-0.1, 0.56), (0.1, 0.8)], p.second, 0.018)
    for k in range(4):
        s.slab(0.2, 0.76 - k * 0.11, 0.52 - 0.07 * (k % 2), 0.8 - k * 0.11, Ramp(p.paper, p.paper, alpha=0.7), 0.02)
    s.poly([(-0.74, 0.12), (0.74, 0.12), (0.84, 0.02), (-0.84, 0.02)], Ramp((206, 208, 216), (142, 144, 156)))
    s.slab(-0.84, -0.01, 0.84, 0.025, (112, 114, 126), 0.02)


def shoe(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(1.1)
    s.blob([(-0.74, 0.12), (-0.76, 0.5), (-0.62, 0.7), (-0.4, 0.68), (-0.24, 0.54), (0.1, 0.42), (0.5, 0.34),
            (0.78, 0.24),
            (0.82, 0.12), (0, 0.08)], Ramp(mix(p.accent, WHITE, 0.25), mix(p.accent, p.ink, 0.25)))
    s.blob([(-0.76, 0.5), (-0.62, 0.7), (-0.4, 0.68), (-0.34, 0.58), (-0.56, 0.54)], mix(p.accent, p.ink, 0.6))
    s.blob([(0.42, 0.36), (0.78, 0.25), (0.82, 0.13), (0.46, 0.13)], mix(p.paper, p.accent, 0.2))
    s.blob([(-0.6, 0.16), (-0.3, 0.2), (0.1, 0.36), (0.16, 0.3), (-0.1, 0.14)], p.second)
    for k in range(4):
        s.line([(-0.26 + k * 0.13, 0.44 - k * 0.045), (-0.14 + k * 0.13, 0.53 - k * 0.05)], WHITE, 0.028)
    s.slab(-0.82, 0.0, 0.86, 0.14, Ramp(WHITE, mix(WHITE, p.mid, 0.4)), 0.06)
    s.slab(-0.82, 0.0, 0.86, 0.045, p.ink, 0.03)


def watch(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(0.5)
    s.slab(-0.16, 0.0, 0.16, 1.0, Ramp(mix(p.near, WHITE, 0.16), p.ink, across=True), 0.05)
    s.oval(0, 0.5, 0.34, 0.34, Ramp(mix(p.second, WHITE, 0.45), mix(p.accent, p.ink, 0.35), across=True))
    s.slab(0.32, 0.46, 0.39, 0.54, p.accent, 0.015)
    s.oval(0, 0.5, 0.28, 0.28, Ramp(mix(p.sky, p.ink, 0.2), p.ink))
    for k in range(12):
        a = k / 12 * math.tau
        s.line([(0.235 * math.sin(a), 0.5 + 0.235 * math.cos(a)), (0.2 * math.sin(a), 0.5 + 0.2 * math.cos(a))],
               p.paper,
               0.018 if k % 3 == 0 else 0.009)
    s.line([(0, 0.5), (-0.11, 0.6)], p.paper, 0.022)
    s.line([(0, 0.5), (0.12, 0.66)], p.paper, 0.016)
    s.line([(0, 0.5), (0.03, 0.3)], p.accent, 0.008)
    s.oval(0, 0.5, 0.02, 0.02, p.accent)


def book(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(1.05)
    for way in (-1, 1):
        s.poly([(0, 0.04), (0.84 * way, 0.12), (0.84 * way, 0.66), (0, 0.56)], mix(p.accent, p.ink, 0.35))
        page = [(0, 0.08), (0.3 * way, 0.17), (0.78 * way, 0.16), (0.78 * way, 0.7), (0.3 * way, 0.73), (0, 0.62)]
        s.poly(page, Ramp(WHITE, mix(p.paper, p.mid, 0.3 if way > 0 else 0.16)))
        for k in range(6):
            s.line([(0.12 * way, 0.53 - k * 0.065 + 0.04), (0.4 * way, 0.62 - k * 0.07), (0.68 * way, 0.6 - k * 0.07)],
                   mix(p.mid, p.paper, 0.35), 0.011)
    s.poly([(0.2, 0.66), (0.28, 0.68), (0.28, 0.4), (0.24, 0.45), (0.2, 0.39)], p.accent)


def house(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(0.9)
    wall = mix(p.paper, p.second, 0.25)
    s.slab(-0.5, 0.0, 0.34, 0.52, Ramp(wall, mix(wall, p.mid, 0.45), across=True))
    s.slab(0.3, 0.0, 0.6, 0.72, Ramp(mix(wall, p.mid, 0.15), mix(wall, p.near, 0.5), across=True))
    s.poly([(-0.58, 0.5), (0.4, 0.5), (0.26, 0.76), (-0.42, 0.76)],
           Ramp(mix(p.accent, WHITE, 0.1), mix(p.accent, p.ink, 0.35)))
    s.poly([(0.25, 0.7), (0.65, 0.7), (0.45, 0.94)], Ramp(p.accent, mix(p.accent, p.ink, 0.45)))
    for dx, dy in ((-0.36, 0.26), (0.12, 0.26), (0.45, 0.48)):
        s.slab(dx - 0.07, dy, dx + 0.07, dy + 0.17, Ramp((255, 232, 160), (246, 178, 84)), 0.015)
        s.glow(dx, dy + 0.08, 0.2, (255, 214, 130), 0.35)
    s.slab(-0.17, 0.0, -0.01, 0.3, mix((110, 66, 40), p.ink, 0.2), 0.05)
    for dx in (-0.72, 0.76):
        s.blob([(dx - 0.09, 0), (dx - 0.1, 0.4), (dx, 0.9), (dx + 0.1, 0.4), (dx + 0.09, 0)],
               Ramp((70, 112, 80), (28, 58, 48), across=True))


def rocket(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.glow(0, 0.1, 0.5, (255, 190, 90), 0.8)
    s.blob([(-0.1, 0.22), (-0.13, 0.1), (0, -0.1), (0.13, 0.1), (0.1, 0.22)], Ramp((255, 240, 190), (255, 122, 50)))
    for way in (-1, 1):
        s.blob([(0.12 * way, 0.46), (0.32 * way, 0.26), (0.3 * way, 0.12), (0.12 * way, 0.24)],
               Ramp(p.accent, mix(p.accent, p.ink, 0.4)))
    s.blob([(-0.13, 0.22), (-0.2, 0.5), (-0.14, 0.78), (0, 1.0), (0.14, 0.78), (0.2, 0.5), (0.13, 0.22)],
           Ramp(WHITE, mix(p.paper, p.mid, 0.5), across=True))
    s.blob([(-0.115, 0.82), (0, 1.0), (0.115, 0.82), (0, 0.8)], p.accent)
    s.oval(0, 0.6, 0.085, 0.085, mix(p.accent, p.ink, 0.3))
    s.oval(0, 0.6, 0.062, 0.062, Ramp(mix(p.sky, WHITE, 0.5), p.sky))


def bulb(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.glow(0, 0.6, 0.95, (255, 214, 120), 0.75)
    s.blob([(-0.12, 0.24), (-0.16, 0.36), (-0.32, 0.56), (-0.3, 0.8), (-0.14, 0.96), (0.14, 0.96), (0.3, 0.8),
            (0.32, 0.56),
            (0.16, 0.36), (0.12, 0.24)], Ramp((255, 250, 222), (255, 198, 92), alpha=0.92))
    s.line([(-0.07, 0.28), (-0.1, 0.56), (-0.03, 0.5), (0.03, 0.6), (0.1, 0.54), (0.07, 0.28)], p.accent, 0.018)
    for k in range(3):
        s.slab(-0.12, 0.08 + k * 0.055, 0.12, 0.12 + k * 0.055, Ramp((210, 212, 220), (110, 112, 124), across=True),
               0.018)
    s.slab(-0.06, 0.03, 0.06, 0.08, p.ink, 0.02)


def guitar(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(0.5)
    s.blob([(-0.26, 0.12), (-0.3, 0.26), (-0.19, 0.38), (-0.22, 0.5), (-0.12, 0.58), (0.12, 0.58), (0.22, 0.5),
            (0.19, 0.38),
            (0.3, 0.26), (0.26, 0.12), (0, 0.03)], Ramp(mix(p.accent, WHITE, 0.2), mix(p.accent, p.ink, 0.45),
                                                        across=True))
    s.oval(0, 0.4, 0.085, 0.085, p.ink)
    s.ring(0, 0.4, 0.1, 0.1, p.second, 0.014)
    s.slab(-0.035, 0.4, 0.035, 0.92, Ramp((116, 72, 46), (62, 38, 28), across=True))
    s.slab(-0.06, 0.9, 0.06, 1.04, p.ink, 0.02)
    s.slab(-0.1, 0.17, 0.1, 0.2, p.ink, 0.01)
    for dx in (-0.02, -0.007, 0.007, 0.02):
        s.line([(dx, 0.18), (dx, 0.95)], p.paper, 0.004)


def ball(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(0.6)
    s.oval(0, 0.42, 0.42, 0.42, Ramp(WHITE, mix(p.paper, p.mid, 0.55)))
    for k in range(6):
        a = 0.2 + k * math.tau / 5
        r, big = (0.0, 0.13) if k == 5 else (0.33, 0.1)
        cx, cy = r * math.cos(a), 0.42 + r * math.sin(a)
        s.poly([(cx + big * math.cos(a + j * math.tau / 5),
                 cy + big * math.sin(a + j * math.tau / 5)) for j in range(5)], p.ink)
        if k < 5:
            s.line([(0.1 * math.cos(a), 0.42 + 0.1 * math.sin(a)), (0.25 * math.cos(a), 0.42 + 0.25 * math.sin(a))],
                   p.ink, 0.014)
    s.glow(-0.14, 0.6, 0.2, WHITE, 0.7)


def jar(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    glass = mix(p.paper, p.second, 0.2)
    s.ground(0.95)
    s.slab(-0.5, 0.0, 0.3, 0.42, Ramp(mix(glass, WHITE, 0.4), mix(glass, p.mid, 0.55), across=True), 0.08)
    s.slab(-0.53, 0.42, 0.33, 0.6, Ramp(mix(p.accent, WHITE, 0.3), mix(p.accent, p.ink, 0.45), across=True), 0.04)
    s.slab(-0.32, 0.14, 0.12, 0.17, mix(p.ink, p.paper, 0.2))
    s.oval(-0.1, 0.27, 0.05, 0.05, p.accent)
    s.slab(0.36, 0.0, 0.62, 0.62, Ramp(mix(p.mid, WHITE, 0.3), mix(p.near, p.mid, 0.3), across=True), 0.05)
    s.slab(0.43, 0.62, 0.55, 0.72, Ramp(p.second, mix(p.second, p.ink, 0.5), across=True), 0.02)
    s.blob([(0.43, 0.72), (0.42, 0.86), (0.49, 0.98), (0.56, 0.86), (0.55, 0.72)],
           Ramp(p.ink, mix(p.ink, p.mid, 0.4), across=True))
    s.slab(0.42, 0.2, 0.56, 0.4, Ramp(p.paper, mix(p.paper, p.mid, 0.3), across=True))
    s.line([(-0.43, 0.36), (-0.43, 0.08)], WHITE, 0.022)


def flame(s: Spot, rnd: random.Random) -> None:
    s.glow(0, 0.35, 0.95, (255, 150, 50), 0.8)
    for way in (-1, 1):
        s.slab(-0.5, 0.0 + 0.03 * way, 0.5, 0.09 + 0.03 * way, Ramp((122, 72, 42), (58, 32, 22), across=way > 0), 0.04)
    for share, top, bottom in ((1.0, (255, 120, 40), (214, 52, 30)), (0.72, (255, 190, 70), (255, 120, 36)),
                               (0.44, (255, 248, 200), (255, 206, 92))):
        lean = rnd.uniform(-0.05, 0.05)
        s.blob([(0, 0.06), (-0.34 * share, 0.16), (-0.36 * share, 0.4 * share), (-0.2 * share, 0.62 * share + 0.05),
                (-0.14 * share + lean, 0.5 * share + 0.08), (0.02 + lean, 1.0 * share), (0.16 * share, 0.6 * share + 0.05),
                (0.26 * share, 0.66 * share), (0.36 * share, 0.36 * share), (0.3 * share, 0.14)], Ramp(top, bottom))
    for _ in range(14):
        s.oval(rnd.uniform(-0.6, 0.6), rnd.uniform(0.5, 1.25), 0.012, 0.012, (255, 206, 110))


def drop(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    tone = mix(p.second, p.accent, 0.25)
    for share in (1.0, 0.66, 0.36):
        s.oval(0, 0.05, 0.72 * share, 0.14 * share, Ramp(mix(p.horizon, WHITE, 0.3), mix(p.mid, p.far, 0.4), alpha=0.55))
    for dx, dy, big in ((0, 0.16, 1.0), (-0.52, 0.5, 0.34), (0.5, 0.66, 0.26), (0.34, 0.28, 0.18)):
        s.blob([(dx, dy + 0.8 * big), (dx - 0.1 * big, dy + 0.55 * big), (dx - 0.27 * big, dy + 0.26 * big),
                (dx - 0.2 * big, dy + 0.05 * big), (dx, dy), (dx + 0.2 * big, dy + 0.05 * big),
                (dx + 0.27 * big, dy + 0.26 * big), (dx + 0.1 * big, dy + 0.55 * big)],
               Ramp(mix(tone, WHITE, 0.5), mix(tone, p.ink, 0.35), across=True))
        s.blob([(dx - 0.15 * big, dy + 0.3 * big), (dx - 0.09 * big, dy + 0.42 * big), (dx - 0.07 * big, dy + 0.24 * big),
                (dx - 0.12 * big, dy + 0.14 * big)], Ramp(WHITE, WHITE, alpha=0.75))


MADE = {"jar": jar, "flame": flame, "drop": drop,
        "box": box, "phone": phone, "laptop": laptop, "shoe": shoe, "watch": watch, "book": book, "house": house,
        "rocket": rocket, "bulb": bulb, "guitar": guitar, "ball": ball}
