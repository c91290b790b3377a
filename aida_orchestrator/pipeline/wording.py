"""Which shots a feedback names, read from its words alone: numbers, ordinals, "the ending", in five languages.

Money hangs on this, so a wording that is not understood names nothing, and then everything is made anew, as before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

# Text is compared in small letters without accents: `plain` makes "dernière" "derniere" and "2ª" "2a".
_ORDINALS = {
    1: "first|1st|prim[oaie]|primer[oa]?s?|erste[nrsm]?|premier(?:e)?s?",
    2: "second|2nd|second[oaie]|segund[oa]s?|zweite[nrsm]?|deuxiemes?|seconde",
    3: "third|3rd|terz[oaie]|tercer[oa]?s?|dritte[nrsm]?|troisiemes?",
    4: "fourth|4th|quart[oaie]|cuart[oa]s?|vierte[nrsm]?|quatriemes?",
    5: "fifth|5th|quint[oaie]|quint[oa]s?|funfte[nrsm]?|cinquiemes?",
    6: "sixth|6th|sest[oaie]|sext[oa]s?|sechste[nrsm]?|sixiemes?",
    7: "seventh|7th|settim[oaie]|septim[oa]s?|siebte[nrsm]?|septiemes?",
    8: "eighth|8th|ottav[oaie]|octav[oa]s?|achte[nrsm]?|huitiemes?",
    9: "ninth|9th|non[oaie]|noven[oa]s?|neunte[nrsm]?|neuviemes?",
    10: "tenth|10th|decim[oaie]|decim[oa]s?|zehnte[nrsm]?|dixiemes?",
    11: "eleventh|11th|undicesim[oaie]|undecim[oa]s?|elfte[nrsm]?|onziemes?",
    12: "twelfth|12th|dodicesim[oaie]|duodecim[oa]s?|zwolfte[nrsm]?|douziemes?",
    -1: "last|final|closing|concluding|ultim[oaie]|ultim[oa]s|finale?s?|letzte[nrsm]?|dernier(?:e)?s?",
    -2: "second[ -]to[ -]last|next[ -]to[ -]last|penultim[oaie]|penultimate|penultim[oa]s|vorletzte[nrsm]?"
        "|avant[ -]dernier(?:e)?s?",
}
_OPENING = "opening|initial|iniziale?|inicial|initiale"
_CARDINALS = {
    1: "one|uno|eins", 2: "two|due|dos|zwei|deux", 3: "three|tre|tres|drei|trois", 4: "four|quattro|cuatro|vier|quatre",
    5: "five|cinque|cinco|funf|cinq", 6: "six|sei|seis|sechs", 7: "seven|sette|siete|sieben|sept",
    8: "eight|otto|ocho|acht|huit", 9: "nine|nove|nueve|neun|neuf", 10: "ten|dieci|diez|zehn|dix",
}
_NOUN = (r"(?:shots?|scenes?|frames?|pictures?|images?|clips?|beats?|photos?|panels?|parts?|lines?|takes?"
         r"|inquadratur[ae]|scen[ae]|immagin[ei]|ripres[ae]|fotogramm[ai]|foto|battut[ae]|part[ei]|sequenz[ae]|quadr[oi]"
         r"|tomas?|escenas?|planos?|imagen(?:es)?|fotogramas?|fotos?|partes?|secuencias?|frases?"
         r"|szenen?|einstellung(?:en)?|bild(?:er|ern)?|aufnahmen?|teile?n?|zeilen?"
         r"|plans?|prises?|sequences?|parties?)")
_AND = r"(?:\s*[,&+]\s*(?:and|e|ed|y|und|et)?\s*|\s+(?:and|e|ed|y|und|et)\s+)"
_TO = r"(?:\s*[-\u2013\u2014]\s*|\s+(?:to|through|thru|until|a|al|all[ao]|alle|fino\s+al(?:la)?|hasta(?:\s+el|\s+la)?|bis(?:\s+zur?|\s+zum)?|au|jusqu'?\s*au)\s+)"
_ARTICLE = (r"(?:(?:the|la|il|lo|le|gli|i|l'|el|los|las|les|die|der|das|den|dem|du|de|of|shots?|scenes?"
            r"|scena|inquadratura|escena|toma|szene|plan|bild)\s*(?<=[\s'])\s*)?")
_FROM = r"(?:(?:from|da|dal|dalla|dalle|del|de\s+la|de|du|von|der|das)\s+)?"
_NUMBER_SIGN = r"(?:#|n\.?\s*[o°]?\.?|nr\.?|no\.?|num\.?|numbers?|numero|numeri|nummern?|numeros?)?\s*"
_UNIT = (r"(?!\s*(?:s|secs?|secondi?|seconds?|segundos?|sekunden?|secondes?|min\w*|%|per\s*cent|percento|px|mm|k|x|times|volte|veces"
         r"|mal|fois|people|persone|personas|personen|personnes)\b|\s*%|[.,:/]?\d)")


def _either(table: dict[int, str]) -> str:
    # Longer first: "second to last" begins with "second".
    return "|".join(sorted("|".join(table.values()).split("|"), key=lambda one: -len(one)))


_ORD = rf"(?:{_ORDINALS[-2]}|{_either({n: words for n, words in _ORDINALS.items() if n != -2})}|{_OPENING}" \
       r"|\d{1,2}\s?(?:st|nd|rd|th|a|o|e|er|re|ere|eme|\.|°))"
_NUM = rf"(?:\d{{1,2}}|{_either(_CARDINALS)})"
_CARD = rf"(?:{_either(_CARDINALS)}|\d{{1,2}})"
_NUMS = rf"{_NUMBER_SIGN}{_NUM}(?:(?:{_TO}|{_AND}){_ARTICLE}{_NUMBER_SIGN}{_NUM}\b)*"

_AFTER_NOUN = re.compile(rf"\b{_NOUN}\s*{_FROM}(?P<nums>{_NUMS})\b{_UNIT}")
_BARE_RANGE = re.compile(
    rf"(?:^|\b(?:from|dal|dalla|del|de\s+la|von|du)\s+)(?P<nums>{_NUM}{_TO}{_NUM})\b(?=\s*(?:[:;,.!?]|$))")
_BEFORE_NOUN = re.compile(
    rf"\b(?:(?P<many>{_CARD})\s+)?(?P<ords>{_ORD}(?:(?:{_TO}|{_AND}){_ARTICLE}{_ORD})*)\s+(?:(?P<more>{_CARD})\s+)?{_NOUN}\b")
_RANGE_OF_ORDINALS = re.compile(rf"\b(?:from\s+the|dalla|dal|de\s+la|del|von\s+der|du|de)\s+(?P<ords>{_ORD}{_TO}{_ARTICLE}{_ORD})\b")
_STANDING_ALONE = re.compile(
    rf"\b(?:the|la|il|l'\s*|el|die|der|das|le)\s*(?P<ords>{_ORD}(?:{_AND}(?:the|la|il|l'|el|die|der|das|le)\s*{_ORD})*)"
    r"(?=\s*(?:[:;,.!?]|$))")
_NOUN_THEN = re.compile(
    rf"\b{_NOUN}\s+(?P<ords>final|finale|finales|ultim[oa]|dernier|derniere|{_OPENING})\b")
_ENDING = re.compile(
    r"\b(?:the\s+(?:very\s+)?(?:end|ending|finale|close)\b|(?:il|nel|sul|del|al)\s+finale\b|(?:la|alla|della|sulla)\s+(?:fine|chiusura|conclusione)\b"
    r"|(?:el|al|del)\s+(?:final|cierre)\b|(?:das|am|dem)\s+(?:ende|schluss)\b|(?:der|den|dem|vom|zum)\s+schluss\b"
    r"|(?:la|a\s+la|de\s+la)\s+(?:fin|conclusion)\b|(?:le|au|du)\s+final\b|\b(?:schluss|end|ab)(?:szene|bild|einstellung)\b)")
_BEGINNING = re.compile(
    r"\b(?:the\s+(?:very\s+)?(?:opening|beginning|start|intro)\b|(?:l'|all'|dell'|nell')\s*(?:inizio|apertura|introduzione)\b"
    r"|(?:el|al|del)\s+(?:principio|inicio|comienzo)\b|(?:la|de\s+la)\s+(?:apertura|introduccion)\b"
    r"|(?:der|den|dem|am|zum|im)\s+(?:anfang|beginn|einstieg)\b|(?:le|au)\s+debut\b|(?:l'|de\s+l')\s*(?:ouverture|introduction)\b"
    r"|\b(?:anfangs|eroffnungs|eingangs)(?:szene|bild|einstellung)\b)")
# "From the beginning", "to the end" speak of the whole film, and a close-up or the foreground of no shot's number.
_NOT_A_PLACE = re.compile(
    r"\b(?:from\s+the\s+(?:very\s+)?(?:beginning|start)|dall'\s*inizio|desde\s+el\s+(?:principio|inicio|comienzo)|von\s+anfang(?:\s+an)?"
    r"|vom\s+anfang|depuis\s+le\s+debut|(?:until|to|till)\s+the\s+(?:very\s+)?end|fino\s+alla\s+fine|hasta\s+el\s+final|bis\s+zum\s+(?:ende|schluss)"
    r"|jusqu'?\s*a\s+la\s+fin|in\s+the\s+end|primer(?:os)?\s+planos?|(?:au|en|du|d'un)\s+premier\s+plan|prim[oi]\s+pian[oi]"
    r"|(?:the\s+)?(?:first|last|second|next|other)\s+time|un\s+moment)\b")
_KEPT = re.compile(
    r"\b(?:keep|leave|kept|don'?t\s+(?:touch|change)|do\s+not\s+(?:touch|change)|except|apart\s+from|other\s+than|but\s+not|all\s+but"
    r"|everything\s+but|(?:is|are)\s+(?:fine|good|perfect)"
    r"|tieni|tenete|lascia|lasciate|mantieni|non\s+(?:toccare|cambiare|modificare)|tranne|eccetto|a\s+parte|salvo|va(?:nno)?\s+bene"
    r"|manten|deja|no\s+(?:toques|cambies|toque|cambie)|excepto|menos|salvo"
    r"|behalte|behalten|lass(?:e|t)?|ausser|bis\s+auf|nicht\s+(?:andern|anfassen|die|der|das)"
    r"|garde[rz]?|laisse[rz]?|ne\s+(?:touche|change)[rz]?\s+pas|sauf|excepte|hormis|a\s+l'exception)\b")
_CLAUSES = re.compile(r"[;!?\n]+|(?<!\bn)(?<!\bno)(?<!\bnr)(?<!\d)\.+|,?(?<!everything)(?<!\ball)\s+(?:but|ma|pero|aber|mais|und\s+sonst)\s+(?!not\b)|,\s+(?=(?:change|redo|make|cambia|rifai|rendi|andere|mach|refais|change[rz]?|haz|cambie|keep|leave|tieni|lascia|deja|behalte|garde|laisse|tranne|eccetto|except|sauf|ausser|excepto)\b)")


def named_shots(feedback: str, count: int) -> frozenset[int]:
    """Numbers (1 to `count`) of the shots that a feedback wants changed; none where it names none, or all but those kept.

    "Keep the first shot" names the others. A number that no shot has names nothing.
    """
    changed: set[int] = set()
    kept: set[int] = set()
    for clause in _CLAUSES.split(plain(feedback)):
        if not clause:
            continue
        clause = _NOT_A_PLACE.sub(" ~ ", clause)
        keep = _KEPT.search(clause)
        for place, numbers in _mentions(clause, count):
            # "Shots 2 and 3 are fine" says so behind, "all but the last" before.
            behind = keep is not None and re.match(r"is|are|va", keep.group()) is not None
            (kept if keep and (place > keep.start() or behind) else changed).update(numbers)
    every = set(range(1, count + 1))
    if kept and not changed:
        changed = every - kept
    return frozenset((changed - kept) & every)


def distinct_words(feedback: str) -> frozenset[str]:
    """The words of a feedback that may single a shot out: no little words, no words of the craft."""
    return frozenset(word for word in re.findall(r"[^\W\d_]{4,}", plain(feedback)) if word not in _COMMON)


def shots_with(words: Iterable[str], texts: Sequence[str]) -> frozenset[int]:
    """Places from 1 of the texts that hold one of the words, in some form of it; words that stand in all single none out."""
    found: set[int] = set()
    spoken = [re.findall(r"[^\W\d_]{3,}", plain(text)) for text in texts]
    for word in words:
        places = {place for place, held in enumerate(spoken, 1) if any(_same(word, other) for other in held)}
        if len(places) < len(texts):
            found |= places
    return frozenset(found) if len(found) < len(texts) else frozenset()


def plain(text: str) -> str:
    """Small letters, no accents, one kind of apostrophe and of space."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text.casefold().replace("°", "o"))
                   if not unicodedata.combining(char))
    return " ".join(bare.replace("\u2019", "'").replace("\u02bc", "'").split(" ")).strip()


