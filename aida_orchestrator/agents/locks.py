"""What a brief fixes about how something looks or is called, so that every picture can be held to it.

Read from the brief's intent and constraints in the six languages we know: colours beside a thing or garment ("un
cappotto rosso"), who wears it, and names that are plainly names. Only clear cases: what is not recognised is not locked.
"""

# ruff: noqa: E501  (tables of words)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..model import Brief

# English word: stems in it, en, es, fr, de, pt. A stem ends where its dash stands, otherwise the word is whole.
_COLOURS = {
    "red": "red ross- roj- rouge- rot rote roten roter rotes vermelh-",
    "blue": "blue blu azzurr- azul azules bleu- blau-",
    "green": "green verd- vert verte verts vertes grün-",
    "yellow": "yellow giall- amarill- jaune- gelb- amarel-",
    "white": "white bianc- blanc- weiß- weiss- branc-",
    "black": "black ner- negr- noir- schwarz- pret-",
    "grey": "grey gray grigi- gris- grau- cinzent-",
    "pink": "pink rosa rosad- rose roses",
    "purple": "purple viola morad- violet- lila roxo roxa",
    "orange": "orange arancion- naranj- oranges laranja-",
    "brown": "brown marron- braun- castanh-",
    "golden": "golden gold dorat- dorad- doré- golden- dourad-",
    "silver": "silver argentat- platead- argenté- silbern- pratead-",
}
_THINGS = {
    "coat": "coat coats cappott- abrigo- manteau- mantel casaco-", "jacket": "jacket jackets giacc- giubb- chaqueta- veste- jacke jaqueta-",
    "dress": "dress dresses abit- vestid- vestit- robe robes kleid kleider", "shirt": "shirt shirts camici- camis- chemise- hemd hemden",
    "hat": "hat hats cappell- sombrero- chapeau- hut chapéu-", "scarf": "scarf scarves sciarp- bufanda- écharpe- schal cachecol",
    "apron": "apron aprons grembiul- delantal- tablier- schürze- avental", "shoes": "shoes shoe sneakers scarp- zapat- chaussure- schuh- sapato-",
    "trousers": "trousers pants pantalon- pantaló- hose calças", "skirt": "skirt gonn- falda- jupe- rock saia-",
    "sweater": "sweater jumper maglion- jersey pull pullover camisola", "uniform": "uniform uniforms uniform- divis-",
    "umbrella": "umbrella umbrellas ombrell- paragua- parapluie- regenschirm- guarda-chuva", "bag": "bag bags bors- bolso- sac sacs tasche- bolsa-",
    "car": "car cars auto automobil- macchin- coche- voiture- wagen carro-", "bicycle": "bicycle bike bicyclet- bicicl- vélo- fahrrad bicicleta-",
    "bottle": "bottle bottles bottigli- botella- bouteille- flasche- garrafa-", "cup": "cup mug tazz- taza- tasse- becher xícara- chávena-",
    "door": "door doors port- puerta- porte portes tür türen porta-", "boat": "boat boats barc- barca- bateau- boot barco-",
    "box": "box boxes scatol- caja- boîte- schachtel caixa-", "tram": "tram trams tranvi- tranvía- straßenbahn",
}
_WEARERS = {
    "woman": "woman lady donn- signor- mujer señora femme dame frau mulher senhora", "man": "man gentleman uom- hombre señor homme mann homem",
    "girl": "girl ragazz- chica fille mädchen moça menina", "boy": "boy ragazz- chico garçon junge rapaz menino",
    "grandmother": "grandmother granny nonn- abuela grand-mère oma großmutter avó", "grandfather": "grandfather nonn- abuelo grand-père opa großvater avô",
    "child": "child bambin- niño niña enfant kind criança",
}
_WORN = frozenset({"coat", "jacket", "dress", "shirt", "hat", "scarf", "apron", "shoes", "trousers", "skirt", "sweater", "uniform"})
# Words that stand for the same in an English prompt.
_ALSO = {
    "coat": ("coat", "overcoat", "raincoat"), "jacket": ("jacket",), "shoes": ("shoe", "shoes", "sneakers", "boots"),
    "sweater": ("sweater", "jumper", "pullover"), "bicycle": ("bicycle", "bike"), "trousers": ("trousers", "pants", "jeans"),
    "cup": ("cup", "mug"), "grey": ("grey", "gray"), "golden": ("golden", "gold"), "silver": ("silver", "silvery"),
    "red": ("red", "crimson", "scarlet"), "woman": ("woman", "lady"), "grandmother": ("grandmother", "old woman", "elderly woman"),
    "grandfather": ("grandfather", "old man", "elderly man"), "child": ("child", "boy", "girl"),
    "bottle": ("bottle", "bottles"), "car": ("car",), "boat": ("boat",),
}
_SENTENCE = re.compile(r"[^.!?;\n]+")
_WORD = re.compile(r"[\w'’-]+")
_NOT = re.compile(r"\b(?:no|non|not|never|without|senza|mai|nessun\w*|sin|nunca|sans|jamais|ohne|kein\w*|nicht|sem|não|instead|invece)\b",
                  re.IGNORECASE)
