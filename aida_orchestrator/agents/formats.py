"""The formats a message names: by their numbers, by words ("verticale"), or by the place a film is for ("for YouTube")."""

from __future__ import annotations

import re

from .lengths import as_said

RATIOS = ("16:9", "9:16", "1:1")
DEFAULT_RATIO = RATIOS[0]

_FOR = r"\b(?:for|per|para|pour|fürs?|voor|pro|dla|для)\s+" \
    r"(?:(?:the|our|my|your|il|la|lo|i|el|le|das|den|die|unsere?n?|o|a)\s+|(?:(?:il|la|le|el|o|a)\s+)?(?:mi[oa]|nostr[oa]|nuestr[oa]|notre|mon|noss[oa])\s+|l['’])?"
_ON = r"\b(?:(?:on|su|sul|en|sur|auf|no|na|op)\s+)"
_PLATFORM = r"(?:instagram|insta|ig|whatsapp|facebook|snapchat)"
_END = r"(?=\s*(?:$|[.,;:!?)]|please\b|and\b|but\b|with\b))"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# What is said outright, and what only follows from where the film will be shown: "a square film for TikTok" is square.
_OUTRIGHT = {
    "9:16": _any(
        r"(?<!\d)9\s*[:x/]\s*16(?!\d)",
        r"(?<!giardino )(?<!orto )(?<!bosco )\bvertical(?:e|i|es)?\b(?! (?:gardens?|farm|farming)\b)",
        r"\bportrait (?:format|mode|video)\b", r"\bupright\b(?! piano)", r"\bhochformat\b", r"\bhochkant\w*"),
    "1:1": _any(
        r"(?<!\d)1\s*[:x/]\s*1(?!\d)", r"\bsquare (?:format|video|film|clip)\b",
        rf"(?:\b(?:in|but|it|as)|,)\s+square\b{_END}",
        r"^square\b(?! (?:in|of)\b)", r"(?<!metro )(?<!metri )\bquadrat[oi]\b", r"\bquadratisch\w*",
        r"(?<!metro )(?<!metros )\b(?:cuadrad|quadrad)[oa]\b", r"\b(?:format |en )carré\b", r"\bvidéo carrée\b"),
    "16:9": _any(
        r"(?<!\d)16\s*[:x/]\s*9(?!\d)", r"\borizzontale\b", r"\bhorizontal(?:e)?\b", r"\blandscape (?:format|mode|video)\b",
        r"\bwidescreen\b", r"\bquerformat\b", r"\bapaisado\b", r"\bformat paysage\b"),
}
_SHOWN = {
    "9:16": _any(
        r"\breels?\b", r"\btik\s?tok\b", r"(?<!\bin )\bshorts\b",
        r"(?<!true )(?<!love )(?<!life )(?<!tell )(?<!tells )(?<!telling )(?<!short )(?<!fairy )\bstories\b"
        r"(?! (?:of|about|from|that|told|by)\b)",
        rf"\b{_PLATFORM}[ -](?:story|stori[ea])\b",
        rf"\b(?:story|stori[ea]|historias?)\s+(?:di|de|per|for|su|on)\s+{_PLATFORM}\b",
        r"\bper le storie\b(?! d)"),
    "1:1": _any(
        r"\bfeed[ -]?posts?\b", rf"\b{_PLATFORM}[ -](?:feed|posts?)\b",
        rf"\bposts?\s+(?:for|on|per|di|su|para|de|en|pour|sur|für|auf)\s+(?:{_PLATFORM}|linkedin)\b",
        rf"{_FOR}(?:(?:{_PLATFORM}|linkedin)\s+)?feed\b"),
    "16:9": _any(
        rf"(?:{_FOR}|{_ON})you\s?tube\b(?!\s*-?\s*shorts?\b)",
        rf"{_FOR}(?:tv|tele|televisione|television|televisión|télévision|télé"
        r"|fernsehen|televisão|cinema|cine|cinéma|kino|movie theat\w+|sito(?: web)?|website|web\s?site|web|sitio(?: web)?"
        r"|site(?: web| internet)?|webseite|homepage|home page)\b"),
}
SAID = (*_OUTRIGHT.values(), *_SHOWN.values())
_PARAMETER = re.compile(r"(?<!\S)(?:--|—)[a-z]\w*\s+[\d:.]+", re.IGNORECASE)


def ratios_in(message: str) -> tuple[str, ...]:
    """The formats the message names, in order and each once; what it says outright goes before where it will be shown.

    A parameter of a picture model ("--ar 1:1") counts only where nothing else is said.
    """
    bare = _PARAMETER.sub(" ", message)
    for text, words in ((bare, _OUTRIGHT), (bare, _SHOWN), (message, _OUTRIGHT)):
        found = sorted((hit.start(), ratio) for ratio, said in words.items() for hit in said.finditer(text))
        if found:
            return as_said(text, found)
    return ()


def ratio_in(message: str) -> str | None:
    """The first format the message names; None if it names none."""
    return next(iter(ratios_in(message)), None)
