"""What a message orders beside its subject: how long, in which frame, and whether as last time."""
# ruff: noqa: E501

import re

LIKE_LAST_TIME = re.compile(
    r"(?:proprio |esattamente |just |exactly |genau )?(?:come (?:l['’ ]?)?(?:altra|ultima|scorsa) volta|come la volta "
    r"scorsa|come (?:al solito|sempre|prima)|like (?:the )?last (?:time|one)|(?:same )?as (?:last time|usual|always|"
    r"before)|like (?:always|before|usual)|como (?:la )?(?:última|ultima|otra) vez|como (?:siempre|antes)|comme (?:la "
    r"(?:dernière|derniere) fois|d['’]habitude|toujours|avant)|wie (?:beim )?(?:letzte[sn]? mal|immer|üblich|uebli?ch)|"
    r"como (?:da|na) (?:última|ultima|outra) vez|como (?:de costume|sempre))", re.IGNORECASE)
_SECONDS = re.compile(
    r"\b(?:di |da |de |von |of |in )?(\d{1,3})\s*[- ]?(?:secondi?|seconds?|segundos?|secondes?|sekunden?|sec|secs|s|\"|''|”)"
    r"(?![\w])", re.IGNORECASE)
_MINUTES = re.compile(
    r"\b(?:di |da |de |von |of )?(\d|un|uno|una|one|a|une|eine?|um|uma)[- ]?(?:minut[oaie]s?|minutes?|minuten?|min)\b",
    re.IGNORECASE)
_HALF_MINUTE = re.compile(r"\b(?:mezzo minuto|half a minute|medio minuto|une demi[- ]minute|eine halbe minute|meio minuto)\b",
                          re.IGNORECASE)
_ASPECTS = (
    ("9:16", r"9[:x/]16|vertical[ei]?s?|verticale|hochkant|hochformat|(?:instagram |tiktok |facebook )?reels?|tik ?tok|"
             r"(?:yt |youtube )?shorts|(?:instagram|ig|insta|whatsapp|facebook)[ -](?:story|stories|storie|storia)|stories|"
             r"(?:for|per|para|pour|für) (?:a |una? |une |le )?(?:story|storie|stories)"),
    ("1:1", r"1[:x]1|square|quadrat[oaie]?|quadratisch\w*|cuadrad[oa]|carrée?|quadrad[oa]"),
    ("16:9", r"16[:x/]9|landscape format|horizontal|orizzontale|querformat|widescreen|youtube|paysage format"),
)


def seconds(text: str) -> int | None:
    """How many seconds a text asks for."""
    hit = _SECONDS.search(text)
    if hit:
        return int(hit.group(1))
    if _HALF_MINUTE.search(text):
        return 30
    hit = _MINUTES.search(text)
    return None if not hit else 60 * (int(hit.group(1)) if hit.group(1).isdigit() else 1)


def aspect(text: str) -> str | None:
    """The frame a text asks for: 9:16, 1:1 or 16:9."""
    for ratio, pattern in _ASPECTS:
        if re.search(rf"(?<![\w])(?:{pattern})(?![\w])", text, re.IGNORECASE):
            return ratio
    return None


def strip(text: str) -> str:
    """A message without length, frame and last time: what remains is what to film."""
    for order in (LIKE_LAST_TIME, _SECONDS, _HALF_MINUTE, _MINUTES):
        text = order.sub(" ", text)
    for _, pattern in _ASPECTS:
        text = re.sub(rf"(?<![\w])(?:in |im |en |per |for )?(?:formato |format |formato )?(?:{pattern})(?![\w])", " ", text,
                      flags=re.IGNORECASE)
    return " ".join(text.split())
