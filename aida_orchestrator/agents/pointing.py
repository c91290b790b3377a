"""Whether a message points back: "like last time", "come quello di Natale", "前回と同じ"; in twelve languages.

Where the same words are also said of other things ("a dog like the one in the park") they count only next to a film.
"""

from __future__ import annotations

import re

_FILM = r"(?:v[ií]deos?|vidéos?|films?|filmati|filmato|filme?s?|filmpje|clips?|clipe|spots?|reels?|ads?|movie|projects?" \
    r"|progetto|projet|proyecto|projeto|projekt|anuncio|werbespot|película|publicité|trailer|teaser)"
# Of these nobody says the name of somebody else's ("come il film di Fellini").
_OURS = r"(?:v[ií]deo|vidéo|clips?|clipe|spot|reel|filmato|filmpje|anuncio)"
# Nothing more is said of it.
_STOP = r"(?=\s*(?:$|[,.;:!?)(]|(?:ma|però|but|pero|mais|mas|aber|nur|solo|con|with|mit|avec|com|e|and|und|y|et" \
    r"|please|bitte|per\ favore|por\ favor|che\ (?:abbiamo|avete|hai)|that\ we|que\ hicimos|que\ nous|das\ wir|den\ wir" \
    r"|questa|this|stavolta|sul?l?[ao]?|about|for|on|in|sobre|über)\b))"
# "like the last time I saw the sea" tells of a time; "... that we made one" of a film.
_TIME = r"""(?!\s+(?:che|that|que|quand|où|dass|als|wo|when|i|we|you|he|she|they)\b
    (?!.{0,30}\b(?:fatto|made|did|hicimos|hiciste|fait|gemacht|fizemos|video|vídeo|vidéo|film)\b))"""
# "as usual in Naples", "come sempre più veloce" speak of the world.
_USUAL = r"""(?!\s+(?:più|meno|maggior\w*|more|less|más|menos|plus|moins|mais|mehr|weniger|wieder|noch)\b)
    (?!\s+(?:in|at|on|among|there|a|ad|nel|nella|en|à|au|dans|em|auf|bei)\s+(?:the\s+|my\s+|our\s+)?(?-i:[A-ZÀ-Ý]))"""
# In front of "like the one for ...": nothing, or a film, or the order of one.
_ASKED = rf"""(?:(?m:^)\W*|[,.;:!?]\s*|(?:\b{_FILM}(?:\ \w+)?|\b(?:one|another|uno|otro|autre|altro|outro|something|qualcosa
    |algo|it(?:\ look)?|fallo|falla|fai|fammelo|fammene|facciamo|farlo|make|hazlo|haz|fais|fais-le|mach|mache|mach['’]?s
    |faz|just|exactly|esattamente|proprio|genau|exactamente|exactement))\ )"""
_IT = rf"""
    come\ (?:l['’](?:altra|ultima)|la\ (?:scorsa|precedente))\ volta{_TIME}
    | come\ la\ volta\ (?:scorsa|precedente|prima)
    | come\ (?:l|nell|dell|quell)['’](?:altr|ultim)[oa](?:\ (?:mi|tu|nostr)[oa])?(?:\ {_FILM}\b|{_STOP})
    | come\ (?:il|nel|al|del|quel)\ (?:(?:mi|tu|nostr)[oa]\ )?(?:precedente|ultimo|scorso|solito)(?:\ {_FILM}\b|{_STOP})
    | come\ (?:la|nella)\ (?:scorsa|precedente){_STOP}
    | come\ (?:le\ altre\ volte|(?:gl|neg)li\ altri\ {_FILM})
    | come\ (?:il|nel|per\ il)\ (?:mio\ |nostro\ )?{_FILM}\ (?:precedente|scorso|che\ (?:abbiamo|avete|hai|mi))
    | come\ (?:il|nel|per\ il)\ (?:mio\ |nostro\ )?{_OURS}\ (?:di|del|della|dello|dell['’]|dei|delle|degli|per|con|su
        |sul|sulla)
    | {_ASKED}come\ (?:quello|in\ quello|per\ quello)\ (?:di|del|della|dello|dell['’]|dei|delle|per|con|su|sul|sulla
        |che\ (?:abbiamo|avete|hai|mi))
    | come\ (?:al\ solito|sempre|di\ consueto){_USUAL}
    | come\ prima{_STOP}
    | come\ (?:già|abbiamo|avete|hai)\ fatto
    | (?:stess[oa]|solit[oa])\ (?:stile|look|formato|impostazion\w+|video|film|cosa|roba)(?:\ di\ (?:prima|sempre))?
    | (?:uguale|identico|simile)\ (?:a\ quello|all['’](?:altr[oa]|ultim[oa])(?=\ volta|\ {_FILM}|{_STOP})|al\ (?:(?:mio
        |nostro)\ )?(?:precedente|ultimo|{_OURS}))
    | di\ nuovo\ come"""
