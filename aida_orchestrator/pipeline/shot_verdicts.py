"""What a feedback says of the shots that it names, in six languages: kept, praised, a model for others, or to be changed."""

from __future__ import annotations

import re
from enum import Enum

from .shot_patterns import COMPARED, NOTHING_ELSE, NOUN


class Verdict(Enum):
    """What is said of a shot."""

    CHANGED = "changed"
    KEPT = "kept"
    PRAISED = "praised"  # kept, unless what comes next takes it back ("great, but too dark")
    MODEL = "model"      # others are to be like it


_EXCEPT = (r"except(?:\s+for)?|apart\s+from|other\s+than|but\s+not|all\s+but|everything\s+but|tranne|eccetto|a\s+parte"
           r"|salvo"
           r"|excepto|tod[oa]s?\s+menos|ausser|bis\s+auf|sauf|excepte|hormis|a\s+l'exception|exceto|tud[oa]\s+menos"
           r"|menos(?=\s+[ao]s?\s)")
_HOLD = (r"(?<!n't )(?<!not )(?<!nicht )(?:keep|leave|kept|don'?t\s+(?:touch|change)|do\s+not\s+(?:touch|change)"
         r"|no\s+changes?\s+(?:to|in|for)"
         r"|tieni|tenete|lascia(?:te)?(?:\s+stare)?|mantieni|non\s+(?:toccare|cambiare|modificare)"
         r"|manten|deja|no\s+(?:toques|cambies|toque|cambie)"
         r"|behalte|behalten|lass(?:e|t)?|nicht\s+(?:andern|anfassen|die|der|das)"
         r"|garde[rz]?|laisse[rz]?|ne\s+(?:touche|change)[rz]?\s+pas"
         r"|mantem|mantenha|deixa|deixe|nao\s+(?:mexa|mexe|mude|muda|altere))")
# Between "keep" and the shots that it keeps; anything else there is what is to be kept in them.
GLUE = re.compile(
    r"\s*(?:(?:the|only|just|for|of|la|il|lo|l'|le|i|gli|per|di|solo|el|los|las|de|solamente|die|der|das|den|dem|von|nur"
    r"|les|au|aux|du|seulement|pour|o|a|os|as|da|do|na|no|em|and|e|ed|y|und|et|,|&|~)(?![^\W\d_])\s*)*")
# Between shots of which the same is said.
JOINT = re.compile(
    r"\s*(?:[,&~]|and|e|ed|y|und|et)\s*(?:(?:the|la|il|lo|l'|le|i|gli|el|los|las|die|der|das|den|dem|les|o|a|os|as"
    r"|also|auch|anche)(?![^\W\d_])\s*)*")
_IN = (r"(?:\s+(?:in|on|with|to|of|for|from|dal|dalla|dalle|dai|the|that|those|one|a|ad|al|alla|nel|nella|nell'|della"
       r"|del|quella|quello|con|con\s+la|en|la|il"
       r"|lo|l'|le|el|los|las|die|der|das|den|dem|zu|zur|zum|mit|aus|bei|dans|du|de|celle|celui|avec|na|no|da|do|o|as"
       r"|os|im|es))*")
CLAUSES = re.compile(
    r"(?P<stop>[;!?\n]+|(?<!\bn)(?<!\bno)(?<!\bnr)(?<!\d)\.+)|(?P<but>,?(?<!everything)(?<!\ball)\s+(?:but|ma|pero"
    r"|aber|mais"
    r"|und\s+sonst)\s+(?!not\b))|,\s+(?=(?:change|redo|make|cambia|rifai|rendi|andere|mach|refais|change[rz]?|haz"
    r"|cambie|mude|keep|leave|tieni|lascia|deja|deixe|behalte|garde|laisse)\b)")
# Between two mentions: here what is said of the one ends. A copula ("la 2 e' bella") stands right behind its mention.
BREAK = re.compile(
    r"[,:;.]|(?<=\S)\se\s|(?:^|\s)(?:and|ed|y|und|et|while|mentre|wahrend|mientras|tandis\s+que|enquanto)\s"
    r"|(?:^|\s)e\s(?=(?:cambia|rifai|rendi|modifica|mude|muda|refaca)\b)")

