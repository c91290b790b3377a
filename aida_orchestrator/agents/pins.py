"""What "like last time" means, read from the message's own words: whether it points back, and whether it wants a difference.

A film that is asked for like an earlier one gets that one's settings exactly. An agent would paraphrase them.
"""

from __future__ import annotations

import re

from ..model import Brief, Match
from .reading import DEFAULT_RATIO, RATIOS, nearest_length, ratio_in, rest_of, seconds_in

_BACK = re.compile(
    r"""\b(?:
    come\ (?:l['’](?:altra|ultima|altro|ultimo)|la\ (?:scorsa|volta\ scorsa|precedente)|al\ solito|sempre|prima(?!\ cosa)
        |il\ (?:precedente|mio\ ultimo|solito)|(?:le|gli)\ altr[ei])
    |(?:stess[oa]|solit[oa])\ (?:stile|look|formato|impostazion\w+|video|film|cosa|roba)(?:\ di\ (?:prima|sempre))?
    |(?:uguale|identico|simile)\ (?:a\ quell[oa]|all['’](?:altro|altra|ultim[oa]))|di\ nuovo\ come
    |(?:like|as)\ (?:the\ )?(?:last|previous|earlier|other)\ (?:time|one|video|film|clip)
    |(?:like|as)\ (?:always|usual|before|ever)|as\ we\ (?:always\ )?(?:do|did)
    |same\ (?:style|look|format|settings|thing|video|film|kind)\ (?:as|like|again)
    |same\ (?:as|like)\ (?:before|last|always|usual)
    |(?:my|our|the)\ usual\ (?:style|look|format|video|film)
    |como\ (?:la\ (?:última|ultima|otra|vez\ pasada)|el\ (?:último|otro|anterior)|siempre|antes|de\ costumbre)
    |(?:mismo|igual)\ (?:estilo|formato|que)(?:\ de|\ que|\ la)?\ ?(?:siempre|antes|última|la\ última|el\ último)
    |comme\ (?:la\ dernière|d['’]habitude|toujours|avant|l['’]autre|le\ dernier)|même\ (?:style|format|look)\ que
    |wie\ (?:(?:beim|das)\ )?(?:letzte[sn]?\ mal|vorige[sn]?\ mal|immer|üblich|gehabt|gewohnt|zuvor|vorher)
    |wie\ (?:das|der|im|beim)\ (?:letzten?|vorigen?|anderen?)\ (?:video|film|clip)
    |(?:gleiche[rns]?|selbe[rn]?)\ (?:stil|look|format)\ wie
    |como\ (?:da|na)\ (?:última|outra)(?:\ vez)?|como\ (?:o\ )?(?:último|sempre|de\ costume)
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_DIFFERENCE = re.compile(
    r"\b(?:ma|però|tranne|eccetto|invece|stavolta|questa\ volta|solo\ che|al\ posto|cambia\w*"
    r"|but|except|instead|this\ time|although|only\ (?:with|in)|chang\w+"
    r"|pero|salvo|excepto|esta\ vez|en\ vez|mais|sauf|cette\ fois|au\ lieu"
    r"|aber|nur|jedoch|außer|diesmal|dieses\ mal|statt|stattdessen|mas|exceto|desta\ vez)\b",
    re.IGNORECASE,
)
_NEAR = 0.02


def points_back(message: str) -> bool:
    """The message asks for something like before, in it, en, es, fr, de or pt."""
    return bool(_BACK.search(message))


def wants_a_difference(message: str) -> bool:
    """The message says that something is to be other than before ("but", "ma", "diesmal")."""
    return bool(_DIFFERENCE.search(message))


def names_no_subject(message: str) -> bool:
    """Nothing but the order of a film like before: "un video come l'altra volta"."""
    return points_back(message) and not rest_of(_BACK.sub(" ", message))


def meant(matches: list[Match]) -> Match | None:
    """The film that a message which points back means: the most alike, of nearly equal ones the latest."""
    if not matches:
        return None
    best = max(match.similarity for match in matches)
    return max((match for match in matches if match.similarity >= best - _NEAR), key=lambda match: match.finished_at)


def seconds_of(message: str, past: Brief) -> int:
    """The past film's length, unless the message names one."""
    return seconds_in(message) or nearest_length(past.duration_seconds)


def ratio_of(message: str, past: Brief) -> str:
    """The past film's format, unless the message names one."""
    return ratio_in(message) or (past.aspect_ratio if past.aspect_ratio in RATIOS else DEFAULT_RATIO)