_EN = rf"""
    (?:like|as)\ (?:last|previous)\ time
    | (?:like|as)\ the\ (?:last|previous|other|prior)\ time{_TIME}
    | like\ (?:(?:in|on|for|with)\ )?(?:the|my|our|your|that)?\ ?(?:very\ )?(?:last|latest|previous|earlier|other|prior
        |former)\ (?:one{_STOP}|{_FILM}\b)
    | as\ (?:(?:in|on|for|with)\ )?(?:the|my|our|your|that)?\ ?(?:last|latest|previous|earlier|prior|other)\ {_FILM}\b
    | (?:like|as)\ (?:we\ (?:always\ )?do|(?:we|you)\ (?:did|made))\b
    | like\ my\ last{_STOP}
    | like\ the\ {_OURS}\ (?:of|for|about|from|with|we|you|i)
    | {_ASKED}like\ the\ one\ (?:for|about|from|of|with|we|you|i)
    | (?:like|as)\ (?:(?:per\ )?usual|always){_USUAL}
    | as\ ever{_STOP}
    | like\ before{_STOP}
    | as\ before{_STOP}
    | same\ (?:style|look|format|settings|thing|video|film|kind)\ (?:as|like|again)
    | same\ again{_STOP}
    | same\ (?:as|like)\ (?:before|always|usual|(?:(?:in|for|with)\ )?(?:my|our|the|your)?\ ?(?:last|latest|previous
        |earlier|other|prior))
    | (?:my|our|the)\ usual\ (?:style|look|format|video|film)
    | another\ (?:one\ |video\ |film\ )?(?:just\ )?like\ (?:that|it){_STOP}"""
_ES = rf"""
    como\ (?:en\ )?la\ (?:última|ultima|otra|anterior|pasada)\ vez{_TIME}
    | como\ la\ vez\ (?:pasada|anterior|última)
    | como\ (?:en\ )?(?:el|la|mi|nuestro|tu)\ (?:(?:[úu]ltim[oa]|otr[oa]|anterior)(?:\ {_FILM}\b|{_STOP})
        |{_FILM}\ (?:anterior|pasado))
    | como\ (?:en\ )?(?:el|mi|nuestro)\ {_OURS}\ (?:de|del|para|sobre|con|que)
    | {_ASKED}como\ el\ (?:de|del|para|que\ hicimos)
    | como\ (?:siempre|de\ costumbre){_USUAL}
    | como\ antes(?!\ de\b){_STOP}
    | lo\ (?:mismo\ )?de\ siempre
    | (?:mismo|igual)\ (?:estilo|formato|que)(?:\ de|\ que|\ la)?\ ?(?:siempre|antes|última|la\ última|el\ último)"""
_FR = rf"""
    comme\ (?:à\ )?(?:la|l['’])\ ?(?:dernière|derniere|précédente|autre)\ fois{_TIME}
    | comme\ la\ fois\ (?:dernière|précédente|d['’]avant)
    | comme\ (?:dans\ |pour\ )?(?:(?:le|la|mon|ma|notre|ton)\ |l['’])(?:(?:dernière?|précédente?|autre)(?:\ {_FILM}\b
        |{_STOP})|{_FILM}\ (?:précédente?|d['’]avant|dernière?))
    | comme\ (?:dans\ |pour\ )?(?:le|la|mon|ma|notre)\ {_OURS}\ (?:de|du|des|d['’]|pour|sur|avec|que)
    | {_ASKED}comme\ celui\ (?:de|du|d['’]|pour|sur|que)
    | comme\ (?:d['’]habitude|toujours|à\ l['’]accoutumée){_USUAL}
    | comme\ avant{_STOP}
    | même\ (?:style|format|look)\ que"""
