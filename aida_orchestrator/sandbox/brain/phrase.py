"""Noun phrases out of a message: the words that only ask for a film fall off, the noun keeps its article."""

import re

from .lexicon import fold, words
from .tones import is_tone_word

_LEAD = frozenset(words("""
    ma but aber pero shorter longer kurzer langer aziendale corporate istituzionale company's
    please per favore bitte por favor ciao hi hello hey hola salut hallo i d id would like want need can could you
    we let s us me my our make create produce generate give do another new one short the a an some of about on for
    in to with showing shows video videos film films clip clips spot spots ad ads advert commercial movie trailer
    teaser promo reel reels story voglio vorrei vogliamo vorremmo mi serve servirebbe fammi facciamo fai fare crea
    creare creami realizza realizzare genera puoi potresti un uno una il lo la gli le l del della dello dei di da su
    sul sulla sugli sulle mio mia nostro nostra nuovo nuova breve corto cortometraggio filmato pubblicita
    promozionale altro altra che mostra racconti parli parla quiero quisiera queremos necesito hazme haz crear
    puedes el los las unos de sobre para nuestro nuestra nuevo nueva anuncio pelicula otro otra que muestre
    documental documentario documentary documentaire dokumentation racconta raccontare racconto storia raccontami
    presentazione presentacion presentation apresentacao
    vedere come nasce tell see how born con avec mit com launch histoire geschichte historia cuenta cuentame raconte
    erzahle piu more less meno mehr weniger plus moins mas menos mais molto very muy tres sehr muito parlare metti
    aggiungi add anade ajoute fuge mention menziona rendilo it fallo bisschen peu poco bit po troppo too je j veux
    voudrais voulons fais faites cree creer peux tu vous moi les des du sur pour mon ma mes notre nouveau nouvelle
    court courte pub publicite autre une ich will wir wollen mochte mochten brauche mach mache erstelle einen eine
    ein einem einer der die das den dem uber fur von vom zum zur mein meine meinen unser unsere unseren neuen neues
    kurzen kurzes kurzer werbespot werbefilm quero queria preciso faz faca crie criar um uma o os as dos meu minha
    nosso nossa novo nova curto filme comercial outro outra instagram tiktok formato format style stile estilo tono
    tone tom ton mood and e y et und"""))
_TAIL = _LEAD | frozenset(("e", "and", "con", "with", "mit", "avec", "com", "tono", "stile", "look"))
_CUT = re.compile(
    r"\s+(?:con|with|avec|mit|com|mentre|while|wobei|à l['’]heure|donde|où|onde|dove|where|when|quando|quand)\s+",
    re.IGNORECASE)
RELATIVE = re.compile(r",?\s+(?=(?:che|that|which|who|whose|qui|que|der|die|das)\s)", re.IGNORECASE)
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
_POSSESSIVES = frozenset(words("""
    my our mio mia miei mie nostro nostra nostri nostre mi nuestro nuestra mon ma mes notre meu minha new
    nuovo nuova nuevo nueva neue nouvelle nouveau novo nova short breve"""))


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


def clauses(text: str, language: str) -> list[str]:
    """What to film, then what else was said; a relative clause that makes the subject too long starts with "…"."""
    pieces: list[str] = []
    for sentence in re.split(r"[.;:!?\n()]+|\s[-–—]\s|,\s", text):
        for piece in _CUT.split(sentence) if len(sentence.split()) > 5 else [sentence]:
            whole = _trim(piece, language)
            head, *tail = RELATIVE.split(whole, maxsplit=1) if len(whole.split()) > 11 else [whole]
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
