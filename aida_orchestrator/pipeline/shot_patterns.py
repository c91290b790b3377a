"""How shots are named in English, Italian, Spanish, German, French and Portuguese: the patterns that `wording` reads by."""

from __future__ import annotations

import re

# Text is compared in small letters without accents: `plain` makes "dernière" "derniere" and "2ª" "2a".
ORDINALS = {
    1: "first|1st|prim[oaie]|primer[oa]?s?|erste[nrsm]?|premier(?:e)?s?|primeir[oa]s?",
    2: "second|2nd|second[oaie]|segund[oa]s?|zweite[nrsm]?|deuxiemes?|seconde",
    3: "third|3rd|terz[oaie]|tercer[oa]?s?|dritte[nrsm]?|troisiemes?|terceir[oa]s?",
    4: "fourth|4th|quart[oaie]|cuart[oa]s?|quart[oa]s|vierte[nrsm]?|quatriemes?",
    5: "fifth|5th|quint[oaie]|quint[oa]s?|funfte[nrsm]?|cinquiemes?",
    6: "sixth|6th|sest[oaie]|sext[oa]s?|sechste[nrsm]?|sixiemes?",
    7: "seventh|7th|settim[oaie]|septim[oa]s?|siebte[nrsm]?|septiemes?|setim[oa]s?",
    8: "eighth|8th|ottav[oaie]|octav[oa]s?|achte[nrsm]?|huitiemes?|oitav[oa]s?",
    9: "ninth|9th|non[oaie]|noven[oa]s?|neunte[nrsm]?|neuviemes?",
    10: "tenth|10th|decim[oaie]|decim[oa]s?|zehnte[nrsm]?|dixiemes?",
    11: "eleventh|11th|undicesim[oaie]|undecim[oa]s?|elfte[nrsm]?|onziemes?",
    12: "twelfth|12th|dodicesim[oaie]|duodecim[oa]s?|zwolfte[nrsm]?|douziemes?",
    -1: "last|final|closing|concluding|ultim[oaie]|ultim[oa]s|finale?s?|letzte[nrsm]?|dernier(?:e)?s?",
    -2: "second[ -]to[ -]last|next[ -]to[ -]last|penultim[oaie]|penultimate|penultim[oa]s|vorletzte[nrsm]?"
        "|avant[ -]dernier(?:e)?s?",
}
OPENING = "opening|initial|iniziale?|inicial|initiale"
CARDINALS = {
    1: "one|uno|eins", 2: "two|due|dos|zwei|deux|dois|duas", 3: "three|tre|tres|drei|trois",
    4: "four|quattro|cuatro|vier|quatre|quatro", 5: "five|cinque|cinco|funf|cinq", 6: "six|sei|seis|sechs",
    7: "seven|sette|siete|sieben|sept|sete", 8: "eight|otto|ocho|acht|huit|oito", 9: "nine|nove|nueve|neun|neuf",
    10: "ten|dieci|diez|zehn|dix",
}
NOUN = (r"(?:shots?|scenes?|frames?|pictures?|images?|clips?|beats?|photos?|panels?|parts?|lines?|takes?"
        r"|inquadratur[ae]|scen[ae]|immagin[ei]|ripres[ae]|fotogramm[ai]|foto|battut[ae]|part[ei]|sequenz[ae]|quadr[oi]"
        r"|tomas?|escenas?|planos?|imagen(?:es)?|fotogramas?|fotos?|partes?|secuencias?|frases?"
        r"|szenen?|einstellung(?:en)?|bild(?:er|ern)?|aufnahmen?|teile?n?|zeilen?"
        r"|plans?|prises?|sequences?|parties?|cenas?|tomadas?|imagens?|imagem|sequencias?)")
_AND = r"(?:\s*[,&+]\s*(?:and|e|ed|y|und|et)?\s*|\s+(?:and|e|ed|y|und|et)\s+)"
TO = (
    r"(?:\s*[-\u2013\u2014]\s*|\s+(?:to|through|thru|until|a|al|all[ao]|alle|fino\s+al(?:la)?|hasta(?:\s+el|\s+la)?"
    r"|bis(?:\s+zur?|\s+zum)?|ate(?:\s+[oa])?|au|jusqu'?\s*au)\s+)")
