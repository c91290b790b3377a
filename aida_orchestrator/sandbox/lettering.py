"""Type on the picture: wrapped and never overflowing, with accents the built-in face lacks drawn by hand."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from .canvas import OVERSAMPLE, Canvas, Colour

MARK = "SANDBOX"
STAND_INS = {"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u00df": "ss",
             "\u00e6": "ae", "\u0153": "oe", "\u00f8": "o", "\u2026": "..."}


@lru_cache(maxsize=64)
def _face(size: int) -> ImageFont.FreeTypeFont:
    face = ImageFont.load_default(size)
    if not isinstance(face, ImageFont.FreeTypeFont):  # Pillow built without FreeType
        raise RuntimeError("Pillow lacks FreeType; install the Pillow wheel from PyPI")
    return face


def printable(text: str) -> str:
    """What the face can set: base letters followed by their combining accents; other scripts are left out."""
    plain = unicodedata.normalize("NFKD", "".join(STAND_INS.get(c, c) for c in text))
    kept = "".join(c for c in plain if " " <= c <= "~" or unicodedata.combining(c))
    return " ".join(kept.split())


def _bare(text: str) -> str:
    return "".join(c for c in text if not unicodedata.combining(c))


def _write(pen: ImageDraw.ImageDraw, x: float, y: float, text: str, size: int, colour: Colour, weight: float) -> None:
    """One line; (x, y) is its top left, `weight` thickens the strokes."""
    face, bare = _face(size), _bare(text)
    pen.text((x, y), bare, font=face, fill=colour, stroke_width=weight)
    written = ""
    for letter in text:
        if not unicodedata.combining(letter):
            written += letter
            continue
        if not written:
            continue
        width = face.getlength(written[-1])
        middle = x + face.getlength(written) - width / 2
        _accent(pen, letter, middle, y, face.getbbox(written[-1])[1], size, colour, weight)


def _accent(pen: ImageDraw.ImageDraw, letter: str, x: float, y: float, top: float, size: int, colour: Colour,
            weight: float) -> None:
    name, r, thick = unicodedata.name(letter, ""), size * 0.1, max(2, round(size * 0.055 + weight))
    over, under = y + top - size * 0.07, y + size * 0.98
    if "GRAVE" in name:
        pen.line((x - r, over - r, x + r * 0.4, over), colour, thick)
    elif "ACUTE" in name:
        pen.line((x - r * 0.4, over, x + r, over - r), colour, thick)
    elif "DIAERESIS" in name:
        for way in (-1, 1):
            pen.ellipse((x + way * r - thick / 2, over - thick, x + way * r + thick / 2, over), colour)
    elif "CIRCUMFLEX" in name:
        pen.line((x - r, over, x, over - r, x + r, over), colour, thick)
    elif "CEDILLA" in name:
        pen.line((x, under - r, x, under, x - r * 0.7, under + r * 0.4), colour, thick)
    else:
        pen.line((x - r, over - r * 0.3, x - r * 0.3, over - r * 0.7, x + r * 0.3, over - r * 0.2, x + r,
                  over - r * 0.6),
                 colour, thick)


def wrap(text: str, size: int, width: float) -> list[str]:
    """Lines no wider than `width` where words allow it."""
    face, lines = _face(size), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or face.getlength(_bare(longer)) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def title(canvas: Canvas, text: str, label: str, box: tuple[float, float, float, float], colour: Colour,
          accent: Colour, at_top: bool = False, centred: bool = False) -> None:
    """Set the title as large as the box (left, top, right, bottom; final pixels) lets it, under a small label."""
    left, top, right, bottom = (v * OVERSAMPLE for v in box)
    words, pen = printable(text), ImageDraw.Draw(canvas.image)
    unit = min(canvas.width, canvas.height) * OVERSAMPLE
    small = max(18, round(unit * 0.024))
    size = round(unit * 0.108)
    while True:
        lines = wrap(words, size, right - left)
        weight = size * 0.017
        widest = max(_face(size).getlength(_bare(line)) for line in lines) + 2 * weight
        tall = len(lines) * size * 1.08 + small * 3.4
        if size <= 20 or (widest <= right - left and tall <= bottom - top and len(lines) <= 3):
            break
        size = round(size * 0.93)
    y = top if at_top else bottom - tall
    _label(pen, (left + right) / 2 if centred else left, y, label, small, colour, accent, centred)
    y += small * 2.9
    for line in lines:
        length = _face(size).getlength(_bare(line))
        _write(pen, (left + right - length) / 2 if centred else left, y, line, size, colour, weight)
        y += size * 1.08


def _label(pen: ImageDraw.ImageDraw, x: float, y: float, label: str, size: int, colour: Colour, accent: Colour,
           centred: bool) -> None:
    """Small spaced capitals with a short rule before (or, centred, above) them."""
    text, rule = label.upper(), size * 2.2
    if centred:
        pen.line((x - rule / 2, y, x + rule / 2, y), accent, max(3, size // 7))
        spaced(pen, x - _spaced_length(text, size) / 2, y + size * 0.7, text, size, colour)
        return
    pen.line((x, y + size * 0.62, x + rule, y + size * 0.62), accent, max(3, size // 7))
    spaced(pen, x + rule + size * 0.8, y, text, size, colour)


def _spaced_length(text: str, size: int) -> float:
    return sum(_face(size).getlength(c) + size * 0.22 for c in text) - size * 0.22


def spaced(pen: ImageDraw.ImageDraw, x: float, y: float, text: str, size: int, colour: Colour | int) -> None:
    """A line of letter-spaced type."""
    for letter in text:
        pen.text((x, y), letter, font=_face(size), fill=colour, stroke_width=size * 0.02)
        x += _face(size).getlength(letter) + size * 0.22


@lru_cache(maxsize=8)
def mark(width: int, height: int) -> tuple[Image.Image, tuple[int, int]]:
    """The SANDBOX badge as grey on dark with alpha (mode LA), and where its top left corner goes."""
    unit = min(width, height)
    size = max(11, round(unit * 0.019))
    wide, tall = round(_spaced_length(MARK, size) + size * 1.7), round(size * 2.1)
    badge, mask = Image.new("L", (wide * 4, tall * 4), 18), Image.new("L", (wide * 4, tall * 4))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, wide * 4 - 1, tall * 4 - 1), tall * 2, fill=168)
    spaced(ImageDraw.Draw(badge), size * 3.4, size * 2.1, MARK, size * 4, 244)
    both = Image.merge("LA", (badge, mask)).resize((wide, tall), Image.Resampling.LANCZOS)
    gap = round(unit * 0.03)
    return both, (width - wide - gap, gap)


def stamp(image: Image.Image) -> None:
    """Put the SANDBOX badge in the top right corner of an RGB picture."""
    badge, corner = mark(*image.size)
    grey, mask = badge.split()
    image.paste(Image.merge("RGB", (grey, grey, grey)), corner, mask)