_DE = rf"""
    wie\ (?:(?:beim|das)\ )?(?:letzte[snm]?|vorige[snm]?)\ mal{_TIME}
    | wie\ (?:zuletzt|letztens){_STOP}
    | wie\ (?:(?:in|bei|mit|für)\ )?(?:(?:im|beim|das|der|den|dem|[md]eine?[mnrs]?|unsere?[mnrs]?)\ )?
        (?:letzte|vorig|vorherig|ander|früher)e?[nmrs]?\ {_FILM}\b
    | wie\ (?:das|beim|im|mein|unser)\ {_OURS}\ (?:von|vom|für|über|zu|zum|mit|aus|der|des)
    | {_ASKED}wie\ (?:das|der)\ (?:von|vom|für|zu|zum)
    | wie\ (?:immer|üblich|gewohnt){_USUAL}
    | wie\ (?:gehabt|zuvor|vorher)
    | (?:gleiche[rns]?|selbe[rn]?)\ (?:stil|look|format)\ wie"""
_PT = rf"""
    como\ (?:[dn]?a\ )?(?:última|ultima|outra|passada)\ vez{_TIME}
    | como\ [dn]?a\ vez\ (?:passada|anterior)
    | como\ [dn]?o?\ ?(?:meu\ |nosso\ )?(?:(?:último|outro|anterior)(?:\ {_FILM}\b|{_STOP})|{_FILM}\ (?:anterior
        |passado))
    | como\ n?o\ (?:meu\ |nosso\ )?{_OURS}\ (?:d[eoa]s?|para|sobre|com|que)
    | {_ASKED}como\ o\ (?:d[eoa]|para)
    | como\ (?:sempre|de\ costume){_USUAL}
    | como\ antes(?!\ d[eoa]\b){_STOP}"""
_NL = rf"""
    (?:zoals|als)\ (?:(?:bij|in|met)\ )?(?:(?:de|het|mijn|ons|onze)\ )?(?:vorige|laatste)\ (?:keer|maal|{_FILM})
    | (?:zoals|net\ als)\ (?:altijd|gewoonlijk|gebruikelijk|daarvoor)"""
_PL = r"""
    jak\ (?:ostatnio|poprzednio|zwykle|zawsze|(?:ostatnim|poprzednim)\ razem|w\ (?:moim\ )?(?:ostatnim|poprzednim)\ \w+)"""
_RU = r"""
    как\ (?:и\ )?(?:в\ (?:прошлый|последний|предыдущий|тот)\ раз|обычно|всегда|раньше
        |в\ (?:(?:мо|наш)[её]м\ )?(?:прошлом|последнем|предыдущем)\ (?:видео|ролике|фильме|клипе))"""
_WORDS = re.compile(
    rf"(?<!\w)(?:{'|'.join((_IT, _EN, _ES, _FR, _DE, _PT, _NL, _PL, _RU))})(?:(?<=['’])|(?!\w))",
    re.IGNORECASE | re.VERBOSE)
# Without spaces there are no words to look between.
_SIGNS = re.compile(
    r"(?:前回|この前|以前|(?<![名人])前)(?:の\w{1,6})?(?:と同じ|と同様|のよう[にな]|みたい|の?(?:通り|とおり|どおり))"
    r"|いつも(?:と同じ|のように|の?(?:通り|とおり|どおり))"
    r"|いつもの(?!朝|昼|夜|晩|日|道|街|町|場所|生活|暮らし|風景|時間|人|席|カフェ|店|駅)"
    r"|(?<!不)[像按照如][上前]一?(?:次|回|个视频|部)(?:[一那][样樣])?|(?<!不)[跟和与與同][上前]一?(?:次|回|个视频|部)(?:的\w{1,6})?一[样樣]"
    r"|(?<!不)[像跟和](?:以前|之前|往常|平时)一[样樣]"
    r"|老样子|지난번(?:처럼|과\ ?같)|저번처럼|평소처럼")
# "Nothing is like before", "not like last time".
_NEVER = re.compile(
    r"\b(?:nothing|never|niente|nulla|(?-i:mai)|nichts|nie|nada|nunca|rien|jamais|ничего|никогда"
    r"|no\ longer|won['’]t|isn['’]t|wasn['’]t)\b[^.,;:!?]{0,40}$|\b(?:not|non|nicht|pas|não|no)\s+$", re.IGNORECASE)


def points_back(message: str) -> bool:
    """The message asks for something like before, in it, en, es, fr, de, pt, nl, pl, ru, ja, zh or ko."""
    return bool(_SIGNS.search(message)) or any(
        not _NEVER.search(message[max(0, found.start() - 80) : found.start()]) for found in _WORDS.finditer(message))


def without_pointing(message: str) -> str:
    """The message without the words that point back."""
    return _SIGNS.sub(" ", _WORDS.sub(" ", message))
