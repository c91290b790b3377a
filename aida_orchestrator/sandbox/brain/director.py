"""The director's mind: one shot a beat, a Midjourney prompt and a Kling prompt in English for each."""

import re
from typing import Any

from . import bank, wishes
from .english import looks, translate
from .language import detect, primary
from .lexicon import subjects
from .reading import Reading, read
from .tones import TONES, Tone, default_tone, find_tones

_SIZES = {
    "hook": ("wide establishing shot", "24mm lens, deep focus"),
    "build": ("medium shot", "35mm lens, eye level"),
    "detail": ("macro detail shot", "100mm macro lens, shallow depth of field"),
    "turn": ("close-up", "85mm lens, shallow depth of field"),
    "climax": ("hero shot", "50mm lens, low angle"),
    "close": ("end frame, high angle wide shot", "35mm lens, generous negative space"),
}
# A film that dwells on one part of the arc looks at it from elsewhere every second time.
_AGAIN = {"build": "medium close-up", "detail": "medium shot from above", "turn": "medium close-up"}
_LIFE = {
    "food": "steam curling upward", "product": "reflections gliding over the surface",
    "fashion": "fabric moving in a soft breeze", "travel": "people and clouds drifting in the distance",
    "nature": "leaves and light moving gently",
    "people": "natural gestures and blinking eyes", "sport": "dust and breath in the air",
    "event": "natural gestures and blinking eyes", "business": "hands and screens in quiet activity",
    "any": "light slowly changing",
}
_ANGLES = ("low angle", "high angle", "three-quarter view", "profile view", "over-the-shoulder view")
_DRESS = (*(lens for _, lens in _SIZES.values()), *(tone.light for tone in TONES.values()), *_ANGLES,
          "first light, long shadows", "last light of the day")
_MOVES = {"hook": 0, "build": 1, "detail": 5, "turn": 3, "climax": 2, "close": 4}


_MUST = re.compile(r"shot (\d+) must (?:show the|keep the name) (.+?)(?:, in these words)?$", re.MULTILINE)


def storyboard(text: str, remarks: str = "") -> dict[str, Any]:
    """Style words and a shot for every beat, each as long as its beat; `remarks` name what a first answer left out."""
    brief, script = wishes.document(text, "brief"), wishes.document(text, "script")
    feedback = wishes.part(text, "feedback")
    language = primary(str(brief.get("language") or "en"))
    about = read(f"{brief.get('title') or script.get('title') or ''}. {brief.get('intent') or ''}", language)
    wish = read(feedback, language)
    tone = _tone(brief, feedback, about)
    style = _style(brief, tone, feedback, wish)
    beats = [beat for beat in script.get("beats") or [] if isinstance(beat, dict)] or [{}]
    camera = _Camera(brief, tone, style, about, language, feedback)
    roles = bank.roles(len(beats))
    shots = [
        camera.shot(place, role, roles[: place - 1].count(role), beat)
        for place, (role, beat) in enumerate(zip(roles, beats, strict=True), 1)
    ]
    for number, words in _MUST.findall(remarks):
        for shot in shots[int(number) - 1 : int(number)]:
            shot["picture_prompt"] += f", {words}"
    return {"style_words": style, "shots": shots}


def _tone(brief: dict[str, Any], feedback: str, about: Reading) -> Tone:
    asked = find_tones(feedback) or find_tones(str(brief.get("tone") or ""))
    return asked[0] if asked else (about.tone if about.groups else default_tone(""))


def _style(brief: dict[str, Any], tone: Tone, feedback: str, wish: Reading) -> str:
    """The brief's look; a feedback that names a tone puts that tone's look in front."""
    kept = str(brief.get("style_words") or tone.style)
    asked = [each.style for each in find_tones(feedback) if each.style not in kept] + looks(feedback)
    plain = [feedback] if feedback and wish.language == "en" and len(feedback.split()) <= 12 else []
    return ", ".join(part for part in dict.fromkeys([*asked, *plain, kept]) if part == kept or part not in kept)


def _asked(feedback: str, language: str) -> list[str]:
    """What a feedback wants to see, in English."""
    wish = read(feedback, language)
    pieces = [piece for piece in (wish.subject, *wish.extra) if subjects(piece, language)]
    return list(dict.fromkeys([*(translate(piece, language) for piece in pieces), *looks(feedback)]))


def _undressed(picture: str) -> str:
    """The scene inside one of our own picture prompts; any other text as it is."""
    for size in (*(size for size, _ in _SIZES.values()), *_AGAIN.values()):
        picture = picture.removeprefix(f"{size}: ")
    ends = [picture.find(f", {mark}") for mark in _DRESS]
    return picture[: min((end for end in ends if end > 0), default=len(picture))]


class _Camera:
    def __init__(
        self, brief: dict[str, Any], tone: Tone, style: str, about: Reading, language: str, feedback: str
    ) -> None:
        self._tone, self._style, self._about, self._language, self._feedback = tone, style, about, language, feedback
        self._wishes = _asked(feedback, language)
        self._frame = {"9:16": "vertical composition", "1:1": "centred square composition"}.get(
            str(brief.get("aspect_ratio")), "widescreen composition")

    def shot(self, place: int, role: str, before: int, beat: dict[str, Any]) -> dict[str, Any]:
        """`before`: how many shots of the same role came already."""
        size, lens = _SIZES[role]
        size = _AGAIN.get(role, size) if before % 2 else size
        scene, category = self._scene(str(beat.get("picture") or beat.get("words") or self._about.subject))
        light = self._light(role)
        asked = bank.choose(_ANGLES, place, self._feedback) if self._feedback else ""
        parts = (f"{size}: {scene}", *self._wishes, asked, light, lens, self._style, self._frame)
        picture = ", ".join(part for part in parts if part)
        return {
            "beat": place,
            "picture_prompt": picture[:900],
            "motion_prompt": f"{bank.capital(self._move(role, place, before))}, {_LIFE[category]}, {self._pace()}",
            "seconds": int(beat.get("seconds") or 5),
        }

    def _scene(self, picture: str) -> tuple[str, str]:
        """The picture in English, and the kind of film it belongs to."""
        picture = _undressed(picture)
        known = bank.recognise_scene(picture)
        if known is None:
            language = detect(picture, self._language)
            return translate(picture.rstrip("."), language), self._about.category
        section, step, slots = known
        spoken = {key: translate(text, self._language) for key, text in slots.items() if text}
        category = section.removeprefix("scene.")
        scene = bank.fill(bank.sections("en")[section][step], **{"s": self._named(), "d": self._named(), **spoken})
        return scene, self._about.category if category == "any" else category

    def _named(self) -> str:
        return translate(self._about.subject, self._language) or "the subject"

    def _light(self, role: str) -> str:
        if self._tone.light in self._style:
            return "first light, long shadows" if role == "hook" else "last light of the day" if role == "close" else ""
        return self._tone.light

    def _move(self, role: str, place: int, before: int) -> str:
        moves = self._tone.motion
        turn = bank.number("move", self._feedback) % len(moves) if self._feedback else 0
        return moves[(_MOVES[role] + turn + before + (place // 6)) % len(moves)]

    def _pace(self) -> str:
        if TONES[self._tone.name].family == "dynamic":
            return "fast, decisive pace"
        return "light, springy pace" if self._tone.family == "playful" else "calm, unhurried pace"
