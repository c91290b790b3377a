"""Languages: guessed from the words of a message, and checked when Claude names one."""

from __future__ import annotations

import re

DEFAULT_LANGUAGE = "en"

# The commonest words of each language, and those that people use to ask for a film.
_COMMON = {
    "it": """il lo gli un una che di del della dello delle dei nel nella con per come non sono è e voglio vorrei fammi
        crea sul sulla mio mia nostro nostra video anche più questo questa fare altra volta quando dove uno alla al""",
    "en": """the a an of and to in on with for like i want we need make me my our that is it video about create please
        this from show how more last time you your are at""",
    "es": """el los las un una que de del con para como no es y quiero quisiera hazme crea sobre mi nuestro nuestra
        vídeo más este esta hacer otra vez cuando donde uno al en por su haz necesito""",
    "fr": """le les un une que de du des avec pour comme ne pas est et je veux voudrais fais crée sur mon ma notre vidéo
        plus ce cette faire dernière fois quand où dans au aux nous qui moi""",
    "de": """der die das ein eine einen dass von vom mit für wie nicht ist und ich will möchte mach erstelle über mein
        meine unser unsere video mehr dieser diese machen letztes mal wenn wo zum zur im wir bitte brauche""",
    "pt": """o os as um uma que de do da dos das com para como não é e eu quero queria faz faça cria sobre meu minha
        nosso nossa vídeo mais este esta fazer outra vez quando onde no na em por ao preciso""",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
# Kana before ideographs: Japanese uses both, Chinese only the latter. Ukrainian has letters Russian lacks.
_SCRIPTS = tuple((language, re.compile(f"[{letters}]")) for language, letters in (
    ("ja", r"\u3040-\u30ff"), ("ko", r"\uac00-\ud7af"), ("zh", r"\u4e00-\u9fff"), ("ar", r"\u0600-\u06ff"),
    ("he", r"\u0590-\u05ff"), ("el", r"\u0370-\u03ff"), ("hi", r"\u0900-\u097f"), ("th", r"\u0e00-\u0e7f"),
    ("uk", "іїєґІЇЄҐ"), ("ru", r"\u0400-\u04ff"),
))
# "video" and the like are said in all of them.
_IDLE = frozenset({"video", "e", "a", "no", "film"})
_TELLING = {language: words - _IDLE for language, words in _WORDS.items()}
_ENOUGH_WORDS, _TOO_FEW_LETTERS = 4, 10
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?", re.IGNORECASE)
# ISO 639-1, and a few languages that only have three letters: a made-up tag would send the writer nowhere.
_TWO_LETTERS = """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
    et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki
    kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no
    nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te
    tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"""
_THREE_LETTERS = "ast cmn fil fur gsw haw lij lld lmo nap scn vec yue"
_LANGUAGES = frozenset(f"{_TWO_LETTERS} {_THREE_LETTERS}".split())


def language_of(message: str) -> str:
    """The likeliest language of the words, `en` when they say nothing."""
    for language, script in _SCRIPTS:
        if script.search(message):
            return language
    words = re.findall(r"[^\W\d_]+", message.lower())
    scores = {language: sum(word in known for word in words) for language, known in _WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] else DEFAULT_LANGUAGE


def clear_language(text: str) -> str | None:
    """The language a text is beyond doubt written in; None for short texts, names, mixtures and languages we do not know.

    Without doubt means: a script of its own, or four common words of one language and plainly more than of any other.
    """
    letters = sum(char.isalpha() for char in text)
    for language, script in _SCRIPTS:
        if 2 * len(script.findall(text)) > letters > _TOO_FEW_LETTERS:
            return language
    said = re.findall(r"[^\W\d_]+", text.lower())
    found = {language: [word for word in said if word in known] for language, known in _TELLING.items()}
    first, second, *_ = sorted(found, key=lambda language: -len(found[language]))
    most, next_most = len(found[first]), len(found[second])
    clear = most >= max(_ENOUGH_WORDS, next_most + 2) and 2 * most >= 3 * next_most
    return first if clear and len(set(found[first])) > 1 else None


def is_plainly_not(text: str, language: str) -> bool:
    """Whether the text is clearly in another language than this tag's; never true of a tag we cannot recognise."""
    wanted = language.split("-")[0].lower()
    script = next((script for known, script in _SCRIPTS if known == wanted), None)
    if script is not None:
        return sum(char.isalpha() for char in text) > 2 * _TOO_FEW_LETTERS and not script.search(text)
    clear = clear_language(text)
    return wanted in _WORDS and clear is not None and clear != wanted


def language_tag(tag: str) -> str:
    """The BCP 47 tag in its usual letter case, or an empty string if it is no tag of a known language."""
    given = tag.strip().replace("_", "-")
    if not _TAG.fullmatch(given) or given.split("-")[0].lower() not in _LANGUAGES:
        return ""
    first, *rest = given.split("-")
    return "-".join([first.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)])