_THE = r"the|la|il|lo|le|gli|i|l'|el|los|las|les|die|der|das|den|dem|du|de|of"
_ARTICLE = rf"(?:(?:{_THE})\s*(?<=[\s'])\s*)?"
# A range may say its noun again ("de la escena 2 a la escena 4"); after "and" that is another mention.
_ARTICLE_OR_NOUN = (
    rf"(?:(?:{_THE}|shots?|scenes?|scena|inquadratura|escena|toma|szene|plan|bild|cena)\s*(?<=[\s'])\s*)?")
_FROM = r"(?:(?:from|da|dal|dalla|dalle|del|de\s+la|de|du|von|der|das)\s+)?"
_NUMBER_SIGN = r"(?:#|n\.?\s*[o°]?\.?|nr\.?|no\.?|num\.?|numbers?|numero|numeri|nummern?|numeros?)?\s*"
_UNIT = (r"(?!\s*(?:s|secs?|secondi?|seconds?|segundos?|sekunden?|secondes?|min\w*|%|per\s*cento?|percento"
         r"|por\s*cien\w*|prozent"
         r"|pour\s*cent|px|mm|k|x|uhr|times|volte|veces|mal|fois|people|persone|personas|personen|personnes)\b|\s*%"
         r"|[.,:/]?\d)")


def _either(table: dict[int, str]) -> str:
    # Longer first: "second to last" begins with "second".
    return "|".join(sorted("|".join(table.values()).split("|"), key=lambda one: -len(one)))


ORD = rf"(?:{ORDINALS[-2]}|{_either({n: words for n, words in ORDINALS.items() if n != -2})}|{OPENING}" \
       r"|\d{1,2}\s?(?:st|nd|rd|th|a|o|e|er|re|ere|eme|\.|°))"
NUM = rf"(?:\d{{1,2}}|{_either(CARDINALS)})"
# Behind a comma an article begins another mention: "me gusta la toma 1, la 4 de noche".
_NUMS = (
    rf"{_NUMBER_SIGN}{NUM}(?:(?:{TO}{_ARTICLE_OR_NOUN}|\s*[,&+]\s*|\s*,?\s*(?:and|e|ed|y|und|et)\s+{_ARTICLE})"
    rf"{_NUMBER_SIGN}{NUM}\b)*")

COMPARED = (
    "warmer|brighter|darker|closer|slower|faster|softer|lighter|colder|cooler|wider|shorter|longer|better|calmer|sharper"
    "|heller|dunkler|kalter|naher|langsamer|schneller|ruhiger|scharfer|weicher|besser|meglio|peggio|mejor|peor|mieux|melhor")
_WHEN = (
    r"(?:at|by|in|on|from|di|al|all'|dall'|dal|bei|am|im|von|de|au|a|da|desde|d'en|vista?)\s*(?:the\s+|la\s+|o\s+|el\s+)?"
    r"(?:night|day|dawn|sunset|above|below|notte|giorno|alba|tramonto|alto|basso|nacht|tag|abend|morgen|oben|unten"
    r"|noche|dia|atardecer"
    r"|amanecer|arriba|nuit|jour|haut|noite|cima)")
