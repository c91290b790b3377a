"""What a message says by its plain words alone: length, format, subject. Used where Claude gave nothing."""

from __future__ import annotations

import re

from .text import clean, cut

# The default stands first: a model that does not choose, chooses it.
LENGTHS = (30, 5, 10, 15, 20, 25, 35, 40, 45, 50, 55, 60)
DEFAULT_SECONDS = LENGTHS[0]
RATIOS = ("16:9", "9:16", "1:1")
DEFAULT_RATIO = RATIOS[0]

_SECONDS = re.compile(
    r"(?<![\d.,:])(\d{1,3})\s*-?\s*"
    r"(?:s|sec|secs|sek|seconds?|secondi|secondo|segundos?|secondes?|sekunden?)\b",
    re.IGNORECASE,
)
_MINUTES = re.compile(
    r"(?<![\w.,:])(?:(\d)|one|an?|uno?|une|eine[rn]?|um)\s*-?\s*(?:min|minut[oei]?|minutes?|minutos?|minuten)\b",
    re.IGNORECASE,
)
_UPRIGHT = re.compile(
    r"(?<!\d)9\s*[:x/]\s*16(?!\d)|\bvertical(?:e|i|es)?\b|\breels?\b|\btik\s?tok\b|\bstories\b|\bshorts\b"
    r"|\bportrait (?:format|mode|video)\b|\bupright\b|\bhochformat\b|\bhochkant\b",
    re.IGNORECASE,
)
_SQUARE = re.compile(
    r"(?<!\d)1\s*[:x/]\s*1(?!\d)|\bsquare (?:format|video|film|clip)\b|\bquadrat[oi]\b|\bquadratisch\w*"
    r"|\bcuadrad[oa]\b|\bformat carré\b|\bvidéo carrée\b",
    re.IGNORECASE,
)
_WIDE = re.compile(
    r"(?<!\d)16\s*[:x/]\s*9(?!\d)|\borizzontale\b|\bhorizontal(?:e)?\b|\blandscape (?:format|mode|video)\b|\bwidescreen\b"
    r"|\bquerformat\b|\bapaisado\b|\bformat paysage\b",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"""^\W*
    (?:(?:ciao|hi|hello|hey|hola|salut|bonjour|hallo|please|bitte|per\ favore|por\ favor)\b[\s,!]*)?
    (?:(?:i|we|io|ich|wir|je|nous|yo|eu)\s+)?
    (?:(?:want|need|would\ like|['’]?d\ like|make|create|produce|give|do
        |voglio|vorrei|vogliamo|vorremmo|fammi|facci|fai|crea|creami|realizza|mi\ serve|serve
        |quiero|quisiera|queremos|hazme|haz|necesito|veux|voudrais|fais-moi|fais|crée
        |will|möchten?|brauche|mache?|erstelle|quero|queria|faz|faça|cria|preciso\ de)\s+)?
    (?:(?:me|us|mir|uns|moi|to\ have)\s+)?
    (?:(?:an?|the|uno?|una|une|ein|eine|einen|um|uma)\s+)?
    (?:(?:short|breve|corto|court|kurze[sn]|curto|new|nuovo|nuevo|nouveau|neues)\s+)?
    (?:(?:video|vídeo|vidéo|film|clip|spot|ad|reel|teaser|trailer|filmato|película)\b\s*)?
    (?:(?:about|on|for|of|showing|su|sul|sulla|sui|sulle|di|del|della|per|che\ mostra
        |sobre|de|para|sur|pour|über|für|von)\s+){0,3}""",
    re.IGNORECASE | re.VERBOSE,
)
_LIKE_BEFORE = re.compile(
    r"\b(?:come l['’](?:altra|ultima) volta|come (?:la )?volta scorsa|(?:just )?(?:like|as) (?:the )?last time"
    r"|como la (?:última|otra) vez|comme la dernière fois|wie (?:beim )?letzte[sn]? mal|como da última vez)",
    re.IGNORECASE,
)
_LOOSE_END = re.compile(
    r"\s+(?:for|in|on|per|su|da|di|para|en|de|pour|sur|au|für|auf|im|von|em|no)\s*$", re.IGNORECASE
)
# Words that say nothing about what is to be seen, in any of our languages.
_EMPTY = frozenset(re.findall(r"\w+", """
    a altra altro an another again ancora auch bitte by can clip could danke de des di do e ein eine einen
    encore es et favor favore fai falo film for fuer für gracias grazie haz hazlo in io it la le lo mal me mehr merci mi mir
    moi more new noch nochmal nuovo of one otra otro per please plaît por possible re si so te thanks the to tu tutto um
    uma un una und une uno us video vídeo vidéo want we with would y you volta questa ma però stavolta but this time
    diesmal aber pero esta vez mais cette fois più corto breve shorter short longer lungo lunga kürzer länger
    faccia fare farmi make just solo sempre
    """))
_EDGES = " .,:;!?-\"'«»“”"


def seconds_in(message: str) -> int | None:
    """The length the message names, as one we make; None if it names none."""
    if found := _SECONDS.search(message):
        return nearest_length(int(found[1]))
    if found := _MINUTES.search(message):
        return nearest_length(60 * int(found[1] or 1))
    return None


def nearest_length(seconds: int) -> int:
    """The length we make that is nearest; the longer one between two."""
    return min(LENGTHS, key=lambda length: (abs(length - seconds), -length))


def ratio_in(message: str) -> str | None:
    """The format the message names; None if it names none."""
    if _UPRIGHT.search(message):
        return "9:16"
    if _SQUARE.search(message):
        return "1:1"
    return "16:9" if _WIDE.search(message) else None


def subject_of(message: str, limit: int = 140) -> str:
    """The message without the words that only order a film; the whole message when nothing else is left."""
    whole = clean(message, 600)
    return cut(_bare(whole) or whole, limit)


def rest_of(message: str) -> str:
    """What is left without the words that order a film and those that say nothing alone; "" when that was all."""
    words = re.findall(r"[^\W_]+", _bare(clean(message, 600)).lower())
    return " ".join(word for word in words if word not in _EMPTY)


def _bare(whole: str) -> str:
    rest = whole
    for said in (_LIKE_BEFORE, _SECONDS, _MINUTES, _UPRIGHT, _SQUARE, _WIDE):
        rest = said.sub(" ", rest)
    rest = " ".join(rest.split())
    asking = _ASKING.match(rest)
    rest = rest[asking.end() :] if asking else rest
    return _LOOSE_END.sub("", rest.strip(_EDGES)).strip(_EDGES)
