"""What a message is about by its plain words alone, less what only orders the film. Used where Claude gave nothing."""

from __future__ import annotations

import re

from . import formats, lengths
from .pointing import without_pointing
from .text import cut, plain_words

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
    een filmpje graag maak alsjeblieft zrób proszę wideo chcę сделай сделайте пожалуйста видео ролик хочу
    """))
# Languages without spaces have no words to look up.
_EMPTY_SIGNS = re.compile(
    "お願いします|ください|下さい|作って|動画|映像|ビデオ|[をでに]|请|给我|我想要?|我要|[做来]一?个?|视频|影片|的")
_EDGES = " .,:;!?-\"'«»“”"


def subject_of(message: str, limit: int = 140) -> str:
    """The message without the words that only order a film; the whole message when nothing else is left."""
    whole = plain_words(message, 600)
    return cut(_bare(whole) or whole, limit)


def rest_of(message: str) -> str:
    """What is left without the words that order a film and those that say nothing alone; "" when that was all."""
    words = re.findall(r"[^\W_]+", _EMPTY_SIGNS.sub(" ", _bare(plain_words(message, 600)).lower()))
    return " ".join(word for word in words if word not in _EMPTY)


def _bare(whole: str) -> str:
    rest = without_pointing(whole)
    for said in (*lengths.SAID, *formats.SAID):
        rest = said.sub(" ", rest)
    rest = " ".join(rest.split())
    asking = _ASKING.match(rest)
    rest = rest[asking.end() :] if asking else rest
    return _LOOSE_END.sub("", rest.strip(_EDGES)).strip(_EDGES)