# What may follow a number or an ordinal that stands without its noun: not the noun of something else ("2 to 4 people").
NOTHING_ELSE = (
    r"(?=\s*(?:[:;,.!?]|$)|\s+(?:more|less|too|is|are|should|must|need|needs|with|without|piu|meno|troppo|e'|e|sono"
    r"|deve|devono"
    r"|con|senza|mas|menos|demasiado|es|esta|son|estan|debe|deben|sin|mehr|weniger|zu|ist|sind|soll|sollen|muss|mit|ohne"
    r"|plus|moins|trop|est|sont|doit|doivent|avec|sans|mais|muito|demais|sao|com|sem|va|vanno|can|could|looks?|seems?"
    r"|feels?"
    r"|works?|sieht|wirkt|gefallt|gefallen|mi|ci|me|ne|non|not|nicht|pas|nao|no|instead|invece|dagegen|hingegen|as"
    r"|anche|pure"
    r"|also|auch|aussi|tambien|tambem|stays?|resta|rimane|bleibt|reste|fica|queda|like|come|wie|como|comme|match(?:es)?"
    r"|perfect\w*|perfett\w+|perfekt|parfait\w*|perfeit\w+|great|super|good|fine|ok|okay|bell\w+|ottim\w+|toll|gut|bien"
    rf"|genial\w*|isn't|aren't|doesn't|don't|an?\s+(?:bit|little)|slightly|much|un\s+po|un\s+peu|un\s+poco|um\s+pouco|etwas"
    rf"|ein\s+\w+chen|viel|sehr|molto|la|lo|vorrei|voglio|would|i|sembra|fosse|sia|sea|soit|seja|ware|{_WHEN}|please|bitte"
    rf"|per\s+favore|por\s+favor|s'il|{COMPARED})\b)")
AFTER_NOUN = re.compile(rf"\b{NOUN}\s*{_FROM}(?P<nums>{_NUMS})\b{_UNIT}")
BARE_RANGE = re.compile(
    rf"(?:^|\b(?:from|dal|dalla|del|de\s+la|von|du)\s+)(?P<nums>{NUM}{TO}{NUM})\b{NOTHING_ELSE}")
BEFORE_NOUN = re.compile(
    rf"\b(?:(?P<many>{NUM})\s+)?(?P<ords>{ORD}(?:(?:{TO}|{_AND}){_ARTICLE}{ORD})*)\s+"
    rf"(?:(?P<more>{NUM})\s+)?(?:{NOUN}|ones?)\b(?!\s+(?:second|minute)s?\b)")
RANGE_OF_ORDINALS = re.compile(
    rf"\b(?:from\s+the|dalla|dal|de\s+la|del|von\s+der|du|de)\s+(?P<ords>{ORD}{TO}{_ARTICLE}{ORD})\b")
_BEGINS = r"(?:\b|(?<=\bnel)|(?<=\bdel)|(?<=\bsul)|(?<=\bal))"  # an article of its own, or in "nella"
STANDING_ALONE = re.compile(
    rf"{_BEGINS}(?:the|la|l'\s*|il|el|die|der|das|le|[ao](?=\s+(?:primeir|segund|terceir|ultim)))"
    rf"\s*(?P<ords>{ORD})(?:{NOTHING_ELSE}|(?={_AND}(?:the|la|il|l'|el|die|der|das|le|o|a)\s*{ORD}))")
# A number with no more than its article ("cambia la 3"): of plural articles a list, for "les 2" are both; no "den 2. Mai".
_DIGITS = rf"\d{{1,2}}(?:(?:{_AND}|\s*-\s*)\d{{1,2}})*\b"
ARTICLE_THEN = re.compile(
    rf"(?:{_BEGINS}(?:the|la|il|el|le|(?:die|der|das|dem)(?!\s+\d+\.\s*\w))\s+(?!\d+\s+(?:sono|sind|sont|son)\b)"
    r"|(?<=\bredo )|(?<=\bchange )|(?<=\bcambia )|(?<=\brifai )|(?<=\brefais )"
    rf"|\b(?:le|las|les|los|i|die)\s+(?=\d{{1,2}}(?:{_AND}|\s*-\s*)))(?P<nums>{_DIGITS}){_UNIT}"
    rf"(?:{NOTHING_ELSE}|(?={_AND}(?:the|la|il|l'|el|die|der|das|le|o|a)\s+\d))"
    r"|\b(?:gost\w+|ador\w+|amo|amei|mud[ae]|altere|refaz|refaca|mantem|mantenha)\s+(?:muito\s+)?d?[ao]s?\s+"
    rf"(?P<number>{_DIGITS}){_UNIT}")
# "Second is fine, third too dark."
WITHOUT_ARTICLE = re.compile(
    rf"(?:^|(?<=[,:] ))(?P<ords>{ORD})(?=\s+(?:is|isn't|looks?|needs?|should|too|not|ist|zu|nicht|est|es|esta|no|non"
    rf"|troppo)\b)")
