"""Names of campaigns as people write them: letter case, accents, punctuation and words like "campaign" say nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from ..model import Campaign

SHORTEST = 3
"""Characters; a shorter name would be found in half of all messages."""

# Without accents and in lower case. The first are no part of any name; the others are said before and after one.
_KIND_WORDS = "campaign campaigns campagna campagne campana campanas campanha campanhas kampagne kampagnen"
_SAID_WORDS = """
    the our my this to for of in add il lo la le l un una del della dell alla al nella nel per di nostra mia questa
    el los las nuestra esta unserer unsere meine die der zur zu fur nossa minha notre ma cette pour de a"""
_KIND = frozenset(_KIND_WORDS.split())
_SAID = _KIND | frozenset(_SAID_WORDS.split())


def plain(text: str) -> str:
    """The words of a text in lower case, without accents and punctuation, one space apart."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    without = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", without))


def same_name(campaigns: Iterable[Campaign], name: str) -> Campaign | None:
    """The campaign of this name: to the letter but for its case, else by its words, else by those that are its own."""
    given, said = list(campaigns), plain(name)
    for campaign in given:
        if _exact(campaign.name) == _exact(name):
            return campaign
    for wanted in ({said}, {said, _without(said, _KIND), _without(said, _SAID)}):
        for campaign in given:
            if (wanted - {""}) & {plain(campaign.name), _without(plain(campaign.name), _KIND)}:
                return campaign
    return None


def named(campaigns: Sequence[Campaign], text: str) -> Campaign | None:
    """The campaign whose name stands in the text as whole words; of several the longest name, then the newest.

    A name of one word is the subject of many messages ("un video food"): it counts where the text speaks of a campaign.
    """
    words = f" {plain(text)} "
    of_campaigns = not _KIND.isdisjoint(words.split())
    best: tuple[int, Campaign] | None = None
    for campaign in campaigns:
        whole = plain(campaign.name)
        own = _without(whole, _KIND)
        forms = (whole, own) if own else ()
        length = max((len(form) for form in forms if len(form) >= SHORTEST and f" {form} " in words
                      and (of_campaigns or " " in form)), default=0)
        if length and (best is None or length > best[0]):
            best = length, campaign
    return best[1] if best else None


def _exact(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _without(words: str, aside: frozenset[str]) -> str:
    """The words without those at both ends that are put aside."""
    kept = words.split()
    while kept and kept[0] in aside:
        del kept[0]
    while kept and kept[-1] in aside:
        del kept[-1]
    return " ".join(kept)
