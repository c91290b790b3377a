"""Things that stand on a table: cups, plates, bottles, bread, fruit and what is made of them."""

from __future__ import annotations

import math
import random

from .canvas import Ramp, mix, turn
from .spot import Spot

WHITE = (252, 248, 240)
CRUST, CRUST_DARK = (222, 160, 84), (158, 94, 40)
LEAF, LEAF_DARK = (88, 140, 70), (46, 92, 50)
TOMATO, TOMATO_DARK = (226, 66, 46), (160, 32, 30)


def cup(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    body = p.accent if rnd.random() < 0.5 else mix(p.paper, p.second, 0.12)
    dark = turn(mix(body, p.near, 0.45), 0)
    s.ground(0.95)
    s.oval(0, 0.035, 0.62, 0.085, mix(body, (0, 0, 0), 0.18))
    s.oval(0, 0.055, 0.6, 0.08, Ramp(mix(body, WHITE, 0.35), dark, across=True))
    s.oval(0, 0.06, 0.36, 0.045, mix(dark, body, 0.4))
    s.ring(0.43, 0.42, 0.15, 0.16, dark, 0.055)
    s.blob([(-0.42, 0.68), (-0.41, 0.4), (-0.3, 0.14), (-0.16, 0.07), (0.16, 0.07), (0.3, 0.14), (0.41, 0.4),
            (0.42, 0.68)], Ramp(mix(body, WHITE, 0.25), dark, across=True))
    s.oval(0, 0.69, 0.42, 0.085, mix(body, WHITE, 0.45))
    s.oval(0, 0.685, 0.375, 0.068, Ramp((96, 54, 28), (58, 30, 18)))
    s.oval(-0.05, 0.69, 0.2, 0.03, (206, 156, 104))
    s.oval(-0.05, 0.69, 0.1, 0.015, (244, 222, 186))
    s.line([(-0.33, 0.56), (-0.32, 0.38), (-0.25, 0.22)], mix(body, WHITE, 0.6), 0.022)
    s.steam(0.72)


def _plate(s: Spot, tilt: float = 0.3) -> None:
    s.ground(1.1)
    s.oval(0, 0.13, 0.85, 0.85 * tilt, mix(s.palette.paper, s.palette.near, 0.42))
    s.oval(0, 0.16, 0.85, 0.85 * tilt, Ramp(WHITE, mix(s.palette.paper, s.palette.mid, 0.22)))
    s.oval(0, 0.165, 0.6, 0.58 * tilt, Ramp(mix(s.palette.paper, s.palette.mid, 0.3), WHITE))


def pasta(s: Spot, rnd: random.Random) -> None:
    _plate(s)
    s.oval(0, 0.2, 0.5, 0.15, mix(TOMATO_DARK, (0, 0, 0), 0.12))
    for layer in range(30):
        lift = layer / 30
        wide = 0.5 * (1 - lift * 0.75)
        cx, cy = rnd.uniform(-0.06, 0.06), 0.19 + lift * 0.3
        start, sweep = rnd.uniform(0, math.tau), rnd.uniform(2.2, 4.4)
        turns = [(cx + wide * math.cos(start + sweep * k / 9), cy + wide * 0.34 * math.sin(start + sweep * k / 9))
                 for k in range(10)]
        tone = mix((247, 205, 118), (205, 140, 58), rnd.random() * (1 - lift * 0.5))
        s.line(turns, mix(tone, (110, 60, 20), 0.45), 0.042)
        s.line([(x, y + 0.008) for x, y in turns], tone, 0.028)
    s.blob([(-0.2, 0.42), (-0.1, 0.52), (0.08, 0.53), (0.2, 0.44), (0.1, 0.38), (-0.08, 0.37)],
           Ramp(TOMATO, TOMATO_DARK))
    for dx, turned in ((-0.07, 0.5), (0.07, -0.6), (0.01, 1.6)):
        _leaf(s, dx, 0.5, 0.16, turned)
    s.steam(0.52, 0.16)


def fish(s: Spot, rnd: random.Random) -> None:
    _plate(s)
    skin = mix((150, 176, 190), s.palette.mid, 0.2)
    s.blob([(-0.46, 0.26), (-0.28, 0.37), (0.02, 0.39), (0.24, 0.31), (0.36, 0.26), (0.22, 0.2), (0, 0.15), (-0.3, 0.17)],
           Ramp(mix(skin, WHITE, 0.35), mix(skin, s.palette.ink, 0.45)))
    s.poly([(0.3, 0.26), (0.52, 0.38), (0.46, 0.26), (0.52, 0.14)], mix(skin, s.palette.ink, 0.4))
    s.oval(-0.36, 0.28, 0.022, 0.022, (24, 26, 32))
    for k in range(5):
        s.line([(-0.18 + k * 0.09, 0.34), (-0.15 + k * 0.09, 0.27), (-0.18 + k * 0.09, 0.2)], mix(skin, WHITE, 0.6), 0.01)
    for dx, dy in ((0.18, 0.15), (-0.02, 0.1), (0.36, 0.12)):
        s.oval(dx, dy, 0.085, 0.035, Ramp((252, 226, 92), (226, 178, 40)))
        s.oval(dx, dy, 0.06, 0.023, (255, 244, 178))
    for dx, turned in ((-0.3, 2.0), (-0.16, 1.2), (-0.42, 1.6)):
        _leaf(s, dx, 0.12, 0.16, turned)


def _leaf(s: Spot, dx: float, dy: float, length: float, turned: float) -> None:
    def at(along: float, side: float) -> tuple[float, float]:
        c, n = math.cos(turned), math.sin(turned)
        return dx + length * (along * n + side * c), dy + length * (along * c - side * n) * 0.75
    s.blob([at(0, 0), at(0.35, 0.24), at(0.75, 0.16), at(1, 0), at(0.75, -0.16), at(0.35, -0.24)],
           Ramp(LEAF, LEAF_DARK))
    s.line([at(0.05, 0), at(0.9, 0)], mix(LEAF, WHITE, 0.35), 0.007)


def bowl(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    glaze = mix(p.accent, p.mid, 0.25)
    s.ground(1.0)
    s.oval(0, 0.05, 0.26, 0.06, mix(glaze, p.ink, 0.6))
    s.blob([(-0.68, 0.46), (-0.6, 0.24), (-0.34, 0.07), (0, 0.03), (0.34, 0.07), (0.6, 0.24), (0.68, 0.46)],
           Ramp(mix(glaze, WHITE, 0.3), mix(glaze, p.ink, 0.5), across=True))
    s.oval(0, 0.47, 0.69, 0.16, mix(glaze, WHITE, 0.5))
    s.oval(0, 0.465, 0.63, 0.135, Ramp(mix(p.second, (120, 60, 20), 0.35), mix(p.second, p.accent, 0.3)))
    for _ in range(22):
        a, r = rnd.uniform(0, math.tau), math.sqrt(rnd.random()) * 0.85
        dx, dy = 0.56 * r * math.cos(a), 0.48 + 0.11 * r * math.sin(a)
        tone = rnd.choice([TOMATO, LEAF, (246, 214, 120), p.accent, (250, 240, 214)])
        s.oval(dx, dy + 0.02, 0.07, 0.05, Ramp(mix(tone, WHITE, 0.25), mix(tone, (40, 20, 10), 0.3)))
    _leaf(s, 0.04, 0.54, 0.24, 0.3)
    _leaf(s, -0.02, 0.54, 0.22, -0.5)
    s.steam(0.56, 0.2)


def pizza(s: Spot, rnd: random.Random) -> None:
    s.ground(1.15)
    s.oval(0, 0.12, 0.95, 0.32, mix((120, 74, 40), s.palette.ink, 0.35))
    s.oval(0, 0.145, 0.95, 0.32, Ramp((176, 118, 66), (122, 76, 40)))
    s.oval(0, 0.19, 0.82, 0.275, mix(CRUST_DARK, (40, 16, 8), 0.25))
    s.oval(0, 0.225, 0.82, 0.275, Ramp((240, 190, 112), CRUST_DARK))
    s.oval(0, 0.23, 0.68, 0.215, Ramp(TOMATO, (178, 44, 30)))
    for index in range(15):
        a, r = index * 2.4, 0.62 * math.sqrt((index + 0.4) / 15)
        dx, dy = r * math.cos(a), 0.235 + r * 0.3 * math.sin(a)
        big = rnd.uniform(0.07, 0.115)
        s.oval(dx, dy, big, big * 0.42, Ramp((255, 250, 234), (244, 214, 160)))
    for index in range(5):
        a = index * 1.257 + 0.5
        s.oval(0.46 * math.cos(a), 0.245 + 0.14 * math.sin(a), 0.07, 0.032, Ramp((240, 96, 60), TOMATO_DARK))
    for dx, dy, turned in ((-0.2, 0.24, 0.8), (0.12, 0.28, -0.9), (0.3, 0.18, 1.4), (0, 0.16, -1.7)):
        _leaf(s, dx, dy, 0.17, turned)
    for index in range(9):
        a = index * 0.7
        s.oval(0.755 * math.cos(a), 0.228 + 0.248 * math.sin(a), 0.03, 0.014, (126, 68, 30))
    s.steam(0.36, 0.24)


def burger(s: Spot, rnd: random.Random) -> None:
    s.ground(0.9)
    s.slab(-0.52, 0.03, 0.52, 0.2, Ramp(CRUST, CRUST_DARK), 0.08)
    s.slab(-0.56, 0.19, 0.56, 0.34, Ramp((116, 62, 36), (66, 32, 20)), 0.07)
    s.poly([(-0.56, 0.36), (0.56, 0.36), (0.36, 0.3), (0.2, 0.2), (0.02, 0.31), (-0.3, 0.27)], (252, 190, 66))
    s.blob([(-0.6, 0.4), (-0.4, 0.35), (-0.2, 0.42), (0, 0.35), (0.2, 0.42), (0.4, 0.35), (0.6, 0.41), (0.5, 0.47),
            (-0.5, 0.47)], Ramp((132, 186, 84), LEAF_DARK))
    s.slab(-0.5, 0.43, 0.5, 0.5, TOMATO, 0.03)
    s.blob([(-0.55, 0.52), (-0.5, 0.74), (-0.25, 0.92), (0, 0.96), (0.25, 0.92), (0.5, 0.74), (0.55, 0.52),
            (0, 0.49)], Ramp((242, 184, 100), (186, 112, 50)))
    for _ in range(16):
        dx = rnd.uniform(-0.36, 0.36)
        s.oval(dx, 0.87 - dx * dx * 0.9 - rnd.uniform(0, 0.16), 0.02, 0.012, (255, 240, 204))


def bottle(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    glass = mix(p.near, (24, 60, 44), 0.5)
    _wineglass(s, 0.44, p.accent)
    s.ground(0.5)
    s.blob([(-0.17, 0.02), (-0.18, 0.3), (-0.175, 0.52), (-0.1, 0.66), (-0.062, 0.74), (-0.06, 0.96), (0.06, 0.96),
            (0.062, 0.74), (0.1, 0.66), (0.175, 0.52), (0.18, 0.3), (0.17, 0.02)],
           Ramp(mix(glass, WHITE, 0.22), mix(glass, (0, 0, 0), 0.5), across=True))
    s.slab(-0.066, 0.8, 0.066, 1.0, Ramp(p.accent, mix(p.accent, p.ink, 0.5), across=True), 0.015)
    s.slab(-0.172, 0.17, 0.172, 0.45, Ramp(WHITE, mix(p.paper, p.mid, 0.35), across=True), 0.01)
    s.oval(0, 0.35, 0.05, 0.05, p.accent)
    for dy, wide in ((0.26, 0.11), (0.22, 0.07)):
        s.line([(-wide, dy), (wide, dy)], mix(p.ink, p.paper, 0.25), 0.009)
    s.line([(-0.14, 0.5), (-0.09, 0.62)], mix(glass, WHITE, 0.65), 0.014)


def _wineglass(s: Spot, dx: float, wine: tuple[int, int, int]) -> None:
    pale = mix(s.palette.paper, s.palette.mid, 0.15)
    s.oval(dx, 0.02, 0.13, 0.03, Ramp(pale, s.palette.mid, alpha=0.75))
    s.line([(dx, 0.03), (dx, 0.27)], pale, 0.016)
    s.blob([(dx - 0.13, 0.6), (dx - 0.15, 0.44), (dx - 0.1, 0.31), (dx, 0.26), (dx + 0.1, 0.31), (dx + 0.15, 0.44),
            (dx + 0.13, 0.6)], Ramp(pale, WHITE, across=True, alpha=0.38))
    s.blob([(dx - 0.145, 0.45), (dx - 0.1, 0.32), (dx, 0.275), (dx + 0.1, 0.32), (dx + 0.145, 0.45)],
           Ramp(turn(wine, 0, 0.08), turn(wine, -8, -0.12), across=True, alpha=0.94))
    s.oval(dx, 0.45, 0.143, 0.028, turn(wine, 0, 0.1))
    s.oval(dx, 0.605, 0.128, 0.022, Ramp(WHITE, pale, alpha=0.5))


def cake(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    cream, sponge = mix(p.paper, p.second, 0.18), mix((206, 142, 84), p.mid, 0.15)
    s.ground(0.95)
    s.oval(0, 0.04, 0.66, 0.1, mix(p.paper, p.mid, 0.35))
    s.oval(0, 0.06, 0.66, 0.1, WHITE)
    for low, wide in ((0.08, 0.5), (0.42, 0.36)):
        high = low + 0.32
        s.slab(-wide, low, wide, high, Ramp(mix(sponge, WHITE, 0.15), mix(sponge, p.ink, 0.3), across=True), 0.03)
        s.slab(-wide, low + 0.12, wide, low + 0.18, Ramp(WHITE, mix(cream, p.mid, 0.3), across=True))
        drips = [(-wide, high)] + [(-wide + wide * 2 * k / 8, high - 0.06 - 0.07 * (k % 2)) for k in range(9)]
        s.blob([*drips, (wide, high), (0, high + 0.06)], Ramp(mix(p.accent, WHITE, 0.25), p.accent))
        s.oval(0, high, wide, 0.06, mix(p.accent, WHITE, 0.35))
    for dx in (-0.18, 0, 0.18):
        s.slab(dx - 0.014, 0.75, dx + 0.014, 0.9, p.second, 0.01)
        s.glow(dx, 0.94, 0.13, (255, 214, 120), 0.8)
        s.blob([(dx, 0.99), (dx + 0.022, 0.94), (dx, 0.905), (dx - 0.022, 0.94)], (255, 236, 170))


def icecream(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(0.3, 0.4)
    s.poly([(-0.2, 0.5), (0.2, 0.5), (0, 0.0)], Ramp(CRUST, CRUST_DARK, across=True))
    for k in range(1, 5):
        s.line([(-0.2 + k * 0.08, 0.5), (k * 0.04 - 0.02, 0.05 + k * 0.02)], CRUST_DARK, 0.007)
        s.line([(0.2 - k * 0.08, 0.5), (0.02 - k * 0.04, 0.05 + k * 0.02)], CRUST_DARK, 0.007)
    for dx, dy, tone in ((-0.13, 0.6, p.accent), (0.13, 0.6, p.second), (0, 0.78, mix(p.paper, p.accent, 0.15))):
        s.oval(dx, dy, 0.17, 0.165, Ramp(mix(tone, WHITE, 0.35), mix(tone, p.mid, 0.3)))
        s.oval(dx - 0.05, dy + 0.06, 0.04, 0.03, Ramp(WHITE, WHITE, alpha=0.5))


def bread(s: Spot, rnd: random.Random) -> None:
    s.ground(1.0)
    s.slab(-0.9, 0.0, 0.9, 0.09, Ramp((168, 112, 64), (110, 66, 36)), 0.03)
    s.blob([(-0.72, 0.1), (-0.75, 0.3), (-0.5, 0.52), (0, 0.6), (0.5, 0.52), (0.75, 0.3), (0.72, 0.1), (0, 0.06)],
           Ramp((236, 178, 104), (142, 80, 36)))
    for dx in (-0.42, -0.14, 0.14, 0.42):
        top = 0.54 - dx * dx * 0.45
        s.blob([(dx - 0.11, top - 0.3), (dx - 0.03, top - 0.12), (dx + 0.12, top), (dx + 0.05, top - 0.16)],
               Ramp((255, 232, 186), (226, 168, 100)))
    for dx in (0.95, 1.02, 1.09):
        s.line([(dx, 0.02), (dx + 0.05, 0.4), (dx + 0.02, 0.75)], (214, 168, 88), 0.012)
        for k in range(6):
            s.oval(dx + 0.03 + 0.03 * (k % 2 * 2 - 1), 0.5 + k * 0.05, 0.025, 0.03, (232, 190, 104))


def fruit(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(1.0)
    tones = [TOMATO, p.accent, (240, 168, 48), (246, 206, 74)]
    for index, (dx, r) in enumerate(((-0.46, 0.24), (0.5, 0.22), (0.02, 0.32), (-0.22, 0.18), (0.3, 0.16))):
        tone = tones[index % 4]
        s.oval(dx, r * 0.92, r, r * 0.94, Ramp(mix(tone, WHITE, 0.22), mix(tone, (60, 10, 20), 0.4)))
        s.oval(dx - r * 0.35, r * 1.3, r * 0.22, r * 0.14, Ramp(WHITE, WHITE, alpha=0.55))
        for turned in (-1.2, -0.3, 0.6, 1.4):
            _leaf(s, dx, r * 1.78, r * 0.5, turned)


TABLE = {"fish": fish, "cup": cup, "pasta": pasta, "bowl": bowl, "pizza": pizza, "burger": burger,
         "bottle": bottle, "cake": cake,
         "icecream": icecream, "bread": bread, "fruit": fruit}
