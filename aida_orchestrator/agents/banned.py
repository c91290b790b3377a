"""What Midjourney and Kling are known to refuse, and wishes for lettering, found and taken out phrase by phrase.

A short list in the six languages we know, for the clear cases: it saves money and a refusal, it does not replace the
providers' own filters. They have the last word, and what they refuse is handled as a refusal.
"""

# ruff: noqa: E501  (tables of words)

from __future__ import annotations

import re
from collections.abc import Callable

_GORE = r"""gore|gory|dismember\w*|decapitat\w*|behead\w*|disembowel\w*|entrails|mutilat\w*|bloodbath|blood[- ](?:soaked|splatter\w*)
    |pool of blood|severed (?:head|hand|arm|leg|limb)s?|flayed|torture[ds]?|torturing|slit (?:wrists?|throats?)|suicid\w+
    |decapitaz\w+|sgozza\w*|squarta\w*|mutila\w+|sventra\w*|bagno di sangue|pozza di sangue|tortura\w*
    |degolla\w*|baño de sangre|éviscér\w*|bain de sang|enthaupt\w*|blutbad|zerstückel\w*|esquartej\w*|banho de sangue"""
_SEX = r"""nude(?! (?:lipstick|colou?r|tone|shade|make)\w*)|nudes|nudity|naked(?! (?:eye|bulb|flame|wood|brick|wall|branch|tree|rock|light)\w*)|topless|porn\w*|erotic\w*|hentai
    |nsfw|genitals?|nipples?|sexual\w*|sexy|sex scenes?|having sex|intercourse|orgasm\w*|striptease|fetish\w*
    |nud[aoie]|nudità|erotic[oaieh]\w*|pornogra\w+|sessual\w+|seno nudo|desnud\w+|erótic\w+|érotique\w*|nackt\w*|erotisch\w*|pelad[oa]s?"""
_CHILD = r"""child(?:ren)?|kids?|toddlers?|bab(?:y|ies)|minors?|teen(?:ager)?s?|underage|schoolgirls?|schoolboys?|little (?:girl|boy)s?
    |bambin[oaie]|ragazzin[oaie]|minorenn[ei]|niñ[oa]s?|enfants?|kinder|criança\w*"""
_UNFIT = r"""lingerie|underwear|bikinis?|undress\w*|seductiv\w*|sensual\w*|provocativ\w*|bruised|beaten|bleeding|bloody|blood|gun|rifle
    |biancheria intima|mutande|seducent\w*|sensual[ei]|spogli\w+|sangue|pistola|fucile"""
_POLITICIANS = r"""(?:donald )?trump|(?:joe )?biden|kamala harris|(?:barack )?obama|(?:vladimir )?putin|xi jinping|kim jong[- ]un
    |(?:volodymyr )?zelensk\w+|(?:giorgia )?meloni|(?:silvio )?berlusconi|(?:matteo )?salvini|elly schlein|mattarella
    |(?:emmanuel )?macron|marine le pen|(?:angela )?merkel|olaf scholz|friedrich merz|ursula von der leyen|netanyahu
    |erdo[gğ]an|narendra modi|bolsonaro|lula da silva|javier milei|pedro sánchez|keir starmer|boris johnson
    |(?:adolf )?hitler|(?:benito )?mussolini|stalin|bin laden|pope francis|papa francesco"""
_HATE = r"swastikas?|svastic\w+|nazi\w*|ku klux klan|isis flag"
# What asks for letters in the picture; "no text" asks for them as well, since a picture model reads the noun.
_LETTERING = r"""(?:text|words?|letters?|name|title|slogan|logo|inscription) (?:that )?(?:says?|reads?|saying|reading|spelling|on (?:it|screen))
    |(?:sign|banner|neon|poster|label|screen|plate|shop ?window)s? (?:that )?(?:says?|reads?|saying|reading|spelling|with the (?:words?|name|text))
    |with the (?:words?|text|inscription|caption)|captions?|subtitles?|lettering|watermarks?|typograph\w+|title card|headlines?
    |logos?|logotypes?|no (?:text|words|letters)|written (?:on|in|across|above|below)|overlaid text|text overlay|qr codes?"""


def _any(*words: str) -> re.Pattern[str]:
    joined = "|".join(re.sub(r"\s*\n\s*", "", part) for part in words)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)


_ALWAYS = (("gore", _any(_GORE)), ("sexual", _any(_SEX)), ("hate", _any(_HATE)))
_NAMED = _any(_POLITICIANS)
_CHILDREN, _UNFIT_NEAR = _any(_CHILD), _any(_UNFIT)
_LETTERS = _any(_LETTERING)
# What is shown where nothing of a prompt may be.
_BESIDE = "an empty room with light from one window, quiet, seen from the door"
_FEWEST_WORDS = 3
_PHRASE = re.compile(r"[^,;:.]+[,;:.]?\s*")


def banned_in(text: str, *, people: bool = True) -> str:
    """The kind of banned content a text has, "" for none; `people`: real politicians count too (they may be spoken of)."""
    for kind, words in _ALWAYS:
        if words.search(text):
            return kind
    if _CHILDREN.search(text) and _UNFIT_NEAR.search(text):
        return "minors"
    return "politician" if people and _NAMED.search(text) else ""


def wants_lettering(text: str) -> bool:
    """Whether a picture prompt asks for words in the picture."""
    return _LETTERS.search(text) is not None


def without_banned(text: str, *, people: bool = True) -> str:
    """The text without the phrases (up to a comma or stop) that hold something banned; may be empty."""
    minors = banned_in(text, people=False) == "minors"

    def bad(phrase: str) -> bool:
        return bool(banned_in(phrase, people=people) or (minors and _UNFIT_NEAR.search(phrase)))

    return _keep(text, bad)


def without_lettering(text: str) -> str:
    """The text without the phrases that ask for words in the picture; may be empty."""
    return _keep(text, wants_lettering)


def clean_picture(prompt: str) -> str:
    """A picture prompt without banned phrases and lettering; something harmless where too little is left."""
    if not (banned_in(prompt) or wants_lettering(prompt)):
        return prompt
    left = without_lettering(without_banned(prompt))
    # A framing alone, or a lone adjective, is no picture.
    return left if len(left.split(",", 1)[-1].split()) >= _FEWEST_WORDS else _BESIDE


def clean_style(words: str) -> str:
    """Style words without banned phrases and lettering; may be empty."""
    return without_lettering(without_banned(words)) if banned_in(words) or wants_lettering(words) else words


def _keep(text: str, bad: Callable[[str], bool]) -> str:
    return "".join(phrase for phrase in _PHRASE.findall(text) if not bad(phrase)).strip(" ,;:")
