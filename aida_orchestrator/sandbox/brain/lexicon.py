"""What the sandbox knows of the world: film subjects in six languages, by group.

One row a subject: English, Italian, Spanish, French, German, Portuguese; the first word of a cell is its translation.
"""
# ruff: noqa: E501

import re
import unicodedata
from functools import lru_cache

LANGUAGES = ("en", "it", "es", "fr", "de", "pt")

_TABLE = """
[food]
food, cuisine, gastronomy, recipe, delicious | cibo, gastronomia, culinario, ricetta, piatto | comida, gastronomía, receta, plato | nourriture, gastronomie, recette, plat | essen, gericht, rezept, kulinarik | comida, gastronomia, receita, prato
kitchen, cooking, cook | cucina, cucinare | cocina, cocinar | cuisine, cuisiner | küche, kochen | cozinha, cozinhar
pizza | pizza, pizze | pizza | pizza | pizza | pizza
pizzeria | pizzeria, pizzaiolo | pizzería | pizzeria | pizzeria | pizzaria
pasta, spaghetti, tagliatelle, lasagna, ravioli, noodles | pasta, spaghetti, tagliatelle, lasagne, tortellini | pasta, fideos | pâtes | nudeln | massa, macarrão
bread, sourdough | pane, forno | pan | pain | brot | pão
bakery | panificio, panetteria | panadería | boulangerie, boulanger | bäckerei, bäcker | padaria
cake | torta | tarta, pastel | gâteau | kuchen, torte | bolo
dessert, sweets | dolce, dolci | postre | dessert | nachtisch | sobremesa
pastry shop, pastry | pasticceria | pastelería | pâtisserie | konditorei | confeitaria
chocolate | cioccolato | chocolate | chocolat | schokolade | chocolate
ice cream, gelato | gelato, gelati | helado | glace | eis | sorvete, gelado
ice cream shop | gelateria | heladería | glacier | eisdiele | gelataria, sorveteria
restaurant, trattoria, bistro | ristorante, trattoria, osteria | restaurante | restaurant, bistrot | restaurant, gasthaus | restaurante
coffee, espresso, barista | caffè, espresso | café | café | kaffee | café
coffee shop, cafe, roastery, coffeehouse | caffetteria, torrefazione | cafetería | torréfaction | rösterei, kaffeehaus | cafeteria
chef, cook | chef, cuoco, cuoca | cocinero, chef | chef, cuisinier | koch, köchin | chef, cozinheiro
paella, tapas | paella | paella, tapas | paella | paella | paella
wine | vino, vini | vino | vin | wein | vinho
winery | cantina | bodega | chai | weingut | adega
vineyard, harvest | vigna, vigneto, vendemmia | viñedo, vendimia | vignoble, vendange | weinberg, weinlese | vinha, vindima
beer, brewery | birra, birrificio | cerveza, cervecería | bière, brasserie | bier, brauerei | cerveja, cervejaria
cheese | formaggio, mozzarella, parmigiano | queso | fromage | käse | queijo
olive oil | olio d'oliva, olio | aceite de oliva, aceite | huile d'olive | olivenöl | azeite
sushi, ramen | sushi, ramen | sushi | sushi | sushi | sushi
burger, hamburger, street food | hamburger, panino | hamburguesa | burger | burger | hambúrguer
seafood | frutti di mare, pescato | marisco | fruits de mer | meeresfrüchte | marisco
fish | pesce | pescado, pez | poisson | fisch | peixe
meat, steak, barbecue | carne, bistecca, grigliata | carne, asado | viande, grillade | fleisch, grill | carne, churrasco
fruit | frutta, frutto | fruta | fruit, fruits | obst, frucht | fruta
vegetables, vegan, salad | verdure, verdura, orto, insalata, vegano | verduras, ensalada | légumes, salade | gemüse, salat | legumes, salada
tomato | pomodoro | tomate | tomate | tomate | tomate
oven | forno a legna | horno | four | ofen | forno
cocktail, drink, bar | cocktail, bevanda, aperitivo | cóctel, bebida | cocktail, boisson | cocktail, getränk | coquetel, bebida
breakfast | colazione | desayuno | petit-déjeuner | frühstück | café da manhã
honey | miele | miel | miel | honig | mel
tea | tè | té | thé | tee | chá
[car]
car, suv, sedan | auto, automobile, macchina | coche, automóvil | voiture | auto, wagen | carro, automóvel
electric car, ev | auto elettrica, elettrica | coche eléctrico, eléctrico | voiture électrique, électrique | elektroauto | carro elétrico, elétrico
motorcycle, scooter, motorbike | moto, motocicletta, scooter, vespa | moto, motocicleta | moto | motorrad, roller | moto, motocicleta
bicycle, bike, cycling | bicicletta, bici, ciclismo | bicicleta, ciclismo | vélo, cyclisme | fahrrad, rad | bicicleta, ciclismo
road, driving | strada, guida | carretera | route | straße | estrada
truck | camion, furgone | camión | camion | lastwagen | caminhão
train | treno | tren | train | zug | trem, comboio
plane, flight | aereo, volo | avión, vuelo | avion, vol | flugzeug, flug | avião, voo
[tech]
app, software, platform | app, applicazione, software, piattaforma | app, aplicación | application, appli, logiciel | app, software | aplicativo, app
smartphone, phone | smartphone, telefono, cellulare | teléfono, móvil | téléphone, smartphone | smartphone, handy, telefon | telefone, celular
computer, laptop | computer, portatile | ordenador, portátil | ordinateur | computer, rechner | computador
technology, digital, innovation, innovative | tecnologia, digitale, innovazione, innovativo | tecnología, innovación | technologie, innovation | technologie, technik, innovation | tecnologia, inovação
robot, artificial intelligence, ai | robot, intelligenza artificiale | robot, inteligencia artificial | robot, intelligence artificielle | roboter, künstliche intelligenz | robô, inteligência artificial
headphones, speaker | cuffie, auricolari | auriculares | casque, écouteurs | kopfhörer | fones
watch, smartwatch | orologio | reloj | montre | uhr, armbanduhr | relógio
camera | fotocamera, macchina fotografica | cámara | appareil photo, caméra | kamera | câmera
game, gaming | gioco, videogioco | juego, videojuego | jeu | spiel | jogo
energy, solar | energia, solare, fotovoltaico | energía, solar | énergie, solaire | energie, solar | energia, solar
[beauty]
perfume, fragrance, scent | profumo, fragranza | perfume, fragancia | parfum | parfüm, duft | perfume, fragrância
cosmetics, skincare, cream, makeup, beauty | cosmetici, crema, trucco, bellezza | cosmética, crema, maquillaje, belleza | cosmétiques, crème, maquillage, beauté | kosmetik, creme, schönheit | cosméticos, creme, maquiagem, beleza
hair, salon, hairdresser | capelli, parrucchiere, salone | pelo, peluquería | cheveux, coiffeur | haare, friseur | cabelo, cabeleireiro
spa, wellness, massage | spa, benessere, terme, massaggio | spa, bienestar | spa, bien-être | spa, wellness | spa, bem-estar
[fashion]
fashion, collection, catwalk, runway, clothing | moda, collezione, sfilata, abbigliamento | moda, colección, desfile, ropa | mode, collection, défilé, vêtements | mode, kollektion, laufsteg, kleidung | moda, coleção, desfile, roupa
dress | abito, vestito | vestido | robe | kleid | vestido
shoes, sneakers | scarpe, scarpa | zapatos, zapatillas | chaussures, baskets | schuhe, turnschuhe | sapatos, tênis
bag, handbag, leather | borsa, pelle | bolso, cuero | sac, cuir | tasche, leder | bolsa, couro
jewellery, jewelry, jeweller | gioielli, gioiello, gioielleria | joyas, joya, joyería | bijoux, bijou, bijouterie | schmuck, juwelier | joias, joia, joalharia
ring, diamond | anello, diamante | anillo, diamante | bague, diamant | ring, diamant | anel, diamante
swimwear | costumi da bagno | bañadores | maillots de bain | bademode | moda praia
silk, fabric, tailor | seta, tessuto, sartoria, sarto | seda, tela, sastre | soie, tissu, tailleur | seide, stoff, schneider | seda, tecido, alfaiate
glasses | occhiali | gafas | lunettes | brille | óculos
[travel]
travel, journey, trip, tourism, holiday | viaggio, viaggi, turismo, vacanza | viaje, turismo, vacaciones | voyage, tourisme, vacances | reise, urlaub, tourismus | viagem, turismo, férias
city, skyline | città | ciudad | ville | stadt | cidade
street, streets, alley | via, vie, vicolo | calle, calles | rue, rues | gasse | rua, ruas
hotel, resort, hostel | hotel, albergo, resort, agriturismo | hotel | hôtel | hotel | hotel
village | borgo, paese, villaggio | pueblo | village | dorf | aldeia, vila
japan, kyoto, tokyo | giappone, kyoto, tokyo | japón, kioto, tokio | japon, kyoto, tokyo | japan, kyoto, tokio | japão, quioto, tóquio
iceland | islanda | islandia | islande | island | islândia
temple, temples | tempio, templi | templo | temple | tempel | templo
church | chiesa | iglesia | église | kirche | igreja
castle | castello | castillo | château | schloss | castelo
museum | museo | museo | musée | museum | museu
bridge | ponte | puente | pont | brücke | ponte
market | mercato | mercado | marché | markt | mercado
[sea]
sea, ocean, wave, surf, waves | mare, oceano, onda, surf | mar, océano, ola | mer, océan, vague | meer, ozean, welle | mar, oceano, onda
beach, coast, island | spiaggia, costa, isola | playa, costa, isla | plage, côte, île | strand, küste, insel | praia, costa, ilha
boat, sailing, yacht | barca, vela, yacht | barco, vela | bateau, voile | boot, segeln | barco, vela
harbour, port | porto | puerto | port | hafen | porto
[nature]
nature, landscape | natura, paesaggio | naturaleza, paisaje | nature, paysage | natur, landschaft | natureza, paisagem
mountain, mountains, peak, hiking, dolomites | montagna, monte, dolomiti, escursione | montaña, senderismo | montagne, randonnée | berg, gebirge, wandern | montanha
forest, wood, tree, trees | bosco, foresta, albero | bosque, árbol | forêt, arbre | wald, baum | floresta, árvore
lake | lago | lago | lac | see | lago
river, waterfall | fiume, cascata | río, cascada | rivière, fleuve, cascade | fluss, wasserfall | rio, cachoeira
garden, flower, flowers, plant | giardino, fiore, fiori, pianta | jardín, flor, planta | jardin, fleur, plante | garten, blume, pflanze | jardim, flor, planta
snow | neve | nieve | neige | schnee | neve
winter | inverno | invierno | hiver | winter | inverno
skiing, ski | sci, sciatore | esquí | ski | ski | esqui
countryside, farm, field, harvest | campagna, fattoria, campo, raccolto | campo, granja, cosecha | campagne, ferme, champ, récolte | bauernhof, feld, ernte | campo, fazenda, colheita
climate, environment, sustainable | clima, ambiente, sostenibile | clima, medioambiente, sostenible | climat, environnement, durable | klima, umwelt, nachhaltig | clima, ambiente, sustentável
star, stars | stella, stelle | estrella | étoile | stern | estrela
space, universe | spazio, universo | espacio, universo | espace, univers | weltraum | espaço
planet | pianeta | planeta | planète | planet | planeta
moon | luna | luna | lune | mond | lua
[animal]
dog, puppy | cane, cani, cucciolo | perro, cachorro | chien, chiot | hund, welpe | cão, cachorro
cat, kitten | gatto, gatti, gattino | gato | chat, chaton | katze | gato
horse | cavallo | caballo | cheval | pferd | cavalo
bird | uccello | pájaro | oiseau | vogel | pássaro
animal, animals, wildlife, pet | animale, animali, fauna | animal, animales, mascota | animal, animaux | tier, tiere, haustier | animal, animais
bee | ape, api | abeja | abeille | biene | abelha
[wedding]
wedding, marriage, bride, groom | matrimonio, nozze, sposa, sposo, sposi | boda, matrimonio, novia | mariage, noces, mariée | hochzeit, braut | casamento, noiva
love, couple, engagement, valentine | amore, coppia, fidanzamento | amor, pareja | amour, couple | liebe, paar | amor, casal
birthday, party, anniversary, celebration | compleanno, festa, anniversario | cumpleaños, fiesta, aniversario | anniversaire, fête | geburtstag, feier, jubiläum | aniversário, festa
christmas | natale | navidad | noël | weihnachten | natal
[sport]
sport, athlete, training | sport, atleta, allenamento | deporte, atleta, entrenamiento | sport, athlète, entraînement | sport, athlet, training | esporte, desporto, atleta, treino
gym, fitness, workout, crossfit | palestra, fitness | gimnasio, fitness | salle de sport, fitness | fitnessstudio, fitness | academia, ginásio, fitness
football, soccer, match | calcio, partita, calciatore | fútbol, partido | football, match | fußball, spiel | futebol, jogo
running, runner, marathon | corsa, correre, maratona, corridore | correr, corredor, maratón | course, coureur, marathon | laufen, läufer, marathon | corrida, corredor, maratona
yoga, meditation | yoga, meditazione | yoga, meditación | yoga, méditation | yoga, meditation | ioga, meditação
tennis, padel | tennis, padel | tenis, pádel | tennis, padel | tennis, padel | tênis
swimming, swimmer | nuoto, nuotatore, nuotatrice | natación, nadador | natation, nageur | schwimmen, schwimmer | natação, nadador
dance, dancer, ballet | danza, ballo, ballerina | danza, baile, bailarina | danse, danseuse | tanz, tänzerin | dança, dançarina
[music]
music, song, band | musica, canzone, gruppo | música, canción | musique, chanson | musik, lied | música, canção
concert, festival | concerto, festival | concierto, festival | concert, festival | konzert, festival | concerto, festival
guitar | chitarra | guitarra | guitare | gitarre | violão
piano | pianoforte | piano | piano | klavier | piano
violin | violino | violín | violon | geige | violino
theatre | teatro | teatro | théâtre | theater | teatro
cinema | cinema | cine | cinéma | kino | cinema
actor | attore, attrice | actor, actriz | acteur, actrice | schauspieler | ator
art, painter, exhibition, gallery | arte, pittore, mostra, galleria | arte, pintor, exposición | art, peintre, exposition | kunst, maler, ausstellung | arte, pintor, exposição
book, library, novel, reading | libro, biblioteca, romanzo, lettura | libro, biblioteca, novela | livre, bibliothèque, roman | buch, bibliothek, roman | livro, biblioteca, romance
[people]
people, person, portrait | persone, persona, gente, ritratto | gente, persona, retrato | gens, personne, portrait | leute, menschen, mensch | pessoas, gente, retrato
child, children, kids, baby | bambino, bambini, neonato | niño, niños, bebé | enfant, enfants, bébé | kind, kinder, baby | criança, crianças, bebê
family | famiglia | familia | famille | familie | família
mother | mamma, madre | madre, mamá | mère, maman | mutter | mãe
father | padre, papà | papá | père, papa | vater | pai
grandmother, grandma | nonna, nonne | abuela | grand-mère | oma, großmutter | avó
grandfather, grandpa | nonno, nonni | abuelo | grand-père | opa, großvater | avô
woman, girl, women | donna, ragazza, donne | mujer, chica | femme, fille | frau, mädchen | mulher, menina
man, boy, men | uomo, ragazzo, uomini | hombre, chico | homme, garçon | mann, junge | homem, menino
friend, friends, friendship | amico, amici, amicizia | amigo, amigos | ami, amis, amitié | freund, freunde | amigo, amigos
workshop, handmade | bottega, laboratorio | taller | atelier | werkstatt | oficina
doctor, hospital, health, medicine | medico, ospedale, salute, medicina, dentista | médico, hospital, salud | médecin, hôpital, santé | arzt, krankenhaus, gesundheit | médico, hospital, saúde
school, student, university, teacher | scuola, studente, università, insegnante | escuela, estudiante, universidad | école, étudiant, université | schule, student, universität | escola, estudante, universidade
[folk]
craftsman | artigiano, artigiana | artesano | artisan | handwerker | artesão
luthier, violin maker | liutaio, liutaia | lutier | luthier | geigenbauer | luthier
fisherman | pescatore | pescador | pêcheur | fischer | pescador
farmer | contadino, agricoltore | agricultor, campesino | agriculteur, paysan | bauer, landwirt | agricultor
sailor, captain | marinaio, capitano | marinero, capitán | marin, capitaine | seemann, kapitän | marinheiro, capitão
writer, poet | scrittore, scrittrice, poeta | escritor, poeta | écrivain, poète | schriftsteller, dichter | escritor, poeta
astronaut, explorer | astronauta, esploratore | astronauta, explorador | astronaute, explorateur | astronaut, entdecker | astronauta, explorador
lighthouse keeper | guardiano del faro | farero | gardien de phare | leuchtturmwärter | faroleiro
[sea]
lighthouse | faro | faro | phare | leuchtturm | farol
[business]
company, business, corporate | azienda, impresa, aziendale | empresa, negocio | entreprise, société | firma, unternehmen | empresa, negócio
startup, launch | startup, lancio | startup, lanzamiento | startup, lancement | startup, einführung | startup, lançamento
bank, finance, budget, budgeting, insurance | banca, finanza, bilancio, assicurazione | banco, finanzas, seguro | banque, finance, assurance | bank, finanzen, versicherung | banco, finanças, seguro
shop, store, sale | negozio, saldi, vendita, offerta | tienda, rebajas | magasin, boutique, soldes | laden, geschäft, angebot | loja, promoção
work, office, team | lavoro, ufficio, squadra | trabajo, oficina, equipo | travail, bureau, équipe | arbeit, büro, team | trabalho, escritório, equipe
event, conference, fair | evento, conferenza, fiera | evento, conferencia, feria | événement, conférence, salon | veranstaltung, konferenz, messe | evento, conferência, feira
construction, architecture, architect | edilizia, architettura, architetto, cantiere | construcción, arquitectura | construction, architecture | bau, architektur | construção, arquitetura
[home]
house, home, apartment, villa, real estate | casa, appartamento, villa, immobiliare | casa, piso, inmobiliaria | maison, appartement, immobilier | haus, wohnung, immobilie | casa, apartamento, imóvel
furniture, design, interior | mobili, arredamento, design | muebles, diseño | meubles, design | möbel | móveis
chair | sedia | silla | chaise | stuhl | cadeira
table | tavolo | mesa | table | tisch | mesa
sofa | divano | sofá | canapé | sofa | sofá
lamp | lampada | lámpara | lampe | lampe | lâmpada
bed, sleep, mattress | letto, sonno, materasso | cama, sueño, colchón | lit, sommeil, matelas | bett, schlaf, matratze | cama, sono, colchão
ceramics, pottery, glass | ceramica, vaso, vetro | cerámica, vidrio | céramique, poterie, verre | keramik, glas | cerâmica, vidro
"""


