"""The style catalogue: twelve looks, each with the words that go to Midjourney and a description for the agents."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...model import Style


@dataclass(frozen=True, slots=True)
class Look:
    """One line of the catalogue; `key` doubles as the style reference (sref) of a Style."""

    key: str
    label: str
    words: str
    description: str
    hints: tuple[str, ...]

    @property
    def style(self) -> Style:
        """The Style a film with this look has."""
        return Style(words=self.words, sref=self.key)

    def suits(self, text: str) -> int:
        """How many of the words that people ask for this look with stand in the text."""
        said = _words_of(text)
        return sum(_words_of(hint) in said for hint in (*self.hints, self.key, self.label))


CATALOGUE = (
    Look(
        "golden-cinema",
        "Golden-hour cinema",
        "cinematic 35mm photograph, golden hour backlight, warm amber highlights, soft teal shadows, shallow depth of"
        " field, fine grain",
        "Feature-film look at the edge of the day: low sun behind the subject, amber highlights, soft teal shadows, "
        "shallow focus, fine grain. Tender and grand at once. For people, places, brands with a story, travel, "
        "weddings, and whenever the message names no look of its own.",
        ("golden hour", "cinematic", "sunset", "tramonto", "cinematografico", "atardecer", "coucher de soleil",
         "sonnenuntergang"),
    ),
    Look(
        "rustic-food",
        "Rustic food",
        "editorial food photograph, window side light, dark wood and linen, visible steam and texture, deep "
        "appetising colours, macro detail",
        "Editorial food on dark wood and linen, one window as the only light, steam, crumbs, oil and flour seen from "
        "very near. Deep reds, greens and browns; hands at work. Appetising and honest. For recipes, restaurants, "
        "bakeries, wine, markets and everything that is eaten or drunk.",
        ("food", "rustic", "rustico", "rústico", "rustique", "rustikal", "ricetta", "recipe", "receta", "recette",
         "rezept", "cucina"),
    ),
    Look(
        "clean-studio",
        "Clean studio",
        "high-end studio product photograph, seamless pale background, large softbox, crisp reflections, precise "
        "edges, generous empty space",
        "Product on a seamless pale ground, one large soft light, crisp reflections, exact edges, much empty space "
        "for the eye. Calm, precise, expensive. For products, cosmetics, devices, packaging, watches and launches "
        "where the object is the hero and nothing may distract from its shape.",
        ("studio", "minimal", "minimalist", "minimalista", "pulito", "packshot", "product shot", "sfondo bianco",
         "white background"),
    ),
    Look(
        "neon-night",
        "Neon night",
        "night city photograph, neon magenta and cyan glow, wet asphalt reflections, light haze, anamorphic flares, "
        "deep blacks",
        "City after rain: magenta and cyan signs doubled in wet asphalt, haze, long flares, deep black around the "
        "light. Fast, young, slightly dangerous. For music, night life, games, fashion drops, cars, technology and "
        "anything that is meant to feel electric.",
        ("neon", "neón", "néon", "cyberpunk", "by night", "at night", "di notte", "de noche", "de nuit", "bei nacht"),
    ),
    Look(
        "documentary",
        "Documentary",
        "documentary photograph, available light, handheld 28mm, true skin tones, unposed moment, subtle grain, muted"
        " natural colours",
        "A photographer who was simply there: available light, near wide lens, true skin, moments nobody posed, muted"
        " natural colours. Close and believable. For crafts, workplaces, testimonials, non-profits, schools, sport "
        "behind the scenes and stories about real people.",
        ("documentary", "documentario", "documental", "documentaire", "dokumentarisch", "reportage", "realistic",
         "realistico"),
    ),
    Look(
        "epic-nature",
        "Epic nature",
        "epic landscape photograph, vast scale, aerial vantage, dramatic clouds, crisp air, layered distance, rich "
        "natural colours",
        "Vast landscape with a small human measure in it: high vantage, layered distance, weather on the move, crisp "
        "air and saturated but natural colour. Awe and freedom. For outdoor brands, hotels, travel, environment, "
        "sport in the mountains or at sea, and openings that must breathe.",
        ("epic", "epico", "épico", "épique", "episch", "landscape", "paesaggio", "paisaje", "paysage", "landschaft",
         "drone", "aerial"),
    ),
    Look(
        "noir",
        "Black-and-white noir",
        "black and white photograph, hard single key light, long shadows, venetian blinds, smoke, high contrast, rich"
        " grain",
        "Black and white with one hard light: long shadows, half-hidden faces, smoke, wet streets, rich grain. Tense,"
        " elegant, adult. For mystery, portraits, perfume, jazz, tailoring, history, and for plain subjects that "
        "deserve drama. Never for food that should look fresh.",
        ("noir", "black and white", "bianco e nero", "blanco y negro", "noir et blanc", "schwarzweiß", "monochrome",
         "monocromo"),
    ),
    Look(
        "retro-seventies",
        "Seventies film",
        "1970s film still, faded Kodachrome palette, mustard and burnt orange, soft halation, dust and grain, vintage"
        " zoom lens",
        "A faded seventies print: mustard, burnt orange, brown and cream, soft glow around lights, dust, slow zooms. "
        "Nostalgic and good-humoured. For family memories, music, road trips, coffee, vintage goods, and brands with "
        "a past worth showing.",
        ("retro", "rétro", "vintage", "seventies", "anni settanta", "70s", "años setenta", "nostalgic", "nostalgico"),
    ),
    Look(
        "watercolour",
        "Watercolour",
        "hand-painted watercolour illustration, wet-in-wet washes, visible paper grain, loose ink lines, airy pastel "
        "palette",
        "Hand-painted pages: washes that bleed into each other, loose ink lines, paper grain, pastel air and white "
        "left unpainted. Gentle and poetic. For children, fables, gardens, poetry, wellness, greetings and memories "
        "that a photograph would make too plain.",
        ("watercolour", "watercolor", "acquerello", "acquarello", "acuarela", "aquarelle", "aquarell", "aquarela",
         "painted", "dipinto"),
    ),
    Look(
        "paper-cut",
        "Paper cut-out",
        "layered paper cut-out diorama, handmade card textures, soft top light with real small shadows, bold simple "
        "shapes, limited bright palette",
        "A small theatre of layered paper: bold shapes, handmade edges, real little shadows, few bright colours. "
        "Playful and clear. For explanations, how a thing works, charities, schools, seasons and holidays, and ideas "
        "too abstract to be photographed.",
        ("paper", "cut-out", "carta ritagliata", "papier", "papel", "scherenschnitt", "collage", "diorama"),
    ),
    Look(
        "toy-3d",
        "Soft 3D",
        "soft 3D render, rounded toy-like forms, matte clay materials, pastel gradient background, gentle global "
        "illumination, tilt-shift",
        "Rounded figures of matte clay under an even soft light, pastel gradients, miniature depth of field. Friendly"
        " and modern. For apps, start-ups, services, characters and mascots, finance or health made approachable, and"
        " anything for families.",
        ("3d", "clay", "plastilina", "pasta modellabile", "knete", "toy", "cartoon", "pixar", "animazione",
         "animation"),
    ),
    Look(
        "bold-graphic",
        "Bold graphic",
        "flat graphic poster illustration, bold geometric shapes, strict grid, three flat colours, strong negative "
        "space, screen-print texture",
        "A printed poster come to life: flat geometry, a strict grid, three colours, large empty fields, a trace of "
        "screen-print. Confident and fast to read. For announcements, events, campaigns, culture, statistics, and "
        "messages that have to land within seconds.",
        ("graphic", "grafico", "gráfico", "graphique", "grafisch", "poster", "manifesto", "flat design", "geometric",
         "geometrico"),
    ),
)
DEFAULT = CATALOGUE[0]
LOOKS = {look.key: look for look in CATALOGUE}


def find_look(key: str) -> Look | None:
    """The look of this key, whatever its letter case."""
    return LOOKS.get(key.strip().lower())


def closest(text: str, *, but: str = "") -> Look | None:
    """The look the text asks for in the plainest words; None when it names none."""
    candidates = [look for look in CATALOGUE if look.key != but]
    best = max(candidates, key=lambda look: look.suits(text))
    return best if best.suits(text) else None


def offers_for(style: Style, count: int = 3) -> tuple[Look, ...]:
    """Looks to try instead of this one, taken from all over the catalogue, always the same for the same style."""
    start = next((place for place, look in enumerate(CATALOGUE) if look.key == style.sref), -1)
    step = len(CATALOGUE) // (count + 1)
    return tuple(CATALOGUE[(start + 1 + step * number) % len(CATALOGUE)] for number in range(count))


def catalogue_text() -> str:
    """The catalogue as the agents read it, one `key | description` line each."""
    return "\n".join(f"{look.key} | {look.description}" for look in CATALOGUE)


def _words_of(text: str) -> str:
    """Words between single spaces, so that only whole words are found in it."""
    return " " + " ".join(re.findall(r"[^\W_]+", text.lower())) + " "
