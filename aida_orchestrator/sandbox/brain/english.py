"""A few words of any of the six languages put into English, for pictures; names and unknown words stay."""

import re

from . import details
from .lexicon import fold, subjects, words

_SMALL = """
en: the=the a=a an=an of=of
it: di=of del=of della=of dei=of degli=of delle=of dello=of dell=of d=of da=by al=with alla=with e=and ed=and con=with senza=without
it: in=in a=in ad=in nel=in nella=in nelle=in sul=on sulla=on sulle=on sui=on per=for tra=between sotto=under che=that
es: de=of del=of y=and con=with sin=without en=in a=in al=to sobre=on por=for para=for entre=between bajo=under que=that
fr: de=of du=of des=of d=of et=and avec=with sans=without en=in dans=in au=in aux=in a=in sur=on pour=for sous=under qui=that
de: von=of vom=of und=and mit=with ohne=without in=in im=in am=at auf=on fur=for zu=to unter=under uber=above
pt: de=of do=of da=of dos=of das=of e=and com=with sem=without em=in no=in na=in a=in sobre=on para=for sob=under que=that
it: fatto=made fatta=made mano=hand corre=running balla=dancing nasce=being_born tramonto=sunset alba=dawn notte=night
es: noche=night atardecer=sunset amanecer=dawn fr: nuit=night soir=evening de: nacht=night abend=evening morgen=morning
"""
_ARTICLES = {
    "it": "il lo la i gli le l un una uno suo sua suoi", "es": "el la los las un una su sus", "fr": "le la les l un une son sa ses",
    "de": "der die das den dem des ein eine einen einem einer", "pt": "o a os as um uma seu sua", "en": "",
}
# Stems of adjectives; in Italian, Spanish, French and Portuguese they follow their noun and go before it in English.
_ADJECTIVES = {
    "napoletan": "Neapolitan", "napolitain": "Neapolitan", "napolitan": "Neapolitan", "italian": "Italian", "sicilian": "Sicilian", "toscan": "Tuscan",
    "spagnol": "Spanish", "frances": "French", "giappones": "Japanese", "artigianal": "artisan", "artesanal": "artisan",
    "fresc": "fresh", "calient": "hot", "cald": "warm", "fredd": "cold", "vecchi": "old", "viej": "old", "velh": "old", "antic": "ancient",
    "antig": "ancient", "nuov": "new", "nuev": "new", "nouve": "new", "piccol": "small", "pequen": "small", "petit": "small",
    "klein": "small", "grand": "great", "gross": "great", "ross": "red", "roj": "red", "roug": "red", "bianc": "white", "blanc": "white",
    "ner": "black", "negr": "black", "verd": "green", "vert": "green", "blu": "blue", "azul": "blue", "azzurr": "blue", "bleu": "blue",
    "elettric": "electric", "electric": "electric", "elektrisch": "electric", "eletric": "electric", "elegant": "elegant", "ultim": "last",
    "perdut": "lost", "perdid": "lost", "selvagg": "wild", "marin": "marine", "notturn": "nocturnal", "abbandonat": "abandoned",
    "solar": "solar", "tradizional": "traditional", "tradicional": "traditional", "alt": "high", "bell": "beautiful", "alter": "old",
}


def _small(language: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    current = ""
    for token in _SMALL.split():
        if token.endswith(":"):
            current = token[:-1]
        elif current == language:
            word, _, meaning = token.partition("=")
            pairs[word] = meaning.replace("_", " ")
    return pairs


_SMALL_WORDS = {language: _small(language) for language in _ARTICLES}


def translate(text: str, language: str) -> str:
    """Known subjects, small words and adjectives in English; what is English already comes back as it is."""
    ready = details.in_english(text)
    if ready or language == "en":
        return ready or text
    shown = re.findall(r"[^\W_]+", text)
    tokens = words(text)
    if len(shown) != len(tokens):
        shown = tokens
    known = {at: (english, size) for english, _, at, size in subjects(text, language)}
    made: list[tuple[str, bool]] = []
    at = 0
    articles = set(_ARTICLES[language].split())
    while at < len(tokens):
        token, size = tokens[at], 1
        if at in known:
            english, size = known[at]
            made.append((english, False))
        elif token not in articles:
            adjective = _adjective(token)
            if adjective and made and language != "de" and not made[-1][1] and _is_noun(made[-1][0]):
                made.insert(len(made) - 1, (adjective, True))
            else:
                small = _SMALL_WORDS[language].get(token)
                made.append((adjective or small or shown[at], bool(small)))
        at += size
    return " ".join(word for word, _ in made)


def _adjective(token: str) -> str | None:
    stem = re.sub(r"(?:es|en|er|[aeios])$", "", fold(token))
    return _ADJECTIVES.get(stem) or _ADJECTIVES.get(token) or _ADJECTIVES.get(stem.rstrip("h"))


def _is_noun(word: str) -> bool:
    return word[:1].isalpha() and len(word) > 2
