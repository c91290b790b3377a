"""What a picture prompt asks to see: its setting, its subjects, its hour, and the words worth setting in type."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

PARAMETERS = re.compile(r"(?:^|\s)(?:--|\u2014)[a-zA-Z]+(?:\s+(?!--|\u2014)\S+)*")
REFERENCE = re.compile(r"(?:--|\u2014)sref\s+(\S+)")

# First match wins within a subject; the earlier a word stands in the prompt, the more it is the subject.
SUBJECTS = {
    "cup": "cup cups mug coffee caffe espresso cappuccino tea latte tazza tazzina macchiato cocoa",
    "pasta": "pasta spaghetti tagliatelle noodles ramen fettuccine carbonara linguine lasagne gnocchi risotto plate "
             "piatto dish food cibo meal recipe ricetta",
    "bowl": "bowl soup salad ciotola zuppa insalata rice poke stew ingredients ingredienti",
    "pizza": "pizza margherita focaccia",
    "burger": "burger hamburger sandwich panino",
    "bottle": "bottle wine bottiglia vino oil olio champagne beer birra perfume profumo prosecco aperitivo glass",
    "cake": "cake dessert torta dolce tiramisu pastry cupcake birthday compleanno panettone",
    "icecream": "gelato icecream ice-cream cone",
    "bread": "bread pane loaf bakery croissant cornetto dough impasto forno flour",
    "fruit": "tomato tomatoes pomodoro pomodori apple mela orange arancia lemon limone fruit frutta peach basil "
             "vegetables verdure",
    "chef": "chef cook cuoco cuoca barista baker nonna grandmother waiter cameriere hands mani",
    "person": "person man woman girl boy child people friends family uomo donna ragazza ragazzo bambino bambina persona "
              "persone amici famiglia couple coppia runner traveller traveler hero student team guest customer smile "
              "smiling dancer face volto founder artist",
    "car": "car auto automobile vehicle macchina suv taxi ferrari race drive driving",
    "bicycle": "bicycle bike bici bicicletta cyclist cycling",
    "boat": "boat sail sailing ship barca vela nave yacht gondola",
    "dog": "dog cane puppy cucciolo labrador dogs cani",
    "cat": "cat gatto kitten gattino gatti cats",
    "bird": "bird birds uccello gabbiano seagull swallow dove eagle",
    "flower": "flower flowers fiore fiori rose rosa tulip sunflower girasole bouquet petals blossom lavender",
    "tree": "tree trees albero alberi forest foresta bosco pine cypress cipresso olive palm leaves wood",
    "box": "product prodotto box package packaging scatola gift regalo unboxing brand bag borsa logo label delivery",
    "phone": "phone smartphone app telefono cellulare iphone mobile screen schermo",
    "laptop": "laptop computer desk code website sito keyboard monitor office ufficio dashboard work",
    "shoe": "shoe shoes sneaker sneakers scarpa scarpe running boots",
    "watch": "watch orologio clock time tempo jewel ring anello timepiece",
    "book": "book books libro libri reading library notebook diary page pages",
    "house": "house home casa villa cottage farmhouse village borgo villaggio masseria",
    "rocket": "rocket razzo launch lancio startup space spaceship astronaut",
    "bulb": "idea bulb lamp light-bulb lampadina lampada lantern energy energia",
    "guitar": "guitar chitarra music musica concert concerto song violin piano band",
    "ball": "ball football soccer calcio palla basketball sport stadium match",
}
SETTINGS = {
    "sea": "sea mare ocean oceano beach spiaggia wave waves onde water acqua harbor harbour porto coast costa island "
           "isola boat barca surf lagoon lake lago venice venezia sailing",
    "mountain": "mountain mountains montagna montagne alps alpi dolomites dolomiti peak vetta summit valley valle "
                "hiking snow neve cliff desert deserto",
    "city": "city citta street strada skyline urban building buildings traffic town piazza square tower milan milano "
            "rome roma york tokyo paris london naples napoli rooftop alley metro taxi window-display",
    "table": "table tavolo kitchen cucina restaurant ristorante trattoria counter food cibo plate piatto dish pizza "
             "pasta cup coffee caffe espresso breakfast colazione bread pane wine vino pizzeria bar cafe oven chef "
             "cook bowl sauce desk dinner cena cake dessert barista bakery spaghetti tagliatelle tomato",
    "country": "field campo hill hills colline countryside campagna garden giardino vineyard vigna forest foresta "
               "bosco park parco tuscany toscana farm tree trees meadow flowers nature natura road village borgo "
               "grass orchard olive",
}
STEAM = set("steam steaming vapore hot caldo calda smoke smoking fumante boiling coffee espresso caffe oven".split())
NIGHT = set("night notte midnight moon luna stars stelle moonlight dark".split())
DULL = set("""
a an the of on in at with and or to for from by into over under as is are its it this that these those his her their
shot close closeup close-up wide medium macro view angle photo photograph photography photorealistic realistic
cinematic film frame style lighting light lights detailed detail high quality 4k 8k hd uhd 35mm 50mm 85mm lens bokeh
depth field shallow background foreground composition scene image picture render rendering editorial aspect ratio
very soft warm beautiful ultra sharp focus low overhead top-down eye level aerial establishing slow motion camera pan
tilt push dolly tracking mood atmosphere tone tones color colors colour colours palette natural while being one two
un una uno il lo la i gli le di da del della dei delle con su per tra fra che e o al alla nel nella come
featuring showing seen through near around during up down out off no not without text watermark
""".split())


@dataclass(frozen=True)
class Reading:
    """A prompt understood: `title` is for type, `words` are folded to plain lower case for looking up."""

    words: list[str]
    title: str
    subjects: list[str]
    setting: str
    steam: bool
    night: bool
    reference: str


def fold(text: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def read(prompt: str) -> Reading:
    """Understand a prompt; its `--parameters` are dropped, except that a style reference is remembered."""
    reference = REFERENCE.search(prompt)
    plain = re.sub(r"\s+", " ", PARAMETERS.sub(" ", prompt)).strip()
    words = re.findall(r"[a-z0-9][a-z0-9-]*", fold(plain))
    subjects = _by_place(words, SUBJECTS)
    settings = _by_place(words, SETTINGS)
    setting = settings[0] if settings else "studio"
    return Reading(words, _title(plain), subjects[:2], setting, bool(STEAM & set(words)), bool(NIGHT & set(words)),
                   reference.group(1) if reference else "")


def _by_place(words: list[str], table: dict[str, str]) -> list[str]:
    """Names of the table in the order in which the prompt calls them."""
    calls = {word: name for name, line in table.items() for word in line.split()}
    found: list[str] = []
    for word in words:
        name = calls.get(word)
        if name is not None and name not in found:
            found.append(name)
    return found


def _title(plain: str) -> str:
    """The first few telling words, as they were written; at most five words or 34 letters."""
    chosen: list[str] = []
    for clause in re.split(r"[,.;:!?()\"]", plain):
        for word in re.findall(r"[^\W_][\w'\u2019-]*", clause):
            if fold(word) in DULL or (len(word) < 2 and not word.isdigit()):
                continue
            if word.casefold() in (c.casefold() for c in chosen):
                continue
            if len(chosen) >= 5 or len(" ".join([*chosen, word])) > 34:
                return " ".join(chosen) or word[:34]
            chosen.append(word)
        if len(chosen) >= 3:
            break
    return " ".join(chosen) or (plain[:34].strip() or "Untitled")
