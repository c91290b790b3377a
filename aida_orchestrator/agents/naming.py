"""Whether a message names a tone, a language or a look in so many words: no campaign's and no habit takes their place."""

from __future__ import annotations

import re

from .prompts.styles import closest

_TONE = re.compile(
    # "Ton" alone is clay in German and "your" in French.
    r"\b(?:ton[oi]s?|tones?|tonfall|mood|stimmung|ambiance|atmosfera|atmosphere|atmosphère|atmosphäre|atmósfera)\b"
    r"|\bim\s+\w+\s+ton\b|\b(?:d['’]un|sur\s+un|le)\s+ton\b|\b(?:num|em|um|o)\s+tom\b",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(
    r"\b(?:in|auf|en|em)\s+(?:lingua\s+|langue\s+|lengua\s+)?(?:"
    r"english|italian|spanish|french|german|portuguese|chinese|japanese|arabic|russian"
    r"|inglese|italiano|spagnolo|francese|tedesco|portoghese|cinese|giapponese|arabo|russo"
    r"|ingl[eé]s|español|espanol|franc[eé]s|alem[aá]n|portugu[eé]s|chino|japon[eé]s|árabe|ruso"
    r"|anglais|italien|espagnol|français|francais|allemand|portugais|chinois|japonais|arabe|russe"
    r"|englisch|italienisch|spanisch|französisch|deutsch|portugiesisch|chinesisch|japanisch|arabisch|russisch"
    r"|inglês|espanhol|francês|alemão|português|chinês|japonês)\b(?!\s+(?:style|look|food|kitchen))",
    re.IGNORECASE,
)
# They suggest a look, but what they name is a subject.
_SUBJECT = re.compile(r"\b(?:food|ricetta|recipe|receta|recette|rezept|cucina)\b", re.IGNORECASE)


def names_a_look(message: str) -> bool:
    """The message asks for a look of the catalogue ("in acquerello"); a subject that one would suit is none."""
    return closest(_SUBJECT.sub(" ", message)) is not None


def names_a_tone(message: str) -> bool:
    """The message speaks of the tone it wants ("tono elegante", "a quiet tone")."""
    return bool(_TONE.search(message))


def names_a_language(message: str) -> bool:
    """The message asks for a language ("in inglese", "auf Deutsch"), as the agents' language rule has it."""
    return bool(_LANGUAGE.search(message))