def _mentions(clause: str, count: int) -> list[tuple[int, set[int]]]:
    """Where in the clause shots are named, and which. What one pattern has read is not read again by the next."""
    found: list[tuple[int, set[int]]] = []
    for pattern in (_RANGE_OF_ORDINALS, _BEFORE_NOUN, _NOUN_THEN, _AFTER_NOUN, _BARE_RANGE, _STANDING_ALONE):
        for hit in pattern.finditer(clause):
            numbers = _read(hit, count)
            if numbers:
                found.append((hit.start(), numbers))
                clause = clause[: hit.start()] + "~" * (hit.end() - hit.start()) + clause[hit.end():]
    found += [(hit.start(), {count}) for hit in _ENDING.finditer(clause)]
    found += [(hit.start(), {1}) for hit in _BEGINNING.finditer(clause)]
    return found


def _read(hit: re.Match[str], count: int) -> set[int]:
    groups = hit.groupdict()
    if groups.get("nums"):
        return _list(groups["nums"], _NUM, count)
    numbers = _list(groups["ords"], _ORD, count)
    many = groups.get("many") or groups.get("more")
    if many and len(numbers) == 1:
        number, wide = next(iter(numbers)), _value(many, count) or 1
        if number == count and not re.match(_OPENING, groups["ords"]) and count > 1:
            return set(range(max(1, count - wide + 1), count + 1))
        if number == 1:
            return set(range(1, wide + 1))
    return numbers


