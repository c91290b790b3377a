"""The sandbox's Midjourney: a designed frame for every prompt, in four variants; the same words, the same frame."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageChops

from . import interior, landscape, plain
from .canvas import Canvas, chance
from .lettering import stamp, title
from .made_subjects import MADE
from .palette import Palette, choose
from .reading import Reading, read
from .scenery import Scene
from .spot import Spot
from .table_subjects import TABLE
from .world_subjects import WORLD

SIZES = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960), "4:3": (1120, 840), "3:4": (840, 1120),
         "3:2": (1176, 784), "2:3": (784, 1176), "2:1": (1360, 680), "1:2": (680, 1360), "6:5": (1056, 880),
         "5:6": (880, 1056)}
VARIANTS = 4
MEAL = frozenset({"food", "dish", "restaurant", "kitchen", "meal", "dinner", "lunch", "recipe", "flavours", "trattoria"})
SETTINGS = {"sea": landscape.sea, "mountain": landscape.mountain, "city": landscape.city,
            "country": landscape.country, "table": interior.table, "studio": interior.studio}
COMMENT = b"AIDA SANDBOX"
SUBJECTS = {**TABLE, **WORLD, **MADE}
# Half of a subject's width, in its own heights, where it is not about one half.
REACH = {"car": 1.05, "pizza": 0.95, "bread": 1.05, "pasta": 0.86, "laptop": 0.86, "shoe": 0.84, "book": 0.84,
         "bowl": 0.7,
         "bicycle": 0.8, "cup": 0.62, "burger": 0.62, "cake": 0.66, "fruit": 0.72, "bird": 0.95, "house": 0.8,
         "bottle": 0.6, "watch": 0.4, "jar": 0.62, "fish": 0.86, "flame": 0.5, "drop": 0.72,
         "phone": 0.3, "rocket": 0.32, "icecream": 0.3}
# Where the subject stands, how tall it may be, the title's box (shares of the frame), title at the top?, centred?
WIDE = ((0.70, 0.87, 0.62, (0.085, 0.40, 0.47, 0.90), False, False),
        (0.29, 0.87, 0.62, (0.56, 0.40, 0.915, 0.90), False, False),
        (0.70, 0.97, 0.82, (0.085, 0.11, 0.47, 0.62), True, False), (0.5, 0.70, 0.46, (0.12, 0.745, 0.88, 0.915),
                                                                     False, True))
TALL = ((0.5, 0.69, 0.42, (0.09, 0.72, 0.91, 0.92), False, False),
        (0.56, 0.90, 0.44, (0.09, 0.11, 0.86, 0.40), True, False),
        (0.5, 0.73, 0.56, (0.09, 0.75, 0.91, 0.92), False, False), (0.5, 0.84, 0.34, (0.10, 0.13, 0.90, 0.40), True,
                                                                    True))


def draw(prompt: str, aspect: str, variant: int, reference: str = "") -> bytes:
    """One JPEG. `aspect` is a key of SIZES; `reference` (address or code of a style picture) ties the palette."""
    if plain.wanted():
        return plain.picture(f"{prompt}/{variant}", SIZES[aspect], COMMENT)
    reading = read(prompt)
    seed = " ".join(reading.words)
    mood, palette = choose(reading.words, seed, variant, reference or reading.reference or reading.style)
    canvas = Canvas(*SIZES[aspect])
    rnd = chance(f"{seed}/{variant}")
    label = " / ".join(dict.fromkeys((reading.framing or reading.setting, mood)))
    _compose(canvas, reading, palette, rnd, variant, label)
    image = _finish(canvas.finished(), rnd)
    stamp(image)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88, comment=COMMENT)
    return out.getvalue()


def _compose(canvas: Canvas, reading: Reading, palette: Palette, rnd: random.Random, variant: int, label: str) -> None:
    wide = canvas.width > canvas.height * 1.15
    # The framing names the first variant's layout; without one, chance does, or a film's shots would all look alike.
    first = {"macro": 2, "close-up": 2, "wide shot": 3}.get(reading.framing, chance(reading.title).randrange(2))
    layout = (first + variant) % VARIANTS
    x, base, tall, box, at_top, centred = (WIDE if wide else TALL)[layout]
    light = min(0.9, max(0.1, x + rnd.choice((-0.05, 0.0, 0.05))))
    scene = Scene(canvas, palette, rnd, reading.night, light, quiet_top=at_top and not wide)
    subjects = list(reading.subjects)
    if reading.setting == "studio" and not subjects:
        interior.shapes(scene)
    else:
        SETTINGS[reading.setting](scene)
    _place(scene, reading, subjects, (x, base, tall), layout)
    side = "top" if at_top else "bottom"
    canvas.scrim(side, 0.5 if wide else 0.44, palette.ink, 0.78)
    if wide and not centred:
        canvas.scrim("left" if x > 0.5 else "right", 0.58, palette.ink, 0.62)
    left, top, right, bottom = box
    title(canvas, reading.title, label,
          (left * canvas.width, top * canvas.height, right * canvas.width, bottom * canvas.height),
          palette.paper, palette.accent, at_top, centred)


def _place(scene: Scene, reading: Reading, subjects: list[str], where: tuple[float, float, float],
           variant: int) -> None:
    """Put the subjects where the layout wants them; people at a table stand behind it."""
    x, base, tall = where
    canvas, flip = scene.canvas, bool(variant % 2)
    people = [name for name in subjects if name in ("person", "chef")] if reading.setting == "table" else []
    for name in people:
        aside = 0.08 if len(subjects) > 1 else 0.0
        _stand(scene, name, x - aside, 0.74, min(0.62, tall * 1.05), flip, behind=True)
    if reading.setting == "table":
        interior.tabletop(scene)
        base = max(base, 0.765)  # on the table, not before its edge
    standing = [name for name in subjects if name not in people]
    if reading.setting == "table" and not subjects:
        standing = ["bottle"]
    if reading.setting == "table" and people and not standing:
        standing = ["pasta"] if "chef" in people or MEAL & set(reading.words) else ["cup"]
    if standing and people:
        _stand(scene, standing[0], x + 0.06, min(base + 0.03, 0.95), tall * 0.42, flip)
    elif len(standing) > 1 and standing[0] in ("person", "chef"):
        _stand(scene, standing[0], x, base, tall, flip)
        _stand(scene, standing[1], x + (0.17 if x < 0.6 else -0.17), 0.96, tall * 0.42, not flip)
    elif len(standing) > 1:
        second = x - 0.17 if x > 0.55 else x + 0.17
        if canvas.width > canvas.height and abs(x - 0.5) > 0.1:
            second = x + (0.19 if x > 0.5 else -0.19)
        _stand(scene, standing[1], second, base - 0.06, tall * 0.5, not flip)
        _stand(scene, standing[0], x, base, tall, flip)
    elif standing:
        _stand(scene, standing[0], x, base, tall, flip)


def _stand(
    scene: Scene, name: str, x: float, base: float, tall: float, flip: bool, behind: bool = False
) -> None:
    canvas = scene.canvas
    room = canvas.width * (0.26 if canvas.width > canvas.height * 1.15 else 0.44)
    if base > 0.95 and tall > 0.55:
        room *= 1.4  # a close view may run out of the frame
    size = min(tall * canvas.height, room / REACH.get(name, 0.5))
    if name == "bird":
        base = 0.55
    if name in ("person", "chef") and not behind:  # a half figure must be cut by the frame, not float in it
        base, size = 1.01, min(max(size * 1.15, canvas.height * 0.66), canvas.height * 0.8, room * 1.5)
    spot = Spot(canvas, x * canvas.width, base * canvas.height, size, scene.palette, flip)
    SUBJECTS[name](spot, chance(scene.rnd.random()))


def _finish(image: Image.Image, rnd: random.Random) -> Image.Image:
    """Light from the middle, darker corners, and a grain too fine to see as such."""
    width, height = image.size
    fall = Image.radial_gradient("L").resize((width, height), Image.Resampling.BILINEAR)
    fall = fall.point([255 - int(52 * (v / 255) ** 2.4) for v in range(256)])
    image = ImageChops.multiply(image, Image.merge("RGB", (fall, fall, fall)))
    grain = Image.frombytes("L", (width, height),
                            rnd.randbytes(width * height)).point([123 + v // 24 for v in range(256)])
    return ImageChops.soft_light(image, Image.merge("RGB", (grain, grain, grain)))


