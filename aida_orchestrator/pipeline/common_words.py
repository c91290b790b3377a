"""Words that single no shot out: little words of six languages, praise, and what is said of any picture (light, pace)."""

_WORDS = """
aber about above add adesso adore adorei adoro after again ahora aime ainsi algo algun alla alle allem allen alles
allo also altra altre altri altro amazing anche ancora andere anderen anders angle another antes anzi apres around
assez auch aufnahme aunque aussi autre autres avant avec avere avoir away awesome back beau beaucoup because been
before behind bella belle belli bellissima bellissime bellissimi bellissimo bello below bene benissimo better bien
bild bilder bitte bonita bonito both bright brighter bring cada calda caldo calido camara cambia cambiar cambiare
camera cela celle cena cenas cerca ceux change changer chaque chaud chaude chiara chiaro chose clair claire clara
claro clip close closer closeup colder color colore colores colori colors colour colours come comme como contre cosa
cose could couleur couleurs cuando dalla dalle dann dans dark darker dass debe dein deine della delle dello dem
demasiado denn dentro depuis derniere desde despues deve devono diese diesem diesen dieser dieses different dinamica
dinamico diversa diverso doch donc donde dopo dove dovrebbe dunkel dunkler dynamic dynamischer each eine einem einen
einer eines einstellung ella elle elles ellos encanta encantan encore energy entre escena escura escuro essere esta
estas este estilo esto estos etre etwas every excelente excellent faire fais faites fantastic farbe farben fare faster
fate faut feel ficou film find first focus foto frame fredda freddo fria frio froid froide from fuera ganz gefallen
gefallt genial geniale gern give good gosto great gros gusta gustan haben hacer haga hasta have haz hell heller here
hier image imagem imagen imagenes imagens images immagine immagini immer inquadratura inquadrature into invece isso
jamais jede jeden jeder jetzt just juste kalt kalter kamera kann keep kein keine langsam langsamer last leave
lebendiger lent lenta lente lento less licht liebe light lighter like linda lindo look looks love loved lovely luce
luci lumiere lumineux luminosa luminoso luz mach machen machst made mais make many mas match maybe meglio mehr mein
mejor meme meno menos mentre metti mettre mich mientras mieux moins molto montre mood more most mots mouvement move
movement movimento much mucho muda mudar mude muestra muito muss must muy nach nada nahaufnahme nahaufnahmen naher
need nice nicht nichts niente noch nochmal nous number numero nummer nur oder ogni ohne only oscura oscuro other
others otima otimo otra otras otro ottima ottimo outra outras outro outros over para parce parfait parfaite parola
parole pas perfect perfecta perfectly perfecto perfeita perfeito perfekt perfekte perfetta perfette perfetti perfetto
pero peut piacciono piace piaciuta piaciuto piani piano picture pictures piu plan plano planos plans please plus poca
pochi poco point pone porque pour pourrait pretty prima primeira primeiro primer primi primo prise puoi quale quand
quando quel quella quelle quelli quello quelque quente quero questa queste questi questo quiero quite rapide rapido
real really redo refais rendez rendi rendre rest reste resto rifai ritmo rythme same sans scena scene schnell
schneller schon scura scuro sean second segunda segundo sehr seine sempre senza sera seulement shot shots should show
sich sind slow slower sobre soft softer soll sollen sollte solo sombre some something sono sont sopra sotto sous
splendida splendido stil stile still stimmung style subito such super superbe sur sure szene szenen tambien tempo
terceira terceiro than that their them then there these they thing this those tiene time times toda todas todo todos
toll tolle toma tomada tomas tone tono tous tout toute toutes tres trop troppo tudo tutta tutte tutti tutto ueber
ultima ultimo unter veloce very veux vicina vicino video viel vielleicht vista vivace vivaci voglio voir vois vorrei
vous vraiment want warm warmer weiter well wenig weniger wenn werden what when where which while will wird wirkt wish
with without wonderful worte would wrong wunderbar your zeig zeige zwischen
"""
COMMON = frozenset(_WORDS.split())