def _list(text: str, one: str, count: int) -> set[int]:
    hits = list(re.finditer(one, text))
    values = [_value(hit.group(), count) for hit in hits]
    numbers = {value for value in values if value}
    for (first, low), (second, high) in zip(zip(hits, values, strict=True), list(zip(hits, values, strict=True))[1:], strict=False):
        between = text[first.end(): second.start()]
        if low and high and low < high and re.match(_TO, between):
            numbers |= set(range(low, min(high, count) + 1))
    return numbers


def _value(word: str, count: int) -> int | None:
    """The number of a shot that a word says; counted from the end for "last"."""
    digits = re.match(r"\d+", word)
    if digits:
        return int(digits.group())
    if re.fullmatch(_OPENING, word):
        return 1
    for table in ({-2: _ORDINALS[-2]}, _CARDINALS, _ORDINALS):
        for number, words in table.items():
            if re.fullmatch(words, word):
                return number if number > 0 else count + 1 + number
    return None


def _same(word: str, other: str) -> bool:
    """The same word but for its ending: plural, gender, case."""
    if word == other:
        return True
    short, long = sorted((word, other), key=len)
    stem = max(4, len(short) - 2)
    return len(short) >= 4 and len(long) - len(short) <= 3 and short[:stem] == long[:stem]


