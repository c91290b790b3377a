"""Paper and brush: flat shapes, ramps, glows and soft shadows on a Pillow image drawn at twice its size."""

from __future__ import annotations

import colorsys
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]
OVERSAMPLE = 2


@dataclass(frozen=True)
class Ramp:
    """A fill running from one colour to another, downwards or across; `alpha` 0..1 lets the ground shine through."""

    start: Colour
    end: Colour
    across: bool = False
    alpha: float = 1.0


Paint = Colour | Ramp


def chance(seed: object) -> random.Random:
    """Chance that repeats itself: the same seed gives the same picture. Nothing secret hangs on it."""
    return random.Random(str(seed))  # noqa: S311


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` 0 gives the first colour, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def turn(colour: Colour, degrees: float, lighter: float = 0.0, richer: float = 0.0) -> Colour:
    """The colour with its hue turned, its lightness and saturation moved (both -1..1)."""
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    light, saturation = (min(1.0, max(0.0, part)) for part in (light + lighter, saturation + richer))
    red, green, blue = (round(part * 255) for part in colorsys.hls_to_rgb((hue + degrees / 360) % 1, light, saturation))
    return red, green, blue


def smooth(points: Sequence[Point], closed: bool = True, steps: int = 9) -> list[Point]:
    """A round line through all points (Catmull-Rom)."""
    count, line = len(points), []
    for index in range(count if closed else count - 1):
        a, b, c, d = (points[(index + k) % count] if closed else points[min(max(index + k, 0), count - 1)]
                      for k in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            line.append((_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t)))
    if not closed:
        line.append(points[-1])
    return line


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


@lru_cache(maxsize=1)
def _halo() -> Image.Image:
    """A soft disc: full in the middle, nothing at the rim, without the edge a linear fall-off shows."""
    return Image.radial_gradient("L").point([int(255 * (math.cos(min(1.0, v / 182) * math.pi) + 1) / 2)
                                             for v in range(256)])


class Canvas:
    """A picture in the making. Coordinates are pixels of the finished picture, y downwards."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * OVERSAMPLE, height * OVERSAMPLE))
        self._draw = ImageDraw.Draw(self.image)

    def flood(self, top: Colour, bottom: Colour, middle: Colour | None = None) -> None:
        """Cover everything with a ramp, through a third colour where one is given."""
        stops = [top, bottom] if middle is None else [top, middle, bottom]
        strip = Image.new("RGB", (1, len(stops)))
        strip.putdata(stops)
        self.image.paste(strip.resize((1, 512), Image.Resampling.BICUBIC).resize(
            self.image.size, Image.Resampling.BILINEAR))

    def polygon(self, points: Sequence[Point], paint: Paint) -> None:
        flat = [(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points]
        if not isinstance(paint, Ramp):
            self._draw.polygon(flat, fill=paint)
            return
        xs, ys = [x for x, _ in flat], [y for _, y in flat]
        self._paste((min(xs), min(ys), max(xs), max(ys)), paint,
                    lambda pen, left, top: pen.polygon([(x - left, y - top) for x, y in flat], fill=255))

    def ellipse(self, cx: float, cy: float, rx: float, ry: float, paint: Paint) -> None:
        box = tuple(v * OVERSAMPLE for v in (cx - rx, cy - ry, cx + rx, cy + ry))
        if not isinstance(paint, Ramp):
            self._draw.ellipse(box, fill=paint)
            return
        self._paste(box, paint, lambda pen, left, top: pen.ellipse(
            (box[0] - left, box[1] - top, box[2] - left, box[3] - top), fill=255))

    def slab(self, left: float, top: float, right: float, bottom: float, paint: Paint, radius: float = 0) -> None:
        """A rectangle, its corners rounded by `radius`."""
        box = tuple(v * OVERSAMPLE for v in (left, top, right, bottom))
        if not isinstance(paint, Ramp):
            self._draw.rounded_rectangle(box, radius * OVERSAMPLE, fill=paint)
            return
        self._paste(box, paint, lambda pen, x, y: pen.rounded_rectangle(
            (box[0] - x, box[1] - y, box[2] - x, box[3] - y), radius * OVERSAMPLE, fill=255))

    def stroke(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """A line with round joints and ends."""
        flat = [(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points]
        self._draw.line(flat, fill=colour, width=max(1, round(width * OVERSAMPLE)), joint="curve")
        half = width * OVERSAMPLE / 2
        for x, y in (flat[0], flat[-1]):
            self._draw.ellipse((x - half, y - half, x + half, y + half), fill=colour)

    def glow(self, cx: float, cy: float, radius: float, colour: Colour, strength: float = 0.6,
             squash: float = 1.0) -> None:
        """Light (or, in a dark colour, shade) that fades to nothing at `radius`."""
        rx, ry = radius * OVERSAMPLE, radius * OVERSAMPLE * squash
        left, top = round(cx * OVERSAMPLE - rx), round(cy * OVERSAMPLE - ry)
        width, height = max(2, round(2 * rx)), max(2, round(2 * ry))
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(self.image.width, left + width), min(self.image.height, top + height)
        if x1 <= x0 or y1 <= y0:
            return
        part = (256 * (x0 - left) / width, 256 * (y0 - top) / height,
                256 * (x1 - left) / width, 256 * (y1 - top) / height)
        mask = _halo().resize((x1 - x0, y1 - y0), Image.Resampling.BILINEAR, box=part)
        self.image.paste(colour, (x0, y0), mask.point([int(v * strength) for v in range(256)]))

    def veil(self, shapes: Sequence[Sequence[Point]], colour: Colour, strength: float, blur: float) -> None:
        """Blurred polygons over everything: steam, light beams, cast shadows. Worked out at a quarter of the size."""
        small = (self.width // 4 + 1, self.height // 4 + 1)
        mask = Image.new("L", small)
        pen = ImageDraw.Draw(mask)
        for points in shapes:
            pen.polygon([(x / 4, y / 4) for x, y in points], fill=int(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(blur / 4))
        box = mask.getbbox()
        if box is None:
            return
        scale = 4 * OVERSAMPLE
        full = mask.crop(box).resize(((box[2] - box[0]) * scale, (box[3] - box[1]) * scale), Image.Resampling.BILINEAR)
        self.image.paste(colour, (box[0] * scale, box[1] * scale), full)

    def scrim(self, side: str, reach: float, colour: Colour, strength: float) -> None:
        """Darken one side ("top", "bottom", "left", "right") so that type can be read there; `reach` is 0..1."""
        ramp = Image.linear_gradient("L")
        ramp = {"bottom": ramp, "top": ramp.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
                "left": ramp.transpose(Image.Transpose.ROTATE_270),
                "right": ramp.transpose(Image.Transpose.ROTATE_90)}[side]
        width, height = self.image.size
        deep, wide = round(height * reach), round(width * reach)
        box = {"bottom": (0, height - deep, width, height), "top": (0, 0, width, deep),
               "left": (0, 0, wide, height), "right": (width - wide, 0, width, height)}[side]
        mask = ramp.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.BILINEAR)
        mask = mask.point([int(255 * strength * (v / 255) ** 1.4) for v in range(256)])
        self.image.paste(colour, box, mask)

    def finished(self) -> Image.Image:
        """The picture at its real size."""
        return self.image.reduce(OVERSAMPLE)

    def _paste(self, box: Sequence[float], paint: Ramp, drawing: object) -> None:
        left, top = math.floor(box[0]), math.floor(box[1])
        size = (max(1, math.ceil(box[2]) - left + 1), max(1, math.ceil(box[3]) - top + 1))
        mask = Image.new("L", size)
        drawing(ImageDraw.Draw(mask), left, top)  # type: ignore[operator]
        if paint.alpha < 1:
            mask = mask.point([int(v * paint.alpha) for v in range(256)])
        strip = Image.new("RGB", (2, 1) if paint.across else (1, 2))
        strip.putdata([paint.start, paint.end])
        # Half a pixel is cut from each end: a stretched pair is flat up to its pixels' middles.
        span = (0.5, 0, 1.5, 1) if paint.across else (0, 0.5, 1, 1.5)
        self.image.paste(strip.resize(size, Image.Resampling.BILINEAR, box=span), (left, top), mask)
