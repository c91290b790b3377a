"""Reading a message as a director would: subject, details, place, brand, length, format, tone, memory of last time."""

import re
from dataclasses import dataclass

from . import details, orders
from .language import detect
from .lexicon import fold, subjects, words
from .tones import Tone, default_tone, find_tones, is_tone_word

_LEAD = frozenset(words("""
    please per favore bitte por favor ciao hi hello hey hola salut hallo i d id would like want need can could you we let s us me my our
    make create produce generate give do another new one short the a an some of about on for in to with showing shows
    video videos film films clip clips spot spots ad ads advert commercial movie trailer teaser promo reel reels story
    voglio vorrei vogliamo vorremmo mi serve servirebbe fammi facciamo fai fare crea creare creami realizza realizzare genera puoi potresti
    un uno una il lo la i gli le l del della dello dei di da su sul sulla sugli sulle per mio mia nostro nostra nuovo
    nuova breve corto cortometraggio filmato pubblicita spot promozionale altro altra che mostra racconti parli parla
    quiero quisiera queremos necesito hazme haz crea crear genera puedes el los las unos de sobre para mi nuestro
    nuestra nuevo nueva corto anuncio pelicula otro otra del que muestre documental documentario documentary documentaire dokumentation racconta raccontare racconto storia
    raccontami vedere come nasce tell see how born con with avec mit com launch histoire geschichte historia cuenta cuentame raconte erzahle
    je j veux voudrais voulons fais faites cree creer peux tu vous moi le les des du sur pour mon ma mes notre nouveau
    nouvelle court courte film pub publicite autre d une un
    ich will wir wollen mochte mochten brauche mach mache erstelle bitte einen eine ein einem einer der die das den dem
    uber fur von vom zum zur mein meine meinen unser unsere unseren neuen neues kurzen kurzes kurzer werbespot werbefilm
    quero queria queremos preciso faz faca crie criar um uma o os as do da dos das sobre meu minha nosso nossa novo nova
    curto filme comercial anuncio outro outra por instagram tiktok formato format in style stile estilo
    tono tone tom ton mood and e y et und"""))
_TAIL = _LEAD | frozenset(("e", "and", "con", "with", "mit", "avec", "com", "tono", "stile", "look"))
_CUT = re.compile(
    r"\s+(?:con|with|avec|mit|com|mentre|while|wobei|à l['’]heure|donde|où|onde|dove|where|when|quando|quand)\s+", re.IGNORECASE)
_RELATIVE = re.compile(r",?\s+(?=(?:che|that|which|who|whose|qui|que|der|die|das)\s)", re.IGNORECASE)
# What stands before a noun stays with it; a contraction gives back its article.
_ARTICLES_OF: dict[str, dict[str, str]] = {
    language: {pair.split(":")[0]: pair.split(":")[-1] for pair in pairs.split()}
    for language, pairs in {
        "en": "the a an one our",
        "it": "il lo la i gli le l' un una uno un' sul:il sullo:lo sulla:la sui:i sugli:gli sulle:le sull':l' del:il "
              "dello:lo della:la dei:i degli:gli delle:le dell':l'",
        "es": "el la los las un una unos unas del:el",
        "fr": "le la les l' un une des:les du:le",
        "de": "ein eine",
        "pt": "o a os as um uma do:o da:a dos:os das:as",
    }.items()
}
_POSSESSIVES = frozenset("my our mio mia miei mie nostro nostra nostri nostre mi nuestro nuestra mon ma mes notre meu minha".split())
_WITHOUT = re.compile(
    r"\b(?:senza|without|(?<!no )no(?= [a-z])|niente|sin|sans|ohne|sem|kein|keine|pas de|never|mai|do not|don['’]t|non)\s+[^,.;:!?]{3,60}", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?:in|a|at|ad|near|from|over|en|à|au|aux|em|no|na|nel|nella|nelle|nei|sul|sulla|sulle|sui|aus|bei|am|off)\s+"
    r"((?:[A-ZÀ-Ý][\w'’À-ÿ]+)(?:\s+(?:(?:di|de|del|da|do|of|la|sur)\s+)?[A-ZÀ-Ý][\w'’À-ÿ]+)*)")
_WEAK_PLACE = re.compile(r"\b(?:della|del|di|de|da|do|von)\s+([A-ZÀ-Ý][\w'’À-ÿ]+)")
_QUOTED = re.compile(r"[\"“«„]\s*([^\"”»“]{2,40}?)\s*[\"”»“]")
_BRAND = re.compile(r"\b(?:brand|marca|marchio|marque|marke|called|chiamat[oa]|azienda|company|startup|app)\s+"
                    r"([A-ZÀ-Ý][\w&'’À-ÿ]*(?:\s+[A-ZÀ-Ý][\w&'’À-ÿ]*)*)")