# Little words, and what is said of any picture: light, distance, pace, liking.
_COMMON = frozenset("""
about above after again also another around away back because been before behind below better both bring bright brighter change
close closer closeup colder color colors colour colours come could dark darker different dynamic each energy every faster
feel film find first focus from give good great have here into just keep last leave less light lighter like look looks made make
many maybe mood more most move movement much must need nice only other over picture pictures please point pretty quite real
really redo same scene second shot shots should show slow slower some something soft softer still style such sure than that their
them then there these they thing this those time times tone very video want warm warmer well what when where which while will
wish with without would wrong your clip image images camera angle frame add

adesso alla alle allo altra altre altri altro ancora anche anzi avere bella belle belli bello bene calda caldo cambia cambiare
camera chiara chiaro colore colori come cosa cose dalla dalle dello della delle deve devono diversa diverso dopo dovrebbe dove
essere fare fate film foto freddo fredda immagine immagini inquadratura inquadrature invece lenta lento luce luci luminosa
luminoso meglio meno mentre metti molto movimento niente ogni parola parole pero piani piano piace poca pochi poco prima primi
primo puoi quale quando quella quelle quelli quello questa queste questi questo rendi rifai ritmo scena scene scura scuro sempre
senza solo sono sopra sotto stile subito tempo tono troppo tutta tutte tutti tutto ultima veloce vicina vicino video vista voglio
vorrei piu dinamico dinamica vivace vivaci colori

ahora algo algun antes aunque bien bonito cada calido cambia cambiar camara cerca color colores como cosa cuando debe dentro
desde despues donde ella ellos entre escena esta estas este esto estos estilo fria frio fuera gusta hacer haga haz hasta imagen
imagenes lenta lento luminoso luz mas mejor menos mientras mucho muestra muy nada oscura oscuro otra otras otro para pero planos
poco pone porque primer quiero rapido ritmo sean sera sobre solo tambien tiene toda todas todo todos toma tomas tono video plano

aber alle allem allen alles also andere anderen anders auch aufnahme bild bilder bitte dann dass dein deine dem denn diese diesem
diesen dieser dieses doch dunkel dunkler dynamischer eine einem einen einer eines einstellung etwas farbe farben film ganz gern
haben hell heller hier immer jede jeden jeder jetzt kalt kalter kamera kann kein keine langsam langsamer lebendiger licht mach
machen machst mehr mein mich muss nach nahaufnahme nahaufnahmen naher nicht nichts noch nochmal nur oder ohne schnell schneller
schon sehr seine sich sind soll sollen sollte stil stimmung szene szenen ueber unter viel video vielleicht warm warmer weiter
wenig weniger wenn werden wird wirkt worte zeig zeige zwischen

ainsi apres assez aussi autre autres avant avec avoir beau beaucoup belle bien camera cela celle ceux change changer chaque chaud
chaude chose claire clair comme contre couleur couleurs dans depuis derniere donc elle elles encore entre etre faire fais faites
faut film froid froide gros image images jamais juste lent lente lumiere lumineux mais meme mieux mettre moins montre mots
mouvement nous parce pas peut plan plans plus pour pourrait prise quand quel quelle quelque rapide refais rendre rendez rythme
sans scene sera seulement sombre sont sous style sur tous tout toute toutes trop tres video voir vois vous veux vraiment
""".split())