_SO = (r"(?:(?:very|really|so|just|already|pretty|quite|absolutely|totally|simply|still|both|all|molto|davvero|gia"
       r"|proprio|cosi"
       r"|veramente|assolutamente|tanto|piuttosto|tutt[aeio]|schon|sehr|wirklich|echt|ganz|einfach|absolut|beide|ya"
       r"|muy|realmente"
       r"|tan|tout|tres|vraiment|deja|muito|ja|mesmo|bem|also|anche|auch|aussi|tambien|tambem|mir|uns)\s+)*")
_GOOD = (
    r"(?:great|super|perfect(?:ly)?|fine|good|lovely|beautiful|nice|excellent|amazing|awesome|wonderful|brilliant"
    r"|gorgeous|fantastic"
    r"|ok(?:ay)?|spot\s+on|not\s+bad|well\s+done|perfett[aeio]|perfettamente|ottim[aeio]|bell[aeo]|bellissim[aeio]"
    r"|ben(?:e|issimo)"
    r"|splendid[aeio]|stupend[aeio]|meraviglios[aeio]|fantastic(?:[aoi]|he)|giust[aeio]|a\s+posto|magnific[ao]"
    r"|eccellent[ei]|non\s+male"
    r"|toll|perfekt|klasse|wunderbar|gut|genial|grossartig|spitze|in\s+ordnung|hervorragend|fantastisch|wunderschon"
    r"|schon|top|nicht\s+schlecht"
    r"|bien|geniales?|fantasti[ck]\w*|perfect[ao]s?|excelentes?|estupend[ao]s?|precios[ao]s?|bonit[ao]s?|hermos[ao]s?"
    r"|fenomenal|increible"
    r"|maravillos[ao]s?|parfaite?s?|magnifiques?|superbes?|excellente?s?|geniaux|beau|belles?|reussie?s?|pas\s+mal"
    r"|otim[ao]s?|perfeit[ao]s?|lind[ao]s?|bo[am]|bons|boas|bem|maravilhos[ao]s?|incrivel)")
_IS = (r"(?:is|are|was|were|looks?|feels?|seems?|'s|e'?|sono|sta|stanno|va|vanno|mi\s+sembra(?:no)?|viene|ist|sind|war"
       r"|finde\s+ich|sieht"
       r"|es|esta|estan|son|queda|quedan|quedo|est|sont|rend|sao|estao|ficou|ficaram)")
_AS_IT_IS = (r"(?:as\s+(?:it|they|is|are)(?:\s+(?:is|are))?|the\s+way\s+(?:it|they)\s+(?:is|are)|the\s+same"
             r"|cosi(?:\s+com'?\s*e'?)?|com'?\s*e'?"
             r"|so(?:\s+wie\s+\w+\s+ist)?|asi|como\s+estan?|comme\s+(?:ca|cela|elle\s+est|il\s+est)|assim|aus|igual"
             r"|very\s+much|a\s+lot"
             r"|molto|tanto|mucho|sehr|beaucoup|muito|now|adesso|jetzt|ahora)")
_ALL = (rf"(?:everything|(?:it\s+)?all(?:\s+(?:the\s+)?{NOUN})?|tutt[oaie](?:\s+l[ae]\s+\w+)?"
        rf"|tod[oa]s?(?:\s+l[ao]s\s+\w+)?|alle[sn]?(?:\s+{NOUN})?"
        rf"|tout(?:es)?(?:\s+les\s+\w+)?|tud[oa])")
_END = rf"(?:\s+{_AS_IT_IS})*\s*[)~]*\s*$"
_SINCE = r"because|since|with|for|enough|in|to\s+me|perche|con|per|weil|mit|fur|porque|por|avec|parce|car"
_LIKED_BEHIND = (
    r"(?:(?:mi|ci)\s+(?:piac(?:e|ciono)|convinc(?:e|ono))|(?:mi|ci)\s+(?:e'?|sono)\s+piaciut\w|funziona(?:no)?"
    r"|gefall(?:t|en)|(?:mag|liebe|mochte)\s+ich"
    r"|(?:me|nos)\s+(?:gusta|encanta)n?|(?:me|nous)\s+pla(?:it|isent)|(?:(?:i|we)\s+(?:really\s+|do\s+)?)?(?:love"
    r"|like)\s+(?:it|them)|j'(?:aime|adore)"
    r"|(?:la\s+|lo\s+)?adoro|works?|passt|passen)")
