"""The words pictures are drawn from: what each subject and setting is called in English and Italian."""

from __future__ import annotations

SUBJECTS = {
    "cup": "cup cups mug coffee caffe espresso cappuccino tea latte tazza tazzina macchiato cocoa",
    "pasta": "pasta spaghetti tagliatelle noodles ramen fettuccine carbonara linguine lasagne gnocchi risotto",
    "bowl": "bowl bowls soup salad ciotola zuppa insalata rice poke stew ingredients ingredienti couscous",
    "fish": "fish pesce seafood salmon tuna tonno sushi branzino orata cod shrimp",
    "pizza": "pizza margherita focaccia",
    "burger": "burger hamburger sandwich panino",
    "bottle": "bottle wine bottiglia vino oil olio champagne beer birra perfume profumo prosecco aperitivo",
    "cake": "cake dessert torta dolce tiramisu pastry cupcake birthday compleanno panettone",
    "icecream": "gelato gelateria icecream ice-cream cone",
    "bread": "bread pane loaf bakery croissant cornetto dough impasto forno flour",
    "fruit": "tomato tomatoes pomodoro pomodori apple mela orange arancia lemon limone fruit frutta peach basil "
             "vegetables verdure",
    "chef": "chef cook cuoco cuoca barista baker nonna grandmother waiter cameriere floured",
    "person": "person figures photographer embrace people's gym palestra everyone silhouette skin head gaze "
              "model modella dress abito jacket giacca fashion moda fabric man woman girl boy child people "
              "friends family uomo donna ragazza ragazzo bambino bambina "
              "persona persone amici famiglia couple coppia runner hiker climber traveller traveler student "
              "team guest customer smile "
              "smiling dancer face volto founder artist athlete athletes figure faces "
              "hand hands mani someone crowd customers visitors dancers child's",
    "car": "car auto automobile vehicle macchina suv taxi ferrari race drive driving",
    "bicycle": "bicycle bike bici bicicletta cyclist cycling",
    "boat": "boat sail sailing ship barca vela nave yacht gondola",
    "dog": "dog cane puppy cucciolo labrador dogs cani",
    "cat": "cat gatto kitten gattino gatti cats",
    "bird": "bird birds uccello gabbiano seagull swallow dove eagle",
    "flower": "flower flowers fiore fiori rose rosa tulip sunflower girasole bouquet petals blossom lavender",
    "tree": "tree trees albero alberi forest foresta bosco pine cypress cipresso olive palm cypresses",
    "box": "product prodotto box package packaging scatola gift regalo unboxing bag borsa label delivery parcel",
    "phone": "phone smartphone app telefono cellulare iphone mobile screen schermo",
    "laptop": "laptop computer desk code website sito keyboard monitor dashboard",
    "shoe": "shoe shoes sneaker sneakers scarpa scarpe boots feet foot shoelace laces",
    "watch": "watch orologio clock jewel ring anello timepiece",
    "book": "book books libro libri reading library notebook diary page pages",
    "house": "house apartment appartamento flat condo hotel home casa villa cottage farmhouse village borgo "
             "villaggio masseria",
    "rocket": "rocket razzo launch lancio startup spaceship astronaut",
    "bulb": "idea bulb lamp light-bulb lampadina lampada lantern",
    "guitar": "guitar chitarra music musica album vinyl synthwave dj concert concerto song violin piano band",
    "jar": "cream crema cosmetics cosmetic cosmetici skincare serum siero lotion makeup trucco beauty "
           "bellezza soap shampoo",
    "flame": "flame flames fire fuoco fiamma fiamme embers brace blaze campfire wood-fired",
    "drop": "drop drops droplet droplets goccia gocce splash rain pioggia dew",
    "ball": "ball football soccer calcio palla basketball sport stadium match",
}
SETTINGS = {
    "sea": "sea mare ocean oceano beach spiaggia wave waves onde water acqua harbor harbour porto coast costa island "
           "isola boat barca surf lagoon lake lago venice venezia sailing",
    "mountain": "mountain mountains montagna montagne alps alpi dolomites dolomiti peak vetta summit valley valle "
                "hiking snow neve cliff desert deserto",
    "city": "city citta street strada skyline urban building buildings traffic town piazza square tower milan milano "
            "rome roma york tokyo paris london naples napoli rooftop alley metro taxi window-display",
    "table": "fish pesce seafood table tavolo kitchen cucina restaurant ristorante trattoria counter food cibo plate "
             "piatto dish pizza "
             "pasta cup coffee caffe espresso breakfast colazione bread pane wine vino pizzeria bar cafe oven chef "
             "cook bowl sauce desk dinner cena cake dessert barista bakery spaghetti tagliatelle tomato gelato ice-cream",
    "country": "haze clouds fields campo hill hills colline countryside campagna garden giardino vineyard "
               "vigna forest foresta "
               "bosco park parco tuscany toscana farm tree trees meadow flowers nature natura road village borgo "
               "grass orchard olive",
}
# Two words that mean another thing together, and the one that is drawn for them.
COMPOUNDS = {"ice cream": "ice-cream", "olive oil": "oil", "hot dog": "sandwich", "paper boat": "paper",
             "dark frame": "frame", "dark background": "background"}
# Said of any meal: drawn only where nothing more particular is named.
GENERIC = {"pasta": "food cibo plate plates piatto piatti dish meal recipe ricetta lunch dinner pranzo cena"}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


TITLE_LETTERS = 38
STEAM = _set("steam steaming vapore hot caldo calda smoke smoking fumante boiling coffee espresso caffe oven")
NIGHT = _set("night notte midnight moon luna stars stelle moonlight dark")
# Adjectives a title must not end on.
HANGING = _set("against behind before after beside between within toward towards around across onto like than "
               "at floured empty rustic wooden golden small large big old young white black red blue green "
               "dark bright fresh its their")
PREPOSITIONS = _set("and e of on in at with to for from by into over under through around against across behind before su "
                    "con "
                    "per di da al alla nel nella in")
DULL = _set("""
a an the of on in at with and or to for from by into over under as is are its it this that these those his her their
shot close closeup close-up wide medium macro view angle photo photograph photography photorealistic realistic
cinematic film frame style lighting light lights detailed detail high quality 4k 8k hd uhd 35mm 50mm 85mm lens bokeh
depth field shallow background foreground composition scene image picture render rendering editorial aspect ratio
very soft warm beautiful ultra sharp focus low overhead top-down eye level aerial establishing slow motion camera pan
tilt push dolly tracking mood atmosphere tone tones color colors colour colours palette natural while being one two
extreme hero opening final portrait landscape vertical horizontal still
un una uno il lo la i gli le di da del della dei delle con su per tra fra che e o al alla nel nella come
featuring showing seen through near around during up down out off no not without text watermark
""")