def fold(text: str) -> str:
    """Lower case without accents, so that "Caffè" meets "caffe"."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """Folded words in order; an apostrophe ends a word, as in "l'olio"."""
    return re.findall(r"[a-z0-9]+", fold(text))


def stem(word: str) -> str:
    """A crude common stem of a folded word: plural and gender endings fall off."""
    if len(word) <= 3:
        return word
    for ending in ("es", "en", "s", "a", "e", "i", "o"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _rows() -> list[tuple[str, list[list[str]]]]:
    group, rows = "", []
    for line in _TABLE.strip().splitlines():
        if line.startswith("["):
            group = line.strip("[]")
        else:
            rows.append((group, [[term.strip() for term in cell.split(",")] for cell in line.split("|")]))
    return rows


# Words that mean something else next door: German "kind", "see", "rad" in an English sentence.
_FALSE_FRIENDS = frozenset(re.findall(
    r"\w+", "kind see rad art mode bar vie course via spiel vol four port band sale salon eis uhr tier tee glace ring "
    "match bau pain vide son car main place jeu mond mer vela lago faro campo koch chai"))


@lru_cache(maxsize=1)
def _index() -> dict[str, dict[tuple[str, ...], tuple[str, str]]]:
    index: dict[str, dict[tuple[str, ...], tuple[str, str]]] = {language: {} for language in LANGUAGES}
    for group, cells in _rows():
        for language, cell in zip(LANGUAGES, cells, strict=True):
            for term in cell:
                index[language].setdefault(tuple(words(term)), (cells[0][0], group))
    for language in LANGUAGES:
        for exact, meaning in list(index[language].items()):
            index[language].setdefault(tuple(stem(word) for word in exact), meaning)
    return index


def _meaning(run: tuple[str, ...], language: str) -> tuple[str, str] | None:
    index = _index()
    stems = tuple(stem(word) for word in run)
    for own in dict.fromkeys((language, "en")):
        if (own == language or run[0] not in _FALSE_FRIENDS) and (run in index[own] or stems in index[own]):
            return index[own].get(run) or index[own][stems]
    if run[0] in _FALSE_FRIENDS or len(run[0]) < 4:
        return None
    return next((index[other][run] for other in LANGUAGES if run in index[other]), None)


def subjects(text: str, language: str) -> list[tuple[str, str, int, int]]:
    """Known subjects in a text, longest first at each place: (English word, group, first word, words taken)."""
    tokens, found, at = words(text), [], 0
    while at < len(tokens):
        for size in (3, 2, 1):
            run = tuple(tokens[at : at + size])
            hit = _meaning(run, language) if len(run) == size else None
            if hit:
                found.append((hit[0], hit[1], at, size))
                at += size
                break
        else:
            at += 1
    return found


def named_in(english: str, language: str) -> str:
    """What a subject, given by its English word, is called in a language."""
    for _, cells in _rows():
        if cells[0][0] == english:
            word = cells[LANGUAGES.index(language)][0]
            return word.capitalize() if language == "de" else word
    return english


def known_in(word: str, language: str) -> bool:
    """Whether a folded word is a subject of exactly this spelling in a language."""
    return (word,) in _index()[language]
