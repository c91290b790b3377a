"""People, animals and things of the world outside the kitchen, each drawn from a few round shapes."""

from __future__ import annotations

import math
import random

from .canvas import Ramp, mix, turn
from .spot import Spot

WHITE = (252, 248, 240)
SKINS = ((241, 194, 152), (224, 172, 126), (168, 112, 72), (120, 78, 52))
HULL = ((-0.54, 0.16), (0.62, 0.16), (0.46, 0.04), (0.36, -0.02), (-0.34, -0.02), (-0.46, 0.05))
HAIRS = ((48, 30, 24), (92, 54, 30), (30, 28, 34), (190, 140, 80), (210, 206, 200))


def _figure(s: Spot, rnd: random.Random, coat: tuple[int, int, int], hat: bool = False) -> None:
    """Head and shoulders to the waist. Without a face: at this size one would make a cartoon of it."""
    skin, hair = rnd.choice(SKINS), rnd.choice(HAIRS)
    long_hair = rnd.random() < 0.5 and not hat
    dark = mix(coat, s.palette.ink, 0.5)
    if long_hair:
        s.blob([(-0.19, 0.84), (-0.23, 0.62), (-0.2, 0.48), (0.2, 0.48), (0.23, 0.62), (0.19, 0.84), (0, 0.96)], hair)
    s.blob([(-0.44, 0.0), (-0.42, 0.3), (-0.3, 0.46), (-0.1, 0.52), (0.1, 0.52), (0.3, 0.46), (0.42, 0.3),
            (0.44, 0.0)], Ramp(mix(coat, WHITE, 0.16), dark, across=True))
    s.slab(-0.075, 0.46, 0.075, 0.66, mix(skin, (90, 40, 30), 0.22), 0.04)
    s.poly([(-0.11, 0.52), (0.11, 0.52), (0, 0.38)], mix(skin, (90, 40, 30), 0.1))
    s.oval(0, 0.72, 0.148, 0.18, Ramp(mix(skin, WHITE, 0.12), mix(skin, (90, 40, 30), 0.22), across=True))
    if hat:
        s.slab(-0.15, 0.83, 0.15, 0.94, Ramp(WHITE, mix(WHITE, s.palette.mid, 0.3), across=True), 0.02)
        for dx in (-0.13, 0, 0.13):
            s.oval(dx, 0.98, 0.12, 0.1, Ramp(WHITE, mix(WHITE, s.palette.mid, 0.22)))
        s.line([(-0.02, 0.42), (-0.02, 0.06)], dark, 0.01)
        for dy in (0.12, 0.22, 0.32):
            s.oval(0.06, dy, 0.018, 0.018, dark)
            s.oval(-0.1, dy, 0.018, 0.018, dark)
    else:
        s.blob([(-0.16, 0.72), (-0.155, 0.86), (-0.05, 0.95), (0.09, 0.94), (0.165, 0.84), (0.16, 0.72), (0.1, 0.82),
                (-0.06, 0.84), (-0.13, 0.78)], hair)


