"""A place on the canvas with its own measure: one unit is the subject's height, y upwards from where it stands."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .canvas import Canvas, Paint, Point, mix, smooth
from .palette import Palette


class Spot:
    """Where one subject stands. `flip` mirrors it; colours come from the picture's palette."""

    def __init__(self, canvas: Canvas, x: float, y: float, size: float, palette: Palette, flip: bool = False) -> None:
        self.canvas, self.x, self.y, self.size, self.palette = canvas, x, y, size, palette
        self.way = -1 if flip else 1

    def at(self, dx: float, dy: float) -> Point:
        return self.x + self.way * dx * self.size, self.y - dy * self.size

    def poly(self, points: Sequence[Point], paint: Paint) -> None:
        self.canvas.polygon([self.at(*point) for point in points], paint)

    def blob(self, points: Sequence[Point], paint: Paint) -> None:
        """A closed round shape through the points."""
        self.poly(smooth(points), paint)

    def oval(self, dx: float, dy: float, rx: float, ry: float, paint: Paint) -> None:
        x, y = self.at(dx, dy)
        self.canvas.ellipse(x, y, rx * self.size, ry * self.size, paint)

    def slab(self, left: float, bottom: float, right: float, top: float, paint: Paint, radius: float = 0) -> None:
        (x0, y1), (x1, y0) = self.at(left, bottom), self.at(right, top)
        self.canvas.slab(min(x0, x1), y0, max(x0, x1), y1, paint, radius * self.size)

    def line(self, points: Sequence[Point], colour: tuple[int, int, int], width: float, curved: bool = True) -> None:
        """A pen line, `width` in units; curved through the points unless told otherwise."""
        path = smooth(points, closed=False) if curved and len(points) > 2 else points
        self.canvas.stroke([self.at(*point) for point in path], colour, width * self.size)

    def ring(self, dx: float, dy: float, rx: float, ry: float, colour: tuple[int, int, int], width: float) -> None:
        turns = [(dx + rx * math.cos(a / 24 * math.tau), dy + ry * math.sin(a / 24 * math.tau)) for a in range(25)]
        self.line(turns, colour, width, curved=True)

    def glow(self, dx: float, dy: float, radius: float, colour: tuple[int, int, int], strength: float = 0.5) -> None:
        x, y = self.at(dx, dy)
        self.canvas.glow(x, y, radius * self.size, colour, strength)

    def ground(self, width: float, strength: float = 0.6) -> None:
        """The soft shadow under what stands here; `width` in units."""
        self.canvas.glow(self.x, self.y, width * self.size, self.palette.ink, strength, squash=0.22)

    def steam(self, base: float, spread: float = 0.12) -> None:
        """Three wisps rising from `base`."""
        wisps = []
        for index, lean in enumerate((-spread, 0.0, spread)):
            tall = 0.46 + 0.12 * (index % 2)
            left, right = [], []
            for step in range(15):
                t = step / 14
                sway = lean + 0.055 * math.sin(t * 7 + index * 2.1)
                wide = 0.03 * math.sin(math.pi * t) + 0.004
                left.append(self.at(sway - wide, base + t * tall))
                right.append(self.at(sway + wide, base + t * tall))
            wisps.append(left + right[::-1])
        self.canvas.veil(wisps, mix(self.palette.paper, (255, 255, 255), 0.5), 0.62, max(3.0, self.size * 0.022))