_STAYS = (
    rf"(?:(?:can|should|may|must|puo|deve|kann|soll|puede|peut|pode)\s+)?(?:stays?|remains?|resta(?:no|re)?"
    rf"|rimane(?:re)?|rimangono|bleib(?:t|en)"
    rf"|se\s+queda|quedarse|restent?|rester|fica|ficar){_END}")
_AS_BEFORE = (
    r"(?:unchanged|unverandert|invariat[aeo]|inchange\w*|sin\s+cambios|(?:please\s+)?(?:don'?t|do\s+not)\s+(?:change|touch)"
    r"|(?:bitte\s+)?nicht\s+(?:andern|anfassen|verandern)|non\s+(?:toccar|cambiar|modificar)\w*|no\s+(?:la\s+"
    r"|lo\s+)?(?:toques|cambies)"
    r"|ne\s+(?:touche|change)[rz]?\s+pas|lascia(?:la|lo|le|temi)?|tienil[ao]|deja(?:la|lo)|nao\s+(?:mexa|mude))")
_LIKED = (
    r"(?:(?:i|we|they|you)(?:\s+(?:really|do|also|just|still|absolutely|especially|most|quite|all))*\s+(?:like[ds]?"
    r"|enjoy(?:ed)?)|\b(?:love|loved|loving)"
    r"|ador(?:e|ed|o|iamo|ei)|happy\s+with|(?:mi|ci)\s+piac(?:e|ciono)|(?:mi|ci)\s+(?:e'?|sono)\s+piaciut\w"
    r"|(?:me|nos)\s+(?:gusta|gusto|encanta)n?|ich\s+(?:mag|liebe|finde)|mag\s+ich|mir\s+gefall(?:t|en)|gefall(?:t|en)\s+mir"
    r"|(?:j'|on\s+|nous\s+)(?:aime|adore|aimons|adorons)|gost(?:o|ei|amos)|amo|amei|va(?:nno)?\s+ben(?:e|issimo)"
    r"|esta\s+bien)")
_MUCH = (r"(?:\s+(?:very\s+much|a\s+lot|molto|tanto|mucho|sehr|besonders|bien|beaucoup|muito|how|the\s+way|come"
         r"|soprattutto|anche|gut|toll"
         r"|also|auch|aussi|tambien))*")
# "Like" is a verb after somebody who likes.
_LIKING = "".join(rf"(?<!\b{who} )" for who in (
    "i", "we", "they", "you", "really", "also", "do", "not", "would", "still", "most", "especially", "don't", "dont",
    "didn't", "i'd", "we'd", "just", "quite"))
_MODEL = (
    rf"(?:{_LIKING}like|match(?:es|ing)?|(?:the\s+)?same\s+(?:\S+\s+)?as|similar\s+to|consistent\s+with|as|than"
    rf"|resembl\w+|differ(?:ent|s)?(?=\s+from)"
    r"|(?<!mi piace )(?<!piacciono )come|simil[ei]|ugual[ei]|divers[aei](?=\s+d)|coerente|in\s+linea|rispetto|quanto"
    r"|(?:piu|meno)\s+\w+\s+(?:dell[ae']|del|di|delle)"
    r"|(?:piu|meno)\s+(?:\S+\s+){0,3}che|wie|als|ahnlich|passend|passen|como|igual(?:\s+(?:que|a))?|parecid[ao]s?"
    r"|comme|pareil(?:le)?\s+(?:que|a)"
    r"|(?:mas|menos|tan|plus|moins|aussi|mais)\s+(?:\S+\s+){1,3}(?:do\s+)?que|meme\s+(?:\S+\s+)?que"
    r"|mism[ao]\s+(?:\S+\s+)?que|combin\w+"
    r"|(?:have|has|use|avere|abbia|usa|haben|tener|tenga|avoir|ait|utilise|ter|tenha)\s+(?:\S+\s+){1,4}?(?:of|from"
    r"|dell?a?|dall?a?|von|aus|de|du|da|do))")