_CAPITALISED = r"[A-ZÀ-Þ][\w&'’.-]*(?:\s+(?:(?:di|de|del|della|da|do|of|the|la|le|il|&)\s+)?[A-ZÀ-Þ][\w&'’.-]*){0,3}"
_NAME = re.compile(
    rf"[«“„\"]\s*({_CAPITALISED})\s*[»”“\"]"
    rf"|\b(?:called|named|brand|chiamat[oaie]|si chiama|di nome|marca|marchio|llamad[oa]s?|appelée?s?|nommée?s?|namens|marque|marke"
    rf"|chamad[oa]s?)\s+({_CAPITALISED})")


def _table(words: dict[str, str]) -> tuple[tuple[str, frozenset[str], tuple[str, ...]], ...]:
    """English word, whole words, stems."""
    return tuple(
        (english, frozenset(one for one in given.split() if not one.endswith("-")),
         tuple(one[:-1] for one in given.split() if one.endswith("-")))
        for english, given in words.items())


_COLOUR_TABLE, _THING_TABLE, _WEARER_TABLE = _table(_COLOURS), _table(_THINGS), _table(_WEARERS)


@dataclass(frozen=True, slots=True)
class Look:
    """A thing of one colour, and who wears it, in English; `wearer` and `name` are "" where nobody is named."""

    thing: str
    colour: str
    wearer: str = ""
    name: str = ""

    @property
    def words(self) -> str:
        """As a prompt says it."""
        return f"{self.colour} {self.thing}"

    def shown_in(self, prompt: str) -> bool:
        """Whether the thing, or the one who wears it, is in the picture."""
        who = [*_also(self.wearer), self.name] if self.wearer or self.name else []
        return _says(prompt, *_also(self.thing), *who)

    def kept_in(self, prompt: str) -> bool:
        """Whether the picture shows it in its colour: at most two words between ("red woollen winter coat")."""
        colours, things = ("|".join(map(re.escape, _also(word))) for word in (self.colour, self.thing))
        return re.search(rf"\b(?:{colours})(?:[ -]\w+){{0,2}}[ -](?:{things})\b|\b(?:{things}) (?:in|of) (?:{colours})\b",
                         prompt, re.IGNORECASE) is not None


def locked_looks(brief: Brief) -> tuple[Look, ...]:
    """Every coloured thing that intent and constraints name, unless one thing is named in several colours."""
    found: dict[str, set[Look]] = {}
    for sentence in _sentences(brief):
        for look in _looks_in(sentence):
            found.setdefault(look.thing, set()).add(look)
    return tuple(look for looks in found.values() if len({one.colour for one in looks}) == 1
                 for look in sorted(looks, key=lambda one: (one.wearer, one.name), reverse=True)[:1])


def locked_names(brief: Brief) -> tuple[str, ...]:
    """Names in quotation marks or behind a word such as "called", that no sentence forbids; at most four."""
    names = (next(filter(None, hit.groups())).strip(" .") for sentence in _sentences(brief) for hit in _NAME.finditer(sentence))
    return tuple(name for name in dict.fromkeys(names) if 2 < len(name) <= 40)[:4]


def _sentences(brief: Brief) -> Iterator[str]:
    for text in (brief.intent, *brief.constraints):
        yield from (sentence for sentence in _SENTENCE.findall(text) if not _NOT.search(sentence))


def _looks_in(sentence: str) -> Iterator[Look]:
    words = [word.lower() for word in _WORD.findall(sentence)]
    colours = [(place, colour) for place, word in enumerate(words) for colour in _among(_COLOUR_TABLE, word)]
    wearers = [wearer for word in words for wearer in _among(_WEARER_TABLE, word)]
    name = next((next(filter(None, hit.groups())) for hit in _NAME.finditer(sentence)), "")
    for place, word in enumerate(words):
        for thing in _among(_THING_TABLE, word)[:1]:
            # Before or right behind it, with at most one word between: "red woollen coat", "cappotto di lana rosso" is not.
            near = {colour for at, colour in colours if at != place and -2 <= at - place <= 2}
            if len(near) == 1:
                worn = thing in _WORN
                yield Look(thing, near.pop(), wearers[0] if worn and len(set(wearers)) == 1 else "", name if worn else "")


def _among(table: tuple[tuple[str, frozenset[str], tuple[str, ...]], ...], word: str) -> list[str]:
    return [english for english, whole, stems in table
            if word in whole or any(word.startswith(stem) and len(word) <= len(stem) + 4 for stem in stems)]


def _also(word: str) -> tuple[str, ...]:
    return _ALSO.get(word, (word,)) if word else ()


def _says(text: str, *words: str) -> bool:
    return any(word and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in words)