@dataclass(frozen=True)
class Reading:
    """What a message says; `seconds` and `aspect` are None and `place`, `brand` empty when it does not say."""

    language: str
    subject: str
    extra: tuple[str, ...]
    groups: tuple[str, ...]
    place: str
    brand: str
    seconds: int | None
    aspect: str | None
    tones: tuple[Tone, ...]
    like_last_time: bool
    without: tuple[str, ...]

    @property
    def category(self) -> str:
        return details.CATEGORIES.get(self.groups[0], "any") if self.groups else "any"

    @property
    def tone(self) -> Tone:
        return self.tones[0] if self.tones else default_tone(self.groups[0] if self.groups else "")


def read(message: str, language: str = "") -> Reading:
    """Read a message; `language` overrides what its own words say."""
    text = " ".join(message.split())
    language = language or detect(text)
    without = tuple(
        hit.group(0).strip() for hit in _WITHOUT.finditer(text)
        if not (language == "pt" and hit.group(0).lower().startswith("no "))
    )
    rest = _QUOTED.sub(lambda hit: " " + hit.group(1) + " ", orders.strip(text))
    for wish in without:
        rest = rest.replace(wish, ". ")
    clauses = _clauses(rest, language)
    subject = clauses[0] if clauses else ""
    found = subjects(subject, language) or subjects(rest, language)
    quoted, branded, place = _QUOTED.search(text), _BRAND.search(text), _place(rest, language)
    brand = quoted.group(1) if quoted else branded.group(1) if branded else ""
    return Reading(
        language, subject, tuple(clauses[1:4]), tuple(dict.fromkeys(group for _, group, _, _ in found)), place,
        brand, orders.seconds(text), orders.aspect(text), tuple(find_tones(text)), bool(orders.LIKE_LAST_TIME.search(text)), without,
    )


def _place(text: str, language: str) -> str:
    for hit in (*_PLACE.finditer(text), *_WEAK_PLACE.finditer(text)):
        name = hit.group(1)
        if language != "de" or not subjects(name, language):
            return name
    return ""


def _bare(token: str) -> str:
    return fold(token).strip("'’\"“”«».,;:!?()-")


def _trim(clause: str, language: str) -> str:
    """A clause without the words that only ask for a film, at both ends; the noun keeps its article."""
    tokens = re.sub(r"\b(\w{1,5}['’])(?=\w)", r"\1 ", clause).split()
    dropped: list[str] = []
    while tokens and _idle(tokens[0], _LEAD):
        dropped.append(tokens.pop(0))
    while tokens and _idle(tokens[-1], _TAIL):
        tokens.pop()
    tokens = [token for place, token in enumerate(tokens) if not (place and fold(token) in ("video", "film", "clip"))]
    if not tokens:
        return ""
    tokens.insert(0, _article(dropped, language))
    return re.sub(r"(['’]) ", r"\1", " ".join(tokens)).strip(" ,;:-–—")


def _article(dropped: list[str], language: str) -> str:
    """The article a noun had in the words dropped before it, looking past one possessive or tone word."""
    table = _ARTICLES_OF[language]
    for token in reversed(dropped[-2:]):
        bare = fold(token).replace("’", "'")
        if bare in table:
            return table[bare]
        if bare not in _POSSESSIVES and not is_tone_word(bare):
            break
    return ""


def _idle(token: str, idle: frozenset[str]) -> bool:
    bare = _bare(token)
    return not bare or bare in idle or is_tone_word(bare)


def _clauses(text: str, language: str) -> list[str]:
    """What to film, then what else was said; a relative clause that makes the subject too long starts with "…"."""
    pieces: list[str] = []
    for sentence in re.split(r"[.;:!?\n()]+|\s[-–—]\s|,\s", text):
        for piece in _CUT.split(sentence) if len(sentence.split()) > 5 else [sentence]:
            whole = _trim(piece, language)
            head, *tail = _RELATIVE.split(whole, maxsplit=1) if len(whole.split()) > 11 else [whole]
            pieces.append(_shorten(head))
            pieces.extend("… " + _shorten(words) for words in tail)
    return [piece for piece in pieces if len(_bare(piece)) > 2]


def _shorten(piece: str) -> str:
    """At most eleven words, so that a line of narration can carry it."""
    tokens = piece.split()
    if len(tokens) > 11:
        tokens = tokens[:11]
        while len(tokens) > 1 and len(_bare(tokens[-1])) <= 3:
            tokens.pop()
    return " ".join(tokens)