# Whoever asks for something does not praise: "shot 2 should be perfect", "I like shot 2 darker".
_ASKED = re.compile(
    r"\b(?:more|less|too(?!\s*$)|should|must|needs?|makes?|wants?|would|could|wish|change|redo|replace|(?:i|we)'d|piu"
    r"|meno|troppo|dovrebbe"
    r"|deve|devono|vorrei|sarebbe|potrebbe|serve|rendi|rifai|cambia|fai|mas|menos|demasiado|deberia|debe|quiero|haz"
    r"|mehr|weniger|zu"
    r"|soll\w*|muss|mussen|wunsch\w*|mach\w*|andere|ware|plus|moins|trop|devrait|doit|voudrais|rends|fais|mais|demais"
    r"|deveria|deve|quero"
    rf"|mude|faca|piacerebbe|gustaria|aimerais|gostaria|hatte|mochte|{COMPARED})\b|n't\s+\w+\s+enough")
_DENIED = re.compile(
    r"\b(?:not(?!\s+bad)|never|no|cannot|dont|doesnt|isnt|hardly|non(?!\s+male)|mai|poco|neanche|nemmeno"
    r"|nicht(?!\s+schlecht)|kein\w*|nie|kaum"
    r"|wenig|nunca|tampoco|pas(?!\s+mal)|jamais|peu|nao|nem)\b|n't\b")

_HELD_BEFORE = re.compile(rf"\b(?:{_HOLD}|{_EXCEPT})(?!\w)(?P<glue>.*)$")
_EXCEPTED = re.compile(rf"\b(?:{_EXCEPT})(?P<glue>.*)$")
APPROVED = re.compile(
    rf"\b{_LIKED}(?:\s+\w+)?\s+{_ALL}\b|\b{_ALL}\s+(?:{_IS}\s+)?{_SO}{_GOOD}(?!\w)|\b{_IS}\s+{_ALL}\s+{_SO}{_GOOD}(?!\w)")
_ALL_KEPT = re.compile(rf"\b(?:{_HOLD}|{_LIKED})\b|\b{_GOOD}\s*$|{_IS}\s+{_SO}{_GOOD}\b|{APPROVED.pattern}")
_MODEL_BEFORE = re.compile(rf"\b{_MODEL}{_IN}\s*$")
# "The same light as the first", "match the mood of the first": but "the same plate in shot 2 is dark" speaks of shot 2.
_SHARED_BEFORE = re.compile(
    r"\b(?:match(?:es|ing)?|same|stess[oaie]|gleiche\w?|selbe\w?|mism[oa]s?|memes?|mesm[ao]s?)(?:\s+\S+){1,3}?\s+(?:of"
    r"|in|from|dell?|nell?"
    rf"|della|nella|von|aus|de|en|du|dans|da|do|na){_IN}\s*$")
_PRAISED_BEFORE = re.compile(
    rf"\b{_LIKED}{_MUCH}(?:(?:\s+\S+){{1,4}}?\s+(?:in|of|nella|nel|della|en|de|dans|du|na|no|da|do))?{_IN}\s*$"
    rf"|(?:^\W*|\b{_IS}\s+){_SO}{_GOOD}{_IN}\s*$")
_PRAISED_BEHIND = re.compile(
    rf"^\W*(?:{_IS}\s+)?(?:{_ALL}\s+)?{_SO}{_GOOD}{_END}|^\W*(?:{_SO}(?:{_LIKED_BEHIND}|{_AS_BEFORE})\b|{_STAYS})"
    rf"|(?:^|\s){_IS}\s+{_SO}{_GOOD}(?:{_END}|\s+(?:{_SINCE})\b)")
