"""The tones a film can have: how people ask for them, and what each means for pictures, light and movement."""
# ruff: noqa: E501

from dataclasses import dataclass

from .lexicon import LANGUAGES, fold, words


@dataclass(frozen=True, eq=False)
class Tone:
    """One tone: its family decides the lines, its style and light the pictures, its motion the camera."""

    name: str
    family: str
    shown: dict[str, str]
    stems: tuple[str, ...]
    style: str
    light: str
    motion: tuple[str, ...]


_SLOW = ("slow push in", "gentle pan left", "slow tilt up", "slow orbit", "gradual pull back", "almost still, slight drift")
_FAST = ("fast push in", "whip pan left", "quick tilt up", "fast orbit", "rapid pull back", "energetic handheld drift")
_LIVELY = ("bouncy push in", "playful pan right", "quick tilt down", "half orbit", "snappy pull back", "light handheld drift")

# name | family | shown in the six languages | stems that ask for it | style words | light
_TABLE = """
dynamic | dynamic | dynamic, dinamico, dinámico, dynamique, dynamisch, dinâmico | dynami, dinamic, energ, veloce, rapid, fast, ritm, rhythm, adrenalin, incalzant, punchy, schnell, rapide, action, azione | high-energy, bold contrast, motion blur, saturated colours | hard directional light with sharp highlights
elegant | calm | elegant, elegante, elegante, élégant, elegant, elegante | elegan, raffinat, refined, sofistic, sophistic, chic, classy, edel | elegant, minimal composition, restrained palette, fine textures | soft key light with deep, clean shadows
luxury | calm | luxurious, di lusso, de lujo, luxueux, luxuriös, luxuoso | luxur, lusso, lujo, luxe, luxus, luxo, premium, esclusiv, exclusi, exklusiv | luxury editorial, black and gold palette, polished surfaces | low-key light with golden rim light
playful | playful | playful, divertente, divertido, amusant, verspielt, divertido | playful, divert, funny, fun, amusan, drole, lustig, witzig, ironic, irony, humor, humour, comic, allegr, spiritos, gracios, engracad, simpatic, colorat, colorful, colourful | playful, candy colours, graphic shapes, pop art touch | bright even light with cheerful colour accents
warm | calm | warm, caldo, cálido, chaleureux, warm, caloroso | warm, cald, calid, chaleur, caloros, autentic, authenti, cozy, cosy, accoglient, famigli, genuin, gemutlich, hearty, rustic | warm natural tones, rustic textures, authentic | golden hour light through a window
epic | dynamic | epic, epico, épico, épique, episch, épico | epic, epique, episch, grandios, maestos, majest, heroic, eroic, spettacol, spectac, dramatic, drammatic, dramatisch, dramatique | epic scale, sweeping vistas, deep contrast, cinematic grade | dramatic light breaking through clouds
romantic | calm | romantic, romantico, romántico, romantique, romantisch, romântico | romanti, dolce, tender, tenero, sweet, sognant, dreamy, soñador, reveur, vertraumt, poetic, poetico, poetique | romantic, pastel palette, soft focus, film grain | backlight at sunset with gentle flare
calm | calm | calm, calmo, sereno, calme, ruhig, calmo | calm, tranquil, seren, rilass, relax, relaj, ruhig, apais, lent, slow, peaceful, zen, meditativ, contemplativ | serene, airy composition, muted palette | soft overcast light
modern | dynamic | modern, moderno, moderno, moderne, modern, moderno | modern, futurist, futurist, tech, hightech, innovativ, minimal, clean, pulit | clean modern design, cool palette, geometric lines | crisp studio light with cool accents
nostalgic | calm | nostalgic, nostalgico, nostálgico, nostalgique, nostalgisch, nostálgico | nostalg, vintage, retro, anni 70, anni 80, old fashioned, memor | vintage film look, faded colours, 35mm grain | hazy late afternoon light
dark | calm | mysterious, misterioso, misterioso, mystérieux, geheimnisvoll, misterioso | dark, oscur, cupo, noir, mister, myster, geheimnis, sombr, duster, suspense, thriller | noir mood, high contrast, deep blacks, selective colour | single hard light cutting through darkness
moving | calm | moving, commovente, emotivo, émouvant, bewegend, comovente | moving, emotion, emozion, emotiv, commovent, emoc, emouv, beruhr, bewegend, touching, toccant, inspir, ispir | intimate, honest faces, shallow focus, natural palette | soft window light on faces
"""

_DEFAULTS = {
    "food": "warm", "car": "dynamic", "tech": "modern", "beauty": "elegant", "fashion": "elegant", "travel": "epic",
    "sea": "calm", "nature": "calm", "animal": "moving", "wedding": "romantic", "sport": "dynamic", "music": "dynamic",
    "people": "warm", "folk": "moving", "business": "modern", "home": "calm",
}


def _load() -> dict[str, Tone]:
    tones = {}
    for line in _TABLE.strip().splitlines():
        name, family, shown, stems, style, light = (cell.strip() for cell in line.split("|"))
        motion = {"dynamic": _FAST, "playful": _LIVELY}.get(family, _SLOW)
        tones[name] = Tone(
            name, family, dict(zip(LANGUAGES, (word.strip() for word in shown.split(",")), strict=True)),
            tuple(fold(stem.strip()) for stem in stems.split(",")), style, light, motion,
        )
    return tones


TONES = _load()


def _matches(token: str, stem: str) -> bool:
    return token == stem if len(stem) <= 4 else token.startswith(stem)


def is_tone_word(word: str) -> bool:
    """Whether a single word asks for a tone."""
    return any(_matches(token, stem) for token in words(word) for tone in TONES.values() for stem in tone.stems)


def find_tones(text: str) -> list[Tone]:
    """Tones a text asks for, in the order it names them."""
    tokens = words(text)
    hits = [
        (place, tone) for place, token in enumerate(tokens) for tone in TONES.values()
        if any(_matches(token, stem) for stem in tone.stems)
    ]
    return list(dict.fromkeys(tone for _, tone in sorted(hits, key=lambda hit: hit[0])))


def default_tone(group: str) -> Tone:
    """The tone that suits a subject when nobody asked for one."""
    return TONES[_DEFAULTS.get(group, "warm")]
