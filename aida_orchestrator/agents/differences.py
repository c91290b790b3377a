"""What a message that follows a film wants otherwise: its length, its look, its tone; by plain words of six languages."""

from __future__ import annotations

import re

from .pointing import without_pointing
from .prompts.styles import CATALOGUE

# "più lunga" stands behind its thing, "longer" before it: alone, or by a film, it is about the film.
_BEHIND = {
    -1: r"più (?:cort[oa]|brev[ei])|meno lung[oa]|accorcia\w*|más (?:cort[oa]|breve)|menos larg[oa]|acorta\w*"
        r"|plus (?:courte?|bref|brève)|moins longue?|raccourci\w*|mais (?:curt[oa]|breve)|menos long[oa]|encurta\w*",
    1: r"più lung[oa]|meno (?:cort[oa]|breve)|allunga\w*|más larg[oa]|alarga\w*|plus longu?e?|moins courte?|rallonge\w*"
       r"|mais long[oa]|alonga\w*",
}
_BEFORE = {
    -1: r"shorter|briefer|less long|shorten\w*|kürzer\w*|korter\w*|krótsz\w+|короче|покороче|短く|短め|短一[点些]|更短",
    1: r"(?<!no )(?<!any )longer|länger\w*|wat langer|dłuższ\w+|длиннее|подлиннее|подольше|長く|長め|长一[点些]|更长",
}
_BESIDE = frozenset(re.findall(r"\w+", """
    ma però e ed un po poco pochino molto solo soltanto anche video film filmato clip spot versione fallo falla farlo volta
    stavolta sempre prima solito voglio vorrei lo la pero y algo mucho versión vídeo hazlo vez siempre mais et peu beaucoup
    vidéo version fois mas um pouco bem muito versão and but than please this time one ad with about for on in as
    und aber bitte als mit über dieses diesmal en maar"""))
_WORD_BEFORE, _WORD_AFTER = re.compile(r"(\w+)['’]?\s+$"), re.compile(r"\s+(\w+)")
_NOT = re.compile(r"\b(?:not|non|nicht|pas|no|não)\s+$", re.IGNORECASE)

_LOOK = r"""styles?|stil[ei]?|estilos?|look(?!\ (?:at|for|into|after|out|up|around|forward))|stijl|stylu|стил\w+
    |colou?rs?|color[ei]s?|couleurs?|farben?|cores|kleuren|kolor\w*|цвет\w*|palett\w+
    |b/n|b&w|black\ (?:and|&)\ white|schwarz[-\ ]?wei(?:ß|ss)\w*|preto\ e\ branco|sepia|seppia|monochrom\w*
    |cartoons?|anime|manga|fumett\w+|comics?|illustra\w+|ilustra\w+|disegnat\w+|dibujad\w+|dessiné\w*|gezeichnet\w*
    |desenhad\w+|hand[-\ ]drawn|dipint\w+|painted|sketch\w*|stop[-\ ]motion|pixel\ art|photoreal\w*|fotoreal\w*
    |realist\w*|pastel\w*|darker|brighter|lighter|softer|dunkler\w*|heller\w*|bunter\w*
    |più\ (?:scur|chiar|luminos|colorat)\w+|más\ (?:oscur|clar|luminos|color)\w+|plus\ (?:sombre|clair|lumineu|coloré)\w*
    |mais\ (?:escur|clar|luminos|colorid)\w+"""
