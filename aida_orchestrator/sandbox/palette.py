"""Colours by mood: which words of a prompt call for which light, and eight colours that go together."""

from __future__ import annotations

from dataclasses import dataclass, fields

from .canvas import Colour, chance, mix, turn


@dataclass(frozen=True)
class Palette:
    """`sky` to `horizon` is the ground; `far`, `mid`, `near` lie before it; `accent` is for what matters."""

    sky: Colour
    horizon: Colour
    far: Colour
    mid: Colour
    near: Colour
    accent: Colour
    second: Colour
    paper: Colour

    def turned(self, degrees: float, lighter: float = 0.0, richer: float = 0.0) -> Palette:
        return Palette(*(turn(getattr(self, field.name), degrees, lighter, richer) for field in fields(self)))

    @property
    def ink(self) -> Colour:
        """The darkest tone of the family, for shadows and small print."""
        return mix(self.near, (8, 8, 14), 0.62)


def _palette(line: str) -> Palette:
    colours: list[Colour] = [(int(c[0:2], 16), int(c[2:4], 16), int(c[4:6], 16)) for c in line.split()]
    return Palette(*colours)


#                sky    horizon far    mid    near   accent second paper
PALETTES = {name: [_palette(line) for line in lines] for name, lines in {
    "food": ("7a2e1d e8a04c c9713a 9c4326 4f1d16 f2542d f6c453 fff3dc",
             "3f2a1d d9a066 a8693c 7c4527 36190f d1495b edae49 fdf0d5",
             "8c3b2a f4c67a d98a4b a9502e 532018 2a9d63 e63946 fff4e0"),
    "coffee": ("3b2418 c99a6b 8f5f3d 63402a 2a170f d98e4a f0d3a4 fbf1e3",
               "54382a e3bf94 aa7a55 7a5138 38221a c8553d f2dfc2 fff6ea"),
    "sea": ("0f4c75 9ad1d4 4f9da6 1f6f8b 0b3048 ff8c61 ffd27d f3fbf9",
            "14588a f7d9b0 5fb3bf 22859a 0c3d57 ff6b5e ffd166 fff8ec",
            "0b3954 bfd7ea 62a9c4 087e8b 082c40 ff5a5f f9c784 f2fbff"),
    "night": ("0a0e2a 3a2f6b 2a2a5a 1b1d44 0b0c22 ffb347 ff5d8f f1efff",
              "07152b 21486b 1c3556 12243f 070f1f ffd166 4cc9f0 eef7ff",
              "140b26 5b2a6e 3d1f57 28153f 10081e f9a03f ef476f fbeefc"),
    "sunset": ("3d1e5f ff9e5e c65670 8a3568 331a45 ffd166 ff6f59 fff1e0",
               "53255e ffb56b e0677a 8c3f74 35183f ffe08a f25f5c fff4e6"),
    "morning": ("8ec5d6 fde6c0 c9d6c0 8fb3a3 3f6662 f2845c f7c873 fffaf0",
                "b7cde8 ffe1d0 d9bfc4 a58fae 4f4a6b ef7b6c f9cf7e fffaf4"),
    "mountain": ("3f6f9f dfeaf0 9fb8cc 5f86a6 22405c f28f3b f6d186 f6fbff",
                 "51557e f3d7ca a7a3c2 686d9b 2a2c4e ff7f51 ffd29d fdf6f2"),
    "nature": ("5b9279 eaf2c4 a3c29a 5e8f6a 21443a f4a259 f3d34a fbfdf0",
               "3f7d6b f5e6b3 9dbf8b 55856a 1d4038 e76f51 f4d35e fffbe9",
               "2f5d50 d7e6b5 86ab7d 4b7a5c 173329 ef8354 f0c808 f8fcee"),
    "city": ("27335a f2a07b 8a6f95 4f4a7a 1c1f3f ffcb69 ff6f61 fdf1ea",
             "31476b f5c6aa 9a93a8 586384 202a47 f7b267 f4845f fff4ec"),
    "tender": ("d98ba3 fde2e0 f0b7bd c97b93 6b3350 ff5d73 ffd6a5 fff7f5",
               "a88bc4 fbe4f0 d7b4dc a07cb8 4b3166 f2709c ffd9a0 fdf7ff"),
    "neon": ("120c2e 6a1b9a 3c1a78 25115a 0c0722 00e5ff ff2e88 f4efff",
             "06141f 0f5c63 0c3f4d 092a38 04101a 2dffb2 ff3f81 edfffb"),
    "luxury": ("101014 4a3f2c 2f2a22 1f1c19 0b0b0d d9ae5f f1dca7 fbf6ea",
               "0d1526 4a5878 2a3550 182038 080c18 d8b365 f0e0b0 f8f7ee"),
    "bold": ("2b0f54 ff6b35 a4243b 5f1a5c 1f0a3a ffe14d 2de1c2 fff8ec",
             "0b2a6f 3fc1ff 1f6fd0 14459b 081a45 ffd60a ff5a36 f6fbff",
             "12355b ffb627 d72638 7a1f3d 0d1b33 ffffff 3ddbd9 fff7e6"),
    "noir": ("1a1b1e b9bcc2 7a7d84 4a4d54 141518 e23d3d d9dbe0 f5f6f8",
             "26221f cfc4b6 8d8377 5a5249 1b1815 d1a24a e6dccd faf6ef"),
    "snow": ("7fa6c9 f4f8fb cfdde8 9db7cc 40617f e4572e f3c26b fbfdff",),
    "open": ("264653 e9d8a6 94b8a4 2a9d8f 16323c e76f51 f4a261 fdf8ea",
             "2b2d5b f5cbb0 9d8fc2 5a5796 1f2046 ff7a59 ffd07a fff6ee",
             "6b2d5c f7c59f d58a94 9a4a76 3a1737 f9dc5c ef6f6c fff5ea",
             "1f4e5f f0e3c4 9fc0b4 4d8b8e 133540 f0803c f5c66a fbf8ee"),
}.items()}