_AS_IT_WAS = re.compile(rf"\W*{_AS_BEFORE}\b|\W*{_STAYS}")
_STATED = re.compile(rf"\W*{_IS}\b")
_STAYING = re.compile(rf"^\W*{_STAYS}")
_NO = re.compile(r"^\W*(?:instead\s+|invece\s+|aber\s+|dagegen\s+|pero\s+)?(?:no|not|nicht|pas|nao|non)\W*$")
_NOT = re.compile(r"^\W*(?:e\s+|and\s+|und\s+|y\s+|et\s+)?(?:not|non|nicht|pas|no|nao)(?:\s+(?:the|la|il|die|der|le|el"
                  r"|a|o))?\s*$")
_TOO = re.compile(r"^\W*(?:too|also|as\s+well|anche|pure|auch|ebenfalls|ebenso|aussi|tambien|tambem|likewise)\W*$")
_FILM = rf"(?:(?:the|la|l'|les?|das|des|los|las)\s*)?(?:film\w*|videos?|movie|{NOUN})\b"
REST = re.compile(
    r"\b(?:(?:the|il|nel|dal|del|el|al|der|den|dem|vom|zum|le|au|o|no|ao)\s+(?:rest|resto|reste)\b"
    rf"(?!\s+(?:of|di|del|dell[ao]|dei|von|vom|de|des|du|da|do)\s+(?!{_FILM}))"
    rf"|everything\s+else|alles?\s+(?:andere|ubrige)|lo\s+demas|tudo\s+o\s+mais|the\s+others|(?:the\s+"
    rf"|all\s+)?other\s+{NOUN}(?<=s)"
    r"|(?:(?:le|gli|nelle|delle|dalle|alle)\s+altr[ei]|(?:las|los)\s+(?:demas|otr[ao]s)|(?:die|den|der|alle"
    r"|allen)\s+(?:anderen|ubrigen|restlichen)"
    rf"|(?:les|des|aux)\s+autres|(?:[ao]s|n[ao]s|d[ao]s)\s+(?:outr[ao]s|demais))(?:\s+{NOUN}\b|{NOTHING_ELSE}))")
TAKEN_BACK = re.compile(
    r"^\W*(?:(?:though|but|however|although|just|only|except|yet|pero|ma|aber|nur|jedoch|solo|soltanto|seulement|mas"
    r"|so|so\s+que|mais|tuttavia"
    r"|cependant)\b|(?:make|rendi|fai|mach|haz|rends|faca|faz)\s*(?:it|la|lo|sie|es|ihn|le)\b|(?:it|they)\s+(?:is|are"
    r"|needs?|should)\b)")


def verdict(before: str, behind: str, around: tuple[str, str], last: Verdict | None) -> Verdict:
    """What is said of shots, by the words right before and right behind them, the sentence up to them and after them, and
    what was said of the shots that were named last.
    """
    excepted = _EXCEPTED.search(around[0])
    if excepted and GLUE.fullmatch(excepted["glue"]) and (
            _approves(around[0][:excepted.start()]) or APPROVED.search(around[1])):
        return Verdict.CHANGED  # all is well but these
    held = _HELD_BEFORE.search(before)
    if (held and GLUE.fullmatch(held["glue"])) or _AS_IT_WAS.match(behind):
        return Verdict.KEPT
    if _MODEL_BEFORE.search(before) or (_SHARED_BEFORE.search(before) and not states(behind)):
        return Verdict.MODEL
    if _TOO.match(before) or (_TOO.match(behind) and GLUE.fullmatch(before)):
        return last or Verdict.CHANGED
    if _NOT.match(before) or (_NO.match(behind) and GLUE.fullmatch(before) and last is not None):
        return Verdict.CHANGED if last in (Verdict.KEPT, Verdict.PRAISED) else Verdict.KEPT
    if asks(before) or asks(behind):
        return Verdict.CHANGED
    return Verdict.PRAISED if _PRAISED_BEFORE.search(before) or _PRAISED_BEHIND.search(behind) else Verdict.CHANGED


def asks(words: str) -> bool:
    """Whether words want something otherwise, or deny what they say."""
    said = _STAYING.sub(" ", words)
    return _ASKED.search(said) is not None or _DENIED.search(said) is not None


def states(words: str) -> bool:
    """Whether words behind shots say something of them by themselves."""
    return _STATED.match(words) is not None or asks(words)


def _approves(words: str) -> bool:
    return _ALL_KEPT.search(words) is not None and _ASKED.search(words) is None