_TONE = r"""ton[oie]s?|(?:le|un|du|de|im|in|vom|einem|anderen|anderer)\ ton|tonalit\w+|mood|atmosfera|stimmung
    |allegr\w+|seri[oa]s?|divertent\w+|ironic\w*|ironi[ea]|comic[oahe]\w*|buff[oa]|spiritos\w+|giocos\w+|umoristic\w+|triste?s?
    |malinconic\w+|nostalgi\w+|dramm?ati\w+|romanti\w+|emozionant\w+|commovent\w+|solenn\w+|energic\w+|dinamic\w+
    |calm[oae]?s?|rilassat\w+|cup[oa]|più\ (?:cald|elegan|professional)\w+|formal\w*|informal\w*|professional
    |serious\w*|funn\w+|witty|humou?r\w*|playful\w*|cheerful\w*|happier|upbeat|sad|sadder|melan[ck]\w+|emotional|touching
    |solemn\w*|energetic|dynamic|calmer|warmer|relaxed|gloom\w+|darker
    |alegres?|divertid\w+|gracios\w+|irón\w+|cómic\w+|dramáti\w+|románti\w+|emocionant\w+|emotiv\w+|enérgic\w+|dinámic\w+
    |tranquil\w+|sérieu\w+|drôles?|ironique|joyeu\w+|gaie?|mélancoli\w+|émouvant\w*|énergique|dynamique
    |ernst\w*|lustig\w*|witzig\w*|ironisch\w*|fröhlich\w*|traurig\w*|dramatis\w+|feierlich\w*|energisch\w*|dynamisch\w*
    |ruhig\w*|wärmer\w*|séri[oa]|engraçad\w+|irôn\w+|românti\w+|dinâmic\w+"""
_SAME = r"""(?:same|usual|keep(?:ing)?(?:\ the)?|stess[oaie]|solit[oaie]|mantieni|mantenendo|senza\ cambiare|mism[oa]s?
    |mantén|même|garde\w*|gleiche[mnrs]?|selbe[nr]?|mesm[oa]s?|mantém)
    \ (?:(?:the|lo|il|la|i|el|los|le|les|den|die|o|as?)\ )?"""
# What people ask looks with, but what also is a film's subject, or its hour: that changes the story and not the look.
_SUBJECTS_TOO = """food, ricetta, recipe, receta, recette, rezept, cucina, rustic food, studio, product shot,
landscape, paesaggio, paisaje, paysage, landschaft, drone, aerial, epic, epico, épico, épique,
episch, sunset, tramonto, atardecer, coucher de soleil, sonnenuntergang, golden hour, by night, at
night, di notte, de noche, de nuit, bei nacht, paper, papier, papel, toy, poster, manifesto,
animation, animazione, vintage, pulito"""
_LOOK_WORDS = re.compile(rf"\b(?:{_LOOK})(?!\w)", re.IGNORECASE | re.VERBOSE)
_TONE_WORDS = re.compile(rf"\b(?:{_TONE})(?!\w)", re.IGNORECASE | re.VERBOSE)
_KEPT = re.compile(
    rf"\b{_SAME}(?:{_LOOK}|{_TONE})(?:\ ?(?:,|and|e|y|et|und)\ (?:the\ |lo\ |il\ )?(?:{_LOOK}|{_TONE}))*(?!\w)",
    re.IGNORECASE | re.VERBOSE)
_LOOKS = {name.lower() for look in CATALOGUE for name in (*look.hints, look.key, look.label)} - set(
    " ".join(_SUBJECTS_TOO.split()).split(", "))
_LOOK_NAMES = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(_LOOKS, key=len, reverse=True)))})(?!\w)", re.IGNORECASE)


def touches_look(message: str) -> bool:
    """The message speaks of how the film looks, other than "the same style"."""
    said = without_pointing(_KEPT.sub(" ", message))
    return bool(_LOOK_WORDS.search(said) or _LOOK_NAMES.search(said))


def touches_tone(message: str) -> bool:
    """The message speaks of how the film feels, other than "the same tone"."""
    return bool(_TONE_WORDS.search(without_pointing(_KEPT.sub(" ", message))))


def other_length(message: str) -> tuple[int, bool]:
    """-1 for a shorter film, 1 for a longer one, 0 for neither or both; and whether it is plainly the film that is meant."""
    ways: dict[int, bool] = {}
    for behind, words in ((True, _BEHIND), (False, _BEFORE)):
        for way, said in words.items():
            for found in re.finditer(rf"(?<![a-zà-ÿа-яё])(?:{said})", message, re.IGNORECASE):
                before = message[max(0, found.start() - 40) : found.start()]
                beside = _WORD_BEFORE.search(before) if behind else _WORD_AFTER.match(message, found.end())
                if not _NOT.search(before):
                    ways[way] = ways.get(way, False) or beside is None or beside[1].lower() in _BESIDE
    return next(iter(ways.items())) if len(ways) == 1 else (0, False)