# Who is named first wins: what a style says outright, then the hour, then what is shown, then how warm it feels.
MOODS = (
    ("noir", "noir monochrome black-and-white bianco-nero grayscale"),
    ("neon", "neon cyberpunk futuristic futuristico hologram robot robots sci-fi"),
    ("luxury", "luxury lusso elegant elegante jewel jewelry gioielli perfume profumo champagne opulent premium"),
    ("snow", "snow snowy neve ice ghiaccio winter inverno"),
    ("night", "night notte midnight moon luna moonlight stars stelle buio nocturnal"),
    ("sunset", "sunset tramonto dusk twilight crepuscolo"),
    ("coffee", "coffee caffe espresso cappuccino cocoa chocolate cioccolato latte barista"),
    ("food", "food cibo pizza pasta spaghetti tagliatelle plate piatto dish kitchen cucina chef cook restaurant "
             "ristorante trattoria bread pane wine vino tomato pomodoro basil sauce sugo cheese oven forno burger "
             "recipe ricetta dinner cena lunch pranzo dessert cake torta soup crumb floured flour dough meal "
             "gelato ice-cream"),
    ("sea", "sea mare ocean oceano beach spiaggia wave waves onde harbor harbour porto boat barca "
            "coast costa island isola swim surf underwater"),
    ("mountain", "mountain mountains montagna montagne alps alpi dolomites dolomiti peak vetta summit hike hiking hiker"),
    ("tender", "love amore wedding matrimonio baby bambino bambina pastel romantic romantico kiss spring primavera pink"),
    ("nature", "forest foresta bosco tree trees albero alberi garden giardino leaf green nature natura "
               "flower flowers fiore fiori vineyard vigna park parco dog cane cat gatto olive farm hills colline"),
    ("bold", "bold high-energy energetic saturated vivid dynamic vibrant sport race runner runners athlete stadium"),
    ("city", "city citta street strada skyline urban urbano building traffic taxi car auto metro tower office"),
    ("food", "rustic cozy cosy homely golden"),
    ("morning", "morning mattina mattino dawn alba sunrise breakfast colazione airy bright clean minimal minimalist"),
    ("night", "dark moody dramatic"),
)


def choose(words: list[str], seed: str, variant: int, family: str) -> tuple[str, Palette]:
    """The mood's name and its colours.

    `family` (a style reference, or the style words a film's shots share) fixes the choice among sister palettes and
    the small turn of hue, so that pictures of one style stay relatives; the variant moves to the next sister.
    """
    said = set(words)
    mood = next((name for name, calls in MOODS if said & set(calls.split())), "open")
    choices = PALETTES[mood]
    kin = chance(f"{family or seed}/{mood}")
    first, hue = kin.randrange(len(choices)), kin.uniform(-7, 7)
    palette = choices[(first + variant % 2) % len(choices)]
    return mood, palette.turned(hue + (0, 4, -7, 5)[variant % 4], (0.0, 0.01, -0.01, 0.02)[variant % 4])
