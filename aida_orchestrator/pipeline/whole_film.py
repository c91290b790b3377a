"""Whether a feedback is about the whole film: its story, words, length, format, order or style, whatever shots it names."""

from __future__ import annotations

import re

from ..agents.formats import ratio_in
from ..agents.lengths import seconds_in
from .shot_patterns import NOUN, ORD
from .shot_verdicts import APPROVED
from .wording import plain

LONGER = re.compile(r"\b(?:longer|piu lung\w+|mas larg\w+|langer\w*|plus long\w*|mais long\w*|allunga\w*|alarga\w*"
                    r"|verlanger\w*"
                    r"|rallong\w*)\b")
_LENGTH = re.compile(
    r"\b(?:shorter|shorten|length|duration|piu\s+(?:cort|brev)\w+|accorcia\w*|durata|kurzer\w*|kurze[nr]?\s+(?:den"
    r"|das)|dauer"
    r"|mas\s+cort\w+|acorta\w*|duracion|plus\s+court\w*|raccourci\w*|duree|mais\s+curt\w+|encurt\w*|duracao"
    r"|aspect\s+ratio|format(?:o|s)?|\d{1,2}\s*[:x]\s*\d{1,2})\b")
_TOLD = re.compile(
    r"\b(?:stor(?:y|ia)|historia|geschichte|histoire|plot|trama|handlung|script|sceneggiatura|copione|drehbuch|guion"
    r"|roteiro"
    r"|scenario|narra\w*|erzahl\w*|voice\w*|voce|voci|voz|voix|stimmen?|sprecher\w*|locuci\w+|texts?|test[oi]|textos?"
    r"|textes?"
    r"|words?|wording|parol[ae]s?|palabras?|palavras?|worte?n?|mots|dialog\w*|lines?|battut[ae]|frases?|frasi|phrases?"
    r"|zeilen?"
    r"|satze?|sentences?|sottotitol\w*|subtitles?|untertitel\w*|subtitul\w*|sous-titres?|legendas?|titles?|titol[oi]"
    r"|titulos?|titel|titres?|captions?|slogans?|claims?)\b")
_FILM = r"(?:film\w*|videos?|movie|clip|thing|spot|corto\w*|filmato|pelicula)"
_WHOLE = re.compile(
    rf"\b(?:(?:whole|entire|all\s+(?:of\s+)?the|throughout\s+the|across\s+the)\s+{_FILM}|all\s+(?:the\s+)?(?:shots|scenes"
    r"|pictures|images)|everywhere|throughout|overall|in\s+general(?:e)?|everything|ovunque|dappertutto|nel\s+complesso"
    rf"|(?:l')?inter[oa]\s+{_FILM}|(?<!\be )(?<!sono )(?<!\be' )tutt(?:o|i|e)|en\s+general|(?<!esta )(?<!es )tod(?:o"
    rf"|os|as)|por\s+todas"
    rf"|tudo|em\s+geral|alles|uberall|insgesamt|durchgehend|ganze[nrsm]?\s+{_FILM}|alle\s+(?:szenen|einstellungen"
    rf"|bilder)|allen\s+\w+"
    r"|(?<!est )(?<!sont )(?:tout|tous|toutes)|partout|en\s+general|ensemble)\b")
# "All but the last", "everything else" name shots, and "everything in shot 2" is one shot's.
_ALL_OF_SOME = re.compile(
    rf"\b(?:everything|all|tutt[oaie]|tod[oa]s?|tud[oa]|alles?|allen|tout(?:es)?|tous)\s+(?:(?:the|les?|las|los|il|el"
    rf"|o|os|as|die|der)\s+)?"
    rf"(?:{NOUN}\s+)?(?:but|else|others?|except|apart|other|rest|in\s+the|in\s+shot|tranne|eccetto|salvo|altr[eio]"
    rf"|resto|nell[ao]"
    r"|menos|excepto|demas|otr[oa]s|en\s+la|exceto|outr[oa]s|ausser|anderen?|ubrigen?|sauf|excepte|hormis|reste"
    r"|autres?|dans)\b")
_STYLE = re.compile(
    r"\b(?:the|another|an?\s+other|different|lo|il|un\s+altro|altro|divers[oa]|el|otro|distinto|der|den"
    r"|ein(?:en)?\s+andere[nr]|andere[nr]"
    r"|le|un\s+autre|autre|o|outro)\s+(?:\w+\s+)?(?:style|stile|stil|estilo)\b(?!\s+(?:of|di|de|del|von|des|du|da|do)\b)")
_SOME = (
    rf"(?:(?:the|la|il|l'|le|i|gli|el|las|los|die|der|das|den|les|a|o|as|os|shot)\s*)*(?:{NOUN}|{ORD}\s*(?:{NOUN}"
    rf"|[,.;!]|$)|\d|#)")
_ORDER = re.compile(
    rf"\b(?:remove|delete|drop|cut(?:\s+out)?|swap|switch|exchange|reorder|merge|split|move|togli|elimina|rimuovi"
    rf"|taglia|scambia|inverti"
    rf"|sposta|unisci|quita|borra|intercambia|mueve|corta|supprime[rz]?|enleve[rz]?|coupe[rz]?|inverse[rz]?"
    rf"|deplace[rz]?|echange[rz]?"
    rf"|tira|remova|apaga|entferne?|streiche?|losche?|tausche?|vertausche?|verschiebe?)\s+{_SOME}"
    rf"|\b(?:entfernen|loschen|streichen|rausnehmen|weglassen|vertauschen|tauschen|verschieben)\b"
    rf"|\b(?:add|insert|aggiungi|inserisci|anade|agrega|inserta|fuge|ajoute[rz]?|insere[rz]?|adiciona|acrescenta)\s+"
    rf"(?:(?:a|an|one|two|another|more|new|un[ao']?|un'altra|altra|nuova|due|otra|nueva|dos|eine?n?|noch|neue|une"
    rf"|autre|nouvelle|uma|outra"
    rf"|nova)\s+)*{NOUN}\b")


def speaks_of_whole(feedback: str) -> bool:
    """Whether more is meant than the pictures of the shots that it names."""
    if seconds_in(feedback) is not None or ratio_in(feedback) is not None:
        return True
    said = APPROVED.sub(" ", _ALL_OF_SOME.sub(" ", plain(feedback)))
    return any(one.search(said) for one in (LONGER, _LENGTH, _TOLD, _WHOLE, _STYLE, _ORDER))