# "#2", and "number 3" where it is not the number of something else ("a shirt with the number 7").
_FREE = "|".join(rf"(?<=\b{word} )" for word in (
    "la", "nella", "il", "el", "the", "die", "der", "das", "le", "a", "na", "solo", "only", "just", "nur", "e", "and", "und",
    "y", "et", "in", "change", "make", "redo", "like", "love", "keep", "cambia", "rifai", "andere", "mude", "muda"))
_CARRIED = "".join(f"(?<!{words} )" for words in ("with the", "con il", "con la", "con el", "mit der", "avec le", "com o"))
NUMBERED = re.compile(
    rf"(?:\#\s?|(?<!with the )(?<!con il )(?<!con la )(?<!con el )(?<!mit der )(?<!avec le )(?<!com o )(?:^"
    rf"|(?<=[,:;.] )|{_FREE})(?:numbers?|numero|numeri|nummern?|numeros?|nr\.?|n\.?\s?o?\.?|no\.?)\s*(?=\d|\w\w\w))"
    rf"(?P<nums>{NUM}(?:(?:{TO}|{_AND})(?:\#\s?)?{NUM}\b)*)\b{_UNIT}(?P<guard>{NOTHING_ELSE})?")
NOUN_THEN = re.compile(
    rf"\b{NOUN}\s+(?P<ords>final|finale|finales|ultim[oa]|dernier|derniere|{OPENING})\b")
ENDING = re.compile(
    r"\b(?:the\s+(?:very\s+)?(?:end|ending|finale|close)\b|(?:il|nel|sul|del|al)\s+finale\b|(?:la|alla|della"
    r"|sulla)\s+(?:fine|chiusura|conclusione)\b"
    r"|(?:el|al|del|o|no|do|ao)\s+(?:final|cierre|fim)\b|(?:das|am|dem)\s+(?:ende|schluss)\b"
    r"|(?:der|den|dem|vom|zum)\s+schluss\b"
    r"|(?:la|a\s+la|de\s+la)\s+(?:fin|conclusion)\b|(?:le|au|du)\s+final\b|\b(?:schluss|end|ab)(?:szene|bild"
    r"|einstellung)\b)")
BEGINNING = re.compile(
    r"\b(?:the\s+(?:very\s+)?(?:opening|beginning|start|intro)\b|(?:l'|all'|dell'|nell')\s*(?:inizio|apertura"
    r"|introduzione)\b"
    r"|(?:el|al|del|o|no|do|ao)\s+(?:principio|inicio|comienzo|comeco)\b|(?:la|de\s+la|na|da)\s+(?:apertura|introduccion"
    r"|abertura|introducao)\b"
    r"|(?:der|den|dem|am|zum|im)\s+(?:anfang|beginn|einstieg)\b|(?:le|au)\s+debut\b|(?:l'|de\s+l')\s*(?:ouverture"
    r"|introduction)\b"
    r"|\b(?:anfangs|eroffnungs|eingangs)(?:szene|bild|einstellung)\b)")
# "From the beginning", "to the end" speak of the whole film, and a close-up or the foreground of no shot's number.
NOT_A_PLACE = re.compile(
    r"\b(?:from\s+the\s+(?:very\s+)?(?:beginning|start)|dall'\s*inizio|(?:desde|do)\s+[eo]l?\s+(?:principio|inicio"
    r"|comienzo|comeco)"
    r"|von\s+anfang(?:\s+an)?"
    r"|vom\s+anfang|depuis\s+le\s+debut|(?:until|to|till)\s+the\s+(?:very\s+)?end|fino\s+alla\s+fine"
    r"|hasta\s+el\s+final|bis\s+zum\s+(?:ende|schluss)|ate\s+o\s+(?:fim|final)"
    r"|jusqu'?\s*a\s+la\s+fin|in\s+the\s+end|primer(?:os)?\s+planos?|(?:au|en|du|d'un)\s+premier\s+plan|prim[oi]\s+pian[oi]"
    r"|primeir[oa]s?\s+planos?|(?:the\s+)?(?:first|last|second|next|other)\s+time|like\s+the\s+(?:first|last"
    r"|other)\s+one|un\s+moment)\b")
