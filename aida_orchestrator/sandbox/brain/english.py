"""A few words of any of the six languages put into English, for pictures; names and unknown words stay."""
# ruff: noqa: E501

import re

from . import bank, details
from .lexicon import fold, subjects, words

_SMALL = """
en: the=the a=a an=an of=of
it: di=of del=of della=of dei=of degli=of delle=of dello=of dell=of d=of da=by e=and ed=and con=with senza=without
it: all=at al=at alla=at in=in a=in ad=in nel=in nella=in nelle=in sul=on sulla=on sulle=on sui=on per=for tra=between sotto=under che=that
es: de=of del=of y=and con=with sin=without en=in a=in al=to sobre=on por=for para=for entre=between bajo=under que=that
fr: de=of du=of des=of d=of et=and avec=with sans=without en=in dans=in au=in aux=in a=in sur=on pour=for sous=under qui=that
de: von=of vom=of und=and mit=with ohne=without in=in im=in am=at auf=on fur=for zu=to unter=under uber=above
pt: de=of do=of da=of dos=of das=of e=and com=with sem=without em=in no=in na=in a=in sobre=on para=for sob=under que=that
it: luce=light luci=lights sole=sun es: luz=light fr: lumiere=light de: licht=light pt: luz=light
it: lusso=luxury es: lujo=luxury fr: luxe=luxury de: luxus=luxury pt: luxo=luxury
it: costruisce=builds lavora=works vive=lives sogna=dreams cerca=seeks trova=finds torna=returns prepara=prepares adotta=adopts gioca=plays
it: suona=plays canta=sings nuota=swims vola=flies incontra=meets scopre=discovers assaggia=tastes crea=creates balla=dances prima=first
es: construye=builds trabaja=works vive=lives sueña=dreams busca=seeks vuelve=returns prepara=prepares adopta=adopts juega=plays canta=sings
fr: construit=builds travaille=works vit=lives reve=dreams cherche=seeks prepare=prepares adopte=adopts joue=plays chante=sings
de: baut=builds arbeitet=works lebt=lives traumt=dreams sucht=seeks spielt=plays singt=sings
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
    ready = details.in_english(text) or _set_phrase(text, language)
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
            # A capital in the middle is a name: "Notte Blu" stays what it is.
            name = bool(made) and language != "de" and shown[at][:1].isupper()
            adjective = None if name else _adjective(token)
            follows = bool(made) and tokens[at - 1] not in articles and not made[-1][1] and _is_noun(made[-1][0])
            if adjective and follows and language != "de":
                made.insert(len(made) - 1, (adjective, True))
            else:
                small = None if name else _SMALL_WORDS[language].get(token)
                made.append((adjective or small or shown[at], bool(small)))
        at += size
    return _compounds([word for word, _ in made], {english for english, _ in known.values()})


def _set_phrase(text: str, language: str) -> str | None:
    for key in ("dish", "food", "travel", "fashion", "default_subject"):
        if text.lower() == bank.sections(language)[f"say.{key}"][0].lower():
            return bank.sections("en")[f"say.{key}"][0]
    return None


def _compounds(made: list[str], nouns: set[str]) -> str:
    """"restaurant of fish" becomes "fish restaurant" when both are known subjects."""
    for at in range(len(made) - 2, 0, -1):
        if made[at] == "of" and made[at - 1] in nouns and made[at + 1] in nouns | {"luxury"}:
            made[at - 1 : at + 2] = [made[at + 1], made[at - 1]]
    return " ".join(made)


_LOOKS = (
    ("black and white", r"bianco e nero|b/n|blanco y negro|noir et blanc|schwarz[- ]?wei(?:ß|ss)|preto e branco"),
    ("vivid colours", r"colori (?:vivaci|vivi|accesi)|colores vivos|couleurs vives|kräftige farben|cores vivas"),
    ("pastel colours", r"pastell[oi]?|pastel"), ("watercolour", r"acquerello|acuarela|aquarelle?|aquarela"),
    ("cartoon animation", r"anime|manga|cartoon|cartone animato|fumetto"), ("neon lights", r"neon|neón|néon"),
    ("dark", r"più scuro|más oscuro|plus sombre|dunkler|mais escuro"),
    ("bright", r"luminos[oa]|più chiaro|brillante|lumineux|heller|claro"), ("minimal", r"minimal\w*"),
    ("cinematic", r"cinematograf\w*|cinematográf\w*|cinématograph\w*|filmisch"), ("sunset light", r"tramonto|atardecer|coucher"),
)


def looks(text: str) -> list[str]:
    """English words for the looks a text asks for in any of the six languages."""
    return [name for name, pattern in _LOOKS if re.search(rf"\b(?:{pattern})(?!\w)", text, re.IGNORECASE)]


def _adjective(token: str) -> str | None:
    stem = re.sub(r"(?:es|en|er|[aeios])$", "", fold(token))
    return _ADJECTIVES.get(stem) or _ADJECTIVES.get(token) or _ADJECTIVES.get(stem.rstrip("h"))


def _is_noun(word: str) -> bool:
    return word[:1].isalpha() and len(word) > 2
