"""Which language a message is written in: function words, spellings, and known subjects as a last resort."""

import re

from .lexicon import LANGUAGES, known_in, words

_FUNCTION_WORDS = {
    "en": "the a an and of for with about to is are i want like video make please my our that this from at on in some "
          "as last time usual would can you we it more less how film short give me create do not but new your their "
          "whose who keep should have has be will shot look",
    "it": "il lo la gli le un una uno di del della dello dei degli delle che per con su sul sulla nel nella voglio vorrei "
          "fammi crea come volta altra sempre mio mia nostro nostra e ed al alla ai da dal dalla in non piu meno "
          "secondi cosa film questo questa sono fare facciamo anche ma una io mi si nostri tutto serve vogliamo",
    "es": "el los las un una unos de del que para con sobre en quiero quisiera hazme crea como vez ultima siempre mi "
          "nuestro nuestra y al por no mas menos segundos este esta son hacer pero yo nos lo su muy video necesito",
    "fr": "le les un une des de du que qui pour avec sur dans je veux voudrais fais cree comme fois derniere mon ma "
          "notre et au aux par ne pas plus moins secondes ce cette sont faire mais nous d l il elle en est une sur",
    "de": "der die das den dem des ein eine einen einem einer und fur mit uber im in zum zur ich will mochte mach wie "
          "mal letztes immer mein meine unser unsere nicht mehr weniger sekunden dieser diese ist sind aber wir von "
          "bitte kurzen kurzes film auf bei es soll",
    "pt": "o os as um uma uns de do da dos das que para com sobre em no na nos nas quero queria faz faca crie como vez "
          "ultima sempre meu minha nosso nossa e ao pela pelo nao mais menos segundos este esta sao fazer mas eu "
          "seu preciso voce",
}
_SETS = {language: frozenset(text.split()) for language, text in _FUNCTION_WORDS.items()}
_SPELLINGS = (
    ("es", r"[ñ¿¡]|ción\b|\w+ó\b"),
    ("pt", r"[ãõ]|ção\b|ções\b|lh[aoe]|nh[ao]\b"),
    ("de", r"[äöüß]|sch"),
    ("fr", r"[êœçâîù]|[a-zé]+eux?\b|\b[ldjcqn]['’][aeiouéhêâ]|é\b|ée\b"),
    ("it", r"\b(?:l|un|dell|all|nell|sull|dall|quest)['’]|zion[ei]\b|[a-z]+(?:ità|ggio|gli[aoe]|cch[io]|zza)\b|[òìù]\b"),
)


def detect(text: str, default: str = "en") -> str:
    """The two-letter code of the likeliest of the six languages; `default` when nothing speaks for any."""
    tokens = words(text)
    scores = dict.fromkeys(LANGUAGES, 0.0)
    for language in LANGUAGES:
        scores[language] += sum(1.0 for token in tokens if token in _SETS[language])
        scores[language] += 0.8 * sum(known_in(token, language) for token in tokens)
    for language, pattern in _SPELLINGS:
        scores[language] += 1.2 * len(re.findall(pattern, text.lower()))
    best = max(scores.values())
    if best <= 0:
        return default
    winners = [language for language in LANGUAGES if scores[language] == best]
    return default if default in winners else winners[0]


def primary(tag: str) -> str:
    """The language of a BCP 47 tag when it is one of the six, else English."""
    code = tag.split("-")[0].lower()
    return code if code in LANGUAGES else "en"
