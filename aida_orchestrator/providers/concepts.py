"""Which concepts of concepts.txt a text speaks of, in any of its languages, and which words stand for nothing there."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_WORDS = re.compile(r"[^\W_]+(?:'(?=\w))?")
_GROUP = re.compile(r"\[(?P<name>[^\]]+) (?P<weight>[\d.]+)\]")
_LEAST_STEM, _LEAST_INSIDE = 3, 5
# Endings that Italian, English, Spanish and German put on one word, longest first; what is left is the stem.
_ENDINGS = ("innen", "ungen", "ing", "ern", "nen", "ies", "en", "er", "es", "in", "is", "os", "as", "a", "e", "i", "o", "s", "n", "y")
# Words of a wish rather than of its subject: they join, ask, or speak of films in general.
_IDLE = frozenset("""
a an the of for and or with about in on to at by from is are was be it its as that this these those we i my our you your he she they
them his her their not no do does did can could would should will want need like make made making please just get got have has had
some any all more most very so if when where what who how which up out into over after before again than then there here one
two three also only new let us me im id ill up want something thing things really own every each
il lo la gli le un uno una di del dello della dei degli delle dal dalla dai a al alla ai alle allo in nel nella nei nelle su sul sulla
con per tra fra e ed o ma che chi cui non si ci vi ne mi ti se io tu noi voi loro mio mia miei mie tuo tua suo sua suoi sue nostro
nostra nostri nostre vostro vostra questo questa questi queste quello quella quelli quelle come dove quando quanto anche piu meno molto
poco solo sono sei siamo siete era essere stato ho hai ha abbiamo avete hanno fare fammi faccio fai fa fatto fate voglio vorrei vogliamo
vorremmo serve servono mi ci qualcosa cosa tutto tutti tutte ogni altro altra altri altre dell all nell sull dall l d c un quei c'e
el la los las un una unos unas de del al en con por para y o u pero que quien no se me te nos os le les lo su sus mi mis tu tus nuestro
nuestra nuestros nuestras este esta estos estas ese esa eso como donde cuando cuanto tambien mas menos muy mucho poco solo es son soy
somos era ser estar esta estan hay he ha han hemos hacer haz hace hecho quiero queremos quisiera necesito necesitamos algo todo todos
toda todas cada otro otra otros otras sobre entre desde hasta sin ya si
der die das den dem des ein eine einen einem einer eines und oder aber mit fur von vom zu zum zur im in an am auf aus bei beim nach
uber unter vor durch ohne um als wie wo wann was wer wir ich du er sie es ihr uns mich dich mir dir mein meine meinen meiner meinem dein
deine sein seine unser unsere unseren unserer unserem euer ihre ihren dieser diese dieses diesen jener nicht kein keine nur auch noch
schon sehr mehr weniger ist sind war waren bin sein haben hat habe hatte werden wird wurde kann konnen konnte soll sollen sollte will
wollen mochte mochten brauche brauchen mach mache machen macht gemacht bitte etwas alles alle jeder jede jedes andere anderen man so
dass wenn dann da hier mal
video videos film films clip clips spot reel reels ad ads advert short shorts movie footage commercial filmato filmati filmino cortometraggio corto corti
anuncio anuncios pelicula werbespot werbefilm kurzfilm filmchen imagefilm instagram tiktok youtube story stories storie
secondi secondo seconds second sec segundos segundo sekunden sekunde minuto minuti minute minutes minutos minuten
ultima volta last time vez letztes mal sempre always siempre immer solito usual
""".split())


@dataclass(frozen=True, slots=True)
class Found:
    """`concepts`: index to weight; `others`: words without a concept, folded, that are not idle."""

    concepts: dict[int, float]
    others: frozenset[str]


def find_concepts(text: str) -> Found:
    """What a text speaks of: each concept once, and the words that no concept has."""
    lexicon, weights = _lexicon()
    tokens = [fold(word) for word in _WORDS.findall(text)]
    plain = [token.rstrip("'") for token in tokens]
    found: dict[int, float] = {}
    others: set[str] = set()
    skip = set()
    for length in (4, 3, 2):
        for at in range(len(plain) - length + 1):
            hits = lexicon.phrases.get(" ".join(_stem(word) for word in plain[at:at + length]))
            if hits:
                found |= {hit: weights[hit] for hit in hits}
                skip |= set(range(at, at + length))
    for at, word in enumerate(plain):
        if at in skip or word in _IDLE or len(word) < 2:
            continue
        hits = lexicon.of(word)
        if hits:
            found |= {hit: weights[hit] for hit in hits}
        else:
            others.add(word)
    return Found(found, frozenset(others))


def concept_count() -> int:
    """How many concepts there are: their indexes run from 0."""
    return len(_lexicon()[1])


def fold(text: str) -> str:
    """Small letters without accents; German's ß as ss."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word[: -len(ending)]
    return word


@dataclass(frozen=True, slots=True)
class _Lexicon:
    words: dict[str, frozenset[int]]
    stems: dict[str, frozenset[int]]
    beginnings: dict[str, frozenset[int]]
    phrases: dict[str, frozenset[int]]

    def of(self, word: str) -> frozenset[int]:
        """Concepts of one folded word: itself, else its stem, else (German joins words) its beginning and end."""
        return (self.words.get(word) or self.stems.get(_stem(word)) or self._begun(word) or self._inside(word))

    def _begun(self, word: str) -> frozenset[int]:
        for length in range(len(word), _LEAST_INSIDE - 2, -1):
            if word[:length] in self.beginnings:
                return self.beginnings[word[:length]]
        return frozenset()

    def _inside(self, word: str) -> frozenset[int]:
        # Only parts that are words of their own: "hochzeitstorte" is a wedding and a cake.
        first = next((self.words[word[:n]] for n in range(len(word) - 2, _LEAST_INSIDE - 2, -1)
                      if word[:n] in self.words and (n >= _LEAST_INSIDE or word[n:] in self.words)), frozenset())
        stem = _stem(word)
        last = next((self.words.get(tail) or self.stems[_stem(tail)] for n in range(3, len(word) - _LEAST_INSIDE + 2)
                     if (tail := word[n:]) in self.words or (len(_stem(tail)) >= _LEAST_INSIDE and _stem(tail) in self.stems)),
                    frozenset()) if len(stem) >= _LEAST_INSIDE + 2 else frozenset()
        return first | last


@cache
def _lexicon() -> tuple[_Lexicon, tuple[float, ...]]:
    words: dict[str, set[int]] = {}
    stems: dict[str, set[int]] = {}
    beginnings: dict[str, set[int]] = {}
    phrases: dict[str, set[int]] = {}
    weights: list[float] = []
    weight = 1.0
    for line in Path(__file__).with_name("concepts.txt").read_text("utf-8").splitlines():
        group = _GROUP.fullmatch(line.strip())
        if group:
            weight = float(group["weight"])
        if group or not line.strip() or line.startswith("#"):
            continue
        for entry in fold(line.replace("|", " ")).split():
            index = len(weights)
            if entry.endswith("*"):
                beginnings.setdefault(entry[:-1], set()).add(index)
            elif "_" in entry:
                phrases.setdefault(" ".join(_stem(word) for word in entry.split("_")), set()).add(index)
            else:
                words.setdefault(entry, set()).add(index)
                stems.setdefault(_stem(entry), set()).add(index)
        weights.append(weight)
    return _Lexicon(*({key: frozenset(value) for key, value in made.items()} for made in (words, stems, beginnings, phrases))), tuple(weights)
