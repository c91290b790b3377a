"""Words that single no shot out: little words of five languages, and what is said of any picture (light, distance, pace)."""

_WORDS = """
aber about above add adesso after again ahora ainsi algo algun alla alle allem allen alles allo also altra altre altri
altro anche ancora andere anderen anders angle another antes anzi apres around assez auch aufnahme aunque aussi autre
autres avant avec avere avoir away back beau beaucoup because been before behind bella belle belli bello below bene
better bien bild bilder bitte bonito both bright brighter bring cada calda caldo calido camara cambia cambiar cambiare
camera cela celle cerca ceux change changer chaque chaud chaude chiara chiaro chose clair claire clip close closer
closeup colder color colore colores colori colors colour colours come comme como contre cosa cose could couleur couleurs
cuando dalla dalle dann dans dark darker dass debe dein deine della delle dello dem denn dentro depuis derniere desde
despues deve devono diese diesem diesen dieser dieses different dinamica dinamico diversa diverso doch donc donde dopo
dove dovrebbe dunkel dunkler dynamic dynamischer each eine einem einen einer eines einstellung ella elle elles ellos
encore energy entre escena essere esta estas este estilo esto estos etre etwas every faire fais faites farbe farben fare
faster fate faut feel film find first focus foto frame fredda freddo fria frio froid froide from fuera ganz gern give
good great gros gusta haben hacer haga hasta have haz hell heller here hier image imagen imagenes images immagine
immagini immer inquadratura inquadrature into invece jamais jede jeden jeder jetzt just juste kalt kalter kamera kann
keep kein keine langsam langsamer last leave lebendiger lent lenta lente lento less licht light lighter like look looks
luce luci lumiere lumineux luminosa luminoso luz mach machen machst made mais make many mas maybe meglio mehr mein mejor
meme meno menos mentre metti mettre mich mientras mieux moins molto montre mood more most mots mouvement move movement
movimento much mucho muestra muss must muy nach nada nahaufnahme nahaufnahmen naher need nice nicht nichts niente noch
nochmal nous nur oder ogni ohne only oscura oscuro other otra otras otro over para parce parola parole pas pero peut
piace piani piano picture pictures piu plan plano planos plans please plus poca pochi poco point pone porque pour
pourrait pretty prima primer primi primo prise puoi quale quand quando quel quella quelle quelli quello quelque questa
queste questi questo quiero quite rapide rapido real really redo refais rendez rendi rendre rifai ritmo rythme same sans
scena scene schnell schneller schon scura scuro sean second sehr seine sempre senza sera seulement shot shots should
show sich sind slow slower sobre soft softer soll sollen sollte solo sombre some something sono sont sopra sotto sous
stil stile still stimmung style subito such sur sure szene szenen tambien tempo than that their them then there these
they thing this those tiene time times toda todas todo todos toma tomas tone tono tous tout toute toutes tres trop
troppo tutta tutte tutti tutto ueber ultima unter veloce very veux vicina vicino video viel vielleicht vista vivace
vivaci voglio voir vois vorrei vous vraiment want warm warmer weiter well wenig weniger wenn werden what when where
which while will wird wirkt wish with without worte would wrong your zeig zeige zwischen
"""
COMMON = frozenset(_WORDS.split())