def person(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(0.7, 0.4)
    _figure(s, rnd, rnd.choice([p.accent, p.second, mix(p.accent, p.mid, 0.4)]))


def chef(s: Spot, rnd: random.Random) -> None:
    s.ground(0.7, 0.4)
    _figure(s, rnd, mix(WHITE, s.palette.horizon, 0.14), hat=True)


def car(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(1.35, 0.75)
    s.blob([(-1.0, 0.14), (-1.02, 0.36), (-0.8, 0.46), (-0.5, 0.5), (-0.28, 0.72), (0.22, 0.74), (0.5, 0.52),
            (0.88, 0.45), (1.02, 0.34), (1.0, 0.14), (0, 0.1)], Ramp(mix(p.accent, WHITE, 0.28),
                                                                     mix(p.accent, p.ink, 0.42)))
    glass = Ramp(mix(p.horizon, WHITE, 0.3), mix(p.sky, p.ink, 0.3))
    s.poly([(-0.4, 0.5), (-0.22, 0.67), (-0.02, 0.68), (-0.02, 0.5)], glass)
    s.poly([(0.03, 0.5), (0.03, 0.68), (0.19, 0.67), (0.4, 0.5)], glass)
    s.line([(-0.92, 0.33), (0.94, 0.33)], mix(p.accent, p.ink, 0.4), 0.012)
    s.oval(0.94, 0.37, 0.05, 0.05, (255, 242, 196))
    s.glow(1.05, 0.36, 0.4, (255, 236, 180), 0.6)
    s.oval(-0.98, 0.37, 0.03, 0.05, (232, 50, 50))
    for dx in (-0.58, 0.6):
        s.oval(dx, 0.16, 0.2, 0.2, (24, 24, 30))
        s.oval(dx, 0.16, 0.11, 0.11, Ramp((222, 224, 230), (128, 130, 140)))
        s.oval(dx, 0.16, 0.035, 0.035, (40, 40, 48))


def bicycle(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(0.9, 0.5)
    for dx in (-0.48, 0.48):
        for k in range(8):
            a = k * math.pi / 8
            s.line([(dx - 0.3 * math.cos(a), 0.31 - 0.3 * math.sin(a)),
                    (dx + 0.3 * math.cos(a), 0.31 + 0.3 * math.sin(a))],
                   mix(p.ink, p.paper, 0.4), 0.005)
        s.ring(dx, 0.31, 0.3, 0.3, p.ink, 0.035)
    frame = p.accent
    for path in ([(-0.48, 0.31), (-0.04, 0.31), (0.34, 0.72), (-0.2, 0.72), (-0.48, 0.31)],
                 [(-0.04, 0.31), (-0.22, 0.82)],
                 [(0.48, 0.31), (0.32, 0.86)]):
        s.line(path, frame, 0.04, curved=False)
    s.line([(0.32, 0.86), (0.24, 0.93), (0.4, 0.95)], p.ink, 0.035)
    s.slab(-0.34, 0.81, -0.1, 0.87, p.ink, 0.03)
    s.oval(-0.04, 0.31, 0.06, 0.06, p.ink)


def boat(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.canvas.glow(s.x, s.y + s.size * 0.05, s.size * 0.9, mix(p.paper, p.horizon, 0.3), 0.35, squash=0.12)
    s.line([(0, 0.14), (0, 0.98)], mix((92, 58, 36), p.ink, 0.3), 0.02)
    s.blob([(0.03, 0.96), (0.16, 0.66), (0.3, 0.34), (0.46, 0.22), (0.03, 0.2)],
           Ramp(WHITE, mix(WHITE, p.mid, 0.35), across=True))
    s.blob([(-0.03, 0.86), (-0.16, 0.56), (-0.36, 0.24), (-0.03, 0.2)],
           Ramp(mix(p.accent, WHITE, 0.12), mix(p.accent, p.ink, 0.25)))
    s.poly(HULL, Ramp(mix(p.accent, p.paper, 0.1), mix(p.accent, p.ink, 0.5)))
    s.line([(-0.5, 0.15), (0.55, 0.15)], WHITE, 0.02)


def dog(s: Spot, rnd: random.Random) -> None:
    coat = rnd.choice([(206, 150, 92), (148, 96, 60), (236, 220, 196), (84, 72, 70)])
    dark = mix(coat, s.palette.ink, 0.4)
    s.ground(0.75)
    s.line([(0.3, 0.1), (0.5, 0.22), (0.54, 0.42)], dark, 0.075)
    s.blob([(-0.3, 0.02), (-0.28, 0.36), (-0.16, 0.56), (0.12, 0.54), (0.34, 0.3), (0.38, 0.04), (0, 0.0)],
           Ramp(mix(coat, WHITE, 0.1), dark, across=True))
    for dx in (-0.2, 0.06):
        s.slab(dx - 0.07, 0.0, dx + 0.07, 0.36, mix(coat, WHITE, 0.08), 0.06)
    s.blob([(-0.2, 0.34), (-0.16, 0.5), (0, 0.5), (0.06, 0.34), (-0.06, 0.24)], mix(coat, WHITE, 0.5))
    s.blob([(-0.34, 0.72), (-0.3, 0.9), (-0.08, 0.98), (0.14, 0.9), (0.18, 0.72), (0.06, 0.54), (-0.08, 0.48),
            (-0.22, 0.54)],
           Ramp(mix(coat, WHITE, 0.16), mix(coat, dark, 0.4)))
    s.blob([(-0.28, 0.92), (-0.42, 0.84), (-0.42, 0.6), (-0.3, 0.62)], dark)
    s.blob([(0.12, 0.92), (0.26, 0.84), (0.26, 0.6), (0.14, 0.62)], dark)
    s.blob([(-0.2, 0.66), (-0.08, 0.72), (0.04, 0.66), (0.02, 0.54), (-0.08, 0.5), (-0.18, 0.54)],
           mix(coat, WHITE, 0.6))
    s.oval(-0.08, 0.66, 0.05, 0.035, (34, 26, 28))
    for dx in (-0.19, 0.03):
        s.oval(dx, 0.76, 0.027, 0.032, (34, 26, 28))
        s.oval(dx - 0.008, 0.772, 0.009, 0.009, WHITE)
    s.blob([(-0.12, 0.56), (-0.04, 0.56), (-0.05, 0.47), (-0.08, 0.45), (-0.11, 0.47)], (236, 110, 120))
    s.line([(-0.24, 0.5), (-0.08, 0.44), (0.08, 0.5)], s.palette.accent, 0.045)


def cat(s: Spot, rnd: random.Random) -> None:
    coat = rnd.choice([(224, 138, 70), (70, 66, 76), (232, 224, 212), (160, 150, 146)])
    dark = mix(coat, s.palette.ink, 0.4)
    s.ground(0.65)
    s.line([(0.24, 0.06), (0.52, 0.1), (0.56, 0.34), (0.44, 0.44)], dark, 0.07)
    s.blob([(-0.28, 0.02), (-0.24, 0.34), (-0.12, 0.56), (0.12, 0.56), (0.28, 0.32), (0.32, 0.02), (0, 0.0)],
           Ramp(mix(coat, WHITE, 0.1), dark, across=True))
    for dx in (-0.26, 0.1):
        s.poly([(dx - 0.02, 0.78), (dx + (0 if dx < 0 else 0.16), 1.04), (dx + 0.18, 0.84)], dark)
    s.blob([(-0.3, 0.7), (-0.24, 0.86), (0, 0.92), (0.24, 0.86), (0.3, 0.7), (0.18, 0.54), (0, 0.5), (-0.18, 0.54)],
           Ramp(mix(coat, WHITE, 0.18), mix(coat, dark, 0.35)))
    for dx in (-0.12, 0.12):
        s.oval(dx, 0.72, 0.055, 0.05, (214, 226, 120))
        s.oval(dx, 0.72, 0.017, 0.045, (24, 20, 26))
    s.poly([(-0.03, 0.65), (0.03, 0.65), (0, 0.62)], (226, 120, 126))
    for way in (-1, 1):
        for lift in (0.6, 0.64):
            s.line([(0.08 * way, lift), (0.36 * way, lift + 0.02)], mix(coat, WHITE, 0.7), 0.006)


def bird(s: Spot, rnd: random.Random) -> None:
    for dx, dy, big in ((0, 0.7, 1.0), (-0.6, 0.95, 0.5), (0.55, 1.0, 0.4), (0.3, 0.5, 0.6)):
        for way in (-1, 1):
            s.blob([(dx, dy), (dx + 0.14 * way * big, dy + 0.12 * big), (dx + 0.36 * way * big, dy + 0.06 * big),
                    (dx + 0.15 * way * big, dy + 0.06 * big)], mix(s.palette.paper, s.palette.ink,
                                                                   0.1 if big == 1 else 0.4))


def flower(s: Spot, rnd: random.Random) -> None:
    p = s.palette
    s.ground(0.5, 0.4)
    tones = [p.accent, p.second, mix(p.accent, WHITE, 0.35)]
    for index, (dx, dy, r) in enumerate(((-0.3, 0.58, 0.17), (0.32, 0.54, 0.16), (0, 0.78, 0.21))):
        stem = (68, 120, 74)
        s.line([(dx * 0.15, 0), (dx * 0.6, dy * 0.5), (dx, dy)], stem, 0.022)
        for way in (-1, 1):
            s.blob([(dx * 0.4, dy * 0.3), (dx * 0.4 + 0.12 * way, dy * 0.38), (dx * 0.4 + 0.22 * way, dy * 0.62),
                    (dx * 0.4 + 0.05 * way, dy * 0.5)], Ramp((112, 164, 96), (48, 98, 62)))
        for ring, petals in ((1.0, 9), (0.66, 7)):
            for k in range(petals):
                a = k / petals * math.tau + index + ring
                tone = mix(tones[index], WHITE, 0.12 + 0.25 * (1 - ring))
                s.oval(dx + r * 0.62 * ring * math.cos(a), dy + r * 0.62 * ring * math.sin(a), r * 0.42 * ring + 0.02,
                       r * 0.42 * ring + 0.02, Ramp(mix(tone, WHITE, 0.25), mix(tone, p.ink, 0.22)))
        s.oval(dx, dy, r * 0.27, r * 0.27, Ramp((255, 216, 110), (214, 140, 40)))


def tree(s: Spot, rnd: random.Random) -> None:
    green = mix((92, 142, 84), s.palette.mid, 0.3)
    s.ground(0.7, 0.5)
    s.blob([(-0.06, 0), (-0.04, 0.4), (0.04, 0.4), (0.08, 0)], Ramp((124, 82, 54), (66, 42, 34), across=True))
    for dx, dy, r in ((-0.24, 0.5, 0.22), (0.25, 0.5, 0.21), (0, 0.56, 0.28), (-0.13, 0.74, 0.21), (0.14, 0.76, 0.2),
                      (0, 0.86, 0.17)):
        s.oval(dx, dy, r, r * 0.92, Ramp(turn(green, 8, 0.12), mix(green, s.palette.ink, 0.36)))


WORLD = {"person": person, "chef": chef, "car": car, "bicycle": bicycle, "boat": boat, "dog": dog, "cat": cat,
         "bird": bird, "flower": flower, "tree": tree}
