"""How shots are named in English, Italian, Spanish, German and French: the patterns that `wording` reads by."""

from __future__ import annotations

import re

# Text is compared in small letters without accents: `plain` makes "dernière" "derniere" and "2ª" "2a".
ORDINALS = {
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
OPENING = "opening|initial|iniziale?|inicial|initiale"
CARDINALS = {
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
TO = (
    r"(?:\s*[-\u2013\u2014]\s*|\s+(?:to|through|thru|until|a|al|all[ao]|alle|fino\s+al(?:la)?|hasta(?:\s+el|\s+la)?"
    r"|bis(?:\s+zur?|\s+zum)?|au|jusqu'?\s*au)\s+)")
_ARTICLE = (r"(?:(?:the|la|il|lo|le|gli|i|l'|el|los|las|les|die|der|das|den|dem|du|de|of|shots?|scenes?"
            r"|scena|inquadratura|escena|toma|szene|plan|bild)\s*(?<=[\s'])\s*)?")
_FROM = r"(?:(?:from|da|dal|dalla|dalle|del|de\s+la|de|du|von|der|das)\s+)?"
_NUMBER_SIGN = r"(?:#|n\.?\s*[o°]?\.?|nr\.?|no\.?|num\.?|numbers?|numero|numeri|nummern?|numeros?)?\s*"
_UNIT = (r"(?!\s*(?:s|secs?|secondi?|seconds?|segundos?|sekunden?|secondes?|min\w*|%|per\s*cent|percento|px|mm|k|x"
         r"|times|volte|veces|mal|fois|people|persone|personas|personen|personnes)\b|\s*%|[.,:/]?\d)")


def _either(table: dict[int, str]) -> str:
    # Longer first: "second to last" begins with "second".
    return "|".join(sorted("|".join(table.values()).split("|"), key=lambda one: -len(one)))


ORD = rf"(?:{ORDINALS[-2]}|{_either({n: words for n, words in ORDINALS.items() if n != -2})}|{OPENING}" \
       r"|\d{1,2}\s?(?:st|nd|rd|th|a|o|e|er|re|ere|eme|\.|°))"
NUM = rf"(?:\d{{1,2}}|{_either(CARDINALS)})"
_NUMS = rf"{_NUMBER_SIGN}{NUM}(?:(?:{TO}|{_AND}){_ARTICLE}{_NUMBER_SIGN}{NUM}\b)*"

# What may follow a number or an ordinal that stands without its noun: not the noun of something else ("2 to 4 people").
_NOTHING_ELSE = (
    r"(?=\s*(?:[:;,.!?]|$)|\s+(?:more|less|too|is|are|should|must|need|needs|with|without|piu|meno|troppo|e'|e|sono|deve|devono"
    r"|con|senza|mas|menos|demasiado|es|esta|son|estan|debe|deben|sin|mehr|weniger|zu|ist|sind|soll|sollen|muss|mit|ohne"
    r"|plus|moins|trop|est|sont|doit|doivent|avec|sans)\b)")
AFTER_NOUN = re.compile(rf"\b{_NOUN}\s*{_FROM}(?P<nums>{_NUMS})\b{_UNIT}")
BARE_RANGE = re.compile(
    rf"(?:^|\b(?:from|dal|dalla|del|de\s+la|von|du)\s+)(?P<nums>{NUM}{TO}{NUM})\b{_NOTHING_ELSE}")
BEFORE_NOUN = re.compile(
    rf"\b(?:(?P<many>{NUM})\s+)?(?P<ords>{ORD}(?:(?:{TO}|{_AND}){_ARTICLE}{ORD})*)\s+(?:(?P<more>{NUM})\s+)?{_NOUN}\b")
RANGE_OF_ORDINALS = re.compile(
    rf"\b(?:from\s+the|dalla|dal|de\s+la|del|von\s+der|du|de)\s+(?P<ords>{ORD}{TO}{_ARTICLE}{ORD})\b")
STANDING_ALONE = re.compile(
    rf"\b(?:the|la|il|l'\s*|el|die|der|das|le)\s*(?P<ords>{ORD}(?:{_AND}(?:the|la|il|l'|el|die|der|das|le)\s*{ORD})*)"
    rf"{_NOTHING_ELSE}")
NOUN_THEN = re.compile(
    rf"\b{_NOUN}\s+(?P<ords>final|finale|finales|ultim[oa]|dernier|derniere|{OPENING})\b")
ENDING = re.compile(
    r"\b(?:the\s+(?:very\s+)?(?:end|ending|finale|close)\b|(?:il|nel|sul|del|al)\s+finale\b|(?:la|alla|della"
    r"|sulla)\s+(?:fine|chiusura|conclusione)\b"
    r"|(?:el|al|del)\s+(?:final|cierre)\b|(?:das|am|dem)\s+(?:ende|schluss)\b|(?:der|den|dem|vom|zum)\s+schluss\b"
    r"|(?:la|a\s+la|de\s+la)\s+(?:fin|conclusion)\b|(?:le|au|du)\s+final\b|\b(?:schluss|end|ab)(?:szene|bild"
    r"|einstellung)\b)")
BEGINNING = re.compile(
    r"\b(?:the\s+(?:very\s+)?(?:opening|beginning|start|intro)\b|(?:l'|all'|dell'|nell')\s*(?:inizio|apertura"
    r"|introduzione)\b"
    r"|(?:el|al|del)\s+(?:principio|inicio|comienzo)\b|(?:la|de\s+la)\s+(?:apertura|introduccion)\b"
    r"|(?:der|den|dem|am|zum|im)\s+(?:anfang|beginn|einstieg)\b|(?:le|au)\s+debut\b|(?:l'|de\s+l')\s*(?:ouverture"
    r"|introduction)\b"
    r"|\b(?:anfangs|eroffnungs|eingangs)(?:szene|bild|einstellung)\b)")
# "From the beginning", "to the end" speak of the whole film, and a close-up or the foreground of no shot's number.
NOT_A_PLACE = re.compile(
    r"\b(?:from\s+the\s+(?:very\s+)?(?:beginning|start)|dall'\s*inizio|desde\s+el\s+(?:principio|inicio|comienzo)"
    r"|von\s+anfang(?:\s+an)?"
    r"|vom\s+anfang|depuis\s+le\s+debut|(?:until|to|till)\s+the\s+(?:very\s+)?end|fino\s+alla\s+fine"
    r"|hasta\s+el\s+final|bis\s+zum\s+(?:ende|schluss)"
    r"|jusqu'?\s*a\s+la\s+fin|in\s+the\s+end|primer(?:os)?\s+planos?|(?:au|en|du|d'un)\s+premier\s+plan|prim[oi]\s+pian[oi]"
    r"|(?:the\s+)?(?:first|last|second|next|other)\s+time|un\s+moment)\b")
KEPT = re.compile(
    r"\b(?:keep|leave|kept|don'?t\s+(?:touch|change)|do\s+not\s+(?:touch|change)|except|apart\s+from|other\s+than"
    r"|but\s+not|all\s+but"
    r"|everything\s+but|(?:is|are)\s+(?:fine|good|perfect)"
    r"|tieni|tenete|lascia|lasciate|mantieni|non\s+(?:toccare|cambiare|modificare)|tranne|eccetto|a\s+parte|salvo"
    r"|va(?:nno)?\s+bene"
    r"|manten|deja|no\s+(?:toques|cambies|toque|cambie)|excepto|tod[oa]s?\s+menos|salvo"
    r"|behalte|behalten|lass(?:e|t)?|ausser|bis\s+auf|nicht\s+(?:andern|anfassen|die|der|das)"
    r"|garde[rz]?|laisse[rz]?|ne\s+(?:touche|change)[rz]?\s+pas|sauf|excepte|hormis|a\s+l'exception)\b")
# Between "keep" and the shots that it keeps; anything else there is what is to be kept in them.
GLUE = re.compile(
    r"\s*(?:(?:the|only|just|for|of|la|il|lo|l'|le|i|gli|per|di|solo|el|los|las|de|solamente|die|der|das|den|dem|von|nur"
    r"|les|au|aux|du|seulement|pour|and|e|ed|y|und|et|,|&|~)\s*)*")
CLAUSES = re.compile(
    r"[;!?\n]+|(?<!\bn)(?<!\bno)(?<!\bnr)(?<!\d)\.+|,?(?<!everything)(?<!\ball)\s+(?:but|ma|pero|aber|mais"
    r"|und\s+sonst)\s+(?!not\b)|,\s+(?=(?:change|redo|make|cambia|rifai|rendi|andere|mach|refais|change[rz]?|haz"
    r"|cambie|keep|leave|tieni|lascia|deja|behalte|garde|laisse|tranne|eccetto|except|sauf|ausser|excepto)\b)")
